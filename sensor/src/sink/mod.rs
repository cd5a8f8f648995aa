//! Sinks: records in, bytes out. The last stage and, beside `capture`, the only one that does I/O.
//!
//! A format is one file and one line in [`FORMATS`]; a place records go to is one file and one line in
//! [`SINKS`]. Sinks block when they cannot go on: the queue before them decides whether to wait (offline)
//! or to drop and count (live).

mod clock;
pub mod ecs;
mod error;
mod file;
mod jsonl;
pub mod kafka;
pub mod ocsf;
mod output;
mod protobuf;
pub mod read;
mod siem;
pub mod spool;
mod statistics;
mod stream;
mod style;
mod table;
mod tail;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use error::SinkError;
pub use file::Config as FileConfig;
pub use output::Output;
pub use statistics::Statistics;
pub use stream::{Encode, Stream};
pub use style::Style;

use crate::inventory::Change;
use crate::record::Record;

/// Somewhere records go.
pub trait Sink: Send {
    /// Takes one record. It may stay in memory until [`flush`](Self::flush) or [`finish`](Self::finish).
    /// Blocks while the sink is full. What is lost by an error is counted here: see [`delivered`](Self::delivered).
    ///
    /// # Errors
    ///
    /// [`SinkError::BrokenPipe`] when the reader went away; any other error when this sink can write no more.
    fn write(&mut self, record: &Record) -> Result<(), SinkError>;

    /// Takes a change of the inventory. Sinks without a place for it do nothing.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    fn change(&mut self, _: &Change) -> Result<(), SinkError> {
        Ok(())
    }

    /// Hands on what is buffered; for idle times of a live run. Does not wait for acknowledgements.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    fn flush(&mut self) -> Result<(), SinkError>;

    /// Hands on everything and waits, within the sink's time limit, until it is known what became of it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write). Records that could not be delivered are no error here but a count.
    fn finish(&mut self) -> Result<Delivered, SinkError>;

    /// What became of the records so far; for metrics while running.
    fn delivered(&self) -> Delivered;

    /// What is in its spool; `None` when it has none.
    fn spool(&self) -> Option<spool::Status> {
        None
    }

    /// What its client says of itself; `None` when it has none, or none has been said yet.
    fn statistics(&self) -> Option<Statistics> {
        None
    }
}

/// What became of the records written to a sink: they add up to the records taken, and those resumed from its spool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Records written to the output, or acknowledged by the broker.
    pub delivered: u64,
    /// Records given up on.
    pub failed: u64,
    /// Records of which neither is known: still queued, or unacknowledged when the time limit ran out.
    pub undelivered: u64,
    /// Records in the spool: they are delivered later, by the next run if need be.
    pub spooled: u64,
    /// Records, delivered or not, that were cut to fit the size limit of a message.
    pub cut: u64,
    /// Why the last failed record failed. Never traffic content.
    pub last_error: Option<String>,
}

impl Delivered {
    /// Whether every record arrived, or will.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed == 0 && self.undelivered == 0
    }

    /// Adds the counts of `other`, another sink.
    pub fn add(&mut self, other: &Self) {
        let Self { delivered, failed, undelivered, spooled, cut, last_error } = other;
        self.delivered = self.delivered.saturating_add(*delivered);
        self.failed = self.failed.saturating_add(*failed);
        self.undelivered = self.undelivered.saturating_add(*undelivered);
        self.spooled = self.spooled.saturating_add(*spooled);
        self.cut = self.cut.saturating_add(*cut);
        if last_error.is_some() {
            self.last_error.clone_from(last_error);
        }
    }
}

/// Where records go.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A file, or standard output. Absent: none.
    pub file: Option<file::Config>,
    /// A Kafka topic. Absent: none.
    pub kafka: Option<kafka::Config>,
}

impl Config {
    /// Files and directories that sinks open while running: those they read, and those they write.
    pub fn paths(&self, read: &mut Vec<PathBuf>, write: &mut Vec<PathBuf>) {
        if let Some(file) = self.file.as_ref().filter(|file| file.path != Path::new("-")) {
            write.push(file.path.clone());
        }
        if let Some(kafka) = &self.kafka {
            read.extend(kafka.files());
            write.extend(kafka.spool.iter().map(|spool| spool.directory.clone()));
        }
    }
}

/// A kind of place records go to.
pub struct Entry {
    /// Its key in [`Config`], and its name in metrics.
    pub name: &'static str,
    /// Opens it; `None` when it is not configured.
    pub open: fn(&Config, &Mode<'_>) -> Option<Opened>,
}

/// What records are written for.
#[derive(Clone, Copy)]
pub enum Mode<'a> {
    /// The records of capture files: a sink that cannot go on says so at once, and blocks while it is full.
    Offline,
    /// The records of a live run: a sink starts whether or not the other side is there, and never blocks for longer
    /// than a disk write.
    Live {
        /// What seals spools.
        spool_keys: &'a spool::Keys,
    },
}

/// What came of opening a sink.
pub type Opened = Result<Box<dyn Sink>, SinkError>;

/// A sink with the name of its [`Entry`].
pub type Named = (&'static str, Box<dyn Sink>);

/// Every place records can go to.
pub static SINKS: &[Entry] = &[file::ENTRY, kafka::ENTRY];

/// Opens what is configured, for capture files, in the order of [`SINKS`]: name and sink.
///
/// # Errors
///
/// The first that cannot be opened.
pub fn open(config: &Config) -> Result<Vec<Named>, SinkError> {
    open_for(config, &Mode::Offline)
}

/// As [`open`], for what `mode` says.
///
/// # Errors
///
/// The first that cannot be opened. In live mode that is a matter of the configuration or of this host, never of who
/// is on the other side.
pub fn open_for(config: &Config, mode: &Mode<'_>) -> Result<Vec<Named>, SinkError> {
    let opened = SINKS.iter().filter_map(|entry| Some((entry.name, (entry.open)(config, mode)?)));
    opened.map(|(name, sink)| Ok((name, sink?))).collect()
}

/// What can be said of a configuration without opening anything: no file is made, nobody is asked.
///
/// # Errors
///
/// When a sink would refuse it.
pub fn validate(config: &Config) -> Result<(), SinkError> {
    config.file.as_ref().map_or(Ok(()), file::validate)?;
    config.kafka.as_ref().map_or(Ok(()), kafka::validate)
}

/// A way to write records down.
pub struct Format {
    /// Its name: `jsonl`.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// How its records stand in a file.
    records: tail::Records,
    /// Makes its encoder.
    pub encoder: fn(&Style) -> Box<dyn Encode>,
}

/// Every format.
pub static FORMATS: &[Format] =
    &[table::FORMAT, jsonl::FORMAT, protobuf::FORMAT, ocsf::FORMAT, ocsf::API_FORMAT, ecs::FORMAT];

/// The format called `name`.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
