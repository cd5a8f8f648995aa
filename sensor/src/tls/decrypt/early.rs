//! Early data (0-RTT): it may be sent again, so it is held until it is known whether the server takes it.
//!
//! The numbers of records begin anew behind it: that the first record of what follows has the number 0 does not tell
//! that no early data was missed.

use zeroize::Zeroizing;

use super::flow::Flow;
use super::{Cx, Piece};

/// Octets held of a direction.
const BYTES_MAX: usize = 64 << 10;

/// Early data of one direction.
pub(super) struct Early {
    /// Whether any may have been sent that was missed.
    pub(super) due: bool,
    held: Vec<Held>,
}

/// The content of a record that waits.
struct Held {
    piece: Piece,
    end: u64,
    content: Zeroizing<Vec<u8>>,
}

impl Early {
    /// `due`: the client said that it sends some.
    pub(super) const fn new(due: bool) -> Self {
        Self { due, held: Vec::new() }
    }

    /// Octets held.
    pub(super) fn bytes(&self) -> usize {
        self.held.iter().map(|held| held.content.len()).sum()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.held = Vec::new();
    }
}

impl Flow {
    /// Takes early data: held, or told if the server takes it.
    pub(super) fn early_data(&mut self, cx: &mut Cx<'_>, octets: &[u8], start: usize, last: Piece) {
        if cx.said.early == Some(true) {
            self.early_begins(cx);
            return self.tell(cx, octets, start, last);
        }
        if cx.said.early.is_none() && self.early.bytes().saturating_add(octets.len()) <= BYTES_MAX {
            let content = Zeroizing::new(octets.to_vec());
            let (piece, end) = (self.first.0, self.cipher.1);
            self.early.held.push(Held { piece, end, content });
        }
    }

    /// The server said whether it takes early data.
    pub(super) fn settle_early(&mut self, cx: &mut Cx<'_>) {
        let held = std::mem::take(&mut self.early.held);
        if held.is_empty() || cx.said.early != Some(true) {
            return;
        }
        self.early_begins(cx);
        for Held { piece, end, content } in held {
            cx.tell(piece, self.plain, true, &content);
            self.plain = self.plain.saturating_add(super::number(content.len()));
            self.acks.push(end, self.plain);
        }
    }

    /// Early data is told: what was missed before goes before it.
    fn early_begins(&mut self, cx: &mut Cx<'_>) {
        let missed = self.unsaid.take().unwrap_or_default();
        self.hole(cx, missed);
        self.unsaid = Some(0);
    }
}
