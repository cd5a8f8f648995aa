//! WebSocket on a connection of its own: after an upgrade from HTTP/1.1, or joined midway.

use super::super::piece::{Piece, length};
use super::super::protocol::{Context, Decode, Join, Next, Protocol, Verdict};
use super::super::{HttpEventKind, Role};
use super::sync::{Evidence, Look, judge};
use super::{Agreed, Session};
use crate::reassembly::{Side, StreamEventKind};

/// The protocol's line in the registry: on connections joined midway it is known by its client, who masks.
pub(in crate::http) const ENTRY: Protocol = Protocol { probe, open };

/// What clients of unknown sockets say.
const CLIENT: Look = Look { masked: true, deflates: false };

fn probe(bytes: &[u8], midway: bool) -> Verdict {
    // Of other frames too little can be told. Most traffic is dismissed by its first octet.
    let begins = matches!(bytes, [0x81, 0x80..=0xff, ..]);
    if midway && begins && judge(bytes, CLIENT) == Evidence::Strong {
        Verdict::Yes
    } else {
        Verdict::No
    }
}

fn open(_join: Join) -> Box<dyn Decode + Send> {
    Box::new(Socket { session: Session::midway(), offsets: [0; 2] })
}

/// The decoder.
pub(in crate::http) struct Socket {
    session: Session,
    /// By side: behind the last byte or gap taken.
    offsets: [u64; 2],
}

impl Socket {
    /// The socket that the response numbered `socket` opened. `aligned`: what the client says next is a frame.
    pub(in crate::http) fn new(socket: u64, agreed: Agreed, aligned: bool) -> Self {
        let mut session = Session::new(socket, 0, agreed);
        if !aligned {
            session.seek(Role::Request);
        }
        Self { session, offsets: [0; 2] }
    }

    /// A socket whose opening was not seen, though asked for with extensions that the server may have agreed to.
    pub(in crate::http) fn unanswered(offered: Agreed) -> Self {
        Self { session: Session::unanswered(offered), offsets: [0; 2] }
    }

    fn role(cx: &Context<'_>, side: Side) -> Option<Role> {
        cx.client.map(|client| if client == side { Role::Request } else { Role::Response })
    }

    fn reach(&mut self, side: Side, offset: u64) {
        if let Some(slot) = self.offsets.get_mut(side.index()) {
            *slot = offset;
        }
    }

    fn offset(&self, side: Side) -> u64 {
        self.offsets.get(side.index()).copied().unwrap_or(0)
    }
}

impl Decode for Socket {
    fn event(&mut self, cx: &mut Context<'_>, kind: &StreamEventKind<'_>) -> Next {
        match *kind {
            StreamEventKind::Data { side, offset, acked, segment_start, bytes } => {
                if cx.client.is_none() && segment_start && judge(bytes, CLIENT) == Evidence::Strong
                {
                    *cx.client = Some(side);
                }
                self.reach(side, offset.saturating_add(length(bytes)));
                if let Some(role) = Self::role(cx, side) {
                    let mut piece = Piece { side, offset, acked, segment_start, bytes };
                    self.session.data(cx, role, &mut piece);
                }
            }
            StreamEventKind::Gap { side, offset, len } => {
                self.reach(side, offset.saturating_add(len));
                if let Some(role) = Self::role(cx, side) {
                    self.session.gap(cx, role, len);
                }
            }
            StreamEventKind::Fin { side } => {
                if let Some(role) = Self::role(cx, side) {
                    self.session.fin(cx, role, self.offset(side));
                }
            }
            StreamEventKind::Close { .. } => {
                let client = cx.client.unwrap_or(Side::A);
                let offsets = [self.offset(client), self.offset(client.other())];
                self.session.close(cx, offsets);
            }
        }
        Next::Stay
    }
}

/// Emits that a response opened a socket.
pub(in crate::http) fn opened(cx: &mut Context<'_>, socket: u64) {
    cx.counts.websocket_sockets += 1;
    cx.emit(HttpEventKind::SocketOpen { socket });
}
