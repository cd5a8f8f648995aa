//! Assembling calls: messages are kept until it is told whether and with which they belong together.
//!
//! What belongs together is decided by the protocol's decoder ([`HttpEventKind::Pair`], [`HttpEventKind::Alone`]),
//! by stream order and acknowledgement for HTTP/1, and only followed here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::message::Pool;
use super::socket::{Socket, call_facts, sequence};
use super::streaming::{Reported, Reports};
use super::{Call, CallFacts, Message, Pairing};
use crate::bounded::within;
use crate::http::{Flags, Head, HttpEvent, HttpEventKind, Proof, Role};
use crate::reassembly::Connection;
use crate::rung::Rung;
use crate::time::Timestamp;

/// Messages there is room for in a connection that comes anew.
const LANE_MESSAGES: usize = 4;

/// How long and how much is kept of calls in progress.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Capture time after which a request without a response is emitted alone, in seconds, 1 to 31,536,000.
    #[serde(deserialize_with = "within::<1, 31_536_000, _, _>")]
    pub response_timeout_seconds: u64,
    /// Capture time after which a call that is still going on is emitted as far as it was seen, and given up, in
    /// seconds; where `streaming_report_seconds` is not 0, it counts from the last byte seen. 1 to 31,536,000.
    #[serde(deserialize_with = "within::<1, 31_536_000, _, _>")]
    pub stream_report_seconds_max: u64,
    /// Capture time after which a response that is still going on is told as far as it was seen, in seconds; it is
    /// followed, and told again after twice that time, and so on up to 16 times. 0 (never) to 31,536,000.
    #[serde(deserialize_with = "within::<0, 31_536_000, _, _>")]
    pub streaming_report_seconds: u64,
    /// Bytes of a response's body after which the same is done. 0 for never. Any number.
    pub streaming_report_bytes: u64,
    /// Bytes held of all messages in progress; beyond it bodies, fields and long targets are cut. From 1 MiB.
    #[serde(deserialize_with = "within::<0x10_0000, { u64::MAX }, _, _>")]
    pub body_bytes_total_max: u64,
}

impl Config {
    /// The share of one of `workers`: limits of the whole process are divided.
    #[must_use]
    pub fn share(&self, workers: usize) -> Self {
        let workers = u64::try_from(workers.max(1)).unwrap_or(u64::MAX);
        Self { body_bytes_total_max: self.body_bytes_total_max / workers, ..self.clone() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            response_timeout_seconds: 300,
            stream_report_seconds_max: 600,
            streaming_report_seconds: 60,
            streaming_report_bytes: 64 << 20,
            body_bytes_total_max: 256 << 20,
        }
    }
}

/// What was assembled. The stage adds; the worker publishes.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Calls paired in order.
    pub calls_order: u64,
    /// Calls paired by acknowledgement.
    pub calls_acknowledged: u64,
    /// Calls paired by stream (HTTP/2).
    pub calls_stream: u64,
    /// Requests emitted without a response: it was lost, or is late.
    pub calls_request_only: u64,
    /// Requests that got no response: the server ended the connection, or one end reset the stream.
    pub calls_unanswered: u64,
    /// Responses emitted without a request.
    pub calls_response_only: u64,
    /// WebSocket messages, and ends of their directions.
    pub websocket_messages: u64,
    /// Server-sent events with a record of their own.
    pub server_events: u64,
    /// Records of calls that go on.
    pub calls_in_progress: u64,
    /// Calls emitted because of a timeout.
    pub timeouts: u64,
    /// Bodies cut because of the memory limit.
    pub bodies_cut: u64,
    /// Heads whose fields were dropped because of the memory limit.
    pub heads_cut: u64,
}

impl Counts {
    /// Calls: each once, whatever records of messages, events and progress it has besides.
    #[must_use]
    pub fn calls(&self) -> u64 {
        let calls = [
            self.calls_order,
            self.calls_acknowledged,
            self.calls_stream,
            self.calls_request_only,
            self.calls_unanswered,
            self.calls_response_only,
        ];
        calls.into_iter().fold(0, u64::saturating_add)
    }

