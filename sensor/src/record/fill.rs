//! Times and completeness of the two messages: what `redact` leaves to `record`.

use apitap_proto::v1;
use v1::completeness::{Pairing as RecordPairing, State};

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
    let times = times(facts);
    let times = times.as_slice();
    wire::begin(out, schema::record::REQUEST, times.len().saturating_add(content.len()));
    out.extend_from_slice(times);
    out.extend_from_slice(content);
    out.len().saturating_sub(content.len())
}

/// Writes the response with its times and latency.
pub(super) fn response(
    out: &mut Vec<u8>,
    content: &[u8],
    facts: Option<&MessageFacts>,
    asked: Option<&MessageFacts>,
) {
    let (times, mut end) = (times(facts), Few::default());
    if let Some(latency) = asked.zip(facts).and_then(|(asked, facts)| latency(asked, facts)) {
        end.number(schema::response::LATENCY_NS, latency);
    }
    let (times, end) = (times.as_slice(), end.as_slice());
    let len = times.len().saturating_add(content.len()).saturating_add(end.len());
    wire::begin(out, schema::record::RESPONSE, len);
    out.extend_from_slice(times);
    out.extend_from_slice(content);
    out.extend_from_slice(end);
}

/// First and last time: the same fields in `Request` and `Response`.
fn times(facts: Option<&MessageFacts>) -> Few {
    let mut times = Few::default();
    if let Some(facts) = facts {
        times.time(schema::request::START_TIME, facts.start_time);
        times.time(schema::request::END_TIME, facts.end_time);
    }
    times
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

/// Writes what was seen and what was not.
pub(super) fn completeness(
    out: &mut Vec<u8>,
    facts: &CallFacts,
    request: Option<&MessageFacts>,
    response: Option<&MessageFacts>,
) {
    use schema::completeness as field;
    let missing = |message: Option<&MessageFacts>| message.map_or(0, |facts| facts.missing_bytes);
    let names =
        |flags: Flags| (flags != Flags::default()).then(|| flags.names()).into_iter().flatten();
    let asked = request.map_or(Flags::default(), |facts| facts.flags);
    let answered = response.map_or(facts.unanswered, |facts| facts.flags);
    let pairing = match facts.pairing {
        _ if request.is_none() || response.is_none() => RecordPairing::OneSided,
        Pairing::OneSided => RecordPairing::OneSided,
        Pairing::Order => RecordPairing::InOrder,
        Pairing::Acknowledged => RecordPairing::Acknowledged,
        Pairing::Stream => RecordPairing::Stream,
    };
    let completeness = wire::open(out, schema::record::COMPLETENESS);
    wire::enumeration(out, field::REQUEST, state(request));
    wire::enumeration(out, field::RESPONSE, state(response));
    wire::number(out, field::REQUEST_BYTES_MISSING, missing(request));
    wire::number(out, field::RESPONSE_BYTES_MISSING, missing(response));
    wire::flag(out, field::MID_CONNECTION, !facts.connection.handshake);
    wire::enumeration(out, field::PAIRING, pairing);
    wire::number(out, field::RUNG, rung(request, response).number().into());
    names(asked).for_each(|flag| wire::octets(out, field::REQUEST_FLAGS, flag.as_bytes()));
    names(answered).for_each(|flag| wire::octets(out, field::RESPONSE_FLAGS, flag.as_bytes()));
    wire::close(out, completeness);
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

/// A few fields, put together before they are appended: what they are in has its length in front.
struct Few {
    octets: [u8; FEW],
    len: usize,
}

/// Room for two times, each of 2 octets and two numbers, which take 6 octets at most with their keys, or for a number of
/// 11; and for seven octets behind, as eight are written at once.
const FEW: usize = 48;

impl Default for Few {
    fn default() -> Self {
        Self { octets: [0; FEW], len: 0 }
    }
}

impl Few {
    fn as_slice(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }

    /// Adds the first `len` of eight octets.
    #[inline]
    fn push(&mut self, octets: u64, len: usize) {
        let room = self.octets.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut);
        debug_assert!(room.is_some(), "more than a few");
        if let Some(room) = room {
            *room = octets.to_le_bytes();
            self.len = self.len.saturating_add(len);
        }
    }

    /// Adds a number; 0 too. Fields up to 15.
    #[inline]
    fn number(&mut self, field: u32, mut n: u64) {
        self.push((field << 3).into(), 1);
        // As many of the lowest groups of seven bits as there are in 49 bits; more is centuries.
        while n >> 49 != 0 {
            self.push(n & 0x7f | 0x80, 1);
            n >>= 7;
        }
        let (octets, len) = varint(n);
        self.push(octets, len);
    }

    /// Adds a `google.protobuf.Timestamp`. `u64` nanoseconds are at most the year 2554: both parts always fit.
    #[inline]
    fn time(&mut self, field: u32, time: Timestamp) {
        const SECOND: u64 = 1_000_000_000;
        let (seconds, nanos) = (time.nanos() / SECOND, time.nanos() % SECOND);
        let [second, nano] = [varint(seconds), varint(nanos)];
        // What is 0 is left out, its key too.
        let size = |n: u64, len: usize| if n == 0 { 0 } else { len.saturating_add(1) };
        let len = size(seconds, second.1).saturating_add(size(nanos, nano.1));
        let len = u64::try_from(len).unwrap_or_default();
        self.push(u64::from(field << 3 | 2) | len << 8, 2);
        if seconds > 0 {
            self.push(
                u64::from(schema::timestamp::SECONDS << 3) | second.0 << 8,
                second.1.saturating_add(1),
            );
        }
        if nanos > 0 {
            self.push(
                u64::from(schema::timestamp::NANOS << 3) | nano.0 << 8,
                nano.1.saturating_add(1),
            );
        }
    }
}

/// A number below 2^49 in groups of seven bits, the lowest first and in the lowest octet, and how many there are.
#[inline]
const fn varint(n: u64) -> (u64, usize) {
    let mut octets = 0;
    let mut group = 0;
    while group < 7 {
        // The compiler makes a few shifts and masks of this.
        octets |= (n << group) & 0x7f << (8 * group);
        group += 1;
    }
    // Groups of seven bits: their number times seven is 64 - leading zeros, rounded up.
    let more = (63 - (n | 1).leading_zeros()) / 7;
    let goes_on = 0x0080_8080_8080_8080 & ((1 << (8 * more)) - 1);
    (octets | goes_on, more as usize + 1)
}

#[cfg(test)]
mod tests {
    use apitap_proto::Timestamp as ProtoTime;
    use proptest::prelude::*;
    use prost::Message as _;

    use super::super::sample::{facts, message};
    use super::*;
    use super::{Timestamp, latency};

    fn completeness(
        facts: &CallFacts,
        request: Option<&MessageFacts>,
        response: Option<&MessageFacts>,
    ) -> v1::Completeness {
        let mut out = Vec::new();
        super::completeness(&mut out, facts, request, response);
        let record = v1::CallRecord::decode(out.as_slice()).unwrap();
        assert_eq!(record.encode_to_vec(), out, "as prost writes it");
        record.completeness.unwrap()
    }

    fn time(nanos: u64) -> ProtoTime {
        let time = Timestamp::from_nanos(nanos);
        let mut facts = message(1);
        (facts.start_time, facts.end_time) = (time, time);
        let times = times(Some(&facts));
        let request = v1::Request::decode(times.as_slice()).unwrap();
        assert_eq!(request.encode_to_vec(), times.as_slice(), "as prost writes it");
        assert_eq!(request.start_time, request.end_time);
        request.start_time.unwrap()
    }

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
        let last = time(u64::MAX);
        assert_eq!((last.seconds, last.nanos), (18_446_744_073, 709_551_615));
        assert_eq!(time(7_000_000_009), ProtoTime { seconds: 7, nanos: 9 });
        assert_eq!(time(0), ProtoTime::default());
    }

    proptest! {
        #[test]
        fn times_and_numbers_are_written_as_by_prost(nanos: u64, second: u32, bits in 0..64_u32, n: u64) {
            time(nanos);
            time(u64::from(second) * 1_000_000_000);
            time(nanos >> bits);
            let mut few = Few::default();
            few.number(schema::response::LATENCY_NS, n >> bits);
            let response = v1::Response { latency_ns: Some(n >> bits), ..Default::default() };
            prop_assert_eq!(few.as_slice(), response.encode_to_vec());
        }

        #[test]
        fn all_that_was_seen_is_written(
            (flags, other) in (0..1_u32 << 16, 0..1_u32 << 16), missing: u64, handshake: bool,
        ) {
            let mut call = facts();
            call.connection.handshake = handshake;
            let (mut asked, mut answered) = (message(1), message(2));
            (asked.flags, answered.flags) = (Flags(flags), Flags(other));
            (asked.missing_bytes, answered.completeness) = (missing, Completeness::Gap);
            let told = completeness(&call, Some(&asked), Some(&answered));
            let names = |flags: u32| Flags(flags).names().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!((told.request_flags, told.response_flags), (names(flags), names(other)));
            prop_assert_eq!((told.request_bytes_missing, told.mid_connection), (missing, !handshake));
        }
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
