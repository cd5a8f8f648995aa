//! An identity provider for tests: hands out signed tokens to clients that know the secret (OpenID Connect's client
//! credentials, RFC 6749 §4.4), and the key set (RFC 7517) by which a broker checks them. Signed by `openssl`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Client that gets tokens.
pub const CLIENT: &str = "apitap-sensor";
/// Its secret.
pub const SECRET: &str = "an-oidc-secret";
/// Whom its tokens name.
pub const SUBJECT: &str = "oidc-apitap";
/// Who hands them out.
pub(super) const ISSUER: &str = "https://login.example";
/// Whom they are for.
pub(super) const AUDIENCE: &str = "kafka";

/// A running provider.
pub struct Provider {
    /// Where clients ask: `http://host:port/token`.
    pub url: String,
    given: Arc<AtomicUsize>,
}

impl Provider {
    /// Makes a key in `files`, and starts to hand out tokens. `key_set` is the file for who checks them.
    ///
    /// # Errors
    ///
    /// What failed, in words.
    pub(super) fn start(files: &Path, key_set: &Path) -> Result<Self, String> {
        let key = files.join("oidc.key");
        let key = key.to_str().ok_or("a path in UTF-8")?;
        openssl(&["genrsa", "-out", key, "2048"], &[])?;
        let modulus = openssl(&["rsa", "-in", key, "-noout", "-modulus"], &[])?;
        let modulus = String::from_utf8(modulus).map_err(|e| e.to_string())?;
        let modulus = octets(modulus.trim().trim_start_matches("Modulus=")).ok_or("a modulus")?;
        let keys = serde_json::json!({"keys": [{
            "kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "e": "AQAB",
            "n": BASE64_URL_SAFE_NO_PAD.encode(modulus),
        }]});
        fs::write(key_set, keys.to_string()).map_err(|e| e.to_string())?;
        let token = token(key)?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let url = format!("http://{}/token", listener.local_addr().map_err(|e| e.to_string())?);
        let given = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&given);
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that goes away gets no token.
                let _gone = answer(&stream, &token, &count);
            }
        });
        Ok(Self { url, given })
    }

    /// `host:port` of it.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches("/token")
    }

    /// Tokens handed out so far.
    #[must_use]
    pub fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed)
    }
}

/// Answers one request.
fn answer(mut stream: &TcpStream, token: &str, given: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut known, mut length) = (false, 0);
    let want = format!("basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {
                known = value.trim().split_once(' ').is_some_and(|(scheme, credentials)| {
                    format!("{} {credentials}", scheme.to_ascii_lowercase()) == want
                });
            }
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked = String::from_utf8_lossy(&body).contains("grant_type=client_credentials");
    let (status, body) = match (known, asked) {
        (true, true) => {
            given.fetch_add(1, Ordering::Relaxed);
            let body = format!(
                "{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}"
            );
            ("200 OK", body)
        }
        (false, _) => ("401 Unauthorized", "{\"error\":\"invalid_client\"}".to_owned()),
        (_, false) => ("400 Bad Request", "{\"error\":\"unsupported_grant_type\"}".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A token that is good for an hour (RFC 7519), signed with RS256.
fn token(key: &str) -> Result<String, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_secs();
    let header = serde_json::json!({"alg": "RS256", "kid": "one", "typ": "JWT"});
    let claims = serde_json::json!({
        "sub": SUBJECT, "iss": ISSUER, "aud": AUDIENCE, "scope": "kafka", "iat": now, "exp": now + 3600,
    });
    let encoded = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = openssl(&["dgst", "-sha256", "-sign", key], signed.as_bytes())?;
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

/// Runs `openssl` on `input`: what it wrote.
fn openssl(arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("openssl: {e}; install openssl"))?;
    let mut stdin = child.stdin.take().ok_or("its standard input")?;
    stdin.write_all(input).map_err(|e| e.to_string())?;
    drop(stdin);
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("openssl: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
