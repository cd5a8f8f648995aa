use apitap_proto::v1;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::call::Call;
use crate::redact::fuzz::{facts, message};
use crate::redact::{Config, Keys, Redactor};

fn trust(blocks: &[&str]) -> Vec<Cidr> {
    blocks.iter().map(|block| block.parse().unwrap()).collect()
}

/// The record of a request from 192.0.2.1 with these fields.
fn told(proxies: &[&str], fields: &[(&str, &str)], prelude: Option<Prelude>) -> v1::CallRecord {
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    let mut request = message(b"GET", b"/", &fields, b"", 0);
    request.prelude = prelude.map(Arc::new);
    let call = Call {
        facts: facts(),
        request: Some(request),
        response: None,
        session: None,
        socket: None,
    };
    let keys = Keys::ephemeral().unwrap();
    let mut redactor = Redactor::new(&keys, &Config::default()).trusting(&trust(proxies));
    v1::CallRecord::decode(redactor.redact(&call).into_parts().rest).unwrap()
}

fn client(record: &v1::CallRecord) -> &str {
    record.real_client.as_ref().map_or("", |client| client.ip.as_str())
}

const SENDER: &str = "192.0.2.1";

#[test]
fn the_first_that_is_no_proxy_is_the_client() {
    let near = [SENDER, "10.0.0.0/8"];
    for (name, value, want) in [
        ("X-Forwarded-For", "203.0.113.7", "203.0.113.7"),
        ("X-Forwarded-For", "9.9.9.9, 203.0.113.7,10.0.0.5", "203.0.113.7"),
        ("X-Forwarded-For", "203.0.113.7:4711, 10.0.0.5:80", "203.0.113.7"),
        ("X-Forwarded-For", "::ffff:203.0.113.7", "203.0.113.7"),
        ("X-Forwarded-For", "10.0.0.9, 10.0.0.5", "10.0.0.9"),
        ("X-Forwarded-For", "203.0.113.7, unknown, 10.0.0.5", ""),
        ("X-Forwarded-For", "", ""),
        ("X-Real-IP", "203.0.113.7", "203.0.113.7"),
        ("Forwarded", "for=9.9.9.9, for=203.0.113.7;proto=https, For=10.0.0.5", "203.0.113.7"),
        ("Forwarded", "for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("Forwarded", "by=10.0.0.1 ; for=203.0.113.7", "203.0.113.7"),
        ("Forwarded", "for=_hidden, for=10.0.0.5", ""),
    ] {
        assert_eq!(client(&told(&near, &[(name, value)], None)), want, "{name}: {value}");
    }
    let lines = [("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", "203.0.113.7")];
    assert_eq!(client(&told(&near, &lines, None)), "203.0.113.7");
}

#[test]
fn who_is_no_proxy_is_not_believed() {
    let fields = [("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Host", "api.example")];
    for proxies in [&[][..], &["10.0.0.0/8"]] {
        let record = told(proxies, &fields, None);
        assert_eq!(record.real_client, None);
        let forwarded = record.forwarded.unwrap();
        assert_eq!((forwarded.hops.len(), forwarded.host.as_str()), (1, ""));
        assert!(forwarded.hops.iter().all(|hop| !hop.trusted && hop.ip.is_empty()));
    }
    assert_eq!(told(&[SENDER], &[("accept", "*/*")], None).forwarded, None);
}

#[test]
fn headers_that_differ_are_not_believed() {
    for (fields, want) in [
        // nginx behind another proxy: its peer, and the way.
        (
            &[("X-Real-IP", "10.0.0.5"), ("X-Forwarded-For", "203.0.113.7, 10.0.0.5")][..],
            "203.0.113.7",
        ),
        // A header that the client made up, and the proxy did not know.
        (&[("X-Forwarded-For", "9.9.9.9"), ("X-Real-IP", "203.0.113.7")], ""),
        (&[("Forwarded", "for=9.9.9.9"), ("X-Forwarded-For", "203.0.113.7")], ""),
        (&[("Forwarded", "for=203.0.113.7"), ("X-Forwarded-For", "203.0.113.7")], "203.0.113.7"),
    ] {
        let record = told(&[SENDER, "10.0.0.0/8"], fields, None);
        assert_eq!(client(&record), want, "{fields:?}");
        let forwarded = record.forwarded.unwrap();
        assert_eq!(forwarded.conflict, want.is_empty());
        assert!(!forwarded.conflict || forwarded.hops.iter().all(|hop| hop.ip.is_empty()));
    }
}

#[test]
fn quotes_hide_no_hop() {
    for value in [
        // A host, or a half quote, that a client made up in front of what the proxy wrote.
        "for=203.0.113.7;host=\"x, for=9.9.9.9\"",
        "for=\"9.9.9.9, for=203.0.113.7",
        "for=\"a\\\", for=\"203.0.113.7\"",
        "for=9.9.9.9\"\", for=203.0.113.7",
    ] {
        let record = told(&[SENDER], &[("Forwarded", value)], None);
        assert!(["", "203.0.113.7"].contains(&client(&record)), "{value}");
    }
}

#[test]
fn the_proxy_protocol_tells_the_client() {
    let prelude = || Prelude {
        source: Some("203.0.113.7:4711".parse().unwrap()),
        authority: b"api.example".as_slice().into(),
        subject: b"partner-1".as_slice().into(),
        tls: Some(true),
    };
    let record = told(&[SENDER], &[("X-Forwarded-For", "9.9.9.9")], Some(prelude()));
    let found = record.real_client.as_ref().unwrap();
    assert_eq!((found.ip.as_str(), found.port), ("203.0.113.7", 4711));
    let forwarded = record.forwarded.unwrap();
    assert_eq!((forwarded.proto.as_str(), forwarded.host.as_str()), ("https", "api.example"));
    let hops: Vec<_> = forwarded.hops.iter().map(|hop| (hop.by.as_str(), hop.trusted)).collect();
    assert_eq!(hops, [("proxy_protocol", true), ("x_forwarded_for", false)]);
    let auth = record.auth.unwrap();
    assert_eq!((auth.scheme.as_str(), auth.mtls_subject.is_some()), ("mtls", true));
    // The load balancer's own connection: nobody came through it.
    assert_eq!(told(&[SENDER], &[], Some(Prelude::default())).forwarded, None);
    // Behind it a proxy that is believed too.
    let both = [SENDER, "203.0.113.0/24"];
    let record = told(&both, &[("X-Forwarded-For", "198.51.100.9")], Some(prelude()));
    assert_eq!(client(&record), "198.51.100.9");
    // From anybody else it is nothing.
    let record = told(&["10.0.0.0/8"], &[], Some(prelude()));
    assert_eq!(record.real_client, None);
    let forwarded = record.forwarded.unwrap();
    assert_eq!((forwarded.host.as_str(), forwarded.hops[0].ip.as_str()), ("", ""));
    assert_eq!(record.auth.unwrap().scheme, "none");
}

#[test]
fn certificates_are_those_that_trusted_proxies_saw() {
    let hash = "468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688";
    let near = format!("By=spiffe://a;Hash={hash};Subject=\"CN=partner, O=\\\"A; B\\\"\";URI=");
    let xfcc = |value: &str, proxies: &[&str]| {
        let record = told(proxies, &[("X-Forwarded-Client-Cert", value)], None);
        let auth = record.auth.unwrap();
        let hop = record.forwarded.unwrap().hops.remove(0);
        (auth.scheme, auth.mtls_subject.is_some(), hop.certificate.is_some(), hop.trusted)
    };
    assert_eq!(xfcc(&near, &[SENDER]), ("mtls".to_owned(), true, true, true));
    assert_eq!(xfcc(&near, &["10.0.0.0/8"]), ("none".to_owned(), false, false, false));
    // With several, the nearest proxy vouches for the last alone.
    let far = format!("Subject=\"CN=forged\",{near}");
    assert_eq!(
        auth::certificate(far.as_bytes(), b"subject"),
        auth::certificate(near.as_bytes(), b"subject")
    );
    assert!(
        auth::certificate(format!("Subject=\"CN=forged,{near}").as_bytes(), b"subject").is_none()
    );
}

fn ip() -> impl Strategy<Value = IpAddr> {
    // A few addresses, so that some are proxies.
    (0..4_u8, 0..3_u8)
        .prop_map(|(net, host)| [[10, 0, 0, host], [192, 0, 2, host]][usize::from(net == 0)].into())
}

proptest! {
    /// Whatever a client writes, the client found is the address that the outermost trusted proxy saw.
    #[test]
    fn a_client_cannot_choose_who_it_is(
        forged in vec(prop_oneof!["[ -~]{0,40}", ip().prop_map(|ip| ip.to_string())], 0..5),
        proxies in vec(0..250_u8, 0..6),
        real in any::<[u8; 4]>().prop_filter("no proxy", |ip| ip[0] != 10),
    ) {
        let forged = forged.join(", ");
        let real = IpAddr::from(real);
        let mut way = vec![forged];
        way.retain(|forged| !forged.is_empty());
        way.push(real.to_string());
        way.extend(proxies.iter().map(|last| format!("10.0.0.{last}")));
        let near = [SENDER, "10.0.0.0/8"];
        let record = told(&near, &[("X-Forwarded-For", &way.join(", "))], None);
        let want = real.to_canonical().to_string();
        prop_assert_eq!(client(&record), want.as_str());
    }

    /// The same for a forged field in front of what proxies append to it: found, or not found, never another.
    #[test]
    fn a_forged_element_is_never_the_client(forged in "[ -~]{0,60}", real in any::<[u8; 4]>()) {
        let real = IpAddr::from(real);
        let value = format!("{forged}, for=\"{real}:80\";proto=https");
        let record = told(&[SENDER], &[("Forwarded", &value)], None);
        prop_assert!(["", &real.to_string()].contains(&client(&record)));
    }

    #[test]
    fn any_bytes_are_read(name in "forwarded|x-forwarded-for|x-forwarded-client-cert", value in vec(any::<u8>(), 0..80)) {
        let request = message(b"GET", b"/", &[(name.as_bytes(), &value)], b"", 0);
        let _route = way(&Trust(trust(&["0.0.0.0/0"]).into()), IpAddr::from([1, 2, 3, 4]), &request);
        let _hash = auth::certificate(&value, b"hash");
    }
}
