//! The PPP protocol field, for every framing that carries one.

use super::Outcome;
use super::ethernet::{IPV4, IPV6};
use super::frame::Frame;
use super::walk::{Next, Step};

/// Reads a protocol field, which may be compressed to one octet, and before it the HDLC address and control
/// octets, which may have been left out.
///
/// Source: [RFC 1661 §2 and §6.5](https://www.rfc-editor.org/rfc/rfc1661#section-2), RFC 1662 §3.1.
pub(crate) fn open(frame: Frame<'_>) -> Step<'_> {
    let frame = if frame.data.starts_with(&[0xff, 0x03]) { frame.skip(2)? } else { frame };
    let first = frame.u8(0)?;
    let (number, payload) = if first & 1 == 1 {
        (first.into(), frame.skip(1)?)
    } else {
        (frame.u16(0)?, frame.skip(2)?)
    };
    match number {
        0x0021 => Ok((Next::EtherType(IPV4), payload)),
        0x0057 => Ok((Next::EtherType(IPV6), payload)),
        0x0281 => Ok((Next::EtherType(0x8847), payload)),
        0x0283 => Ok((Next::EtherType(0x8848), payload)),
        0x0053 | 0x0055 => Err(Outcome::Encrypted),
        _ => Err(Outcome::NotIp),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::super::testing::{Seen, cat, expected, ipv4, one, tcp};
    use crate::capture::LinkType;

    /// RFC 1661 §6.5 and §6.6: address, control and half of the protocol field may be left out.
    #[test]
    fn compressed_fields_are_read() {
        let want = Ok(Seen { mac: None, ..expected(b"data", &[]) });
        let ip = ipv4(6, &tcp(b"data"));
        for header in [&[0xff, 3, 0, 0x21][..], &[0xff, 3, 0x21], &[0, 0x21], &[0x21]] {
            assert_eq!(one(LinkType::PPP, &cat(&[header, &ip])), want, "{header:x?}");
            assert_eq!(one(LinkType::PPP_HDLC, &cat(&[header, &ip])), want, "{header:x?}");
        }
        assert_eq!(one(LinkType::PPP_HDLC, &cat(&[&[0x0f, 0, 8, 0], &ip])), want);
        assert_eq!(one(LinkType::PPP, &[0xff, 3, 0xc0, 0x21, 1, 1]), Err(Outcome::NotIp));
        assert_eq!(one(LinkType::PPP, &[0, 0x53, 1, 1]), Err(Outcome::Encrypted));
    }
}
