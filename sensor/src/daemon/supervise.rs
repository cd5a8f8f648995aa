//! The main thread while the daemon runs: signals, the ladder, the mirror's health, the watchdog, the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::ladder::Pressure;
use super::start::{self, Started};
use super::state::{Phase, Snapshot};
use super::{DaemonError, mirror, reload, system};
use crate::grpc;
use crate::keys;
use crate::log;
use crate::pipeline;
use crate::rung::Rung;

/// Between two looks.
const TICK: Duration = Duration::from_millis(100);
/// Between two looks at the mirror.
const MIRROR: Duration = Duration::from_secs(60);
/// Between two signs of life.
const WATCHDOG: Duration = Duration::from_secs(5);
/// A thread that is silent this long hangs: the watchdog is not told that all is well.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// Signals that have arrived.
pub(super) struct Signals {
    end: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// Catches TERM, INT and HUP from now on; a second TERM or INT ends the process at once.
    pub(super) fn register() -> std::io::Result<Self> {
        let (end, reload) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in [SIGTERM, SIGINT] {
            // The first sets the flag that arms this one.
            signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&end))?;
            signal_hook::flag::register(signal, Arc::clone(&end))?;
        }
        signal_hook::flag::register(SIGHUP, Arc::clone(&reload))?;
        Ok(Self { end, reload })
    }
}

/// What is remembered between two looks.
struct Looks {
    mirror: mirror::Watch,
    mirrored: Instant,
    watchdog: Instant,
    ticked: Instant,
    lost: u64,
}

/// Watches over the daemon until it is told to end, and ends it.
pub(super) fn supervise(mut daemon: Started) -> Result<(), DaemonError> {
    announce(&daemon);
    let now = Instant::now();
    let mut looks = Looks {
        mirror: mirror::Watch::default(),
        mirrored: now,
        watchdog: now,
        ticked: now,
        lost: 0,
    };
    notify(&[NotifyState::Ready]);
    while !daemon.signals.end.load(Ordering::Relaxed) {
        thread::sleep(TICK);
        if daemon.signals.reload.swap(false, Ordering::Relaxed) {
            reload(&mut daemon);
        }
        look(&daemon, &mut looks);
        if daemon.sinks.shared.is_closed() {
            break;
        }
        if daemon.line.is_over() {
            return Err(DaemonError::failed(
                "every thread ended: this is a defect of apitap, please report it",
            ));
        }
    }
    drain(daemon)
}

fn announce(daemon: &Started) {
    let config = &daemon.options.config;
    let interfaces: Vec<_> = config.capture.interfaces.iter().map(ToString::to_string).collect();
    let privileges = &daemon.watch.privileges;
    tracing::info!(
        interfaces = interfaces.join(","),
        workers = config.daemon.workers(),
        config_id = daemon.watch.told().sensor.config_id,
        landlock = privileges.landlock,
        seccomp = privileges.seccomp,
        admin = config.admin.listen,
        "capturing"
    );
}

/// One look at everything.
fn look(daemon: &Started, looks: &mut Looks) {
    let passed = looks.ticked.elapsed();
    looks.ticked = Instant::now();
    climb(daemon, looks, passed);
    if looks.watchdog.elapsed() >= WATCHDOG {
        looks.watchdog = Instant::now();
        let silence = daemon.line.shared().silence();
        match silence < SILENCE_MAX {
            true => notify(&[NotifyState::Watchdog]),
            false => tracing::error!(
                seconds = silence.as_secs(),
                "a thread hangs: the watchdog will restart the sensor"
            ),
        }
    }
    if looks.mirrored.elapsed() >= MIRROR {
        looks.mirrored = Instant::now();
        looks.mirror.look(&daemon.watch.snapshot()).log();
        daemon.watch.told().mirror = looks.mirror.advice().to_vec();
    }
}

/// Takes the ladder up or down.
fn climb(daemon: &Started, looks: &mut Looks, passed: Duration) {
    let shared = daemon.line.shared();
    let kernel = daemon
        .watch
        .interfaces()
        .iter()
        .map(|status| status.kernel_dropped)
        .fold(0, u64::saturating_add);
    let lost = kernel.saturating_add(shared.segments_dropped());
    let queue = daemon.line.fill();
    let memory = match daemon.watch.memory_max {
        0 => 0.0,
        max => share(system::resident_bytes(), max),
    };
    let pressure = Pressure { queue, memory, lost: lost.saturating_sub(looks.lost) };
    looks.lost = lost;
    let mut told = daemon.watch.told();
    (told.segments_fill, told.records_fill) = (queue, daemon.line.records_fill());
    if !daemon.options.config.overload.ladder {
        return;
    }
    let from = told.ladder.rung();
    let Some(to) = told.ladder.step(passed, pressure) else { return };
    drop(told);
    daemon.line.set_rung(to);
    tell_rung(from, to, pressure);
}

fn tell_rung(from: Rung, to: Rung, pressure: Pressure) {
    let Pressure { queue, memory, lost } = pressure;
    if to > from {
        tracing::warn!(rung = to.number(), queue, memory, lost, "overload: {}", to.label());
    } else {
        tracing::info!(rung = to.number(), "overload eases: {}", to.label());
    }
}

fn share(part: u64, whole: u64) -> f64 {
    // Mebibytes are exact in a double.
    let mebi = |bytes: u64| f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX));
    mebi(part) / mebi(whole).max(1.0)
}

