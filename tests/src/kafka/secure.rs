//! A broker with TLS, logins and rights: certificates by `openssl`, made for the run.
//!
//! Besides the plain listener, whose users may do all, there are one for TLS with client certificates (the user of
//! `client.pem` is `CN=apitap`), one for SCRAM over TLS (user `apitap`), and one for tokens of an identity provider over TLS
//! (user [`super::oidc::SUBJECT`]). Those users may do only what [`Secured::allow`] grants.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::oidc::{AUDIENCE, ISSUER, Provider};
use super::{Broker, KEY_SET, free_ports, properties, string};

/// Password of the user `apitap`.
pub const PASSWORD: &str = "correct horse battery staple";

/// A broker and how to get in.
pub struct Secured {
    /// Its plain listener.
    pub broker: Broker,
    /// Listener for TLS with client certificates: `host:port`.
    pub mtls: String,
    /// Listener for SCRAM over TLS: `host:port`.
    pub login: String,
    /// Listener for tokens over TLS: `host:port`.
    pub token: String,
    /// Who hands out those tokens.
    pub provider: Provider,
    files: PathBuf,
    _folder: TempDir,
}

impl Secured {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// Why none could be started.
    pub fn start() -> Result<Self, String> {
        let certificates =
            TempDir::with_prefix("apitap-certificates-").map_err(|e| e.to_string())?;
        let files = certificates.path().to_owned();
        make_certificates(&files)?;
        let folder = TempDir::with_prefix("apitap-kafka-").map_err(|e| e.to_string())?;
        let [port, controller, mtls, login, token] = free_ports();
        let settings = properties(port, controller, &folder.path().join("data"));
        let key_set = folder.path().join(KEY_SET);
        let provider = Provider::start(&files, &key_set)?;
        let listeners = [("MTLS", mtls), ("LOGIN", login), ("TOKEN", token)];
        let settings = with_security(&settings, &files, listeners, &key_set);
        let user = format!("SCRAM-SHA-512=[name=apitap,password={PASSWORD}]");
        let broker = Broker::launch(folder, port, &settings, &["--add-scram", &user])?;
        let at = |port| format!("127.0.0.1:{port}");
        let (mtls, login, token) = (at(mtls), at(login), at(token));
        Ok(Self { broker, mtls, login, token, provider, files, _folder: certificates })
    }

    /// A file of certificates or keys: `ca.pem`, `other.pem` (another authority), `client.pem`, `client.key`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.files.join(name)
    }

    /// Lets `principal` write to `topic`.
    ///
    /// Speaks version 1 of Kafka's `CreateAcls` request, the newest without tagged fields.
    ///
    /// # Errors
    ///
    /// What the broker answered.
    pub fn allow(&self, principal: &str, topic: &str) -> Result<(), String> {
        const TOPIC: u8 = 2;
        const LITERAL: u8 = 3;
        const WRITE_DESCRIBE: [u8; 2] = [4, 8];
        const ALLOW: u8 = 3;
        let mut body = Vec::new();
        for number in [30_i16, 1] {
            body.extend(number.to_be_bytes());
        }
        body.extend(1_i32.to_be_bytes());
        string(&mut body, "apitap-tests");
        body.extend(2_i32.to_be_bytes());
        for operation in WRITE_DESCRIBE {
            body.push(TOPIC);
            string(&mut body, topic);
            body.push(LITERAL);
            string(&mut body, principal);
            string(&mut body, "*");
            body.extend([operation, ALLOW]);
        }
        let reply = self.broker.ask(&body).map_err(|e| e.to_string())?;
        // Correlation id, throttle time, number of results: code and message each.
        match reply.get(12..14) {
            Some([0, 0]) => Ok(()),
            _ => Err(format!("the broker refused rights for {principal}: {reply:?}")),
        }
    }
}

fn with_security(
    settings: &str,
    files: &Path,
    listeners: [(&str, u16); 3],
    key_set: &Path,
) -> String {
    let mut out = String::new();
    for line in settings.lines() {
        out.push_str(line);
        if line.starts_with("listeners=") || line.starts_with("advertised.listeners=") {
            for (name, port) in listeners {
                out.push_str(&format!(",{name}://127.0.0.1:{port}"));
            }
        }
        out.push('\n');
    }
    let (files, key_set) = (files.display(), key_set.display());
    out.push_str(&format!(
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,MTLS:SSL,LOGIN:SASL_SSL,TOKEN:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={files}/broker.both
ssl.truststore.type=PEM
ssl.truststore.location={files}/ca.pem
listener.name.mtls.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER
listener.name.login.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.login.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.token.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.token.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.token.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.token.oauthbearer.sasl.oauthbearer.jwks.endpoint.url=file://{key_set}
listener.name.token.oauthbearer.sasl.oauthbearer.expected.issuer={ISSUER}
listener.name.token.oauthbearer.sasl.oauthbearer.expected.audience={AUDIENCE}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"
    ));
    out
}

/// An authority, another one, and certificates of the first for the broker and a client.
fn make_certificates(files: &Path) -> Result<(), String> {
    let run = |arguments: &str| {
        let mut openssl = Command::new("openssl");
        let output = openssl.args(arguments.split(' ')).current_dir(files).output();
        let output = output.map_err(|e| format!("openssl: {e}; install openssl"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("openssl: {}", String::from_utf8_lossy(&output.stderr))),
        }
    };
    const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for (name, subject) in [("ca", "/CN=apitap-tests"), ("other", "/CN=somebody")] {
        run(&format!(
            "req -x509 {KEY} -keyout {name}.key -out {name}.pem -days 2 -subj {subject}"
        ))?;
    }
    for (name, subject) in [("broker", "/CN=broker"), ("client", "/CN=apitap")] {
        run(&format!("req {KEY} -keyout {name}.key -out {name}.csr -subj {subject}"))?;
        fs::write(files.join("names"), "subjectAltName=IP:127.0.0.1").map_err(|e| e.to_string())?;
        run(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out {name}.pem -extfile names"
        ))?;
    }
    let read = |name: &str| fs::read_to_string(files.join(name)).map_err(|e| e.to_string());
    let both = format!("{}{}", read("broker.key")?, read("broker.pem")?);
    fs::write(files.join("broker.both"), both).map_err(|e| e.to_string())
}