    /// Adds what another worker counted; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self {
            calls_order,
            calls_acknowledged,
            calls_stream,
            calls_request_only,
            calls_unanswered,
            calls_response_only,
            websocket_messages,
            server_events,
            calls_in_progress,
            timeouts,
            bodies_cut,
            heads_cut,
        } = other;
        self.calls_order += calls_order;
        self.calls_acknowledged += calls_acknowledged;
        self.calls_stream += calls_stream;
        self.calls_request_only += calls_request_only;
        self.calls_unanswered += calls_unanswered;
        self.calls_response_only += calls_response_only;
        self.websocket_messages += websocket_messages;
        self.server_events += server_events;
        self.calls_in_progress += calls_in_progress;
        self.timeouts += timeouts;
        self.bodies_cut += bodies_cut;
        self.heads_cut += heads_cut;
    }
}

/// Assembles the calls of a worker.
pub struct Calls {
    response_timeout: Duration,
    stream_report: Duration,
    reports: Reports,
    /// Time between two looks at all connections.
    sweep_every: Duration,
    swept: Timestamp,
    lanes: Vec<Lane>,
    shared: Shared,
}

/// What all connections share.
pub(super) struct Shared {
    held_max: u64,
    /// Bytes held of all messages in progress.
    held: u64,
    pub(super) counts: Counts,
    pub(super) pool: Pool,
}

/// The messages in progress of one connection.
#[derive(Default)]
pub(super) struct Lane {
    /// As last lent; of no meaning while there is no message.
    connection: Option<Box<Connection>>,
    open: Vec<Open>,
    pub(super) sockets: Vec<Socket>,
}

/// A message in progress.
pub(super) struct Open {
    id: u64,
    role: Role,
    client: usize,
    stream: u64,
    pub(super) message: Message,
    pub(super) ended: bool,
    fate: Fate,
    pub(super) reported: Reported,
}

impl Open {
    /// The message it belongs with, if that is known.
    pub(super) const fn partner(&self) -> Option<u64> {
        match self.fate {
            Fate::With { partner, .. } => Some(partner),
            Fate::Unknown | Fate::Alone { .. } => None,
        }
    }

    /// Whether it answers.
    pub(super) fn is_response(&self) -> bool {
        self.role == Role::Response
    }

    /// Whether it is certain which message it belongs with, or that there is none.
    pub(super) const fn is_settled(&self) -> bool {
        matches!(self.fate, Fate::Alone { .. } | Fate::With { firm: true, .. })
    }
}

/// After which capture time what is in progress is given up.
#[derive(Clone, Copy)]
struct Due {
    /// A message whose partner does not come.
    timeout: Duration,
    /// A message that does not end.
    report: Duration,
    /// Whether the latter counts from the last byte, not from the first.
    follows: bool,
}

/// What is known of a message's partner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unknown,
    /// There is none: why, where that is known.
    Alone {
        why: Flags,
    },
    With {
        partner: u64,
        pairing: Pairing,
        firm: bool,
    },
}

