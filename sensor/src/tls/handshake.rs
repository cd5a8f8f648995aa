//! Handshake messages: fragments of records put together, up to a limit.
//!
//! ```text
//! | type: 1 octet | length: 3 octets | body: `length` octets |
//! ```
//!
//! Messages may be cut over several records, and several may share one.
//!
//! Source: [RFC 8446 §4](https://www.rfc-editor.org/rfc/rfc8446#section-4), [RFC 5246 §7.4](https://www.rfc-editor.org/rfc/rfc5246#section-7.4).

/// `client_hello`.
pub(super) const CLIENT_HELLO: u8 = 1;
/// `server_hello`.
pub(super) const SERVER_HELLO: u8 = 2;
/// `certificate`.
pub(super) const CERTIFICATE: u8 = 11;
/// `server_key_exchange`, up to TLS 1.2.
pub(super) const SERVER_KEY_EXCHANGE: u8 = 12;
/// `certificate_request`.
pub(super) const CERTIFICATE_REQUEST: u8 = 13;

/// Octets kept of one message; the rest is passed over. A long `ClientHello` has 2 KiB; of certificates the first
/// is read.
pub(super) const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// Puts the messages of one side together.
#[derive(Default)]
pub(super) struct Messages {
    header: [u8; 4],
    have: u8,
    /// Octets of the body still to come.
    left: usize,
    /// The body so far, up to the limit.
    body: Vec<u8>,
    /// Messages that began.
    pub(super) begun: u32,
}

impl Messages {
    /// Takes handshake octets, and gives every message that is whole, or as much as is kept of it.
    pub(super) fn push(&mut self, mut input: &[u8], emit: &mut impl FnMut(u8, &[u8])) {
        loop {
            self.header(&mut input);
            let Some((kind, _)) = self.at_hand() else { return };
            let len = input.len().min(self.left);
            let (now, rest) = input.split_at_checked(len).unwrap_or((input, &[]));
            input = rest;
            self.left = self.left.saturating_sub(len);
            let whole = self.left == 0;
            if whole && self.body.is_empty() {
                emit(kind, now.get(..MESSAGE_BYTES_MAX).unwrap_or(now));
            } else {
                let room = MESSAGE_BYTES_MAX.saturating_sub(self.body.len());
                self.body.extend_from_slice(now.get(..room).unwrap_or(now));
                if whole {
                    emit(kind, &self.body);
                }
            }
            if !whole {
                return;
            }
            (self.have, self.body) = (0, Vec::new());
        }
    }

    fn header(&mut self, input: &mut &[u8]) {
        while let Some(slot) = self.header.get_mut(usize::from(self.have)) {
            let Some((&octet, rest)) = input.split_first() else { return };
            *slot = octet;
            *input = rest;
            self.have = self.have.saturating_add(1);
            if let Some((_, len)) = self.at_hand() {
                self.left = len;
                self.begun = self.begun.saturating_add(1);
            }
        }
    }

    /// Type and announced length of the message at hand.
    pub(super) fn at_hand(&self) -> Option<(u8, usize)> {
        let [kind, a, b, c] = self.header;
        let len = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
        (usize::from(self.have) == self.header.len()).then_some((kind, len))
    }

    /// The message at hand, as far as it came and is kept.
    pub(super) fn so_far(&self) -> Option<(u8, &[u8])> {
        self.at_hand().map(|(kind, _)| (kind, self.body.as_slice()))
    }

    /// Octets held.
    pub(super) const fn held(&self) -> usize {
        self.body.capacity()
    }

    /// Forgets a message that cannot be completed; the next octets begin another. Gives what was kept of it.
    pub(super) fn lose(&mut self, emit: &mut impl FnMut(u8, &[u8])) {
        if let (Some((kind, _)), false) = (self.at_hand(), self.body.is_empty()) {
            emit(kind, &self.body);
        }
        (self.have, self.left, self.body) = (0, 0, Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn messages(chunks: &[&[u8]]) -> Vec<(u8, Vec<u8>)> {
        let mut seen = Vec::new();
        let mut messages = Messages::default();
        for chunk in chunks {
            messages.push(chunk, &mut |kind, body| seen.push((kind, body.to_vec())));
        }
        seen
    }

    #[test]
    fn long_messages_are_cut_and_the_next_found() {
        let mut bytes = vec![11, 1, 0, 0];
        bytes.resize(4 + (1 << 16), 9);
        bytes.extend([14, 0, 0, 0, 2, 0, 0, 1, 5]);
        let chunks: Vec<&[u8]> = bytes.chunks(1000).collect();
        let seen = messages(&chunks);
        assert_eq!(
            seen.iter().map(|m| (m.0, m.1.len())).collect::<Vec<_>>(),
            [(11, 16 << 10), (14, 0), (2, 1)]
        );
    }

    proptest! {
        #[test]
        fn cutting_changes_nothing(
            parts in prop::collection::vec((0..25_u8, prop::collection::vec(any::<u8>(), 1..60)), 0..6),
            size in 1..30_usize,
        ) {
            let mut bytes = Vec::new();
            for (kind, body) in &parts {
                bytes.extend([*kind, 0, 0, u8::try_from(body.len()).unwrap()]);
                bytes.extend(body);
            }
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(messages(&chunks), parts);
        }
    }
}
