//! Header blocks: put together, decoded, and made heads and trailers of streams.

use zeroize::Zeroizing;

use super::super::content::{Content, Described};
use super::super::protocol::Context;
use super::super::{Fields, Flags, Head, HttpEventKind, Role};
use super::frame::{Frame, HEADER_LEN, Kind};
use super::head::{Section, join_cookies};
use super::hpack::{Budget, Limits};
use super::stream::{Ending, Half, Message};
use super::{Decoded, H2, Mark, length};
use crate::reassembly::Side;

/// Counts of losses never reach this: the head of a response cannot be told from its trailers any more.
const HEAD_LOST: u32 = u32::MAX;

/// A header block in progress.
pub(super) struct Block {
    pub(super) stream: u32,
    /// The stream it promises (PUSH_PROMISE), else 0.
    promised: u32,
    ends_stream: bool,
    /// What came of it in earlier frames.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Where its first frame begins.
    mark: Mark,
    wire_bytes: u64,
    /// Whether some of it is missing.
    torn: bool,
    /// Whether some of it was left out because of the limits.
    cut: bool,
}

/// A block as read, and how far it can be trusted.
struct Read<'a> {
    section: Section<'a>,
    /// Whether the very first field is unknown: it may be `:status`.
    first_unknown: bool,
}

/// What the tables of all connections may hold.
pub(super) const fn budget<'a>(cx: &'a mut Context<'_>) -> Budget<'a> {
    Budget { held: cx.table_bytes, max: cx.config.http2_table_bytes_total_max }
}

impl H2 {
    /// A frame with a piece of a header block is over.
    pub(super) fn fragment(
        &mut self,
        cx: &mut Context<'_>,
        side: Side,
        frame: Frame,
        payload: &[u8],
    ) {
        let direction = self.direction(side);
        let (torn, cut, mark) = (direction.torn, direction.cut, direction.mark);
        let piece = frame.fragment(payload, !cut).filter(|_| !torn);
        let mut block = match (frame.kind, direction.block.take()) {
            (Kind::Continuation, Some(block)) => block,
            // Its beginning was not seen.
            (Kind::Continuation, None) => return,
            _ => Block {
                stream: frame.stream,
                promised: piece.map_or(0, |(_, promised)| promised),
                ends_stream: frame.ends_stream(),
                bytes: Zeroizing::default(),
                mark,
                wire_bytes: 0,
                torn: false,
                cut: false,
            },
        };
        let size = u64::from(frame.length).saturating_add(length(&[0; HEADER_LEN]));
        block.wire_bytes = block.wire_bytes.saturating_add(size);
        block.torn |= piece.is_none();
        let piece = piece.map_or(&[][..], |(piece, _)| piece);
        if frame.ends_headers() && block.bytes.is_empty() {
            block.cut |= cut;
            return self.block(cx, side, &block, piece);
        }
        if !block.cut {
            let room = cx.config.http2_block_bytes_max.saturating_sub(block.bytes.len());
            let free = cx.config.head_bytes_total_max.saturating_sub(*cx.head_bytes);
            let len = piece.len().min(room).min(free);
            block.bytes.extend_from_slice(piece.get(..len).unwrap_or_default());
            *cx.head_bytes = cx.head_bytes.saturating_add(len);
            block.cut |= cut || len < piece.len();
        }
        if frame.ends_headers() {
            let bytes = std::mem::take(&mut block.bytes);
            *cx.head_bytes = cx.head_bytes.saturating_sub(bytes.len());
            self.block(cx, side, &block, &bytes);
        } else {
            self.direction(side).block = Some(block);
        }
    }

    /// A header block is over.
    fn block(&mut self, cx: &mut Context<'_>, side: Side, block: &Block, bytes: &[u8]) {
        if block.torn {
            cx.counts.hpack_blocks_lost += 1;
            self.blocks_lost(cx, side);
            return self.unread(cx, side, block, 1);
        }
        let mut room = std::mem::take(cx.decoded);
        let Decoded { fields, cookies } = &mut room;
        let limits =
            Limits { bytes_max: cx.config.head_bytes_max, fields_max: cx.config.fields_max };
        let mut budget = budget(cx);
        let direction = self.direction(side);
        direction.used = true;
        let decoded = direction.hpack.decode(bytes, fields, limits, &mut budget);
        join_cookies(fields, cookies);
        let mut section = Section::read(fields, cookies);
        if block.cut {
            section.flags.insert(Flags::HEAD_LIMIT);
        } else if decoded.is_err() {
            section.flags.insert(Flags::HPACK_PARTIAL);
        }
        cx.counts.hpack_unknown += u64::from(fields.unknown);
        if block.cut || decoded.is_err() {
            cx.counts.hpack_blocks_lost += 1;
            self.blocks_lost(cx, side);
        }
        let read = Read { section, first_unknown: fields.first_unknown };
        self.section(cx, side, block, &read);
        // A connection may be silent from now on: nothing of the block is kept.
        room.clear();
        *cx.decoded = room;
    }

