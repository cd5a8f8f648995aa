//! Heads: holding what is split, reading what is whole, and beginning the message.

use super::super::content::{Content, Described};
use super::super::protocol::{Context, Next};
use super::super::websocket::{self, Socket};
use super::super::{Completeness, Flags, Head, HttpEventKind, Role, h2};
use super::chunk::Chunk;
use super::framing::{Length, Method};
use super::head::{self, Parsed};
use super::line::{LINE_MAX, Look, begins_plainly, look};
use super::message::{Body, Ending, Message};
use super::pairing::Question;
use super::seek::Floor;
use super::switch::Asks;
use super::{Asked, H1, Mark, Phase, Piece, Told, tell};
use crate::reassembly::Side;
use crate::wipe::{wipe, wipe_from};

/// How much of a head there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What the size limit allows.
    Limit,
    /// Its first lines; the rest will not come.
    First(Completeness),
}

impl H1 {
    /// Takes bytes of a head. `tentative`: it may be none.
    pub(super) fn head(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        tentative: bool,
    ) -> Next {
        let stream = self.stream(piece.side);
        if stream.held.is_empty() {
            stream.mark = Mark { offset: piece.offset, acked: piece.acked, time: cx.time };
            if let Some(next) = self.plain(cx, piece, tentative) {
                return next;
            }
            let mut scanned = 0;
            if let Some(end) = head::end(piece.bytes, &mut scanned)
                && end <= cx.config.head_bytes_max
            {
                let bytes = piece.take(end);
                return self.read(cx, piece, bytes, tentative, Part::Whole);
            }
            if look(piece.bytes) == Look::No {
                return self.not_a_head(cx, piece, piece.bytes, tentative);
            }
        }
        let stream = self.stream(piece.side);
        let before = stream.held.len();
        stream.phase = if tentative { Phase::Candidate } else { Phase::Head };
        stream.held.extend_from_slice(piece.bytes);
        *cx.head_bytes = cx.head_bytes.saturating_add(piece.bytes.len());
        let mut scanned = stream.scanned;
        let found = head::end(&stream.held, &mut scanned);
        stream.scanned = scanned;
        let max = cx.config.head_bytes_max;
        // Once its line is whole it was found to be one, or long before.
        let known = before > LINE_MAX
            || memchr::memchr(b'\n', stream.held.get(..before).unwrap_or_default()).is_some();
        if !known && look(&stream.held) == Look::No {
            return self.held_no_head(cx, piece, before, tentative);
        }
        match found {
            Some(end) if end <= max => {
                piece.take(end.saturating_sub(before));
                self.read_held(cx, piece, end, tentative, Part::Whole)
            }
            _ if stream.held.len() > max || *cx.head_bytes > cx.config.head_bytes_total_max => {
                piece.take(piece.bytes.len());
                let end = stream.held.len().min(max);
                let end = match memchr::memrchr(b'\n', stream.held.get(..end).unwrap_or_default()) {
                    Some(end) => end.saturating_add(1),
                    None => self.cut_line(cx, piece.side, end),
                };
                self.read_held(cx, piece, end, tentative, Part::Limit)
            }
            _ => {
                piece.take(piece.bytes.len());
                Next::Stay
            }
        }
    }

    /// Reads a head that is whole, and as programs write them; `None` when it is not.
    fn plain(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        tentative: bool,
    ) -> Option<Next> {
        let mut ranges = std::mem::take(cx.ranges);
        let mut next = None;
        let read = head::plain(piece.bytes, cx.config.fields_max, &mut ranges, cx.order);
        if let Some((end, parsed)) = read
            && end <= cx.config.head_bytes_max
        {
            let bytes = piece.take(end);
            next = Some(self.message(cx, piece, bytes, parsed, tentative, Part::Whole));
        }
        *cx.ranges = ranges;
        next
    }

    /// Ends the request line that is held after `len` octets; gives back its length, 0 if it is none.
    fn cut_line(&mut self, cx: &mut Context<'_>, side: Side, len: usize) -> usize {
        let held = &mut self.stream(side).held;
        if !begins_plainly(held) {
            return 0;
        }
        *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
        wipe_from(held, len);
        held.extend_from_slice(b" HTTP/1.1\r\n");
        *cx.head_bytes = cx.head_bytes.saturating_add(held.len());
        held.len()
    }

    fn read_held(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        end: usize,
        tentative: bool,
        part: Part,
    ) -> Next {
        let mut held = std::mem::take(&mut self.stream(piece.side).held);
        *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
        let next = self.read(cx, piece, held.get(..end).unwrap_or_default(), tentative, part);
        wipe(&mut held);
        let stream = self.stream(piece.side);
        stream.scanned = 0;
        if stream.held.is_empty() && held.capacity() <= 4096 {
            stream.held = held;
        }
        next
    }

