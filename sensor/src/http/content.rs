//! What of a body is handed on: decoded, up to the inspection limit, and nothing from behind a gap.

use super::coding::{CodingError, Decoder, Limits};
use super::event_stream::{self, EventStream};
use super::grpc::{Deframer, Messages};
use super::protocol::Context;
use super::{Flags, HttpEventKind, Role};
use crate::time::Timestamp;
use std::time::Duration;

/// Capture time after which it is told how far a body is.
const PROGRESS_TIME: Duration = Duration::from_secs(1);
/// Bytes after which it is told how far a body is.
const PROGRESS_BYTES: u64 = 1 << 20;

/// The content of one body.
pub(super) struct Content {
    message: u64,
    role: Role,
    decoder: Option<Box<Decoder>>,
    /// Bytes that may still be handed on.
    left: u64,
    /// Whether nothing more is handed on.
    stopped: bool,
    cut: bool,
    /// Bytes after decoding.
    decoded: u64,
    /// Counts messages, of bodies that are framed.
    messages: Option<Deframer>,
    /// Takes events apart, of bodies that are streams of them; they are followed beyond the inspection limit.
    events: Option<Box<EventStream>>,
    /// Bytes before decoding.
    coded: u64,
    /// When it was told last how far the body is, and how far it was.
    told: (Timestamp, u64),
}

/// What the head says of a body. No `Debug`.
#[derive(Clone, Copy, Default)]
pub(super) struct Described<'a> {
    /// Content-Encoding.
    pub(super) codings: Option<&'a [u8]>,
    /// Content-Type.
    pub(super) media_type: &'a [u8],
    /// Stream of a multiplexed connection; 0 for HTTP/1.
    pub(super) stream: u64,
}

