//! Settings of the admin server, and what they stand for.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};

use super::token::Token;

/// Where the sensor tells how it is doing: metrics, health, status.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port, `unix:` and the path of a socket, or empty for none. "127.0.0.1:9464" by default.
    /// Other than loopback it needs TLS or a token.
    pub listen: String,
    /// File with a token of 16 to 4096 characters that `/metrics` and `/status` ask for. None by default.
    pub token_file: Option<PathBuf>,
    /// PEM file of the certificate chain for TLS, with `key_file`. None by default: no TLS.
    pub certificate_file: Option<PathBuf>,
    /// PEM file of the certificate's private key.
    pub key_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9464".into(),
            token_file: None,
            certificate_file: None,
            key_file: None,
        }
    }
}

/// Why the admin server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The address is none.
    #[error(
        "[admin] listen = \"{0}\" is no address: write an IP address and a port (\"127.0.0.1:9464\"), \
         \"unix:/path/to/socket\", or \"\" for none"
    )]
    Listen(String),
    /// Others could read it.
    #[error(
        "[admin] listen = \"{0}\" can be reached from other hosts: set certificate_file and key_file (TLS), or \
         token_file, or listen on 127.0.0.1"
    )]
    Exposed(SocketAddr),
    /// One of two settings.
    #[error("[admin] certificate_file and key_file belong together: set both or none")]
    Half,
    /// A file cannot be used.
    #[error("[admin] {key} {path}: {why}")]
    File {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong. Never content of the file.
        why: String,
    },
    /// The certificate and its key cannot be used.
    #[error("[admin] certificate_file and key_file cannot be used for TLS: {0}")]
    Tls(rustls::Error),
    /// The address cannot be had.
    #[error("cannot listen on {address} ([admin] listen): {source}")]
    Bind {
        /// The address.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for the admin server: {0}")]
    Thread(io::Error),
}

impl AdminError {
    /// Whether the configuration is wrong (exit code 2), not the environment (exit code 1).
    #[must_use]
    pub const fn is_config(&self) -> bool {
        match self {
            Self::Listen(_) | Self::Exposed(_) | Self::Half | Self::File { .. } | Self::Tls(_) => {
                true
            }
            Self::Bind { .. } | Self::Thread(_) => false,
        }
    }
}

/// A place to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// None: there is no admin server.
    Off,
    /// A TCP port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

/// What the settings stand for, files read.
pub(super) struct Loaded {
    pub(super) listen: Listen,
    pub(super) secrets: Secrets,
}

/// What keeps others out.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) token: Option<Token>,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Config {
    /// Where to listen.
    ///
    /// # Errors
    ///
    /// [`AdminError::Listen`].
    pub fn listen(&self) -> Result<Listen, AdminError> {
        let text = self.listen.trim();
        if text.is_empty() {
            return Ok(Listen::Off);
        }
        let wrong = || AdminError::Listen(self.listen.clone());
        if let Some(path) = text.strip_prefix("unix:") {
            let path = Path::new(path);
            return if path.is_absolute() {
                Ok(Listen::Unix(path.to_owned()))
            } else {
                Err(wrong())
            };
        }
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port.parse().map_err(|_| wrong())?;
            return Ok(Listen::Tcp((IpAddr::from(Ipv4Addr::LOCALHOST), port).into()));
        }
        text.parse().map(Listen::Tcp).map_err(|_| wrong())
    }

    /// Checks everything that can be wrong with the settings, the files they name included.
    ///
    /// # Errors
    ///
    /// Any for which [`AdminError::is_config`].
    pub fn validate(&self) -> Result<(), AdminError> {
        self.load().map(|_| ())
    }

    /// Files that are read at the start.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.token_file, &self.certificate_file, &self.key_file]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    pub(super) fn load(&self) -> Result<Loaded, AdminError> {
        let listen = self.listen()?;
        let tls = match (&self.certificate_file, &self.key_file) {
            (Some(certificate), Some(key)) => Some(tls(certificate, key)?),
            (None, None) => None,
            _ => return Err(AdminError::Half),
        };
        let token = self.token_file.as_deref().map(token).transpose()?;
        match listen {
            Listen::Tcp(address)
                if !address.ip().to_canonical().is_loopback()
                    && tls.is_none()
                    && token.is_none() =>
            {
                Err(AdminError::Exposed(address))
            }
            listen => Ok(Loaded { listen, secrets: Secrets { token, tls } }),
        }
    }
}

fn token(path: &Path) -> Result<Token, AdminError> {
    let wrong = |why: String| AdminError::File { key: "token_file", path: path.to_owned(), why };
    let text = fs::read(path).map_err(|error| wrong(format!("cannot read it: {error}")))?;
    Token::new(text.trim_ascii()).ok_or_else(|| {
        wrong("holds no token: write one of 16 to 4096 visible ASCII characters, such as `openssl rand -hex 32` makes".into())
    })
}

fn tls(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, AdminError> {
    let wrong = |key: &'static str, path: &Path, why: &dyn std::fmt::Display| AdminError::File {
        key,
        path: path.to_owned(),
        why: format!("no PEM of what is expected: {why}"),
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong("certificate_file", certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong("certificate_file", certificate, &"it holds no certificate"));
    }
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong("key_file", key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(AdminError::Tls)?;
    Ok(Arc::new(config))
}