/// Puts a changed configuration in force, as far as it can change while running.
fn reload(daemon: &mut Started) {
    notify(&[NotifyState::Reloading]);
    let result = try_reload(daemon);
    let mut told = daemon.watch.told();
    match result {
        Ok((changes, key_id)) => {
            told.reloads.succeeded = told.reloads.succeeded.saturating_add(1);
            told.sensor = pipeline::sensor_info(&daemon.options.config);
            tracing::info!(
                applied = changes.applied.join(", "),
                config_id = told.sensor.config_id,
                key_id,
                "reloaded"
            );
            if !changes.deferred.is_empty() {
                tracing::warn!("these changes need a restart: {}", changes.deferred.join(", "));
            }
        }
        Err(error) => {
            tracing::error!("reload refused, the old configuration stays in force: {error}");
            told.reloads.failed = told.reloads.failed.saturating_add(1);
            told.reloads.last_error = Some(error);
        }
    }
    drop(told);
    notify(&[NotifyState::Ready]);
}

/// What changed, and the key that is in force now.
fn try_reload(daemon: &mut Started) -> Result<(reload::Changes, String), String> {
    let new = (daemon.options.load)().map_err(|error| error.to_string())?;
    // What takes a restart as well: it is not to fail then. Files that only then can be read are no fault now.
    match start::validate(&new) {
        Ok(()) | Err(DaemonError::Failed(_) | DaemonError::BrokenPipe) => {}
        Err(DaemonError::Config(error)) => return Err(error),
    }
    let path = start::key_file(&new).map_err(|error| error.to_string())?;
    let keys = Arc::new(keys::load(&path).map_err(|error| error.to_string())?);
    start::lock(&keys);
    let key_id = keys.kid().to_owned();
    let descriptors = Arc::new(grpc::load(&new.grpc).map_err(|error| error.to_string())?);
    let old = &daemon.options.config;
    new.capture.validate_filter().map_err(|error| error.to_string())?;
    let changes = reload::changes(old, &new);
    let config = reload::in_force(old, &new);
    if let Some(admin) = &daemon.admin {
        admin.reload(&config.admin).map_err(|error| error.to_string())?;
    }
    let (spool_keys, path_keys) = (keys.derive("spool"), keys.derive("endpoints"));
    let (workers_config, sensor) = (config.clone(), pipeline::sensor_info(&config));
    let update: pipeline::live::Update = Arc::new(move |worker| {
        let redactor = pipeline::redactor(&workers_config, &keys);
        let redactor = redactor.describing(Arc::clone(&descriptors));
        worker.set_privacy(redactor, sensor.clone());
        worker.set_zones(&workers_config.network.zones);
    });
    if !daemon.line.update(&update) {
        return Err(
            "the workers have not taken up the reloads before this one; try again".to_owned()
        );
    }
    daemon.spool_keys.replace(spool_keys);
    daemon.paths.replace_keys(path_keys);
    daemon.watch.interfaces.iter().for_each(|live| live.set_filter(&config.capture.filter));
    daemon.line.shared().set_filter(config.capture.inner_filter.clone());
    log::set_level(config.log.level);
    start::warn_of_policy(&config);
    daemon.options.config = config;
    Ok((changes, key_id))
}

/// Stops capturing, and waits until what was captured is delivered or spooled.
fn drain(daemon: Started) -> Result<(), DaemonError> {
    let Started { options, line, sinks, watch, admin, .. } = daemon;
    let limit = Duration::from_secs(options.config.daemon.drain_seconds_max);
    tracing::info!(seconds = limit.as_secs(), "stopping: open calls are handed on");
    notify(&[NotifyState::Stopping]);
    watch.told().phase = Phase::Draining;
    line.stop();
    let begun = Instant::now();
    while !sinks.is_over() && begun.elapsed() < limit {
        thread::sleep(TICK / 4);
    }
    let snapshot = watch.snapshot();
    drop(admin);
    let end = End {
        over: sinks.is_over(),
        closed: sinks.shared.is_closed(),
        queued: line.records_queued(),
        limit,
    };
    conclude(&snapshot, &end)
}

/// How far the end got.
struct End {
    /// Every sink has finished.
    over: bool,
    /// Nobody reads standard output any more.
    closed: bool,
    /// Records that no sink has taken.
    queued: u64,
    /// Time there was for it.
    limit: Duration,
}

/// Says how it ended.
fn conclude(snapshot: &Snapshot, end: &End) -> Result<(), DaemonError> {
    let sum = |count: fn(&super::state::SinkState) -> u64| {
        snapshot.sinks.iter().map(count).fold(0, u64::saturating_add)
    };
    let failed = sum(|sink| sink.delivered.failed);
    let undelivered = sum(|sink| sink.delivered.undelivered);
    tracing::info!(
        packets = snapshot.counts.packets,
        calls = snapshot.counts.call.calls(),
        records = snapshot.counts.records,
        delivered = sum(|sink| sink.delivered.delivered),
        failed,
        undelivered,
        queued = end.queued,
        spooled = sum(|sink| sink.spool.as_ref().map_or(0, |spool| spool.records)),
        records_dropped = snapshot.queues.records_dropped,
        segments_dropped = snapshot.queues.segments_dropped,
        "ended"
    );
    if end.closed {
        return Err(DaemonError::BrokenPipe);
    }
    if !end.over {
        return Err(DaemonError::failed(format_args!(
            "the end took longer than drain_seconds_max, {} seconds: some {} records on their way to the sinks are lost; \
             look at why sinks are slow, or give them more time",
            end.limit.as_secs(),
            end.queued.saturating_add(undelivered)
        )));
    }
    match failed.saturating_add(undelivered) {
        0 => Ok(()),
        lost => Err(DaemonError::failed(format_args!("{lost} records were not delivered"))),
    }
}

/// Tells the service manager, if there is one.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, state) {
        tracing::debug!("the service manager cannot be told: {error}");
    }
}
