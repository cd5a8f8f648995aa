//! What the daemon knows of itself at one moment.
//!
//! The threads keep counters of their own; whoever asks gets one [`Snapshot`] of all of them. Nothing here
//! comes from traffic but numbers.

use std::time::SystemTime;

use super::inventory;
use super::key_logs;
use super::mirror::Advice;
use crate::{capture, kubernetes, pipeline, privileges, record, sink};

/// Where the daemon is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Opening what it needs.
    #[default]
    Starting,
    /// Capturing.
    Running,
    /// Told to stop: capturing has ended, records are on their way out.
    Draining,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 3] = [Self::Starting, Self::Running, Self::Draining];

    /// The phase's name in metrics and in `/status`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Draining => "draining",
        }
    }
}

/// Everything that is told about a running sensor. All counters are since the start and only grow.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Name, version and configuration.
    pub sensor: record::SensorInfo,
    /// When the process started.
    pub started: SystemTime,
    /// Where it is in its life.
    pub phase: Phase,
    /// Capturing interfaces.
    pub interfaces: Vec<capture::live::Status>,
    /// What the stages counted, summed over capture threads and workers.
    pub counts: pipeline::Counts,
    /// The queues between threads.
    pub queues: Queues,
    /// The overload ladder.
    pub ladder: Ladder,
    /// Adaptive sampling.
    pub volume: Volume,
    /// Where records go.
    pub sinks: Vec<SinkState>,
    /// Memory of the process.
    pub memory: Memory,
    /// File descriptors open.
    pub descriptors: u64,
    /// Threads running.
    pub threads: u64,
    /// Names of addresses, if they are watched.
    pub kubernetes: Option<kubernetes::Counts>,
    /// The inventory, if there is one.
    pub inventory: Option<inventory::State>,
    /// TLS key logs, if there are any.
    pub key_logs: Option<key_logs::State>,
    /// Times a worker met a defect of the sensor and began anew, without its connections.
    pub defects: u64,
    /// Reloads of the configuration.
    pub reloads: Reloads,
    /// What the process may still do.
    pub privileges: privileges::State,
    /// What is wrong with the mirror, as last assessed.
    pub mirror: Vec<Advice>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            sensor: record::SensorInfo::default(),
            started: SystemTime::UNIX_EPOCH,
            phase: Phase::Starting,
            interfaces: Vec::new(),
            counts: pipeline::Counts::default(),
            queues: Queues::default(),
            ladder: Ladder::default(),
            volume: Volume::default(),
            sinks: Vec::new(),
            memory: Memory::default(),
            descriptors: 0,
            threads: 0,
            kubernetes: None,
            inventory: None,
            key_logs: None,
            defects: 0,
            reloads: Reloads::default(),
            privileges: privileges::State::default(),
            mirror: Vec::new(),
        }
    }
}

/// The queues between threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Queues {
    /// Segments dropped because a worker's queue was full.
    pub segments_dropped: u64,
    /// Records dropped because the sink's queue was full.
    pub records_dropped: u64,
    /// How full the fullest queue of segments is, 0 to 1.
    pub segments_fill: f64,
    /// How full the queue of records is, 0 to 1.
    pub records_fill: f64,
}

/// The overload ladder.
#[derive(Debug, Clone, Copy)]
pub struct Ladder {
    /// The rung stood on: 1 full inspection, 2 large bodies are cut, 3 no bodies, 4 no bodies
    /// and new connections are ignored.
    pub rung: u8,
    /// Steps up.
    pub climbs: u64,
    /// Steps down.
    pub descents: u64,
    /// Time spent on each rung, in seconds.
    pub seconds: [f64; 4],
}

impl Default for Ladder {
    fn default() -> Self {
        Self { rung: 1, climbs: 0, descents: 0, seconds: [0.0; 4] }
    }
}

/// Adaptive sampling of calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Volume {
    /// Calls recorded in full.
    pub kept: u64,
    /// Calls thinned out.
    pub thinned: u64,
}

/// A sink.
#[derive(Debug, Clone)]
pub struct SinkState {
    /// Its name in the configuration: `kafka`.
    pub name: &'static str,
    /// What became of its records.
    pub delivered: sink::Delivered,
    /// Its spool, if it has one.
    pub spool: Option<sink::spool::Status>,
    /// What its client says of itself, if it has one.
    pub statistics: Option<sink::Statistics>,
}

/// Memory of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// The limit set, in bytes; 0: none.
    pub max_bytes: u64,
}

/// Reloads of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Reloads {
    /// Those that took effect.
    pub succeeded: u64,
    /// Those that left the old configuration in force.
    pub failed: u64,
    /// Why the last one that failed did.
    pub last_error: Option<String>,
}

/// Packets received against what became of them.
///
/// ```text
/// received  = Σ interfaces: packets handed to the sensor
/// explained = Σ decapsulation: every outcome but "segment"
///           + segments dropped before the workers
///           + Σ reassembly: every outcome of a segment
/// ```
///
/// The difference is what is on its way in queues, or was counted between two looks; it stays small and returns to 0
/// when the traffic pauses. What the kernel or the card dropped was never received and is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounting {
    /// Packets received.
    pub received: u64,
    /// Packets whose outcome is known.
    pub explained: u64,
    /// `received` less `explained`.
    pub difference: i64,
}