impl Calls {
    /// A stage with no calls.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let response_timeout = Duration::from_secs(config.response_timeout_seconds.max(1));
        let stream_report = Duration::from_secs(config.stream_report_seconds_max.max(1));
        let reports = Reports {
            after: Duration::from_secs(config.streaming_report_seconds),
            bytes: config.streaming_report_bytes,
            hold: stream_report,
        };
        let mut sweep_every = response_timeout.min(stream_report) / 32;
        if reports.by_time() {
            sweep_every = sweep_every.min(reports.after / 8);
        }
        let counts = Counts::default();
        let held_max = config.body_bytes_total_max.max(1 << 20);
        let shared = Shared { held_max, held: 0, counts, pool: Pool::default() };
        Self {
            response_timeout,
            stream_report,
            reports,
            sweep_every,
            swept: Timestamp::ZERO,
            lanes: Vec::new(),
            shared,
        }
    }

    /// Follows the overload ladder: messages whose head is read from now on say so.
    pub fn set_rung(&mut self, rung: Rung) {
        self.shared.pool.rung = rung;
    }

    /// What was done since the stage was made.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// Bytes held of messages in progress.
    #[must_use]
    pub const fn held_bytes(&self) -> u64 {
        self.shared.held
    }

    /// Takes one event, and emits the calls that are over.
    pub fn push(&mut self, event: &HttpEvent<'_>, emit: &mut impl FnMut(Call)) {
        let index = usize::try_from(event.id.slot).unwrap_or(usize::MAX);
        if index >= self.lanes.len() {
            self.lanes.resize_with(index.saturating_add(1), Lane::default);
        }
        let Some(lane) = self.lanes.get_mut(index) else { return };
        let (shared, at) = (&mut self.shared, (event.time, event.ordinal));
        match &event.kind {
            HttpEventKind::Head(head) => lane.head(shared, event, head),
            HttpEventKind::Body { message, bytes, .. } => lane.body(shared, *message, bytes),
            HttpEventKind::End { message, end, .. } => {
                let Some(open) = lane.find(*message) else { return };
                let before = open.message.held_bytes();
                open.message.end(end);
                open.ended = true;
                shared.hold(open.message.held_bytes().saturating_sub(before));
                if end.events.is_some() {
                    lane.end_socket(shared, *message);
                }
                lane.try_emit(shared, *message, event.ordinal, emit);
            }
            HttpEventKind::Pair { request, response, proof, firm } => {
                let pairing = match proof {
                    Proof::Order => Pairing::Order,
                    Proof::Acknowledged => Pairing::Acknowledged,
                    Proof::Stream => Pairing::Stream,
                };
                for (id, partner) in [(*request, *response), (*response, *request)] {
                    if let Some(open) = lane.find(id) {
                        open.fate = Fate::With { partner, pairing, firm: *firm };
                    }
                }
                lane.try_emit(shared, *request, event.ordinal, emit);
                lane.try_emit(shared, *response, event.ordinal, emit);
            }
            HttpEventKind::Settled { request, holds } => {
                let Some(partner) = lane.settle(*request, *holds) else { return };
                lane.try_emit(shared, *request, event.ordinal, emit);
                lane.try_emit(shared, partner, event.ordinal, emit);
            }
            HttpEventKind::Alone { message, why } => {
                if let Some(open) = lane.find(*message) {
                    open.fate = Fate::Alone { why: *why };
                }
                lane.try_emit(shared, *message, event.ordinal, emit);
            }
            HttpEventKind::Progress { message, end } => {
                let Some(open) = lane.find(*message) else { return };
                open.message.advance(end);
                lane.report(shared, (*message, self.reports.by_bytes()), at, emit);
            }
            HttpEventKind::Trailing { message } => {
                if let Some(open) = lane.find(*message) {
                    open.message.trailing();
                }
            }
            HttpEventKind::Lost { .. } => {}
            HttpEventKind::SocketOpen { socket } => lane.open_socket(shared, *socket),
            HttpEventKind::Socket { facts, bytes } => {
                emit(lane.socket_message(shared, event, **facts, bytes));
            }
            HttpEventKind::Event { facts, event: said, bytes } => {
                emit(lane.server_event(shared, event, **facts, said, bytes));
            }
            HttpEventKind::SocketEnd { socket } => lane.end_socket(shared, *socket),
            HttpEventKind::Close { .. } => {
                lane.drain(shared, event.ordinal, emit);
                lane.end_sockets(shared);
                lane.clear();
            }
        }
    }

    /// Emits what has waited too long at `now`. Cheap unless it is time to look.
    pub fn expire(&mut self, now: Timestamp, ordinal: u64, emit: &mut impl FnMut(Call)) {
        if now.since(self.swept) < self.sweep_every {
            return;
        }
        self.swept = now;
        let due = Due {
            timeout: self.response_timeout,
            report: self.stream_report,
            follows: self.reports.by_time(),
        };
        for lane in &mut self.lanes {
            if self.reports.by_time() {
                lane.report_all(&mut self.shared, self.reports, (now, ordinal), emit);
            }
            let mut at = 0;
            while let Some(open) = lane.open.get(at) {
                let id = open.id;
                if lane.is_due(open, now, due) {
                    self.shared.counts.timeouts += 1;
                    lane.force(&mut self.shared, id, ordinal, emit);
                    at = 0;
                } else {
                    at = at.saturating_add(1);
                }
            }
        }
    }

    /// Emits everything that is in progress: the capture is over.
    pub fn finish(&mut self, ordinal: u64, emit: &mut impl FnMut(Call)) {
        for lane in &mut self.lanes {
            lane.drain(&mut self.shared, ordinal, emit);
            lane.end_sockets(&mut self.shared);
        }
        self.lanes.clear();
    }

    /// Takes back a call that is used up, for its buffers.
    pub fn recycle(&mut self, call: Call) {
        for message in [call.request, call.response].into_iter().flatten() {
            self.shared.pool.keep(message);
        }
        if let Some(socket) = call.socket {
            self.shared.pool.keep_payload(socket.payload);
        }
    }
}

