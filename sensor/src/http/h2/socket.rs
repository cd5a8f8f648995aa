//! WebSocket on a stream: what DATA carries after an extended CONNECT.
//!
//! Source: [RFC 8441](https://www.rfc-editor.org/rfc/rfc8441).

use super::super::Role;
use super::super::piece::{Piece, length};
use super::super::protocol::Context;
use super::super::websocket::{Agreed, Session, is_websocket};
use super::head::Section;
use crate::reassembly::Side;

/// A socket on a stream.
pub(super) struct Socket {
    session: Session,
    /// Content of each side so far: the client's, the server's.
    sent: [u64; 2],
    over: [bool; 2],
}

const fn index(role: Role) -> usize {
    match role {
        Role::Request => 0,
        Role::Response => 1,
    }
}

/// Whether a request asks for a socket (§4).
pub(super) fn is_asked(section: &Section<'_>) -> bool {
    section.method == b"CONNECT" && is_websocket(section.protocol)
}

impl Socket {
    /// The socket that a response opened, by its number.
    pub(super) fn new(response: u64, stream: u32, section: &Section<'_>) -> Self {
        let mut agreed = Agreed::default();
        for field in &section.fields {
            if field.name == b"sec-websocket-extensions" {
                agreed.field(field.value);
            }
        }
        let session = Session::new(response, stream.into(), agreed);
        Self { session, sent: [0; 2], over: [false; 2] }
    }

    fn sent(&mut self, role: Role, more: u64) -> u64 {
        let Some(sent) = self.sent.get_mut(index(role)) else { return 0 };
        let before = *sent;
        *sent = sent.saturating_add(more);
        before
    }

    /// Takes content. `begins`: a frame of HTTP/2 begins with it.
    pub(super) fn data(&mut self, cx: &mut Context<'_>, role: Role, bytes: &[u8], begins: bool) {
        let offset = self.sent(role, length(bytes));
        // Sides are the session's business no more than acknowledgements are.
        let mut piece = Piece { side: Side::A, offset, acked: None, segment_start: begins, bytes };
        self.session.data(cx, role, &mut piece);
    }

    /// `len` bytes of content are missing.
    pub(super) fn gap(&mut self, cx: &mut Context<'_>, role: Role, len: u64) {
        self.sent(role, len);
        self.session.gap(cx, role, len);
    }

    /// Nobody knows how many bytes of content are missing.
    pub(super) fn lost(&mut self, cx: &mut Context<'_>, role: Role) {
        self.session.lost(cx, role);
    }

    /// One side is over; whether both are.
    pub(super) fn fin(&mut self, cx: &mut Context<'_>, role: Role) -> bool {
        let offset = self.sent(role, 0);
        self.session.fin(cx, role, offset);
        if let Some(over) = self.over.get_mut(index(role)) {
            *over = true;
        }
        self.over == [true; 2]
    }

    /// Nothing more comes.
    pub(super) fn close(mut self, cx: &mut Context<'_>) {
        let sent = self.sent;
        self.session.close(cx, sent);
    }
}
