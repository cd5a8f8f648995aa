//! Addresses as records write them.

use std::io::Write as _;
use std::net::IpAddr;

/// Appends an IP address: as `Display` has it, without the formatter's way for the common ones.
pub(super) fn ip(out: &mut Vec<u8>, ip: IpAddr) {
    let IpAddr::V4(ip) = ip else {
        // A buffer that grows takes all.
        let _done = write!(out, "{ip}");
        return;
    };
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            out.push(b'.');
        }
        let [hundreds, tens, units] = [octet / 100, octet / 10 % 10, octet % 10].map(|n| b'0' | n);
        match octet {
            0..10 => out.push(units),
            10..100 => out.extend_from_slice(&[tens, units]),
            100.. => out.extend_from_slice(&[hundreds, tens, units]),
        }
    }
}

/// A MAC address: six octets in hexadecimal digits, with colons between.
pub(super) fn mac(octets: [u8; 6]) -> [u8; 17] {
    const fn digit(n: u8) -> u8 {
        n.wrapping_add(if n < 10 { b'0' } else { b'a' - 10 })
    }
    let [a, b, c, d, e, f] = octets.map(|octet| (digit(octet >> 4), digit(octet & 0xf)));
    let mark = b':';
    [a.0, a.1, mark, b.0, b.1, mark, c.0, c.1, mark, d.0, d.1, mark, e.0, e.1, mark, f.0, f.1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(address: IpAddr) -> String {
        let mut out = Vec::new();
        super::ip(&mut out, address);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn addresses_are_written_as_by_the_formatter(v4 in any::<[u8; 4]>(), v6 in any::<[u8; 16]>()) {
            prop_assert_eq!(ip(v4.into()), IpAddr::from(v4).to_string());
            prop_assert_eq!(ip(v6.into()), IpAddr::from(v6).to_string());
            let [a, b, c, d, e, f, ..] = v6;
            let plain = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
            prop_assert_eq!(&mac([a, b, c, d, e, f])[..], plain.as_bytes());
        }
    }

    #[test]
    fn every_octet_is_written_as_by_the_formatter() {
        for octet in 0..=u8::MAX {
            let address = IpAddr::from([octet, 0, 255, octet]);
            assert_eq!(ip(address), address.to_string());
        }
    }
}
