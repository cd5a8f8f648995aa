//! Addresses as records write them.

use std::net::IpAddr;

/// An IP address: as `Display` has it, without the formatter's way for the common ones.
pub(super) fn ip(ip: IpAddr) -> String {
    let IpAddr::V4(ip) = ip else { return ip.to_string() };
    let mut text = String::with_capacity("255.255.255.255".len());
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            text.push('.');
        }
        for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
            if octet >= least {
                text.push(char::from(b'0' | ((octet / unit) % 10)));
            }
        }
    }
    text
}

/// A MAC address: six octets in hexadecimal digits, with colons between.
pub(super) fn mac(octets: [u8; 6]) -> String {
    let mut text = String::with_capacity("00:00:00:00:00:00".len());
    for (at, octet) in octets.into_iter().enumerate() {
        if at > 0 {
            text.push(':');
        }
        for digit in [octet >> 4, octet & 0xf] {
            let letter = if digit < 10 { b'0' } else { b'a' - 10 };
            text.push(char::from(letter.wrapping_add(digit)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn addresses_are_written_as_by_the_formatter(v4 in any::<[u8; 4]>(), v6 in any::<[u8; 16]>()) {
            prop_assert_eq!(ip(v4.into()), IpAddr::from(v4).to_string());
            prop_assert_eq!(ip(v6.into()), IpAddr::from(v6).to_string());
            let [a, b, c, d, e, f, ..] = v6;
            let plain = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
            prop_assert_eq!(mac([a, b, c, d, e, f]), plain);
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
