//! The inventory of a running sensor: a thread of its own that learns from records, and says what is new.
//!
//! Records come first: the sink's thread never waits for this one. What does not fit into the queue before it is skipped and
//! counted; a new endpoint is then learned from its next call. Changes go back to the sink's thread, and with it into
//! sinks and spools; the state is saved behind them, so that after a crash some come twice, and none is missing.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use apitap_proto::v1;
use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, bounded};
use prost::Message as _;
use serde::{Deserialize, Serialize};

use super::state_file::{self, FILE, Saver};
use crate::bounded::within;
use crate::inventory::{Change, Inventory, Limits};
use crate::record::Record;

/// Records waiting to be learned from.
const QUEUE_RECORDS: usize = 4096;
/// Changes waiting for the sinks.
const QUEUE_CHANGES: usize = 1024;
/// How long the thread waits for records before it looks at the clock.
const IDLE: Duration = Duration::from_millis(500);
/// How often it tells how large it is.
const TELL: Duration = Duration::from_secs(1);

/// Whether the sensor keeps an inventory, and how large.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether there is one. Default: false.
    pub enabled: bool,
    /// Directory of its state, made if it is not there (mode 0700). Default: `/var/lib/apitap/inventory`.
    pub directory: PathBuf,
    /// How often the state is saved, in seconds, 1 to 86,400, if anything changed. Default: 60.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub save_seconds: u64,
    /// Endpoints remembered; a quarter of them may be unproven. Default: 5000.
    pub endpoints_max: u32,
    /// Entities with a timeline. Default: 1000.
    pub entities_max: u32,
    /// Parameters, fields and names remembered, together. 200 to 500 bytes each. Default: 100000.
    pub cells_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: false,
            directory: "/var/lib/apitap/inventory".into(),
            save_seconds: 60,
            endpoints_max: 5000,
            entities_max: 1000,
            cells_max: 100_000,
        }
    }
}

impl Config {
    const fn limits(&self) -> Limits {
        Limits { endpoints: self.endpoints_max, entities: self.entities_max, cells: self.cells_max }
    }

    /// Sized to so many bytes of memory: half of them for endpoints, half for what is known of them.
    pub(super) fn fit(&mut self, bytes: u64) {
        const ENDPOINT_BYTES: u64 = 8 << 10;
        const CELL_BYTES: u64 = 512;
        let endpoints = u32::try_from(bytes / 2 / ENDPOINT_BYTES).unwrap_or(u32::MAX);
        self.endpoints_max = self.endpoints_max.min(endpoints);
        self.entities_max = self.entities_max.min(endpoints);
        self.cells_max = self.cells_max.min(bytes / 2 / CELL_BYTES);
    }

    /// The directory it writes, if there is an inventory.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        self.enabled.then(|| self.directory.clone())
    }
}

/// What is told of the inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Endpoints remembered.
    pub endpoints: u64,
    /// Those of which no answer shows that they exist.
    pub unproven: u64,
    /// Entities remembered.
    pub entities: u64,
    /// Room left for parameters, fields and names.
    pub cells_left: u64,
    /// Calls learned from, by their weight, and those of the saved state.
    pub calls: u64,
    /// Calls and things that had no place.
    pub left_out: u64,
    /// Records skipped because this thread did not keep up.
    pub skipped: u64,
    /// Changes handed to the sinks since the start.
    pub changes: u64,
    /// Times the state was saved since the start.
    pub saves: u64,
    /// Why it could not be saved the last time; `None` when it could.
    pub last_error: Option<String>,
}

/// What is shared with those who watch.
#[derive(Default)]
pub struct Shared {
    state: Mutex<State>,
    skipped: AtomicU64,
    /// Whether the thread is to end when nothing waits, though the sinks are still there.
    over: AtomicBool,
}

impl Shared {
    /// What is told of the inventory.
    #[must_use]
    pub fn state(&self) -> State {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        State { skipped: self.skipped.load(Ordering::Relaxed), ..state }
    }
}

