//! What the handshake agreed on: permessage-deflate and its parameters.
//!
//! Source: [RFC 7692 §7.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.1),
//! [RFC 6455 §9.1](https://www.rfc-editor.org/rfc/rfc6455#section-9.1).

use super::sync::{Evidence, Look, judge};

/// Extensions that a server accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) struct Agreed {
    /// Whether messages may be compressed.
    pub(super) deflate: bool,
    /// Whether each compressed message of a direction stands alone: the client's, the server's.
    pub(super) fresh: [bool; 2],
    /// Whether there is an extension that is not known here: then reserved bits mean anything.
    pub(super) unknown: bool,
}

impl Agreed {
    /// Whether a segment may be what a client says on a socket with these extensions.
    pub(in crate::http) fn fits(&self, bytes: &[u8]) -> bool {
        let look = Look { masked: true, deflates: self.deflate && !self.unknown };
        judge(bytes, look) != Evidence::None
    }

    /// Takes a `Sec-WebSocket-Extensions` value of the response. Window sizes are passed over: the largest window
    /// decodes them all.
    pub(in crate::http) fn field(&mut self, value: &[u8]) {
        for offer in value.split(|&b| b == b',') {
            let mut parts = offer.split(|&b| b == b';').map(<[u8]>::trim_ascii);
            let name = parts.next().unwrap_or_default();
            if name.is_empty() {
                continue;
            }
            if !name.eq_ignore_ascii_case(b"permessage-deflate") {
                self.unknown = true;
                continue;
            }
            self.deflate = true;
            for part in parts {
                let name = part.split(|&b| b == b'=').next().unwrap_or_default().trim_ascii();
                let [client, server] = &mut self.fresh;
                *client |= name.eq_ignore_ascii_case(b"client_no_context_takeover");
                *server |= name.eq_ignore_ascii_case(b"server_no_context_takeover");
            }
        }
    }
}

/// Whether an `Upgrade` or `:protocol` value names WebSocket.
pub(in crate::http) fn is_websocket(value: &[u8]) -> bool {
    value.split(|&b| b == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_told() {
        let agreed = |value: &str| {
            let mut agreed = Agreed::default();
            agreed.field(value.as_bytes());
            agreed
        };
        assert_eq!(agreed(""), Agreed::default());
        let deflate = Agreed { deflate: true, ..Agreed::default() };
        assert_eq!(agreed("permessage-deflate"), deflate);
        assert_eq!(agreed("permessage-deflate; server_max_window_bits=10"), deflate);
        assert_eq!(
            agreed("Permessage-Deflate ;server_no_context_takeover; client_max_window_bits=\"15\""),
            Agreed { fresh: [false, true], ..deflate }
        );
        assert_eq!(
            agreed("permessage-deflate; client_no_context_takeover, x-other"),
            Agreed { fresh: [true, false], unknown: true, ..deflate }
        );
    }
}
