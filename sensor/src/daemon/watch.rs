//! Everything the daemon's parts know, brought together in one [`Snapshot`] for whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::ladder::Ladder;
use super::mirror::Advice;
use super::state::{self, Memory, Phase, Queues, Reloads, Snapshot};
use super::{inventory, key_logs, paths, sinks, system};
use crate::capture::live::{self, Status};
use crate::kubernetes::Watcher;
use crate::pipeline;
use crate::privileges;
use crate::record::SensorInfo;

/// The parts that are asked.
pub(super) struct Watch {
    pub(super) started: SystemTime,
    pub(super) memory_max: u64,
    pub(super) privileges: privileges::State,
    pub(super) interfaces: Vec<Arc<live::Shared>>,
    pub(super) line: Arc<pipeline::live::Shared>,
    pub(super) sinks: Arc<sinks::Shared>,
    /// Names of addresses, while it is held.
    kubernetes: Option<Watcher>,
    /// The inventory, if there is one.
    pub(super) inventory: Option<Arc<inventory::Shared>>,
    /// What learns paths.
    pub(super) paths: Option<Arc<paths::Shared>>,
    /// TLS key logs, if there are any.
    pub(super) key_logs: Option<Arc<key_logs::Shared>>,
    told: Mutex<Told>,
}

/// What the supervisor tells.
pub(super) struct Told {
    pub(super) sensor: SensorInfo,
    pub(super) phase: Phase,
    pub(super) ladder: Ladder,
    pub(super) segments_fill: f64,
    pub(super) records_fill: f64,
    pub(super) reloads: Reloads,
    pub(super) mirror: Vec<Advice>,
}

impl Watch {
    pub(super) fn new(
        memory_max: u64,
        privileges: privileges::State,
        interfaces: Vec<Arc<live::Shared>>,
        line: Arc<pipeline::live::Shared>,
        sinks: Arc<sinks::Shared>,
        told: Told,
        kubernetes: Option<Watcher>,
    ) -> Self {
        let started = SystemTime::now();
        Self {
            started,
            memory_max,
            privileges,
            interfaces,
            line,
            sinks,
            kubernetes,
            inventory: None,
            paths: None,
            key_logs: None,
            told: Mutex::new(told),
        }
    }

    /// What the supervisor tells, to be changed.
    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Interfaces, the threads of each added up.
    pub(super) fn interfaces(&self) -> Vec<Status> {
        self.interfaces.iter().map(|interface| interface.status()).collect()
    }

    /// All of it, now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let interfaces = self.interfaces();
        let mut counts = self.line.counts();
        self.sinks.add_links(&mut counts);
        counts.endpoints = self.paths.as_ref().map(|shared| shared.counts()).unwrap_or_default();
        let told = self.told();
        let ladder = state::Ladder {
            rung: told.ladder.rung().number(),
            climbs: told.ladder.climbs,
            descents: told.ladder.descents,
            seconds: told.ladder.spent.map(|spent| spent.as_secs_f64()),
        };
        Snapshot {
            sensor: told.sensor.clone(),
            started: self.started,
            phase: told.phase,
            interfaces,
            counts,
            queues: Queues {
                segments_dropped: self.line.segments_dropped(),
                records_dropped: self.line.records_dropped(),
                segments_fill: told.segments_fill,
                records_fill: told.records_fill,
            },
            ladder,
            volume: self.sinks.volume(),
            sinks: self.sinks.states(),
            memory: Memory { resident_bytes: system::resident_bytes(), max_bytes: self.memory_max },
            descriptors: system::descriptors(),
            threads: system::threads(),
            kubernetes: self.kubernetes.as_ref().map(Watcher::counts),
            inventory: self.inventory.as_ref().map(|shared| shared.state()),
            key_logs: self.key_logs.as_ref().map(|shared| shared.state()),
            defects: self.line.panics(),
            reloads: told.reloads.clone(),
            privileges: self.privileges.clone(),
            mirror: told.mirror.clone(),
        }
    }
}
