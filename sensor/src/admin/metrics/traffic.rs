//! What the stages counted. Every `Counts` is taken apart by name, so that a counter without a metric is
//! an error of the compiler.

use super::{List, Value};
use crate::daemon::state::Snapshot;
use crate::http::Flags;
use crate::{call, decap, endpoints, http, pipeline, reassembly, redact};

/// Every counter of the line.
pub(super) fn list(list: &mut List, snapshot: &Snapshot) {
    let pipeline::Counts {
        packets,
        packet_bytes,
        decap,
        reassembly,
        tls,
        http,
        call,
        redact,
        links: _,
        records,
        endpoints,
    } = &snapshot.counts;
    list.section("packets");
    list.counter(
        "read_packets",
        *packets,
        "Packets taken from capture; the sum of apitap_packets_total",
    );
    list.counter("read_bytes", *packet_bytes, "Bytes captured of those packets");
    packets_of(list, decap);
    fragments(list, decap);
    list.section("streams");
    segments(list, reassembly);
    connections(list, reassembly);
    streams(list, reassembly);
    list.section("tls");
    super::tls::list(list, tls, http.connections_encrypted);
    super::tls::key_logs(list, snapshot.key_logs.as_ref());
    list.section("http");
    messages(list, http);
    following(list, http);
    http2(list, http);
    websocket(list, http);
    list.section("calls");
    calls(list, call);
    list.counter("records", *records, "Records handed to the sinks");
    list.section("privacy");
    privacy(list, redact);
    list.section("endpoints");
    paths(list, endpoints);
}

fn paths(list: &mut List, counts: &endpoints::Counts) {
    let endpoints::Counts { calls, unanswered, overflow, hosts, nodes, changes } = *counts;
    list.counters(
        "endpoint_calls",
        &["outcome"],
        [("learned", calls), ("unanswered", unanswered), ("overflow", overflow)],
        "Calls that paths were learned from, that taught nothing, and that met a limit",
    );
    list.counter("endpoint_changes", changes, "Times that the rules of a host's paths changed");
    list.gauge("endpoint_hosts", Value::Count(hosts), "Hosts whose paths are known");
    list.gauge("endpoint_places", Value::Count(nodes), "Places of paths that are known");
}

fn packets_of(list: &mut List, counts: &decap::Counts) {
    list.counters(
        "packets",
        &["outcome"],
        counts.outcomes(),
        "What packets turned out to be: every packet is exactly one",
    );
    list.counters(
        "headers_opened",
        &["kind"],
        counts.layers_opened(),
        "VLAN, MPLS and tunnel headers opened around flows",
    );
    list.counter(
        "tunnels_refused",
        counts.tunnels_refused,
        "UDP packets on a tunnel's port with something else inside",
    );
    list.counter(
        "offloaded_packets",
        counts.super_frames,
        "IP packets longer than 65535 bytes, joined by offload",
    );
    list.counter(
        "mirror_cut_packets",
        counts.longer_than_wire,
        "IP packets cut before they were captured: their length field says more than was on the wire",
    );
    list.counter(
        "cut_segments",
        counts.segments_cut,
        "TCP segments with payload bytes that were not captured",
    );
    list.counter(
        "cut_segment_bytes",
        counts.segments_cut_bytes,
        "Payload bytes of segments that were not captured",
    );
    let wrong = counts.checksums_offloaded.saturating_add(counts.checksums_bad);
    list.counters(
        "sampled_checksums",
        &["result"],
        [
            ("good", counts.checksums.saturating_sub(wrong)),
            ("offloaded", counts.checksums_offloaded),
            ("bad", counts.checksums_bad),
        ],
        "TCP checksums of a sample of segments",
    );
}

fn fragments(list: &mut List, counts: &decap::Counts) {
    list.counter("ip_fragments", counts.ip_fragments, "IP fragments read");
    list.counter(
        "ip_fragments_duplicate",
        counts.fragments_duplicate,
        "IP fragments seen before, byte for byte",
    );
    list.counter(
        "ip_fragments_overlapping",
        counts.fragments_overlapping,
        "IP fragments that overlap others and differ",
    );
    list.counters(
        "datagrams",
        &["outcome"],
        [
            ("joined", counts.datagrams_joined),
            ("timed_out", counts.datagrams_timed_out),
            ("evicted", counts.datagrams_evicted),
            ("refused", counts.datagrams_refused),
        ],
        "What became of fragmented datagrams",
    );
}

fn segments(list: &mut List, counts: &reassembly::Counts) {
    list.counter(
        "read_segments",
        counts.segments,
        "TCP segments taken by workers; the sum of apitap_segments_total",
    );
    list.counters(
        "segments",
        &["outcome"],
        counts.outcomes(),
        "What became of TCP segments: every segment is exactly one",
    );
}

