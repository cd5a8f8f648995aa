//! One direction: frames out of bytes, whatever the segments.

use zeroize::Zeroizing;

use super::super::protocol::{Before, Context};
use super::super::{Completeness, Counts, HttpEventKind, Role};
use super::frame::{Frame, HEADER_LEN, Kind};
use super::headers::Block;
use super::hpack::Decoder;
use super::stream::{Ending, Half};
use super::{H2, Mark, Piece, length};
use crate::reassembly::Side;

/// One direction of a connection.
pub(super) struct Direction {
    pub(super) state: State,
    /// The frame header, as far as it came.
    header: [u8; HEADER_LEN],
    have: usize,
    /// The frame at hand, and what is left of its payload.
    frame: Option<Frame>,
    left: u32,
    /// Octets of padding at its end; `None` until the padding's length came.
    pad: Option<u32>,
    /// Where it begins.
    pub(super) mark: Mark,
    /// Held octets of a payload that is needed whole.
    held: Zeroizing<Vec<u8>>,
    /// Whether some of it is missing.
    pub(super) torn: bool,
    /// Whether some of it was left out because of the limits.
    pub(super) cut: bool,
    /// The header block that has begun.
    pub(super) block: Option<Block>,
    pub(super) hpack: Decoder,
    /// Whether blocks were decoded or lost.
    pub(super) used: bool,
    /// Whether it is certain that frames are frames.
    pub(super) sure: bool,
    /// Whether a segment began with a frame since the last search: then the search found frames, and no content
    /// that looks like them.
    pub(super) aligned: bool,
    /// How often the place was lost.
    pub(super) losses: u32,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The very first bytes; so many of the preface came.
    Start {
        seen: usize,
    },
    Header,
    Payload,
    Seek,
    Closed,
}

impl Direction {
    /// Whether a frame begins here.
    pub(super) fn is_between(&self) -> bool {
        self.state == State::Header && self.have == 0
    }

    pub(super) fn new(before: Before) -> Self {
        let whole = before == Before::Nothing;
        Self {
            state: if whole { State::Start { seen: 0 } } else { State::Seek },
            header: [0; HEADER_LEN],
            have: 0,
            frame: None,
            left: 0,
            pad: None,
            mark: Mark::default(),
            held: Zeroizing::default(),
            torn: false,
            cut: false,
            block: None,
            hpack: Decoder::new(whole),
            used: false,
            sure: whole,
            aligned: true,
            losses: 0,
        }
    }
}

/// Whether the payload is needed whole.
const fn is_held(kind: Kind) -> bool {
    matches!(kind, Kind::Headers | Kind::PushPromise | Kind::Continuation | Kind::GoAway)
}

/// Counts a frame that carries nothing of a message: floods are made of them.
fn count(counts: &mut Counts, frame: Frame) {
    let count = match frame.kind {
        Kind::Settings => &mut counts.frames_settings,
        Kind::Ping => &mut counts.frames_ping,
        Kind::WindowUpdate => &mut counts.frames_window_update,
        Kind::Priority => &mut counts.frames_priority,
        Kind::Data if frame.length == 0 && !frame.ends_stream() => &mut counts.frames_empty,
        Kind::Headers | Kind::Continuation if frame.length == 0 && !frame.ends_headers() => {
            &mut counts.frames_empty
        }
        Kind::Data
        | Kind::Headers
        | Kind::Continuation
        | Kind::RstStream
        | Kind::PushPromise
        | Kind::GoAway
        | Kind::Other => return,
    };
    *count += 1;
}

impl H2 {
    /// A segment begins.
    pub(super) fn segment(&mut self, side: Side) {
        let direction = self.direction(side);
        direction.aligned |= direction.is_between();
    }

