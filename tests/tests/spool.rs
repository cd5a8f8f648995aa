//! The spool before a real broker: outages, kills and full disks, and every record arrives.
//!
//! Records come from a feeder (see `apitap_tests::feed`) that stands for `apitap run`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use apitap_proto::v1::CallRecord;
use apitap_tests::feed::{self, Feeder, Id, Task};
use apitap_tests::kafka::{Broker, free_ports};
use apitap_tests::{run, skip};
use prost::Message as _;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(120);
/// More than the client takes at once and less than its window.
const PAUSE: Duration = Duration::from_millis(30);

/// Not a test: the process that the tests start.
#[test]
fn feeder() {
    feed::serve();
}

/// Takes the word of whoever asks for a broker of its own.
fn broker() -> Option<Broker> {
    if !run::installed("kcat") {
        skip("the spool", "kcat is missing: install kcat");
        return None;
    }
    match Broker::start() {
        Ok(broker) => Some(broker),
        Err(why) => {
            assert!(std::env::var("APITAP_KAFKA").as_deref() != Ok("required"), "{why}");
            skip("the spool", &why);
            None
        }
    }
}

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: TempDir::with_prefix("apitap-spool-").unwrap() }
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn config(&self, brokers: &str, topic: &str, more: &str) -> PathBuf {
        let path = self.folder.path().join("apitap.toml");
        let text = format!(
            "[sensor]\nkey_file = {:?}\n[output.kafka]\nbrokers = {brokers:?}\ntopic = {topic:?}\n{more}\n\
             [output.kafka.spool]\ndirectory = {:?}\ndisk_free_bytes_min = 0\nsegment_bytes_max = 200000\n",
            run::key(),
            self.spool(),
        );
        fs::write(&path, text).unwrap();
        path
    }

    fn feeder(&self, config: &Path, name: &str, before: &str) -> Feeder {
        let log = self.log();
        let task = Task { config, log: &log, name, passes: u32::MAX, pause: PAUSE, before };
        Feeder::start(&task)
    }
}

/// The ids of what is in a topic, and how many came more than once.
fn arrived(broker: &Broker, topic: &str) -> (BTreeSet<Id>, usize) {
    let messages = broker.consume(topic).unwrap();
    let ids = messages.iter().map(|message| {
        let sensor = CallRecord::decode(&message.value[..]).expect("a record").sensor.unwrap();
        (sensor.id, sensor.sequence)
    });
    let mut seen: BTreeMap<Id, usize> = BTreeMap::new();
    ids.for_each(|id| *seen.entry(id).or_default() += 1);
    let twice = seen.values().filter(|count| **count > 1).count();
    (seen.into_keys().collect(), twice)
}

/// Waits until all of `want` arrived.
fn all_arrive(broker: &Broker, topic: &str, want: &BTreeSet<Id>, log: &Path) -> usize {
    let start = Instant::now();
    loop {
        let (got, twice) = arrived(broker, topic);
        let missing = want.difference(&got).count();
        if missing == 0 {
            println!("{topic}: {} records arrived, {twice} of them twice", got.len());
            return twice;
        }
        let log = || fs::read_to_string(log).unwrap_or_default();
        assert!(start.elapsed() < LIMIT, "{missing} of {} are missing:\n{}", want.len(), log());
        thread::sleep(Duration::from_millis(300));
    }
}

/// Everything in the spool's files and their names.
fn octets(spool: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(spool).unwrap() {
        let entry = entry.unwrap();
        all.extend(entry.file_name().into_encoded_bytes());
        all.extend(fs::read(entry.path()).unwrap());
    }
    all
}

fn count(log: &str, words: &str) -> usize {
    log.lines().filter(|line| line.contains(words)).count()
}

#[test]
fn an_outage_is_told_once_and_loses_nothing() {
    let Some(mut broker) = broker() else { return };
    broker.create_topic("outage", 3, &[]).unwrap();
    let bench = Bench::new();
    let mut feeder = bench.feeder(&bench.config(&broker.address, "outage", ""), "a", "");
    let mut sent = feeder.wait(500);
    all_arrive(&broker, "outage", &sent, &bench.log());
    broker.stop();
    sent.extend(feeder.wait(3000));
    let inside = octets(&bench.spool());
    assert!(inside.len() > 1_000_000, "{} bytes in the spool", inside.len());
    for plain in ["tok_", "shop.example", "/v1/users", "user-agent", "10.7.0.1", "application/"] {
        let found = inside.windows(plain.len()).any(|window| window == plain.as_bytes());
        assert!(!found, "{plain} can be read in the spool");
    }
    broker.resume();
    feeder.wait_for("Kafka takes records again");
    sent.extend(feeder.wait(500));
    let (rest, end) = feeder.end();
    sent.extend(rest);
    // The end waits a little; whatever is left then goes with the next run.
    println!("{end}");
    let log = fs::read_to_string(bench.log()).unwrap();
    assert!(end.contains("failed: 0") && end.contains("Some((0, 0))"), "{end}\n{log}");
    let lost = count(&log, "no Kafka broker at") + count(&log, "no record was acknowledged");
    assert!((1..=2).contains(&lost), "{log}");
    assert_eq!(count(&log, "Kafka takes records again"), 1, "{log}");
    assert!(log.lines().count() < 12, "{log}");
    let next = bench.feeder(&bench.config(&broker.address, "outage", ""), "b", "");
    all_arrive(&broker, "outage", &sent, &bench.log());
    drop(next.kill());
}

