//! The client's settings: ours, then the operator's own, which win.

use std::path::Path;

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

use super::super::SinkError;
use super::{Compression, Config, SaslMechanism};

/// How often the client says how it is doing, in milliseconds.
const STATISTICS_MILLISECONDS: &str = "10000";

/// What a producer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Records of capture files: fails when it cannot go on.
    Offline,
    /// Records of a live run, kept in memory alone.
    Live,
    /// Records that stay in the spool until acknowledged.
    Spooled,
}

/// Settings of a producer whose batches have at most `batch_bytes` bytes.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`].
pub(super) fn producer(
    config: &Config,
    purpose: Use,
    batch_bytes: u32,
) -> Result<ClientConfig, SinkError> {
    let compression = match config.compression {
        Compression::Zstd => "zstd",
        Compression::Lz4 => "lz4",
        Compression::Snappy => "snappy",
        Compression::Gzip => "gzip",
        Compression::None => "none",
    };
    if u64::from(config.queue_kibibytes_max).saturating_mul(1024) < config.message_bytes_max.into()
    {
        return refuse(
            "queue_kibibytes_max is less than one message of message_bytes_max; raise it",
        );
    }
    // With a spool, nothing is gained by failing: the message waits for the broker where it is, in order.
    let timeout = match purpose {
        Use::Spooled => 0,
        Use::Offline | Use::Live => {
            // Of the client 0 is for ever, and 2^31 milliseconds the end.
            u64::from(config.message_timeout_seconds).saturating_mul(1000)
        }
    };
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", &config.brokers)
        .set("client.id", "apitap")
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("compression.type", compression)
        .set("linger.ms", config.linger_milliseconds.to_string())
        .set("queue.buffering.max.kbytes", config.queue_kibibytes_max.to_string())
        // The bound is memory, not their number.
        .set("queue.buffering.max.messages", "0")
        .set("message.max.bytes", config.message_bytes_max.to_string())
        .set("batch.size", batch_bytes.to_string())
        .set("message.timeout.ms", timeout.to_string())
        // As Java clients do, so that joins by key find the same partition.
        .set("partitioner", "murmur2_random");
    if purpose != Use::Offline {
        client.set("statistics.interval.ms", STATISTICS_MILLISECONDS);
    }
    add(&mut client, config)?;
    let acks = ["acks", "request.required.acks"].iter().find_map(|name| client.get(name));
    if purpose == Use::Spooled && acks == Some("0") {
        return refuse("acks = 0 with a spool: records would leave it unacknowledged; remove it");
    }
    Ok(client)
}

/// Adds what every client needs to be let in, and the operator's own properties.
///
/// # Errors
///
/// [`SinkError::KafkaSetting`] when settings do not fit together or a file cannot be read.
pub(super) fn add(client: &mut ClientConfig, config: &Config) -> Result<(), SinkError> {
    security(client, config)?;
    addresses(&config.brokers, client.get("security.protocol").unwrap_or("plaintext"))?;
    for (name, value) in &config.properties.0 {
        client.set(name, value);
    }
    for (name, path) in &config.property_files {
        client.set(name, secret(name, path)?);
    }
    Ok(())
}

/// Refuses what is no list of addresses: librdkafka would say so late, in other words, or connect to another port.
fn addresses(brokers: &str, protocol: &str) -> Result<(), SinkError> {
    let listed = || brokers.split(',').map(str::trim).filter(|broker| !broker.is_empty());
    if listed().next().is_none() {
        return refuse("brokers: name one, host:port");
    }
    // First: no message may quote a password.
    if brokers.contains('@') {
        return refuse(
            "brokers: no login belongs in an address; set sasl_mechanism, sasl_user and sasl_password_file",
        );
    }
    for broker in listed() {
        let address = match broker.split_once("://") {
            None => broker,
            Some((scheme, address)) if scheme.eq_ignore_ascii_case(protocol) => address,
            Some((scheme, _)) => {
                return refuse(&format!(
                    "brokers: {broker:?} begins with {scheme}://, but the other settings say {protocol}; leave it away, and \
                     set tls and sasl_mechanism"
                ));
            }
        };
        let after = address.rfind(']').map_or(Some(address), |end| address.get(end..));
        let port = after.and_then(|after| after.split_once(':')).map(|(_, port)| port);
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
        // More than one colon without brackets: an IPv6 address alone.
        let alone = address.parse::<std::net::Ipv6Addr>().is_ok();
        if address.contains([';', '/']) || address.contains(char::is_whitespace) {
            return refuse(&format!(
                "brokers: {broker:?} is no address; write host:port, separated by commas"
            ));
        }
        if !alone && port.is_some_and(|port| !is_port(port)) {
            return refuse(&format!("brokers: {broker:?} has no port from 1 to 65535 behind ':'"));
        }
    }
    Ok(())
}