    /// Takes octets of a frame header.
    pub(super) fn header(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        let mark = Mark { offset: piece.offset, acked: piece.acked, time: cx.time };
        let direction = self.direction(piece.side);
        if direction.have == 0 {
            direction.mark = mark;
        }
        let room = direction.header.get_mut(direction.have..).unwrap_or_default();
        let len = room.len().min(piece.bytes.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..len), piece.bytes.get(..len)) {
            room.copy_from_slice(bytes);
        }
        piece.take(len);
        direction.have = direction.have.saturating_add(len);
        if direction.have == HEADER_LEN {
            direction.have = 0;
            let frame = Frame::read(direction.header);
            self.begin(cx, piece.side, frame);
        }
    }

    /// A frame begins.
    fn begin(&mut self, cx: &mut Context<'_>, side: Side, frame: Frame) {
        let sure = self.direction(side).sure;
        if !frame.is_valid() || !sure && !frame.is_usual() {
            cx.counts.frames_bad += 1;
            return self.lost(cx, side);
        }
        let open = self.direction(side).block.as_ref().map(|block| block.stream);
        let goes_on = frame.kind == Kind::Continuation && open == Some(frame.stream);
        if open.is_some() != goes_on || frame.kind == Kind::Continuation && open.is_none() {
            // Nothing may stand inside a header block (§6.10).
            cx.counts.frames_bad += 1;
            cx.counts.hpack_blocks_lost += 1;
            let block = self.direction(side).block.take().map_or(0, |block| block.bytes.len());
            *cx.head_bytes = cx.head_bytes.saturating_sub(block);
            self.blocks_lost(cx, side);
        }
        count(cx.counts, frame);
        let direction = self.direction(side);
        direction.frame = Some(frame);
        direction.left = frame.length;
        direction.pad = (!frame.is_padded()).then_some(0);
        (direction.torn, direction.cut) = (false, false);
        direction.state = State::Payload;
        if frame.kind == Kind::Data
            && let Some(role) = Self::role(cx, side)
        {
            let wire = u64::from(frame.length).saturating_add(length(&[0; HEADER_LEN]));
            if let Some(Half::Open(message)) = self.streams.get(frame.stream).map(|s| s.half(role))
            {
                message.wire_bytes = message.wire_bytes.saturating_add(wire);
                message.time = message.time.max(cx.time);
            }
        }
        if frame.length == 0 {
            self.complete(cx, side, &[]);
        }
    }

    /// Takes octets of a payload.
    pub(super) fn payload(&mut self, cx: &mut Context<'_>, piece: &mut Piece<'_>) {
        let direction = self.direction(piece.side);
        let Some(frame) = direction.frame else {
            direction.state = State::Header;
            return;
        };
        let left = usize::try_from(direction.left).unwrap_or(usize::MAX);
        let bytes = piece.take(left.min(piece.bytes.len()));
        let taken = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        direction.left = direction.left.saturating_sub(taken);
        let over = direction.left == 0;
        if frame.kind == Kind::Data {
            self.content(cx, piece.side, frame, bytes);
        } else if is_held(frame.kind) && !direction.torn {
            if over && direction.held.is_empty() {
                return self.complete(cx, piece.side, bytes);
            }
            self.hold(cx, piece.side, frame, bytes);
        }
        if over {
            let held = std::mem::take(&mut self.direction(piece.side).held);
            *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
            self.complete(cx, piece.side, &held);
        }
    }

    /// Holds octets until the payload is whole, up to the limits.
    fn hold(&mut self, cx: &mut Context<'_>, side: Side, frame: Frame, bytes: &[u8]) {
        let max = if frame.kind == Kind::GoAway { 8 } else { cx.config.http2_block_bytes_max };
        let room = cx.config.head_bytes_total_max.saturating_sub(*cx.head_bytes);
        let direction = self.direction(side);
        let len = bytes.len().min(max.saturating_sub(direction.held.len())).min(room);
        direction.held.extend_from_slice(bytes.get(..len).unwrap_or_default());
        direction.cut |= len < bytes.len();
        *cx.head_bytes = cx.head_bytes.saturating_add(len);
    }

    /// Takes octets of DATA, padding taken off.
    fn content(&mut self, cx: &mut Context<'_>, side: Side, frame: Frame, mut bytes: &[u8]) {
        let direction = self.direction(side);
        if direction.pad.is_none() {
            let Some((&pad, rest)) = bytes.split_first() else { return };
            bytes = rest;
            direction.pad = Some(pad.into());
        }
        let pad = direction.pad.unwrap_or(0);
        let behind = usize::try_from(pad.saturating_sub(direction.left)).unwrap_or(usize::MAX);
        let data = bytes.get(..bytes.len().saturating_sub(behind)).unwrap_or_default();
        let behind_header = u64::from(direction.left).saturating_add(length(bytes));
        let begins = behind_header == u64::from(frame.length);
        let Some(role) = Self::role(cx, side) else { return };
        let Some(stream) = self.streams.get(frame.stream) else { return };
        if let Some(socket) = &mut stream.socket {
            socket.data(cx, role, data, begins);
        } else if let Half::Open(message) = stream.half(role) {
            message.body_bytes = message.body_bytes.saturating_add(length(data));
            message.time = message.time.max(cx.time);
            message.content.push(cx, data, &mut message.flags);
            if message.content.advances(cx.time) {
                let ending = Ending { completeness: Completeness::Truncated, ..Ending::WHOLE };
                let end = message.so_far(&ending);
                cx.emit(HttpEventKind::Progress { message: message.id, end: &end });
            }
        } else {
            cx.counts.body_bytes_skipped += length(data);
        }
    }

    /// Bytes are missing.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>, side: Side, len: u64) {
        self.exact = false;
        let direction = self.direction(side);
        match (direction.state, direction.frame) {
            (State::Payload, Some(frame)) => {
                let inside = u32::try_from(len).unwrap_or(u32::MAX).min(direction.left);
                let pad = direction.pad.unwrap_or(0);
                let data = inside.min(direction.left.saturating_sub(pad));
                direction.left = direction.left.saturating_sub(inside);
                direction.torn |= inside > 0;
                let over = direction.left == 0;
                if frame.kind == Kind::Data {
                    self.missing(cx, side, frame.stream, data);
                }
                if over {
                    self.release_held(cx, side);
                    self.complete(cx, side, &[]);
                }
                if len > inside.into() {
                    self.lost(cx, side);
                }
            }
            (State::Closed, _) => {}
            (State::Seek, _) => {
                direction.losses = direction.losses.saturating_add(1);
                self.blocks_lost(cx, side);
            }
            _ => self.lost(cx, side),
        }
    }

    /// Content of a message is missing.
    pub(super) fn missing(&mut self, cx: &mut Context<'_>, side: Side, stream: u32, bytes: u32) {
        let Some(role) = Self::role(cx, side) else { return };
        let Some(stream) = self.streams.get(stream) else { return };
        if let Some(socket) = &mut stream.socket {
            socket.gap(cx, role, bytes.into());
        } else if let Half::Open(message) = stream.half(role) {
            message.missing = message.missing.saturating_add(bytes.into());
            message.body_bytes = message.body_bytes.saturating_add(bytes.into());
            message.content.gap(cx, &mut message.flags);
        }
    }

    /// A frame is over; `payload` is its payload if that is needed whole, and is.
    fn complete(&mut self, cx: &mut Context<'_>, side: Side, payload: &[u8]) {
        let direction = self.direction(side);
        direction.state = State::Header;
        let Some(frame) = direction.frame.take() else { return };
        let (torn, mark) = (direction.torn, direction.mark);
        let role = Self::role(cx, side);
        match frame.kind {
            Kind::Data if frame.ends_stream() => {
                if let Some(role) = role {
                    let size = u64::from(frame.length).saturating_add(length(&[0; HEADER_LEN]));
                    let mark = Mark { offset: mark.offset.saturating_add(size), ..mark };
                    self.streams.end(cx, frame.stream, role, Ending { mark, ..Ending::WHOLE });
                }
            }
            Kind::Headers | Kind::PushPromise | Kind::Continuation => {
                self.fragment(cx, side, frame, payload);
            }
            Kind::RstStream => self.streams.reset(cx, frame.stream),
            Kind::GoAway if !torn && role == Some(Role::Response) => {
                if let Some(last) = payload.first_chunk() {
                    self.streams.refuse(cx, u32::from_be_bytes(*last) & 0x7fff_ffff);
                }
            }
            _ => {}
        }
    }

    /// Drops what is held of a payload.
    fn release_held(&mut self, cx: &mut Context<'_>, side: Side) {
        let held = std::mem::take(&mut self.direction(side).held);
        *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
    }

    /// Drops what is held of a payload and of a header block.
    pub(super) fn release(&mut self, cx: &mut Context<'_>, side: Side) {
        self.release_held(cx, side);
        let direction = self.direction(side);
        let block = direction.block.take().map_or(0, |block| block.bytes.len());
        *cx.head_bytes = cx.head_bytes.saturating_sub(block);
        direction.have = 0;
        direction.frame = None;
    }
}
