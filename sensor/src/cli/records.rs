//! `apitap records`: reads record files or a Kafka topic back, for people and scripts.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use apitap_proto::v1;

use crate::sink::read::{ReadError, Records};
use crate::sink::{Encode, SinkError, Style, format};

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Reads records back: from length-delimited protobuf files, or from a Kafka topic.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Record files, as written by `--output protobuf`; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "brokers", conflicts_with = "brokers")]
    pub files: Vec<PathBuf>,
    /// A topic instead of files.
    #[command(flatten)]
    pub topic: TopicArgs,
    /// Stop after this many records.
    #[arg(long, value_name = "N")]
    pub max: Option<u64>,
    /// How to show them.
    #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_parser = ["jsonl", "table", "ocsf", "ocsf-api", "ecs"])]
    pub output: String,
}

/// Where a topic is.
#[derive(Debug, Clone, clap::Args)]
pub struct TopicArgs {
    /// Kafka brokers to read from, `host:port` separated by commas: all records from the beginning of the
    /// topic to its current end.
    #[arg(long, value_name = "HOST:PORT,…", requires = "topic")]
    pub brokers: Option<String>,
    /// Topic to read.
    #[arg(long, requires = "brokers")]
    pub topic: Option<String>,
    /// Further librdkafka property; may be repeated.
    #[arg(long = "property", value_name = "NAME=VALUE", requires = "brokers")]
    pub properties: Vec<String>,
    /// librdkafka property whose value is in a file, for secrets; may be repeated.
    #[arg(long = "property-file", value_name = "NAME=PATH", requires = "brokers")]
    pub property_files: Vec<String>,
}

/// Takes one record; `false` when no more are wanted.
pub(super) type Take<'a> = dyn FnMut(&v1::CallRecord) -> Result<bool, SinkError> + 'a;

/// Why records could not all be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// Wrong usage.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be read to its end. What came before was shown.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: ReadError,
    },
    /// Messages of the topic are no records. The others were shown.
    #[error("{count} messages of the topic are no records; the first: {first}")]
    Messages {
        /// How many.
        count: u64,
        /// The first of them.
        first: ReadError,
    },
    /// Kafka, or the output: see [`SinkError`], whose `BrokenPipe` ends quietly.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Shows the records that `args` name on `out`, `style` permitting.
///
/// # Errors
///
/// The first thing that went wrong; records before it were shown.
pub fn run(args: &Args, style: &Style, out: &mut dyn Write) -> Result<(), RecordsError> {
    let Some(format) = format(&args.output) else {
        return Err(RecordsError::Usage(format!("unknown output format {:?}", args.output)));
    };
    let left = args.max.unwrap_or(u64::MAX);
    let mut shown = Shown { encoder: (format.encoder)(style), out, buffer: Vec::new(), left };
    let result = if left == 0 {
        Ok(())
    } else {
        each(&args.files, &args.topic, &mut |record| shown.push(record))
    };
    // What was read before an error is shown first.
    shown.flush()?;
    result
}

/// Hands every record of the topic, or else of the files, to `take`.
///
/// # Errors
///
/// The first thing that went wrong; records before it were handed over.
pub(super) fn each(
    files: &[PathBuf],
    topic: &TopicArgs,
    take: &mut Take<'_>,
) -> Result<(), RecordsError> {
    if let Some(brokers) = &topic.brokers {
        return read_topic(topic, brokers, take);
    }
    for path in files {
        if !file(path, take)? {
            break;
        }
    }
    Ok(())
}

/// The output, as far as it goes.
struct Shown<'a> {
    encoder: Box<dyn Encode>,
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    /// Records still wanted.
    left: u64,
}

impl Shown<'_> {
    /// Shows one record; `false` when no more are wanted.
    fn push(&mut self, record: &v1::CallRecord) -> Result<bool, SinkError> {
        let end = self.buffer.len();
        // Half a record would spoil those around it.
        self.encoder.encode(record, &mut self.buffer).inspect_err(|_| self.buffer.truncate(end))?;
        self.left = self.left.saturating_sub(1);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(self.left > 0)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let written = self.out.write_all(&self.buffer).and_then(|()| self.out.flush());
        self.buffer.clear();
        written.map_err(|source| match source.kind() {
            ErrorKind::BrokenPipe => SinkError::BrokenPipe,
            _ => SinkError::Write { target: "standard output".into(), source },
        })
    }
}

/// Hands over the records of a file; `false` when no more are wanted.
fn file(path: &Path, take: &mut Take<'_>) -> Result<bool, RecordsError> {
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path);
        let file = file.map_err(|source| RecordsError::Open { path: path.to_owned(), source })?;
        Box::new(BufReader::with_capacity(BUFFER_BYTES, file))
    };
    for record in Records::new(input) {
        let record =
            record.map_err(|source| RecordsError::File { path: path.to_owned(), source })?;
        if !take(&record)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(feature = "kafka")]
