//! Building a [`Message`]: its bytes are copied once, and its buffers come from messages used up.

use super::{Contents, MEDIA_TYPE, Message, MessageFacts, Span, Streaming};
use crate::http::grpc::Messages;
use crate::http::{Completeness, Field, Fields, Flags, Head, MessageEnd, Text, name_bit};
use crate::rung::Rung;
use crate::wipe::wipe;
use zeroize::Zeroizing;

/// Largest payload buffer kept, in bytes.
const KEPT_PAYLOAD_MAX: usize = 16 << 10;
/// Most messages whose buffers are kept for reuse.
const KEPT_MAX: usize = 64;
/// Largest buffer kept, and most octets of all buffers kept.
const KEPT_BYTES_MAX: usize = 1 << 20;
const KEPT_BYTES_TOTAL_MAX: usize = 16 << 20;
/// Bodies up to this many octets stay in their message's buffer; larger ones, which few messages have, share some.
const SMALL_BODY: usize = 16 << 10;
/// What such a buffer may have grown to, as it doubles.
const SMALL_BUFFER: usize = 2 * SMALL_BODY;

/// Octets that are left of a target where there is no room for fields: else many connections, each with a long one, would
/// take any amount.
const LINE_MAX: usize = 256;

/// Makes messages, from the buffers of old ones where there are some.
#[derive(Default)]
pub(super) struct Pool {
    kept: Vec<Message>,
    /// Buffers for large bodies, the largest last.
    large: Vec<Zeroizing<Vec<u8>>>,
    /// Buffers of messages whose body has a large one.
    small: Vec<Zeroizing<Vec<u8>>>,
    /// Octets of all these buffers.
    kept_bytes: usize,
    /// The payload buffer of a WebSocket message used up.
    payload: Zeroizing<Vec<u8>>,
    /// The rung in force.
    pub(super) rung: Rung,
}

impl Pool {
    /// Takes back the buffers of a message.
    pub(super) fn keep(&mut self, mut message: Message) {
        wipe(&mut message.body);
        if message.body.capacity() > SMALL_BUFFER {
            let small = self.small.pop().unwrap_or_default();
            self.kept_bytes = self.kept_bytes.saturating_sub(small.capacity());
            let large = std::mem::replace(&mut message.body, small);
            self.keep_body(large);
        }
        let bytes = message.room_bytes();
        if self.holds(self.kept.len(), bytes) {
            wipe(&mut message.text);
            message.fields.clear();
            message.trailers.clear();
            self.kept.push(message);
        }
    }

    /// Whether there is room for a buffer of so many octets, where there are `count` of its kind; then it is counted.
    fn holds(&mut self, count: usize, bytes: usize) -> bool {
        let total = self.kept_bytes.saturating_add(bytes);
        let holds = count < KEPT_MAX && bytes <= KEPT_BYTES_MAX && total <= KEPT_BYTES_TOTAL_MAX;
        if holds {
            self.kept_bytes = total;
        }
        holds
    }

    /// Takes back the buffer of a body, which was overwritten.
    fn keep_body(&mut self, body: Zeroizing<Vec<u8>>) {
        let is_small = body.capacity() <= SMALL_BUFFER;
        let count = if is_small { self.small.len() } else { self.large.len() };
        if !self.holds(count, body.capacity()) {
            discard(body);
        } else if is_small {
            self.small.push(body);
        } else {
            let at = self.large.partition_point(|known| known.capacity() <= body.capacity());
            self.large.insert(at, body);
        }
    }

    /// Adds octets to a body.
    pub(super) fn add(&mut self, body: &mut Zeroizing<Vec<u8>>, octets: &[u8]) {
        let len = body.len().saturating_add(octets.len());
        if len > SMALL_BODY && len > body.capacity() {
            self.enlarge(body, len);
        }
        body.extend_from_slice(octets);
    }

    /// Moves a body to a buffer with room for `len` octets, if there is one.
    #[cold]
    fn enlarge(&mut self, body: &mut Zeroizing<Vec<u8>>, len: usize) {
        let Some(mut large) = self.large.pop_if(|large| large.capacity() >= len) else { return };
        self.kept_bytes = self.kept_bytes.saturating_sub(large.capacity());
        large.extend_from_slice(body);
        let mut before = std::mem::replace(body, large);
        wipe(&mut before);
        self.keep_body(before);
    }

