//! Privacy settings and what the stage counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::custom::Detectors;
use super::forms::{FormatPreserving, Reversible};
use super::policy::{Action, Dates, Rule};
use super::signals::Tally;
use super::tenant::Tenants;
use crate::bounded::within;

/// Privacy rules and limits. Names listed here say what a field is, detectors still look at its values; what the
/// rules may loosen, and what not, is in `docs/privacy.md`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Tenant that tokens are made for: part of every key. Up to 64 octets; empty by default.
    pub tenant: String,
    /// Days after a rotation during which tokens carry that of the key before: 0 to 3650; 30 by default. Counted in
    /// capture time, from the day in the key file.
    #[serde(deserialize_with = "within::<0, 3650, _, _>")]
    pub overlap_days: u16,
    /// Tenants with keys of their own, the first that fits: name, and `cidrs`, `vlans`, `vnis`, `hosts` or `namespaces`.
    /// 64 at most; none by default. Calls of none are of `tenant`.
    pub tenants: Tenants,
    /// Classes whose tokens who has the key can reverse (`apitap detokenize`): `siv_…`. None by default.
    pub reversible: Reversible,
    /// Classes whose tokens have as many digits as the value: `fpe_…`; others of the class, and those of fewer than
    /// 6 digits, have ordinary ones. A class that is reversible too is that. None by default.
    pub format_preserving: FormatPreserving,
    /// Country calling code of phone numbers written without one, up to 3 digits; "82" by default.
    pub phone_country: String,
    /// Field names whose short words (`ACTIVE`, `in_progress`) are kept besides those known.
    pub keep_names: Vec<String>,
    /// Field names whose values are tokenized as identifiers besides those known.
    pub token_names: Vec<String>,
    /// Field names of which only the shape leaves.
    pub shape_names: Vec<String>,
    /// Field names whose values are dropped, as passwords are.
    pub drop_names: Vec<String>,
    /// Largest integer kept under a name that says nothing sensitive, in absolute value: 0 to 99999; 9999 by default.
    #[serde(deserialize_with = "within::<0, 99_999, _, _>")]
    pub kept_integer_max: u32,
    /// Distinct field paths kept of one body: 1 to 4096; 256 by default.
    #[serde(deserialize_with = "within::<1, 4096, _, _>")]
    pub fields_max: usize,
    /// Distinct further values kept of one field path: 0 to 7; 3 by default.
    #[serde(deserialize_with = "within::<0, 7, _, _>")]
    pub values_max: usize,
    /// Query parameters, headers, cookies and path parameters kept, of each: 1 to 1024; 64 by default.
    #[serde(deserialize_with = "within::<1, 1024, _, _>")]
    pub parameters_max: usize,
    /// Objects kept of one call: 0 to 1024; 32 by default.
    #[serde(deserialize_with = "within::<0, 1024, _, _>")]
    pub objects_max: usize,
    /// Entities kept of one call: 0 to 256; 16 by default.
    #[serde(deserialize_with = "within::<0, 256, _, _>")]
    pub entities_max: usize,
    /// Findings kept of one call: 1 to 1024; 64 by default.
    #[serde(deserialize_with = "within::<1, 1024, _, _>")]
    pub findings_max: usize,
    /// Octets of one value that detectors look at: 64 and more; 65536 by default.
    #[serde(deserialize_with = "within::<64, { u64::MAX }, _, _>")]
    pub scan_bytes_max: usize,
    /// Detectors of your own, besides the built-in ones; none by default.
    pub detectors: Detectors,
    /// What leaves of dates and times: `shape`, `day` or `keep`; never of birth dates, nor of what may be one;
    /// `shape` by default.
    pub dates: Dates,
    /// Actions of data classes, instead of the built-in ones.
    pub classes: BTreeMap<String, Action>,
    /// Labels of findings by data class, instead of the built-in ones.
    pub labels: BTreeMap<String, Vec<String>>,
    /// Rules, in order: the first that matches a value decides. At most 128.
    pub rules: Vec<Rule>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tenant: String::new(),
            overlap_days: 30,
            tenants: Tenants::default(),
            reversible: Reversible::default(),
            format_preserving: FormatPreserving::default(),
            phone_country: "82".into(),
            keep_names: Vec::new(),
            token_names: Vec::new(),
            shape_names: Vec::new(),
            drop_names: Vec::new(),
            kept_integer_max: 9999,
            fields_max: 256,
            values_max: 3,
            parameters_max: 64,
            objects_max: 32,
            entities_max: 16,
            findings_max: 64,
            scan_bytes_max: 64 * 1024,
            detectors: Detectors::default(),
            dates: Dates::default(),
            classes: BTreeMap::new(),
            labels: BTreeMap::new(),
            rules: Vec::new(),
        }
    }
}

