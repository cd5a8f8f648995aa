//! Frame headers.
//!
//! ```text
//! | length: 3 octets | type: 1 | flags: 1 | reserved: 1 bit, stream: 31 bits | payload: `length` octets |
//! ```
//!
//! Source: [RFC 9113 §4.1, §6](https://www.rfc-editor.org/rfc/rfc9113#section-4.1).

/// Octets of a frame header.
pub(super) const HEADER_LEN: usize = 9;
/// Payload every peer must take (§4.2).
pub(super) const LENGTH_USUAL_MAX: u32 = 1 << 14;

/// What the client says first (§3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Kind of frame (§6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    /// An extension; ignored (§4.1).
    Other,
}

/// A frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) length: u32,
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) stream: u32,
    reserved: bool,
}

/// END_STREAM of DATA and HEADERS, ACK of SETTINGS and PING.
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

impl Frame {
    /// Reads a header.
    pub(super) fn read(bytes: [u8; HEADER_LEN]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = bytes;
        let kind = match kind {
            0 => Kind::Data,
            1 => Kind::Headers,
            2 => Kind::Priority,
            3 => Kind::RstStream,
            4 => Kind::Settings,
            5 => Kind::PushPromise,
            6 => Kind::Ping,
            7 => Kind::GoAway,
            8 => Kind::WindowUpdate,
            9 => Kind::Continuation,
            _ => Kind::Other,
        };
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind,
            flags,
            stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
            reserved: s0 & 0x80 != 0,
        }
    }

    /// Whether the frame is the last of its side of the stream.
    pub(super) const fn ends_stream(self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers) && self.flags & END_STREAM != 0
    }

    /// Whether the header block ends with it.
    pub(super) const fn ends_headers(self) -> bool {
        self.flags & END_HEADERS != 0
    }

    /// Whether padding follows the content.
    pub(super) const fn is_padded(self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers | Kind::PushPromise)
            && self.flags & PADDED != 0
    }

    /// Whether the peer may send it: length, stream and flags are such as the standard demands. A frame that is not
    /// ends the connection with an error, so that in a stream that goes on it is no frame.
    pub(super) const fn is_valid(self) -> bool {
        let Self { length, stream, .. } = self;
        match self.kind {
            Kind::Data | Kind::Headers | Kind::Continuation => {
                stream != 0 && (!self.is_padded() || length > 0)
            }
            Kind::Priority => stream != 0 && length == 5,
            Kind::RstStream => stream != 0 && length == 4,
            Kind::Settings => {
                stream == 0 && length % 6 == 0 && (self.flags & END_STREAM == 0 || length == 0)
            }
            Kind::PushPromise => stream != 0 && length >= 4,
            Kind::Ping => stream == 0 && length == 8,
            Kind::GoAway => stream == 0 && length >= 8,
            Kind::WindowUpdate => length == 4,
            Kind::Other => true,
        }
    }

    /// Whether a frame looks like this without being expected: no flag without meaning, no reserved bit, no
    /// extension, and no longer than any peer takes.
    pub(super) const fn is_usual(self) -> bool {
        let defined = match self.kind {
            Kind::Data => END_STREAM | PADDED,
            Kind::Headers => END_STREAM | END_HEADERS | PADDED | PRIORITY,
            Kind::Settings | Kind::Ping => END_STREAM,
            Kind::PushPromise => END_HEADERS | PADDED,
            Kind::Continuation => END_HEADERS,
            Kind::Priority | Kind::RstStream | Kind::GoAway | Kind::WindowUpdate | Kind::Other => 0,
        };
        self.is_valid()
            && self.flags & !defined == 0
            && !self.reserved
            && !matches!(self.kind, Kind::Other)
            && self.length <= LENGTH_USUAL_MAX
    }

    /// The header block fragment inside the payload of HEADERS, PUSH_PROMISE or CONTINUATION, with the stream it
    /// promises; `None` when padding or priority do not fit. `whole`: the end of the payload is there.
    pub(super) fn fragment(self, mut payload: &[u8], whole: bool) -> Option<(&[u8], u32)> {
        if self.is_padded() {
            let (&pad, rest) = payload.split_first()?;
            let pad = if whole { usize::from(pad) } else { 0 };
            payload = rest.get(..rest.len().checked_sub(pad)?)?;
        }
        let mut promised = 0;
        if self.kind == Kind::Headers && self.flags & PRIORITY != 0 {
            payload = payload.get(5..)?;
        } else if self.kind == Kind::PushPromise {
            let (id, rest) = payload.split_first_chunk()?;
            promised = u32::from_be_bytes(*id) & 0x7fff_ffff;
            payload = rest;
        }
        Some((payload, promised))
    }
}

