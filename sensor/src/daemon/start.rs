//! The start: everything is opened with the rights it takes, the rights are given away, the threads begin.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::config::Overload;
use super::inventory::{self, Desk, Keeper};
use super::key_logs::Follower;
use super::sinks::Sinks;
use super::sized::sized;
use super::state::{Phase, Reloads};
use super::watch::{Told, Watch};
use super::{DaemonError, Options, paths, system};
use crate::admin::{self, Listen};
use crate::capture::live::{self, Live};
use crate::config::Config;
use crate::decap::Decap;
use crate::endpoints::Rules;
use crate::grpc;
use crate::keys;
use crate::kubernetes::{self, Watcher};
use crate::pipeline::live::{Line, MakeWorker, Sizes};
use crate::pipeline::{self, Worker};
use crate::privileges;
use crate::record::{Builder, SensorInfo};
use crate::redact::{Descriptors, Keys};
use crate::sink;
use crate::tls::KeyRing;
use crate::volume::Volume;

/// Bytes that a full batch of segments takes, about.
const BATCH_BYTES: usize = 96 << 10;

/// A daemon that runs.
pub(super) struct Started {
    pub(super) options: Options,
    pub(super) line: Line,
    pub(super) sinks: Sinks,
    /// What the spool is sealed with.
    pub(super) spool_keys: sink::spool::Keys,
    pub(super) watch: Arc<Watch>,
    /// Answers while it is held.
    pub(super) admin: Option<admin::Server>,
    pub(super) signals: super::supervise::Signals,
    /// Follows TLS key logs while it is held.
    pub(super) _key_logs: Option<Follower>,
    /// Saves its state when it is let go, which must be after the sinks.
    pub(super) _inventory: Option<Keeper>,
    /// Learns paths; saves what it learned when it is let go, after the sinks.
    pub(super) paths: paths::Keeper,
}

/// Says what of the privacy policy deserves a second look.
pub(super) fn warn_of_policy(config: &Config) {
    for warning in config.privacy.privacy_warnings() {
        tracing::warn!("{warning}");
    }
}

/// Opens, confines, starts.
pub(super) fn start(options: Options) -> Result<Started, DaemonError> {
    prepare();
    let signals = super::supervise::Signals::register().map_err(DaemonError::failed)?;
    let config = &options.config;
    validate(config)?;
    let key_path = key_file(config)?;
    let keys = keys::load(&key_path).map_err(DaemonError::failed)?;
    lock(&keys);
    let descriptors = Arc::new(grpc::load(&config.grpc).map_err(DaemonError::config)?);
    let hints = pipeline::hints(config).map_err(DaemonError::config)?;
    let lives = open(config)?;
    if let Some(advice) = live::advice(&config.capture) {
        tracing::warn!("{advice}");
    }
    warn_of_policy(config);
    let confined = confine(&options, &key_path)?;
    for weakness in confined.weaknesses(&config.privileges) {
        tracing::warn!("{weakness}");
    }
    let memory_max = memory_max(&config.overload);
    let sized = sized(config, memory_max);
    let workers = sized.daemon.workers();
    let spool_keys = sink::spool::Keys::new(keys.derive("spool"));
    let opened = sink::open_for(&sized.output, &sink::Mode::Live { spool_keys: &spool_keys })
        .map_err(|error| DaemonError::sink(&error))?;
    let sensor = pipeline::sensor_info(config);
    let kubernetes = Watcher::start(&config.kubernetes).map_err(DaemonError::config)?;
    let names = kubernetes.as_ref().map(Watcher::names);
    let key_logs = Follower::start(&config.tls).map_err(DaemonError::failed)?;
    let ring = key_logs.as_ref().map(Follower::ring);
    let (paths, learning) = paths::start(&sized.endpoints, hints, keys.derive("endpoints"))
        .map_err(DaemonError::failed)?;
    let beside = Beside { descriptors, names, ring, rules: Arc::clone(&learning.rules) };
    let make = maker(&sized, workers, Arc::new(keys), &sensor, beside);
    let mut interfaces: Vec<_> = lives.iter().map(Live::status).collect();
    // The threads of an interface share one.
    interfaces.dedup_by(|one, other| Arc::ptr_eq(one, other));
    let decap = || Decap::new(&sized.decap).filtered(config.capture.inner_filter.clone());
    let sources = lives.into_iter().map(|live| (live, decap())).collect();
    let (line, records) =
        Line::start(sources, &make, &sizes(&sized)).map_err(DaemonError::failed)?;
    let (desk, keeper) = inventory(&sized)?;
    let (links, volume) = (pipeline::links(&sized), Volume::new(&config.volume));
    let sinks = Sinks::start(records, opened, links, volume, config.tls.sessions, desk, paths)
        .map_err(DaemonError::failed)?;
    let mut watch = Watch::new(
        memory_max,
        confined,
        interfaces,
        Arc::clone(line.shared()),
        Arc::clone(&sinks.shared),
        told(config, sensor),
        kubernetes,
    );
    watch.paths = Some(Arc::clone(&learning.shared));
    watch.key_logs = key_logs.as_ref().map(|follower| Arc::clone(&follower.shared));
    watch.inventory = keeper.as_ref().map(|keeper| Arc::clone(&keeper.shared));
    let watch = Arc::new(watch);
    let admin = serve(config, &watch)?;
    Ok(Started {
        options,
        line,
        sinks,
        spool_keys,
        watch,
        admin,
        signals,
        _inventory: keeper,
        paths: learning,
        _key_logs: key_logs,
    })
}

