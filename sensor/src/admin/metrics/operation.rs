//! How the sensor itself is doing.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::{Kind, List, Value};
use crate::admin::tally::Tally;
use crate::capture::live;
use crate::daemon::inventory::State;
use crate::daemon::mirror;
use crate::daemon::state::{
    Accounting, Ladder, Memory, Phase, Queues, Reloads, SinkState, Snapshot, Volume,
};
use crate::{kubernetes, link, privileges, sink};

const RUNGS: [&str; 4] = ["1", "2", "3", "4"];

fn yes(yes: bool) -> Value {
    Value::Count(yes.into())
}

/// Who it is, and whether it works.
pub(super) fn sensor(list: &mut List, snapshot: &Snapshot) {
    let Snapshot { sensor, started, phase, .. } = snapshot;
    list.section("sensor");
    let version = vec![Cow::Owned(sensor.version.clone())];
    list.family(Kind::Gauge, "build_info", "The program; 1", &["version"], [(version, yes(true))]);
    let names = vec![Cow::Owned(sensor.id.clone()), Cow::Owned(sensor.config_id.clone())];
    list.family(
        Kind::Gauge,
        "info",
        "The sensor and its configuration; 1",
        &["sensor_id", "config_id"],
        [(names, yes(true))],
    );
    let started = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    list.gauge(
        "start_time_seconds",
        Value::Real(started.as_secs_f64()),
        "When it started, since 1970",
    );
    let phases = Phase::ALL.map(|one| (one.label(), yes(one == *phase)));
    list.gauges("phase", &["phase"], phases, "1 for the phase it is in");
    list.gauge("ready", yes(snapshot.not_ready().is_none()), "1 while /readyz says so");
    list.section("accounting");
    list.gauge(
        "unexplained_packets",
        Value::Signed(Accounting::of(snapshot).difference),
        "Packets received less those whose outcome is known",
    );
}

/// Capture.
pub(super) fn interfaces(list: &mut List, snapshot: &Snapshot) {
    list.section("interfaces");
    let all = &snapshot.interfaces;
    let mut add = |kind, name, help, value: fn(&live::Status) -> Value| {
        let sample = |one: &live::Status| (vec![Cow::Owned(one.interface.clone())], value(one));
        list.family(kind, name, help, &["interface"], all.iter().map(sample));
    };
    let (counter, gauge) = (Kind::Counter, Kind::Gauge);
    add(gauge, "interface_up", "1 while packets are captured from it", |s| yes(s.up));
    add(gauge, "interface_threads", "Threads that capture from it", |s| {
        Value::Count(s.threads.into())
    });
    add(counter, "interface_packets", "Packets received", |s| Value::Count(s.received));
    add(counter, "interface_bytes", "Bytes received", |s| Value::Count(s.received_bytes));
    add(
        counter,
        "interface_kernel_dropped_packets",
        "Packets the kernel dropped: the ring was full",
        |s| Value::Count(s.kernel_dropped),
    );
    add(
        counter,
        "interface_dropped_packets",
        "Packets the network card or its driver dropped",
        |s| Value::Count(s.interface_dropped),
    );
    add(counter, "interface_truncated_packets", "Packets cut by the snap length", |s| {
        Value::Count(s.truncated)
    });
    add(
        counter,
        "interface_super_frames",
        "Packets longer than a jumbo frame, joined by offload",
        |s| Value::Count(s.super_frames),
    );
    add(counter, "interface_losses", "Times the interface went away", |s| Value::Count(s.lost));
}

