//! Reloading: what of a new configuration can be put in force while running, and what cannot.
//!
//! Pure.

use crate::admin;
use crate::config::Config;

/// Keys that change while running; all below a table's name change with it.
const LIVE: &[&str] = &[
    "admin.certificate_file",
    "admin.key_file",
    "admin.token_file",
    "capture.filter",
    "capture.inner_filter",
    "grpc",
    "log",
    "network",
    "privacy",
    "signals",
    "sensor.audit_file",
    "sensor.key_file",
];

/// The difference between two configurations.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys that are put in force.
    pub applied: Vec<String>,
    /// Keys that take effect at the next start.
    pub deferred: Vec<String>,
}

/// What changes from `old` to `new`.
#[must_use]
pub fn changes(old: &Config, new: &Config) -> Changes {
    let (old, new) = (keys(old), keys(new));
    let mut changes = Changes::default();
    let changed = |(key, value): &&(String, toml::Value)| {
        !old.iter().any(|(other, before)| other == key && before == value)
    };
    let added = new.iter().filter(changed).map(|(key, _)| key);
    let removed =
        old.iter().map(|(key, _)| key).filter(|key| !new.iter().any(|(other, _)| other == *key));
    for key in added.chain(removed) {
        let live = |name: &&&str| {
            key.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match LIVE.iter().any(|name| live(&name)) {
            true => changes.applied.push(key.clone()),
            false => changes.deferred.push(key.clone()),
        }
    }
    changes
}

/// The configuration that is in force after a reload: of `new` what changes while running, else of `old`.
#[must_use]
pub fn in_force(old: &Config, new: &Config) -> Config {
    let mut config = old.clone();
    let listen = std::mem::take(&mut config.admin.listen);
    config.admin = admin::Config { listen, ..new.admin.clone() };
    config.capture.filter.clone_from(&new.capture.filter);
    config.capture.inner_filter = new.capture.inner_filter.clone();
    config.grpc = new.grpc.clone();
    config.log = new.log.clone();
    config.network = new.network.clone();
    config.privacy = new.privacy.clone();
    config.signals = new.signals.clone();
    config.sensor.audit_file.clone_from(&new.sensor.audit_file);
    config.sensor.key_file.clone_from(&new.sensor.key_file);
    config
}

/// Every key with its value, by its path: `output.kafka.topic`.
fn keys(config: &Config) -> Vec<(String, toml::Value)> {
    let mut out = Vec::new();
    if let Ok(toml::Value::Table(table)) = toml::Value::try_from(config) {
        walk("", &table, &mut out);
    }
    out
}

fn walk(path: &str, table: &toml::Table, out: &mut Vec<(String, toml::Value)>) {
    for (key, value) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(table) => walk(&path, table, out),
            value => out.push((path, value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_can_change_and_what_cannot_is_told_apart() {
        let old = config("[sensor]\nid = 'a'\n[output.file]\npath = 'x'");
        let new = config(
            "[sensor]\nid = 'b'\n[privacy]\nkept_integer_max = 5\n[capture]\nfilter = 'tcp'",
        );
        let changes = changes(&old, &new);
        assert_eq!(changes.applied, ["capture.filter", "privacy.kept_integer_max"]);
        assert_eq!(changes.deferred, ["sensor.id", "output.file.format", "output.file.path"]);
        let force = in_force(&old, &new);
        assert_eq!((force.sensor.id.as_str(), force.privacy.kept_integer_max), ("a", 5));
        assert_eq!(super::changes(&force, &new).applied, [""; 0], "all that could change has");
    }

    #[test]
    fn the_same_is_no_change() {
        assert_eq!(changes(&Config::default(), &Config::default()), Changes::default());
    }
}