/// The end at the sink's thread: records in, changes out.
pub struct Desk {
    records: Option<Sender<Vec<u8>>>,
    changes: Receiver<Change>,
    shared: Arc<Shared>,
}

impl Desk {
    /// Offers a record.
    pub fn offer(&self, record: &Record) {
        let Some(records) = &self.records else { return };
        if !records.is_full() && records.try_send(record.encoded().to_vec()).is_ok() {
            return;
        }
        self.shared.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// A change, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<Change> {
        self.changes.try_recv().ok()
    }

    /// The changes of what was offered, waiting for them; no more records are taken.
    pub fn rest(&mut self) -> impl Iterator<Item = Change> + '_ {
        self.records = None;
        self.changes.iter()
    }
}

/// The running thread. When it is dropped, the thread learns what waits, saves, and ends.
pub struct Keeper {
    /// What it shares.
    pub shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // A start that failed leaves the sinks waiting for a line that never ends.
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the inventory ended early: its state is that of the last save");
        }
    }
}

/// Starts the inventory, from its saved state if there is one.
///
/// # Errors
///
/// When its directory cannot be used, or no thread can be had.
pub fn start(config: &Config) -> Result<(Desk, Keeper), String> {
    let directory = &config.directory;
    let cannot = |what, error| state_file::cannot("inventory", what, directory, &error);
    let lock = state_file::take("inventory", directory)?;
    let inventory = load(config).map_err(|error| cannot("read the state in", error))?;
    let (records, taken) = bounded(QUEUE_RECORDS);
    let (told, changes) = bounded(QUEUE_CHANGES);
    let shared = Arc::new(Shared::default());
    let learner = Learner {
        saver: Saver::new("the inventory", directory, lock),
        saves: 0,
        inventory,
        changed: false,
        changes: 0,
        told,
        shared: Arc::clone(&shared),
        save_every: Duration::from_secs(config.save_seconds.max(1)),
    };
    learner.tell();
    let thread = thread::Builder::new()
        .name("inventory".into())
        .spawn(move || learner.run(&taken))
        .map_err(|error| cannot("start a thread for", error))?;
    let desk = Desk { records: Some(records), changes, shared: Arc::clone(&shared) };
    Ok((desk, Keeper { shared, thread: Some(thread) }))
}

/// The saved state; an empty inventory where there is none, or it is damaged.
fn load(config: &Config) -> io::Result<Inventory> {
    let path = config.directory.join(FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Inventory::new(config.limits()));
        }
        Err(error) => return Err(error),
    };
    Ok(Inventory::load(file, config.limits()).unwrap_or_else(|error| {
        let path = path.display();
        tracing::warn!("the inventory begins anew, and announces everything: {path}: {error}");
        Inventory::new(config.limits())
    }))
}

struct Learner {
    inventory: Inventory,
    saver: Saver,
    saves: u64,
    /// Whether there is something to save.
    changed: bool,
    changes: u64,
    told: Sender<Change>,
    shared: Arc<Shared>,
    save_every: Duration,
}

impl Learner {
    fn run(mut self, taken: &Receiver<Vec<u8>>) {
        let (mut saved, mut told) = (Instant::now(), Instant::now());
        loop {
            match taken.recv_timeout(IDLE) {
                Ok(record) => self.learn(&record),
                Err(RecvTimeoutError::Timeout) if self.is_over() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.tell();
            }
            if self.changed && saved.elapsed() >= self.save_every && self.settled() {
                self.save();
                saved = Instant::now();
            }
        }
        if self.settled() {
            let (closed, _) = bounded(0);
            drop(std::mem::replace(&mut self.told, closed));
            self.save();
        }
    }

    /// Whether every change was taken, waiting a while: only then may the state know of them.
    fn settled(&self) -> bool {
        const STEP: Duration = Duration::from_millis(10);
        const STEPS: u32 = 500;
        for _ in 0..STEPS {
            if self.told.is_empty() {
                // The last one may be on its way into a spool.
                thread::sleep(STEP);
                return true;
            }
            thread::sleep(STEP);
        }
        false
    }

