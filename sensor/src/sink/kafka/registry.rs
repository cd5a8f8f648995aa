//! Looking a schema up in a registry. Reads alone.
//!
//! Source: Confluent's Schema Registry API, `GET /subjects/(subject)/versions/latest`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::schema::{Config, Frame, Framing, parse_guid};
use crate::pem;

/// How long a registry may take to answer.
const LIMIT: Duration = Duration::from_secs(5);
/// Largest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// A version of a subject, as far as it matters.
#[derive(Deserialize)]
struct Version {
    id: u32,
    guid: Option<String>,
    /// Absent for Avro.
    #[serde(rename = "schemaType")]
    schema_type: Option<String>,
    schema: String,
}

/// What goes into messages of `topic`, whose values are messages of `message`, or JSON without one.
///
/// # Errors
///
/// What is wrong, and what to do, in one line.
pub(super) fn look_up(
    config: &Config,
    topic: &str,
    message: Option<&str>,
) -> Result<Frame, String> {
    if let Some(frame) = config.frame(message.is_some()) {
        return Ok(frame);
    }
    let url = config.registry_url.as_deref().unwrap_or_default().trim_end_matches('/');
    let subject = config.subject.clone().unwrap_or_else(|| format!("{topic}-value"));
    let wrong = |what: &str| format!("the schema registry at {url} {what} (subject {subject:?})");
    let version = ask(config, url, &subject).map_err(|what| wrong(&what))?;
    fits(&version, message).map_err(|what| wrong(&what))?;
    let guid = version.guid.as_deref().and_then(parse_guid);
    Frame::new(config.framing, Some(version.id), guid, message.is_some()).ok_or_else(|| {
        debug_assert_eq!(config.framing, Framing::Header, "a number is always told");
        wrong("tells no GUID: set schema.guid, or framing = \"prefix\"")
    })
}

fn ask(config: &Config, url: &str, subject: &str) -> Result<Version, String> {
    let agent = agent(config)?;
    let mut request = agent
        .get(format!("{url}/subjects/{}/versions/latest", escaped(subject)))
        .header("accept", "application/vnd.schemaregistry.v1+json");
    if let Some(user) = &config.user {
        let password = match &config.password_file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("needs password_file, which cannot be read: {error}"))?,
        };
        let both = format!("{user}:{}", password.trim_end_matches(['\r', '\n']));
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(both)));
    }
    let mut answer = request.call().map_err(|error| format!("does not answer: {error}"))?;
    match answer.status().as_u16() {
        200 => {}
        401 | 403 => return Err("refuses the login: check schema.user and password_file".into()),
        404 => return Err("has no such subject: register the schema there first".into()),
        status => return Err(format!("answers with status {status}")),
    }
    let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
    let text = text.map_err(|error| format!("breaks off: {error}"))?;
    serde_json::from_str(&text).map_err(|_| "answers with what is no version of a schema".into())
}

fn agent(config: &Config) -> Result<Agent, String> {
    let mut builder = Agent::config_builder()
        .timeout_global(Some(LIMIT))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None);
    if let Some(path) = &config.ca_file {
        let text = std::fs::read(path)
            .map_err(|error| format!("needs ca_file, which cannot be read: {error}"))?;
        let certificates = pem::certificates(&text);
        if certificates.is_empty() {
            return Err(
                "needs ca_file, which holds no certificate: give it the authority's, as PEM \
                 (-----BEGIN CERTIFICATE-----)"
                    .into(),
            );
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::from(certificates));
        builder = builder.tls_config(tls.build());
    }
    Ok(builder.build().into())
}

/// Whether the schema is one for such values: a wrong one would mislead every reader.
fn fits(version: &Version, message: Option<&str>) -> Result<(), String> {
    let kind = version.schema_type.as_deref().unwrap_or("AVRO");
    let wanted = if message.is_some() { "PROTOBUF" } else { "JSON" };
    if kind != wanted {
        return Err(format!("holds a schema of type {kind}, not {wanted}"));
    }
    let Some(message) = message else { return Ok(()) };
    let first = version.schema.lines().find_map(|line| line.trim().strip_prefix("message "));
    let name = first.and_then(|rest| rest.split([' ', '{']).next()).unwrap_or_default();
    if name == message {
        return Ok(());
    }
    Err(format!("holds a schema whose first message is not {message}: register the one of proto/"))
}

