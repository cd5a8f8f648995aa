//! Metrics: every counter of a snapshot as a family, made when they are asked for.
//!
//! Packet paths touch no metric: they add to plain counters of their own, and this module gives those names.
//! Names are a contract (`docs/metrics.md`): add, never change. Labels have few values, none from traffic.

mod operation;
mod tls;
mod traffic;

use std::borrow::Cow;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, text as open_metrics};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;

use super::tally::Tally;
use crate::daemon::state::Snapshot;

/// What stands before every name.
const PREFIX: &str = "apitap";

/// Whether a family only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    Count(u64),
    Signed(i64),
    Real(f64),
}

/// One name with all its numbers.
#[derive(Debug)]
pub(super) struct Family {
    /// The group it is shown in.
    pub(super) section: &'static str,
    /// Without `apitap_`, and without `_total`.
    pub(super) name: &'static str,
    /// What it counts.
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    /// Names of its labels.
    pub(super) labels: &'static [&'static str],
    /// Values of the labels, and the number.
    pub(super) samples: Vec<(Vec<Cow<'static, str>>, Value)>,
}

/// Families being listed.
struct List {
    section: &'static str,
    families: Vec<Family>,
}

/// Every family, in the order of `docs/metrics.md`.
pub(super) fn families(snapshot: &Snapshot, tally: &Tally) -> Vec<Family> {
    let mut list = List { section: "", families: Vec::new() };
    operation::sensor(&mut list, snapshot);
    operation::interfaces(&mut list, snapshot);
    traffic::list(&mut list, snapshot);
    operation::overload(&mut list, snapshot);
    operation::links(&mut list, &snapshot.counts.links);
    operation::sinks(&mut list, snapshot);
    operation::clients(&mut list, snapshot);
    operation::names(&mut list, snapshot);
    operation::inventory(&mut list, snapshot);
    operation::spools(&mut list, snapshot);
    operation::mirror(&mut list, snapshot);
    operation::process(&mut list, snapshot);
    operation::admin(&mut list, tally);
    list.families
}

impl List {
    const fn section(&mut self, section: &'static str) {
        self.section = section;
    }

    fn family(
        &mut self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
        samples: impl IntoIterator<Item = (Vec<Cow<'static, str>>, Value)>,
    ) {
        let samples = samples.into_iter().collect();
        self.families.push(Family { section: self.section, name, help, kind, labels, samples });
    }

    /// A counter without labels.
    fn counter(&mut self, name: &'static str, count: u64, help: &'static str) {
        self.family(Kind::Counter, name, help, &[], [(Vec::new(), Value::Count(count))]);
    }

    /// A counter with one label of fixed values.
    fn counters(
        &mut self,
        name: &'static str,
        label: &'static [&'static str; 1],
        counts: impl IntoIterator<Item = (&'static str, u64)>,
        help: &'static str,
    ) {
        let sample = |(value, count)| (vec![Cow::Borrowed(value)], Value::Count(count));
        self.family(Kind::Counter, name, help, label, counts.into_iter().map(sample));
    }

    /// A gauge without labels.
    fn gauge(&mut self, name: &'static str, value: Value, help: &'static str) {
        self.family(Kind::Gauge, name, help, &[], [(Vec::new(), value)]);
    }

    /// A gauge with one label of fixed values.
    fn gauges(
        &mut self,
        name: &'static str,
        label: &'static [&'static str; 1],
        values: impl IntoIterator<Item = (&'static str, Value)>,
        help: &'static str,
    ) {
        let sample = |(label, value)| (vec![Cow::Borrowed(label)], value);
        self.family(Kind::Gauge, name, help, label, values.into_iter().map(sample));
    }
}

impl Family {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
        };
        let mut metric = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        for (values, value) in &self.samples {
            let labels: Vec<_> = self
                .labels
                .iter()
                .zip(values)
                .map(|(name, value)| (*name, escaped(value)))
                .collect();
            if labels.is_empty() {
                self.number(&mut metric, *value)?;
            } else {
                self.number(&mut metric.encode_family(&labels)?, *value)?;
            }
        }
        Ok(())
    }

    fn number(&self, metric: &mut MetricEncoder<'_>, value: Value) -> fmt::Result {
        let none: Option<&Exemplar<Vec<(&str, &str)>, u64>> = None;
        match (self.kind, value) {
            (Kind::Counter, Value::Count(count)) => metric.encode_counter(&count, none),
            (Kind::Counter, Value::Signed(count)) => {
                metric.encode_counter(&count.unsigned_abs(), none)
            }
            (Kind::Counter, Value::Real(count)) => metric.encode_counter(&count, none),
            (Kind::Gauge, Value::Count(count)) => {
                metric.encode_gauge(&i64::try_from(count).unwrap_or(i64::MAX))
            }
            (Kind::Gauge, Value::Signed(number)) => metric.encode_gauge(&number),
            (Kind::Gauge, Value::Real(number)) => metric.encode_gauge(&number),
        }
    }
}

/// A label's value as the text format has it: the library writes it as it is.
///
/// Source: [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/), `escaped-string`.
fn escaped(value: &str) -> Cow<'_, str> {
    if value.contains(['\\', '"', '\n']) {
        value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").into()
    } else {
        value.into()
    }
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|family| family.encode(&mut encoder))
    }
}

/// The families in the OpenMetrics text format.
pub(super) fn text(families: Vec<Family>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Families(families)));
    let mut text = String::new();
    open_metrics::encode(&mut text, &registry)?;
    Ok(text)
}

#[cfg(test)]
pub(in crate::admin) mod tests;
