//! Times and completeness of the two messages: what `redact` leaves to `record`.

use apitap_proto::{Timestamp as ProtoTime, v1};
use v1::completeness::{Pairing as RecordPairing, State};

use super::message;
use crate::call::{CallFacts, MessageFacts, Pairing};
use crate::http::{Completeness, Flags};
use crate::redact::{schema, wire};
use crate::rung::Rung;
use crate::time::Timestamp;
use crate::tls::SessionFacts;

/// The protocol on the wire, by the version of either message.
pub(super) fn protocol(facts: Option<&MessageFacts>) -> v1::Protocol {
    match facts.map(|facts| facts.version.0) {
        None => v1::Protocol::Unspecified,
        Some(2) => v1::Protocol::Http2,
        Some(3) => v1::Protocol::Http3,
        Some(_) => v1::Protocol::Http1,
    }
}

/// Writes the request with its times; gives back where `content` begins.
pub(super) fn request(out: &mut Vec<u8>, content: &[u8], facts: Option<&MessageFacts>) -> usize {
    let request = wire::open(out, schema::record::REQUEST);
    times(out, facts);
    out.extend_from_slice(content);
    wire::close(out, request);
    out.len().saturating_sub(content.len())
}

/// Writes the response with its times and latency.
pub(super) fn response(
    out: &mut Vec<u8>,
    content: &[u8],
    facts: Option<&MessageFacts>,
    asked: Option<&MessageFacts>,
) {
    let response = wire::open(out, schema::record::RESPONSE);
    times(out, facts);
    out.extend_from_slice(content);
    if let Some(latency) = asked.zip(facts).and_then(|(asked, facts)| latency(asked, facts)) {
        wire::present(out, schema::response::LATENCY_NS, latency);
    }
    wire::close(out, response);
}

/// First and last time: the same fields in `Request` and `Response`.
fn times(out: &mut Vec<u8>, facts: Option<&MessageFacts>) {
    let Some(facts) = facts else { return };
    message(out, schema::request::START_TIME, &proto_time(facts.start_time));
    message(out, schema::request::END_TIME, &proto_time(facts.end_time));
}

/// Writes a session that could not be read; gives back where `content` begins.
pub(super) fn session(out: &mut Vec<u8>, content: &[u8]) -> usize {
    let session = wire::open(out, schema::record::ENCRYPTED_SESSION);
    out.extend_from_slice(content);
    wire::close(out, session);
    out.len().saturating_sub(content.len())
}

/// What was seen of a session that could not be read: of each side, all, not all, or nothing.
pub(super) fn session_completeness(facts: &CallFacts, session: &SessionFacts) -> v1::Completeness {
    let ([asked, answered], [asked_lost, answered_lost]) = (session.bytes, session.missing);
    let state = |bytes: u64, lost: u64| match (bytes, lost) {
        (0, _) => State::Unseen,
        (_, 0) => State::Complete,
        _ => State::Gap,
    };
    v1::Completeness {
        request: state(asked, asked_lost).into(),
        response: state(answered, answered_lost).into(),
        request_bytes_missing: asked_lost,
        response_bytes_missing: answered_lost,
        mid_connection: !facts.connection.handshake || session.midway,
        ..v1::Completeness::default()
    }
}

/// What was seen and what was not.
pub(super) fn completeness(
    facts: &CallFacts,
    request: Option<&MessageFacts>,
    response: Option<&MessageFacts>,
) -> v1::Completeness {
    let missing = |message: Option<&MessageFacts>| message.map_or(0, |facts| facts.missing_bytes);
    let flags = |message: Option<&MessageFacts>| {
        let flags = message.map_or(Flags::default(), |facts| facts.flags);
        if flags == Flags::default() {
            return Vec::new();
        }
        flags.names().map(str::to_owned).collect()
    };
    let pairing = match facts.pairing {
        _ if request.is_none() || response.is_none() => RecordPairing::OneSided,
        Pairing::OneSided => RecordPairing::OneSided,
        Pairing::Order => RecordPairing::InOrder,
        Pairing::Acknowledged => RecordPairing::Acknowledged,
        Pairing::Stream => RecordPairing::Stream,
    };
    v1::Completeness {
        request: state(request).into(),
        response: state(response).into(),
        request_bytes_missing: missing(request),
        response_bytes_missing: missing(response),
        mid_connection: !facts.connection.handshake,
        pairing: pairing.into(),
        rung: rung(request, response).number().into(),
        request_flags: flags(request),
        response_flags: flags(response),
    }
}