/// Sizes of the line's parts.
fn sizes(config: &Config) -> Sizes {
    let bytes = config.daemon.queue_mebibytes_max.clamp(1, 1024) << 20;
    Sizes {
        workers: config.daemon.workers(),
        queue_batches: (bytes / BATCH_BYTES).max(4),
        queue_records: config.daemon.queue_records_max.max(64),
        processors: config.daemon.processors.iter().map(|processor| processor.size()).collect(),
    }
}

/// What is told at first.
fn told(config: &Config, sensor: SensorInfo) -> Told {
    Told {
        sensor,
        phase: Phase::Running,
        ladder: super::ladder::Ladder::new(
            config.overload.climb_after(),
            config.overload.descend_after(),
        ),
        segments_fill: 0.0,
        records_fill: 0.0,
        reloads: Reloads::default(),
        mirror: Vec::new(),
    }
}

/// Refuses settings that do not fit together.
pub(super) fn validate(config: &Config) -> Result<(), DaemonError> {
    config.admin.validate().map_err(DaemonError::config)?;
    sink::validate(&config.output).map_err(|error| DaemonError::sink(&error))?;
    config.privileges.validate().map_err(DaemonError::failed)?;
    if config.output.file.is_none() && config.output.kafka.is_none() {
        return Err(DaemonError::config(
            "run needs somewhere to send records: add [output.kafka] or [output.file]",
        ));
    }
    let told = config.output.kafka.as_ref().is_some_and(|kafka| kafka.inventory.is_some());
    if told && !config.inventory.enabled {
        return Err(DaemonError::config(
            "output.kafka.inventory is a topic for changes of an inventory: set enabled = true in [inventory]",
        ));
    }
    Ok(())
}

/// Starts the inventory, if there is to be one.
fn inventory(config: &Config) -> Result<(Option<Desk>, Option<Keeper>), DaemonError> {
    if !config.inventory.enabled {
        return Ok((None, None));
    }
    let (desk, keeper) = inventory::start(&config.inventory).map_err(DaemonError::failed)?;
    Ok((Some(desk), Some(keeper)))
}

/// What the process is to be before it holds anything.
fn prepare() {
    if let Err(error) = privileges::no_core_dumps() {
        tracing::warn!("core dumps cannot be switched off: {error}");
    }
    if let Err(error) = system::no_huge_pages() {
        tracing::warn!("memory comes in huge pages, so more of it: {error}");
    }
}

