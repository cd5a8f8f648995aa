//! Which connection a segment belongs to, where one is seen in several views (VLANs, tunnels) and several have one
//! flow. See the rule in the module above.

use super::*;

impl Reassembler {
    /// The connection a segment belongs to, or `NONE`. See the module's rule for views.
    pub(super) fn locate(&self, head: u32, arrival: &Arrival<'_>) -> u32 {
        let Some(first) = self.table.get(head) else { return NONE };
        let meta = &arrival.segment.meta;
        let envelope = &meta.envelope;
        let here = |conn: &Conn| conn.view(envelope, conn.side(arrival.reversed));
        if first.next == NONE && here(first) == Some(true) {
            return head;
        }
        // Of a connection that takes over ports, this may be the first segment of its side.
        let begins = |conn: &Conn| conn.successor && !is_plain_syn(meta) && here(conn).is_some();
        let found =
            self.table.list(head).find(|(_, conn)| here(conn) == Some(true) || begins(conn));
        let found = found.or_else(|| self.table.list(head).find(|(_, conn)| here(conn).is_some()));
        if let Some((at, conn)) = found {
            if conn.successor && !is_plain_syn(meta) {
                let elder = self
                    .table
                    .list(conn.next)
                    .find(|(_, elder)| here(elder).is_some() && !elder.closed);
                if let Some((elder_at, elder)) = elder
                    && !takes_over(conn, elder, arrival)
                {
                    return elder_at;
                }
            }
            return at;
        }
        let copied = |&(_, conn): &(u32, &Conn)| {
            arrival.print.is_some_and(|print| self.printer.is_copy(print, &conn.trail))
        };
        let fitting = |&(_, conn): &(u32, &Conn)| {
            conn.fits(conn.side(arrival.reversed), meta, arrival.has_bytes, &self.limits)
        };
        let joined = self.table.list(head).find(copied);
        joined.or_else(|| self.table.list(head).find(fitting)).map_or(NONE, |(at, _)| at)
    }

    /// Of two connections of a flow that one segment shows to be one, the one that stays; else `at`.
    pub(super) fn merge(
        &mut self,
        head: u32,
        at: u32,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) -> u32 {
        let Some(print) = arrival.print.filter(|_| arrival.has_bytes) else { return at };
        let Some(conn) = self.table.get(at).filter(|conn| !conn.closed) else { return at };
        if at == head && conn.next == NONE {
            return at;
        }
        let others = || self.table.list(head).filter(|&(other, _)| other != at);
        if others().any(|(_, other)| self.printer.contradicts(print, &other.trail)) {
            if let Some(conn) = self.table.get_mut(at) {
                conn.distinct = true;
            }
            return at;
        }
        let envelope = &arrival.segment.meta.envelope;
        let same = others().find(|(_, other)| {
            let known = other.view(envelope, other.side(arrival.reversed)) == Some(true);
            let both_begun = conn.about.handshake && other.about.handshake;
            let never = other.closed || conn.distinct || other.distinct || known || both_begun;
            !never && self.printer.is_copy(print, &other.trail)
        });
        let Some((other, _)) = same else { return at };
        let (stays, goes) = if conn.about.handshake { (at, other) } else { (other, at) };
        self.hand_over(goes, stays, arrival, emit);
        stays
    }

    /// Ends `goes`; what it knew goes to `stays`.
    fn hand_over(
        &mut self,
        goes: u32,
        stays: u32,
        arrival: &Arrival<'_>,
        emit: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let views = self.table.get(goes).map(Conn::views).unwrap_or_default();
        if let Some(conn) = self.table.get_mut(stays) {
            for (envelope, reversed) in views {
                conn.see(&envelope, conn.side(reversed));
            }
        }
        let Some((conn, mut work)) = self.work(goes, arrival.stamp) else { return };
        let held = conn.take_held(&mut work);
        self.close(goes, CloseReason::Joined, arrival.stamp, emit);
        for (reversed, seq, ack, chunk) in held {
            let flags = if ack.is_some() { TcpFlags::ACK | TcpFlags::PSH } else { TcpFlags::PSH };
            let meta = SegmentMeta {
                seq,
                ack: ack.unwrap_or(0),
                flags: TcpFlags(flags),
                missing: chunk.facts.missing,
                ..arrival.segment.meta
            };
            let segment = Segment { meta, payload: &chunk.bytes };
            let stamp = Stamp { time: Some(chunk.facts.time), ..arrival.stamp };
            let moved = Arrival { segment: &segment, reversed, has_bytes: true, stamp, ..*arrival };
            let Some(conn) = self.table.get(stays).filter(|conn| !conn.closed) else { break };
            self.follow(stays, conn.side(reversed), seq, &moved, emit);
        }
    }
}

fn is_plain_syn(meta: &SegmentMeta) -> bool {
    meta.flags.has(TcpFlags::SYN) && !meta.flags.has(TcpFlags::ACK)
}

/// Whether a segment fits the new connection on ports in use better than the old one.
fn takes_over(new: &Conn, old: &Conn, arrival: &Arrival<'_>) -> bool {
    let meta = &arrival.segment.meta;
    let (new_side, old_side) = (new.side(arrival.reversed), old.side(arrival.reversed));
    let closer = |side: Side, old_side: Side, number| {
        new.strangeness(side, number) < old.strangeness(old_side, number)
    };
    if meta.flags.has(TcpFlags::SYN) {
        return new.is_answered_by(new_side, meta);
    }
    if new.base(new_side).is_some() {
        return closer(new_side, old_side, meta.seq);
    }
    meta.flags.has(TcpFlags::ACK) && closer(new_side.other(), old_side.other(), meta.ack)
}
