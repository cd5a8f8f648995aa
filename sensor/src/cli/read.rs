//! `apitap read`: decodes capture files and prints the API calls in them.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt::Interrupt;
use super::{CliError, explain, spare, summary};
use crate::capture::file::{self, Files, Interface};
use crate::capture::{CaptureError, Packet, SecretsFeed, stop};
use crate::config::{self, Config};
use crate::decap::Decap;
use crate::endpoints::Learner;
use crate::grpc;
use crate::key_log;
use crate::pipeline::{self, Run, Source, Worker};
use crate::record::Builder;
use crate::redact::Keys;
use crate::sink::{self, SinkError};
use crate::tls::KeyRing;

/// Arguments of `read`.
#[derive(clap::Args)]
pub struct Args {
    /// Capture files: pcap or pcapng, also gzip or zstd compressed; "-" reads standard input; globs are expanded
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// Form of the records [default: table on a terminal, jsonl otherwise]
    #[arg(short, long, value_enum)]
    output: Option<Output>,

    /// Write the records to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,

    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Tokenization key file [default: sensor.key_file of the configuration, else a key for this run]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// TLS key log (SSLKEYLOGFILE) of the sessions in the captures, to decrypt them; may be repeated. Decryption
    /// secrets in pcapng files are found by themselves
    #[arg(long, value_name = "FILE")]
    tls_keys: Vec<PathBuf>,

    /// Worker threads; the result does not depend on their number [default: one per processor]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,

    /// Send the records here instead of (with --output or --out: as well as) printing them
    #[arg(long, value_enum)]
    sink: Option<SinkName>,

    /// Kafka bootstrap brokers
    #[arg(long, value_name = "HOST:PORT,…")]
    brokers: Option<String>,

    /// Kafka topic
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,

    /// Further librdkafka property; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = property)]
    kafka_property: Vec<(String, String)>,

    /// Instead of records, tell for each value where it is and which privacy rule decided how it leaves, never the
    /// value; with --output table or jsonl
    #[arg(long, conflicts_with = "sink")]
    explain: bool,

    /// Print neither progress nor summary
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// A readable table
    Table,
    /// One JSON object a line
    Jsonl,
    /// Length-delimited protobuf messages
    Protobuf,
    /// OCSF 1.8 HTTP Activity, one JSON object a line
    Ocsf,
    /// OCSF 1.8 API Activity where the caller is known, else HTTP Activity
    OcsfApi,
    /// Elastic Common Schema 9.4, one JSON object a line
    Ecs,
}

#[derive(Clone, Copy, ValueEnum)]
enum SinkName {
    /// A Kafka topic
    Kafka,
}

impl Output {
    const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Jsonl => "jsonl",
            Self::Protobuf => "protobuf",
            Self::Ocsf => "ocsf",
            Self::OcsfApi => "ocsf-api",
            Self::Ecs => "ecs",
        }
    }
}

/// A number of worker threads.
///
/// # Errors
///
/// When it is none, or more than the daemon takes.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|threads: &NonZeroUsize| threads.get() <= THREADS_MAX);
    number.ok_or_else(|| format!("expected a number from 1 to {THREADS_MAX}"))
}

/// Most worker threads.
const THREADS_MAX: usize = 256;

fn property(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "expected NAME=VALUE".to_owned())
}

/// Reads the captures to their end.
///
/// # Errors
///
/// When the configuration, the key, a file or a sink cannot be used. Records of what was read before a file
/// failed have been written.
pub fn run(args: &Args) -> Result<(), CliError> {
    let config =
        Config::load(args.config.as_deref(), config::environment()).map_err(CliError::usage)?;
    args.spare_inputs(&config)?;
    if !args.quiet {
        for warning in config.privacy.privacy_warnings() {
            let _unheard = writeln!(io::stderr(), "warning: {warning}");
        }
    }
    let keys = keys(args.key.as_deref(), &config, args.quiet)?;
    let mut files = file::open(&args.files).map_err(CliError::failed)?;
    let mut workers = workers(args.threads, &config, &keys, args.explain)?;
    tls_keys(&args.tls_keys, &config, args.quiet, &mut files, &mut workers)?;
    let decap = Decap::new(&config.decap).filtered(config.capture.inner_filter.clone());
    let hints = pipeline::hints(&config).map_err(CliError::usage)?;
    let learner = Learner::new(&config.endpoints, hints);
    // From here on there is something to end in order.
    let interrupt = Interrupt::catch().map_err(CliError::failed)?;
    // Last: this replaces the file that is there.
    let mut sinks = if args.explain { args.explanations()? } else { args.sinks(&config)? };
    let mut source = Progressing::new(&mut files, args.quiet);
    let run = pipeline::read(&mut source, decap, workers, learner, |record| {
        // What comes once reading has stopped may be half a call: the other half was not read.
        let mut sinks = sinks.iter_mut().take_while(|_| !stop::is_wanted());
        sinks.try_for_each(|(_, sink)| sink.write(record))
    });
    source.bar.finish_and_clear();
    let finished = finish(args, &files, run, &mut sinks);
    interrupt.end();
    finished
}