    /// `bytes`, where a message should begin, are none.
    fn not_a_head(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        bytes: &[u8],
        tentative: bool,
    ) -> Next {
        self.release(cx, piece.side);
        if !tentative {
            self.interim_last(cx, piece.side);
            self.trailing(cx, piece.side);
            self.http09(cx, piece, bytes);
            self.lost(cx, piece.side, Floor::Above(piece.acked), false);
        }
        self.discard(cx, piece);
        Next::Stay
    }

    /// What was held is no head, whatever follows: a message may begin with this event.
    fn held_no_head(
        &mut self,
        cx: &mut Context<'_>,
        piece: &Piece<'_>,
        before: usize,
        tentative: bool,
    ) -> Next {
        let stream = self.stream(piece.side);
        let floor = Floor::Above(stream.mark.acked);
        cx.counts.bytes_discarded += u64::try_from(before).unwrap_or(0);
        if tentative {
            self.release(cx, piece.side);
            let stream = self.stream(piece.side);
            (stream.phase, stream.floor) = (Phase::Seek, floor);
        } else {
            self.interim_last(cx, piece.side);
            self.trailing(cx, piece.side);
            // A line without a version, in pieces.
            let held = std::mem::take(&mut self.stream(piece.side).held);
            self.http09(cx, piece, &held);
            self.stream(piece.side).held = held;
            self.lost(cx, piece.side, floor, false);
        }
        Next::Stay
    }

    /// Reads a head, or the `part` of it that there is.
    pub(super) fn read(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        bytes: &[u8],
        tentative: bool,
        part: Part,
    ) -> Next {
        let mut scratch = Vec::new();
        let Some(parsed) = head::parse(bytes, cx.config.fields_max, &mut scratch) else {
            return self.not_a_head(cx, piece, bytes, tentative);
        };
        self.message(cx, piece, bytes, parsed, tentative, part)
    }

