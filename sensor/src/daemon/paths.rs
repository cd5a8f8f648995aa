//! Paths learned while running: a thread of its own that learns from calls, tells the workers, and keeps what it learned.
//!
//! Records come first: the sink's thread never waits for this one; calls that do not fit into the queue before it teach
//! nothing, and are counted. What is kept on disk is sealed: it holds hashes of segments, among them names, and a hash
//! of a name is found by trying names.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::sealed;
use super::state_file::{self, FILE, Saver};
use crate::endpoints::{Config, Counts, Hints, Learner, Rules, Trail};
use crate::record::Record;

/// Calls waiting to be learned from.
const QUEUE_CALLS: usize = 4096;
/// How long the thread waits for calls before it looks at the clock.
const IDLE: Duration = Duration::from_millis(500);
/// Largest state read, in bytes.
const STATE_BYTES_MAX: u64 = 1 << 30;

/// A call.
struct Told {
    host: Box<str>,
    trail: Box<Trail>,
    status: u16,
}

/// What is shared with those who watch.
#[derive(Default)]
pub struct Shared {
    counts: Mutex<Counts>,
    skipped: AtomicU64,
    /// Whether whoever keeps the thread is gone: it ends, whether or not calls may still come.
    over: AtomicBool,
}

impl Shared {
    /// What learning did. Calls that it did not keep up with are among those that met a limit.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = *self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = self.skipped.load(Ordering::Relaxed);
        counts.overflow = counts.overflow.saturating_add(skipped);
        counts
    }
}

/// The end at the sink's thread.
pub struct Desk {
    calls: Sender<Told>,
    shared: Arc<Shared>,
}

impl Desk {
    /// Offers what is to be learned of a record.
    pub fn offer(&self, record: &mut Record) {
        let Some(trail) = record.take_path_trail() else { return };
        if !self.calls.is_full() {
            let told = Told { host: record.host().into(), trail, status: record.status() };
            if self.calls.try_send(told).is_ok() {
                return;
            }
        }
        self.shared.skipped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The running thread. When it is dropped, the thread learns what waits, saves, and ends.
pub struct Keeper {
    /// What it shares.
    pub shared: Arc<Shared>,
    /// What every worker looks at.
    pub rules: Arc<ArcSwap<Rules>>,
    keys: Arc<Mutex<sealed::Keys>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Seals with other keys from now on, after a rotation.
    pub fn replace_keys(&self, keys: sealed::Keys) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("learning paths ended early: what is kept is that of the last save");
        }
    }
}

/// Starts learning, with what is kept of it if there is something.
///
/// # Errors
///
/// When its directory cannot be used, or no thread can be had.
pub fn start(config: &Config, hints: Hints, keys: sealed::Keys) -> Result<(Desk, Keeper), String> {
    let directory = &config.directory;
    let cannot = |what, error| state_file::cannot("endpoints", what, directory, &error);
    let mut learner = Learner::new(config, hints);
    let kept = config.is_kept();
    let lock = kept.then(|| state_file::take("endpoints", directory)).transpose()?;
    if kept {
        load(&mut learner, directory, &keys).map_err(|error| cannot("read the state in", error))?;
    }
    let rules = Arc::new(ArcSwap::new(Arc::clone(learner.rules())));
    let (calls, taken) = bounded(QUEUE_CALLS);
    let shared = Arc::new(Shared::default());
    let keys = Arc::new(Mutex::new(keys));
    let learning = Learning {
        learner,
        rules: Arc::clone(&rules),
        shared: Arc::clone(&shared),
        changed: false,
        save: lock.map(|lock| Save {
            saver: Saver::new("learned paths", directory, lock),
            keys: Arc::clone(&keys),
            every: Duration::from_secs(config.save_seconds.max(1)),
        }),
    };
    learning.tell();
    let thread = thread::Builder::new()
        .name("paths".into())
        .spawn(move || learning.run(&taken))
        .map_err(|error| cannot("start a thread for", error))?;
    let desk = Desk { calls, shared: Arc::clone(&shared) };
    Ok((desk, Keeper { shared, rules, keys, thread: Some(thread) }))
}

