//! Tables, buffers and queues sized to a memory limit.

use crate::config::Config;

/// What the limit is divided into.
const PARTS: u64 = 64;

/// Tables, buffers and queues sized to a memory limit, so that they fill it at most; 0: as configured.
///
/// What is configured smaller stays so. What no setting bounds in bytes counts as much as it takes as a rule.
pub(super) fn sized(config: &Config, memory_max: u64) -> Config {
    let mut config = config.clone();
    if memory_max == 0 {
        return config;
    }
    let parts = |n: u64| memory_max / PARTS * n;
    let size = |n: u64| usize::try_from(parts(n)).unwrap_or(usize::MAX);
    let at_most = |setting: &mut u64, n: u64| *setting = parts(n).min(*setting);
    let at_most_size = |setting: &mut usize, n: u64| *setting = size(n).min(*setting);

    at_most(&mut config.reassembly.memory_bytes_max, 7);
    // Some 1 KiB a connection, its HTTP state included.
    let connections = u32::try_from(parts(9) >> 10).unwrap_or(u32::MAX);
    config.reassembly.connections_max = config.reassembly.connections_max.min(connections);
    at_most(&mut config.call.body_bytes_total_max, 9);
    at_most(&mut config.http.decoder_bytes_total_max, 6);
    at_most_size(&mut config.http.head_bytes_total_max, 3);
    at_most_size(&mut config.http.http2_table_bytes_total_max, 3);
    at_most_size(&mut config.http.websocket.bytes_total_max, 3);
    at_most_size(&mut config.tls.decrypt_bytes_total_max, 3);
    // As many of handshakes, of QUIC and of certificates.
    at_most_size(&mut config.tls.handshake_bytes_total_max, 1);
    // Each capture thread has its own.
    let capture = &config.capture;
    let interfaces = u64::try_from(capture.interfaces.len()).unwrap_or(u64::MAX).max(1);
    let threads = capture.threads.get().saturating_mul(interfaces).max(1);
    let fragments = &mut config.decap.fragment_bytes_max;
    fragments.0 = (parts(1) / threads).max(1 << 16).min(fragments.0);
    // Some 300 bytes a session; 60 for a place where a caller named ids, and 100 where it was refused.
    let entities = &mut config.entities;
    entities.links_max = entities.links_max.min(size(1) / 300);
    entities.callers_max = entities.callers_max.min(size(1) / 160);
    config.inventory.fit(parts(3));
    config.endpoints.fit(parts(2));
    queues(&mut config, parts);
    config
}

fn queues(config: &mut Config, parts: impl Fn(u64) -> u64) {
    let workers = u64::try_from(config.daemon.workers()).unwrap_or(u64::MAX).max(1);
    let mebibytes = usize::try_from((parts(4) / workers) >> 20).unwrap_or(usize::MAX).max(1);
    config.daemon.queue_mebibytes_max = config.daemon.queue_mebibytes_max.min(mebibytes);
    // Most records are smaller than 8 KiB.
    let records = usize::try_from(parts(2) >> 13).unwrap_or(usize::MAX);
    config.daemon.queue_records_max = config.daemon.queue_records_max.min(records.max(64));
    let Some(kafka) = &mut config.output.kafka else { return };
    let least = u64::from(kafka.message_bytes_max).saturating_mul(2);
    let kibibytes = u32::try_from(parts(2).max(least) >> 10).unwrap_or(u32::MAX);
    kafka.queue_kibibytes_max = kafka.queue_kibibytes_max.min(kibibytes.saturating_add(1));
    if let Some(spool) = &mut kafka.spool {
        spool.memory_bytes_max = spool.memory_bytes_max.min(parts(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(workers: usize) -> Config {
        let text = format!(
            "daemon.workers = {workers}\ncapture.threads = {workers}\noutput.kafka = {{ brokers = 'a:9092', spool = {{ directory = '/a' }} }}"
        );
        toml::from_str(&text).unwrap()
    }

    /// All that may be held at one time.
    fn held(config: &Config) -> u64 {
        let (http, tls, inventory) = (&config.http, &config.tls, &config.inventory);
        let kafka = config.output.kafka.as_ref().unwrap();
        let sizes = http.head_bytes_total_max
            + http.http2_table_bytes_total_max
            + http.websocket.bytes_total_max
            + tls.decrypt_bytes_total_max
            + 3 * tls.handshake_bytes_total_max
            + config.entities.links_max * 300
            + config.entities.callers_max * 160
            + config.daemon.workers() * (config.daemon.queue_mebibytes_max << 20)
            + (config.daemon.queue_records_max << 13);
        config.reassembly.memory_bytes_max
            + (u64::from(config.reassembly.connections_max) << 10)
            + config.call.body_bytes_total_max
            + http.decoder_bytes_total_max
            + config.decap.fragment_bytes_max.get() * config.capture.threads.get()
            + (u64::from(inventory.endpoints_max) << 13)
            + inventory.cells_max * 512
            + (u64::from(kafka.queue_kibibytes_max) << 10)
            + kafka.spool.as_ref().unwrap().memory_bytes_max
            + sizes as u64
    }

    #[test]
    fn all_fits_into_the_memory_limit() {
        for (mebibytes, workers) in [(64, 1), (96, 2), (256, 1), (256, 8), (1536, 4), (1536, 16)] {
            let (limit, config) = (mebibytes << 20, configured(workers));
            let config = sized(&config, limit);
            let held = held(&config);
            assert!(held <= limit, "{mebibytes} MiB, {workers} workers: {held}");
            assert!(config.inventory.endpoints_max > 100 && config.entities.links_max > 3000);
            assert!(config.reassembly.connections_max > 9000);
        }
        let config = configured(1);
        assert!(held(&config) > 1 << 30);
        assert_eq!(held(&sized(&config, 0)), held(&config));
    }
}
