//! Workers as a configuration wants them: the one place that says which settings each stage gets.

use super::Worker;
use crate::call::Calls;
use crate::config::Config;
use crate::http::Http;
use crate::link::Links;
use crate::reassembly::Reassembler;
use crate::record::{Builder, SensorInfo};
use crate::redact::{self, Keys, Redactor};
use crate::tls::Tls;

/// The sensor as records name it.
#[must_use]
pub fn sensor_info(config: &Config) -> SensorInfo {
    SensorInfo {
        id: config.sensor.id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_id: config.fingerprint(),
    }
}

/// Redaction as configured.
#[must_use]
pub fn redactor(config: &Config, keys: &Keys) -> Redactor {
    Redactor::new(keys, &config.privacy)
        .signalling(&config.signals)
        .identifying(&config.entities)
        .trusting(&config.network.trusted_proxies)
        .naming(&config.operations)
        .learning(config.endpoints.learn)
}

/// Links between calls as configured.
#[must_use]
pub fn links(config: &Config) -> Links {
    Links::new(&config.entities, &config.signals)
}

impl Worker {
    /// One of `workers` that divide the configured tables and buffers among them, from 1.
    #[must_use]
    pub fn configured(config: &Config, workers: usize, keys: &Keys, builder: Builder) -> Self {
        Self::new(
            Reassembler::new(&config.reassembly.share(workers)),
            Http::new(&config.http.share(workers)),
            Calls::new(&config.call.share(workers)),
            redactor(config, keys),
            builder.zoned(&config.network.zones),
        )
        .with_tls(Tls::new(&config.tls.share(workers)))
        .linking(links(config))
    }

    fn linking(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// The same, whose records tell for each value which rule of `policy` decided.
    #[must_use]
    pub fn explaining(mut self, policy: &redact::Config) -> Self {
        self.behind.rest.redactor.explain(policy);
        self
    }
}
