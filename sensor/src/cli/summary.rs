//! The summary at the end of a run: what was seen, what was not, and why.

use std::fmt::{self, Write as _};

use crate::capture::file::Warning;
use crate::http::Flags;
use crate::pipeline::Counts;
use crate::sink::Delivered;

/// The summary as text, a few lines.
pub(super) fn text(
    counts: &Counts,
    warnings: &[Warning],
    delivered: &[(&'static str, Delivered)],
) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _infallible = write_all(&mut out, counts, warnings, delivered);
    out
}

fn write_all(
    out: &mut String,
    counts: &Counts,
    warnings: &[Warning],
    delivered: &[(&'static str, Delivered)],
) -> fmt::Result {
    for warning in warnings {
        writeln!(out, "warning: {warning}")?;
    }
    let streams = &counts.reassembly;
    write!(
        out,
        "{} packets, {}, {} connections, ",
        counts.packets,
        Bytes(counts.packet_bytes),
        streams.connections,
    )?;
    records(out, counts)?;
    calls(out, counts)?;
    loss(out, counts)?;
    not_read(out, counts)?;
    for (name, report) in delivered.iter().filter(|(name, _)| *name != "file") {
        write!(out, "{name}: {} delivered, {} failed", report.delivered, report.failed)?;
        list(out, ", ", &[("unconfirmed", report.undelivered), ("cut to fit", report.cut)])?;
        if let Some(error) = &report.last_error {
            write!(out, " (last error: {error})")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Calls, and what has records besides: a WebSocket or an event stream is one call, with many records.
fn records(out: &mut String, counts: &Counts) -> fmt::Result {
    let call = &counts.call;
    let calls = call.calls();
    let besides = [
        ("WebSocket messages", call.websocket_messages),
        ("server-sent events", call.server_events),
        ("reports of calls in progress", call.calls_in_progress),
    ];
    let told = besides.iter().fold(calls, |told, (_, count)| told.saturating_add(*count));
    let sessions = ("encrypted sessions", counts.records.saturating_sub(told));
    writeln!(out, "{calls} calls")?;
    let all: Vec<(&str, u64)> = besides.into_iter().chain([sessions]).collect();
    if all.iter().any(|(_, count)| *count > 0) {
        write!(out, "records besides: ")?;
        list(out, "", &all)?;
        writeln!(out)?;
    }
    Ok(())
}

fn calls(out: &mut String, counts: &Counts) -> fmt::Result {
    let calls = &counts.call;
    let one_sided = calls.calls_request_only.saturating_add(calls.calls_response_only);
    if one_sided > 0 {
        writeln!(
            out,
            "one-sided: {} requests without a response, {} responses without a request",
            calls.calls_request_only, calls.calls_response_only
        )?;
    }
    if calls.calls_unanswered > 0 {
        writeln!(out, "unanswered: {} requests that got no response", calls.calls_unanswered)?;
    }
    let odd: Vec<(&str, u64)> = Flags::ALL
        .iter()
        .zip(counts.http.flags)
        .filter(|((flag, _), _)| *flag != Flags::TUNNEL)
        .map(|((_, name), count)| (*name, count))
        .collect();
    if odd.iter().any(|(_, count)| *count > 0) {
        write!(out, "odd messages: ")?;
        list(out, "", &odd)?;
        writeln!(out)?;
    }
    Ok(())
}

fn loss(out: &mut String, counts: &Counts) -> fmt::Result {
    let streams = &counts.reassembly;
    if streams.gaps > 0 {
        writeln!(
            out,
            "lost before capture: {} in {} gaps; {} times a message was found again behind one",
            Bytes(streams.gap_bytes),
            streams.gaps,
            counts.http.resyncs
        )?;
    }
    let told = [
        ("duplicate packets", streams.duplicate_segments),
        ("retransmissions", streams.retransmitted_segments),
        ("conflicting overlaps", streams.overlap_conflicts),
        ("conflicting IP fragments", counts.decap.fragments_overlapping),
        ("connections joined midway", streams.connections_midway),
        ("connections evicted", streams.closed_evicted),
        ("bodies cut by the memory limit", counts.call.bodies_cut),
    ];
    if told.iter().any(|(_, count)| *count > 0) {
        write!(out, "streams: ")?;
        list(out, "", &told)?;
        writeln!(out)?;
    }
    Ok(())
}

fn not_read(out: &mut String, counts: &Counts) -> fmt::Result {
    // Fragments are read once their datagram is whole: only datagrams that never were count here.
    let decap = &counts.decap;
    let datagrams = [decap.datagrams_timed_out, decap.datagrams_evicted, decap.datagrams_refused];
    let unfinished = datagrams.into_iter().fold(0, u64::saturating_add);
    let mut skipped: Vec<(String, u64)> = decap
        .outcomes()
        .filter(|(name, _)| !matches!(*name, "segment" | "fragment"))
        .map(|(name, count)| (name.replace('_', " "), count))
        .collect();
    skipped.push(("datagrams of which fragments are missing".to_owned(), unfinished));
    skipped.push(("connections of other protocols".to_owned(), counts.http.connections_opaque));
    let skipped: Vec<(&str, u64)> =
        skipped.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    if skipped.iter().any(|(_, count)| *count > 0) {
        write!(out, "not read: ")?;
        list(out, "", &skipped)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes those that are not zero: `3 udp, 1 icmp`.
fn list(out: &mut String, first: &str, entries: &[(&str, u64)]) -> fmt::Result {
    let mut separator = first;
    for (name, count) in entries.iter().filter(|(_, count)| *count > 0) {
        write!(out, "{separator}{count} {name}")?;
        separator = ", ";
    }
    Ok(())
}

/// A size for people, in decimal units.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0..1_000 => return write!(f, "{} B", self.0),
            1_000..1_000_000 => (1_000, "kB"),
            1_000_000..1_000_000_000 => (1_000_000, "MB"),
            _ => (1_000_000_000, "GB"),
        };
        let tenths = self.0.saturating_mul(10) / unit;
        write!(f, "{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_run_is_one_line() {
        let mut counts =
            Counts { packets: 3, packet_bytes: 1_250, records: 1, ..Counts::default() };
        counts.call.calls_order = 1;
        assert_eq!(text(&counts, &[], &[]), "3 packets, 1.2 kB, 0 connections, 1 calls\n");
    }

    #[test]
    fn messages_and_sessions_are_no_calls() {
        let mut counts = Counts { records: 9, ..Counts::default() };
        counts.call.calls_stream = 1;
        counts.call.calls_request_only = 1;
        counts.call.websocket_messages = 4;
        counts.call.calls_in_progress = 1;
        let text = text(&counts, &[], &[]);
        let told = "2 calls\nrecords besides: 4 WebSocket messages, 1 reports of calls in progress, 2 encrypted sessions\n";
        assert!(text.contains(told), "{text}");
    }

    #[test]
    fn fragments_that_were_joined_were_read() {
        let mut counts = Counts::default();
        counts.decap.fragment = 68;
        counts.decap.datagrams_joined = 34;
        assert!(!text(&counts, &[], &[]).contains("not read"));
        counts.decap.datagrams_timed_out = 2;
        let text = text(&counts, &[], &[]);
        assert!(text.contains("not read: 2 datagrams of which fragments are missing"), "{text}");
        counts.decap.fragments_overlapping = 3;
        assert!(self::text(&counts, &[], &[]).contains("streams: 3 conflicting IP fragments"));
    }

    #[test]
    fn loss_and_delivery_are_told() {
        let mut counts = Counts::default();
        counts.reassembly.gaps = 2;
        counts.reassembly.gap_bytes = 10;
        let kafka = Delivered {
            delivered: 4,
            failed: 1,
            last_error: Some("why".into()),
            ..Delivered::default()
        };
        let text = text(&counts, &[], &[("kafka", kafka), ("file", Delivered::default())]);
        assert!(text.contains("lost before capture: 10 B in 2 gaps"), "{text}");
        assert!(text.contains("kafka: 4 delivered, 1 failed (last error: why)"), "{text}");
        assert!(!text.contains("file"));
    }
}