fn connections(list: &mut List, counts: &reassembly::Counts) {
    list.counter("connections", counts.connections, "Connections with at least one byte");
    list.counter(
        "connections_empty",
        counts.connections_empty,
        "Handshakes and connections that ended without a byte",
    );
    list.counter(
        "connections_midway",
        counts.connections_midway,
        "Connections joined without their handshake",
    );
    list.counter(
        "connections_one_way",
        counts.connections_one_way,
        "Connections, closed by now, of which one direction was never seen",
    );
    list.counters(
        "connections_closed",
        &["reason"],
        [
            ("fin", counts.closed_fin),
            ("reset", counts.closed_reset),
            ("idle", counts.closed_idle),
            ("reused", counts.closed_reused),
            ("evicted", counts.closed_evicted),
            ("end", counts.closed_end),
            ("joined", counts.closed_joined),
        ],
        "Connections no longer followed",
    );
    list.counters(
        "connection_views",
        &["outcome"],
        [("joined", counts.views_joined), ("split", counts.views_split)],
        "Views (VLANs, tunnels) recognised as of one connection, and those taken apart again",
    );
}

fn streams(list: &mut List, counts: &reassembly::Counts) {
    list.counter("stream_bytes", counts.data_bytes, "Bytes of streams delivered in order");
    list.counter(
        "stream_reordered_bytes",
        counts.reordered_bytes,
        "Bytes delivered after they waited behind a hole",
    );
    list.counter("stream_gaps", counts.gaps, "Gaps in streams");
    list.counter("stream_gap_bytes", counts.gap_bytes, "Bytes missing in those gaps");
    list.counter(
        "stream_gaps_by_limit",
        counts.gaps_by_limit,
        "Gaps given up because a byte limit was reached",
    );
    list.counter(
        "stream_overlap_conflicts",
        counts.overlap_conflicts,
        "Segments that overlap held bytes with different ones",
    );
    list.counter(
        "stream_implausible_bytes",
        counts.bytes_implausible,
        "Bytes dropped as of no stream's plausible place",
    );
}

fn messages(list: &mut List, counts: &http::Counts) {
    list.counters(
        "http_messages",
        &["kind"],
        [
            ("request", counts.requests),
            ("response", counts.responses),
            ("interim_response", counts.interim_responses),
        ],
        "HTTP heads read",
    );
    list.counters(
        "http_messages_ended",
        &["completeness"],
        [
            ("complete", counts.messages_complete),
            ("gap", counts.messages_gap),
            ("truncated", counts.messages_truncated),
        ],
        "HTTP messages by how they ended",
    );
    list.counters(
        "http_pairs",
        &["basis"],
        [
            ("order", counts.pairs_order),
            ("acknowledged", counts.pairs_acknowledged),
            ("stream", counts.pairs_stream),
        ],
        "Pairs of request and response by what proves them",
    );
    list.counter(
        "http_pairs_refuted",
        counts.pairs_refuted,
        "Pairs that later traffic contradicted",
    );
    list.counter("http_messages_alone", counts.alone, "Messages without a provable partner");
    list.counters(
        "http_flags",
        &["flag"],
        Flags::ALL.iter().zip(counts.flags).map(|((_, name), count)| (*name, count)),
        "Messages with an oddity of framing or coding",
    );
}

fn following(list: &mut List, counts: &http::Counts) {
    list.counter("http_lost", counts.lost, "Times the place in a direction was lost");
    list.counter("http_resyncs", counts.resyncs, "Times a start line was found again after that");
    list.counter(
        "http_heads_partial",
        counts.heads_partial,
        "Heads dropped because part of them never came",
    );
    list.counter(
        "http_09_requests",
        counts.http09_requests,
        "HTTP/0.9 requests, which are not followed",
    );
    list.counters(
        "http_connections",
        &["outcome"],
        [
            ("followed", counts.connections_followed),
            ("opaque", counts.connections_opaque),
            ("upgraded", counts.connections_upgraded),
        ],
        "Connections recognised, given up as speaking nothing known, and turned into something else",
    );
    list.counter(
        "http_proxy_headers",
        counts.proxy_headers,
        "Connections that began with a header of the PROXY protocol",
    );
    list.counter(
        "http_body_skipped_bytes",
        counts.body_bytes_skipped,
        "Body bytes beyond the inspection limit",
    );
    list.counter(
        "http_discarded_bytes",
        counts.bytes_discarded,
        "Bytes passed over while looking for a start line",
    );
}

