//! Every counter has a metric, every metric its documentation, and the text is what scrapers read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::*;
use crate::admin::response::Status;
use crate::capture::live;
use crate::daemon::inventory;
use crate::daemon::key_logs;
use crate::daemon::mirror::Advice;
use crate::daemon::state::{Ladder, Memory, Phase, Queues, Reloads, SinkState, Snapshot, Volume};
use crate::http::Flags;
use crate::{
    call, decap, endpoints, http, kubernetes, link, pipeline, privileges, reassembly, record,
    redact, sink, tls,
};

impl Family {
    /// The name as exposed.
    fn full_name(&self) -> String {
        let suffix = if self.kind == Kind::Counter { "_total" } else { "" };
        format!("{PREFIX}_{}{suffix}", self.name)
    }
}

/// Hands out numbers that no other thing has.
struct Marks(u64);

impl Marks {
    fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

macro_rules! marked {
    ($marks:ident, $($path:ident)::+ { $($field:ident),+ $(,)? } $(with $($other:ident: $value:expr),+)?) => {
        $($path)::+ { $($field: $marks.next(),)+ $($($other: $value),+)? }
    };
}

/// Counts of which every field has a number of its own. No `..Default`: a new field must be added here.
fn counts(marks: &mut Marks) -> pipeline::Counts {
    let mut flags = [0; Flags::COUNT];
    flags.iter_mut().for_each(|flag| *flag = marks.next());
    let redact = redact_counts(marks);
    let call = marked!(
        marks,
        call::Counts {
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
        }
    );
    let server_events = marked!(marks, http::event_stream::Counts { events, skipped, losses });
    let http = marked!(marks, http::Counts {
        requests, responses, interim_responses, messages_complete, messages_gap, messages_truncated,
        pairs_order, pairs_acknowledged, pairs_stream, pairs_refuted, alone, lost, resyncs, heads_partial,
        http09_requests, connections_followed, connections_opaque, connections_encrypted,
        connections_upgraded, proxy_headers, body_bytes_skipped, bytes_discarded,
        bodies_undecoded, hpack_unknown, hpack_blocks_lost, streams_evicted, streams_reset, frames_bad,
        frames_settings, frames_ping, frames_window_update, frames_priority, frames_empty,
        websocket_sockets, websocket_messages, websocket_messages_skipped, websocket_control_frames,
        websocket_undecoded, websocket_frames_bad,
    } with flags: flags, server_events: server_events);
    let mut versions = [0; tls::Counts::VERSIONS.len()];
    versions.iter_mut().for_each(|version| *version = marks.next());
    let mut unread = [0; tls::DecryptCounts::REASONS.len()];
    unread.iter_mut().for_each(|reason| *reason = marks.next());
    let decrypt = marked!(marks, tls::DecryptCounts {
        sessions, records, bytes, records_failed, records_lost, places_lost, places_found, renegotiated, given_up,
    } with unread: unread);
    let tls = marked!(marks, tls::Counts {
        sessions, sessions_midway, sessions_ech, sessions_agreed, bytes, bytes_missing, handshakes_broken,
        handshakes_cut, records, quic_sessions, quic_bytes, quic_datagrams, quic_initials_unread, quic_ignored,
    } with versions: versions, decrypt: decrypt);
    let links = marked!(
        marks,
        link::Counts { learned, linked, ended, expired, sessions_evicted, steps, places_evicted }
    );
    let (decap, reassembly) = packet_counts(marks);
    let endpoints =
        marked!(marks, endpoints::Counts { calls, unanswered, overflow, hosts, nodes, changes });
    marked!(marks, pipeline::Counts { packets, packet_bytes, records }
        with endpoints: endpoints, decap: decap, reassembly: reassembly, tls: tls, http: http, call: call, redact: redact, links: links)
}

fn redact_counts(marks: &mut Marks) -> redact::Counts {
    let mut tally = [0; redact::SignalTally::IDS];
    tally.iter_mut().for_each(|count| *count = marks.next());
    marked!(
        marks,
        redact::Counts {
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
        } with signals: redact::SignalTally::of(tally)
    )
}

fn packet_counts(marks: &mut Marks) -> (decap::Counts, reassembly::Counts) {
    let reassembly = marked!(
        marks,
        reassembly::Counts {
            segments,
            data_segments,
            control_segments,
            duplicate_segments,
            retransmitted_segments,
            keepalive_segments,
            early_segments,
            late_segments,
            implausible_segments,
            stray_segments,
            ignored_segments,
            connections,
            connections_empty,
            connections_midway,
            connections_one_way,
            closed_fin,
            closed_reset,
            closed_idle,
            closed_reused,
            closed_evicted,
            closed_end,
            closed_joined,
            views_joined,
            views_split,
            data_bytes,
            reordered_bytes,
            gaps,
            gap_bytes,
            gaps_by_limit,
            overlap_conflicts,
            bytes_implausible,
        }
    );
    let decap = marked!(marks, decap::Counts {
        segment, filtered, quic, udp, icmp, other_ip, fragment, not_ip, truncated, too_deep, unknown_link, encrypted,
        malformed_short, malformed_link, malformed_fcs, malformed_ip_version, malformed_ip_length,
        malformed_fragment, malformed_tcp_offset, malformed_tunnel, vlan, mpls, pppoe, vxlan, vxlan_gpe,
        geneve, gre, erspan, ip_in_ip, nsh, gtp, teredo, lisp, tzsp, tunnels_refused, super_frames,
        longer_than_wire, segments_cut, segments_cut_bytes, ip_fragments, datagrams_joined,
        datagrams_timed_out, datagrams_evicted, datagrams_refused, fragments_overlapping,
        fragments_duplicate, checksums_offloaded, checksums_bad,
    } with checksums: 0);
    // Shown less those that are wrong.
    let good = marks.next();
    let checksums = good + decap.checksums_offloaded + decap.checksums_bad;
    let decap = decap::Counts { checksums, ..decap };
    (decap, reassembly)
}

fn real(marks: &mut Marks) -> f64 {
    u32::try_from(marks.next()).unwrap().into()
}

fn spool(marks: &mut Marks) -> sink::spool::Status {
    marked!(marks, sink::spool::Status {
        records, bytes, bytes_max, segments, oldest_seconds, written, acknowledged, dropped, corrupt, resumed,
    } with writable: true, memory_has_room: true, last_error: None)
}

/// A snapshot of which every number is its own, and the last of them.
pub(in crate::admin) fn snapshot() -> (Snapshot, u64) {
    let mut marks = Marks(10_000);
    let counts = counts(&mut marks);
    let interface = marked!(marks, live::Status {
        received, received_bytes, kernel_dropped, interface_dropped, truncated, super_frames, lost,
    } with interface: "eth1\"\\\n".into(), up: true, threads: u32::try_from(marks.next()).unwrap(), error: None);
    let spool = spool(&mut marks);
    let delivered = marked!(marks, sink::Delivered { delivered, failed, undelivered, spooled, cut } with last_error: None);
    let statistics = marked!(marks, sink::Statistics {
        queue_messages, queue_bytes, brokers, brokers_up, transmit_errors, transmit_retries, request_timeouts,
        messages_sent, bytes_sent,
    } with round_trip_p99_microseconds: marks.next() * 1_000_000);
    let seconds = [0; 4].map(|_| real(&mut marks));
    let snapshot = Snapshot {
        sensor: record::SensorInfo {
            id: "edge".into(),
            version: "1.2.3".into(),
            config_id: "c0".into(),
        },
        started: SystemTime::UNIX_EPOCH + Duration::from_secs(marks.next()),
        phase: Phase::Running,
        interfaces: vec![interface],
        counts,
        queues: Queues {
            segments_fill: real(&mut marks),
            records_fill: real(&mut marks),
            segments_dropped: marks.next(),
            records_dropped: marks.next(),
        },
        ladder: marked!(marks, Ladder { climbs, descents }
            with rung: 3, seconds: seconds),
        volume: marked!(marks, Volume { kept, thinned }),
        sinks: vec![SinkState {
            name: "kafka",
            delivered,
            spool: Some(spool),
            statistics: Some(statistics),
        }],
        memory: marked!(marks, Memory { resident_bytes, max_bytes }),
        descriptors: marks.next(),
        threads: marks.next(),
        kubernetes: Some(marked!(marks, kubernetes::Counts {
            objects, entries, refused, events, relists, errors, garbage, stale_seconds, hits, misses, ambiguous, stale,
        } with synced: true)),
        inventory: Some(marked!(marks, inventory::State {
            endpoints, unproven, entities, cells_left, calls, left_out, skipped, changes, saves,
        } with last_error: None)),
        key_logs: Some(marked!(marks, key_logs::State { followed, failing, sessions }
            with read: marked!(marks, tls::KeyCounts { secrets, lines_bad, sessions_dropped }))),
        defects: marks.next(),
        reloads: marked!(marks, Reloads { succeeded, failed } with last_error: None),
        privileges: privileges::State { landlock: "enforced (ABI 6)".into(), ..Default::default() },
        mirror: vec![Advice { id: "gaps", value: 0.5, threshold: 0.01, advice: "x".into() }],
    };
    (snapshot, marks.0)
}

fn exposed() -> (String, u64) {
    let (snapshot, last) = snapshot();
    let tally = Tally::default();
    tally.answered(Status::Ok);
    (text(families(&snapshot, &tally)).unwrap(), last)
}

#[test]
fn every_counter_is_exposed_once() {
    let (text, last) = exposed();
    let values: Vec<f64> = samples(&text).into_iter().map(|(_, value)| value).collect();
    for mark in 10_001..=last {
        let mark = f64::from(u32::try_from(mark).unwrap());
        let times = values.iter().filter(|value| **value == mark).count();
        assert_eq!(times, 1, "{mark}: exposed {times} times\n{text}");
    }
}

/// A strict reader of the OpenMetrics text format, of its own making.
///
/// Source: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
fn samples(text: &str) -> Vec<(String, f64)> {
    let name_fits = |name: &str| {
        name.starts_with("apitap_")
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && !name.contains("__")
    };
    let body = text.strip_suffix("# EOF\n").expect("ends with EOF");
    let mut samples = Vec::new();
    let mut seen = BTreeSet::new();
    let mut families: BTreeMap<&str, &str> = BTreeMap::new();
    let mut family = "";
    let mut helped = "";
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(name_fits(name) && !help.is_empty() && !help.contains('\\'), "{line}");
            helped = name;
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind) && name == helped, "{line}");
            assert!(!name.ends_with("_total") && !name.ends_with("_created"), "{line}");
            assert_eq!(families.insert(name, kind), None, "{line}: twice");
            family = name;
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let suffix = if families[family] == "counter" { "_total" } else { "" };
        assert_eq!(name, format!("{family}{suffix}"), "{line}");
        check_labels(labels, line);
        assert!(seen.insert(series), "{line}: twice");
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite() && (families[family] == "gauge" || value >= 0.0), "{line}");
        samples.push((series.to_owned(), value));
    }
    samples
}

