//! Where frames begin, when that is not known: after a join or a loss.
//!
//! Frames are looked for where a segment begins, since senders flush whole frames. What is there must be a chain of
//! usual frames as far as it goes, and prove itself by one of: a header block that reads as one; two frames; one
//! short frame that ends exactly where the bytes do.

use super::frame::{self, Frame, HEADER_LEN, Kind};
use super::hpack;

/// Frames of a chain that are looked at.
const LOOK_MAX: u32 = 8;

/// Whether `bytes`, where a segment begins, are frames. `fits` says whether a stream may be spoken of here.
pub(super) fn is_chain(bytes: &[u8], fits: impl Fn(Frame) -> bool) -> bool {
    // Frames of 64 KiB and more are unheard of: nearly all that is no frame is told by the first byte.
    if bytes.first() != Some(&0) {
        return false;
    }
    let (mut rest, mut frames, mut proven) = (bytes, 0, false);
    while let Some(frame) = frame::at(rest)
        && frames < LOOK_MAX
    {
        if !frame.is_usual() || !fits(frame) || frame.kind == Kind::Continuation && frames == 0 {
            return false;
        }
        frames = frames.saturating_add(1);
        let body = rest.get(HEADER_LEN..).unwrap_or_default();
        let length = usize::try_from(frame.length).unwrap_or(usize::MAX);
        let Some((payload, after)) = body.split_at_checked(length) else {
            // Cut inside: a header block that is cut may be anything.
            return frames >= 2 || proven;
        };
        match frame.kind {
            Kind::Headers | Kind::PushPromise if frame.ends_headers() => {
                let Some((block, _)) = frame.fragment(payload, true) else { return false };
                let trailers = frame.ends_stream();
                if hpack::is_plausible(block) {
                    proven = true;
                } else if !trailers {
                    return false;
                }
            }
            Kind::WindowUpdate if payload.iter().all(|&b| b == 0) => return false,
            Kind::Settings if !frame_settings(payload) => return false,
            _ => {}
        }
        let exact = after.is_empty() && frame.kind != Kind::Data;
        proven |= frames >= 2 || exact && frame.kind != Kind::Headers;
        rest = after;
    }
    // A rest shorter than a header must begin as one.
    proven && (rest.is_empty() || frames >= LOOK_MAX || rest.first() == Some(&0))
}

/// Whether settings are of identifiers that exist (RFC 9113 §6.5.2 and what was registered since), in values allowed.
pub(super) fn frame_settings(payload: &[u8]) -> bool {
    let (settings, rest) = payload.as_chunks::<6>();
    rest.is_empty()
        && settings.iter().all(|&[i0, i1, v0, v1, v2, v3]| {
            let value = u32::from_be_bytes([v0, v1, v2, v3]);
            match u16::from_be_bytes([i0, i1]) {
                1 | 3 | 6 => true,
                2 | 8 | 9 => value <= 1,
                4 => value <= i32::MAX.unsigned_abs(),
                5 => (1 << 14..1 << 24).contains(&value),
                // Reserved ones that peers send on purpose.
                id => id & 0x0f0f == 0x0a0a || id == 0xfe03 || id == 0x10,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(bytes: &[u8]) -> bool {
        is_chain(bytes, |_| true)
    }

    #[test]
    fn frames_are_recognised() {
        let get = [0, 0, 3, 1, 5, 0, 0, 0, 7, 0x82, 0x86, 0x84];
        let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        let data = [0, 0, 2, 0, 0, 0, 0, 0, 7, b'h', b'i'];
        let window = [0, 0, 4, 8, 0, 0, 0, 0, 7, 0, 0, 1, 0];
        assert!(chain(&get) && chain(&ping) && chain(&window));
        assert!(chain(&[&get[..], &data].concat()) && chain(&[&data[..], &get].concat()));
        assert!(chain(&[&data[..], &data].concat()) && chain(&[&get[..], &ping[..4]].concat()));
        // Trailers may begin with anything that ends the stream.
        assert!(chain(&[&data[..], &[0, 0, 1, 1, 5, 0, 0, 0, 7, 0xd0]].concat()));
    }

    #[test]
    fn other_bytes_are_not() {
        let data = [0, 0, 2, 0, 0, 0, 0, 0, 7, b'h', b'i'];
        // Data alone, cut or whole, is no proof.
        assert!(!chain(&data) && !chain(&data[..10]));
        assert!(!chain(b"GET / HTTP/1.1\r\n") && !chain(&[0; 64]) && !chain(&[]));
        assert!(!chain(&[0, 0, 0, 4, 0, 0, 0, 0]));
        // A Kafka request, a DNS message over TCP, an SMB header.
        assert!(!chain(&[0, 0, 0, 0x2f, 0, 3, 0, 8, 0, 0, 0, 1, 0, 9]));
        assert!(!chain(&[0, 0x1d, 0xab, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3]));
        assert!(!chain(&[0, 0, 0, 0x54, 0xfe, b'S', b'M', b'B', 0x40, 0]));
        // A stream that cannot be.
        assert!(
            !is_chain(&[0, 0, 3, 1, 5, 0, 0, 0, 7, 0x82, 0x86, 0x84], |frame| frame.stream != 7)
        );
    }
}