impl Config {
    /// Every tenant that keys are derived for: `tenant`, then those of `tenants`, each once.
    #[must_use]
    pub fn tenant_names(&self) -> Vec<&str> {
        let others = self.tenants.names().into_iter().filter(|name| *name != self.tenant);
        [self.tenant.as_str()].into_iter().chain(others).collect()
    }

    /// Every limit inside its range.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            overlap_days: self.overlap_days.min(3650),
            kept_integer_max: self.kept_integer_max.min(99_999),
            fields_max: self.fields_max.clamp(1, 4096),
            values_max: self.values_max.min(7),
            parameters_max: self.parameters_max.clamp(1, 1024),
            objects_max: self.objects_max.min(1024),
            entities_max: self.entities_max.min(256),
            findings_max: self.findings_max.clamp(1, 1024),
            scan_bytes_max: self.scan_bytes_max.max(64),
            phone_country: self
                .phone_country
                .chars()
                .filter(char::is_ascii_digit)
                .take(3)
                .collect(),
            ..self.clone()
        }
    }
}

/// What the stage did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Calls redacted.
    pub calls: u64,
    /// Bodies read leaf by leaf.
    pub bodies_read: u64,
    /// Bodies that did not follow the syntax of their format.
    pub bodies_malformed: u64,
    /// Bodies of which size and media type alone left.
    pub bodies_opaque: u64,
    /// Protobuf messages read with the names of a descriptor set.
    pub messages_described: u64,
    /// Protobuf messages that are not as the descriptor set describes them: read by field number.
    pub messages_misfit: u64,
    /// Values judged.
    pub values: u64,
    /// Values kept.
    pub values_kept: u64,
    /// Values that left as tokens.
    pub values_tokenized: u64,
    /// Values of which the shape left.
    pub values_shaped: u64,
    /// Values dropped.
    pub values_dropped: u64,
    /// Values that left masked.
    pub values_masked: u64,
    /// Values that a configured rule or the configured action of a class decided.
    pub values_ruled: u64,
    /// Of these, values of sensitive classes that a rule let leave as they are.
    pub values_raw: u64,
    /// Names that were not safe to keep.
    pub names_hidden: u64,
    /// Findings, before cuts.
    pub findings: u64,
    /// Fields, parameters, objects and findings cut by limits.
    pub cut: u64,
    /// Signals, by id.
    pub signals: Tally,
}

impl Counts {
    /// Adds what another worker did; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        let Self {
            calls,
            bodies_read,
            bodies_malformed,
            bodies_opaque,
            messages_described,
            messages_misfit,
            values,
            values_kept,
            values_tokenized,
            values_shaped,
            values_dropped,
            values_masked,
            values_ruled,
            values_raw,
            names_hidden,
            findings,
            cut,
            signals,
        } = other;
        self.calls += calls;
        self.bodies_read += bodies_read;
        self.bodies_malformed += bodies_malformed;
        self.bodies_opaque += bodies_opaque;
        self.messages_described += messages_described;
        self.messages_misfit += messages_misfit;
        self.values += values;
        self.values_kept += values_kept;
        self.values_tokenized += values_tokenized;
        self.values_shaped += values_shaped;
        self.values_dropped += values_dropped;
        self.values_masked += values_masked;
        self.values_ruled += values_ruled;
        self.values_raw += values_raw;
        self.names_hidden += names_hidden;
        self.findings += findings;
        self.cut += cut;
        self.signals.add(signals);
    }
}
