//! Responses that run long are told while they go on.

use std::time::Duration;

use super::assemble::{Lane, Open, Shared};
use super::{Call, Message};
use crate::http::event_stream::Totals;
use crate::time::Timestamp;

/// Each part is told after twice the time and bytes of the one before, this many times at most.
const DOUBLINGS_MAX: u32 = 4;

/// How far a message that runs long is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streaming {
    /// Position among the records of the call, from 0.
    pub part: u32,
    /// Whether the message goes on.
    pub goes_on: bool,
    /// What was said in server-sent events; `None` when it is no stream of them.
    pub events: Option<Totals>,
}

/// When responses in progress are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reports {
    /// Capture time after which one is; zero for never.
    pub(super) after: Duration,
    /// Bytes of a body after which one is; 0 for never.
    pub(super) bytes: u64,
    /// Capture time after which bodies are let go, as they were told.
    pub(super) hold: Duration,
}

/// What was told last of a response in progress.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reported {
    part: u32,
    time: Timestamp,
    bytes: u64,
}

impl Reported {
    /// Nothing: it begins at `time`.
    pub(super) const fn nothing(time: Timestamp) -> Self {
        Self { part: 0, time, bytes: 0 }
    }
}

impl Reports {
    /// Whether anything is told by time.
    pub(super) const fn by_time(&self) -> bool {
        !self.after.is_zero()
    }

    /// The same by bytes alone.
    pub(super) const fn by_bytes(self) -> Self {
        Self { after: Duration::ZERO, ..self }
    }

    /// Whether a response in progress is to be told, as it was last and now is.
    fn due(&self, open: &Open, now: Timestamp) -> bool {
        let Reported { part, time, bytes } = open.reported;
        let doubled = part.min(DOUBLINGS_MAX);
        let body = open.message.facts.body_bytes;
        let news = part == 0 || body > bytes;
        let late = self.by_time() && now.since(time) >= self.after.saturating_mul(1 << doubled);
        let most = self.bytes.saturating_mul(1 << doubled);
        news && (late || most > 0 && body.saturating_sub(bytes) >= most)
    }
}

impl Lane {
    /// Tells of the response numbered `id`, if it is time and certain what it answers.
    pub(super) fn report(
        &mut self,
        shared: &mut Shared,
        (id, reports): (u64, Reports),
        (now, ordinal): (Timestamp, u64),
        emit: &mut impl FnMut(Call),
    ) {
        let Some(open) = self.has(id) else { return };
        if !open.is_response() || open.ended || !open.is_settled() || !reports.due(open, now) {
            return;
        }
        let (asked, response, reported) = (open.partner(), copy(open), open.reported);
        let request = asked.and_then(|id| self.has(id)).map(copy);
        let Some(call) = self.interim(request, response, id, ordinal) else { return };
        shared.counts.calls_in_progress += 1;
        emit(call);
        let Some(open) = self.find(id) else { return };
        let part = reported.part.saturating_add(1);
        open.reported = Reported { part, time: now, bytes: open.message.facts.body_bytes };
        open.message.facts.streaming.part = part;
        if now.since(open.message.facts.start_time) >= reports.hold {
            let freed = open.message.drop_body();
            shared.release_bytes(freed);
        }
    }
}