    fn learn(&mut self, record: &[u8]) {
        let Ok(record) = v1::CallRecord::decode(record) else { return };
        self.changed = true;
        for change in self.inventory.learn(&record) {
            self.changes = self.changes.saturating_add(1);
            // When nobody takes changes any more none is lost that another run would not find.
            if !self.hand_over(change) {
                return;
            }
        }
    }

    /// Hands a change to the sinks, waiting until there is room; tells whether they have it.
    fn hand_over(&self, mut change: Change) -> bool {
        loop {
            match self.told.send_timeout(change, IDLE) {
                Ok(()) => return true,
                Err(SendTimeoutError::Timeout(kept)) if !self.is_over() => change = kept,
                Err(_) => return false,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.shared.over.load(Ordering::Relaxed)
    }

    fn save(&mut self) {
        self.changed = false;
        let saved = self.saver.save(|file| self.inventory.save(file));
        self.saves = self.saves.saturating_add(u64::from(saved));
        self.tell();
    }

    fn tell(&self) {
        let sizes = self.inventory.sizes();
        let state = State {
            endpoints: sizes.endpoints,
            unproven: sizes.unproven,
            entities: sizes.entities,
            cells_left: self.inventory.budget().left(),
            calls: self.inventory.calls(),
            left_out: sizes.left_out,
            skipped: 0,
            changes: self.changes,
            saves: self.saves,
            last_error: self.saver.error().cloned(),
        };
        *self.shared.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use v1::inventory_event::Kind;

    use super::*;
    use crate::record::sample;

    fn config(directory: &Path) -> Config {
        Config { enabled: true, directory: directory.join("inventory"), ..Config::default() }
    }

    fn kinds(changes: impl Iterator<Item = Change>) -> Vec<Kind> {
        changes.map(|change| change.message().kind()).collect()
    }

    #[test]
    fn two_never_share_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path());
        let first = start(&config).unwrap();
        let error = start(&config).err().unwrap();
        assert!(error.contains("is used by") && error.contains("inventory.directory"), "{error}");
        drop(first);
        drop(start(&config).unwrap());
    }

    #[test]
    fn a_restart_announces_nothing_again() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path());
        let (mut desk, keeper) = start(&config).unwrap();
        desk.offer(&sample::record());
        desk.offer(&sample::record());
        assert_eq!(kinds(desk.rest()), [Kind::NewEndpoint]);
        desk.offer(&sample::record());
        let shared = Arc::clone(&keeper.shared);
        drop(keeper);
        let state = shared.state();
        assert_eq!((state.endpoints, state.calls, state.changes, state.saves), (1, 2, 1, 1));
        let mode = std::os::unix::fs::PermissionsExt::mode;
        let path = config.directory.join(FILE);
        assert_eq!(mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);

        let (mut desk, keeper) = start(&config).unwrap();
        assert_eq!(keeper.shared.state().calls, 2);
        desk.offer(&sample::record());
        assert_eq!(kinds(desk.rest()), []);
        drop(keeper);

        // A damaged state is no reason not to start.
        fs::write(&path, "apitap-inventory 1\nnonsense").unwrap();
        let (mut desk, keeper) = start(&config).unwrap();
        desk.offer(&sample::record());
        assert_eq!(kinds(desk.rest()), [Kind::NewEndpoint]);
        drop(keeper);
    }

    #[test]
    fn what_is_offered_beyond_the_queue_is_counted() {
        let (records, _taken) = bounded(1);
        let (_told, changes) = bounded(1);
        let desk = Desk { records: Some(records), changes, shared: Arc::default() };
        for _ in 0..3 {
            desk.offer(&sample::record());
        }
        assert_eq!(desk.shared.state().skipped, 2);
    }

    #[test]
    fn a_directory_that_cannot_be_used_is_named() {
        let config = Config { directory: "/proc/nowhere".into(), ..Config::default() };
        let error = start(&config).err().unwrap();
        assert!(
            error.contains("/proc/nowhere") && error.contains("inventory.directory"),
            "{error}"
        );
    }
}
