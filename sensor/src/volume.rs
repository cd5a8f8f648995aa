//! Volume control: of the calls that are alike, fewer records, and each says how many calls it stands for.
//!
//! Pure. Off by default. Every call of an endpoint is kept until the endpoint has had its share of the
//! present minute; of what follows one in `thin_to_one_in` is kept. Errors, calls whose other half was not
//! seen, and calls with something of consequence in them are always kept. The weights of an endpoint's
//! records add up to its calls, but for those since its last record.

use std::hash::BuildHasher;

use apitap_proto::v1;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::bounded::within;
use crate::record::Record;

/// How much is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether anything is thinned. Default: false.
    pub enabled: bool,
    /// Calls of one endpoint and outcome kept in each minute, before the rest is thinned. 1 to 4,294,967,295. Default: 60.
    #[serde(deserialize_with = "within::<1, 0xFFFF_FFFF, _, _>")]
    pub endpoint_calls_per_minute: u32,
    /// Of the rest, one in this many is kept. 2 to 4,294,967,295. Default: 20.
    #[serde(deserialize_with = "within::<2, 0xFFFF_FFFF, _, _>")]
    pub thin_to_one_in: u32,
    /// Endpoints remembered, 16 to 16,000,000; calls of further ones are all kept. Default: 65536.
    #[serde(deserialize_with = "within::<16, 16_000_000, _, _>")]
    pub endpoints_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: false,
            endpoint_calls_per_minute: 60,
            thin_to_one_in: 20,
            endpoints_max: 65_536,
        }
    }
}

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Records kept.
    pub kept: u64,
    /// Records left out.
    pub thinned: u64,
    /// Endpoints that there was no room for.
    pub endpoints_unknown: u64,
}

/// An endpoint's present minute.
#[derive(Default)]
struct Endpoint {
    minute: u64,
    /// Calls in it.
    calls: u32,
    /// Calls left out since the last one kept.
    skipped: u32,
}

/// Minutes that a call may lie behind others of its endpoint: calls that took long.
const BEHIND_MAX: u64 = 10;

/// Decides which records are kept.
pub struct Volume {
    config: Config,
    endpoints: HashMap<u64, Endpoint>,
    hasher: foldhash::fast::RandomState,
    counts: Counts,
}

/// What the decision depends on.
struct Call<'a> {
    host: &'a str,
    operation: &'a str,
    status: u16,
    second: u64,
}

impl Volume {
    /// Without a memory of endpoints yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            endpoints: HashMap::new(),
            hasher: foldhash::fast::RandomState::default(),
            counts: Counts::default(),
        }
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How many calls `record` stands for, or `None` when it is left out.
    pub fn weigh(&mut self, record: &Record) -> Option<u32> {
        if !self.config.enabled {
            self.counts.kept = self.counts.kept.saturating_add(1);
            return Some(1);
        }
        let call = Call {
            host: record.host(),
            operation: record.operation(),
            status: record.status(),
            second: record.start().nanos() / 1_000_000_000,
        };
        self.weigh_call(&call, || is_notable(record.message()))
    }

    fn weigh_call(&mut self, call: &Call<'_>, notable: impl FnOnce() -> bool) -> Option<u32> {
        // An error, or no response. The rest takes reading the record, so it is only asked where it matters.
        let error = !(100..400).contains(&call.status) || call.operation.is_empty();
        let weight = if error { Some(1) } else { self.decide(call) };
        let weight = weight.or_else(|| notable().then(|| self.stand_alone(call)));
        let count = if weight.is_some() { &mut self.counts.kept } else { &mut self.counts.thinned };
        *count = count.saturating_add(1);
        weight
    }

    /// A call that was to be left out but is kept stands for itself alone.
    fn stand_alone(&mut self, call: &Call<'_>) -> u32 {
        if let Some(endpoint) = self.endpoints.get_mut(&self.key(call)) {
            endpoint.skipped = endpoint.skipped.saturating_sub(1);
        }
        1
    }

    fn key(&self, call: &Call<'_>) -> u64 {
        self.hasher.hash_one((call.host, call.operation, call.status))
    }

    fn decide(&mut self, call: &Call<'_>) -> Option<u32> {
        let key = self.key(call);
        if self.endpoints.len() >= self.config.endpoints_max.max(16)
            && !self.endpoints.contains_key(&key)
        {
            self.counts.endpoints_unknown = self.counts.endpoints_unknown.saturating_add(1);
            return Some(1);
        }
        let endpoint = self.endpoints.entry(key).or_default();
        let minute = call.second / 60;
        // Far behind, the clock was set back: else the endpoint would be thinned until that time comes again.
        if minute > endpoint.minute || minute.saturating_add(BEHIND_MAX) < endpoint.minute {
            (endpoint.minute, endpoint.calls) = (minute, 0);
        }
        endpoint.calls = endpoint.calls.saturating_add(1);
        endpoint.skipped = endpoint.skipped.saturating_add(1);
        let whole = endpoint.calls <= self.config.endpoint_calls_per_minute.max(1);
        let due = endpoint.skipped >= self.config.thin_to_one_in.max(2);
        (whole || due).then(|| std::mem::take(&mut endpoint.skipped))
    }
}