/// A copy of a message as far as it was seen.
fn copy(open: &Open) -> Message {
    let mut message = open.message.copy();
    if !open.ended {
        message.cut();
        message.facts.streaming.goes_on = true;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::super::testing::Run;
    use super::super::{Calls, Config, Pairing};
    use super::*;
    use crate::http::Http;
    use crate::reassembly::{CloseReason, ConnectionId, Side, StreamEvent, StreamEventKind};

    /// What was told: status, part, whether it goes on, bytes of the body, and of it held.
    type Told = (u16, u32, bool, u64, usize);

    struct Line {
        http: Http,
        calls: Calls,
        offsets: [u64; 2],
        told: Vec<Told>,
    }

    impl Line {
        fn new(config: &Config) -> Self {
            let (http, calls) = (Http::new(&Default::default()), Calls::new(config));
            Self { http, calls, offsets: [0; 2], told: Vec::new() }
        }

        fn event(&mut self, second: u64, kind: StreamEventKind<'_>) {
            let Self { http, calls, told, .. } = self;
            let connection = Run::default().connection();
            let (id, time) = (ConnectionId { slot: 0 }, Timestamp::new(second, 0));
            let event = StreamEvent { id, connection: &connection, time, ordinal: second, kind };
            http.push(&event, &mut |event| calls.push(&event, &mut |call| note(&call, told)));
        }

        fn say(&mut self, second: u64, side: Side, bytes: &[u8]) {
            let (offset, acked) = (self.offsets[side.index()], self.offsets[side.other().index()]);
            let (acked, segment_start) = (Some(acked), true);
            let data = StreamEventKind::Data { side, offset, acked, segment_start, bytes };
            self.event(second, data);
            self.offsets[side.index()] += bytes.len() as u64;
        }

        fn pass(&mut self, seconds: std::ops::Range<u64>) {
            let Self { calls, told, .. } = self;
            for second in seconds {
                calls.expire(Timestamp::new(second, 0), second, &mut |call| note(&call, told));
            }
        }
    }

    fn note(call: &Call, told: &mut Vec<Told>) {
        if call.socket.is_some() {
            return;
        }
        assert!(call.request.is_some() && call.facts.pairing == Pairing::Order);
        let response = call.response.as_ref().unwrap();
        let Streaming { part, goes_on, .. } = response.facts.streaming;
        let facts = &response.facts;
        told.push((facts.status, part, goes_on, facts.body_bytes, response.body().len()));
    }

    const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    #[test]
    fn a_response_that_runs_is_told_in_parts() {
        let mut line = Line::new(&Config::default());
        line.say(1, Side::A, GET);
        line.say(1, Side::B, HEAD);
        line.say(2, Side::B, b"data: 1\n\n");
        line.pass(2..60);
        assert!(line.told.is_empty());
        line.pass(60..130);
        assert_eq!(line.told, [(200, 0, true, 9, 9)]);
        // Nothing new, nothing told.
        line.pass(130..400);
        line.say(400, Side::B, b"data: 2\n\n");
        line.pass(400..420);
        line.say(600, Side::B, b"data: 3\n\n");
        line.pass(600..900);
        // The body was held for long enough.
        assert_eq!(line.told[1..], [(200, 1, true, 18, 18), (200, 2, true, 27, 27)]);
        assert_eq!(line.calls.counts().calls_in_progress, 3);
        line.say(900, Side::B, b"data: 4\n\n");
        line.event(901, StreamEventKind::Close { reason: CloseReason::Fin });
        assert_eq!(line.told[3..], [(200, 3, false, 36, 0)]);
        assert_eq!(line.calls.held_bytes(), 0);
    }

    #[test]
    fn short_calls_are_told_once() {
        let mut line = Line::new(&Config::default());
        line.say(1, Side::A, GET);
        line.say(30, Side::B, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        line.pass(30..200);
        assert_eq!(line.told, [(200, 0, false, 2, 2)]);
    }

    #[test]
    fn a_long_body_is_told_by_its_bytes() {
        let config = Config { streaming_report_bytes: 1 << 20, ..Config::default() };
        let mut line = Line::new(&config);
        line.say(1, Side::A, GET);
        line.say(1, Side::B, b"HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
        for _ in 0..128 {
            line.say(1, Side::B, &[b'x'; 65536]);
        }
        let seen: Vec<_> = line.told.iter().map(|told| (told.1, told.2, told.3 >> 20)).collect();
        assert_eq!(seen, [(0, true, 1), (1, true, 3), (2, true, 7), (3, false, 8)]);
    }

    #[test]
    fn nothing_is_told_early_when_that_is_off() {
        let config = Config { streaming_report_seconds: 0, ..Config::default() };
        let config = Config { streaming_report_bytes: 0, ..config };
        let mut line = Line::new(&config);
        line.say(1, Side::A, GET);
        line.say(1, Side::B, HEAD);
        line.say(2, Side::B, b"data: 1\n\n");
        line.pass(2..600);
        assert!(line.told.is_empty());
    }

    #[test]
    fn what_stands_still_is_given_up() {
        let mut line = Line::new(&Config::default());
        line.say(1, Side::A, GET);
        line.say(1, Side::B, HEAD);
        line.say(2, Side::B, b"data: 1\n\n");
        line.pass(2..700);
        assert_eq!(line.told, [(200, 0, true, 9, 9), (200, 1, false, 9, 9)]);
        assert_eq!(line.calls.counts().timeouts, 1);
    }
}