impl Content {
    /// The content of `message`, of which the head says what `described` has.
    pub(super) fn new(
        cx: &mut Context<'_>,
        message: u64,
        role: Role,
        described: Described<'_>,
        flags: &mut Flags,
    ) -> Self {
        let left = cx.config.body_inspect_bytes_max;
        // A limit of nothing needs no decoder.
        let stopped = left == 0;
        let mut content = Self {
            message,
            role,
            decoder: None,
            left,
            stopped,
            cut: false,
            decoded: 0,
            messages: Deframer::new(described.media_type),
            events: None,
            coded: 0,
            told: (cx.time, 0),
        };
        if role == Role::Response && !stopped && event_stream::is_one(described.media_type) {
            let events = EventStream::new(message, described.stream);
            content.events = Some(Box::new(events));
        }
        let codings = described.codings.map(<[u8]>::trim_ascii).unwrap_or_default();
        if codings.is_empty() || codings.eq_ignore_ascii_case(b"identity") {
            return content;
        }
        if !stopped {
            let endless = Limits { decoded_bytes_max: u64::MAX, ..*cx.limits };
            let limits = if content.events.is_some() { &endless } else { cx.limits };
            match cx.decoders.decoder(codings, limits, cx.config.decoders()) {
                Ok(decoder) => content.decoder = Some(Box::new(decoder)),
                Err(error) => {
                    cx.counts.bodies_undecoded += u64::from(error == CodingError::Busy);
                    flags.insert(flag(error));
                    (content.stopped, content.events) = (true, None);
                }
            }
        }
        if let (Some(messages), None) = (&mut content.messages, &content.decoder) {
            // They cannot be seen in what stays coded.
            messages.stop();
        }
        content
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(&mut self, cx: &mut Context<'_>, bytes: &[u8], flags: &mut Flags) {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.coded = self.coded.saturating_add(len);
        if let (Some(messages), None) = (&mut self.messages, &self.decoder) {
            messages.push(bytes);
        }
        if self.stopped && !self.follows() {
            self.skip(cx, len);
            return;
        }
        let Some(mut decoder) = self.decoder.take() else {
            let seen = if self.events.is_some() { len } else { len.min(self.left) };
            self.decoded = self.decoded.saturating_add(seen);
            self.hand_on(cx, bytes);
            return;
        };
        let result = decoder.push(bytes, &mut |bytes: &[u8]| {
            if let Some(messages) = &mut self.messages {
                messages.push(bytes);
            }
            self.hand_on(cx, bytes);
        });
        self.decoded = decoder.decoded_bytes();
        if let Err(error) = result {
            cx.counts.bodies_undecoded += u64::from(error == CodingError::Busy);
            flags.insert(flag(error));
            self.stop();
            self.tear(cx);
        } else if decoder.cut() {
            self.stop();
        } else if !self.stopped || self.follows() {
            self.decoder = Some(decoder);
        }
    }

    /// Whether it is time to tell how far the body is.
    pub(super) fn advances(&mut self, now: Timestamp) -> bool {
        let (time, coded) = self.told;
        let due =
            now.since(time) >= PROGRESS_TIME || self.coded.saturating_sub(coded) >= PROGRESS_BYTES;
        if due {
            self.told = (now, self.coded);
        }
        due
    }

    /// Whether events are still to come.
    pub(super) fn follows(&self) -> bool {
        self.events.as_ref().is_some_and(|events| !events.is_closed())
    }

    /// The stream of events ends here, as what follows cannot be read.
    fn tear(&mut self, cx: &mut Context<'_>) {
        if let Some(events) = &mut self.events {
            events.close(cx);
        }
    }

    /// Counts body bytes that are not looked at.
    fn skip(&mut self, cx: &mut Context<'_>, len: u64) {
        self.cut = true;
        cx.counts.body_bytes_skipped += len;
    }

    fn hand_on(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        if let Some(mut events) = self.events.take() {
            if !self.stopped {
                self.inspect(cx, bytes);
            }
            events.push(cx, bytes);
            self.events = Some(events);
            return;
        }
        self.inspect(cx, bytes);
    }

    fn inspect(&mut self, cx: &mut Context<'_>, bytes: &[u8]) {
        let max = usize::try_from(self.left).unwrap_or(usize::MAX);
        let now = bytes.get(..max).unwrap_or(bytes);
        self.left = self.left.saturating_sub(u64::try_from(now.len()).unwrap_or(u64::MAX));
        if !now.is_empty() {
            cx.emit(HttpEventKind::Body { message: self.message, role: self.role, bytes: now });
        }
        if now.len() < bytes.len() {
            cx.counts.body_bytes_skipped +=
                u64::try_from(bytes.len().saturating_sub(now.len())).unwrap_or(0);
            self.stop();
        }
    }

    /// Hands on nothing more, because of the limit or an error. Events go on.
    fn stop(&mut self) {
        self.stopped = true;
        self.cut = true;
        if !self.follows()
            && self.decoder.take().is_some()
            && let Some(messages) = &mut self.messages
        {
            messages.stop();
        }
    }

    /// Hands on nothing: what follows is no body (a tunnel).
    pub(super) fn close(&mut self) {
        self.events = None;
        self.stop();
    }

    /// Hands on nothing more, because bytes are missing. Events that are not coded go on at the next blank line.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>, flags: &mut Flags) {
        if self.decoder.is_some() {
            flags.insert(Flags::CODING_BAD);
            self.tear(cx);
        } else if let Some(events) = &mut self.events {
            events.gap(cx);
        }
        self.stop();
        if let Some(messages) = &mut self.messages {
            messages.stop();
        }
    }

    /// No more of the body comes, whether it was seen to its end or not.
    pub(super) fn over(&mut self, cx: &mut Context<'_>) {
        self.tear(cx);
    }

    /// What was said in events; `None` when the body is no stream of them.
    pub(super) fn events(&self) -> Option<event_stream::Totals> {
        self.events.as_ref().map(|events| events.totals())
    }

    /// The body was seen to its end.
    pub(super) fn whole(&mut self, cx: &mut Context<'_>, flags: &mut Flags) {
        let Some(decoder) = self.decoder.take_if(|decoder| decoder.complete()) else {
            if self.decoder.is_some() {
                flags.insert(Flags::CODING_BAD);
                self.stop();
            }
            return;
        };
        self.stopped = true;
        cx.decoders.recycle(*decoder);
    }

    /// Messages inside the body.
    pub(super) fn messages(&self) -> Messages {
        self.messages.as_ref().map(Deframer::counted).unwrap_or_default()
    }

    /// Bytes after decoding, as far as decoded, and up to the inspection limit.
    pub(super) const fn decoded_bytes(&self) -> u64 {
        self.decoded
    }

    /// Whether more followed than was handed on.
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }
}

/// The flag that says why a body was not decoded.
const fn flag(error: CodingError) -> Flags {
    match error {
        CodingError::Unknown | CodingError::TooDeep => Flags::CODING_UNKNOWN,
        CodingError::Bad => Flags::CODING_BAD,
        CodingError::Ratio => Flags::CODING_RATIO,
        // Nothing is odd about the message: that its body is cut is said.
        CodingError::Busy => Flags(0),
    }
}