/// A subject as one segment of a path.
pub(super) fn escaped(subject: &str) -> String {
    let mut out = String::with_capacity(subject.len());
    for byte in subject.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.extend(["%", &data_encoding::HEXUPPER.encode(&[other])]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread::{self, JoinHandle};

    use super::*;

    const GUID: &str = "89791762-2336-4186-9674-299b90a802e2";
    const SCHEMA: &str =
        r#"syntax = \"proto3\";\npackage apitap.v1;\nmessage CallRecord {\n}\nmessage Api {}"#;

    /// A registry that answers once; its address, and what it was asked.
    fn registry(status: u16, answer: &str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let length = answer.len();
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{answer}");
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 4096];
            let read = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        (address, asked)
    }

    fn config(url: &str, more: &str) -> Config {
        toml::from_str(&format!("registry_url = '{url}/'\n{more}")).unwrap()
    }

    #[test]
    fn number_and_guid_are_looked_up() {
        let answer = format!(
            r#"{{"subject":"a b-value","id":100042,"guid":"{GUID}","version":3,"schemaType":"PROTOBUF","schema":"{SCHEMA}"}}"#
        );
        let (url, asked) = registry(200, &answer);
        let prefix = config(&url, "framing = 'prefix'\nuser = 'me'");
        let frame = look_up(&prefix, "a b", Some("CallRecord")).unwrap();
        assert_eq!(frame, Frame::Prefix(vec![0, 0, 1, 0x86, 0xca, 0]));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("GET /subjects/a%20b-value/versions/latest "), "{asked}");
        assert!(asked.contains("authorization: Basic bWU6\r\n"), "{asked}");
        let (url, _) = registry(200, &answer);
        let frame = look_up(&config(&url, ""), "calls", Some("CallRecord")).unwrap();
        let guid = parse_guid(GUID).unwrap();
        assert_eq!(frame, Frame::Header([&[1][..], &guid, &[0]].concat()));
    }

    #[test]
    fn what_does_not_fit_is_told_in_one_line() {
        let told = |status, answer: &str, message| {
            let (url, _) = registry(status, answer);
            look_up(&config(&url, "subject = 's'"), "calls", message).unwrap_err()
        };
        let call = Some("CallRecord");
        let protobuf =
            |schema: &str| format!(r#"{{"id":1,"schemaType":"PROTOBUF","schema":"{schema}"}}"#);
        assert!(told(404, "{}", call).contains("register the schema there first"));
        assert!(told(401, "{}", call).contains("refuses the login"));
        assert!(told(500, "{}", call).contains("status 500"));
        assert!(told(200, "<html>", call).contains("no version of a schema"));
        assert!(told(200, r#"{"id":1,"schema":"{}"}"#, call).contains("type AVRO, not PROTOBUF"));
        assert!(told(200, &protobuf("message Other {}"), call).contains("is not CallRecord"));
        assert!(told(200, &protobuf(SCHEMA), call).contains("tells no GUID"));
        assert!(told(200, &protobuf(SCHEMA), None).contains("type PROTOBUF, not JSON"));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        for (text, wrong) in [
            (None, "ca_file, which cannot be read"),
            (Some(""), "ca_file, which holds no certificate"),
            (
                Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                "holds no certificate",
            ),
        ] {
            if let Some(text) = text {
                std::fs::write(&file, text).unwrap();
            }
            let more = format!("ca_file = '{}'", file.display());
            let told = look_up(&config("https://127.0.0.1:1", &more), "calls", call).unwrap_err();
            assert!(told.contains(wrong) && !told.contains('\n'), "{told}");
        }
        let gone = look_up(&config("http://127.0.0.1:1", ""), "calls", call).unwrap_err();
        assert!(gone.contains("does not answer") && gone.contains("\"calls-value\""), "{gone}");
        assert!(!gone.contains('\n'));
    }
}
