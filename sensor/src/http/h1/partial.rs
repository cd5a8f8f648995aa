//! Messages of which only the beginning is one: heads cut short, interim responses that nothing follows, HTTP/0.9.

use zeroize::Zeroizing;

use super::super::protocol::Context;
use super::super::{Completeness, Flags, Role};
use super::framing::Framing;
use super::head::{self, List, Parsed};
use super::line::http09;
use super::message::Ending;
use super::read::Part;
use super::{Group, H1, Phase, Piece};
use crate::reassembly::Side;
use crate::wipe::wipe;

/// Longest interim response kept, in bytes; of a longer one its status line is.
const INTERIM_MAX: usize = 4096;

impl H1 {
    /// The rest of a head that is held will not come. Its start line and whole fields are a message;
    /// tells whether there was one.
    pub(super) fn head_cut(
        &mut self,
        cx: &mut Context<'_>,
        side: Side,
        completeness: Completeness,
    ) -> bool {
        cx.counts.heads_partial += 1;
        let stream = self.stream(side);
        let tentative = stream.phase == Phase::Candidate;
        let (offset, acked) = (stream.offset, stream.acked);
        let held = std::mem::take(&mut stream.held);
        *cx.head_bytes = cx.head_bytes.saturating_sub(held.len());
        stream.scanned = 0;
        // A request that was never sent whole was not made (RFC 9112 §8); one that was lost in part may have been.
        if completeness == Completeness::Truncated && !held.starts_with(b"HTTP/") {
            return false;
        }
        let Some(end) = memchr::memrchr(b'\n', &held) else { return false };
        let mut piece = Piece { side, offset, acked, segment_start: false, bytes: &[] };
        let lines = held.get(..=end).unwrap_or_default();
        let before = *cx.message;
        self.read(cx, &mut piece, lines, tentative, Part::First(completeness));
        *cx.message != before
    }

    /// An interim response answers nothing yet (RFC 9110 §15.2).
    pub(super) fn interim(&mut self, cx: &mut Context<'_>, piece: &Piece<'_>, bytes: &[u8]) {
        cx.counts.interim_responses += 1;
        let stream = self.stream(piece.side);
        let last = stream.mark;
        let group = stream.group.get_or_insert_with(|| Group {
            start: last.offset,
            count: 0,
            last,
            head: Zeroizing::default(),
        });
        group.count = group.count.saturating_add(1);
        group.last = last;
        wipe(&mut group.head);
        let line = memchr::memchr(b'\n', bytes).map_or(0, |end| end.saturating_add(1));
        let max = if bytes.len() > INTERIM_MAX { line.min(INTERIM_MAX) } else { bytes.len() };
        group.head.extend_from_slice(bytes.get(..max).unwrap_or_default());
    }

    /// Nothing follows an interim response that belongs to it: it is all the answer there is.
    pub(super) fn interim_last(&mut self, cx: &mut Context<'_>, side: Side) {
        let stream = self.stream(side);
        let Some(group) = &mut stream.group else { return };
        let (bytes, mark) = (std::mem::take(&mut group.head), group.last);
        let offset = mark.offset.saturating_add(super::length(&bytes));
        group.count = group.count.saturating_sub(1);
        let mut scratch = Vec::new();
        let Some(parsed) = head::parse(&bytes, cx.config.fields_max, &mut scratch) else { return };
        stream.mark = mark;
        let piece = Piece { side, offset, acked: mark.acked, segment_start: false, bytes: &[] };
        self.response(cx, &piece, &parsed);
        self.end(cx, side, Ending::whole(&piece));
    }

    /// An HTTP/0.9 request has no fields; its answer is a body without a head, and ends the connection.
    ///
    /// Source: [RFC 1945 §4.1](https://www.rfc-editor.org/rfc/rfc1945#section-4.1).
    pub(super) fn http09(&mut self, cx: &mut Context<'_>, piece: &Piece<'_>, bytes: &[u8]) {
        let Some((target, len)) = http09(bytes) else { return };
        if self.role(cx, piece.side).is_some_and(|role| role != Role::Request) {
            return;
        }
        if cx.client.is_none() {
            self.set_role(cx, piece.side, Role::Request);
        }
        cx.counts.http09_requests += 1;
        let offset = self
            .stream(piece.side)
            .mark
            .offset
            .saturating_add(super::length(bytes.get(..len).unwrap_or(bytes)));
        let piece = Piece { offset, bytes: &[], ..*piece };
        let (role, method, strict) = (Role::Request, b"GET".as_slice(), false);
        let (fields, framing, flags) =
            (List::Listed(Vec::new()), Framing::default(), Flags::default());
        let parsed = Parsed {
            role,
            version: (0, 9),
            method,
            target,
            status: 0,
            fields,
            framing,
            flags,
            strict,
        };
        self.request(cx, &piece, &parsed);
        self.end(cx, piece.side, Ending::whole(&piece));
    }
}