/// TLS and login, by librdkafka's names.
fn security(client: &mut ClientConfig, config: &Config) -> Result<(), SinkError> {
    let files = [
        ("ca_file", "ssl.ca.location", &config.ca_file),
        ("certificate_file", "ssl.certificate.location", &config.certificate_file),
        ("key_file", "ssl.key.location", &config.key_file),
    ];
    for (key, property, path) in files {
        let Some(path) = path else { continue };
        if !config.tls {
            return refuse(&format!("{key} is set but tls is not; set tls = true"));
        }
        // librdkafka would not say which file it is about.
        if let Err(error) = std::fs::File::open(path) {
            let reason = format!("{key} cannot be read from {}: {error}", path.display());
            return Err(SinkError::KafkaFile { reason });
        }
        client.set(property, path.display().to_string());
    }
    if config.certificate_file.is_some() != config.key_file.is_some() {
        return refuse("certificate_file and key_file go together; set both or neither");
    }
    let protocol = match (config.tls, config.sasl_mechanism) {
        (false, None) => None,
        (true, None) => Some("ssl"),
        (false, Some(_)) => Some("sasl_plaintext"),
        (true, Some(_)) => Some("sasl_ssl"),
    };
    if let Some(protocol) = protocol {
        client.set("security.protocol", protocol);
    }
    let Some(mechanism) = config.sasl_mechanism else {
        return match (&config.sasl_user, &config.sasl_password_file) {
            (None, None) => Ok(()),
            _ => refuse("sasl_user or sasl_password_file without sasl_mechanism; set that too"),
        };
    };
    client.set("sasl.mechanism", mechanism.name());
    if let Some(user) = &config.sasl_user {
        client.set("sasl.username", user);
    }
    if let Some(path) = &config.sasl_password_file {
        client.set("sasl.password", secret("sasl_password_file", path)?);
    }
    let by_password = mechanism != SaslMechanism::OauthBearer;
    let named =
        |name| config.properties.0.contains_key(name) || config.property_files.contains_key(name);
    if by_password
        && ((config.sasl_user.is_none() && !named("sasl.username"))
            || (config.sasl_password_file.is_none() && !named("sasl.password")))
    {
        return refuse("this sasl_mechanism needs sasl_user and sasl_password_file");
    }
    Ok(())
}

