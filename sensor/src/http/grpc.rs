//! Messages inside a body: gRPC, gRPC-Web and Connect frame them alike.
//!
//! ```text
//! | flags: 1 octet | length: 4, big endian | message: `length` octets |
//! ```
//!
//! Only counted here, however long the body is; what is in the messages is read where values are judged.
//!
//! Source: [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md),
//! [gRPC-Web](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md),
//! [Connect](https://connectrpc.com/docs/protocol).
//!
//! Invariants:
//! - Cutting the body anywhere changes no count.
//! - Memory is constant.

/// How a body is framed, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Frames as they are.
    Binary,
    /// Frames in base64, in pieces that are padded each (gRPC-Web text).
    Text,
}

/// The flag of a frame that is compressed.
pub const COMPRESSED: u8 = 0x01;
/// The flag of Connect's last frame, which holds no message.
pub const END_CONNECT: u8 = 0x02;
/// The flag of gRPC-Web's last frame, which holds trailers.
pub const TRAILERS: u8 = 0x80;

/// What was counted of the messages of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Messages {
    /// Messages that began.
    pub count: u32,
    /// Of these compressed.
    pub compressed: u32,
    /// Bytes of the messages, as sent, without their prefixes.
    pub bytes: u64,
    /// Bytes of the longest.
    pub longest: u32,
    /// Whether bytes came that are no frame: nothing behind them is counted.
    pub malformed: bool,
}

/// How a body of this media type is framed; `None` when it is not.
#[must_use]
pub fn framing(content_type: &[u8]) -> Option<Framing> {
    let begins = |prefix: &[u8]| {
        content_type.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if begins(b"application/grpc-web-text") {
        Some(Framing::Text)
    } else if begins(b"application/grpc") || begins(b"application/connect+") {
        Some(Framing::Binary)
    } else {
        None
    }
}

/// Counts the messages of one body.
#[derive(Debug)]
pub(super) struct Deframer {
    text: Option<Quartet>,
    state: State,
    counted: Messages,
    stopped: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Prefix { seen: u8, flags: u8, length: u32 },
    Message { left: u32 },
}

impl State {
    const START: Self = Self::Prefix { seen: 0, flags: 0, length: 0 };
}

/// Characters of base64 that are not octets yet.
#[derive(Debug, Default)]
struct Quartet {
    bits: u32,
    count: u32,
}

impl Deframer {
    /// For a body of this media type, if it is framed.
    pub(super) fn new(content_type: &[u8]) -> Option<Self> {
        let framing = framing(content_type)?;
        let text = (framing == Framing::Text).then(Quartet::default);
        Some(Self { text, state: State::START, counted: Messages::default(), stopped: false })
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        if self.stopped {
            return;
        }
        let Some(mut text) = self.text.take() else { return self.octets(bytes) };
        let mut octets = [0; 256];
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at_checked(256).unwrap_or((bytes, &[]));
            bytes = rest;
            let mut len = 0;
            for octet in now.iter().filter_map(|&b| text.push(b)) {
                if let Some(slot) = octets.get_mut(len) {
                    *slot = octet;
                    len = len.saturating_add(1);
                }
            }
            self.octets(octets.get(..len).unwrap_or_default());
        }
        self.text = Some(text);
    }

    fn octets(&mut self, mut bytes: &[u8]) {
        while let Some((&octet, rest)) = bytes.split_first() {
            if self.stopped {
                return;
            }
            match self.state {
                State::Prefix { seen: 0, .. } => {
                    bytes = rest;
                    self.state = State::Prefix { seen: 1, flags: octet, length: 0 };
                    if octet & !(COMPRESSED | END_CONNECT | TRAILERS) != 0 {
                        (self.counted.malformed, self.stopped) = (true, true);
                    }
                }
                State::Prefix { seen, flags, length } => {
                    bytes = rest;
                    let length = length << 8 | u32::from(octet);
                    self.state = if seen < 4 {
                        State::Prefix { seen: seen.saturating_add(1), flags, length }
                    } else {
                        self.begin(flags, length)
                    };
                }
                State::Message { left } => {
                    let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(len..).unwrap_or_default();
                    let left = left.saturating_sub(u32::try_from(len).unwrap_or(u32::MAX));
                    self.state = if left == 0 { State::START } else { State::Message { left } };
                }
            }
        }
    }

    fn begin(&mut self, flags: u8, length: u32) -> State {
        if flags & (TRAILERS | END_CONNECT) == 0 {
            let counted = &mut self.counted;
            counted.count = counted.count.saturating_add(1);
            counted.compressed =
                counted.compressed.saturating_add(u32::from(flags & COMPRESSED != 0));
            counted.bytes = counted.bytes.saturating_add(length.into());
            counted.longest = counted.longest.max(length);
        }
        if length == 0 { State::START } else { State::Message { left: length } }
    }

    /// Bytes are missing: where the next message begins is not known any more.
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    /// What was counted so far.
    pub(super) const fn counted(&self) -> Messages {
        self.counted
    }
}

