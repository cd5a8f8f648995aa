//! Tests: clients that keep several requests under way (a window), seen with loss. What shows that they do counts, however
//! late: what acknowledgements say of such a client is no proof.

use std::ops::Range;
use std::time::Duration;

use super::super::super::Role;
use super::super::framing::Method;
use super::{Asked, Question, Queue, Told, Upto, Verdict};
use crate::time::Timestamp;

/// A connection, followed from its start. Requests and responses that belong together have one number.
struct Line {
    queue: Queue,
    upto: Upto,
    time: Timestamp,
    log: Vec<Verdict>,
}

impl Line {
    fn new() -> Self {
        let upto = Upto { requests: 0, responses: 0 };
        Self { queue: Queue::new(true), upto, time: Timestamp::ZERO, log: Vec::new() }
    }

    /// Joined midway.
    fn joined() -> Self {
        let mut line = Self { queue: Queue::new(false), ..Self::new() };
        for role in [Role::Request, Role::Response] {
            line.queue.lost(role, false, &mut |verdict| line.log.push(verdict));
        }
        line
    }

    fn pass(&mut self, milliseconds: u64) {
        self.time = self.time.plus(Duration::from_millis(milliseconds));
    }

    fn settle(&mut self) {
        let Self { queue, upto, log, .. } = self;
        queue.settle(*upto, &mut |verdict| log.push(verdict));
    }

    fn ask(&mut self, id: u64, at: Range<u64>, acked: u64) {
        let (start, end) = (at.start, Some(at.end));
        let acked = Some(acked);
        let (acked_at_end, method, time) = (acked, Method::Other, self.time);
        let asked = Asked {
            id,
            start,
            end,
            open: false,
            acked,
            acked_at_end,
            follows: false,
            time,
            method,
        };
        self.upto.requests = at.end;
        self.queue.request(asked, 100, &mut |verdict| self.log.push(verdict));
        self.settle();
    }

    fn tell(&mut self, id: u64, at: Range<u64>, acked: u64) {
        let (start, acked, question) = (at.start, Some(acked), Question::None);
        let time = self.time;
        let told =
            Told { id, group: start, start, acked, end: None, time, timeout: false, question };
        self.queue.heard(start, acked);
        self.upto.responses = at.start;
        self.queue.response(told, &mut |verdict| self.log.push(verdict));
        self.settle();
        self.upto.responses = at.end;
        self.queue.response_end(id, at.end, time, &mut |verdict| self.log.push(verdict));
        self.settle();
    }

    /// A request is lost, and nothing else.
    fn lose(&mut self) {
        self.queue.lost(Role::Request, true, &mut |verdict| self.log.push(verdict));
        self.settle();
    }

    /// Pairs that are not withdrawn: request and response.
    fn pairs(mut self) -> Vec<(u64, u64)> {
        self.queue.close(&mut |verdict| self.log.push(verdict));
        let withdrawn =
            |id: u64| self.log.contains(&Verdict::Settled { request: id, holds: false });
        let pair = |verdict: &Verdict| match *verdict {
            Verdict::Pair { request, response, .. } => Some((request, response)),
            Verdict::Settled { .. } | Verdict::Alone(_) => None,
        };
        self.log.iter().filter_map(pair).filter(|pair| !withdrawn(pair.0)).collect()
    }
}

/// The request behind the hole was begun when the client had two of three responses that came before it was delivered.
#[test]
fn a_request_begun_between_responses_shows_a_window() {
    let mut line = Line::new();
    for id in 1..=3 {
        line.ask(id, id * 10 - 10..id * 10, 0);
    }
    for (id, acked) in [(1, 30), (2, 30), (3, 50)] {
        line.tell(id, id * 100 - 100..id * 100, acked);
    }
    line.lose();
    line.ask(5, 40..50, 200);
    line.ask(6, 50..60, 300);
    line.tell(4, 300..400, 60);
    line.tell(5, 400..500, 60);
    assert_eq!(line.pairs(), [(1, 1), (2, 2), (3, 3)]);
}

/// With the lost one more was asked than had been answered when the client went on.
#[test]
fn fewer_responses_than_requests_show_a_window() {
    let mut line = Line::new();
    line.ask(1, 0..10, 0);
    line.lose();
    for id in 3..=5 {
        line.ask(id, id * 10 - 10..id * 10, 0);
    }
    for id in 1..=4 {
        line.tell(id, id * 100 - 100..id * 100, 50);
    }
    line.ask(6, 50..60, 400);
    line.tell(5, 400..500, 60);
    line.tell(6, 500..600, 60);
    assert_eq!(line.pairs(), [(1, 1)]);
}

/// A client that waits for all that it asked is believed: as many responses as requests.
#[test]
fn a_batch_is_told_behind_a_hole() {
    let mut line = Line::new();
    line.ask(1, 0..10, 0);
    line.lose();
    for id in 3..=5 {
        line.ask(id, id * 10 - 10..id * 10, 0);
    }
    for id in 1..=5 {
        line.tell(id, id * 100 - 100..id * 100, 50);
    }
    line.ask(6, 50..60, 500);
    line.tell(6, 500..600, 60);
    assert_eq!(line.pairs(), [(1, 1), (6, 6)]);
}