/// The frame header at the start of `bytes`.
pub(super) fn at(bytes: &[u8]) -> Option<Frame> {
    bytes.first_chunk().map(|header| Frame::read(*header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: u32, kind: u8, flags: u8, stream: u32) -> Frame {
        let [_, a, b, c] = length.to_be_bytes();
        let [d, e, f, g] = stream.to_be_bytes();
        Frame::read([a, b, c, kind, flags, d, e, f, g])
    }

    #[test]
    fn headers_are_read() {
        let data = frame(0x01_0203, 0, 0x1, 0x8000_0007);
        assert_eq!((data.length, data.kind, data.stream), (0x01_0203, Kind::Data, 7));
        assert!(data.ends_stream() && data.reserved && data.is_valid() && !data.is_usual());
        // END_STREAM means nothing on CONTINUATION.
        assert!(!frame(1, 9, 0x1, 1).ends_stream());
    }

    // RFC 9113 §6.1 to §6.10.
    #[test]
    fn lengths_and_streams_are_checked() {
        for (length, kind, flags, stream) in [
            (0, 0, 0, 1),
            (1, 1, 4, 1),
            (5, 2, 0, 1),
            (4, 3, 0, 1),
            (0, 4, 0, 0),
            (6, 4, 0, 0),
            (0, 4, 1, 0),
            (4, 5, 4, 1),
            (8, 6, 0, 0),
            (8, 7, 0, 0),
            (4, 8, 0, 0),
            (4, 8, 0, 5),
            (9, 9, 4, 1),
        ] {
            assert!(frame(length, kind, flags, stream).is_usual(), "{kind}");
        }
        for (length, kind, flags, stream) in [
            (0, 0, 0, 0),
            (0, 0, 8, 1),
            (1, 1, 4, 0),
            (4, 2, 0, 1),
            (5, 3, 0, 1),
            (5, 4, 0, 0),
            (6, 4, 1, 0),
            (6, 4, 0, 1),
            (3, 5, 4, 1),
            (7, 6, 0, 0),
            (8, 6, 0, 1),
            (7, 7, 0, 0),
            (5, 8, 0, 0),
            (9, 9, 4, 0),
        ] {
            assert!(!frame(length, kind, flags, stream).is_valid(), "{kind}");
        }
    }

    // RFC 9113 §6.2, §6.6.
    #[test]
    fn padding_priority_and_promise_are_taken_off() {
        let headers = frame(12, 1, PADDED | PRIORITY | END_HEADERS, 1);
        assert_eq!(
            headers.fragment(&[2, 0, 0, 0, 0, 9, 0x82, 0x84, 0x86, 0x87, 0, 0], true),
            Some((&[0x82, 0x84, 0x86, 0x87][..], 0))
        );
        assert_eq!(headers.fragment(&[12, 0, 0, 0, 0, 9, 0x82], true), None);
        assert_eq!(headers.fragment(&[0, 0, 0, 0], true), None);
        let promise = frame(5, 5, END_HEADERS, 1);
        assert_eq!(promise.fragment(&[0x80, 0, 0, 2, 0x82], true), Some((&[0x82][..], 2)));
        assert_eq!(promise.fragment(&[0, 0, 0], true), None);
    }
}