/// `a="b",c="d"}`
fn check_labels(labels: &str, line: &str) {
    let mut rest = labels;
    while rest != "}" {
        let (name, more) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
        assert!(
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{line}"
        );
        let mut escaped = false;
        let end = more.bytes().position(|octet| {
            let ends = octet == b'"' && !escaped;
            escaped = octet == b'\\' && !escaped;
            ends
        });
        rest = more.split_at(end.unwrap_or_else(|| panic!("{line}")) + 1).1;
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

#[test]
fn the_text_is_what_scrapers_read() {
    let (text, _) = exposed();
    let samples: BTreeMap<_, _> = samples(&text).into_iter().collect();
    assert_eq!(samples["apitap_build_info{version=\"1.2.3\"}"], 1.0);
    assert_eq!(samples["apitap_info{sensor_id=\"edge\",config_id=\"c0\"}"], 1.0);
    assert_eq!(samples[r#"apitap_interface_up{interface="eth1\"\\\n"}"#], 1.0);
    assert_eq!(samples["apitap_mirror_advice{reading=\"gaps\"}"], 1.0);
    assert_eq!(samples["apitap_mirror_advice{reading=\"one_way\"}"], 0.0);
    assert_eq!(samples["apitap_hardening{measure=\"landlock\"}"], 1.0);
    assert_eq!(samples["apitap_ladder_rung"], 3.0);
    assert_eq!(samples["apitap_ready"], 1.0);
    assert_eq!(samples["apitap_admin_requests_total{status=\"200\"}"], 1.0);
}

#[test]
fn numbers_at_their_ends_can_be_written() {
    let mut snapshot = Snapshot::default();
    snapshot.memory.resident_bytes = u64::MAX;
    snapshot.counts.packets = u64::MAX;
    snapshot.queues.segments_fill = 0.25;
    let text = text(families(&snapshot, &Tally::default())).unwrap();
    assert!(text.contains("apitap_memory_resident_bytes 9223372036854775807\n"));
    assert!(text.contains("apitap_read_packets_total 18446744073709551615\n"));
    samples(&text);
}

/// The metrics of `page`: name, type and labels, from the rows of its tables.
fn documented(page: &str) -> BTreeSet<(String, String, String)> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `apitap_"));
    let cell = |cell: &str| cell.trim().replace('`', "");
    rows.map(|row| {
        let cells: Vec<_> = row.split(" | ").collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(cells.iter().all(|cell| !cell.trim_matches(['|', ' ']).is_empty()), "{row}");
        (format!("apitap_{}", cell(cells[0])), cell(cells[1]), cell(cells[2]))
    })
    .collect()
}

fn repository(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_page_lists_each_metric_and_no_other() {
    let page = documented(&repository("docs/metrics.md"));
    let (snapshot, _) = snapshot();
    let families = families(&snapshot, &Tally::default());
    let want: BTreeSet<_> = families
        .iter()
        .map(|family| {
            let kind = if family.kind == Kind::Counter { "counter" } else { "gauge" };
            let labels = family.labels.join(", ");
            let labels = if labels.is_empty() { "–".to_owned() } else { labels };
            (family.full_name(), kind.to_owned(), labels)
        })
        .collect();
    assert_eq!(want.len(), families.len(), "each name once");
    let missing: Vec<_> = want.difference(&page).collect();
    let stale: Vec<_> = page.difference(&want).collect();
    assert!(missing.is_empty() && stale.is_empty(), "missing: {missing:#?}\nstale: {stale:#?}");
}

/// Words beginning with `apitap_`, as far as a name goes; those of recording rules have a colon.
fn names_in(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices("apitap_").map(|(at, _)| text.split_at(at).1);
    let end = |word: &str| {
        word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
            .unwrap_or(word.len())
    };
    starts.map(|word| word.split_at(end(word)).0).collect()
}

#[test]
fn rules_and_dashboard_name_metrics_that_exist() {
    let page = repository("docs/metrics.md");
    let known: BTreeSet<String> = documented(&page).into_iter().map(|(name, ..)| name).collect();
    for file in ["deploy/prometheus/rules.yaml", "deploy/grafana/apitap.json"] {
        let text = repository(file);
        let named = names_in(&text);
        assert!(named.len() > 10, "{file} names {}", named.len());
        let unknown: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[test]
fn the_dashboard_is_whole() {
    let board: serde_json::Value =
        serde_json::from_str(&repository("deploy/grafana/apitap.json")).unwrap();
    assert_eq!(board["uid"], "apitap");
    let panels = board["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "ids are distinct");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().unwrap();
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        assert!(targets.iter().all(|t| t["expr"].as_str().unwrap().contains("apitap_")), "{title}");
    }
}