    /// An empty buffer for a payload.
    pub(super) fn payload(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.payload)
    }

    /// Takes back the buffer of a payload.
    pub(super) fn keep_payload(&mut self, mut payload: Zeroizing<Vec<u8>>) {
        if payload.capacity() <= KEPT_PAYLOAD_MAX {
            wipe(&mut payload);
            self.payload = payload;
        }
    }

    /// A message of this head; without its fields when they do not fit in memory.
    pub(super) fn message(&mut self, head: &Head<'_>, start_seq: u32, fields: bool) -> Message {
        let facts = MessageFacts {
            version: head.version,
            status: head.status,
            interim_count: head.interim,
            start_time: head.start_time,
            end_time: head.start_time,
            start_seq,
            completeness: Completeness::Truncated,
            wire_bytes: 0,
            body_bytes: 0,
            decoded_bytes: 0,
            missing_bytes: 0,
            body_cut: false,
            messages: Messages::default(),
            streaming: Streaming::default(),
            flags: head.flags,
            rung: self.rung,
        };
        let kept = self.kept.pop();
        let bytes = kept.as_ref().map_or(0, |message| message.room_bytes());
        self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
        let mut message = match kept {
            Some(mut message) => {
                (message.facts, message.prelude) = (facts, None);
                message
            }
            None => Message::new(Contents {
                text: Zeroizing::default(),
                said: 0,
                method: Span::default(),
                target: Span::default(),
                scheme: Span::default(),
                authority: Span::default(),
                fields: Vec::new(),
                names: 0,
                media_type: None,
                trailers: Vec::new(),
                body: Zeroizing::default(),
                prelude: None,
                facts,
            }),
        };
        match head.fields {
            Fields::Ranged(text) if fields => message.take_text(&text),
            _ => message.take_lines(head, fields),
        }
        message
    }
}

/// Frees a buffer that was overwritten, without doing so octet by octet once more.
fn discard(mut buffer: Zeroizing<Vec<u8>>) {
    debug_assert!(buffer.is_empty(), "octets of traffic");
    drop(std::mem::take(&mut *buffer));
}

impl Contents {
    /// Takes a head as it was sent.
    fn take_text(&mut self, text: &Text<'_>) {
        self.text.extend_from_slice(text.octets);
        (self.method, self.target) = (text.method, text.target);
        (self.scheme, self.authority) = (Span::default(), Span::default());
        self.fields.extend_from_slice(text.fields);
        (self.names, self.media_type) = (text.names, text.media_type);
        self.said = text.said;
    }

    /// Takes a head line by line, its `fields` if they are wanted.
    fn take_lines(&mut self, head: &Head<'_>, fields: bool) {
        self.said = 0;
        let held = if fields { head.fields } else { Fields::Listed(&[]) };
        let size = |field: Field<'_>| field.name.len().saturating_add(field.value.len());
        let size: usize = held.iter().map(size).sum();
        let line = [head.method, head.target, head.scheme, head.authority];
        let most = if fields { usize::MAX } else { LINE_MAX };
        if line.iter().any(|part| part.len() > most) {
            self.facts.flags.insert(Flags::HEAD_LIMIT);
        }
        let line = line.map(|part| part.get(..most).unwrap_or(part));
        let size = line.iter().fold(size, |size, part| size.saturating_add(part.len()));
        self.text.reserve(size);
        [self.method, self.target, self.scheme, self.authority] = line.map(|part| self.span(part));
        self.fields.reserve(held.len());
        (self.names, self.media_type) = (0, None);
        for field in held.iter() {
            let span = (self.span(field.name), self.span(field.value));
            self.names |= name_bit(field.name);
            if self.media_type.is_none() && field.name.eq_ignore_ascii_case(MEDIA_TYPE) {
                self.media_type = Some(span.1);
            }
            self.fields.push(span);
        }
        if held.len() < head.fields.len() {
            self.facts.flags.insert(Flags::HEAD_LIMIT);
        }
    }

    /// Bytes of traffic this message holds.
    pub(super) fn held_bytes(&self) -> usize {
        self.said.saturating_add(self.body.len())
    }

    /// Octets its buffers have room for.
    fn room_bytes(&self) -> usize {
        self.text.capacity().saturating_add(self.body.capacity())
    }

    /// A copy of the head.
    pub(super) fn copy_head(&self) -> Message {
        Message::new(Contents {
            text: self.text.clone(),
            said: self.said,
            method: self.method,
            target: self.target,
            scheme: self.scheme,
            authority: self.authority,
            fields: self.fields.clone(),
            names: self.names,
            media_type: self.media_type,
            trailers: Vec::new(),
            body: Zeroizing::default(),
            prelude: self.prelude.clone(),
            facts: self.facts,
        })
    }