impl Accounting {
    /// The books of `snapshot`.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let sum = |numbers: &mut dyn Iterator<Item = u64>| numbers.fold(0, u64::saturating_add);
        let received = sum(&mut snapshot.interfaces.iter().map(|status| status.received));
        let counts = &snapshot.counts;
        let handed_on = counts.decap.segment.saturating_add(counts.decap.quic);
        let no_segment = counts.decap.packets().saturating_sub(handed_on);
        let segments = sum(&mut counts.reassembly.outcomes().map(|(_, count)| count));
        let taken = segments.saturating_add(counts.tls.quic_datagrams);
        let explained =
            no_segment.saturating_add(snapshot.queues.segments_dropped).saturating_add(taken);
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let difference = match received.checked_sub(explained) {
            Some(missing) => signed(missing),
            None => signed(explained.saturating_sub(received)).saturating_neg(),
        };
        Self { received, explained, difference }
    }
}

/// The rest of what is asked of a sensor: whether it does its work.
impl Snapshot {
    /// Why the sensor does not do its work, in one line; `None` when it does: it runs, an interface is up, and
    /// a sink (or its spool) takes records. Names no host, file or content.
    #[must_use]
    pub fn not_ready(&self) -> Option<&'static str> {
        match self.phase {
            Phase::Starting => return Some("starting"),
            Phase::Draining => return Some("draining: told to stop"),
            Phase::Running => {}
        }
        if !self.interfaces.iter().any(|interface| interface.up) {
            return Some("no interface is up: nothing is captured");
        }
        if self.sinks.is_empty() {
            return Some("no sink is configured: records go nowhere");
        }
        if !self.sinks.iter().any(SinkState::accepts) {
            return Some("no sink accepts records, and no spool has room");
        }
        None
    }
}

impl SinkState {
    /// Whether records given to it now are kept: by its spool, in memory while its disk is not writable; without a
    /// spool, it has not failed with every record so far.
    #[must_use]
    pub fn accepts(&self) -> bool {
        match &self.spool {
            Some(spool) => spool.writable || spool.memory_has_room,
            None => self.delivered.failed == 0 || self.delivered.delivered > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(received: u64) -> capture::live::Status {
        capture::live::Status { up: true, received, ..Default::default() }
    }

    #[test]
    fn every_packet_has_one_place_in_the_books() {
        let mut snapshot =
            Snapshot { interfaces: vec![interface(100), interface(50)], ..Snapshot::default() };
        snapshot.counts.decap.segment = 120;
        snapshot.counts.decap.udp = 20;
        snapshot.counts.decap.quic = 8;
        // Two more were dropped.
        snapshot.counts.tls.quic_datagrams = 6;
        snapshot.counts.decap.filtered = 5;
        snapshot.counts.decap.malformed_short = 2;
        snapshot.queues.segments_dropped = 12;
        snapshot.counts.reassembly.data_segments = 60;
        snapshot.counts.reassembly.stray_segments = 40;
        let books = Accounting::of(&snapshot);
        assert_eq!(books, Accounting { received: 150, explained: 145, difference: 5 });
        // The five in the queue arrive.
        snapshot.counts.reassembly.control_segments = 5;
        assert_eq!(Accounting::of(&snapshot).difference, 0);
        snapshot.counts.reassembly.late_segments = 7;
        assert_eq!(Accounting::of(&snapshot).difference, -7);
    }

    #[test]
    fn hostile_numbers_saturate() {
        let mut snapshot =
            Snapshot { interfaces: vec![interface(u64::MAX)], ..Snapshot::default() };
        assert_eq!(Accounting::of(&snapshot).difference, i64::MAX);
        snapshot.interfaces = vec![interface(0)];
        snapshot.counts.decap.udp = u64::MAX;
        assert_eq!(Accounting::of(&snapshot).difference, -i64::MAX);
    }

    #[test]
    fn readiness_says_what_is_missing() {
        let mut snapshot = Snapshot::default();
        assert_eq!(snapshot.not_ready(), Some("starting"));
        snapshot.phase = Phase::Running;
        assert!(snapshot.not_ready().unwrap().contains("interface"));
        snapshot.interfaces = vec![capture::live::Status::default(), interface(0)];
        assert!(snapshot.not_ready().unwrap().contains("no sink is configured"));
        let delivered = sink::Delivered { failed: 1, ..Default::default() };
        snapshot.sinks =
            vec![SinkState { name: "kafka", delivered, spool: None, statistics: None }];
        assert!(snapshot.not_ready().unwrap().contains("accepts"));
        snapshot.sinks[0].spool =
            Some(sink::spool::Status { writable: true, ..Default::default() });
        assert_eq!(snapshot.not_ready(), None);
        // The disk is gone, and the brokers take what is in memory; or they do not.
        let spool = sink::spool::Status { memory_has_room: true, ..Default::default() };
        snapshot.sinks[0].spool = Some(spool);
        assert_eq!(snapshot.not_ready(), None);
        snapshot.sinks[0].spool = Some(sink::spool::Status::default());
        assert!(snapshot.not_ready().is_some());
        snapshot.phase = Phase::Draining;
        assert!(snapshot.not_ready().unwrap().starts_with("draining"));
    }
}