/// Reads what is kept; where it cannot be understood, says so and begins anew.
fn load(learner: &mut Learner, directory: &Path, keys: &sealed::Keys) -> io::Result<()> {
    let path = directory.join(FILE);
    let size = match fs::metadata(&path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let anew = |why: &dyn std::fmt::Display| {
        tracing::warn!("paths are learned anew: {}: {why}", path.display());
    };
    if size > STATE_BYTES_MAX {
        anew(&"it is larger than 1 GiB");
        return Ok(());
    }
    let Some(packed) = sealed::open(keys, fs::read(&path)?) else {
        anew(&"it was sealed with a key that is not in the key file, or is damaged");
        return Ok(());
    };
    let limit = usize::try_from(STATE_BYTES_MAX).unwrap_or(usize::MAX);
    let read = zstd::bulk::decompress(&packed, limit.min(packed.len().saturating_mul(64)));
    match read.map_err(|_| crate::endpoints::StateError::Damaged) {
        Ok(state) => learner.restore(&state).unwrap_or_else(|error| anew(&error)),
        Err(error) => anew(&error),
    }
    Ok(())
}

struct Learning {
    learner: Learner,
    rules: Arc<ArcSwap<Rules>>,
    shared: Arc<Shared>,
    /// Whether there is something to save.
    changed: bool,
    save: Option<Save>,
}

impl Learning {
    fn run(mut self, taken: &Receiver<Told>) {
        let (mut saved, mut told) = (Instant::now(), Instant::now());
        loop {
            match taken.recv_timeout(IDLE) {
                Ok(call) => self.learn(&call),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= IDLE {
                told = Instant::now();
                self.tell();
                if self.shared.over.load(Ordering::Relaxed) {
                    taken.try_iter().take(QUEUE_CALLS).for_each(|call| self.learn(&call));
                    break;
                }
                let every = self.save.as_ref().map(|save| save.every);
                if self.changed && every.is_some_and(|every| saved.elapsed() >= every) {
                    self.save();
                    saved = Instant::now();
                }
            }
        }
        if self.changed {
            self.save();
        }
        self.tell();
    }

    fn learn(&mut self, call: &Told) {
        self.changed = true;
        if self.learner.learn(&call.host, &call.trail, call.status) {
            self.rules.store(Arc::clone(self.learner.rules()));
        }
    }

    fn save(&mut self) {
        self.changed = false;
        if let Some(save) = &mut self.save {
            save.write(&self.learner);
        }
    }

    fn tell(&self) {
        *self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner) = self.learner.counts();
    }
}

/// Seals the state, and writes it.
struct Save {
    saver: Saver,
    keys: Arc<Mutex<sealed::Keys>>,
    every: Duration,
}

impl Save {
    fn write(&mut self, learner: &Learner) {
        let Self { saver, keys, every: _ } = self;
        saver.save(|file| {
            let packed = zstd::bulk::compress(&learner.save(), 1)?;
            let sealed = {
                let keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                sealed::seal(&keys, packed)
                    .ok_or_else(|| io::Error::other("it cannot be sealed"))?
            };
            file.write_all(&sealed)
        });
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::endpoints::{Look, Step, Word, hash};

    fn keys(names: &[(&str, u8)]) -> sealed::Keys {
        names.iter().map(|(name, fill)| ((*name).into(), Zeroizing::new([*fill; 32]))).collect()
    }

    fn teach(desk: &Desk) {
        for n in 0..40_u32 {
            let mut trail = Box::new(Trail::default());
            let name = hash(format!("name{}", n / 2).as_bytes());
            let words = [(hash(b"repos"), true), (name, false), (hash(b"issues"), true)];
            for (hash, kept) in words {
                let look = if kept { Look::Firm } else { Look::Plain };
                trail.push(Step::Word(Word { hash, kept, look }));
            }
            trail.set_method("GET");
            (0..6).for_each(|n| trail.field(hash(&[n])));
            let told = Told { host: "h".into(), trail, status: 200 };
            desk.calls.send(told).unwrap();
        }
    }

    #[test]
    fn two_never_share_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { directory: directory.path().into(), ..Config::default() };
        let first = start(&config, Hints::default(), keys(&[("a", 1)])).unwrap();
        let error = start(&config, Hints::default(), keys(&[("a", 1)])).err().unwrap();
        assert!(error.contains("is used by") && error.contains("endpoints.directory"), "{error}");
        drop(first);
        drop(start(&config, Hints::default(), keys(&[("a", 1)])).unwrap());
    }

    #[test]
    fn a_restart_goes_on_with_the_rules_there_were_and_new_keys() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { directory: directory.path().join("paths"), ..Config::default() };
        let start = |names: &[(&str, u8)]| start(&config, Hints::default(), keys(names)).unwrap();
        let (desk, keeper) = start(&[("k1", 1)]);
        teach(&desk);
        drop(desk);
        let (shared, rules) = (Arc::clone(&keeper.shared), Arc::clone(&keeper.rules));
        keeper.replace_keys(keys(&[("k1", 1), ("k2", 2)]));
        drop(keeper);
        assert_eq!(shared.counts().calls, 40);
        let before = rules.load().host("h").cloned();
        assert!(before.is_some());
        let path = config.directory.join(FILE);
        let mode = std::os::unix::fs::PermissionsExt::mode;
        assert_eq!(mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);

        // Sealed with the newer one of the keys.
        // The thread ends with its keeper, calls to come or not.
        let (_desk, keeper) = start(&[("k2", 2)]);
        assert_eq!(keeper.rules.load().host("h").cloned(), before);
        drop(keeper);

        // What cannot be read is no reason not to start.
        for octets in [&b"nonsense"[..], &fs::read(&path).unwrap()[..70], b""] {
            fs::write(&path, octets).unwrap();
            let (_desk, keeper) = start(&[("k2", 2)]);
            assert!(keeper.rules.load().host("h").is_none());
        }
    }

    #[test]
    fn a_directory_that_cannot_be_used_is_named() {
        let config = Config { directory: "/proc/nowhere".into(), ..Config::default() };
        let error = start(&config, Hints::default(), Vec::new()).err().unwrap();
        assert!(
            error.contains("/proc/nowhere") && error.contains("endpoints.directory"),
            "{error}"
        );
    }
}
