//! What the first bytes of a connection are: TLS, what may lead to TLS, or neither.

use std::net::SocketAddr;

use zeroize::Zeroizing;

use super::layer::{HANDSHAKE, HEADER, Header};
use super::stage::Slot;
use crate::proxy::{self, Read};
use crate::reassembly::Side;

/// The client that a PROXY header told of, and the end that wrote it.
pub(super) type Source = Option<(Side, SocketAddr)>;

/// What becomes of a connection.
pub(super) enum Next {
    /// It is no TLS.
    Clear,
    /// It may be TLS that was joined midway.
    Midway,
    /// A proxy's handshake goes on, or is over.
    Tunnel(Source),
    /// The beginning of a PROXY header: one side's bytes so far.
    Prelude(Side, Zeroizing<Vec<u8>>),
    /// The beginning of a hello.
    Hold,
    /// Records, behind `skip` bytes: both sides must show some.
    Watch {
        /// Bytes of the piece before the first record.
        skip: usize,
        /// Who the client is.
        told: Source,
    },
}

impl Slot {
    /// Looks at a piece of a connection that does not speak TLS so far; `whole`: its first bytes were captured.
    pub(super) fn look(
        &mut self,
        side: Side,
        bytes: &[u8],
        segment_start: bool,
        whole: bool,
    ) -> Next {
        match self {
            Self::Fresh => match proxy::read(bytes) {
                Read::No => begin(bytes, whole),
                Read::More => Next::Prelude(side, Zeroizing::new(bytes.to_vec())),
                Read::Whole(len, prelude) => behind(side, bytes, len, prelude.source),
            },
            Self::Prelude { side: first, held } if *first == side => {
                let before = held.len();
                held.extend_from_slice(bytes);
                match proxy::read(held) {
                    Read::No if whole => Next::Clear,
                    Read::No => Next::Midway,
                    Read::More => Next::Prelude(side, std::mem::take(held)),
                    Read::Whole(len, prelude) => {
                        behind(side, bytes, len.saturating_sub(before), prelude.source)
                    }
                }
            }
            Self::Prelude { side, held } => Next::Prelude(*side, std::mem::take(held)),
            Self::Midway if segment_start && is_record(bytes) => {
                Next::Watch { skip: 0, told: None }
            }
            Self::Tunnel { told } if segment_start && is_record(bytes) => {
                Next::Watch { skip: 0, told: *told }
            }
            Self::Midway => Next::Midway,
            Self::Tunnel { told } => Next::Tunnel(*told),
            Self::Clear | Self::Open(_) => Next::Clear,
        }
    }
}

/// What the first bytes of a connection are. `whole`: nothing came before them.
fn begin(bytes: &[u8], whole: bool) -> Next {
    let ssl2 =
        matches!(*bytes, [high, _, 1, 3, 0..=4, ..] | [high, _, 1, 0, 2, ..] if high >= 0x80);
    if bytes.first() == Some(&HANDSHAKE) && Header::may_begin(bytes) || ssl2 && whole {
        Next::Hold
    } else if !whole {
        if is_record(bytes) { Next::Watch { skip: 0, told: None } } else { Next::Midway }
    } else if asks_for_tunnel(bytes) {
        Next::Tunnel(None)
    } else if answers_first(bytes) {
        Next::Midway
    } else {
        Next::Clear
    }
}

/// What comes behind a PROXY header that ends with the first `skip` of these bytes.
fn behind(side: Side, bytes: &[u8], skip: usize, source: Option<SocketAddr>) -> Next {
    let told = source.map(|source| (side, source));
    if bytes.get(skip..).is_some_and(is_record) {
        Next::Watch { skip, told }
    } else {
        Next::Tunnel(told)
    }
}

/// Whether these are the first bytes of CONNECT, or of SOCKS 4 or 5.
fn asks_for_tunnel(bytes: &[u8]) -> bool {
    matches!(*bytes, [4, 1 | 2, ..] | [5, 1..=9, ..]) || bytes.starts_with(b"CONNECT ")
}

/// Whether these agree to something that was not captured, or not yet: it may have been CONNECT.
fn answers_first(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.") && bytes.get(8..10) == Some(b" 2")
}

fn is_record(bytes: &[u8]) -> bool {
    bytes.first_chunk::<HEADER>().copied().and_then(Header::parse).is_some()
}

/// Whether these are a record with the beginning of a `ClientHello`.
pub(super) fn is_hello(bytes: &[u8]) -> bool {
    is_record(bytes) && matches!(*bytes, [HANDSHAKE, _, _, _, _, 1, ..])
}
