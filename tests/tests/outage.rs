//! Brokers that die, sensors that are killed, disks that are full, read-only or damaged: what was spooled arrives, and
//! the capture never notices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use apitap_tests::daemon::{Daemon, USER};
use apitap_tests::kafka::Broker;
use apitap_tests::lab::{Lab, broker, nothing_lost, to_kafka};
use apitap_tests::mirror::Through;
use apitap_tests::records;
use apitap_tests::run::{self, installed};
use apitap_tests::skip;
use apitap_tests::traffic::{self, Client, each_once};
use rustix::process::Signal;
use serde_json::Value;

/// Rounds that each end with `kill -9`.
const ROUNDS: usize = 3;
/// Messages that may come twice after each of them: those in flight.
const TWICE_MAX: usize = 10_000;
/// Resident memory that may be added while no broker is there.
const GROWTH_MAX: u64 = 24 << 20;

/// Times that look random, and are the same for a seed.
struct Times(u64);

impl Times {
    fn from_environment() -> Self {
        let seed = std::env::var("APITAP_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or(20_261_122);
        println!("APITAP_SEED={seed}");
        Self(seed)
    }

    /// The next, of less than `below`.
    fn next(&mut self, below: u64) -> u64 {
        // Splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn rest(&mut self, at_least: u64, below: u64) {
        sleep(Duration::from_millis(at_least + self.next(below - at_least)));
    }
}

/// A broker of this test's own, which can be killed.
fn own_broker(test: &str) -> Option<Broker> {
    let why = match Broker::start() {
        _ if std::env::var_os("KAFKA_BROKERS").is_some() => "the broker is not ours to kill".into(),
        Ok(broker) if installed("kcat") => return Some(broker),
        Ok(_) => "kcat is missing: install kcat".to_owned(),
        Err(why) => why,
    };
    assert!(std::env::var("APITAP_KAFKA").as_deref() != Ok("required"), "no Kafka broker: {why}");
    skip(test, &why);
    None
}

#[test]
fn what_was_spooled_arrives() {
    let test = "what_was_spooled_arrives";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    let Some(mut broker) = own_broker(test) else { return };
    broker.reach_from(&lab.mirror.sensor);
    crashes_and_outages(&lab, &mut broker);
    a_damaged_segment(&lab, &broker);
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The broker is killed, and the sensor, at times of chance, while calls are made.
fn crashes_and_outages(lab: &Lab, broker: &mut Broker) {
    broker.create_topic("outage", 2, &[]).unwrap();
    let small =
        "output.kafka.queue_kibibytes_max = 1024\noutput.kafka.spool.segment_bytes_max = 262144\n";
    lab.home.configure(&format!("{}{small}", to_kafka(broker, "outage")));
    let mut times = Times::from_environment();
    let clients = [0, 30_000, 60_000]
        .map(|first| Client::start(&lab.mirror, first, Duration::from_millis(2)));
    // Records that each run is known to have spooled before its end.
    let mut spooled = Vec::new();
    let mut up = true;
    for round in 0..ROUNDS {
        let sensor = lab.home.start_as(&lab.mirror.sensor, &format!("run-{round}"));
        times.rest(300, 1500);
        if up && round % 2 == 0 {
            broker.stop();
            up = false;
            stays_flat(&sensor, &mut times);
        } else if !up {
            broker.resume();
            up = true;
        }
        times.rest(100, 1500);
        let status = sensor.status();
        assert_eq!(status["interfaces"][0]["kernel_dropped"], 0, "{status}");
        assert_eq!(status["metrics"]["overload"]["queue_dropped"]["records"], 0, "{status}");
        spooled.push(number(&status["sinks"][0]["spool"]["written"]));
        sensor.kill();
    }
    if !up {
        broker.resume();
    }
    let sensor = lab.home.start_as(&lab.mirror.sensor, "last");
    sleep(Duration::from_secs(1));
    let made: u32 = clients.into_iter().map(Client::stop).sum();
    nothing_lost(&sensor.settled());
    let status = sensor.until("the spool is empty", |s| s["sinks"][0]["spool"]["records"] == 0);
    assert_eq!(status["sinks"][0]["failed"], 0, "{status}");
    spooled.push(number(&status["sinks"][0]["spool"]["written"]));
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    println!("{made} calls made; spooled by each run at least {spooled:?}");
    judge(&traffic::decoded(&broker.consume("outage").unwrap()), &spooled);
}

/// While no broker is there, memory does not grow, and no packet is lost.
fn stays_flat(sensor: &Daemon, times: &mut Times) {
    sleep(Duration::from_millis(500));
    let memory = |status: &Value| number(&status["memory"]["resident_bytes"]);
    let before = sensor.status();
    times.rest(3000, 6000);
    let after = sensor.status();
    let spool = |status: &Value| number(&status["sinks"][0]["spool"]["bytes"]);
    println!(
        "no broker: resident memory {} KiB, then {} KiB; spool {} KiB, then {} KiB",
        memory(&before) >> 10,
        memory(&after) >> 10,
        spool(&before) >> 10,
        spool(&after) >> 10
    );
    assert!(spool(&after) > spool(&before), "{after}");
    assert!(memory(&after) < memory(&before) + GROWTH_MAX, "{before}\n{after}");
    assert_eq!(after["ready"], true, "{after}");
}

/// Every record of each run is there without a hole, as far as it was spooled; what came twice is the same.
fn judge(records: &[Value], spooled: &[u64]) {
    let mut runs = BTreeMap::<&str, BTreeMap<u64, &Value>>::new();
    let mut twice = 0;
    for record in records {
        let sensor = &record["sensor"];
        let run = runs.entry(sensor["id"].as_str().unwrap()).or_default();
        let sequence = sensor["sequence"].as_str().unwrap().parse().unwrap();
        if let Some(before) = run.insert(sequence, record) {
            assert_eq!(before, record, "one number, two records");
            twice += 1;
        }
    }
    println!("{} records, {twice} of them a second time", records.len());
    assert!(twice <= TWICE_MAX * ROUNDS, "{twice} came twice");
    // All runs, in order: "last" sorts before "run-0".
    let mut names: Vec<&str> = runs.keys().copied().collect();
    names.sort_by_key(|name| (*name == "last", *name));
    assert_eq!(names.len(), spooled.len(), "{names:?}");
    for (name, least) in names.iter().zip(spooled) {
        let sequences: Vec<u64> = runs[name].keys().copied().collect();
        let want: Vec<u64> = (1..=u64::try_from(sequences.len()).unwrap()).collect();
        assert_eq!(sequences, want, "{name} has holes");
        assert!(sequences.len() as u64 >= *least, "{name}: {} of {least}", sequences.len());
    }
    let distinct: Vec<Value> =
        runs.values().flat_map(|run| run.values()).map(|r| (*r).clone()).collect();
    let ids: BTreeSet<&str> = distinct.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!(ids.len(), distinct.len(), "different calls have different ids");
    let numbers = traffic::numbers(&distinct);
    assert!(numbers.values().all(|count| *count == 1), "a call is in two records");
}

/// A damaged segment costs what was damaged: that is counted and said, and the rest arrives.
fn a_damaged_segment(lab: &Lab, broker: &Broker) {
    broker.create_topic("damaged", 1, &[]).unwrap();
    let small = "output.kafka.spool.segment_bytes_max = 65536\n";
    let settings = format!("{}{small}", to_kafka(broker, "damaged"));
    // No broker there.
    lab.home.configure(&settings.replace(&broker.address, "127.0.0.1:1"));
    let sensor = lab.home.start(&lab.mirror.sensor);
    lab.calls(0..500);
    sensor.settled();
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let mut segments: Vec<_> = fs::read_dir(lab.home.file("spool"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| fs::metadata(path).unwrap().len() > 30_000)
        .collect();
    segments.sort();
    assert!(segments.len() > 2, "{segments:?}");
    let mut bytes = fs::read(&segments[1]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(&segments[1], bytes).unwrap();

    lab.home.configure(&settings);
    let sensor = lab.home.start(&lab.mirror.sensor);
    let status = sensor.until("the spool is empty", |s| {
        s["sinks"][0]["spool"]["records"] == 0 && s["sinks"][0]["spool"]["corrupt"] != 0
    });
    let corrupt = number(&status["sinks"][0]["spool"]["corrupt"]);
    println!("{corrupt} of 500 records were lost with the damaged segment");
    lab.calls(500..600);
    sensor.settled();
    sensor.until("the spool is empty", |s| s["sinks"][0]["spool"]["records"] == 0);
    // Records were lost: the exit code says so.
    assert_eq!(sensor.end(), Some(1), "{}", lab.home.log());
    assert!(
        lab.home.log().contains("corrupt") || lab.home.log().contains("damaged"),
        "{}",
        lab.home.log()
    );
    let got = traffic::decoded(&broker.consume("damaged").unwrap());
    let numbers: Vec<u32> = traffic::numbers(&got).into_keys().collect();
    assert_eq!(numbers.len() as u64, 600 - corrupt);
    each_once(&got, numbers.iter().copied());
    assert!((500..600).all(|number| numbers.contains(&number)));
}

/// A disk that is full, then read-only, then closed to us, then well again.
#[test]
fn a_disk_that_fails_is_said_and_survived() {
    let test = "a_disk_that_fails_is_said_and_survived";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure(
        "output.kafka.brokers = '127.0.0.1:1'\noutput.kafka.spool.directory = '{home}/spool'\n\
         output.kafka.spool.disk_free_bytes_min = 0\noutput.kafka.spool.memory_bytes_max = 100000\n\
         output.kafka.spool.segment_bytes_max = 65536\n",
    );
    let sensor = lab.home.start_on_tmpfs(&lab.mirror.sensor, "400k");
    let writable = |status: &Value| status["sinks"][0]["spool"]["writable"].as_bool();
    let mut next = 0;
    let mut call = || {
        lab.calls(next..next + 200);
        next += 200;
    };
    call();
    assert_eq!(writable(&sensor.settled()), Some(true));
    for _ in 0..4 {
        call();
    }
    let full = sensor.until("the disk is full", |status| writable(status) == Some(false));
    let error = full["sinks"][0]["spool"]["last_error"].as_str().unwrap().to_owned();
    println!("full: {error}");
    assert!(error.contains("spool") && error.to_lowercase().contains("space"), "{error}");
    sensor.until("what there is no room for is counted", |status| {
        number(&status["sinks"][0]["spool"]["dropped"]) > 0
    });
    // Something read-only in its place, and away again: no file can be made.
    inside(&sensor, &["mount", "-t", "tmpfs", "-o", "ro", "none"], &lab.home.file("spool"));
    call();
    let read_only = sensor.until("it is read-only", |status| {
        let error = status["sinks"][0]["spool"]["last_error"].as_str();
        error.is_some_and(|error| error.contains("Read-only file system"))
    });
    println!("read-only: {}", read_only["sinks"][0]["spool"]["last_error"]);
    assert_eq!(writable(&read_only), Some(false));
    inside(&sensor, &["umount"], &lab.home.file("spool"));
    inside(&sensor, &["mount", "-o", "remount,size=64m"], &lab.home.file("spool"));
    call();
    sensor.until("the disk is used again", |status| writable(status) == Some(true));

    // Segments are small: the next file is soon wanted, and cannot be made.
    inside(&sensor, &["chmod", "0500"], &lab.home.file("spool"));
    call();
    call();
    let closed = sensor.until("no file can be made", |status| writable(status) == Some(false));
    let error = closed["sinks"][0]["spool"]["last_error"].as_str().unwrap().to_owned();
    println!("closed: {error}");
    assert!(error.to_lowercase().contains("permission denied"), "{error}");
    inside(&sensor, &["chmod", "0700"], &lab.home.file("spool"));
    call();
    sensor.until("the disk is used again", |status| writable(status) == Some(true));
    let status = sensor.settled();
    nothing_lost(&status);
    let spool = &status["sinks"][0]["spool"];
    assert_eq!(number(&spool["written"]), u64::from(next), "{spool}");
    let known = number(&spool["dropped"]) + number(&spool["records"]);
    assert_eq!(number(&spool["written"]), known, "{spool}");
    // Records were dropped: the exit code says so.
    assert_eq!(sensor.end(), Some(1), "{}", lab.home.log());
}

/// How a file system on a disk of its own breaks, and what the sensor then says.
const BREAKS: [(&str, &str, &str); 2] = [
    // An error on its disk: ext4 puts itself into read-only mode while files are open.
    (
        "echo apitap > /sys/fs/ext4/$(basename $(findmnt -no SOURCE $0))/trigger_fs_error",
        "read_only",
        "Read-only file system",
    ),
    // Its disk is gone: every access fails. EXT4_IOC_SHUTDOWN, without flushing.
    (
        "python3 -c 'import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, \
         struct.pack(\"I\", 2))' $0",
        "gone",
        "Input/output error",
    ),
];

/// A file system that breaks for good: records go past it, by memory, to the broker.
#[test]
fn a_broken_file_system_holds_up_nothing() {
    let test = "a_broken_file_system_holds_up_nothing";
    for program in ["mkfs.ext4", "findmnt", "python3"] {
        if !installed(program) {
            return skip(test, &format!("{program} is not installed"));
        }
    }
    if !Command::new("losetup").arg("--find").output().is_ok_and(|o| o.status.success()) {
        return skip(test, "there are no loop devices here");
    }
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    let Some(broker) = broker(test) else { return };
    broker.reach_from(&lab.mirror.sensor);
    for (break_it, topic, error) in BREAKS {
        broker.create_topic(topic, 1, &[]).unwrap();
        lab.home.configure(&to_kafka(broker, topic));
        let disk = lab.home.file(topic);
        let mount = format!(
            "truncate -s 32M {disk} && mkfs.ext4 -q {disk} && mount -o loop,errors=remount-ro {disk} \"$SPOOL\" && \
             chown {USER}:{USER} \"$SPOOL\"",
            disk = disk.display()
        );
        let sensor = lab.home.start_mounted(&lab.mirror.sensor, &mount);
        let delivered = |what: &str, records: u64| {
            sensor.until(what, |status| {
                let spool = &status["sinks"][0]["spool"];
                number(&spool["acknowledged"]) + number(&spool["corrupt"]) == records
            })
        };
        lab.calls(0..300);
        delivered("what came before is delivered", 300);
        inside(&sensor, &["sh", "-c", break_it], &lab.home.file("spool"));
        lab.calls(300..600);
        let broken = sensor.until("it is broken", |s| s["sinks"][0]["spool"]["writable"] == false);
        let said = broken["sinks"][0]["spool"]["last_error"].as_str().unwrap().to_owned();
        println!("{topic}: {said}");
        assert!(said.contains(error), "{said}");
        lab.calls(600..900);
        let after = delivered("what came after goes past the disk", 900);
        nothing_lost(&sensor.settled());
        assert_eq!(after["ready"], true, "{after}");
        // What stood on the disk alone when it broke.
        let lost = number(&after["sinks"][0]["spool"]["corrupt"]);
        println!("{topic}: {lost} records could not be read back");
        assert_eq!(sensor.end(), Some(i32::from(lost > 0)), "{}", lab.home.log());
        assert!(lab.home.log().contains("the spool cannot be written"), "{}", lab.home.log());
        let got = traffic::decoded(&broker.consume(topic).unwrap());
        let numbers = traffic::numbers(&got);
        assert_eq!(numbers.len() as u64 + lost, 900);
        assert!((600..900).all(|number| numbers.contains_key(&number)), "some after are missing");
    }
}

/// Runs a command in the mount namespace of the sensor.
fn inside(sensor: &Daemon, words: &[&str], path: &Path) {
    let process = sensor.id().as_raw_nonzero().to_string();
    let mut command = Command::new("nsenter");
    command.args(["--mount", "--target", &process]).args(words).arg(path);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Output into a file whose disk is full for a while: of what is counted as delivered all can be read, and nothing else.
#[test]
fn a_file_on_a_full_disk_has_whole_records() {
    let test = "a_file_on_a_full_disk_has_whole_records";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure(
        "output.file.path = '{home}/spool/records'\noutput.file.format = 'protobuf'\n\
         privileges.landlock = false\n",
    );
    let sensor = lab.home.start_on_tmpfs(&lab.mirror.sensor, "200k");
    lab.calls(0..600);
    sensor.until("the disk is full", |status| number(&status["sinks"][0]["failed"]) > 0);
    sensor.settled();
    inside(&sensor, &["mount", "-o", "remount,size=64m"], &lab.home.file("spool"));
    lab.calls(600..800);
    let status = sensor.settled();
    lab.home.says("records are written again");
    let counted = |key: &str| number(&status["sinks"][0][key]);
    assert_eq!(counted("delivered") + counted("failed"), 800, "{status}");
    let file = lab.home.file("spool/records");
    let root = format!("/proc/{}/root{}", sensor.id().as_raw_nonzero(), file.display());
    let copy = lab.home.file("copy").display().to_string();
    fs::copy(root, &copy).unwrap();
    let read = run::run(["records", &copy]);
    assert_eq!(records::lines(&read.ok("records").stdout).len() as u64, counted("delivered"));
}

/// A start goes on with the file of the run before, whole records only.
#[test]
fn a_file_outlives_a_kill() {
    let test = "a_file_outlives_a_kill";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure("output.file.path = '{home}/records.jsonl'\n");
    let sensor = lab.start();
    lab.calls(0..100);
    sensor.until("all is written", |status| number(&status["sinks"][0]["delivered"]) == 100);
    sensor.signal(Signal::KILL);
    drop(sensor);
    let file = lab.home.file("records.jsonl");
    let mut half = fs::OpenOptions::new().append(true).open(&file).unwrap();
    half.write_all(b"{\"id\":\"ha").unwrap();
    let sensor = lab.start();
    lab.calls(100..200);
    sensor.until("all is written", |status| number(&status["sinks"][0]["delivered"]) == 100);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    each_once(&lab.records(), 0..200);
    assert!(lab.home.log().contains("half a record at the end"), "{}", lab.home.log());
}