impl Shared {
    pub(super) fn hold(&mut self, bytes: usize) {
        self.held = self.held.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn release(&mut self, message: &Message) {
        self.release_bytes(message.held_bytes());
    }

    pub(super) fn release_bytes(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Bytes that may still be held.
    pub(super) fn room(&self) -> usize {
        usize::try_from(self.held_max.saturating_sub(self.held)).unwrap_or(usize::MAX)
    }

    /// Builds the call of one or two messages.
    fn call(
        &mut self,
        connection: &Connection,
        pairing: Pairing,
        messages: [Option<Open>; 2],
        ordinal: u64,
    ) -> Call {
        let (mut client, mut stream, mut unanswered) = (0, 0, Flags::default());
        let [request, response] = messages.map(|open| {
            open.map(|mut open| {
                (client, stream) = (open.client, open.stream);
                if let Fate::Alone { why } = open.fate {
                    unanswered.insert(why);
                }
                self.release(&open.message);
                if !open.ended {
                    open.message.cut();
                }
                open.message
            })
        });
        match (pairing, &request) {
            (Pairing::Order, _) => self.counts.calls_order += 1,
            (Pairing::Acknowledged, _) => self.counts.calls_acknowledged += 1,
            (Pairing::Stream, _) => self.counts.calls_stream += 1,
            (Pairing::OneSided, Some(_)) if unanswered != Flags::default() => {
                self.counts.calls_unanswered += 1;
            }
            (Pairing::OneSided, Some(_)) => self.counts.calls_request_only += 1,
            (Pairing::OneSided, None) => self.counts.calls_response_only += 1,
        }
        let facts = call_facts(connection, client, pairing);
        let facts = CallFacts { ordinal, stream, unanswered, ..facts };
        Call { facts, request, response, session: None, socket: None }
    }
}

impl Lane {
    /// Makes room for another connection. What few messages need stays.
    fn clear(&mut self) {
        self.open.clear();
        self.open.shrink_to(LANE_MESSAGES);
        self.sockets = Vec::new();
    }

    pub(super) fn find(&mut self, id: u64) -> Option<&mut Open> {
        self.open.iter_mut().rev().find(|open| open.id == id)
    }

    pub(super) fn has(&self, id: u64) -> Option<&Open> {
        self.open.iter().rev().find(|open| open.id == id)
    }

    fn take(&mut self, id: u64) -> Option<Open> {
        let at = self.open.iter().rposition(|open| open.id == id)?;
        Some(self.open.remove(at))
    }

    fn head(&mut self, shared: &mut Shared, event: &HttpEvent<'_>, head: &Head<'_>) {
        match &mut self.connection {
            Some(connection) => **connection = *event.connection,
            None => self.connection = Some(Box::new(*event.connection)),
        }
        let room = shared.room() > 0;
        shared.counts.heads_cut += u64::from(!room);
        let mut message =
            shared.pool.message(head, sequence(event, head.role, head.start_offset), room);
        if head.role == Role::Request {
            message.prelude = event.prelude.cloned();
        }
        shared.hold(message.held_bytes());
        let (id, role, client, stream) = (head.message, head.role, event.client, head.stream);
        self.open.push(Open {
            id,
            role,
            client,
            stream,
            message,
            ended: false,
            fate: Fate::Unknown,
            reported: Reported::nothing(head.start_time),
        });
    }

    fn body(&mut self, shared: &mut Shared, id: u64, bytes: &[u8]) {
        let room = shared.room();
        let Some(open) = self.find(id) else { return };
        let now = bytes.get(..room).unwrap_or(bytes);
        let cut = now.len() < bytes.len() || open.message.facts.body_cut;
        if cut {
            shared.counts.bodies_cut += u64::from(!open.message.facts.body_cut);
            open.message.facts.body_cut = true;
            return;
        }
        shared.pool.add(&mut open.message.body, now);
        shared.hold(now.len());
    }

    /// The pair of the request numbered `id` stands, or is none; gives back the response.
    fn settle(&mut self, id: u64, holds: bool) -> Option<u64> {
        let fate = self.find(id).map(|open| open.fate)?;
        let Fate::With { partner, pairing, .. } = fate else { return None };
        for (id, partner) in [(id, partner), (partner, id)] {
            let settled = Fate::With { partner, pairing, firm: true };
            if let Some(open) = self.find(id) {
                open.fate = if holds { settled } else { Fate::Alone { why: Flags::default() } };
            }
        }
        Some(partner)
    }

    /// Emits the call of a message if nothing more is awaited for it.
    fn try_emit(
        &mut self,
        shared: &mut Shared,
        id: u64,
        ordinal: u64,
        emit: &mut impl FnMut(Call),
    ) {
        let Some(open) = self.has(id) else { return };
        let over = open.ended
            && match open.fate {
                Fate::Unknown => false,
                Fate::Alone { .. } => true,
                Fate::With { partner, firm, .. } => {
                    self.has(partner).is_none_or(|other| other.ended && firm)
                }
            };
        if over {
            self.force(shared, id, ordinal, emit);
        }
    }

    /// Emits the call of a message as it is.
    fn force(&mut self, shared: &mut Shared, id: u64, ordinal: u64, emit: &mut impl FnMut(Call)) {
        let Some(open) = self.take(id) else { return };
        let (other, pairing) = match open.fate {
            Fate::With { partner, pairing, .. } => match self.take(partner) {
                Some(other) => (Some(other), pairing),
                None => (None, Pairing::OneSided),
            },
            Fate::Unknown | Fate::Alone { .. } => (None, Pairing::OneSided),
        };
        let Some(connection) = self.connection.as_deref() else { return };
        let messages =
            if open.role == Role::Request { [Some(open), other] } else { [other, Some(open)] };
        emit(shared.call(connection, pairing, messages, ordinal));
    }

    fn is_due(&self, open: &Open, now: Timestamp, after: Due) -> bool {
        let due = |open: &Open| {
            let facts = &open.message.facts;
            match (open.ended, after.follows) {
                (true, _) => now.since(facts.end_time) >= after.timeout,
                // What is told as it goes on is followed for as long as it does.
                (false, true) => now.since(facts.end_time) >= after.report,
                (false, false) => now.since(facts.start_time) >= after.report,
            }
        };
        let partner = match open.fate {
            Fate::With { partner, .. } => self.has(partner),
            Fate::Unknown | Fate::Alone { .. } => None,
        };
        due(open) && partner.is_none_or(due)
    }

    /// Tells of every response that goes on for long.
    fn report_all(
        &mut self,
        shared: &mut Shared,
        reports: Reports,
        at: (Timestamp, u64),
        emit: &mut impl FnMut(Call),
    ) {
        for index in 0..self.open.len() {
            if let Some(id) = self.open.get(index).map(|open| open.id) {
                self.report(shared, (id, reports), at, emit);
            }
        }
    }

    /// The call of the response numbered `id`, which goes on, as these copies have it.
    pub(super) fn interim(
        &self,
        request: Option<Message>,
        response: Message,
        id: u64,
        ordinal: u64,
    ) -> Option<Call> {
        let open = self.has(id)?;
        let pairing = match open.fate {
            Fate::With { pairing, .. } if request.is_some() => pairing,
            _ => Pairing::OneSided,
        };
        let facts = call_facts(self.connection.as_deref()?, open.client, pairing);
        let facts = CallFacts { ordinal, stream: open.stream, ..facts };
        Some(Call { facts, request, response: Some(response), session: None, socket: None })
    }

    fn drain(&mut self, shared: &mut Shared, ordinal: u64, emit: &mut impl FnMut(Call)) {
        while let Some(open) = self.open.first() {
            let id = open.id;
            self.force(shared, id, ordinal, emit);
        }
    }
}
