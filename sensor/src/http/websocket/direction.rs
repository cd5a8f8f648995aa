//! One direction: bytes to frames, frames to messages.

use zeroize::Zeroizing;

use super::super::piece::{Piece, length};
use super::super::protocol::Context;
use super::frame::{CONTROL_MAX, HEADER_MAX, Header, RSV1, unmask};
use super::message::{Decoder, Mark, Message, Said, silence};
use super::rate::Rate;
use super::sync::{Evidence, judge};
use super::{Flags, Way, opcode};
use crate::wipe::wipe;

/// Where in the stream a direction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Payload,
    /// The place is lost. The flag: the segment before may have been frames.
    Seek {
        hopeful: bool,
    },
    Closed,
}

/// One direction of a socket.
pub(super) struct Direction {
    state: State,
    /// The header being read, and how much of it there is.
    header: [u8; HEADER_MAX],
    have: usize,
    /// Where the frame begins.
    mark: Mark,
    /// The frame whose payload is read, and how much is left of it.
    frame: Option<Header>,
    left: u64,
    message: Option<Message>,
    /// A control frame, which may stand between fragments.
    control: Option<Message>,
    decoder: Decoder,
    said: Said,
    /// Whether the frames are where the handshake, or their lengths since, say they are.
    sure: bool,
    /// Whether the next message is the first after the place was found again.
    found: bool,
    /// A buffer used up.
    spare: Zeroizing<Vec<u8>>,
    /// Room for what a mask was taken off.
    plain: Zeroizing<Vec<u8>>,
}

impl Direction {
    /// A direction that begins with a frame, or is joined midway.
    pub(super) fn new(whole: bool) -> Self {
        Self {
            state: if whole { State::Header } else { State::Seek { hopeful: false } },
            header: [0; HEADER_MAX],
            have: 0,
            mark: Mark { offset: 0, time: crate::time::Timestamp::ZERO },
            frame: None,
            left: 0,
            message: None,
            control: None,
            decoder: Decoder::default(),
            said: Said::default(),
            sure: whole,
            found: false,
            spare: Zeroizing::default(),
            plain: Zeroizing::default(),
        }
    }

    /// A direction whose next segment most likely begins with a frame.
    pub(super) fn hopeful() -> Self {
        Self { state: State::Seek { hopeful: true }, ..Self::new(false) }
    }

    /// Takes all of `piece`.
    pub(super) fn data(
        &mut self,
        cx: &mut Context<'_>,
        way: Way,
        rate: &mut Rate,
        piece: &mut Piece<'_>,
    ) {
        while !piece.bytes.is_empty() {
            match self.state {
                State::Header => self.header(cx, way, rate, piece),
                State::Payload => self.payload(cx, way, piece),
                State::Seek { hopeful } => self.seek(cx, way, piece, hopeful),
                State::Closed => {
                    cx.counts.bytes_discarded += length(piece.bytes);
                    piece.take(piece.bytes.len());
                }
            }
        }
    }

    fn seek(&mut self, cx: &mut Context<'_>, way: Way, piece: &mut Piece<'_>, hopeful: bool) {
        let evidence = if piece.segment_start {
            judge(piece.bytes, way.look())
        } else {
            // The rest of a segment says nothing.
            cx.counts.bytes_discarded += length(piece.bytes);
            piece.take(piece.bytes.len());
            return;
        };
        if evidence == Evidence::Strong || evidence == Evidence::Weak && hopeful {
            cx.counts.resyncs += 1;
            self.state = State::Header;
            (self.sure, self.found) = (false, true);
            return;
        }
        self.state = State::Seek { hopeful: evidence == Evidence::Weak };
        cx.counts.bytes_discarded += length(piece.bytes);
        piece.take(piece.bytes.len());
    }

    fn header(&mut self, cx: &mut Context<'_>, way: Way, rate: &mut Rate, piece: &mut Piece<'_>) {
        if self.have == 0 {
            self.mark = Mark { offset: piece.offset, time: cx.time };
        }
        let before = self.have;
        for (slot, octet) in self.header.iter_mut().skip(before).zip(piece.bytes) {
            *slot = *octet;
            self.have = self.have.saturating_add(1);
        }
        match Header::read(self.header.get(..self.have).unwrap_or_default()) {
            Some(header) => {
                piece.take(header.size.saturating_sub(before));
                self.have = 0;
                self.begin(cx, way, rate, header);
            }
            None => {
                piece.take(self.have.saturating_sub(before));
            }
        }
    }

