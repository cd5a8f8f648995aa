//! `apitap inventory`: what APIs there are, from captures, record files or a topic.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use apitap_proto::v1;
use clap::ValueEnum;

use super::read::{self, Progressing};
use super::records::{self, TopicArgs};
use super::{CliError, spare, summary};
use crate::capture::file;
use crate::config::{self, Config};
use crate::decap::Decap;
use crate::endpoints::Learner;
use crate::inventory::openapi::{self, Comparison, Spec};
use crate::inventory::{Inventory, Limits, MAGIC, Report, html, table};
use crate::pipeline;
use crate::sink::Style;

/// Largest specification read, in bytes.
const SPEC_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Longest line of a record file in JSON, in bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Arguments of `inventory`.
#[derive(clap::Args)]
pub struct Args {
    /// Captures, as `read` takes them, and record files (protobuf or JSON lines); "-" is a capture on standard input
    #[arg(value_name = "FILE", required_unless_present = "brokers", conflicts_with = "brokers")]
    files: Vec<String>,

    /// A topic instead of files.
    #[command(flatten)]
    topic: TopicArgs,

    /// Form of the inventory
    #[arg(short, long, value_enum, default_value = "table")]
    format: Format,

    /// Write it to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,

    /// Compare with this OpenAPI description (3.0 or 3.1, JSON or YAML)
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// Only calls to this host; may be repeated
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,

    /// Most endpoints remembered
    #[arg(long, value_name = "N", default_value_t = Limits::default().endpoints)]
    endpoints_max: u32,

    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Tokenization key file [default: sensor.key_file of the configuration, else a key for this run]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// TLS key log (SSLKEYLOGFILE) of the sessions in captures, to decrypt them; may be repeated
    #[arg(long, value_name = "FILE")]
    tls_keys: Vec<PathBuf>,

    /// Worker threads; the result does not depend on their number [default: one per processor]
    #[arg(long, value_name = "N", value_parser = read::threads)]
    threads: Option<NonZeroUsize>,

    /// Print neither progress nor summary
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A readable table
    Table,
    /// One JSON object with everything
    Json,
    /// One page for a browser, with everything in it
    Html,
    /// An OpenAPI 3.1 description
    Openapi,
}

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Capture,
    Records,
    JsonLines,
    /// The state of a running sensor's inventory.
    State,
}

/// Takes the inventory and writes it.
///
/// # Errors
///
/// When an input, the specification or the output cannot be used. What was read before an input failed is
/// written first.
pub fn run(args: &Args) -> Result<(), CliError> {
    let config =
        Config::load(args.config.as_deref(), config::environment()).map_err(CliError::usage)?;
    args.spare_inputs(&config)?;
    let spec = args.spec.as_deref().map(load_spec).transpose()?;
    let limits = Limits { endpoints: args.endpoints_max, ..Limits::default() };
    let mut inventory = Inventory::new(limits);
    let hosts: Vec<String> = args.host.iter().map(|host| host.to_ascii_lowercase()).collect();
    let mut push = |record: &v1::CallRecord| {
        let asked = record.request.as_ref().map(|request| request.host.as_str());
        let session = record.encrypted_session.as_ref();
        let host = asked.or(session.map(|session| session.server_name.as_str())).unwrap_or("");
        if hosts.is_empty() || hosts.iter().any(|wanted| wanted.eq_ignore_ascii_case(host)) {
            inventory.push(record);
        }
    };
    let result = args.read(&config, &mut push).and_then(|states| {
        if !states.is_empty() && !hosts.is_empty() {
            return Err(CliError::usage(
                "--host does not choose from the state of a sensor's inventory",
            ));
        }
        states.iter().try_for_each(|path| {
            let state = File::open(path)
                .map_err(|error| error.to_string())
                .and_then(|file| Inventory::load(file, limits).map_err(|error| error.to_string()));
            let state = state.map_err(|error| {
                CliError::failed(format_args!("cannot read {}: {error}", path.display()))
            })?;
            inventory.merge(&state);
            Ok(())
        })
    });
    let inventory = inventory.folded();
    let comparison = spec.map(|spec| Comparison::new(&inventory, &spec));
    args.write(&inventory, comparison.as_ref())?;
    result
}

impl Args {
    /// Refuses to write over what is read.
    fn spare_inputs(&self, config: &Config) -> Result<(), CliError> {
        let named = self.config.iter().chain(&self.key).chain(&self.tls_keys).chain(&self.spec);
        let also = config.sensor.key_file.iter().chain(&config.tls.key_log_files);
        let inputs = named.chain(also).map(PathBuf::as_path);
        spare::inputs(self.out.as_deref(), &self.files, inputs)
    }

    /// Reads everything but states, whose paths it gives.
    fn read(
        &self,
        config: &Config,
        push: &mut dyn FnMut(&v1::CallRecord),
    ) -> Result<Vec<PathBuf>, CliError> {
        if self.topic.brokers.is_some() {
            records::each(&[], &self.topic, &mut |record| {
                push(record);
                Ok(true)
            })?;
            return Ok(Vec::new());
        }
        let mut states = Vec::new();
        let (mut captures, mut others) = (Vec::new(), Vec::new());
        for pattern in &self.files {
            let path = Path::new(pattern);
            let found: Vec<PathBuf> = match path.exists() {
                true => vec![path.to_owned()],
                false => glob::glob(pattern).into_iter().flatten().flatten().collect(),
            };
            if pattern == "-" || found.is_empty() {
                // Whoever opens it says what is wrong.
                captures.push(pattern.clone());
                continue;
            }
            for path in found {
                match kind(&path)? {
                    Kind::Capture => captures.push(path.to_string_lossy().into_owned()),
                    kind => others.push((path, kind)),
                }
            }
        }
        if !captures.is_empty() {
            self.captures(&captures, config, push)?;
        }
        for (path, kind) in others {
            match kind {
                Kind::JsonLines => json_lines(&path, push)?,
                Kind::State => states.push(path),
                Kind::Records | Kind::Capture => {
                    records::each(&[path], &self.topic, &mut |record| {
                        push(record);
                        Ok(true)
                    })?;
                }
            }
        }
        Ok(states)
    }

