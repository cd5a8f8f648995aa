//! The PROXY protocol: what a load balancer says of its client before anything the client says.
//!
//! Pure, and shared by the stages that read the beginnings of streams. Nothing in here is to be believed unless the
//! sender is: see `redact`.
//!
//! Source: <https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>, sections 2.1 and 2.2.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest header of version 1, line end included (section 2.1).
const V1_MAX: usize = 107;
/// Longest header of version 2 that is read; the format allows 64 KiB, senders are asked to stay below 536 bytes.
const V2_MAX: usize = 4096;
/// How version 2 begins (section 2.2).
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Fixed part of version 2: signature, version and command, family, length.
const V2_HEADER: usize = 16;

/// `PP2_TYPE_AUTHORITY`.
const AUTHORITY: u8 = 0x02;
/// `PP2_TYPE_SSL`.
const SSL: u8 = 0x20;
/// `PP2_SUBTYPE_SSL_CN`.
const SSL_CN: u8 = 0x22;

/// What a header says.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Prelude {
    /// The client of the load balancer; absent for its own connections (LOCAL, UNKNOWN) and other families.
    pub source: Option<SocketAddr>,
    /// Host that the client asked for (SNI); empty when it is not told.
    pub authority: Box<[u8]>,
    /// Common name of the client's certificate, where the load balancer verified it; else empty.
    pub subject: Box<[u8]>,
    /// Whether the client spoke TLS to the load balancer, where it tells.
    pub tls: Option<bool>,
}

/// Answer to the first bytes of a stream.
#[derive(Clone, PartialEq, Eq)]
pub enum Read {
    /// No header, or none that can be read.
    No,
    /// The beginning of one.
    More,
    /// A whole one, of so many bytes.
    Whole(usize, Prelude),
}

/// Reads a header at the beginning of a stream.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    match bytes.first() {
        Some(b'P') => read_v1(bytes),
        Some(b'\r') => read_v2(bytes),
        _ => Read::No,
    }
}

fn read_v1(bytes: &[u8]) -> Read {
    const START: &[u8] = b"PROXY ";
    let seen = bytes.get(..V1_MAX).unwrap_or(bytes);
    if !seen.starts_with(START) {
        return if START.starts_with(seen) { Read::More } else { Read::No };
    }
    match memchr::memchr(b'\n', seen) {
        None if seen.len() < V1_MAX => Read::More,
        None => Read::No,
        Some(end) => {
            let line = seen.get(START.len()..end).and_then(|line| line.strip_suffix(b"\r"));
            let source = line.and_then(|line| std::str::from_utf8(line).ok()).and_then(source_v1);
            Read::Whole(end.saturating_add(1), Prelude { source, ..Prelude::default() })
        }
    }
}

/// `TCP4 192.0.2.1 192.0.2.2 40000 80`: exactly five words, one space between them.
fn source_v1(line: &str) -> Option<SocketAddr> {
    let mut words = line.split(' ');
    let family = words.next()?;
    let source: IpAddr = words.next()?.parse().ok()?;
    let target: IpAddr = words.next()?.parse().ok()?;
    let port = words.next()?.parse().ok()?;
    let _target: u16 = words.next()?.parse().ok()?;
    let fits = match family {
        "TCP4" => source.is_ipv4() && target.is_ipv4(),
        "TCP6" => source.is_ipv6() && target.is_ipv6(),
        _ => false,
    };
    (fits && words.next().is_none()).then(|| address(source, port))
}

fn read_v2(bytes: &[u8]) -> Read {
    let Some((head, rest)) = bytes.split_first_chunk::<V2_HEADER>() else {
        let begins = bytes.iter().zip(SIGNATURE).all(|(a, b)| a == b);
        return if begins { Read::More } else { Read::No };
    };
    let [signature @ .., command, family, high, low] = head;
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    let whole = len.saturating_add(V2_HEADER);
    if signature != SIGNATURE || command >> 4 != 2 || whole > V2_MAX {
        return Read::No;
    }
    let Some(rest) = rest.get(..len) else { return Read::More };
    let prelude = match command & 0xf {
        1 => prelude_v2(*family, rest),
        // LOCAL: of the load balancer itself, a health check.
        _ => Prelude::default(),
    };
    Read::Whole(whole, prelude)
}

fn prelude_v2(family: u8, rest: &[u8]) -> Prelude {
    let (source, rest) = match family >> 4 {
        1 => source_v4(rest).unzip(),
        2 => source_v6(rest).unzip(),
        3 => (None, rest.get(216..)),
        _ => (None, Some(rest)),
    };
    let mut prelude = Prelude { source, ..Prelude::default() };
    for (kind, value) in Tlvs(rest.unwrap_or_default()) {
        match kind {
            AUTHORITY => prelude.authority = value.into(),
            SSL => prelude.ssl(value),
            _ => {}
        }
    }
    prelude
}

fn source_v4(rest: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let ([a, b, c, d, _, _, _, _, high, low, _, _], rest) = rest.split_first_chunk()?;
    let port = u16::from_be_bytes([*high, *low]);
    Some((address(Ipv4Addr::new(*a, *b, *c, *d).into(), port), rest))
}