    /// A frame begins.
    fn begin(&mut self, cx: &mut Context<'_>, way: Way, rate: &mut Rate, header: Header) {
        let proper = header.is_proper(way.masked());
        if !header.is_known() || !proper && !self.sure {
            cx.counts.websocket_frames_bad += 1;
            return self.lost(cx, way);
        }
        let mut flags = Flags::default();
        if !proper {
            cx.counts.websocket_frames_bad += 1;
            flags.set(Flags::MASK_BAD, header.key.is_some() != way.masked());
            flags.set(Flags::LENGTH_BAD, !header.minimal);
            let long = header.length > length(&[0; CONTROL_MAX]);
            flags.set(Flags::CONTROL_BAD, header.is_control() && (long || !header.fin));
        }
        let meant = header.reserved == 0 || header.reserved == RSV1 && way.deflates();
        flags.set(Flags::RESERVED_BITS, !meant && way.agreed.is_none_or(|agreed| !agreed.unknown));
        flags.set(Flags::RESYNCHRONISED, std::mem::take(&mut self.found));
        if header.is_control() {
            let mut message = Message::new(header.opcode, self.mark, Zeroizing::default());
            message.flags = flags;
            self.control = Some(message);
        } else {
            self.open(cx, way, rate, header);
            if let Some(message) = &mut self.message {
                message.flags.insert(flags);
            }
        }
        self.frame = Some(header);
        self.left = header.length;
        self.state = State::Payload;
        let size = u64::try_from(header.size).unwrap_or(0);
        if let Some(message) = self.current() {
            message.frames = message.frames.saturating_add(1);
            message.wire = message.wire.saturating_add(size);
        }
        if self.left == 0 {
            self.complete(cx, way);
        }
    }

    /// A data frame begins a message, or goes on with one.
    fn open(&mut self, cx: &mut Context<'_>, way: Way, rate: &mut Rate, header: Header) {
        let goes_on = header.opcode == opcode::CONTINUATION;
        if goes_on && self.message.is_some() {
            return;
        }
        let torn = self.message.is_some();
        if let Some(message) = &mut self.message {
            message.flags.insert(Flags::FRAGMENT_BAD);
            self.tell(cx, way, false);
        }
        let mut message = Message::new(header.opcode, self.mark, std::mem::take(&mut self.spare));
        message.flags.set(Flags::FRAGMENT_BAD, torn || goes_on && self.sure);
        (message.partial, message.torn) = (goes_on, goes_on);
        message.told = rate.take(cx.time, cx.config.websocket.messages_per_second_max);
        if header.reserved == RSV1 && way.deflates() {
            message.compressed = true;
            self.decoder.begin(cx, way, &mut message);
        } else if header.reserved != 0 {
            // Another extension made something else of it, and what it added to the context is not known.
            message.flags.insert(Flags::UNDECODED);
            message.torn = true;
            self.decoder.lose();
        } else if goes_on {
            // Perhaps compressed.
            self.decoder.lose();
        }
        self.message = Some(message);
    }

    /// The message that the frame at hand belongs to.
    fn current(&mut self) -> Option<&mut Message> {
        if self.control.is_some() { self.control.as_mut() } else { self.message.as_mut() }
    }

