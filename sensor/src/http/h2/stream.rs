//! Streams: the two messages of each, and which of them are still to come.

use std::collections::{BTreeMap, VecDeque};

use super::super::content::{Content, Described};
use super::super::protocol::Context;
use super::super::websocket::opened;
use super::super::{Completeness, Field, Flags, HttpEventKind, MessageEnd, Proof, Role};
use super::Mark;
use super::head::Section;
use super::socket::{self, Socket};
use crate::time::Timestamp;

/// Responses that wait for requests not delivered yet; then the oldest is given up.
const WAITING_MAX: usize = 256;
/// Streams remembered as reset, whose late frames mean nothing.
const RESET_MAX: usize = 128;

/// A message in progress.
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) role: Role,
    /// When its last byte so far came.
    pub(super) time: Timestamp,
    pub(super) content: Content,
    pub(super) flags: Flags,
    pub(super) wire_bytes: u64,
    pub(super) body_bytes: u64,
    pub(super) missing: u64,
    /// Content-Length.
    pub(super) length: Option<u64>,
    /// Whether frames of it may have been missed.
    pub(super) doubt: bool,
}

impl Message {
    /// What is told of it, if it ends so.
    pub(super) fn so_far<'a>(&self, ending: &Ending<'a>) -> MessageEnd<'a> {
        MessageEnd {
            completeness: ending.completeness,
            wire_bytes: self.wire_bytes,
            body_bytes: self.body_bytes,
            decoded_bytes: self.content.decoded_bytes(),
            missing_bytes: self.missing,
            body_cut: self.content.is_cut(),
            messages: self.content.messages(),
            events: self.content.events(),
            time: self.time,
            end_offset: ending.mark.offset,
            acked: ending.mark.acked,
            trailers: ending.trailers,
            flags: self.flags,
        }
    }
}

/// One side of a stream.
pub(super) enum Half {
    /// No head was seen yet.
    Idle,
    Open(Box<Message>),
    Ended,
}

/// A stream.
pub(super) struct Stream {
    pub(super) request: Half,
    pub(super) response: Half,
    /// The messages, once seen; never both without being paired or alone.
    pub(super) asked: Option<u64>,
    pub(super) told: Option<u64>,
    /// Whether the messages were told to be a pair.
    paired: bool,
    /// Whether its messages have no partner.
    alone: bool,
    /// Interim responses so far.
    pub(super) interim: u16,
    /// What was odd about their heads.
    pub(super) interim_flags: Flags,
    /// Whether the response is known to have no content: of HEAD, 204, 304.
    empty: bool,
    /// Whether the request's method is HEAD, or not known.
    pub(super) bodiless: bool,
    /// Whether it carries something else than content (CONNECT).
    pub(super) tunnel: bool,
    /// How often the server's direction had been lost when the request was seen.
    pub(super) losses: u32,
    /// Whether the status of the response is not known: then its head may be that of an interim one.
    pub(super) unsure: bool,
    /// Whether the request asks for WebSocket.
    pub(super) asks: bool,
    /// WebSocket, once it was agreed to. Then both messages are over.
    pub(super) socket: Option<Box<Socket>>,
}

impl Stream {
    /// A message begins.
    pub(super) fn begin(&mut self, role: Role, message: u64, section: &Section<'_>) {
        match role {
            Role::Request => {
                self.asked = Some(message);
                self.bodiless = matches!(section.method, b"HEAD" | b"");
                self.empty = section.method == b"HEAD";
                self.asks = socket::is_asked(section);
                self.tunnel = section.method == b"CONNECT";
            }
            Role::Response => {
                self.told = Some(message);
                self.unsure = section.status == 0;
                let empty = matches!(section.status, 204 | 304);
                self.bodiless |= empty;
                self.empty |= empty;
            }
        }
    }

    /// What is odd about a head of this role on this stream.
    pub(super) fn odd(&self, role: Role, status: u16) -> Flags {
        if role == Role::Request {
            return Flags::default();
        }
        let mut flags = self.interim_flags;
        if (100..200).contains(&status) {
            // The end of the stream came with it (§8.1).
            flags.insert(Flags::FRAME_ORDER);
        }
        flags
    }