    fn span(&mut self, bytes: &[u8]) -> Span {
        // Heads are bounded far below 4 GiB; what did not fit would read as empty.
        let Ok(start) = u32::try_from(self.text.len()) else { return Span::default() };
        let Ok(len) = u32::try_from(bytes.len()) else { return Span::default() };
        self.text.extend_from_slice(bytes);
        self.said = self.said.saturating_add(bytes.len());
        Span { start, len }
    }

    /// Takes the sizes and trailers of the end.
    pub(super) fn end(&mut self, end: &MessageEnd<'_>) {
        for field in end.trailers {
            let span = (self.span(field.name), self.span(field.value));
            self.trailers.push(span);
        }
        self.advance(end);
        self.facts.completeness = end.completeness;
        self.facts.body_cut |= end.body_cut;
    }

    /// Takes the sizes of a message that goes on.
    pub(super) fn advance(&mut self, end: &MessageEnd<'_>) {
        let facts = &mut self.facts;
        facts.end_time = end.time;
        facts.wire_bytes = end.wire_bytes;
        facts.body_bytes = end.body_bytes;
        facts.decoded_bytes = end.decoded_bytes;
        facts.missing_bytes = end.missing_bytes;
        facts.messages = end.messages;
        facts.streaming.events = end.events;
        facts.flags.insert(end.flags);
    }

    /// Bytes that are none of a message's follow it.
    pub(super) fn trailing(&mut self) {
        self.facts.flags.insert(Flags::TRAILING_BYTES);
    }

    /// Closes a message whose end was not waited for, with what was seen of it.
    pub(super) fn cut(&mut self) {
        let len = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let facts = &mut self.facts;
        facts.completeness = Completeness::Truncated;
        facts.body_cut = true;
        facts.body_bytes = facts.body_bytes.max(len(&self.body));
        facts.decoded_bytes = facts.decoded_bytes.max(len(&self.body));
        let said = u64::try_from(self.said).unwrap_or(u64::MAX);
        let least = said.saturating_add(len(&self.body));
        facts.wire_bytes = facts.wire_bytes.max(least);
    }

    /// A copy of all that was seen of it.
    pub(super) fn copy(&self) -> Message {
        let mut copy = self.copy_head();
        (copy.body, copy.trailers) = (self.body.clone(), self.trailers.clone());
        copy
    }

    /// Lets go of the body; gives back how many bytes that frees.
    pub(super) fn drop_body(&mut self) -> usize {
        let held = self.body.len();
        self.facts.body_cut |= held > 0;
        self.body = Zeroizing::default();
        held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn capacity(buffers: &[Zeroizing<Vec<u8>>]) -> usize {
        buffers.iter().map(|buffer| buffer.capacity()).sum()
    }

    #[test]
    fn a_large_body_has_the_buffer_of_one_before() {
        let mut pool = Pool::default();
        let mut body = Zeroizing::default();
        (0..50).for_each(|_| pool.add(&mut body, &[7; 5000]));
        let (start, room) = (body.as_ptr(), body.capacity());
        wipe(&mut body);
        pool.keep_body(body);
        assert_eq!(pool.kept_bytes, room);

        let mut body = Zeroizing::default();
        for len in 1..=50 {
            pool.add(&mut body, &[8; 5000]);
            assert_eq!(body[..], vec![8; 5000 * len]);
        }
        assert_eq!((body.as_ptr(), body.capacity()), (start, room));
        assert_eq!((pool.large.len(), pool.small.len()), (0, 1));
        assert!(pool.small.iter().all(|small| small.is_empty()));
        assert_eq!(pool.kept_bytes, capacity(&pool.small));
    }

    proptest! {
        // Bodies of any sizes hold what was added, and the books are kept.
        #[test]
        fn bodies_hold_what_was_added(
            bodies in prop::collection::vec((prop::collection::vec(1..40_000_usize, 0..8), any::<bool>()), 1..20),
        ) {
            let mut pool = Pool::default();
            for (n, (pieces, kept)) in bodies.into_iter().enumerate() {
                let (mut body, mut want) = (Zeroizing::default(), Vec::new());
                for (piece, len) in pieces.into_iter().enumerate() {
                    let octets = vec![u8::try_from((n * 8 + piece) % 251).unwrap(); len];
                    pool.add(&mut body, &octets);
                    want.extend(octets);
                }
                prop_assert_eq!(&body[..], &want);
                if kept {
                    wipe(&mut body);
                    pool.keep_body(body);
                }
                prop_assert_eq!(pool.kept_bytes, capacity(&pool.small) + capacity(&pool.large));
                prop_assert!(pool.large.is_sorted_by_key(|large| large.capacity()));
                prop_assert!(pool.small.iter().chain(&pool.large).all(|buffer| buffer.is_empty()));
            }
        }
    }
}