    fn captures(
        &self,
        names: &[String],
        config: &Config,
        push: &mut dyn FnMut(&v1::CallRecord),
    ) -> Result<(), CliError> {
        // The tokens are seen in pages and JSON, where they join with records of the same key.
        let keys = read::keys(self.key.as_deref(), config, self.quiet)?;
        let mut files = file::open(names).map_err(CliError::failed)?;
        let mut workers = read::workers(self.threads, config, &keys, false)?;
        read::tls_keys(&self.tls_keys, config, self.quiet, &mut files, &mut workers)?;
        let mut source = Progressing::new(&mut files, self.quiet);
        let decap = Decap::new(&config.decap).filtered(config.capture.inner_filter.clone());
        let hints = pipeline::hints(config).map_err(CliError::usage)?;
        let learner = Learner::new(&config.endpoints, hints);
        let run = pipeline::read(&mut source, decap, workers, learner, |record| {
            push(record.message());
            Ok::<(), std::convert::Infallible>(())
        });
        source.bar.finish_and_clear();
        if !self.quiet {
            let text = summary::text(&run.counts, files.warnings(), &[]);
            // Nobody reads it: no reason to fail.
            let _unheard = io::stderr().write_all(text.as_bytes());
        }
        run.source_error.map_or(Ok(()), |error| Err(CliError::failed(error)))
    }

    fn write(
        &self,
        inventory: &Inventory,
        comparison: Option<&Comparison>,
    ) -> Result<(), CliError> {
        let report = || Report::new(inventory, comparison);
        let style = if self.out.is_some() { Style::plain() } else { Style::of_stdout() };
        let json = |error: serde_json::Error| CliError::failed(format_args!("no JSON: {error}"));
        let mut text = match self.format {
            Format::Table => table::text(&report(), &style),
            Format::Json => serde_json::to_string(&report()).map_err(json)?,
            Format::Html => html::page(&report()).map_err(json)?,
            Format::Openapi => {
                serde_json::to_string_pretty(&openapi::export(inventory)).map_err(json)?
            }
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        match &self.out {
            None => Ok(io::stdout().write_all(text.as_bytes())?),
            Some(path) => std::fs::write(path, text).map_err(|error| {
                CliError::failed(format_args!("cannot write {}: {error}", path.display()))
            }),
        }
    }
}

/// What a file is, by its first bytes.
fn kind(path: &Path) -> Result<Kind, CliError> {
    let cannot = |error: io::Error| {
        CliError::failed(format_args!("cannot open {}: {error}", path.display()))
    };
    if path.is_dir() {
        return Ok(Kind::Capture);
    }
    let mut first = Vec::new();
    File::open(path).map_err(cannot)?.take(8).read_to_end(&mut first).map_err(cannot)?;
    if !first.is_empty() && MAGIC.starts_with(&first) {
        return Ok(Kind::State);
    }
    Ok(match first.as_slice().get(..4).unwrap_or(&first) {
        [0xd4, 0xc3, 0xb2, 0xa1]
        | [0x4d, 0x3c, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0xc3, 0xd4]
        | [0xa1, 0xb2, 0x3c, 0x4d]
        | [0x0a, 0x0d, 0x0d, 0x0a]
        | [0x1f, 0x8b, ..]
        | [0x28, 0xb5, 0x2f, 0xfd] => Kind::Capture,
        [b'{', b'"', ..] => Kind::JsonLines,
        // A record begins with its length and the tag of its first field.
        [] => Kind::Records,
        [length, ..] if length & 0x80 != 0 => Kind::Records,
        [_, 0x0a, ..] => Kind::Records,
        // Whoever reads captures says best what is wrong.
        _ => Kind::Capture,
    })
}

/// Records as `read --output jsonl` writes them.
fn json_lines(path: &Path, push: &mut dyn FnMut(&v1::CallRecord)) -> Result<(), CliError> {
    let shown = path.display();
    let cannot = |error: io::Error| CliError::failed(format_args!("cannot read {shown}: {error}"));
    let mut input = BufReader::new(File::open(path).map_err(cannot)?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.map_err(cannot)? == 0 {
            break;
        }
        let record: v1::CallRecord = serde_json::from_slice(&line).map_err(|error| {
            // What is wrong with it might be told with its text.
            let at = error.column();
            CliError::failed(format_args!("{shown}: line {number} is no record (column {at})"))
        })?;
        push(&record);
    }
    Ok(())
}

fn load_spec(path: &Path) -> Result<Spec, CliError> {
    let shown = path.display();
    let cannot = |error: io::Error| CliError::failed(format_args!("cannot read {shown}: {error}"));
    let mut text = String::new();
    let read = File::open(path).map_err(cannot)?.take(SPEC_BYTES_MAX).read_to_string(&mut text);
    read.map_err(cannot)?;
    Spec::parse(&text).map_err(|error| CliError::failed(format_args!("{shown}: {error}")))
}