impl Quartet {
    /// The octet that a character completes. Padding ends a piece; what is no character is passed over.
    fn push(&mut self, character: u8) -> Option<u8> {
        let value = match character {
            b'A'..=b'Z' => character.wrapping_sub(b'A'),
            b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                *self = Self::default();
                return None;
            }
            _ => return None,
        };
        self.bits = self.bits << 6 | u32::from(value);
        self.count = self.count.saturating_add(6);
        if self.count < 8 {
            return None;
        }
        self.count = self.count.saturating_sub(8);
        u8::try_from(self.bits >> self.count & 0xff).ok()
    }
}

/// The octets of base64 text in pieces that may be padded each.
#[must_use]
pub fn decode_text(text: &[u8]) -> Vec<u8> {
    let mut quartet = Quartet::default();
    text.iter().filter_map(|&character| quartet.push(character)).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn frame(flags: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[flags][..], &length, message].concat()
    }

    fn count(content_type: &str, body: &[u8], size: usize) -> Messages {
        let mut deframer = Deframer::new(content_type.as_bytes()).unwrap();
        body.chunks(size).for_each(|piece| deframer.push(piece));
        deframer.counted()
    }

    #[test]
    fn media_types_are_told() {
        for (content_type, framing_is) in [
            ("application/grpc", Some(Framing::Binary)),
            ("Application/gRPC+proto; x=y", Some(Framing::Binary)),
            ("application/grpc-web+proto", Some(Framing::Binary)),
            ("application/grpc-web-text", Some(Framing::Text)),
            ("application/connect+json", Some(Framing::Binary)),
            ("application/json", None),
            ("application/gr", None),
            ("", None),
        ] {
            assert_eq!(framing(content_type.as_bytes()), framing_is, "{content_type}");
        }
    }

    #[test]
    fn trailers_are_no_message() {
        let body =
            [frame(0, b"abc"), frame(1, &[7; 300]), frame(0x80, b"grpc-status:0\r\n")].concat();
        let want = Messages { count: 2, compressed: 1, bytes: 303, longest: 300, malformed: false };
        for size in [1, 3, 7, 400] {
            assert_eq!(count("application/grpc-web", &body, size), want);
        }
        // Each frame is padded on its own.
        let text = [STANDARD.encode(&body[..8]), STANDARD.encode(&body[8..])].concat();
        for size in [1, 3, 400] {
            assert_eq!(count("application/grpc-web-text+proto", text.as_bytes(), size), want);
        }
        assert_eq!(decode_text(text.as_bytes()), body);
        assert_eq!(count("application/connect+json", &frame(2, b"{}"), 9).count, 0);
    }

    #[test]
    fn what_is_no_frame_ends_the_count() {
        let body = [frame(0, b"abc"), b"{\"error\":1}".to_vec(), frame(0, b"d")].concat();
        let counted = count("application/grpc", &body, 5);
        assert_eq!((counted.count, counted.malformed), (1, true));
        let mut deframer = Deframer::new(b"application/grpc").unwrap();
        deframer.push(&frame(0, b"abc"));
        deframer.stop();
        deframer.push(&frame(0, b"abc"));
        assert_eq!(deframer.counted().count, 1);
    }

    proptest! {
        #[test]
        fn cuts_change_no_count(
            messages in prop::collection::vec((0..2_u8, prop::collection::vec(any::<u8>(), 0..40)), 0..10),
            size in 1..50_usize,
        ) {
            let body: Vec<u8> = messages.iter().flat_map(|(flags, message)| frame(*flags, message)).collect();
            let counted = count("application/grpc", &body, size);
            prop_assert_eq!(counted, count("application/grpc", &body, usize::MAX));
            prop_assert_eq!(usize::try_from(counted.count).unwrap(), messages.len());
            prop_assert_eq!(decode_text(STANDARD.encode(&body).as_bytes()), body);
        }
    }
}
