//! A sensor that never runs out of calls: what `apitap run` does behind its capture, in a process of its own.
//!
//! A test program starts itself again as the feeder (see [`Feeder::start`]), so that it can be killed. It sends the
//! records of one capture over and over to the live outputs of its configuration; each pass has a sensor id of its own,
//! and each record a number in its pass. What it has handed to the output it says on standard output.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use apitap::capture::Packet;
use apitap::capture::file::{self, Files, Interface};
use apitap::config::Config;
use apitap::decap::Decap;
use apitap::pipeline::{self, Source, Worker};
use apitap::record::{Builder, SensorInfo};
use apitap::redact::Keys;
use apitap::sink::{self, Mode, SinkError, spool};

/// Environment variable by which a test program knows that it is the feeder: its arguments, one a line.
const FEED: &str = "APITAP_TESTS_FEED";

const LIMIT: Duration = Duration::from_secs(120);

/// A pass and a number in it.
pub type Id = (String, u64);

/// A running feeder.
pub struct Feeder {
    child: Child,
    said: Receiver<String>,
    log: PathBuf,
}

/// What a feeder is to do.
pub struct Task<'a> {
    /// Configuration of the outputs, with `sensor.key_file`.
    pub config: &'a Path,
    /// Where its log goes; it is added to.
    pub log: &'a Path,
    /// Name of the first pass is this and `-0`.
    pub name: &'a str,
    /// Passes over the capture.
    pub passes: u32,
    /// Pause between two passes.
    pub pause: Duration,
    /// Shell commands to go before, in user and mount namespaces of their own; empty for none.
    pub before: &'a str,
}

impl Feeder {
    /// Starts one. The test program must have a test `feeder` that calls [`serve`].
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(task: &Task<'_>) -> Self {
        let this = std::env::current_exe().expect("the test program");
        let mut command = if task.before.is_empty() {
            Command::new(this)
        } else {
            let mut unshare = Command::new("unshare");
            unshare.args(["-rm", "sh", "-c", &format!("{} && exec \"$0\" \"$@\"", task.before)]);
            unshare.arg(this);
            unshare
        };
        let arguments = [
            task.config.display().to_string(),
            task.name.to_owned(),
            task.passes.to_string(),
            task.pause.as_millis().to_string(),
        ];
        let log = std::fs::File::options().append(true).create(true).open(task.log).expect("a log");
        crate::run::clean(&mut command);
        let mut child = command
            .args(["feeder", "--exact", "--nocapture", "--test-threads=1"])
            .env(FEED, arguments.join("\n"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the feeder starts");
        let stdout = BufReader::new(child.stdout.take().expect("its standard output"));
        let (tell, said) = channel();
        // A pipe nobody reads would stop it.
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|l| tell.send(l)));
        Self { child, said, log: task.log.to_owned() }
    }

    /// Waits until `count` more records were handed to the output; their ids.
    ///
    /// # Panics
    ///
    /// If it ends before.
    pub fn wait(&mut self, count: usize) -> BTreeSet<Id> {
        let mut ids = BTreeSet::new();
        while ids.len() < count {
            let line = self.said.recv_timeout(LIMIT);
            let line = line.unwrap_or_else(|e| panic!("the feeder: {e}:\n{}", self.log()));
            ids.extend(id(&line));
        }
        ids
    }

    /// Kills it, as nothing can be prepared for; what it had handed on until then.
    ///
    /// # Panics
    ///
    /// If the system does not.
    pub fn kill(mut self) -> BTreeSet<Id> {
        self.child.kill().expect("the feeder can be killed");
        self.child.wait().expect("the feeder can be waited for");
        self.said.iter().filter_map(|line| id(&line)).collect()
    }

    /// Lets it come to its end; what it handed on, and what it said in the end of the outputs.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn end(mut self) -> (BTreeSet<Id>, String) {
        drop(self.child.stdin.take());
        let (mut ids, mut last) = (BTreeSet::new(), String::new());
        while let Ok(line) = self.said.recv_timeout(LIMIT) {
            ids.extend(id(&line));
            if line.starts_with("end ") {
                last = line;
            }
        }
        let status = self.child.wait().expect("the feeder can be waited for");
        assert!(status.success(), "{status}:\n{}", self.log());
        (ids, last)
    }

    /// Waits until its log holds `words`.
    ///
    /// # Panics
    ///
    /// If that takes more than two minutes.
    pub fn wait_for(&self, words: &str) {
        let start = Instant::now();
        while !self.log().contains(words) {
            assert!(start.elapsed() < LIMIT, "no {words:?} in the log:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Reads `record <pass> <number>`.
fn id(line: &str) -> Option<Id> {
    let mut words = line.trim_end().strip_prefix("record ")?.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

/// Does the feeder's work if this process is one. It stops when standard input closes.
///
/// # Panics
///
/// If anything goes wrong.
pub fn serve() {
    let Ok(arguments) = std::env::var(FEED) else { return };
    let mut arguments = arguments.lines();
    let mut next = || arguments.next().expect("an argument");
    let (config, name) = (PathBuf::from(next()), next().to_owned());
    let (passes, pause): (u32, u64) = (next().parse().unwrap(), next().parse().unwrap());
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let config = Config::load(Some(&config), std::iter::empty()).expect("a configuration");
    let file = config.sensor.key_file.clone().expect("sensor.key_file");
    let keys = Keys::parse(&std::fs::read(file).expect("a key file")).expect("keys");
    let spool_keys = spool::Keys::new(keys.derive("spool"));
    let mode = Mode::Live { spool_keys: &spool_keys };
    let mut sinks = sink::open_for(&config.output, &mode).unwrap_or_else(|e| panic!("{e}"));
    // The test harness has begun a line.
    println!();
    let stdin = thread::spawn(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    for pass in 0..passes {
        let pass = format!("{name}-{pass}");
        one_pass(&config, &keys, &pass, &mut sinks);
        thread::sleep(Duration::from_millis(pause));
        sinks.iter_mut().for_each(|(_, sink)| sink.flush().expect("a sink"));
        if stdin.is_finished() {
            break;
        }
    }
    for (name, sink) in &mut sinks {
        let delivered = sink.finish().expect("a sink");
        let corrupt = sink.spool().map(|status| (status.dropped, status.corrupt));
        println!("end {name} {delivered:?} {corrupt:?}");
    }
}

fn one_pass(config: &Config, keys: &Keys, pass: &str, sinks: &mut [sink::Named]) {
    let info = SensorInfo { id: pass.to_owned(), ..SensorInfo::default() };
    let worker = Worker::configured(config, 1, keys, Builder::new(info, Vec::new()));
    let capture = crate::path("fixtures/shop/input.pcap").display().to_string();
    let mut files = Capture(file::open(&[capture]).expect("the capture"));
    let mut number = 0_u64;
    let mut out = std::io::stdout();
    pipeline::read(
        &mut files,
        Decap::new(&config.decap),
        vec![worker],
        apitap::endpoints::Learner::new(&config.endpoints, Default::default()),
        |record| {
            sinks.iter_mut().try_for_each(|(_, sink)| sink.write(record))?;
            number += 1;
            // At once: whoever kills this process wants to know what it had done.
            writeln!(out, "record {pass} {number}").expect("standard output");
            Ok::<_, SinkError>(())
        },
    );
}

struct Capture(Files);

impl Source for Capture {
    type Error = apitap::capture::CaptureError;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, Self::Error> {
        self.0.next()
    }

    fn interfaces(&self) -> &[Interface] {
        self.0.interfaces()
    }
}
