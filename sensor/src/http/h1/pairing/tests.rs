//! Tests: clients that keep several requests under way (a window), seen with loss. What shows that they do counts, however
//! late: what acknowledgements say of such a client is no proof.

use std::ops::Range;

use super::super::super::Role;
use super::super::framing::Method;
use super::{Asked, Question, Queue, Told, Upto, Verdict};

/// A connection, followed from its start. Requests and responses that belong together have one number.
struct Line {
    queue: Queue,
    upto: Upto,
    log: Vec<Verdict>,
}

impl Line {
    fn new() -> Self {
        let upto = Upto { requests: 0, responses: 0 };
        Self { queue: Queue::new(true), upto, log: Vec::new() }
    }

    fn settle(&mut self) {
        let Self { queue, upto, log } = self;
        queue.settle(*upto, &mut |verdict| log.push(verdict));
    }

    fn ask(&mut self, id: u64, at: Range<u64>, acked: u64) {
        let (start, end) = (at.start, Some(at.end));
        let acked = Some(acked);
        let (acked_at_end, method) = (acked, Method::Other);
        let asked = Asked { id, start, end, open: false, acked, acked_at_end, method };
        self.upto.requests = at.end;
        self.queue.request(asked, 100, &mut |verdict| self.log.push(verdict));
        self.settle();
    }

    fn tell(&mut self, id: u64, at: Range<u64>, acked: u64) {
        let (start, acked, question) = (at.start, Some(acked), Question::None);
        let told = Told { id, group: start, start, acked, end: None, timeout: false, question };
        self.queue.heard(start, acked);
        self.upto.responses = at.start;
        self.queue.response(told, &mut |verdict| self.log.push(verdict));
        self.settle();
        self.upto.responses = at.end;
        self.queue.response_end(id, at.end, &mut |verdict| self.log.push(verdict));
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
    assert_eq!(line.pairs(), [(1, 1), (4, 3)]);
}

/// Nothing is hidden before the first request of a connection whose start was captured late: order goes on.
#[test]
fn a_late_start_alone_ends_no_order() {
    let mut line = Line::new();
    for role in [Role::Request, Role::Response] {
        line.queue.lost(role, false, &mut |verdict| line.log.push(verdict));
    }
    line.ask(1, 0..10, 0);
    line.tell(1, 0..100, 10);
    line.ask(2, 10..20, 100);
    line.ask(3, 20..30, 100);
    line.tell(2, 100..200, 30);
    line.ask(4, 30..40, 200);
    line.tell(3, 200..300, 40);
    line.tell(4, 300..400, 40);
    assert_eq!(line.pairs(), [(1, 1), (2, 2), (3, 3), (4, 4)]);
}