    pub(super) fn half(&mut self, role: Role) -> &mut Half {
        match role {
            Role::Request => &mut self.request,
            Role::Response => &mut self.response,
        }
    }
}

/// The streams of a connection that are not over.
#[derive(Default)]
pub(super) struct Streams {
    open: BTreeMap<u32, Box<Stream>>,
    /// Streams whose response came before their request.
    waiting: VecDeque<u32>,
    reset: VecDeque<u32>,
    /// Highest stream the client is known to have opened.
    last: u32,
}

impl Streams {
    pub(super) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        self.open.get_mut(&id).map(|stream| &mut **stream)
    }

    pub(super) fn has(&self, id: u32) -> bool {
        self.open.contains_key(&id)
    }

    /// Highest stream the client is known to have opened; 0 for none.
    pub(super) const fn last(&self) -> u32 {
        self.last
    }

    /// Whether the stream was reset lately.
    pub(super) fn was_reset(&self, id: u32) -> bool {
        self.reset.contains(&id)
    }

    /// The client opened a stream, and so none of a lower number any more (RFC 9113 §5.1.1).
    pub(super) fn opened(&mut self, cx: &mut Context<'_>, id: u32) {
        self.last = self.last.max(id);
        while let Some(&oldest) = self.waiting.front()
            && oldest < id
        {
            self.waiting.pop_front();
            self.part(cx, oldest, Flags::default());
            self.tidy(cx, oldest);
        }
        self.waiting.retain(|&waiting| waiting != id);
    }

    /// The stream of a message that begins; made when it is new.
    pub(super) fn enter(
        &mut self,
        cx: &mut Context<'_>,
        id: u32,
        role: Role,
        losses: u32,
    ) -> &mut Stream {
        if !self.has(id) {
            while self.open.len() >= cx.config.http2_streams_max {
                let Some((&oldest, _)) = self.open.first_key_value() else { break };
                cx.counts.streams_evicted += 1;
                self.finish(cx, oldest, Flags::default());
            }
            if role == Role::Response && id > self.last {
                self.waiting.push_back(id);
                if self.waiting.len() > WAITING_MAX
                    && let Some(oldest) = self.waiting.pop_front()
                {
                    cx.counts.streams_evicted += 1;
                    self.part(cx, oldest, Flags::default());
                    self.tidy(cx, oldest);
                }
            }
        }
        let late = role == Role::Response && id <= self.last;
        self.open.entry(id).or_insert_with(|| {
            Box::new(Stream {
                request: if late { Half::Ended } else { Half::Idle },
                response: Half::Idle,
                asked: None,
                told: None,
                paired: false,
                alone: late,
                interim: 0,
                interim_flags: Flags::default(),
                empty: false,
                bodiless: true,
                tunnel: false,
                losses,
                unsure: false,
                asks: false,
                socket: None,
            })
        })
    }

    /// Opens a request that has no content.
    pub(super) fn open_empty(
        &mut self,
        cx: &mut Context<'_>,
        id: u32,
        number: u64,
        time: Timestamp,
        mut flags: Flags,
    ) {
        let content = Content::new(cx, number, Role::Request, Described::default(), &mut flags);
        if let Some(stream) = self.get(id) {
            stream.request = Half::Open(Box::new(Message {
                id: number,
                role: Role::Request,
                time,
                content,
                flags,
                wire_bytes: 0,
                body_bytes: 0,
                missing: 0,
                length: None,
                doubt: false,
            }));
        }
    }

    /// The response numbered `response` opened a socket: what follows is no body.
    pub(super) fn open_socket(
        &mut self,
        cx: &mut Context<'_>,
        id: u32,
        response: u64,
        section: &Section<'_>,
    ) {
        let Some(stream) = self.get(id) else { return };
        stream.socket = Some(Box::new(Socket::new(response, id, section)));
        opened(cx, response);
        for role in [Role::Request, Role::Response] {
            if self.get(id).is_some_and(|stream| matches!(stream.half(role), Half::Open(_))) {
                self.end(cx, id, role, Ending::WHOLE);
            }
        }
    }

    /// A head was told: pairs the two, or says that there is nothing to pair.
    pub(super) fn settle(&mut self, cx: &mut Context<'_>, id: u32, message: u64) {
        let Some(stream) = self.get(id) else { return };
        if stream.alone {
            cx.counts.alone += 1;
            cx.emit(HttpEventKind::Alone { message, why: Flags::default() });
        } else if let (Some(request), Some(response)) = (stream.asked, stream.told) {
            stream.paired = true;
            cx.counts.pairs_stream += 1;
            let proof = Proof::Stream;
            cx.emit(HttpEventKind::Pair { request, response, proof, firm: true });
        }
    }

    /// A head was told of which it is not certain that it is of this stream.
    pub(super) fn alone(&mut self, cx: &mut Context<'_>, id: u32, message: u64) {
        if self.get(id).is_some_and(|stream| stream.alone) {
            self.settle(cx, id, message);
        } else {
            self.part(cx, id, Flags::default());
        }
    }

    /// Nothing comes any more that one message of the stream could be paired with; `why` says why no response does.
    fn part(&mut self, cx: &mut Context<'_>, id: u32, why: Flags) {
        let Some(stream) = self.get(id) else { return };
        if stream.alone || stream.paired {
            return;
        }
        stream.alone = true;
        let why = if stream.told.is_some() { Flags::default() } else { why };
        for message in [stream.asked, stream.told].into_iter().flatten() {
            cx.counts.alone += 1;
            cx.emit(HttpEventKind::Alone { message, why });
        }
    }

    /// One side of a stream is over. `whole`: by its own account.
    pub(super) fn end(&mut self, cx: &mut Context<'_>, id: u32, role: Role, ending: Ending<'_>) {
        let Some(stream) = self.open.get_mut(&id) else { return };
        if matches!(stream.half(role), Half::Ended)
            && let Some(socket) = &mut stream.socket
        {
            if socket.fin(cx, role)
                && let Some(socket) = stream.socket.take()
            {
                socket.close(cx);
            }
            return self.tidy(cx, id);
        }
        let bodiless = stream.bodiless && role == Role::Response;
        let empty = stream.empty && role == Role::Response;
        let half = std::mem::replace(stream.half(role), Half::Ended);
        if let Half::Open(mut message) = half {
            if empty && message.body_bytes > 0 {
                message.flags.insert(Flags::BODY_UNEXPECTED);
            }
            end(cx, *message, ending, bodiless);
        }
        self.tidy(cx, id);
    }

    /// Forgets a stream when nothing more can come of it.
    fn tidy(&mut self, cx: &mut Context<'_>, id: u32) {
        let Some(stream) = self.open.get(&id) else { return };
        let over = |half: &Half| matches!(half, Half::Ended);
        let asked = over(&stream.request) || stream.alone && matches!(stream.request, Half::Idle);
        let told = over(&stream.response) || stream.alone && matches!(stream.response, Half::Idle);
        if asked && told && stream.socket.is_none() {
            self.part(cx, id, Flags::default());
            self.open.remove(&id);
        }
    }

    /// Ends a stream as it is.
    pub(super) fn finish(&mut self, cx: &mut Context<'_>, id: u32, flags: Flags) {
        self.part(cx, id, flags);
        for role in [Role::Request, Role::Response] {
            self.end(
                cx,
                id,
                role,
                Ending { completeness: Completeness::Truncated, flags, ..Ending::WHOLE },
            );
        }
        if let Some(socket) = self.get(id).and_then(|stream| stream.socket.take()) {
            socket.close(cx);
        }
        self.open.remove(&id);
        self.waiting.retain(|&waiting| waiting != id);
    }

    /// Nothing more comes of any stream.
    pub(super) fn finish_all(&mut self, cx: &mut Context<'_>) {
        let ids: Vec<u32> = self.open.keys().copied().collect();
        for id in ids {
            self.finish(cx, id, Flags::default());
        }
    }

    /// The server sends no more, and all it sent was read since its direction had been lost `losses` times: requests from
    /// then on that have no response get none.
    pub(super) fn unanswered(&mut self, cx: &mut Context<'_>, losses: u32) {
        let none =
            |stream: &Stream| stream.losses == losses && matches!(stream.response, Half::Idle);
        let none = self.open.iter().filter(|(_, stream)| none(stream));
        let ids: Vec<u32> = none.map(|(id, _)| *id).collect();
        for id in ids {
            self.part(cx, id, Flags::UNANSWERED);
            self.tidy(cx, id);
        }
    }

    /// One end gave the stream up (RFC 9113 §6.4).
    pub(super) fn reset(&mut self, cx: &mut Context<'_>, id: u32) {
        let Some(stream) = self.get(id) else { return };
        let early = stream.told.is_some() && stream.asked.is_none() && !stream.alone;
        cx.counts.streams_reset += 1;
        if early {
            // The response came before its request, which is still to come: directions may be captured by different
            // ways.
            let (completeness, flags) = (Completeness::Truncated, Flags::STREAM_RESET);
            self.end(cx, id, Role::Response, Ending { completeness, flags, ..Ending::WHOLE });
        } else {
            self.finish(cx, id, Flags::STREAM_RESET);
        }
        if self.reset.len() >= RESET_MAX {
            self.reset.pop_front();
        }
        self.reset.push_back(id);
    }

    /// The server works on no stream of the client's above `last` (RFC 9113 §6.8).
    pub(super) fn refuse(&mut self, cx: &mut Context<'_>, last: u32) {
        let ids: Vec<u32> = self
            .open
            .range(last.saturating_add(1)..)
            .filter(|(id, stream)| *id % 2 == 1 && matches!(stream.response, Half::Idle))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.reset(cx, id);
        }
    }

    /// Frames of one side may be missing: of every message in progress there.
    pub(super) fn lost(&mut self, cx: &mut Context<'_>, role: Role) {
        for stream in self.open.values_mut() {
            if let Some(socket) = &mut stream.socket {
                socket.lost(cx, role);
            }
            if let Half::Open(message) = stream.half(role) {
                message.doubt = true;
                message.content.gap(cx, &mut message.flags);
            }
        }
    }

    /// One side of the connection is over.
    pub(super) fn fin(&mut self, cx: &mut Context<'_>, role: Role) {
        let ids: Vec<u32> = self.open.keys().copied().collect();
        for id in ids {
            let open = self.get(id).is_some_and(|stream| {
                stream.socket.is_some() || matches!(stream.half(role), Half::Open(_))
            });
            if open {
                let completeness = Completeness::Truncated;
                self.end(cx, id, role, Ending { completeness, ..Ending::WHOLE });
            }
        }
    }
}