fn http2(list: &mut List, counts: &http::Counts) {
    list.counter(
        "http2_header_fields_unknown",
        counts.hpack_unknown,
        "HTTP/2 header fields left out because they refer to what was not seen",
    );
    list.counter(
        "http2_header_blocks_lost",
        counts.hpack_blocks_lost,
        "HTTP/2 header blocks that could not be decoded, or were lost",
    );
    list.counters(
        "http2_streams_given_up",
        &["reason"],
        [("evicted", counts.streams_evicted), ("reset", counts.streams_reset)],
        "HTTP/2 streams that ended early",
    );
    list.counter("http2_frames_bad", counts.frames_bad, "HTTP/2 frames that break the rules");
    list.counters(
        "http2_control_frames",
        &["kind"],
        [
            ("settings", counts.frames_settings),
            ("ping", counts.frames_ping),
            ("window_update", counts.frames_window_update),
            ("priority", counts.frames_priority),
            ("empty", counts.frames_empty),
        ],
        "HTTP/2 frames that carry nothing of a message, by kind",
    );
    list.counter(
        "bodies_undecoded",
        counts.bodies_undecoded,
        "Bodies not decoded because too many were being decoded",
    );
}

fn websocket(list: &mut List, counts: &http::Counts) {
    list.counter(
        "websocket_sockets",
        counts.websocket_sockets,
        "WebSocket connections whose handshake was seen",
    );
    list.counter(
        "websocket_messages",
        counts.websocket_messages,
        "WebSocket texts and binary messages",
    );
    list.counter(
        "websocket_messages_skipped",
        counts.websocket_messages_skipped,
        "WebSocket messages above the rate, which have no record of their own",
    );
    list.counter(
        "websocket_control_frames",
        counts.websocket_control_frames,
        "WebSocket pings and pongs",
    );
    list.counter(
        "websocket_messages_undecoded",
        counts.websocket_undecoded,
        "Compressed WebSocket messages that could not be decoded",
    );
    list.counter(
        "websocket_frames_bad",
        counts.websocket_frames_bad,
        "WebSocket frames that break the rules",
    );
    list.counter("server_events", counts.server_events.events, "Server-sent events");
    list.counter(
        "server_events_skipped",
        counts.server_events.skipped,
        "Server-sent events above the rate, which have no record of their own",
    );
    list.counter(
        "server_events_lost",
        counts.server_events.losses,
        "Losses inside a stream of server-sent events: some may be missing",
    );
}

fn calls(list: &mut List, counts: &call::Counts) {
    let call::Counts {
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
    } = counts;
    list.counters(
        "calls",
        &["pairing"],
        [
            ("order", *calls_order),
            ("acknowledged", *calls_acknowledged),
            ("stream", *calls_stream),
            ("request_only", *calls_request_only),
            ("unanswered", *calls_unanswered),
            ("response_only", *calls_response_only),
            ("websocket", *websocket_messages),
            ("server_event", *server_events),
            ("in_progress", *calls_in_progress),
        ],
        "Calls by how request and response were paired",
    );
    list.counter("call_timeouts", *timeouts, "Calls emitted because of a timeout");
    list.counter("call_bodies_cut", *bodies_cut, "Bodies cut because of the memory limit");
    list.counter(
        "call_heads_cut",
        *heads_cut,
        "Heads whose fields were dropped because of the memory limit",
    );
}

fn privacy(list: &mut List, counts: &redact::Counts) {
    let redact::Counts {
        calls,
        bodies_read,
        bodies_malformed,
        bodies_opaque,
        messages_described,
        messages_misfit,
        values,
        values_kept,
        values_tokenized,
        values_shaped,
        values_dropped,
        values_masked,
        values_ruled,
        values_raw,
        names_hidden,
        findings,
        cut,
        signals,
    } = counts;
    list.counter("redacted_calls", *calls, "Calls redacted");
    list.counters(
        "redacted_bodies",
        &["form"],
        [("read", *bodies_read), ("opaque", *bodies_opaque)],
        "Bodies read leaf by leaf, and those of which size and media type alone left",
    );
    list.counter(
        "redacted_bodies_malformed",
        *bodies_malformed,
        "Bodies against the syntax of their format",
    );
    list.counters(
        "described_messages",
        &["result"],
        [("fits", *messages_described), ("misfit", *messages_misfit)],
        "Protobuf messages whose method a descriptor set describes, by whether they are as described",
    );
    list.counter("judged_values", *values, "Values judged");
    list.counters(
        "redacted_values",
        &["form"],
        [
            ("kept", *values_kept),
            ("token", *values_tokenized),
            ("shape", *values_shaped),
            ("dropped", *values_dropped),
            ("masked", *values_masked),
        ],
        "Values by the form they left in",
    );
    list.counter("ruled_values", *values_ruled, "Values that a configured rule decided");
    list.counter("raw_values", *values_raw, "Sensitive values that a rule let leave as they are");
    list.counter("names_hidden", *names_hidden, "Names that were not safe to keep");
    list.counter("findings", *findings, "Findings of sensitive data");
    list.counters("signals", &["id"], signals.iter(), "Signals: calls that showed a risk, by id");
    list.counter(
        "record_items_cut",
        *cut,
        "Fields, parameters, objects and findings cut by limits",
    );
}
