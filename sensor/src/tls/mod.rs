//! TLS: what connections that cannot be read tell of themselves.
//!
//! Pure. Stands between `reassembly` and `http`. Events of connections in clear go on to `http` as they are; those
//! of TLS connections end here, and become one [`Session`] each, twice when it lasts long.
//!
//! ```text
//! StreamEvent ─▶ layer ─record─▶ handshake ─message─▶ hello, certificate ─▶ Session
//!                  └ once the handshake is over: lengths only
//! ```
//!
//! A connection is taken for TLS when its first bytes are a whole `ClientHello`. Until then its bytes are held, and
//! go on to `http` if they turn out to be something else. Behind a proxy's handshake (CONNECT, SOCKS), and where the
//! beginning was not captured, both sides must be seen to speak TLS; until then their bytes go on to `http` too. If such
//! a session is decrypted, `http` begins anew with its plaintext.
//!
//! # Where decryption plugs in
//!
//! `open` cuts a session's bytes into records until both sides are encrypted, and counts lengths from then on. Who
//! has the keys of a session (found by `Hello::random`) keeps it at cutting (`Open::read`), takes every record there,
//! and emits what it read as `StreamEvent`s whose offsets and acknowledgements count plaintext (from where the session
//! begins), on a copy of the [`Connection`](crate::reassembly::Connection) whose `security` is `Decrypted`. `http` has seen nothing of such a
//! connection before, unless the session is inside a tunnel.

mod begin;
mod certificate;
mod ciphers;
mod config;
mod counts;
mod decrypt;
mod handshake;
mod hello;
mod ja4;
mod keylog;
mod layer;
pub(crate) mod names;
mod open;
mod quic;
mod reader;
mod secrets;
mod session;
mod stage;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unlock;

pub use certificate::Certificate;
pub use config::{Config, Sessions};
pub use counts::Counts;
pub use decrypt::{DecryptCounts, Unread};
pub use hello::{Answer, Hello};
pub use keylog::LINE_MAX as KEY_LOG_LINE_MAX;
pub use secrets::{KeyCounts, KeyRing};
pub use session::{Alert, Decryption, DecryptionResult, Session, SessionFacts};
pub use stage::{Tls, TlsEvent};
