//! Warns of capture filters that throw encapsulated packets away.

use std::fmt;

use super::Config;

/// Words of a capture filter that look into headers a tunnel hides.
const LOOKS_INSIDE: &[&str] = &[
    "host",
    "net",
    "port",
    "portrange",
    "tcp",
    "udp",
    "icmp",
    "ip",
    "ip6",
    "src",
    "dst",
    "less",
    "greater",
];

/// Encapsulations: words that let their packets pass, and what to add for it.
const TUNNELS: &[(&[&str], &str)] = &[
    (&["4789"], "udp port 4789"),
    (&["8472"], "udp port 8472"),
    (&["6081"], "udp port 6081"),
    (&["gre", "47"], "ip proto 47"),
];

/// What is thrown away by a capture filter, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    filter: String,
    add: Vec<String>,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "capture.filter '{}' looks at outer headers: packets in tunnels or VLANs are thrown away. \
             To choose by the flow inside, use capture.inner_filter; or let them pass with: or {}",
            self.filter,
            self.add.join(" or ")
        )
    }
}

/// What to tell at the start about the capture filter; `None` when it is empty, when it lets the usual encapsulations
/// pass, or when there is an inner filter: then somebody thought of it.
#[must_use]
pub fn advice(config: &Config) -> Option<Advice> {
    let filter = config.filter.trim();
    if !config.inner_filter.is_empty() {
        return None;
    }
    let words: Vec<&str> = filter
        .split(|c: char| !c.is_alphanumeric() && c != '.' && c != ':')
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if !has(LOOKS_INSIDE) {
        return None;
    }
    let mut add: Vec<String> =
        TUNNELS.iter().filter(|(words, _)| !has(words)).map(|(_, add)| (*add).to_owned()).collect();
    if !has(&["vlan"]) {
        // Last: behind this word, libpcap looks for everything four octets further on.
        add.push(format!("(vlan and ({filter}))"));
    }
    (!add.is_empty()).then(|| Advice { filter: filter.to_owned(), add })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    fn told(filter: &str, inner: &str) -> Option<String> {
        let inner_filter = Filter::parse(inner).unwrap();
        let config = Config { filter: filter.into(), inner_filter, ..Config::default() };
        advice(&config).map(|advice| advice.to_string())
    }

    #[test]
    fn filters_that_hide_tunnels_are_told_of() {
        let told_of = told("tcp port 80", "").unwrap();
        let want = "with: or udp port 4789 or udp port 8472 or udp port 6081 or ip proto 47 or (vlan and (tcp port 80))";
        assert!(told_of.ends_with(want), "{told_of}");
        let some = told("port 80 or udp port 4789 or vlan", "").unwrap();
        assert!(some.ends_with("with: or udp port 8472 or udp port 6081 or ip proto 47"), "{some}");
    }

    #[test]
    fn others_are_not() {
        assert_eq!(told("", ""), None);
        assert_eq!(told("vlan", ""), None);
        assert_eq!(told("tcp port 80", "port 80"), None);
    }

    /// What is advised is a filter that libpcap takes.
    #[test]
    fn the_advice_compiles() {
        let told_of = told("tcp port 80 or host 10.0.0.1", "").unwrap();
        let (_, add) = told_of.split_once("with: ").unwrap();
        let filter = format!("tcp port 80 or host 10.0.0.1 {add}");
        Config { filter, ..Config::default() }.validate_filter().unwrap();
    }
}