/// The rung of the message of which less was inspected.
fn rung(request: Option<&MessageFacts>, response: Option<&MessageFacts>) -> Rung {
    [request, response].into_iter().flatten().map(|facts| facts.rung).max().unwrap_or_default()
}

fn state(message: Option<&MessageFacts>) -> State {
    message.map_or(State::Unseen, |facts| match facts.streaming.goes_on {
        true => State::InProgress,
        false => known(facts.completeness),
    })
}

/// How much was seen of what was seen at all.
pub(super) const fn known(completeness: Completeness) -> State {
    match completeness {
        Completeness::Complete => State::Complete,
        Completeness::Truncated => State::Truncated,
        Completeness::Gap => State::Gap,
    }
}

/// Time from the last request byte to the first response byte, in nanoseconds; zero when the answer began
/// before the request was over. Absent when the request's end was not seen.
fn latency(request: &MessageFacts, response: &MessageFacts) -> Option<u64> {
    (request.completeness != Completeness::Truncated)
        .then(|| response.start_time.nanos().saturating_sub(request.end_time.nanos()))
}

/// `u64` nanoseconds are at most the year 2554: both parts always fit.
fn proto_time(time: Timestamp) -> ProtoTime {
    const SECOND: u64 = 1_000_000_000;
    let nanos = time.nanos();
    ProtoTime {
        seconds: i64::try_from(nanos / SECOND).unwrap_or(i64::MAX),
        nanos: i32::try_from(nanos % SECOND).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{facts, message};
    use super::*;
    use super::{Timestamp, completeness, latency, proto_time};

    #[test]
    fn latency_needs_the_end_of_the_request() {
        let (mut request, mut response) = (message(1), message(2));
        request.end_time = Timestamp::from_nanos(100);
        response.start_time = Timestamp::from_nanos(350);
        assert_eq!(latency(&request, &response), Some(250));
        // An early answer (RFC 9110 §15.5.14 and the like) has no negative latency.
        response.start_time = Timestamp::from_nanos(50);
        assert_eq!(latency(&request, &response), Some(0));
        request.completeness = Completeness::Truncated;
        assert_eq!(latency(&request, &response), None);
    }

    #[test]
    fn times_of_any_size_fit() {
        let time = proto_time(Timestamp::from_nanos(u64::MAX));
        assert_eq!((time.seconds, time.nanos), (18_446_744_073, 709_551_615));
        assert_eq!(proto_time(Timestamp::new(7, 9)), ProtoTime { seconds: 7, nanos: 9 });
    }

    #[test]
    fn one_side_is_never_called_a_pair() {
        let call = CallFacts { pairing: Pairing::Order, ..facts() };
        let alone = completeness(&call, Some(&message(1)), None);
        assert_eq!(alone.pairing(), RecordPairing::OneSided);
        assert_eq!((alone.request(), alone.response()), (State::Complete, State::Unseen));
        let pair = completeness(&call, Some(&message(1)), Some(&message(2)));
        assert_eq!(pair.pairing(), RecordPairing::InOrder);
        let streamed = completeness(
            &CallFacts { pairing: Pairing::Stream, ..call },
            Some(&message(1)),
            Some(&message(2)),
        );
        assert_eq!(streamed.pairing(), RecordPairing::Stream);
    }
}