/// Data classes of consequence: a call that carries one is evidence.
const GRAVE_LABELS: [&str; 1] = ["PCI_DSS"];
const GRAVE_CLASSES: [&str; 8] = [
    "health_id",
    "itin",
    "kr_foreigner",
    "kr_rrn",
    "national_id",
    "passport",
    "private_key",
    "ssn",
];

fn is_notable(message: &v1::CallRecord) -> bool {
    let grave = |label: &String| GRAVE_LABELS.contains(&label.as_str());
    message.signals.iter().any(|signal| signal.severity >= v1::signal::Severity::Medium.into())
        || message.findings.iter().any(|finding| {
            GRAVE_CLASSES.contains(&finding.class.as_str()) || finding.labels.iter().any(grave)
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(operation: &'static str, status: u16, second: u64) -> Call<'static> {
        Call { host: "api", operation, status, second }
    }

    fn config() -> Config {
        Config {
            enabled: true,
            endpoint_calls_per_minute: 10,
            thin_to_one_in: 5,
            endpoints_max: 16,
        }
    }

    #[test]
    fn the_hot_head_is_thinned_and_the_rest_kept() {
        let mut volume = Volume::new(&config());
        let mut kept = |operation, status, n: u64| {
            (0..n)
                .filter_map(|_| volume.weigh_call(&call(operation, status, 60), || false))
                .collect::<Vec<_>>()
        };
        let hot = kept("GET /hot", 200, 100);
        assert_eq!((hot.len(), hot.iter().sum::<u32>()), (10 + 18, 100));
        assert_eq!(kept("GET /hot", 500, 50).len(), 50, "errors");
        assert_eq!(kept("GET /rare", 200, 10).len(), 10);
        assert_eq!(kept("GET /hot", 204, 10).len(), 10, "another outcome");
        assert_eq!(volume.counts(), Counts { kept: 98, thinned: 72, endpoints_unknown: 0 });
    }

    #[test]
    fn each_minute_begins_whole() {
        let mut volume = Volume::new(&config());
        for minute in 0..3 {
            let kept = (0..10)
                .filter_map(|_| volume.weigh_call(&call("GET /a", 200, minute * 60), || false));
            assert_eq!(kept.count(), 10);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_begins_a_minute() {
        let mut volume = Volume::new(&config());
        let mut kept = |minute: u64, n: u64| {
            let calls = (0..n).map(|_| call("GET /a", 200, minute * 60));
            calls.filter_map(|call| volume.weigh_call(&call, || false)).count()
        };
        assert_eq!(kept(500, 10), 10);
        assert_eq!(kept(495, 10), 2, "calls that took long");
        assert_eq!(kept(100, 10), 10);
        assert_eq!(kept(101, 10), 10);
    }

    #[test]
    fn endpoints_are_bounded_and_the_unknown_kept() {
        let mut volume = Volume::new(&config());
        let names: Vec<&'static str> =
            (0..40).map(|n| &*Box::leak(format!("GET /{n}").into_boxed_str())).collect();
        for _ in 0..10 {
            for name in &names {
                assert!(volume.weigh_call(&call(name, 200, 0), || false).is_some());
            }
        }
        assert_eq!(volume.endpoints.len(), 16);
        assert_eq!(volume.counts().endpoints_unknown, 24 * 10);
    }

    #[test]
    fn off_it_keeps_all() {
        let mut volume = Volume::new(&Config::default());
        let record = crate::record::sample::record();
        assert!((0..1000).all(|_| volume.weigh(&record) == Some(1)));
    }

    proptest! {
        #[test]
        fn weights_add_up_to_the_calls(
            calls in prop::collection::vec((0..3_usize, 0_u64..300), 0..500),
        ) {
            let mut volume = Volume::new(&config());
            let mut weights = [0_u32; 3];
            let mut told = [0_u32; 3];
            let mut second = 0;
            for (operation, step) in calls {
                second += step / 100;
                told[operation] += 1;
                let name = ["a", "b", "c"][operation];
                weights[operation] += volume.weigh_call(&call(name, 200, second), || false).unwrap_or(0);
            }
            for (weight, told) in weights.into_iter().zip(told) {
                prop_assert!(weight <= told && told - weight < 5);
            }
        }
    }
}