/// Flushes the sinks, tells the summary and warnings, and says what failed, if anything.
fn finish(
    args: &Args,
    files: &Files,
    run: Run<CaptureError, SinkError>,
    sinks: &mut [sink::Named],
) -> Result<(), CliError> {
    let mut first_error = run.sink_error;
    let mut delivered = Vec::new();
    for (name, sink) in sinks {
        match sink.finish() {
            Ok(report) => delivered.push((*name, report)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    if matches!(first_error, Some(SinkError::BrokenPipe)) {
        return Err(CliError::BrokenPipe);
    }
    if !args.quiet {
        let text = summary::text(&run.counts, files.warnings(), &delivered);
        // Nobody reads it: no reason to fail.
        let _unheard = io::stderr().write_all(text.as_bytes());
    }
    if let Some(error) = first_error {
        return Err(CliError::failed(error));
    }
    if let Some((name, report)) = delivered.iter().find(|(_, report)| !report.is_complete()) {
        let lost = report.failed.saturating_add(report.undelivered);
        let reason = report.last_error.as_deref().unwrap_or("no acknowledgement in time");
        return Err(CliError::failed(format_args!(
            "{name}: {lost} records were not delivered: {reason}"
        )));
    }
    run.source_error.map_or(Ok(()), |error| Err(CliError::failed(error)))
}

impl Args {
    /// Refuses to write over what is read.
    fn spare_inputs(&self, config: &Config) -> Result<(), CliError> {
        let configured = config.output.file.as_ref().map(|file| file.path.as_path());
        let named = self.config.iter().chain(&self.key).chain(&self.tls_keys);
        let also = config.sensor.key_file.iter().chain(&config.tls.key_log_files);
        let inputs = named.chain(also).map(PathBuf::as_path);
        spare::inputs(self.out.as_deref().or(configured), &self.files, inputs)
    }

    /// Explanations, to where records would go.
    fn explanations(&self) -> Result<Vec<sink::Named>, CliError> {
        let form = match self.output {
            None if self.out.is_none() && io::stdout().is_terminal() => explain::Form::Table,
            None | Some(Output::Jsonl) => explain::Form::Jsonl,
            Some(Output::Table) => explain::Form::Table,
            Some(other) => {
                return Err(CliError::usage(format_args!(
                    "--explain writes table or jsonl, not {}",
                    other.name()
                )));
            }
        };
        let opened = explain::open(form, self.out.as_deref()).map_err(CliError::failed)?;
        Ok(vec![("explain", opened)])
    }

    /// What the arguments ask for; without any, what the configuration does; without that, standard output.
    fn sinks(&self, config: &Config) -> Result<Vec<sink::Named>, CliError> {
        let mut output = config.output.clone();
        let printing = self.output.is_some() || self.out.is_some();
        if let Some(SinkName::Kafka) = self.sink {
            let kafka = output.kafka.get_or_insert_default();
            kafka.brokers = self.brokers.clone().unwrap_or_else(|| kafka.brokers.clone());
            kafka.topic = self.topic.clone().unwrap_or_else(|| kafka.topic.clone());
            kafka.properties.0.extend(self.kafka_property.iter().cloned());
        } else if self.brokers.is_some() || self.topic.is_some() || !self.kafka_property.is_empty()
        {
            return Err(CliError::usage(
                "--brokers, --topic and --kafka-property need --sink kafka",
            ));
        }
        if printing || (output.file.is_none() && output.kafka.is_none()) {
            let terminal = self.out.is_none() && io::stdout().is_terminal();
            let default = if terminal { Output::Table } else { Output::Jsonl };
            output.file = Some(sink::FileConfig {
                path: self.out.clone().unwrap_or_else(|| "-".into()),
                format: self.output.unwrap_or(default).name().to_owned(),
            });
        }
        sink::open(&output).map_err(|error| match error {
            SinkError::BrokenPipe => CliError::BrokenPipe,
            error => CliError::sink(&error),
        })
    }
}

/// The key file named, else the configured one, else a key for this run.
///
/// # Errors
///
/// When the key cannot be read or made.
pub(super) fn keys(path: Option<&Path>, config: &Config, quiet: bool) -> Result<Keys, CliError> {
    if let Some(path) = path.or(config.sensor.key_file.as_deref()) {
        return crate::keys::load(path).map_err(CliError::failed);
    }
    if !quiet {
        let _unheard = writeln!(
            io::stderr(),
            "No key file: the tokens of this run join nothing else (make a key with `apitap key new`)."
        );
    }
    Keys::ephemeral().map_err(CliError::failed)
}

/// Workers for offline reading, by default one per processor; `explain`: that say of each value which rule decided.
///
/// # Errors
///
/// When a descriptor set cannot be used.
pub(super) fn workers(
    threads: Option<NonZeroUsize>,
    config: &Config,
    keys: &Keys,
    explain: bool,
) -> Result<Vec<Worker>, CliError> {
    let threads = threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        NonZeroUsize::get,
    );
    let info = pipeline::sensor_info(config);
    let builder = || Builder::new(info.clone(), Vec::new());
    let descriptors = Arc::new(grpc::load(&config.grpc).map_err(CliError::usage)?);
    let worker = || {
        Worker::configured(config, threads, keys, builder()).describing(Arc::clone(&descriptors))
    };
    let workers = (0..threads).map(|_| worker());
    Ok(if explain {
        workers.map(|worker| worker.explaining(&config.privacy)).collect()
    } else {
        workers.collect()
    })
}

/// Gives workers the key logs named, and those configured, for what `files` have of TLS. Warns, unless `quiet`, when
/// not all secrets in them found room.
///
/// # Errors
///
/// When a key log cannot be read.
pub(super) fn tls_keys(
    paths: &[PathBuf],
    config: &Config,
    quiet: bool,
    files: &mut Files,
    workers: &mut [Worker],
) -> Result<(), CliError> {
    let paths = paths.iter().chain(&config.tls.key_log_files);
    let ring = Arc::new(KeyRing::new(config.tls.clone().clamped().key_sessions_max, false));
    let mut any = false;
    for path in paths {
        key_log::read(path, &ring).map_err(CliError::failed)?;
        any = true;
    }
    let found = files.may_have_secrets();
    for worker in workers {
        if any {
            worker.set_tls_keys(Arc::clone(&ring));
        }
        if found {
            worker.expect_secrets();
        }
    }
    let dropped = ring.counts().sessions_dropped;
    if dropped > 0 && !quiet {
        let _unheard = writeln!(
            io::stderr(),
            "warning: TLS key logs have secrets of more sessions than tls.key_sessions_max: those of the first {dropped} were dropped"
        );
    }
    Ok(())
}

/// Packets between two looks at the progress bar.
const PROGRESS_PACKETS: u64 = 8192;

/// Capture files with a progress bar.
pub(super) struct Progressing<'a> {
    files: &'a mut Files,
    pub(super) bar: ProgressBar,
    packets: u64,
}

impl<'a> Progressing<'a> {
    /// `files` with a bar on a terminal, unless `quiet`.
    pub(super) fn new(files: &'a mut Files, quiet: bool) -> Self {
        let bar = match files.position() {
            (_, Some(total)) if !quiet && io::stderr().is_terminal() => {
                let style = ProgressStyle::with_template(
                    "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
                );
                let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
                ProgressBar::new(total).with_style(style)
            }
            _ => ProgressBar::hidden(),
        };
        Self { files, bar, packets: 0 }
    }
}

impl Source for Progressing<'_> {
    type Error = CaptureError;

    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.packets = self.packets.wrapping_add(1);
        if stop::is_wanted() {
            return Ok(None);
        }
        if self.packets.is_multiple_of(PROGRESS_PACKETS) {
            self.bar.set_position(self.files.position().0);
        }
        self.files.next()
    }

    fn interfaces(&self) -> &[Interface] {
        self.files.interfaces()
    }

    fn secrets(&self) -> SecretsFeed {
        self.files.secrets()
    }
}