/// What was paired by acknowledgements before the window shows itself may be wrong: order does not go on from there.
#[test]
fn order_that_rests_on_a_window_ends() {
    let mut line = Line::new();
    line.ask(1, 0..10, 0);
    line.tell(1, 0..100, 30);
    line.lose();
    line.tell(2, 100..200, 30);
    line.ask(4, 30..40, 200);
    line.tell(3, 200..300, 40);
    line.tell(4, 300..400, 50);
    line.ask(5, 40..50, 200);
    for id in 5..=8 {
        line.tell(id, id * 100 - 100..id * 100, id * 10 + 10);
        line.ask(id + 1, id * 10..id * 10 + 10, id * 100 - 100);
    }
    line.tell(9, 800..900, 90);
    assert_eq!(line.pairs(), [(1, 1)]);
}

/// Joined midway, the first response may answer a request from before: once the window shows, no pair stands.
#[test]
fn a_late_start_proves_nothing_of_a_window() {
    let mut line = Line::joined();
    line.ask(1, 0..10, 0);
    line.tell(1, 0..100, 10);
    line.ask(2, 10..20, 100);
    line.ask(3, 20..30, 100);
    line.tell(2, 100..200, 30);
    line.ask(4, 30..40, 200);
    line.tell(3, 200..300, 40);
    line.tell(4, 300..400, 40);
    assert_eq!(line.pairs(), []);
}

/// A server that takes longer than the next request does to come hides a window until the client has asked all it wants.
#[test]
fn a_slow_server_hides_a_window_up_to_the_end() {
    for window in 1..=16 {
        for calls in [3_u64, 20, 30] {
            let mut line = Line::joined();
            let (ask, tell) = (|id: u64| id * 10..id * 10 + 10, |id: u64| id * 100..id * 100 + 100);
            for id in 0..calls {
                line.ask(id + window, ask(id), id * 100);
                line.tell(id + 1, tell(id), id * 10 + 10);
            }
            for id in calls..calls + window - 1 {
                line.tell(id + 1, tell(id), calls * 10);
            }
            let pairs = line.pairs();
            let right = if window == 1 { calls } else { 0 };
            let wrong = pairs.iter().filter(|pair| pair.0 != pair.1).count();
            assert_eq!((pairs.len() as u64, wrong), (right, 0), "window {window}, {calls} calls");
        }
    }
}

/// The same behind a lost request, near the start of a connection: the hole hides what shows the window.
#[test]
fn a_lost_request_hides_a_window_up_to_the_end() {
    let mut line = Line::new();
    line.ask(1, 0..10, 0);
    line.lose();
    line.tell(1, 0..100, 20);
    for id in 2..10 {
        line.ask(id + 1, id * 10..id * 10 + 10, id * 100 - 100);
        line.tell(id, id * 100 - 100..id * 100, id * 10 + 10);
    }
    line.tell(10, 900..1000, 100);
    assert_eq!(line.pairs(), [(1, 1)]);
}

/// Of a client that was seen to wait, a pair stands at once.
#[test]
fn a_client_known_to_wait_is_believed() {
    let mut line = Line::new();
    for id in 1..=6 {
        line.ask(id, id * 10 - 10..id * 10, id * 100 - 100);
        line.tell(id, id * 100 - 100..id * 100, id * 10);
    }
    line.lose();
    line.tell(7, 600..700, 70);
    line.ask(8, 70..80, 700);
    line.tell(8, 700..800, 80);
    line.ask(9, 80..90, 800);
    line.tell(9, 800..900, 90);
    let settled = Verdict::Settled { request: 8, holds: true };
    assert!(line.log.contains(&settled));
    assert_eq!(line.pairs()[6..], [(8, 8), (9, 9)]);
}

/// Joined midway, a client that was idle for long awaits nothing: what is on trial stands then, not at the end.
#[test]
fn a_client_that_was_idle_awaits_nothing() {
    for (idle, settled) in [(500, false), (1500, true)] {
        let mut line = Line::joined();
        line.ask(1, 0..10, 0);
        line.pass(20);
        line.tell(1, 0..100, 10);
        line.pass(idle);
        line.ask(2, 10..20, 100);
        line.tell(2, 100..200, 20);
        let verdict = Verdict::Settled { request: 2, holds: true };
        assert_eq!(line.log.contains(&verdict), settled, "{idle}");
        assert_eq!(line.pairs(), [(1, 1), (2, 2)]);
    }
}

/// What answers the first of a batch while the second is on its way is no sign of a window.
#[test]
fn a_batch_that_is_answered_as_it_comes_is_believed() {
    let mut line = Line::joined();
    for first in [1, 4, 7] {
        let had = first * 100 - 100;
        for id in first..first + 3 {
            line.ask(id, id * 10 - 10..id * 10, had);
        }
        for id in first..first + 3 {
            line.tell(id, id * 100 - 100..id * 100, id * 10);
        }
    }
    assert_eq!(line.pairs(), (1..=9).map(|id| (id, id)).collect::<Vec<_>>());
}
