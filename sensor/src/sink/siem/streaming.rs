//! Streams in the terms of SIEMs: server-sent events, and how responses that run long are told.

use apitap_proto::v1;

use super::facts::{body, text_of};
use super::json::Object;

/// What a server-sent event says.
pub(super) fn server_event(record: &v1::CallRecord, out: &mut Object<'_>) {
    let Some(event) = &record.server_event else { return };
    out.text("name", &event.name);
    out.text("id", &text_of(event.id.as_ref()));
    out.number("sequence", event.sequence);
    out.text("message_name", &event.message_name);
    out.text("call_id", &event.call_id);
    if let Some(retry) = event.retry_ms {
        out.number("retry_ms", retry);
    }
    out.texts("flags", &event.flags);
    out.count("events_skipped", event.events_skipped);
    out.count("bytes_skipped", event.bytes_skipped);
    out.count("comments", event.comments);
    body("body", event.body.as_ref(), out);
}

/// How a response that runs long, or is a stream of events, is told.
pub(super) fn streaming(record: &v1::CallRecord, out: &mut Object<'_>) {
    let Some(streaming) = &record.streaming else { return };
    out.text("call_id", &streaming.call_id);
    out.count("part", streaming.part);
    if streaming.goes_on {
        out.flag("goes_on", true);
    }
    if let Some(events) = &streaming.events {
        out.object("events", |out| {
            out.number("events", events.events);
            out.number("bytes", events.bytes);
            out.count("events_skipped", events.events_skipped);
            out.count("comments", events.comments);
            out.count("losses", events.losses);
        });
    }
}
