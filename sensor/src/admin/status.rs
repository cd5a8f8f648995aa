//! `/status`: the sensor's state as one JSON object.
//!
//! Its head says what people ask first; `metrics` has every number under its metric's name without `apitap_`
//! and `_total`, one level deeper for each label. Documented in `docs/metrics.md`: add, never change.

use std::time::SystemTime;

use serde_json::{Map, Value as Json, json};

use super::metrics::{Family, Value};
use crate::capture::live;
use crate::daemon::inventory;
use crate::daemon::state::{Accounting, SinkState, Snapshot};
use crate::{privileges, sink};

/// The state of `snapshot`, whose numbers are `families`.
pub(super) fn of(snapshot: &Snapshot, families: &[Family]) -> Json {
    let Snapshot { sensor, started, phase, counts, ladder, memory, reloads, .. } = snapshot;
    let not_ready = snapshot.not_ready();
    let Accounting { received, explained, difference } = Accounting::of(snapshot);
    let since = jiff::Timestamp::try_from(*started);
    json!({
        "sensor": { "id": sensor.id, "version": sensor.version, "config_id": sensor.config_id },
        "started": since.map(|time| format!("{time:.0}")).unwrap_or_default(),
        "uptime_seconds": now().duration_since(*started).unwrap_or_default().as_secs(),
        "phase": phase.label(),
        "ready": not_ready.is_none(),
        "not_ready": not_ready,
        "advice": snapshot.mirror,
        "accounting": { "received": received, "explained": explained, "difference": difference },
        "interfaces": snapshot.interfaces.iter().map(interface).collect::<Vec<_>>(),
        "connections": counts.reassembly.connections,
        "records": counts.records,
        "ladder_rung": ladder.rung,
        "sinks": snapshot.sinks.iter().map(sink).collect::<Vec<_>>(),
        "inventory": snapshot.inventory.as_ref().map(inventory),
        "memory": { "resident_bytes": memory.resident_bytes, "max_bytes": memory.max_bytes },
        "reloads": {
            "succeeded": reloads.succeeded,
            "failed": reloads.failed,
            "last_error": reloads.last_error,
        },
        "privileges": privileges(&snapshot.privileges),
        "metrics": metrics(families),
    })
}

#[allow(clippy::disallowed_methods, reason = "how long the process runs is no traffic time")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn interface(status: &live::Status) -> Json {
    let live::Status {
        interface,
        up,
        threads,
        received,
        received_bytes,
        kernel_dropped,
        interface_dropped,
        truncated,
        super_frames,
        lost,
        error,
    } = status;
    json!({
        "interface": interface, "up": up, "threads": threads, "received": received,
        "received_bytes": received_bytes, "kernel_dropped": kernel_dropped,
        "interface_dropped": interface_dropped, "truncated": truncated,
        "super_frames": super_frames, "lost": lost, "error": error,
    })
}

fn sink(state: &SinkState) -> Json {
    let sink::Delivered { delivered, failed, undelivered, spooled, cut, last_error } =
        &state.delivered;
    json!({
        "sink": state.name, "accepting": state.accepts(), "delivered": delivered, "failed": failed,
        "pending": undelivered, "spooled": spooled, "cut": cut, "last_error": last_error,
        "spool": state.spool.as_ref().map(spool),
    })
}

fn inventory(state: &inventory::State) -> Json {
    let inventory::State {
        endpoints,
        unproven,
        entities,
        cells_left,
        calls,
        left_out,
        skipped,
        changes,
        saves,
        last_error,
    } = state;
    json!({
        "endpoints": endpoints, "unproven": unproven, "entities": entities, "cells_left": cells_left,
        "calls": calls, "left_out": left_out, "skipped": skipped, "changes": changes, "saves": saves,
        "last_error": last_error,
    })
}

fn spool(status: &sink::spool::Status) -> Json {
    let sink::spool::Status {
        records,
        bytes,
        bytes_max,
        segments,
        oldest_seconds,
        written,
        acknowledged,
        dropped,
        corrupt,
        resumed,
        writable,
        memory_has_room,
        last_error,
    } = status;
    json!({
        "records": records, "bytes": bytes, "bytes_max": bytes_max, "segments": segments,
        "oldest_seconds": oldest_seconds, "written": written, "acknowledged": acknowledged,
        "dropped": dropped, "corrupt": corrupt, "resumed": resumed, "writable": writable,
        "memory_has_room": memory_has_room, "last_error": last_error,
    })
}

fn privileges(state: &privileges::State) -> Json {
    let privileges::State {
        user,
        capabilities,
        no_new_privileges,
        landlock,
        seccomp,
        core_dumps,
        keys_locked,
    } = state;
    json!({
        "user": user, "capabilities": capabilities, "no_new_privileges": no_new_privileges,
        "landlock": landlock, "seccomp": seccomp, "core_dumps": core_dumps, "keys_locked": keys_locked,
    })
}

/// Every family by section and name.
fn metrics(families: &[Family]) -> Json {
    let mut sections = Map::new();
    for family in families {
        let mut tree = Json::Object(Map::new());
        for (labels, value) in &family.samples {
            put(&mut tree, labels, number(*value));
        }
        if let Json::Object(section) =
            sections.entry(family.section).or_insert_with(|| Json::Object(Map::new()))
        {
            section.insert(family.name.to_owned(), tree);
        }
    }
    sections.into()
}

/// Puts a number under its labels' values.
fn put(tree: &mut Json, path: &[std::borrow::Cow<'static, str>], number: Json) {
    match path {
        [] => *tree = number,
        [first, rest @ ..] => {
            if let Json::Object(map) = tree {
                let inner = map.entry(first.as_ref()).or_insert_with(|| Json::Object(Map::new()));
                put(inner, rest, number);
            }
        }
    }
}

fn number(value: Value) -> Json {
    match value {
        Value::Count(count) => count.into(),
        Value::Signed(count) => count.into(),
        Value::Real(real) => real.into(),
    }
}
