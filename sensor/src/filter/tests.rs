use std::net::IpAddr;

use proptest::prelude::*;

use super::{Filter, Problem, Subject};

#[derive(Debug, Clone)]
struct Packet {
    ends: [(IpAddr, u16); 2],
    layers: Vec<(&'static str, u32)>,
}

impl Subject for Packet {
    fn source(&self) -> (IpAddr, u16) {
        self.ends[0]
    }

    fn destination(&self) -> (IpAddr, u16) {
        self.ends[1]
    }

    fn within(&self, kind: &str, id: Option<u32>) -> bool {
        self.layers.iter().any(|(k, i)| *k == kind && id.is_none_or(|id| id == *i))
    }
}

fn packet(source: &str, destination: &str, layers: &[(&'static str, u32)]) -> Packet {
    let end = |text: &str| {
        let (address, port) = text.split_once(' ').unwrap();
        (address.parse().unwrap(), port.parse().unwrap())
    };
    Packet { ends: [end(source), end(destination)], layers: layers.to_vec() }
}

#[test]
fn filters_mean_what_pcap_filter_means() {
    let plain = packet("10.1.2.3 40000", "192.168.0.9 443", &[]);
    let tunnelled = packet("fd00::1 8080", "fd00::2 50000", &[("vlan", 7), ("vxlan", 5000)]);
    for (text, on_plain, on_tunnelled) in [
        ("", true, true),
        (" \t", true, true),
        ("tcp", true, true),
        ("ip", true, false),
        ("ip6", false, true),
        ("host 10.1.2.3", true, false),
        ("src host 192.168.0.9", false, false),
        ("dst host 192.168.0.9", true, false),
        ("host fd00::2", false, true),
        ("net 10.0.0.0/8", true, false),
        ("net 10", true, false),
        ("net 192.168", true, false),
        ("net 0.0.0.0/0", true, false),
        ("net ::/0", false, true),
        ("dst net fd00::/16", false, true),
        ("port 443", true, false),
        ("tcp port 443", true, false),
        ("tcp src port 443", false, false),
        ("portrange 8000-8099", false, true),
        ("vlan", false, true),
        ("vlan 7", false, true),
        ("vlan 8", false, false),
        ("vni 5000", false, true),
        ("vxlan 0x1388", false, true),
        ("geneve", false, false),
        ("not vlan", true, false),
        ("!(port 443)", false, true),
        ("! port 443||vlan", false, true),
        ("port 443 and net 10.0.0.0/8 && tcp", true, false),
        ("port 1 or vlan 7 || port 2", false, true),
        ("(port 443 or vlan) and not host 10.1.2.3", false, true),
    ] {
        let filter = Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let got = (filter.passes(&plain), filter.passes(&tunnelled));
        assert_eq!(got, (on_plain, on_tunnelled), "{text}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, want) in [
        ("host", "column 5: expected an IP address, found the end"),
        ("port 443 10.0.0.1", "column 10: expected 'and', 'or' or the end, found '10.0.0.1'"),
        ("port http", "column 6: expected a port, 0 to 65535, found 'http'"),
        ("port 65536", "column 6: expected a port"),
        ("portrange 9-8", "column 11: expected ports, as in 8000-8099, found '9-8'"),
        ("(port 1", "column 8: expected ')', found the end"),
        ("port 1)", "column 7: expected 'and', 'or' or the end, found ')'"),
        ("port 1 and port 2 or port 3", "column 19: 'and' and 'or' side by side"),
        ("port 1 or port 2 and port 3", "column 18: 'and' and 'or' side by side"),
        ("net 10.0.0.1/8", "column 5: '10.0.0.1/8' has bits set behind its prefix"),
        ("net 10.0.0.0/33", "column 5: expected a network"),
        ("net 1.2.3.4.5", "column 5: expected a network"),
        ("udp port 53", "column 1: 'udp' never matches"),
        ("vni", "column 4: expected a VNI, found the end"),
        ("vlan 99999999999", "column 6: expected a number up to 4294967295"),
        ("grüße", "column 1: expected host, net, port"),
        ("é é", "column 1: expected host"),
        ("port 1 & port 2", "column 8: expected 'and', 'or' or the end, found '&'"),
    ] {
        let error = Filter::parse(text).unwrap_err().to_string();
        let told = error.strip_prefix("filter ").unwrap();
        assert!(told.starts_with(want), "{text}: {error}");
    }
}

#[test]
fn filters_are_bounded() {
    let many = vec!["port 1"; Filter::TERMS_MAX + 1].join(" or ");
    assert_eq!(Filter::parse(&many).unwrap_err().problem, Problem::Terms);
    for open in ["(", "not ", "!", "!("] {
        let deep = format!("{}port 1", open.repeat(100_000));
        assert_eq!(Filter::parse(&deep).unwrap_err().problem, Problem::Depth, "{open}");
    }
    assert!(Filter::parse(&vec!["port 1"; Filter::TERMS_MAX].join(" or ")).is_ok());
}

#[test]
fn a_filter_keeps_its_text() {
    let filter = Filter::parse("port 443").unwrap();
    assert_eq!(String::from(filter.clone()), "port 443");
    assert_eq!(filter, Filter::parse("( port  443 )").unwrap());
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)]
}

fn primitive() -> impl Strategy<Value = String> {
    prop_oneof![
        address().prop_map(|a| format!("host {a}")),
        any::<u16>().prop_map(|p| format!("port {p}")),
        (0..100_u32).prop_map(|id| format!("vlan {id}")),
        Just("ip6".to_owned()),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    primitive().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("not ({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

fn subject() -> impl Strategy<Value = Packet> {
    let end = || (prop_oneof![address(), Just([10, 0, 0, 1].into())], 0..4_u16);
    (end(), end(), 0..4_u32)
        .prop_map(|(a, b, id)| Packet { ends: [a, b], layers: vec![("vlan", id)] })
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z0-9 ().:/!&|é-]{0,60}|\\PC{0,40}") {
        let _parsed = Filter::parse(&text);
    }

    #[test]
    fn without_a_direction_both_are_alike(text in expression(), there in subject()) {
        let filter = Filter::parse(&text).unwrap();
        let back = Packet { ends: [there.ends[1], there.ends[0]], ..there.clone() };
        prop_assert_eq!(filter.passes(&there), filter.passes(&back), "{}", text);
    }

    #[test]
    fn logic_holds(a in expression(), b in expression(), on in subject()) {
        let passes = |text: &str| Filter::parse(text).unwrap().passes(&on);
        prop_assert_eq!(passes(&format!("({a}) and ({b})")), passes(&a) && passes(&b));
        prop_assert_eq!(passes(&format!("({a}) or ({b})")), passes(&a) || passes(&b));
        prop_assert_eq!(passes(&format!("not ({a})")), !passes(&a));
    }

    #[test]
    fn a_network_is_its_prefix(net in address(), bits in 0..=32_u8, host in address()) {
        let (net, host) = match (net, host) {
            (IpAddr::V4(net), IpAddr::V4(host)) => (net.to_bits(), host.to_bits()),
            _ => return Ok(()),
        };
        let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        let masked = std::net::Ipv4Addr::from_bits(net & mask);
        let filter = Filter::parse(&format!("src net {masked}/{bits}")).unwrap();
        let address = std::net::Ipv4Addr::from_bits(host);
        let on = Packet { ends: [(address.into(), 1), ([9, 9, 9, 9].into(), 2)], layers: vec![] };
        prop_assert_eq!(filter.passes(&on), host & mask == net & mask);
    }
}