    /// Decides what a block is: the head of a request or a response, interim, trailers, a promise, or nothing.
    fn section(&mut self, cx: &mut Context<'_>, side: Side, block: &Block, read: &Read<'_>) {
        let section = &read.section;
        if block.promised != 0 {
            return self.promise(cx, side, block, section);
        }
        if cx.client.is_none()
            && let Some(role) = section.role
        {
            *cx.client = Some(if role == Role::Request { side } else { side.other() });
        }
        let Some(role) = Self::role(cx, side) else {
            cx.counts.heads_partial += 1;
            return;
        };
        let sure = self.direction(side).sure;
        if !sure && section.role != Some(role) {
            cx.counts.heads_partial += 1;
            return self.unread(cx, side, block, 0);
        }
        self.direction(side).sure = true;
        let half = self.streams.get(block.stream).map(|stream| match stream.half(role) {
            Half::Idle => 0,
            Half::Open(_) => 1,
            Half::Ended => 2,
        });
        match half {
            Some(1) if self.is_second_head(role, block, read) => {
                cx.counts.heads_partial += 1;
                self.unread(cx, side, block, 0);
            }
            Some(1) => self.trailers(cx, role, block, section),
            Some(2) => {}
            _ if !self.is_head(side, role, block, read) => {
                cx.counts.heads_partial += 1;
                self.unread(cx, side, block, 0);
            }
            _ if role == Role::Response
                && (100..200).contains(&section.status)
                && !block.ends_stream =>
            {
                cx.counts.interim_responses += 1;
                let losses = self.direction(side).losses;
                let stream = self.streams.enter(cx, block.stream, role, losses);
                stream.interim = stream.interim.saturating_add(1);
                stream.interim_flags.insert(section.interim_flags());
            }
            _ => self.head(cx, side, block, section, Flags::default()),
        }
    }

    /// Whether a block on a stream whose head was not seen on this side is that head, and not trailers or a late frame.
    fn is_head(&mut self, side: Side, role: Role, block: &Block, read: &Read<'_>) -> bool {
        let (id, last, exact) = (block.stream, self.streams.last(), self.exact);
        let losses = self.direction(side).losses;
        match role {
            Role::Request => id % 2 == 1 && id > last && (exact || read.section.role.is_some()),
            Role::Response if self.streams.was_reset(id) => false,
            Role::Response => {
                let followed = self.streams.get(id).is_some_and(|stream| stream.losses == losses);
                read.section.role.is_some()
                    || exact && followed
                    || read.first_unknown && (followed || !block.ends_stream)
            }
        }
    }

    /// Whether a block behind a head is, or may be, a head as well: then the first was that of an interim response,
    /// which only its status tells, and that is not known. Trailers have no pseudo-header fields (§8.1).
    fn is_second_head(&mut self, role: Role, block: &Block, read: &Read<'_>) -> bool {
        let may_be = read.section.role == Some(Role::Response) || read.first_unknown;
        let Some(stream) = self.streams.get(block.stream) else { return false };
        let unsure = role == Role::Response && stream.unsure;
        match stream.half(role) {
            Half::Open(message) if unsure && may_be && message.body_bytes == 0 => {
                message.flags.insert(Flags::HPACK_PARTIAL);
                true
            }
            _ => false,
        }
    }