/// The key file: as configured, or the service manager's credential `key`.
pub(super) fn key_file(config: &Config) -> Result<PathBuf, DaemonError> {
    let configured = config.sensor.key_file.clone();
    configured.or_else(|| privileges::credential("key")).ok_or_else(|| {
        DaemonError::config(
            "run needs a tokenization key: make one with `apitap key new --out FILE` and set key_file in [sensor], or hand \
             it over as the systemd credential `key`",
        )
    })
}

/// Keeps keys out of swap, where the system lets us.
pub(super) fn lock(keys: &Keys) {
    if let Some(error) = keys.memory().find_map(|range| privileges::lock(&range).err()) {
        tracing::warn!("keys may be swapped out: {error}");
    }
}

fn open(config: &Config) -> Result<Vec<Live>, DaemonError> {
    config.capture.validate().map_err(DaemonError::config)?;
    privileges::raise_net_raw().map_err(DaemonError::failed)?;
    let lives = Live::open(&config.capture).map_err(DaemonError::failed);
    privileges::lower_net_raw().map_err(DaemonError::failed)?;
    lives
}

/// Gives away what is not needed any more. No other thread runs yet.
fn confine(options: &Options, key_path: &Path) -> Result<privileges::State, DaemonError> {
    let config = &options.config;
    let mut paths = privileges::Paths::default();
    paths.read.extend(options.config_path.clone());
    paths.read.push(key_path.to_owned());
    paths.read.extend(config.kubernetes.directories());
    paths.read.extend(config.tls.key_log_files.iter().cloned());
    paths.read.extend(config.grpc.descriptor_sets.iter().cloned());
    paths.read.extend(config.admin.files().map(Path::to_owned));
    match config.admin.listen().map_err(DaemonError::config)? {
        Listen::Off => {}
        Listen::Tcp(address) => paths.listen.push(address.port()),
        Listen::Unix(path) => paths.write.push(path),
    }
    config.output.paths(&mut paths.read, &mut paths.write);
    paths.write.extend(config.inventory.directory());
    paths.write.extend(config.endpoints.is_kept().then(|| config.endpoints.directory.clone()));
    privileges::confine(&config.privileges, &paths).map_err(DaemonError::failed)
}

fn serve(config: &Config, watch: &Arc<Watch>) -> Result<Option<admin::Server>, DaemonError> {
    if config.admin.listen.is_empty() {
        return Ok(None);
    }
    let watch = Arc::clone(watch);
    let server = admin::Server::start(&config.admin, Arc::new(move || watch.snapshot()));
    server.map(Some).map_err(DaemonError::failed)
}

/// The memory limit, in bytes: as configured, else nine tenths of that of the control group, which counts some of the kernel's
/// memory too; 0: none.
fn memory_max(overload: &Overload) -> u64 {
    match overload.memory_mebibytes_max {
        0 => system::memory_limit().unwrap_or(0) / 10 * 9,
        mebibytes => mebibytes.max(64) << 20,
    }
}

/// What all workers look things up in.
struct Beside {
    descriptors: Arc<Descriptors>,
    names: Option<kubernetes::Names>,
    ring: Option<Arc<KeyRing>>,
    rules: Arc<ArcSwap<Rules>>,
}

fn maker(
    config: &Config,
    workers: usize,
    keys: Arc<Keys>,
    sensor: &SensorInfo,
    beside: Beside,
) -> MakeWorker {
    let (config, sensor) = (config.clone(), sensor.clone());
    let Beside { descriptors, names, ring, rules } = beside;
    Arc::new(move || {
        let builder = Builder::new(sensor.clone(), Vec::new());
        let builder = match &names {
            Some(names) => builder.named(Arc::new(names.clone())),
            None => builder,
        };
        let mut worker = Worker::configured(&config, workers, &keys, builder)
            .describing(Arc::clone(&descriptors));
        if let Some(names) = &names {
            worker.set_namespaces(Arc::new(names.clone()));
        }
        if let Some(ring) = &ring {
            worker.set_tls_keys(Arc::clone(ring));
        }
        worker.follow_endpoints(Arc::clone(&rules));
        worker
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_demanded() {
        let error = key_file(&Config::default()).unwrap_err().to_string();
        assert!(error.contains("apitap key new"), "{error}");
    }
}
