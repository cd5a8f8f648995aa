//! `apitap detokenize`: the values of reversible tokens, for who has the key. Each use is written down first.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use zeroize::Zeroizing;

use super::CliError;
use crate::config::{self, Config};
use crate::redact::{Opened, Opener};
use crate::{keys, privileges};

/// Lines of input that are read before their tokens are opened: what one line of the audit file stands for.
const LINES_MAX: usize = 4096;
/// Longest line of input, in octets.
const LINE_MAX: u64 = 16 << 20;
/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// Arguments of `detokenize`.
#[derive(clap::Args)]
pub struct Args {
    /// Tokens (siv_…) [default: all those in the lines of standard input, records as JSON for example]
    #[arg(value_name = "TOKEN")]
    tokens: Vec<String>,

    /// Why: written to the audit file
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// File to which this use is appended, as one JSON line [default: sensor.audit_file of the configuration]
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,

    /// Configuration file: names key file, audit file and tenants
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Key file [default: sensor.key_file of the configuration]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// Tenant whose tokens they are; may be repeated [default: every tenant of the configuration]
    #[arg(long, value_name = "NAME")]
    tenant: Vec<String>,
}

/// Opens the tokens and prints their values, one JSON object a line.
///
/// # Errors
///
/// When there is no key or no audit file, or a token could not be opened (all others are printed).
pub fn run(args: &Args) -> Result<(), CliError> {
    if let Err(error) = privileges::no_core_dumps() {
        tracing::warn!("core dumps cannot be switched off: {error}");
    }
    let reason = args.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(CliError::usage(format_args!(
            "--reason must say why, in 1 to {REASON_MAX} characters"
        )));
    }
    let config =
        Config::load(args.config.as_deref(), config::environment()).map_err(CliError::usage)?;
    let audit = args.audit.as_ref().or(config.sensor.audit_file.as_ref());
    let audit = audit.ok_or_else(|| {
        CliError::usage(
            "detokenize needs an audit file: name one with --audit, or set audit_file in [sensor]",
        )
    })?;
    let key = args.key.as_ref().or(config.sensor.key_file.as_ref());
    let key = key.ok_or_else(|| {
        CliError::usage(
            "detokenize needs the key: name its file with --key, or set key_file in [sensor]",
        )
    })?;
    let keys = keys::load(key).map_err(CliError::failed)?;
    let tenants: Vec<&str> = match args.tenant.as_slice() {
        [] => config.privacy.tenant_names(),
        named => named.iter().map(String::as_str).collect(),
    };
    let mut uses = Uses {
        opener: Opener::new(&keys, tenants),
        audit: Audit::open(audit, reason).map_err(CliError::failed)?,
        failed: 0,
    };
    let mut out = io::stdout().lock();
    if args.tokens.is_empty() {
        let mut input = io::stdin().lock();
        while let Some(tokens) = tokens_in(&mut input)? {
            uses.open(&tokens, &mut out)?;
        }
    } else {
        uses.open(&args.tokens.iter().cloned().collect(), &mut out)?;
    }
    match uses.failed {
        0 => Ok(()),
        failed => Err(CliError::failed(format_args!("{failed} tokens could not be opened"))),
    }
}

/// Every reversible token in the next lines, once; `None` at the end.
fn tokens_in(input: &mut impl BufRead) -> Result<Option<BTreeSet<String>>, CliError> {
    let cannot = |error| CliError::failed(format_args!("cannot read standard input: {error}"));
    let mut tokens = BTreeSet::new();
    let mut line = Vec::new();
    for lines in 0..LINES_MAX {
        line.clear();
        let read = input.by_ref().take(LINE_MAX).read_until(b'\n', &mut line).map_err(cannot)?;
        if read == 0 {
            return Ok((lines > 0).then_some(tokens));
        }
        if u64::try_from(read).is_ok_and(|read| read >= LINE_MAX) {
            return Err(CliError::failed(format_args!(
                "a line of standard input has more than {LINE_MAX} bytes: hand over one record a line"
            )));
        }
        tokens.extend(found(&line));
    }
    Ok(Some(tokens))
}

/// The reversible tokens in a text.
fn found(text: &[u8]) -> impl Iterator<Item = String> {
    memchr::memmem::find_iter(text, "siv_").filter_map(|at| {
        let rest = text.get(at..)?;
        let is_part =
            |octet: &u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || *octet == b'_';
        let token: String =
            rest.iter().take_while(|b| is_part(b)).map(|b| char::from(*b)).collect();
        // Not the end of another word.
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        (!before.is_some_and(is_part)).then_some(token)
    })
}

/// Opens tokens, and writes down that it does.
struct Uses<'a> {
    opener: Opener<'a>,
    audit: Audit,
    failed: u64,
}

