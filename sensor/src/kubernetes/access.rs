//! Where the API server is, and how to get in.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ureq::http::HeaderValue;
use ureq::http::uri::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use zeroize::Zeroizing;

use super::config::{Config, Enabled, Scope};
use crate::pem;

/// A token is read anew after this time: kubelets replace it.
const TOKEN_AGE: Duration = Duration::from_secs(60);
/// Most octets of a token or certificate file.
const FILE_OCTETS_MAX: u64 = 1 << 20;

/// Why names cannot be asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Nothing says where the API server is.
    #[error(
        "kubernetes: KUBERNETES_SERVICE_HOST is not set, so this is no pod: set kubernetes.api_server, or \
         kubernetes.enabled = \"auto\" or false"
    )]
    NoServer,
    /// The address is not one that a token may be sent to.
    #[error(
        "kubernetes.api_server {address:?} is no https:// address of a host and a port (http:// only on a \
         loopback address): set it to https://HOST:PORT"
    )]
    Address {
        /// The address.
        address: String,
    },
    /// The node is not known.
    #[error(
        "kubernetes: no name of the node, which scope \"node\" needs: set NODE_NAME from fieldRef \
         spec.nodeName, or kubernetes.node_name"
    )]
    NoNode,
    /// No node has such a name.
    #[error(
        "kubernetes.node_name {name:?} is no name of a node: lower-case letters, digits, '-' and '.'"
    )]
    Node {
        /// The name.
        name: String,
    },
    /// A file is not there.
    #[error(
        "kubernetes: cannot read {path}: {source}: mount a service account, or set kubernetes.enabled = false"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A thread could not be started.
    #[error("kubernetes: cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// Where the API server is, and how to get in.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// `https://host:port`, without a slash at its end.
    pub server: String,
    /// Node whose pods are watched; `None` for all pods.
    pub node: Option<String>,
    token_file: PathBuf,
    ca_file: PathBuf,
}

impl Access {
    /// Access by configuration and environment. `None` when names are not wanted here.
    ///
    /// # Errors
    ///
    /// When they are wanted, and something is missing.
    pub(super) fn find(
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, StartError> {
        match config.enabled {
            Enabled::No => Ok(None),
            Enabled::Yes => Self::new(config, environment).map(Some),
            Enabled::Auto => match Self::new(config, environment) {
                Ok(access) => Ok(Some(access)),
                // What someone wrote is to be heard of; what is merely not there is no pod.
                Err(error @ (StartError::Address { .. } | StartError::Node { .. })) => Err(error),
                Err(error @ StartError::NoNode) => {
                    tracing::warn!(%error, "no names from Kubernetes");
                    Ok(None)
                }
                Err(error) => {
                    tracing::debug!(%error, "no names from Kubernetes");
                    Ok(None)
                }
            },
        }
    }

    fn new(
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let server = match config.api_server.trim_end_matches('/') {
            "" => in_cluster(environment).ok_or(StartError::NoServer)?,
            given => given.to_owned(),
        };
        if !is_fit(&server) {
            return Err(StartError::Address { address: server });
        }
        let node = match config.scope {
            Scope::Cluster => None,
            Scope::Node => Some(node(config, environment)?),
        };
        let access = Self {
            server,
            node,
            token_file: config.token_file.clone(),
            ca_file: config.ca_file.clone(),
        };
        access.read(&access.token_file)?;
        Ok(access)
    }

    /// Certificates the server is checked against. Read for each connection: they may be replaced.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no certificate.
    pub(super) fn tls(&self) -> Result<TlsConfig, AccessError> {
        let mut certificates = Vec::new();
        if self.server.starts_with("https://") {
            let unreadable = |_| AccessError::File(self.ca_file.clone());
            let text = read(&self.ca_file).map_err(unreadable)?;
            certificates = pem::certificates(&text);
            if certificates.is_empty() {
                return Err(AccessError::Certificates(self.ca_file.clone()));
            }
        }
        Ok(TlsConfig::builder().root_certs(RootCerts::from(certificates)).build())
    }

    fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, StartError> {
        read(path).map_err(|source| StartError::File { path: path.to_owned(), source })
    }
}

/// Why the API server cannot be asked at the moment.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccessError {
    /// A file cannot be read.
    #[error("cannot read {0}")]
    File(PathBuf),
    /// A token file holds no token.
    #[error("{0} holds no token")]
    Token(PathBuf),
    /// A certificate file holds none.
    #[error("{0} holds no certificate")]
    Certificates(PathBuf),
}

/// The bearer token, read anew when it is old.
pub(super) struct Token {
    path: PathBuf,
    header: Option<(HeaderValue, Instant)>,
}

impl Token {
    pub(super) fn new(access: &Access) -> Self {
        Self { path: access.token_file.clone(), header: None }
    }

    /// The `Authorization` header.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no token.
    #[allow(clippy::disallowed_methods, reason = "the age of a token is not traffic time")]
    pub(super) fn header(&mut self) -> Result<HeaderValue, AccessError> {
        if let Some((header, read)) = &self.header
            && read.elapsed() < TOKEN_AGE
        {
            return Ok(header.clone());
        }
        let bytes = read(&self.path).map_err(|_| AccessError::File(self.path.clone()))?;
        let token = std::str::from_utf8(&bytes).unwrap_or_default().trim();
        let text = Zeroizing::new(format!("Bearer {token}"));
        let mut header = Some(token)
            .filter(|token| !token.is_empty())
            .and_then(|_| HeaderValue::from_str(&text).ok())
            .ok_or_else(|| AccessError::Token(self.path.clone()))?;
        header.set_sensitive(true);
        self.header = Some((header.clone(), Instant::now()));
        Ok(header)
    }

