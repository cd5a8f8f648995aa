//! IP addresses: dotted IPv4, and values that are an IPv6 address.

use std::net::Ipv6Addr;

use super::digits::starts;
use super::{Class, Confidence, Detector, Hit, Look, alone};
use crate::redact::look::{places, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Ip,
    kinds: super::scan::DIGIT,
    any: super::scan::DOT | super::scan::COLON,
    digits_min: 1,
    run_min: 0,
    octets_min: 2,
    seen,
    find,
};

/// As [`find`], where hexadecimal digits, colons and dots allow for an address.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    // A number of IPv6 may stand in brackets, which have no place of their own in a look.
    let marks = look.colons() | look.dots() | look.rest();
    if look.colons() != 0 && look.all() & !(look.hex() | marks) == 0 {
        return find(text);
    }
    let quads = rows(look.digits() | look.dots(), 7) & look.starts() & look.digits();
    if look.dots().count_ones() < 3 {
        return None;
    }
    places(quads).find_map(|start| v4(text, start))
}

fn find(text: &[u8]) -> Option<Hit> {
    if text.len() <= 47 && memchr::memchr(b':', text).is_some() {
        let bare = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")).unwrap_or(text);
        let fit = bare.iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
        let v6 = std::str::from_utf8(bare).ok().filter(|_| fit);
        let v6 = v6.and_then(|t| t.parse::<Ipv6Addr>().ok());
        // Eight pairs are a number of a device (EUI-64): addresses are not written with a zero in front.
        let pairs = bare.len() == 23 && bare.split(|&b| b == b':').all(|group| group.len() == 2);
        // Letters and colons alone are names in programs more often.
        let numbered = bare.iter().any(u8::is_ascii_digit);
        if numbered && !pairs && v6.is_some_and(|v6| !v6.is_unspecified() && !v6.is_loopback()) {
            return Some(Hit { start: 0, end: text.len(), confidence: Confidence::Medium });
        }
    }
    memchr::memchr(b'.', text)?;
    starts(text).find_map(|start| v4(text, start))
}

/// The address of IPv4 that begins at `start`.
fn v4(text: &[u8], start: usize) -> Option<Hit> {
    let rest = text.get(start..)?;
    let len = rest.iter().take(16).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let quad = rest.get(..len)?;
    let quad = quad.strip_suffix(b".").unwrap_or(quad);
    // "1.2.3.4" is the shortest.
    if quad.len() < 7 {
        return None;
    }
    let end = start.checked_add(quad.len())?;
    let v4 = address(quad)?;
    // "rv:1.2.3.4" and "Chrome/120.0.0.0" are versions.
    let version = start.checked_sub(1).and_then(|i| text.get(i)) == Some(&b'/')
        && start > 1
        && text.get(start.saturating_sub(2)).is_some_and(u8::is_ascii_alphanumeric);
    let fits = !version && v4 != 0 && alone(text, start, end);
    fits.then_some(Hit { start, end, confidence: Confidence::Medium })
}

/// Four numbers up to 255 between dots, without leading zeros.
fn address(quad: &[u8]) -> Option<u32> {
    let (mut address, mut number, mut digits, mut dots) = (0_u32, 0_u32, 0_u32, 0_u32);
    for b in quad {
        if *b == b'.' {
            if digits == 0 {
                return None;
            }
            address = (address << 8) | number;
            (number, digits, dots) = (0, 0, dots.saturating_add(1));
            continue;
        }
        if !b.is_ascii_digit() || (digits > 0 && number == 0) {
            return None;
        }
        number = number.saturating_mul(10).saturating_add(u32::from(b & 15));
        digits = digits.saturating_add(1);
        if number > 255 {
            return None;
        }
    }
    (dots == 3 && digits > 0).then_some((address << 8) | number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in [
            "10.0.0.1",
            "from 203.0.113.7.",
            "2001:db8::1",
            "::ffff:203.0.113.7",
            "http://203.0.113.7/x",
            "[2001:db8::1]",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "Chrome/120.0.0.0",
            "10:30",
            "::",
            "01.2.3.4",
            "b1:7d:1e:06:5b:02:7c:10",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn addresses_are_those_of_the_library(
            text in "([0-9]{1,3}\\.){2,4}[0-9]{0,3}",
            small in "(0|1[0-9]{0,2}|2[0-5]?[0-9]?|00)(\\.(0|[1-9][0-9]?|25[0-6]|01)){3}",
        ) {
            for text in [text, small] {
                let plain: Option<std::net::Ipv4Addr> = text.parse().ok();
                proptest::prop_assert_eq!(address(text.as_bytes()), plain.map(u32::from));
            }
        }
    }
}