/// The content of a file, without the newline at its end.
fn secret(name: &str, path: &Path) -> Result<String, SinkError> {
    let text = std::fs::read_to_string(path).map_err(|error| SinkError::KafkaFile {
        reason: format!("{name} cannot be read from {}: {error}", path.display()),
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        let reason = format!("{name}: {} is empty; put the secret in it", path.display());
        return Err(SinkError::KafkaFile { reason });
    }
    Ok(text.to_owned())
}

fn refuse<T>(reason: &str) -> Result<T, SinkError> {
    Err(SinkError::KafkaSetting { reason: reason.to_owned() })
}

/// The error of a client that could not be made; without values, which may be secret.
pub(super) fn refused(error: &KafkaError) -> SinkError {
    match error {
        KafkaError::ClientConfig(_, _, name, _) => {
            let reason = format!("{name} is unknown or has a bad value");
            SinkError::KafkaSetting { reason }
        }
        // Mostly a certificate or key.
        other => SinkError::KafkaFile { reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::producer::BaseProducer;

    use super::*;

    fn made(text: &str) -> Result<ClientConfig, String> {
        let config: Config = toml::from_str(text).unwrap();
        producer(&config, Use::Live, 1000).map_err(|error| error.to_string())
    }

    #[test]
    fn tls_and_login_are_properties() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, "hunter2\n").unwrap();
            path.display().to_string()
        };
        let client = made(&format!(
            "tls = true\nca_file = {:?}\ncertificate_file = {:?}\nkey_file = {:?}\n\
             sasl_mechanism = \"SCRAM-SHA-512\"\nsasl_user = \"apitap\"\nsasl_password_file = {:?}",
            file("ca"),
            file("certificate"),
            file("key"),
            file("password")
        ))
        .unwrap();
        assert_eq!(client.get("security.protocol"), Some("sasl_ssl"));
        assert_eq!(client.get("ssl.ca.location"), Some(&*file("ca")));
        assert_eq!(client.get("ssl.certificate.location"), Some(&*file("certificate")));
        assert_eq!(client.get("ssl.key.location"), Some(&*file("key")));
        assert_eq!(client.get("sasl.mechanism"), Some("SCRAM-SHA-512"));
        assert_eq!(client.get("sasl.username"), Some("apitap"));
        assert_eq!(client.get("sasl.password"), Some("hunter2"));
        assert_eq!(made("tls = true").unwrap().get("security.protocol"), Some("ssl"));
        assert_eq!(made("").unwrap().get("security.protocol"), None);
    }

    #[test]
    fn delivery_is_never_tried_for_ever() {
        for seconds in ["0", "2147484"] {
            let text = format!("message_timeout_seconds = {seconds}");
            assert!(toml::from_str::<Config>(&text).is_err());
        }
        for (seconds, milliseconds) in [("1", "1000"), ("60", "60000"), ("2147483", "2147483000")] {
            let client = made(&format!("message_timeout_seconds = {seconds}")).unwrap();
            assert_eq!(client.get("message.timeout.ms"), Some(milliseconds));
            assert!(client.create::<BaseProducer>().is_ok());
        }
    }

    #[test]
    fn settings_that_do_not_fit_are_named() {
        let said = |text| made(text).unwrap_err();
        assert!(said("ca_file = \"/x\"").contains("ca_file is set but tls is not"));
        assert!(said("tls = true\nca_file = \"/x\"").contains("ca_file cannot be read from /x"));
        assert!(said("sasl_user = \"a\"").contains("without sasl_mechanism"));
        assert!(said("sasl_mechanism = \"PLAIN\"").contains("needs sasl_user"));
        assert!(said("tls = true\nkey_file = \"/dev/null\"").contains("go together"));
        let empty =
            "sasl_mechanism = \"PLAIN\"\nsasl_user = \"a\"\nsasl_password_file = \"/dev/null\"";
        assert!(said(empty).contains("sasl_password_file: /dev/null is empty"));
        let config: Config = toml::from_str("[properties]\nacks = \"0\"").unwrap();
        let error = producer(&config, Use::Spooled, 1000).err().unwrap().to_string();
        assert!(error.contains("acks = 0 with a spool"), "{error}");
    }

    #[test]
    fn addresses_that_lead_nowhere_are_refused_before_they_are_tried() {
        for good in
            ["a", "a:9092", "a:1, b:2,", "[::1]:9092", "::1", "PLAINTEXT://a:1", "10.0.0.1:65535"]
        {
            assert!(addresses(good, "plaintext").is_ok(), "{good}");
        }
        for (bad, said) in [
            (" , ", "name one"),
            ("a:1;b:2", "separated by commas"),
            ("a:1 b:2", "separated by commas"),
            ("a:99999", "no port"),
            ("a:kafka", "no port"),
            ("a:", "no port"),
            ("[::1]:0", "no port"),
            ("SASL_SSL://a:1", "but the other settings say plaintext"),
            ("http://a:1", "leave it away"),
        ] {
            let error = addresses(bad, "plaintext").unwrap_err().to_string();
            assert!(error.contains(said), "{bad}: {error}");
        }
        assert!(addresses("sasl_ssl://a:1", "sasl_ssl").is_ok());
        for bad in ["user:hunter2@a:1", "a:1,SSL://user:hunter2@b:1"] {
            let config = Config { brokers: bad.into(), ..Config::default() };
            let error = producer(&config, Use::Live, 1000).unwrap_err().to_string();
            assert!(error.contains("sasl_user") && !error.contains("hunter2"), "{error}");
        }
    }

    // The client must have been built with what it takes to fetch tokens.
    #[test]
    fn oauthbearer_by_oidc_is_built_in() {
        let client = made(
            "tls = true\nsasl_mechanism = \"OAUTHBEARER\"\n[properties]\n\"sasl.oauthbearer.method\" = \"oidc\"\n\
             \"sasl.oauthbearer.client.id\" = \"apitap\"\n\"sasl.oauthbearer.client.secret\" = \"s\"\n\
             \"sasl.oauthbearer.token.endpoint.url\" = \"https://127.0.0.1:1/token\"",
        )
        .unwrap();
        assert!(client.create::<BaseProducer>().is_ok());
    }
}