/// A line of output. Its value is for who asked, and for nobody else.
#[derive(Serialize)]
struct Line<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    /// When it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Uses<'_> {
    fn open(&mut self, tokens: &BTreeSet<String>, out: &mut impl Write) -> Result<(), CliError> {
        let opened: Vec<_> = tokens.iter().map(|token| (token, self.opener.open(token))).collect();
        let values = opened.iter().filter_map(|(_, opened)| opened.as_ref().ok());
        self.audit.write(tokens.len(), values).map_err(CliError::failed)?;
        let mut text = Zeroizing::new(Vec::new());
        for (token, opened) in &opened {
            let mut line = Line { token, value: None, value_base64: None, error: None };
            match opened {
                Ok(Opened { value, .. }) => match std::str::from_utf8(value) {
                    Ok(value) => line.value = Some(value),
                    Err(_) => line.value_base64 = Some(STANDARD.encode(value.as_slice())),
                },
                Err(error) => {
                    self.failed = self.failed.saturating_add(1);
                    line.error = Some(error.to_string());
                }
            }
            serde_json::to_writer(&mut *text, &line).map_err(CliError::failed)?;
            text.push(b'\n');
        }
        Ok(out.write_all(&text)?)
    }
}

/// The file in which uses are written down.
struct Audit {
    path: PathBuf,
    file: File,
    reason: String,
}

/// What is written down of a use: everything but values and tokens.
#[derive(Serialize)]
struct Entry<'a> {
    time: String,
    event: &'static str,
    reason: &'a str,
    uid: u32,
    /// Who logged in, where the system tells: not who they became since.
    #[serde(skip_serializing_if = "Option::is_none")]
    login_uid: Option<u32>,
    host: String,
    tokens: usize,
    opened: usize,
    keys: BTreeSet<&'a str>,
    classes: BTreeSet<&'a str>,
    tenants: BTreeSet<&'a str>,
}

/// Why a use cannot be written down: then there is none.
#[derive(Debug, thiserror::Error)]
enum AuditError {
    #[error("cannot write to audit file {}, so nothing was opened: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("audit file {} is no regular file: what is written there may be lost; choose another with --audit", path.display())]
    Kind { path: PathBuf },
}

impl Audit {
    fn open(path: &Path, reason: &str) -> Result<Self, AuditError> {
        let cannot = |source| AuditError::Write { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        // Not blocking: a pipe that nobody reads would hold us up.
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.append(true).create(true).mode(0o600).custom_flags(flags.cast_signed());
        let file = options.open(path).map_err(cannot)?;
        if !file.metadata().map_err(cannot)?.is_file() {
            return Err(AuditError::Kind { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), file, reason: reason.to_owned() })
    }

    /// Appends a line, and waits until it is on disk.
    fn write<'a>(
        &mut self,
        tokens: usize,
        opened: impl Iterator<Item = &'a Opened<'a>> + Clone,
    ) -> Result<(), AuditError> {
        let entry = Entry {
            time: jiff::Timestamp::now().to_string(),
            event: "detokenize",
            reason: &self.reason,
            uid: rustix::process::getuid().as_raw(),
            login_uid: login_uid(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            tokens,
            opened: opened.clone().count(),
            keys: opened.clone().map(|opened| opened.kid).collect(),
            classes: opened.clone().map(|opened| opened.class).collect(),
            tenants: opened.map(|opened| opened.tenant).collect(),
        };
        let mut line = serde_json::to_vec(&entry).unwrap_or_default();
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_all());
        written.map_err(|source| AuditError::Write { path: self.path.clone(), source })
    }
}

fn login_uid() -> Option<u32> {
    let text = std::fs::read_to_string("/proc/self/loginuid").ok()?;
    // All bits are set where nobody logged in.
    text.trim().parse().ok().filter(|uid| *uid != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_any_text() {
        let text = br#"{"text":"siv_email_k1_abc2","previous":[{"text":"siv_kr_rrn_k0_zz"}]} siv_id_k2_a "xsiv_id_k2_b" SIV_"#;
        assert_eq!(
            found(text).collect::<Vec<_>>(),
            ["siv_email_k1_abc2", "siv_kr_rrn_k0_zz", "siv_id_k2_a"]
        );
    }

    #[test]
    fn input_is_taken_in_parts() {
        let lines = "siv_id_k1_a siv_id_k1_a\n\n".repeat(LINES_MAX / 2) + "siv_id_k1_b";
        let mut input = lines.as_bytes();
        let mut next = || tokens_in(&mut input).ok().flatten().map(Vec::from_iter);
        assert_eq!(next(), Some(vec!["siv_id_k1_a".to_owned()]));
        assert_eq!(next(), Some(vec!["siv_id_k1_b".to_owned()]));
        assert_eq!(next(), None);
        let mut long = io::repeat(b'x').take(LINE_MAX + 1);
        assert!(tokens_in(&mut io::BufReader::new(&mut long)).is_err());
    }
}