/// Queues, the ladder, sampling.
pub(super) fn overload(list: &mut List, snapshot: &Snapshot) {
    let Queues { segments_dropped, records_dropped, segments_fill, records_fill } = snapshot.queues;
    list.section("overload");
    list.counters(
        "queue_dropped",
        &["queue"],
        [("segments", segments_dropped), ("records", records_dropped)],
        "Segments and records dropped because the queue before the next thread was full",
    );
    list.gauges(
        "queue_fill_ratio",
        &["queue"],
        [("segments", Value::Real(segments_fill)), ("records", Value::Real(records_fill))],
        "How full the fullest queue is, 0 to 1",
    );
    let Ladder { rung, climbs, descents, seconds } = snapshot.ladder;
    list.gauge(
        "ladder_rung",
        Value::Count(rung.into()),
        "Rung of the overload ladder: 1 full inspection, 2 large bodies cut, 3 no bodies, 4 no bodies \
         and new connections ignored",
    );
    list.counters(
        "ladder_moves",
        &["direction"],
        [("up", climbs), ("down", descents)],
        "Steps on the ladder",
    );
    let times = RUNGS.into_iter().zip(seconds);
    list.family(
        Kind::Counter,
        "ladder_seconds",
        "Time spent on each rung",
        &["rung"],
        times.map(|(rung, seconds)| (vec![rung.into()], Value::Real(seconds))),
    );
    let Volume { kept, thinned } = snapshot.volume;
    list.counters(
        "sampled_calls",
        &["outcome"],
        [("kept", kept), ("thinned", thinned)],
        "Calls that adaptive sampling kept and thinned out",
    );
}

/// Links between calls.
pub(super) fn links(list: &mut List, counts: &link::Counts) {
    let link::Counts { learned, linked, ended, expired, sessions_evicted, steps, places_evicted } =
        counts;
    list.section("links");
    list.counters(
        "linked_sessions",
        &["outcome"],
        [
            ("learned", *learned),
            ("shown", *linked),
            ("ended", *ended),
            ("expired", *expired),
            ("evicted", *sessions_evicted),
        ],
        "Sessions and tokens that answers handed out, and what became of them",
    );
    list.counter("id_steps", *steps, "Ids one step from the caller's previous one");
    list.counter(
        "caller_places_evicted",
        *places_evicted,
        "Places of callers' ids and refusals forgotten for want of room",
    );
}

/// What became of records.
pub(super) fn sinks(list: &mut List, snapshot: &Snapshot) {
    list.section("sinks");
    let outcomes = snapshot.sinks.iter().flat_map(|SinkState { name, delivered, .. }| {
        [("delivered", delivered.delivered), ("failed", delivered.failed)]
            .map(|(outcome, count)| (vec![(*name).into(), outcome.into()], Value::Count(count)))
    });
    let help = "Records written or acknowledged, and records given up on";
    list.family(Kind::Counter, "sink_records", help, &["sink", "outcome"], outcomes);
    let mut add = |kind, name, help, value: fn(&SinkState) -> Value| {
        let sample = |one: &SinkState| (vec![one.name.into()], value(one));
        list.family(kind, name, help, &["sink"], snapshot.sinks.iter().map(sample));
    };
    add(Kind::Gauge, "sink_pending_records", "Records on their way", |s| {
        Value::Count(s.delivered.undelivered)
    });
    add(Kind::Gauge, "sink_spooled_records", "Records waiting in the spool", |s| {
        Value::Count(s.delivered.spooled)
    });
    add(Kind::Counter, "sink_cut_records", "Records cut to fit the size limit of a message", |s| {
        Value::Count(s.delivered.cut)
    });
    add(Kind::Gauge, "sink_accepting", "1 while the sink, or its spool, takes records", |s| {
        yes(s.accepts())
    });
}