fn source_v6(rest: &[u8]) -> Option<(SocketAddr, &[u8])> {
    let (source, rest) = rest.split_first_chunk::<16>()?;
    let (_target, rest) = rest.split_first_chunk::<16>()?;
    let ([high, low, _, _], rest) = rest.split_first_chunk()?;
    let port = u16::from_be_bytes([*high, *low]);
    Some((address(Ipv6Addr::from(*source).into(), port), rest))
}

fn address(ip: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(ip.to_canonical(), port)
}

impl Prelude {
    /// Takes `PP2_TYPE_SSL` (section 2.2.6): how the client spoke, and its certificate if it was verified.
    fn ssl(&mut self, value: &[u8]) {
        let Some(([client, verify @ ..], rest)) = value.split_first_chunk::<5>() else { return };
        self.tls = Some(client & 1 != 0);
        // A certificate shown on this connection or in this session, and found good.
        if client & 0b110 == 0 || verify != &[0; 4] {
            return;
        }
        for (_, value) in Tlvs(rest).filter(|(kind, _)| *kind == SSL_CN) {
            self.subject = value.into();
        }
    }
}

/// Type, length and value, one after the other; ends where one is not whole.
struct Tlvs<'a>(&'a [u8]);

impl<'a> Iterator for Tlvs<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([kind, high, low], rest) = self.0.split_first_chunk()?;
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let (value, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some((*kind, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let len = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE.as_slice(), &[command, family], &len, rest].concat()
    }

    fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[kind], len.as_slice(), value].concat()
    }

    fn told(bytes: &[u8]) -> Option<(usize, Prelude)> {
        match read(bytes) {
            Read::Whole(len, prelude) => Some((len, prelude)),
            Read::No | Read::More => None,
        }
    }

    #[test]
    fn lines_of_version_1() {
        for (line, source) in [
            ("PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n", Some("192.0.2.1:40000")),
            ("PROXY TCP6 2001:db8::1 2001:db8::2 40000 80\r\n", Some("[2001:db8::1]:40000")),
            ("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", None),
            ("PROXY UNKNOWN\r\n", None),
            ("PROXY TCP4 2001:db8::1 192.0.2.2 40000 80\r\n", None),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 40000 80 x\r\n", None),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 70000 80\r\n", None),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\n", None),
        ] {
            let (len, prelude) = told(format!("{line}GET /").as_bytes()).unwrap();
            assert_eq!(len, line.len(), "{line}");
            assert_eq!(prelude.source, source.map(|text| text.parse().unwrap()), "{line}");
        }
        assert!(read(b"PROPFIND / HTTP/1.1\r\n") == Read::No);
        assert!(read(&[b"PROXY ".as_slice(), &[b'x'; 120]].concat()) == Read::No);
    }

    #[test]
    fn headers_of_version_2() {
        let ssl = |client: u8, verify: u8| {
            let cn = tlv(SSL_CN, b"partner-1");
            tlv(SSL, &[&[client, 0, 0, 0, verify], cn.as_slice()].concat())
        };
        let v4 = [192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x40, 0, 80];
        let rest = [v4.as_slice(), &tlv(AUTHORITY, b"api.example"), &ssl(0b11, 0)].concat();
        let (len, prelude) = told(&v2(0x21, 0x11, &rest)).unwrap();
        assert_eq!(len, rest.len() + 16);
        assert_eq!(prelude.source, Some("192.0.2.1:40000".parse().unwrap()));
        assert_eq!(&*prelude.authority, b"api.example");
        assert_eq!(&*prelude.subject, b"partner-1");
        assert_eq!(prelude.tls, Some(true));
        // Not shown, or not good: nobody's name.
        for (client, verify) in [(0b01, 0), (0b11, 1)] {
            let rest = [v4.as_slice(), &ssl(client, verify)].concat();
            assert!(told(&v2(0x21, 0x11, &rest)).unwrap().1.subject.is_empty());
        }
        let local = told(&v2(0x20, 0x11, &rest)).unwrap().1;
        assert!(local == Prelude::default());
        assert!(read(&v2(0x31, 0x11, &rest)) == Read::No);
        assert!(told(&v2(0x21, 0x11, &[1; 5])).unwrap().1.source.is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(family: u8, command: u8, rest in vec(any::<u8>(), 0..300)) {
            let _told = read(&rest);
            let whole = v2(command, family, &rest);
            if let Some((len, _)) = told(&whole) {
                prop_assert_eq!(len, whole.len());
            }
        }

        /// Wherever a header is cut, it is waited for; what follows it changes nothing.
        #[test]
        fn a_header_may_come_in_parts(v6: bool, octets: [u8; 36], tail in vec(any::<u8>(), 0..9)) {
            let (family, len) = if v6 { (0x21, 36) } else { (0x11, 12) };
            let header = v2(0x21, family, &octets[..len]);
            let whole = told(&header).unwrap();
            prop_assert!(whole.1.source.is_some());
            for cut in 1..header.len() {
                prop_assert!(read(&header[..cut]) == Read::More, "{}", cut);
            }
            prop_assert!(told(&[header, tail].concat()).unwrap() == whole);
        }
    }
}
