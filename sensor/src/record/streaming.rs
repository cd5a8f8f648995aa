//! How a response that is a stream is told.

use apitap_proto::v1;

use crate::call::MessageFacts;
use crate::http::event_stream::Totals;
use crate::redact::schema;

/// Writes how a response is told, where it is a stream.
pub(super) fn write(out: &mut Vec<u8>, answered: Option<&MessageFacts>) {
    let Some(events) = answered.and_then(|facts| facts.streaming.events) else { return };
    let streaming = v1::Streaming { events: Some(said(&events)), ..v1::Streaming::default() };
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
