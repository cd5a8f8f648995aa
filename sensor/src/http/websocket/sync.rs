//! Finding frames again: after a loss over a frame header, and on connections joined midway.
//!
//! Payloads may hold anything, also what looks like a frame, and where one false header leads to a true one the rest
//! of a segment fits by itself. So a segment must consist of whole, proper frames from its first byte to its last,
//! and what the first of them says must be more than chance; see [`Evidence`].

use super::frame::{Header, RSV1, unmask};
use super::opcode;

/// Payload of a text that is looked at.
const TEXT_LOOK: usize = 256;
/// Payload that shows it is text.
const TEXT_ENOUGH: usize = 8;

/// What a segment says for being frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    /// It is none.
    None,
    /// One short frame: one in ten thousand segments of anything look like one. Another like it must follow.
    Weak,
    /// It begins with a text, or is one frame with a long length that fits.
    Strong,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether frames are masked.
    pub(super) masked: bool,
    /// Whether messages may be compressed.
    pub(super) deflates: bool,
}

/// Looks at the bytes of a segment.
pub(super) fn judge(bytes: &[u8], look: Look) -> Evidence {
    let mut evidence = Evidence::None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let first = rest.len() == bytes.len();
        let Some(header) = Header::read(rest) else { return Evidence::None };
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        let end = header.size.saturating_add(length);
        let empty = length == 0 && !header.fin;
        let odd = first && !header.fin || header.reserved == RSV1 && !look.deflates;
        if !header.is_proper(look.masked) || end > rest.len() || empty || odd {
            return Evidence::None;
        }
        let payload = rest.get(header.size..end).unwrap_or_default();
        let mut text = false;
        if header.opcode == opcode::TEXT && header.reserved == 0 {
            match is_text(payload, header) {
                Some(said) => text = said,
                None => return Evidence::None,
            }
        }
        rest = rest.get(end..).unwrap_or_default();
        if first {
            evidence = match (text, rest.is_empty()) {
                (true, _) => Evidence::Strong,
                (false, true) if length > 125 => Evidence::Strong,
                (false, true) => Evidence::Weak,
                (false, false) => return Evidence::None,
            };
        }
    }
    evidence
}

/// Whether a payload is text, and long enough to say so; `None` if it is none.
fn is_text(payload: &[u8], header: Header) -> Option<bool> {
    let look = payload.get(..TEXT_LOOK).unwrap_or(payload);
    let mut text = Vec::with_capacity(look.len());
    unmask(look, header.key, 0, &mut text);
    let valid = match std::str::from_utf8(&text) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && (look.len() < payload.len() || !header.fin),
    };
    let control = |&b: &u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1e);
    // STOMP ends its frames with a NUL.
    let body = text.strip_suffix(b"\0").unwrap_or(&text);
    (valid && !body.iter().any(control)).then_some(look.len() >= TEXT_ENOUGH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SERVER: Look = Look { masked: false, deflates: false };

    #[test]
    fn segments_are_frames_or_not() {
        let text = b"\x81\x10a text of server";
        assert_eq!(judge(text, SERVER), Evidence::Strong);
        assert_eq!(judge(text, Look { masked: true, ..SERVER }), Evidence::None);
        assert_eq!(judge(&[&text[..], b"\x81\x02hi"].concat(), SERVER), Evidence::Strong);
        assert_eq!(judge(&[&text[..], b"\x81\x03hi"].concat(), SERVER), Evidence::None);
        assert_eq!(judge(b"\x81\x02hi", SERVER), Evidence::Weak);
        let long = [&[0x82, 126, 0, 200][..], &[7; 200]].concat();
        assert_eq!(judge(&long, SERVER), Evidence::Strong);
        for none in [
            // A short frame that leads to another may be false, and the other true.
            &b"\x81\x02hi\x89\x00"[..],
            b"\x81\x03hi",
            b"\x81\x01hi",
            b"\x81\x02\xffi",
            b"\xc1\x02hi",
            b"\x01\x02hi",
            b"",
            &[0; 50],
            b"GET / HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(judge(none, SERVER), Evidence::None, "{none:02x?}");
        }
        assert_eq!(judge(b"\xc1\x02hi", Look { deflates: true, ..SERVER }), Evidence::Weak);
    }

    proptest! {
        #[test]
        fn chance_is_never_strong(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for masked in [false, true] {
                prop_assert_ne!(judge(&bytes, Look { masked, deflates: true }), Evidence::Strong);
            }
        }
    }
}
