//! What reassembly did, in numbers.

/// Counters of one [`Reassembler`](super::Reassembler).
///
/// Every segment has exactly one outcome: `segments` is the sum of the fields ending in `_segments`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Segments pushed.
    pub segments: u64,
    /// Segments that brought new bytes (or told of bytes cut off by the snap length).
    pub data_segments: u64,
    /// Segments without payload that belong to a connection: handshakes, acknowledgements, FIN, RST.
    pub control_segments: u64,
    /// Copies made by the mirror: same flow, numbers, flags and payload within the duplicate window.
    pub duplicate_segments: u64,
    /// Segments whose bytes were all seen before, sent again by the TCP sender.
    pub retransmitted_segments: u64,
    /// Keep-alive probes: at most one byte, just below what the peer acknowledged.
    pub keepalive_segments: u64,
    /// Segments with bytes from before the first byte known of a connection joined midway.
    pub early_segments: u64,
    /// Segments of connections closed a moment ago.
    pub late_segments: u64,
    /// Segments whose numbers fit nothing known of their connection; blind injections end here.
    pub implausible_segments: u64,
    /// Segments without payload that belong to no connection.
    pub stray_segments: u64,
    /// Segments of connections that were new while the overload ladder stood on its last rung.
    pub ignored_segments: u64,
    /// Connections that emitted an event.
    pub connections: u64,
    /// Handshakes and empty connections that ended without a byte.
    pub connections_empty: u64,
    /// Connections joined midway, without a handshake.
    pub connections_midway: u64,
    /// Connections, by now closed, of which only one direction was ever seen.
    pub connections_one_way: u64,
    /// Connections closed by FIN from both sides.
    pub closed_fin: u64,
    /// Connections closed by a reset.
    pub closed_reset: u64,
    /// Connections closed after silence.
    pub closed_idle: u64,
    /// Connections closed because their ports were opened anew.
    pub closed_reused: u64,
    /// Connections closed to make room.
    pub closed_evicted: u64,
    /// Connections closed by the end of the capture.
    pub closed_end: u64,
    /// Connections that turned out to be views of another, which goes on.
    pub closed_joined: u64,
    /// Further views (VLANs, tunnels) of a connection that were recognised as such.
    pub views_joined: u64,
    /// Views joined by mistake and taken apart when their handshakes differed.
    pub views_split: u64,
    /// Bytes delivered.
    pub data_bytes: u64,
    /// Bytes delivered after they were held behind a hole.
    pub reordered_bytes: u64,
    /// Gaps emitted.
    pub gaps: u64,
    /// Bytes missing in those gaps.
    pub gap_bytes: u64,
    /// Gaps given up because a byte limit was reached, not because the bytes were known lost.
    pub gaps_by_limit: u64,
    /// Segments that overlapped held bytes with different ones. The first copy was kept.
    pub overlap_conflicts: u64,
    /// Bytes dropped because their sender had already said FIN, or that stayed ahead of a moving stream.
    pub bytes_implausible: u64,
}

impl Counts {
    /// What became of segments: together they are `segments`.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("data", self.data_segments),
            ("control", self.control_segments),
            ("duplicate", self.duplicate_segments),
            ("retransmitted", self.retransmitted_segments),
            ("keepalive", self.keepalive_segments),
            ("early", self.early_segments),
            ("late", self.late_segments),
            ("implausible", self.implausible_segments),
            ("stray", self.stray_segments),
            ("ignored", self.ignored_segments),
        ]
        .into_iter()
    }

    /// Adds the counts of another worker; destructuring makes a forgotten field an error.
    pub fn add(&mut self, other: &Self) {
        macro_rules! sum {
            ($($field:ident),+ $(,)?) => {
                let Self { $($field),+ } = other;
                $(self.$field = self.$field.saturating_add(*$field);)+
            };
        }
        sum!(
            segments,
            data_segments,
            control_segments,
            duplicate_segments,
            retransmitted_segments,
            keepalive_segments,
            early_segments,
            late_segments,
            implausible_segments,
            stray_segments,
            ignored_segments,
            connections,
            connections_empty,
            connections_midway,
            connections_one_way,
            closed_fin,
            closed_reset,
            closed_idle,
            closed_reused,
            closed_evicted,
            closed_end,
            closed_joined,
            views_joined,
            views_split,
            data_bytes,
            reordered_bytes,
            gaps,
            gap_bytes,
            gaps_by_limit,
            overlap_conflicts,
            bytes_implausible,
        );
    }
}

/// The one outcome of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Data,
    Control,
    Duplicate,
    Retransmitted,
    KeepAlive,
    Early,
    Late,
    Implausible,
    Stray,
    Ignored,
}

impl Counts {
    pub(super) fn outcome(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Data => &mut self.data_segments,
            Outcome::Control => &mut self.control_segments,
            Outcome::Duplicate => &mut self.duplicate_segments,
            Outcome::Retransmitted => &mut self.retransmitted_segments,
            Outcome::KeepAlive => &mut self.keepalive_segments,
            Outcome::Early => &mut self.early_segments,
            Outcome::Late => &mut self.late_segments,
            Outcome::Implausible => &mut self.implausible_segments,
            Outcome::Stray => &mut self.stray_segments,
            Outcome::Ignored => &mut self.ignored_segments,
        };
        bump(counter);
    }
}

/// Adds one.
pub(super) fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_listed() {
        let outcomes = [
            Outcome::Data,
            Outcome::Control,
            Outcome::Duplicate,
            Outcome::Retransmitted,
            Outcome::KeepAlive,
            Outcome::Early,
            Outcome::Late,
            Outcome::Implausible,
            Outcome::Stray,
            Outcome::Ignored,
        ];
        let mut counts = Counts::default();
        outcomes.into_iter().for_each(|outcome| counts.outcome(outcome));
        assert!(counts.outcomes().all(|(_, count)| count == 1));
        assert_eq!(counts.outcomes().count(), outcomes.len());
    }

    #[test]
    fn workers_add_up() {
        let mut sum = Counts { segments: 1, gap_bytes: u64::MAX, ..Counts::default() };
        sum.add(&Counts { segments: 2, gap_bytes: 2, ..Counts::default() });
        assert_eq!(sum, Counts { segments: 3, gap_bytes: u64::MAX, ..Counts::default() });
    }
}