/// How a message ends.
#[derive(Clone, Copy)]
pub(super) struct Ending<'a> {
    pub(super) completeness: Completeness,
    pub(super) trailers: &'a [Field<'a>],
    pub(super) flags: Flags,
    /// Offset behind the last byte, if that is what ended it.
    pub(super) mark: Mark,
}

impl Ending<'_> {
    /// With END_STREAM, nothing more to say.
    pub(super) const WHOLE: Self = Self {
        completeness: Completeness::Complete,
        trailers: &[],
        flags: Flags(0),
        mark: Mark::NONE,
    };
}

/// Emits the end of a message.
fn end(cx: &mut Context<'_>, mut message: Message, ending: Ending<'_>, bodiless: bool) {
    message.flags.insert(ending.flags);
    let fits = message.length == Some(message.body_bytes);
    let whole = ending.completeness == Completeness::Complete;
    if message.doubt && !(fits && message.missing == 0) {
        let known = message.length.unwrap_or(0).saturating_sub(message.body_bytes);
        message.missing = message.missing.saturating_add(known);
        message.body_bytes = message.body_bytes.saturating_add(known);
    }
    let completeness = match (whole, message.missing > 0 || message.doubt && !fits) {
        (_, true) => Completeness::Gap,
        (true, false) => Completeness::Complete,
        (false, false) => ending.completeness,
    };
    message.content.over(cx);
    if completeness == Completeness::Complete {
        message.content.whole(cx, &mut message.flags);
        let none = message.body_bytes == 0 && bodiless;
        if message.length.is_some() && !fits && !none {
            message.flags.insert(Flags::LENGTH_MISMATCH);
        }
    }
    match completeness {
        Completeness::Complete => cx.counts.messages_complete += 1,
        Completeness::Gap => cx.counts.messages_gap += 1,
        Completeness::Truncated => cx.counts.messages_truncated += 1,
    }
    cx.counts.flags(message.flags);
    let end = message.so_far(&Ending { completeness, ..ending });
    cx.emit(HttpEventKind::End { message: message.id, role: message.role, end: &end });
}