    /// Forgets the token: it was refused.
    pub(super) fn forget(&mut self) {
        self.header = None;
    }
}

fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    use std::io::Read;
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(path)?.take(FILE_OCTETS_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Source: Kubernetes, "Accessing the API from a Pod".
fn in_cluster(environment: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let host = environment("KUBERNETES_SERVICE_HOST").filter(|host| !host.is_empty())?;
    let port = environment("KUBERNETES_SERVICE_PORT").filter(|port| !port.is_empty());
    let port = port.unwrap_or_else(|| "443".to_owned());
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Some(format!("https://{host}:{port}"))
}

/// Whether a token may be sent there.
fn is_fit(server: &str) -> bool {
    let Ok(uri) = server.parse::<Uri>() else { return false };
    let plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let encrypted = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => address.is_ok_and(|address| address.is_loopback()),
        _ => false,
    };
    plain && encrypted && !host.is_empty() && !server.contains('@')
}

fn node(
    config: &Config,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, StartError> {
    let name = match config.node_name.as_str() {
        "" => environment("NODE_NAME").filter(|name| !name.is_empty()).ok_or(StartError::NoNode)?,
        name => name.to_owned(),
    };
    let allowed =
        |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"-.".contains(&octet);
    if name.len() <= 253 && name.bytes().all(allowed) {
        Ok(name)
    } else {
        Err(StartError::Node { name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &Config, environment: &[(&str, &str)]) -> Result<Option<Access>, String> {
        let value = |name: &str| {
            environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
        };
        Access::find(config, &value).map_err(|error| error.to_string())
    }

    fn config(token: &Path, enabled: Enabled) -> Config {
        Config { enabled, token_file: token.to_owned(), ..Config::default() }
    }

    const POD: [(&str, &str); 3] = [
        ("KUBERNETES_SERVICE_HOST", "fd00::1"),
        ("KUBERNETES_SERVICE_PORT", "6443"),
        ("NODE_NAME", "node-a"),
    ];

    #[test]
    fn a_pod_is_found_by_its_environment() {
        let token = tempfile::NamedTempFile::new().unwrap();
        let access = find(&config(token.path(), Enabled::Auto), &POD).unwrap().unwrap();
        assert_eq!(access.server, "https://[fd00::1]:6443");
        assert_eq!(access.node.as_deref(), Some("node-a"));
    }

    #[test]
    fn outside_of_clusters_auto_is_off_and_true_is_an_error() {
        let token = tempfile::NamedTempFile::new().unwrap();
        assert!(find(&config(token.path(), Enabled::Auto), &[]).unwrap().is_none());
        assert!(find(&config(Path::new("/none"), Enabled::Auto), &POD).unwrap().is_none());
        assert!(find(&config(token.path(), Enabled::No), &POD).unwrap().is_none());
        let errors = [
            find(&config(token.path(), Enabled::Yes), &[]).unwrap_err(),
            find(&config(token.path(), Enabled::Yes), &POD[..2]).unwrap_err(),
            find(&config(Path::new("/none"), Enabled::Yes), &POD).unwrap_err(),
        ];
        assert!(errors[0].contains("KUBERNETES_SERVICE_HOST is not set"), "{}", errors[0]);
        assert!(errors[1].contains("set NODE_NAME"), "{}", errors[1]);
        assert!(errors[2].contains("cannot read /none"), "{}", errors[2]);
        assert!(errors.iter().all(|error| !error.contains('\n')));
    }

    #[test]
    fn tokens_are_not_sent_in_the_clear() {
        for good in
            ["https://10.0.0.1:6443", "https://api", "http://127.0.0.1:8001", "http://[::1]:1"]
        {
            assert!(is_fit(good), "{good}");
        }
        for bad in [
            "http://10.0.0.1",
            "http://localhost:8001",
            "api:6443",
            "https://a/b",
            "https://u@h",
            "",
        ] {
            assert!(!is_fit(bad), "{bad}");
        }
    }

    #[test]
    fn a_node_name_cannot_change_the_request() {
        let name = "a,spec.nodeName!=b".to_owned();
        let config = Config { node_name: name, ..Config::default() };
        assert!(matches!(node(&config, &|_| None), Err(StartError::Node { .. })));
    }

    #[test]
    fn tokens_are_trimmed_and_must_be_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut token = Token { path: file.path().to_owned(), header: None };
        assert!(matches!(token.header(), Err(AccessError::Token(_))));
        std::fs::write(file.path(), "abc\n").unwrap();
        assert_eq!(token.header().unwrap(), "Bearer abc");
        assert!(token.header().unwrap().is_sensitive());
        // Kept for a while, until it is refused.
        std::fs::write(file.path(), "def\n").unwrap();
        assert_eq!(token.header().unwrap(), "Bearer abc");
        token.forget();
        assert_eq!(token.header().unwrap(), "Bearer def");
        assert!(!format!("{:?}", token.header().unwrap()).contains("def"));
    }
}