fn read_topic(args: &TopicArgs, brokers: &str, take: &mut Take<'_>) -> Result<(), RecordsError> {
    use crate::sink::kafka::{Config, Topic};

    let mut config = Config {
        brokers: brokers.to_owned(),
        topic: args.topic.clone().unwrap_or_default(),
        ..Config::default()
    };
    for property in &args.properties {
        let (name, value) = pair(property, "--property")?;
        config.properties.0.insert(name, value);
    }
    for property in &args.property_files {
        let (name, path) = pair(property, "--property-file")?;
        config.property_files.insert(name, path.into());
    }
    let mut unreadable: Option<(u64, ReadError)> = None;
    for record in Topic::open(&config)? {
        match record {
            Ok(record) => {
                if !take(&record)? {
                    break;
                }
            }
            Err(ReadError::Kafka(error)) => return Err(error.into()),
            Err(error) => {
                let (count, first) = unreadable.take().unwrap_or((0, error));
                unreadable = Some((count.saturating_add(1), first));
            }
        }
    }
    match unreadable {
        None => Ok(()),
        Some((count, first)) => Err(RecordsError::Messages { count, first }),
    }
}

#[cfg(not(feature = "kafka"))]
fn read_topic(_: &TopicArgs, _: &str, _: &mut Take<'_>) -> Result<(), RecordsError> {
    Err(SinkError::NoKafka.into())
}

/// Splits `name=value`. The text is not repeated: it may hold a secret.
#[cfg(feature = "kafka")]
fn pair(text: &str, option: &str) -> Result<(String, String), RecordsError> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| RecordsError::Usage(format!("{option} wants NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::record::sample;
    use crate::sink::{Output, Sink as _, Stream};

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &[&str]) -> Args {
        Cli::try_parse_from([&["records"], line].concat()).unwrap().args
    }

    /// Writes two records to `name` and returns its path.
    fn written(directory: &tempfile::TempDir, name: &str) -> String {
        let path = directory.path().join(name);
        let encoder = (format("protobuf").unwrap().encoder)(&Style::plain());
        let mut stream = Stream::new(encoder, Output::create(&path).unwrap());
        for _ in 0..2 {
            stream.write(&sample::record()).unwrap();
        }
        stream.finish().unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn shown(args: &Args) -> (String, Result<(), RecordsError>) {
        let mut out = Vec::new();
        let result = run(args, &Style::plain(), &mut out);
        (String::from_utf8(out).unwrap(), result)
    }

    #[test]
    fn files_are_shown_one_after_the_other() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (written(&directory, "one.pb"), written(&directory, "two.pb"));
        let (text, result) = shown(&args(&[&one, &two]));
        result.unwrap();
        assert_eq!(text.lines().count(), 4);
        let (text, result) = shown(&args(&[&one, &two, "--max", "3"]));
        result.unwrap();
        assert_eq!(text.lines().count(), 3);
        let (text, result) = shown(&args(&[&one, "--output", "table"]));
        result.unwrap();
        assert!(text.starts_with("TIME"));
    }

    #[test]
    fn what_comes_before_a_torn_tail_is_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = written(&directory, "torn.pb");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        let (text, result) = shown(&args(&[&path]));
        assert_eq!(text.lines().count(), 1);
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{path}: record at byte ")), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = shown(&args(&["/nowhere.pb"])).1.unwrap_err().to_string();
        assert!(error.starts_with("cannot open /nowhere.pb: No such file"), "{error}");
    }

    #[test]
    fn a_gone_reader_is_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = written(&directory, "one.pb");
        let (reader, mut writer) = io::pipe().unwrap();
        drop(reader);
        let error = run(&args(&[&path]), &Style::plain(), &mut writer).unwrap_err();
        assert!(matches!(error, RecordsError::Sink(SinkError::BrokenPipe)));
    }

    #[test]
    fn files_or_a_topic_but_not_both() {
        for line in [
            &[][..],
            &["one.pb", "--brokers", "b:9092", "--topic", "t"],
            &["--brokers", "b:9092"],
            &["--topic", "t"],
            &["one.pb", "--output", "protobuf"],
        ] {
            assert!(Cli::try_parse_from([&["records"], line].concat()).is_err(), "{line:?}");
        }
    }

    #[cfg(feature = "kafka")]
    #[test]
    fn a_bad_property_is_not_repeated() {
        let line = ["--brokers", "b:9092", "--topic", "t", "--property", "hunter2"];
        let error = shown(&args(&line)).1.unwrap_err().to_string();
        assert_eq!(error, "--property wants NAME=VALUE");
    }
}