    /// Begins the message of a head that was read of `bytes`.
    fn message(
        &mut self,
        cx: &mut Context<'_>,
        piece: &mut Piece<'_>,
        bytes: &[u8],
        mut parsed: Parsed<'_>,
        tentative: bool,
        part: Part,
    ) -> Next {
        let right = self.role(cx, piece.side).is_none_or(|role| role == parsed.role);
        if !right || tentative && !self.plausible(piece, &parsed, part) {
            return self.not_a_head(cx, piece, &[], tentative);
        }
        if cx.client.is_none() {
            self.set_role(cx, piece.side, parsed.role);
        }
        cx.counts.resyncs += u64::from(tentative);
        if part == Part::Limit {
            parsed.flags.insert(Flags::HEAD_LIMIT);
        }
        // The head is behind: what waits on this direction may be decided.
        self.stream(piece.side).phase = Phase::Start;
        self.stream(piece.side).offset = piece.offset;
        let length = match parsed.role {
            Role::Request => self.request(cx, piece, &parsed),
            Role::Response if matches!(parsed.status, 100 | 102..=199) => {
                self.interim(cx, piece, bytes);
                return Next::Stay;
            }
            Role::Response => self.response(cx, piece, &parsed),
        };
        match part {
            Part::Whole => self.begin(cx, piece, length, parsed.status),
            Part::Limit => {
                self.end(cx, piece.side, Ending::cut(Completeness::Truncated, piece.offset));
                self.lost(cx, piece.side, Floor::Above(piece.acked), false);
                Next::Stay
            }
            Part::First(completeness) => {
                self.end(cx, piece.side, Ending::cut(completeness, piece.offset));
                Next::Stay
            }
        }
    }

    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        piece: &Piece<'_>,
        parsed: &Parsed<'_>,
    ) -> Length {
        cx.counts.requests += 1;
        let id = self.announce(cx, piece, parsed, 0, true);
        let mark = self.stream(piece.side).mark;
        let asked = Asked {
            id,
            start: mark.offset,
            end: None,
            open: true,
            acked: mark.acked,
            acked_at_end: None,
            follows: false,
            time: mark.time,
            method: Method::of(parsed.method),
        };
        self.asks = Asks::of(Method::of(parsed.method), &parsed.framing);
        if parsed.framing.h2c {
            let begin = (mark.offset, mark.acked, mark.time);
            let asked = h2::Asked::new(parsed.method, parsed.target, parsed.fields.fields(), begin);
            self.h2c = Some(Box::new(asked));
        }
        if cx.connection.is_decrypted() {
            self.queue.unmeasured();
        }
        self.queue
            .request(asked, cx.config.pipelined_requests_max, &mut |verdict| tell(cx, verdict));
        parsed.framing.request()
    }

    pub(super) fn response(
        &mut self,
        cx: &mut Context<'_>,
        piece: &Piece<'_>,
        parsed: &Parsed<'_>,
    ) -> Length {
        cx.counts.responses += 1;
        let mark = self.stream(piece.side).mark;
        let group = self.stream(piece.side).group.take();
        let (group, count) = group.map_or((mark.offset, 0), |group| (group.start, group.count));
        let id = self.announce(cx, piece, parsed, count, false);
        let told = Told {
            id,
            group,
            start: mark.offset,
            acked: mark.acked,
            end: None,
            time: mark.time,
            timeout: parsed.status == 408,
            question: Question::None,
        };
        self.queue.response(told, &mut |verdict| tell(cx, verdict));
        let method = self.settle_for(cx, Some(id));
        // Only a request that is surely the one agreed to is told again.
        let switches = parsed.status == 101;
        self.to_h2 = parsed.framing.h2c && switches;
        self.h2c = self.h2c.take().filter(|_| self.to_h2 && method.is_some());
        let socket = parsed.framing.websocket && switches;
        if self.h2c.is_none() && !socket && self.early.is_some() {
            // Neither then, and nothing that HTTP/1 can read.
            let client = piece.side.other();
            let floor = Floor::Above(self.stream(client).acked);
            self.lost(cx, client, floor, false);
        }
        if !switches {
            self.asks = Asks::default();
        }
        self.agreed = socket.then_some(parsed.framing.agreed);
        if let Some(message) = &mut self.stream(piece.side).message {
            message.paired = method.is_some();
        }
        parsed.framing.response(parsed.status, method.unwrap_or(Method::Other))
    }

    /// Emits the head, and opens the message.
    fn announce(
        &mut self,
        cx: &mut Context<'_>,
        piece: &Piece<'_>,
        parsed: &Parsed<'_>,
        interim: u16,
        paired: bool,
    ) -> u64 {
        let id = cx.number();
        let start = self.stream(piece.side).mark;
        cx.emit(HttpEventKind::Head(&Head {
            message: id,
            role: parsed.role,
            stream: 0,
            version: parsed.version,
            interim,
            method: parsed.method,
            target: parsed.target,
            scheme: &[],
            authority: &[],
            status: parsed.status,
            fields: parsed.fields.fields(),
            start_offset: start.offset,
            acked: start.acked,
            start_time: start.time,
            flags: parsed.flags,
        }));
        let mut flags = parsed.flags;
        let codings = parsed.framing.codings();
        let media_type = parsed.framing.media_type;
        let described = Described { codings: codings.as_deref(), media_type, stream: 0 };
        let content = Content::new(cx, id, parsed.role, described, &mut flags);
        let (role, body) = (parsed.role, Body::ToClose);
        let message =
            Message { id, role, start, body, content, flags, body_bytes: 0, missing: 0, paired };
        let stream = self.stream(piece.side);
        (stream.message, stream.behind) = (Some(message), None);
        id
    }

    /// Goes on behind the head.
    fn begin(
        &mut self,
        cx: &mut Context<'_>,
        piece: &Piece<'_>,
        length: Length,
        status: u16,
    ) -> Next {
        let body = match length {
            Length::None => {
                self.end(cx, piece.side, Ending::whole(piece));
                return Next::Stay;
            }
            Length::Tunnel => return self.tunnel(cx, piece, status),
            Length::Known(length) => Body::Known(length),
            Length::Chunked => Body::Chunked(Chunk::START),
            Length::ToClose => Body::ToClose,
        };
        let stream = self.stream(piece.side);
        stream.phase = Phase::Body;
        if let Some(message) = &mut stream.message {
            message.body = body;
        }
        Next::Stay
    }

    /// The connection becomes a tunnel (RFC 9110 §9.3.6) or another protocol (§7.8).
    fn tunnel(&mut self, cx: &mut Context<'_>, piece: &Piece<'_>, status: u16) -> Next {
        let mut id = None;
        if let Some(message) = &mut self.stream(piece.side).message {
            message.flags.insert(Flags::TUNNEL);
            id = Some(message.id);
        }
        let socket = id.zip(self.agreed.take().filter(|_| status == 101));
        if let Some((socket, _)) = socket {
            websocket::opened(cx, socket);
        }
        self.end(cx, piece.side, Ending { rest: &[], ..Ending::whole(piece) });
        self.queue.confirm(&mut |verdict| tell(cx, verdict));
        let client = self.stream(piece.side.other());
        client.behind = None;
        let idle = matches!(client.phase, Phase::Start | Phase::Seek) && client.message.is_none();
        let aligned = idle && client.phase == Phase::Start;
        if status == 101 {
            let early = self.early.take();
            self.fin(cx, piece.side.other(), false);
            self.early = early;
            self.queue.close(&mut |verdict| tell(cx, verdict));
            let left = piece.bytes.len();
            self.successor = match socket {
                Some((socket, agreed)) => Some(Box::new(Socket::new(socket, agreed, aligned))),
                None => None,
            };
            return match () {
                () if self.h2c.is_some() || self.successor.is_some() => Next::Upgrade { left },
                // The request that asked for it is not known: the answer to it will be alone.
                () if self.to_h2 => Next::Reprobe { left },
                () => Next::Opaque,
            };
        }
        if idle && !self.queue.is_asking() {
            self.queue.close(&mut |verdict| tell(cx, verdict));
            *cx.client = None;
            return Next::Reprobe { left: piece.bytes.len() };
        }
        // The client did not wait: what it sent already is followed as the same kind of stream.
        Next::Stay
    }
}
