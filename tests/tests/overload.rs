//! Too little processor for too much traffic: less is inspected, in steps that everybody can see, and more again after.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use apitap_tests::daemon::Daemon;
use apitap_tests::lab::Lab;
use apitap_tests::mirror::Through;
use apitap_tests::traffic::{self, Client, each_once};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const MEMORY_MEBIBYTES_MAX: u64 = 256;

/// Lets a process run a twentieth of the time, as a control group's quota would; all of it again when dropped.
struct Throttle {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Throttle {
    fn new(process: Pid) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                for (signal, millis) in [(Signal::STOP, 95), (Signal::CONT, 5)] {
                    // It may have ended.
                    let _gone = kill_process(process, signal);
                    thread::sleep(Duration::from_millis(millis));
                }
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only signals");
        }
    }
}

fn rung(status: &Value) -> u64 {
    status["ladder_rung"].as_u64().unwrap_or_default()
}

#[test]
fn overload_is_a_ladder_up_and_down() {
    let Some(lab) = Lab::new("overload_is_a_ladder_up_and_down", Through::Wire) else { return };
    lab.home.configure(&format!(
        "output.file.path = '{{home}}/records.jsonl'\n\
         capture.buffer_mebibytes = 4\ndaemon.workers = 1\ndaemon.queue_mebibytes_max = 1\n\
         overload.climb_milliseconds = 300\noverload.descend_seconds = 1\n\
         overload.memory_mebibytes_max = {MEMORY_MEBIBYTES_MAX}\n"
    ));
    let sensor = lab.home.start(&lab.mirror.sensor);
    lab.calls(0..300);
    assert_eq!(rung(&sensor.settled()), 1);

    let clients = [1000, 20_000, 40_000, 60_000]
        .map(|first| Client::start(&lab.mirror, first, Duration::ZERO));
    let throttle = Throttle::new(sensor.id());
    let status = sensor.until("bodies are no longer read", |status| rung(status) >= 3);
    println!("under pressure: rung {}", rung(&status));
    let metrics = sensor.get("/metrics").expect("metrics under pressure");
    // Neither answer is of the same moment.
    let gauge = metrics.lines().find(|line| line.starts_with("apitap_ladder_rung ")).unwrap();
    assert!(!gauge.ends_with(" 1"), "{gauge}");
    let made: u32 = clients.into_iter().map(Client::stop).sum();
    drop(throttle);

    let status = sensor.until("all is inspected again", |status| rung(status) == 1);
    let moves = &status["metrics"]["overload"]["ladder_moves"];
    assert!(moves["up"].as_u64() >= Some(2) && moves["up"] == moves["down"], "{moves}");
    lab.calls(300..600);
    let status = sensor.settled();
    assert_eq!(status["accounting"]["difference"], 0, "{status}");
    let peak = peak_mebibytes(&sensor);
    let lost = &status["metrics"]["overload"]["queue_dropped"];
    println!(
        "{made} calls under pressure, {} records in all, peak memory {peak} MiB, kernel dropped {}, queues {lost}",
        status["records"], status["interfaces"][0]["kernel_dropped"]
    );
    assert!(peak < MEMORY_MEBIBYTES_MAX, "{peak} MiB");
    assert_eq!(said_of(&sensor, "THP_enabled:"), "0", "huge pages are zeros that count as memory");
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    judge(&lab);
}

#[test]
fn the_kernel_s_buffers_are_no_pressure() {
    let Some(lab) = Lab::new("the_kernel_s_buffers_are_no_pressure", Through::Wire) else { return };
    // The buffer alone is as large as the limit.
    lab.home.configure(
        "output.file.path = '{home}/records.jsonl'\n\
         capture.buffer_mebibytes = 64\ndaemon.workers = 1\n\
         overload.climb_milliseconds = 100\noverload.memory_mebibytes_max = 64\n",
    );
    let sensor = lab.home.start(&lab.mirror.sensor);
    lab.calls(0..300);
    let status = sensor.settled();
    assert_eq!(rung(&status), 1, "{}", status["memory"]);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    assert!(!lab.home.log().contains("overload: "), "{}", lab.home.log());
    each_once(&lab.records(), 0..300);
}

/// What the records say of it.
fn judge(lab: &Lab) {
    let records = lab.records();
    let full = |numbers: std::ops::Range<u32>| -> Vec<Value> {
        let wanted = |record: &&Value| traffic::asked(record).is_some_and(|n| numbers.contains(&n));
        records.iter().filter(wanted).cloned().collect()
    };
    for calm in [0..300, 300..600] {
        let records = full(calm.clone());
        each_once(&records, calm);
        assert!(records.iter().all(|record| record["completeness"]["rung"] == 1));
    }
    let pressed: Vec<&Value> =
        records.iter().filter(|r| r["completeness"]["rung"].as_u64() > Some(1)).collect();
    assert!(!pressed.is_empty(), "no record says that less was inspected");
    // Panics at a wrong pair.
    let numbered: usize = traffic::numbers(&records).values().sum();
    let ids: BTreeSet<&str> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!(ids.len(), records.len(), "each record is of another call");
    println!(
        "{} records, {numbered} with their numbers, {} with less inspection",
        records.len(),
        pressed.len()
    );
    let log = lab.home.log();
    assert!(log.contains("overload: ") && log.contains("overload eases: "), "{log}");
}

fn peak_mebibytes(sensor: &Daemon) -> u64 {
    said_of(sensor, "VmHWM:").trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// What the kernel says of a sensor's process under this name.
fn said_of(sensor: &Daemon, name: &str) -> String {
    let process = sensor.id().as_raw_nonzero();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
}
