//! `apitap check`: validates a configuration and prints what is in force.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{CliError, spare};
use crate::capture::live;
use crate::config::{self, Config, Places};
use crate::grpc;
use crate::keys;
use crate::pipeline;
use crate::redact;
use crate::sink;

/// Arguments of `check`.
#[derive(clap::Args)]
pub struct Args {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Loads the configuration and its key file, and prints the privacy policy in force as a table, then every setting
/// as TOML. All of it is valid TOML: what is no setting is a comment.
///
/// # Errors
///
/// When the configuration or the key file cannot be used.
pub fn run(args: &Args) -> Result<(), CliError> {
    let config =
        Config::load(Some(&args.config), config::environment()).map_err(CliError::usage)?;
    config.admin.validate().map_err(CliError::usage)?;
    spare::configured(&config, &args.config)?;
    let key = match &config.sensor.key_file {
        Some(path) => format!(
            "key id {} ({})",
            keys::load(path).map_err(CliError::failed)?.kid(),
            path.display()
        ),
        None => "none: `read` makes one for each run".to_owned(),
    };
    config.privileges.validate().map_err(CliError::failed)?;
    config.capture.validate_filter().map_err(CliError::usage)?;
    sink::validate(&config.output).map_err(CliError::usage)?;
    pipeline::hints(&config).map_err(CliError::usage)?;
    let settings = toml::to_string(&config).map_err(CliError::failed)?;
    // It could be read a moment ago; without it, no lines are told.
    let text = std::fs::read_to_string(&args.config).unwrap_or_default();
    let mut out = io::stdout().lock();
    writeln!(out, "# {} is valid. In force:", args.config.display())?;
    writeln!(out, "# configuration id: {}", config.fingerprint())?;
    writeln!(out, "# tokenization key: {key}")?;
    if let Some(advice) = live::advice(&config.capture) {
        writeln!(out, "# warning: {advice}")?;
    }
    for warning in config.privacy.privacy_warnings() {
        writeln!(out, "# warning: {warning}")?;
    }
    descriptor_sets(&config.grpc, &mut out)?;
    policy(&config.privacy, &Places::of(&text), &mut out)?;
    Ok(write!(out, "\n{settings}")?)
}

/// Most methods listed of one descriptor set.
const METHODS_MAX: usize = 64;

/// What descriptor sets describe.
fn descriptor_sets(config: &grpc::Config, out: &mut impl Write) -> Result<(), CliError> {
    let descriptors = grpc::load(config).map_err(CliError::usage)?;
    for (path, set) in config.descriptor_sets.iter().zip(descriptors.sets()) {
        writeln!(
            out,
            "# descriptor set {}: {} files, {} messages, {} enumerations, {} methods",
            path.display(),
            set.files,
            set.messages,
            set.enumerations,
            set.methods.len(),
        )?;
        for (method, input, output) in set.methods.iter().take(METHODS_MAX) {
            writeln!(out, "#   {method} ({input}) returns ({output})")?;
        }
        if let Some(more) = set.methods.len().checked_sub(METHODS_MAX).filter(|&more| more > 0) {
            writeln!(out, "#   and {more} more")?;
        }
    }
    let missing = descriptors.missing();
    if !missing.is_empty() {
        writeln!(
            out,
            "# warning: the descriptor sets use types that they do not describe, which are read by field number: {}; make them with \
             their imports (protoc --include_imports)",
            missing.join(", ")
        )?;
    }
    Ok(())
}

/// The privacy policy as a table: classes, then rules in their order.
fn policy(config: &redact::Config, places: &Places<'_>, out: &mut impl Write) -> io::Result<()> {
    let from = |keys: &[&str], configured: bool| {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        match places.line(&keys) {
            _ if !configured => "built-in".to_owned(),
            Some(line) => format!("line {line}"),
            None => "environment".to_owned(),
        }
    };
    writeln!(out, "#\n# What leaves of each data class, unless a rule below says otherwise:\n#")?;
    writeln!(
        out,
        "#   {:<14} {:<6} {:<12} {:<28} LABELS FROM",
        "CLASS", "ACTION", "FROM", "LABELS"
    )?;
    for class in config.effective_classes() {
        let action = from(&["classes", class.class], class.action_configured);
        let action = if class.fixed { "always".to_owned() } else { action };
        let labels_from = from(&["labels", class.class], class.labels_configured);
        let labels = if class.labels.is_empty() { "-".to_owned() } else { class.labels.join(" ") };
        writeln!(
            out,
            "#   {:<14} {:<6} {action:<12} {labels:<28} {labels_from}",
            class.class,
            class.action.name(),
        )?;
    }
    let count = config.rules.len();
    if count == 0 {
        return writeln!(out, "#\n# No rules.");
    }
    writeln!(out, "#\n# Rules: the first that matches a value decides.\n#")?;
    writeln!(out, "#   {:<4} {:<20} {:<6} {:<12} WHERE", "", "RULE", "ACTION", "FROM")?;
    for (index, rule) in config.rules.iter().enumerate() {
        let line = from(&["rules", &index.to_string()], true);
        let raw = if rule.i_accept_raw { "  (raw values accepted)" } else { "" };
        writeln!(
            out,
            "#   {:<4} {:<20} {:<6} {line:<12} {}{raw}",
            index.saturating_add(1),
            rule.id(index),
            rule.action.name(),
            rule.conditions(),
        )?;
    }
    Ok(())
}