    /// A head begins a message.
    fn head(
        &mut self,
        cx: &mut Context<'_>,
        side: Side,
        block: &Block,
        section: &Section<'_>,
        more: Flags,
    ) {
        let Some(role) = Self::role(cx, side) else { return };
        let role = if block.promised == 0 { role } else { Role::Request };
        let id = if block.promised == 0 { block.stream } else { block.promised };
        let losses = self.losses(cx);
        if role == Role::Request && block.promised == 0 {
            self.streams.opened(cx, id);
        }
        let number = cx.number();
        let stream = self.streams.enter(cx, id, role, losses);
        let mut flags = section.head_flags(role);
        flags.insert(more);
        flags.insert(stream.odd(role, section.status));
        let method = if role == Role::Request { section.method } else { &[] };
        stream.begin(role, number, section);
        self.tunnels |= role == Role::Request && section.is_tunnel();
        match role {
            Role::Request => cx.counts.requests += 1,
            Role::Response => cx.counts.responses += 1,
        }
        let tunnel = stream.tunnel && matches!(section.status, 0 | 200..=299);
        if tunnel {
            flags.insert(Flags::TUNNEL);
        }
        cx.emit(HttpEventKind::Head(&Head {
            message: number,
            role,
            stream: id.into(),
            version: (2, 0),
            interim: stream.interim,
            method,
            target: if role == Role::Request { section.target() } else { &[] },
            scheme: section.scheme,
            authority: section.authority,
            status: if role == Role::Response { section.status } else { 0 },
            fields: Fields::Listed(&section.fields),
            start_offset: block.mark.offset,
            acked: block.mark.acked,
            start_time: block.mark.time,
            flags,
        }));
        let codings = section.codings.as_deref();
        let described = Described { codings, media_type: section.media_type, stream: id.into() };
        let mut content = Content::new(cx, number, role, described, &mut flags);
        if tunnel || stream.asks {
            content.close();
        }
        let socket = role == Role::Response && stream.asks && (200..300).contains(&section.status);
        *stream.half(role) = Half::Open(Box::new(Message {
            id: number,
            role,
            time: cx.time.max(block.mark.time),
            content,
            flags,
            wire_bytes: block.wire_bytes,
            body_bytes: 0,
            missing: 0,
            length: section.length,
            doubt: false,
        }));
        if self.direction(side).aligned {
            self.streams.settle(cx, id, number);
        } else {
            self.streams.alone(cx, id, number);
        }
        if socket {
            self.streams.open_socket(cx, id, number, section);
        }
        if block.ends_stream || block.promised != 0 && role == Role::Request {
            self.streams.end(cx, id, role, Ending { mark: block.mark, ..Ending::WHOLE });
        }
    }

    /// How often the server's direction was lost.
    fn losses(&mut self, cx: &Context<'_>) -> u32 {
        cx.client.map_or(0, |client| self.direction(client.other()).losses)
    }

    /// Trailers end a message (§8.1).
    fn trailers(&mut self, cx: &mut Context<'_>, role: Role, block: &Block, section: &Section<'_>) {
        let Some(stream) = self.streams.get(block.stream) else { return };
        // Nothing but DATA (§8.5).
        let tunnel = stream.tunnel;
        if let Half::Open(message) = stream.half(role) {
            message.wire_bytes = message.wire_bytes.saturating_add(block.wire_bytes);
            message.time = message.time.max(cx.time);
            message.flags.insert(section.trailer_flags());
            if tunnel {
                message.flags.insert(Flags::FRAME_ORDER);
            }
            if !block.ends_stream {
                message.flags.insert(Flags::FRAME_ORDER);
                return;
            }
        }
        let ending = Ending { trailers: &section.fields, mark: block.mark, ..Ending::WHOLE };
        self.streams.end(cx, block.stream, role, ending);
    }

    /// The server promises a response to a request it makes up (§8.4).
    fn promise(&mut self, cx: &mut Context<'_>, side: Side, block: &Block, section: &Section<'_>) {
        if cx.client.is_none() && section.role == Some(Role::Request) {
            *cx.client = Some(side.other());
        }
        let right = Self::role(cx, side) == Some(Role::Response)
            && block.promised.is_multiple_of(2)
            && section.role == Some(Role::Request);
        if right && !self.streams.has(block.promised) {
            let mut flags = Flags::PUSHED;
            // It must be safe and cacheable, which these alone are known to be.
            if !matches!(section.method, b"GET" | b"HEAD") {
                flags.insert(Flags::PSEUDO_BAD);
            }
            self.head(cx, side, block, section, flags);
        }
    }

    /// A block of a stream cannot be used; `missing` bytes of it never came.
    fn unread(&mut self, cx: &mut Context<'_>, side: Side, block: &Block, missing: u32) {
        let Some(role) = Self::role(cx, side) else { return };
        let (id, last) = (block.stream, self.streams.last());
        if role == Role::Request && id % 2 == 1 && id > last && !self.streams.has(id) {
            self.streams.opened(cx, id);
        }
        // It may have been the head: what follows on this stream may be its trailers.
        if role == Role::Response
            && let Some(stream) = self.streams.get(id)
        {
            stream.losses = HEAD_LOST;
        }
        if missing > 0 {
            self.missing(cx, side, id, missing);
        }
        if block.ends_stream {
            self.streams.end(cx, id, role, Ending { mark: block.mark, ..Ending::WHOLE });
        }
    }
}
