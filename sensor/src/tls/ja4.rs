//! JA4 and JA4S fingerprints.
//!
//! JA4 is free to use under the BSD 3-Clause licence. JA4S is under the FoxIO License 1.1, which restricts products
//! that charge for it: it is made only where the configuration asks for it. Written from the public description.
//!
//! Source: <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>, `JA4S.md` beside it.

use ring::digest;

use super::hello::{ALPN, Carrier, Offer, is_grease};

/// JA4 of a `ClientHello`: `t13d1516h2_8daaf6152771_e5627efa2ab1`.
pub(super) fn client(carrier: Carrier, offer: &Offer<'_>) -> String {
    let known = |list: &[u16]| -> Vec<u16> {
        list.iter().copied().filter(|number| !is_grease(*number)).collect()
    };
    let (mut ciphers, mut extensions) = (known(&offer.ciphers), known(&offer.extensions));
    let counts = format!("{:02}{:02}", ciphers.len().min(99), extensions.len().min(99));
    let named = if offer.named { 'd' } else { 'i' };
    let alpn = ends(offer.alpn);
    ciphers.sort_unstable();
    // The server's name and ALPN are in the first part; without them one application is one fingerprint.
    extensions.retain(|extension| !matches!(*extension, 0 | ALPN));
    extensions.sort_unstable();
    let mut last = list(&extensions);
    let signatures = known(&offer.signatures);
    if !signatures.is_empty() && !last.is_empty() {
        last.push('_');
        last.push_str(&list(&signatures));
    }
    let (carrier, version) = (letter(carrier), version(offer.version));
    format!("{carrier}{version}{named}{counts}{alpn}_{}_{}", hash(&list(&ciphers)), hash(&last))
}

/// JA4S of a `ServerHello`: `t130200_1301_234ea6891581`.
pub(super) fn server(
    carrier: Carrier,
    chosen: u16,
    cipher: u16,
    extensions: &[u16],
    alpn: Option<&[u8]>,
) -> String {
    let count = extensions.len().min(99);
    let (carrier, version, alpn) = (letter(carrier), version(chosen), ends(alpn));
    format!("{carrier}{version}{count:02}{alpn}_{cipher:04x}_{}", hash(&list(extensions)))
}

const fn letter(carrier: Carrier) -> char {
    match carrier {
        Carrier::Tcp => 't',
        Carrier::Quic => 'q',
    }
}

const fn version(number: u16) -> &'static str {
    match number {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// First and last character of an ALPN name; of its hexadecimal form when one of them is no letter or digit.
fn ends(alpn: Option<&[u8]>) -> String {
    let Some((&first, &last)) = alpn.and_then(|name| name.first().zip(name.last())) else {
        return "00".into();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [char::from(first), char::from(last)].iter().collect()
    } else {
        let (first, last) = (format!("{first:02x}"), format!("{last:02x}"));
        first.chars().take(1).chain(last.chars().skip(1)).collect()
    }
}

fn list(numbers: &[u16]) -> String {
    let mut text = String::with_capacity(numbers.len().saturating_mul(5));
    for number in numbers {
        if !text.is_empty() {
            text.push(',');
        }
        for octet in number.to_be_bytes() {
            for digit in [octet >> 4, octet & 0x0f] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
            }
        }
    }
    text
}

/// The first 12 hexadecimal digits of the SHA-256 of a list; zeros for an empty one.
fn hash(list: &str) -> String {
    if list.is_empty() {
        return "000000000000".into();
    }
    let digest = digest::digest(&digest::SHA256, list.as_bytes());
    data_encoding::HEXLOWER.encode(digest.as_ref().get(..6).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the description: Chrome, with GREASE, in any order.
    #[test]
    fn the_published_example() {
        let offer = Offer {
            version: 0x0304,
            ciphers: vec![
                0x4a4a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
                0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x2a2a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005,
                0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            named: true,
            alpn: Some(b"h2"),
        };
        assert_eq!(client(Carrier::Tcp, &offer), "t13d1516h2_8daaf6152771_e5627efa2ab1");
        assert_eq!(client(Carrier::Quic, &offer).get(..4), Some("q13d"));
    }

    #[test]
    fn what_is_missing_is_zeros() {
        let offer = Offer { version: 0x0301, ciphers: vec![0x0a0a], ..Offer::default() };
        assert_eq!(client(Carrier::Tcp, &offer), "t10i000000_000000000000_000000000000");
    }

    /// The example of the description: key share, then supported versions.
    #[test]
    fn the_servers_side() {
        let text = server(Carrier::Tcp, 0x0304, 0x1301, &[0x0033, 0x002b], None);
        assert_eq!(text, "t130200_1301_234ea6891581");
    }

    /// "ALPN Extension Value" of the description: first and last digit of the hexadecimal form.
    #[test]
    fn odd_alpn_names_leave_as_digits() {
        for (name, text) in [
            (&b"http/1.1"[..], "h1"),
            (b"h2", "h2"),
            (&[0xab], "ab"),
            (&[0xab, 0xcd], "ad"),
            (&[0x30, 0xab], "3b"),
            (&[0x30, 0x31, 0xab, 0xcd], "3d"),
            (&[0x30, 0xab, 0xcd, 0x31], "01"),
            (b"", "00"),
        ] {
            assert_eq!(ends(Some(name)), text, "{name:?}");
        }
    }
}