    fn payload(&mut self, cx: &mut Context<'_>, way: Way, piece: &mut Piece<'_>) {
        let Some(frame) = self.frame else {
            self.state = State::Header;
            return;
        };
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.bytes.len());
        let bytes = piece.take(len);
        let at = frame.length.saturating_sub(self.left);
        self.left = self.left.saturating_sub(length(bytes));
        self.take(cx, frame, at, bytes);
        if self.left == 0 {
            self.complete(cx, way);
        }
    }

    /// Takes bytes of a payload, of which `at` were before.
    fn take(&mut self, cx: &mut Context<'_>, frame: Header, at: u64, bytes: &[u8]) {
        let Self { message, control, decoder, plain, .. } = self;
        let (message, is_control) = match (control, message) {
            (Some(control), _) => (control, true),
            (None, Some(message)) => (message, false),
            (None, None) => return,
        };
        message.time = cx.time;
        message.payload = message.payload.saturating_add(length(bytes));
        message.wire = message.wire.saturating_add(length(bytes));
        if message.torn || !message.told && !message.compressed {
            return;
        }
        if is_control {
            // A peer may send any length; what is longer than allowed is only counted.
            let room = CONTROL_MAX.saturating_sub(message.held.len());
            message.cut |= room < bytes.len();
            let fitting = bytes.get(..room).unwrap_or(bytes);
            unmask(fitting, frame.key, at, &mut message.held);
            message.decoded = length(&message.held);
            return;
        }
        wipe(plain);
        let plain = match frame.key {
            Some(_) => {
                unmask(bytes, frame.key, at, plain);
                plain.as_slice()
            }
            None => bytes,
        };
        if message.compressed {
            decoder.push(cx, message, Some(plain));
        } else {
            message.hold(cx, plain);
        }
    }

    /// A frame is over.
    fn complete(&mut self, cx: &mut Context<'_>, way: Way) {
        self.state = State::Header;
        let Some(frame) = self.frame.take() else { return };
        match self.control.take() {
            Some(control) => self.controlled(cx, way, control),
            None if frame.fin => self.tell(cx, way, true),
            None => {}
        }
    }

    /// A control frame is over (§5.5).
    fn controlled(&mut self, cx: &mut Context<'_>, way: Way, control: Message) {
        let sequence = self.said.totals.messages.messages;
        let facts = control.facts(way, sequence, true);
        match control.opcode {
            opcode::CLOSE => {
                if self.message.is_some() {
                    self.tell(cx, way, false);
                }
                self.state = State::Closed;
                self.said.end(cx, facts, &control.held);
                self.release(cx);
            }
            other => {
                let totals = &mut self.said.totals;
                let count =
                    if other == opcode::PING { &mut totals.pings } else { &mut totals.pongs };
                *count = count.saturating_add(1);
                cx.counts.websocket_control_frames += 1;
                if cx.config.websocket.control_records {
                    self.said.tell(cx, facts, &control.held);
                }
            }
        }
    }

    /// The message in progress is over. `whole`: by its own account.
    fn tell(&mut self, cx: &mut Context<'_>, way: Way, whole: bool) {
        let Some(mut message) = self.message.take() else { return };
        if message.compressed && whole {
            self.decoder.push(cx, &mut message, None);
        } else if message.compressed {
            self.decoder.lose();
        }
        let sequence = self.said.totals.messages.messages;
        let mut facts = message.facts(way, sequence, whole);
        let text = message.opcode == opcode::TEXT && message.told && !facts.cut;
        facts.flags.set(Flags::UTF8_BAD, text && std::str::from_utf8(&message.held).is_err());
        self.said.message(cx, &message, facts);
        self.spare = message.spend(cx);
        if self.plain.capacity() > 64 << 10 {
            self.plain = Zeroizing::default();
        }
    }

    /// `len` bytes are missing.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>, way: Way, len: u64) {
        match self.state {
            State::Payload => {
                let inside = len.min(self.left);
                self.left = self.left.saturating_sub(inside);
                self.said.totals.losses = self.said.totals.losses.saturating_add(1);
                if let Some(message) = self.current() {
                    message.gap(inside);
                }
                if self.control.is_none() {
                    self.decoder.lose();
                }
                if self.left == 0 {
                    self.complete(cx, way);
                }
                if len > inside && self.state != State::Closed {
                    self.lost(cx, way);
                }
            }
            State::Header => self.lost(cx, way),
            State::Seek { .. } => {
                self.state = State::Seek { hopeful: false };
                self.said.totals.losses = self.said.totals.losses.saturating_add(1);
            }
            State::Closed => {}
        }
    }

    /// Nobody knows how many bytes are missing.
    pub(super) fn lose(&mut self, cx: &mut Context<'_>, way: Way) {
        match self.state {
            State::Header | State::Payload => self.lost(cx, way),
            State::Seek { .. } | State::Closed => {}
        }
    }

    /// The place in this direction is lost: whole messages may be.
    fn lost(&mut self, cx: &mut Context<'_>, way: Way) {
        cx.counts.lost += 1;
        self.said.totals.losses = self.said.totals.losses.saturating_add(1);
        if let Some(message) = &mut self.message {
            message.partial = true;
            self.tell(cx, way, false);
        }
        self.decoder.lose();
        (self.control, self.frame, self.have) = (None, None, 0);
        self.state = State::Seek { hopeful: false };
    }

    /// Nothing more comes; the stream ends at `offset`.
    pub(super) fn fin(&mut self, cx: &mut Context<'_>, way: Way, offset: u64) {
        self.tell(cx, way, false);
        if !self.said.ended && !self.said.is_nothing() {
            let mark = Mark { offset, time: cx.time };
            let facts = silence(way, mark, self.said.totals.messages.messages);
            self.said.end(cx, facts, &[]);
        }
        self.state = State::Closed;
        self.release(cx);
    }

    fn release(&mut self, cx: &mut Context<'_>) {
        self.decoder.release(cx);
        (self.control, self.frame) = (None, None);
        (self.spare, self.plain) = (Zeroizing::default(), Zeroizing::default());
    }
}