/// What the Kafka client says of itself.
pub(super) fn clients(list: &mut List, snapshot: &Snapshot) {
    list.section("kafka");
    let clients =
        || snapshot.sinks.iter().filter_map(|sink| Some((sink.name, sink.statistics.as_ref()?)));
    let mut add = |kind, name, help, value: fn(&sink::Statistics) -> Value| {
        let sample = |(name, client): (&'static str, _)| (vec![name.into()], value(client));
        list.family(kind, name, help, &["sink"], clients().map(sample));
    };
    let (counter, gauge) = (Kind::Counter, Kind::Gauge);
    add(gauge, "kafka_queue_messages", "Messages not yet acknowledged", |s| {
        Value::Count(s.queue_messages)
    });
    add(gauge, "kafka_queue_bytes", "Bytes of those", |s| Value::Count(s.queue_bytes));
    add(gauge, "kafka_brokers", "Brokers known", |s| Value::Count(s.brokers));
    add(gauge, "kafka_brokers_up", "Brokers connected to", |s| Value::Count(s.brokers_up));
    let help = "99th percentile of the round trip to the slowest broker";
    add(gauge, "kafka_round_trip_p99_seconds", help, |s| {
        Value::Real(Duration::from_micros(s.round_trip_p99_microseconds).as_secs_f64())
    });
    add(counter, "kafka_transmit_errors", "Requests that could not be sent", |s| {
        Value::Count(s.transmit_errors)
    });
    add(counter, "kafka_transmit_retries", "Requests sent again", |s| {
        Value::Count(s.transmit_retries)
    });
    add(counter, "kafka_request_timeouts", "Requests not answered in time", |s| {
        Value::Count(s.request_timeouts)
    });
    add(counter, "kafka_sent_messages", "Messages sent", |s| Value::Count(s.messages_sent));
    add(counter, "kafka_sent_bytes", "Bytes of messages sent, before compression", |s| {
        Value::Count(s.bytes_sent)
    });
}

/// Names of addresses.
pub(super) fn names(list: &mut List, snapshot: &Snapshot) {
    list.section("kubernetes");
    let mut add = |kind, name, help, value: fn(&kubernetes::Counts) -> Value| {
        let samples = snapshot.kubernetes.iter().map(|counts| (vec![], value(counts)));
        list.family(kind, name, help, &[], samples);
    };
    let (counter, gauge) = (Kind::Counter, Kind::Gauge);
    add(gauge, "kubernetes_synced", "1 once every kind of objects was listed", |c| yes(c.synced));
    add(gauge, "kubernetes_objects", "Objects held", |c| Value::Count(c.objects));
    add(gauge, "kubernetes_entries", "Claims on addresses held", |c| Value::Count(c.entries));
    let help = "Seconds since the API server was heard of";
    add(gauge, "kubernetes_stale_seconds", help, |c| Value::Count(c.stale_seconds));
    let help = "Claims and objects refused as there were entries_max";
    add(counter, "kubernetes_refused", help, |c| Value::Count(c.refused));
    add(counter, "kubernetes_events", "Events and bookmarks taken", |c| Value::Count(c.events));
    add(counter, "kubernetes_lists", "Lists finished", |c| Value::Count(c.relists));
    let help = "Lists and watches that failed";
    add(counter, "kubernetes_errors", help, |c| Value::Count(c.errors));
    let help = "Lines and objects that could not be read";
    add(counter, "kubernetes_garbage", help, |c| Value::Count(c.garbage));
    let lookups = snapshot.kubernetes.iter().flat_map(|counts| {
        [
            ("hit", counts.hits),
            ("miss", counts.misses),
            ("ambiguous", counts.ambiguous),
            ("stale", counts.stale),
        ]
        .map(|(result, count)| (vec![result.into()], Value::Count(count)))
    });
    list.family(counter, "kubernetes_lookups", "Names asked for", &["result"], lookups);
}

/// The inventory.
pub(super) fn inventory(list: &mut List, snapshot: &Snapshot) {
    list.section("inventory");
    let mut add = |kind, name, help, value: fn(&State) -> u64| {
        let samples = snapshot.inventory.iter();
        let samples = samples.map(|state| (vec![], Value::Count(value(state))));
        list.family(kind, name, help, &[], samples);
    };
    let (counter, gauge) = (Kind::Counter, Kind::Gauge);
    add(gauge, "inventory_endpoints", "Endpoints remembered", |s| s.endpoints);
    let help = "Endpoints of which no answer shows that they exist";
    add(gauge, "inventory_unproven_endpoints", help, |s| s.unproven);
    add(gauge, "inventory_entities", "Entities remembered", |s| s.entities);
    let help = "Room left for parameters, fields and names";
    add(gauge, "inventory_cells_left", help, |s| s.cells_left);
    let help = "Calls learned from, by weight, those of the saved state among them";
    add(counter, "inventory_calls", help, |s| s.calls);
    add(counter, "inventory_left_out", "Calls and things that had no place", |s| s.left_out);
    let help = "Records skipped because the inventory did not keep up";
    add(counter, "inventory_skipped", help, |s| s.skipped);
    add(counter, "inventory_changes", "Changes handed to the sinks", |s| s.changes);
    add(counter, "inventory_saves", "Times the state was saved", |s| s.saves);
}

/// What waits on disk.
pub(super) fn spools(list: &mut List, snapshot: &Snapshot) {
    list.section("spool");
    let spools =
        || snapshot.sinks.iter().filter_map(|sink| Some((sink.name, sink.spool.as_ref()?)));
    let outcomes = spools().flat_map(|(name, spool)| {
        [
            ("written", spool.written),
            ("acknowledged", spool.acknowledged),
            ("dropped", spool.dropped),
            ("corrupt", spool.corrupt),
            ("resumed", spool.resumed),
        ]
        .map(|(event, count)| (vec![name.into(), event.into()], Value::Count(count)))
    });
    let help = "Records written to the spool, acknowledged, dropped because it was full, lost to damage, found at the start";
    list.family(Kind::Counter, "spool_events", help, &["sink", "event"], outcomes);
    let mut add = |name, help, value: fn(&sink::spool::Status) -> Value| {
        let sample = |(name, spool): (&'static str, _)| (vec![name.into()], value(spool));
        list.family(Kind::Gauge, name, help, &["sink"], spools().map(sample));
    };
    add("spool_records", "Records waiting", |s| Value::Count(s.records));
    add("spool_bytes", "Bytes on disk", |s| Value::Count(s.bytes));
    add("spool_limit_bytes", "Most bytes on disk; beyond it the oldest records go", |s| {
        Value::Count(s.bytes_max)
    });
    add("spool_segments", "Segment files", |s| Value::Count(s.segments));
    add("spool_oldest_seconds", "Age of the oldest record waiting", |s| {
        Value::Count(s.oldest_seconds)
    });
    add("spool_writable", "1 while the disk takes records", |s| yes(s.writable));
}

/// Mirror health.
pub(super) fn mirror(list: &mut List, snapshot: &Snapshot) {
    list.section("mirror");
    let shares = mirror::shares(snapshot).map(|(id, share)| (id, Value::Real(share)));
    list.gauges(
        "mirror_share_ratio",
        &["reading"],
        shares,
        "Readings of mirror health since the start, 0 to 1",
    );
    let stands = |id| snapshot.mirror.iter().any(|advice| advice.id == id);
    let advice = mirror::ids().map(|id| (id, yes(stands(id))));
    list.gauges(
        "mirror_advice",
        &["reading"],
        advice,
        "1 while /status advises to change something",
    );
}

/// The process.
pub(super) fn process(list: &mut List, snapshot: &Snapshot) {
    list.section("process");
    let Memory { resident_bytes, max_bytes } = snapshot.memory;
    list.gauge(
        "memory_resident_bytes",
        Value::Count(resident_bytes),
        "Resident memory of its own, without the kernel's capture buffers",
    );
    list.gauge("memory_limit_bytes", Value::Count(max_bytes), "Limit of memory; 0: none");
    list.gauge("open_descriptors", Value::Count(snapshot.descriptors), "File descriptors open");
    list.counter(
        "defects",
        snapshot.defects,
        "Times a worker met a defect of the sensor and began anew, without its connections",
    );
    list.gauge("threads", Value::Count(snapshot.threads), "Threads running");
    let Reloads { succeeded, failed, last_error: _ } = &snapshot.reloads;
    list.counters(
        "config_reloads",
        &["result"],
        [("succeeded", *succeeded), ("failed", *failed)],
        "Reloads of the configuration",
    );
    let privileges::State {
        user: _,
        capabilities,
        no_new_privileges,
        landlock,
        seccomp,
        core_dumps,
        keys_locked,
    } = &snapshot.privileges;
    let count = u64::try_from(capabilities.len()).unwrap_or(u64::MAX);
    list.gauge("capabilities", Value::Count(count), "Capabilities still permitted");
    let enforced = |state: &str| yes(state.starts_with("enforced"));
    list.gauges(
        "hardening",
        &["measure"],
        [
            ("no_new_privileges", yes(*no_new_privileges)),
            ("landlock", enforced(landlock)),
            ("seccomp", enforced(seccomp)),
            ("no_core_dumps", yes(!core_dumps)),
            ("keys_locked", yes(*keys_locked)),
        ],
        "1 for each measure in force",
    );
}

/// This server.
pub(super) fn admin(list: &mut List, tally: &Tally) {
    list.section("admin");
    list.counters(
        "admin_requests",
        &["status"],
        tally.answers(),
        "Requests answered by the admin server",
    );
    list.counter(
        "admin_refused_connections",
        tally.refusals(),
        "Connections closed because too many were open",
    );
}
