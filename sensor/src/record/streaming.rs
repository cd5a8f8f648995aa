//! How a response that runs long, or is a stream of events, is told.

use apitap_proto::v1;

use super::identity::{CALL_ID, call_id, part_id};
use crate::call::{CallFacts, MessageFacts, Streaming};
use crate::http::event_stream::Totals;
use crate::redact::schema;

/// The id of the record of a call, or of a part of it that is told while it goes on.
pub(super) fn id(
    facts: &CallFacts,
    asked: Option<&MessageFacts>,
    answered: Option<&MessageFacts>,
) -> [u8; CALL_ID] {
    let id = call_id(facts, asked, answered);
    match answered.map(|facts| facts.streaming) {
        Some(Streaming { goes_on: true, part, .. }) => part_id(&id, part),
        _ => id,
    }
}

/// Writes how a response is told, where it runs long or is a stream of events.
pub(super) fn write(
    out: &mut Vec<u8>,
    facts: &CallFacts,
    asked: Option<&MessageFacts>,
    answered: Option<&MessageFacts>,
) {
    let Some(Streaming { part, goes_on, events }) = answered.map(|facts| facts.streaming) else {
        return;
    };
    let in_parts = part > 0 || goes_on;
    if !in_parts && events.is_none() {
        return;
    }
    let id = in_parts.then(|| call_id(facts, asked, answered));
    let streaming = v1::Streaming {
        call_id: id.map(|id| String::from_utf8_lossy(&id).into_owned()).unwrap_or_default(),
        part,
        goes_on,
        events: events.as_ref().map(said),
    };
    super::message(out, schema::record::STREAMING, &streaming);
}

fn said(totals: &Totals) -> v1::streaming::Events {
    v1::streaming::Events {
        events: totals.events.messages,
        bytes: totals.events.bytes,
        events_skipped: totals.skipped,
        comments: totals.comments,
        losses: totals.losses,
    }
}