#[test]
fn kills_lose_nothing_whether_the_broker_is_there_or_not() {
    let Some(mut broker) = broker() else { return };
    broker.create_topic("kills", 3, &[]).unwrap();
    let bench = Bench::new();
    let config = bench.config(&broker.address, "kills", "");
    let mut sent = BTreeSet::new();
    for round in 0..6 {
        if round == 2 {
            broker.stop();
        }
        if round == 4 {
            broker.resume();
        }
        let mut feeder = bench.feeder(&config, &format!("round{round}"), "");
        sent.extend(feeder.wait(400 + 100 * round));
        sent.extend(feeder.kill());
    }
    let last = bench.feeder(&config, "last", "");
    let twice = all_arrive(&broker, "kills", &sent, &bench.log());
    assert!(twice < sent.len(), "everything came twice");
    assert_eq!(count(&last.log(), "panicked"), 0, "{}", last.log());
    assert_eq!(count(&last.log(), "damaged"), 0, "{}", last.log());
    drop(last.kill());
}

#[test]
fn a_start_without_brokers_is_no_failure() {
    let bench = Bench::new();
    let [port] = free_ports();
    let config = bench.config(&format!("127.0.0.1:{port}"), "later", "");
    let mut feeder = bench.feeder(&config, "early", "");
    let mut sent = feeder.wait(300);
    thread::sleep(Duration::from_secs(4));
    let log = feeder.log();
    assert_eq!(count(&log, "no Kafka broker at"), 1, "{log}");
    sent.extend(feeder.kill());

    // The topic comes even later than the broker.
    let Some(broker) = broker() else { return };
    let feeder = bench.feeder(&bench.config(&broker.address, "later", ""), "next", "");
    feeder.wait_for("topic \"later\" does not exist");
    broker.create_topic("later", 2, &[]).unwrap();
    all_arrive(&broker, "later", &sent, &bench.log());
    drop(feeder.kill());
}

#[test]
fn records_larger_than_the_topic_takes_are_cut_and_arrive() {
    let Some(broker) = broker() else { return };
    // Uncompressed, so that it is about each record and not about luck.
    broker.create_topic("small", 1, &[("max.message.bytes", "3000")]).unwrap();
    let bench = Bench::new();
    let mut feeder =
        bench.feeder(&bench.config(&broker.address, "small", "compression = \"none\""), "a", "");
    let mut sent = feeder.wait(200);
    let start = Instant::now();
    while arrived(&broker, "small").0.len() < 100 {
        assert!(start.elapsed() < LIMIT, "{}", feeder.log());
        thread::sleep(Duration::from_millis(300));
    }
    let (rest, end) = feeder.end();
    sent.extend(rest);
    println!("{end}");
    let log = fs::read_to_string(bench.log()).unwrap();
    assert!(log.contains("set message_bytes_max"), "{log}");
    // Cut, sent, or said to be lost: they add up.
    let number = |name: &str| -> usize {
        let rest = end.split(&format!(" {name}: ")).nth(1).unwrap();
        rest.split([',', ' ']).next().unwrap().parse().unwrap()
    };
    assert_eq!(number("delivered") + number("failed") + number("spooled"), sent.len(), "{end}");
    assert!(number("cut") > 0, "{end}");
}

/// Whether this machine lets us mount in a namespace of our own.
fn namespaces() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "none"])
        .arg(folder.path())
        .output();
    let can = mounted.is_ok_and(|output| output.status.success());
    if !can {
        skip("full disks", "no user namespaces here");
    }
    can
}

#[test]
fn a_full_disk_is_bridged_by_memory_and_told() {
    if !namespaces() {
        return;
    }
    let Some(mut broker) = broker() else { return };
    broker.create_topic("full", 3, &[]).unwrap();
    let bench = Bench::new();
    fs::create_dir(bench.spool()).unwrap();
    // A disk of 2 MiB, far less than the spool would take.
    let before = format!("mount -t tmpfs -o size=2m none {}", bench.spool().display());
    broker.stop();
    let mut feeder = bench.feeder(&bench.config(&broker.address, "full", ""), "a", &before);
    let sent = feeder.wait(4000);
    let log = feeder.log();
    assert_eq!(count(&log, "the spool cannot be written"), 1, "{log}");
    assert!(log.contains("No space left on device"), "{log}");
    broker.resume();
    all_arrive(&broker, "full", &sent, &bench.log());
    feeder.wait_for("the spool takes records on disk again");
    let (_, end) = feeder.end();
    assert!(end.contains("failed: 0"), "{end}");
}
