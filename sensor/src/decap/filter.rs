//! What the inner filter asks about a segment.

use std::net::IpAddr;

use super::{Layer, SegmentMeta};
use crate::filter::Subject;

impl Subject for SegmentMeta {
    fn source(&self) -> (IpAddr, u16) {
        (self.flow.src.ip, self.flow.src.port)
    }

    fn destination(&self) -> (IpAddr, u16) {
        (self.flow.dst.ip, self.flow.dst.port)
    }

    fn within(&self, kind: &str, id: Option<u32>) -> bool {
        let is = |layer: &Layer| layer.kind.label() == kind && id.is_none_or(|id| id == layer.id);
        self.envelope.layers().iter().any(is)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Bench, cat, ethernet, ipv4};
    use super::super::{Config, Outcome, tcp};
    use crate::capture::LinkType;
    use crate::filter::Filter;

    /// The flow is 10.0.0.1:40000 to 10.0.0.2:80; the filter sees it bare and in a VLAN.
    #[test]
    fn filtered_packets_are_counted_and_emit_nothing() {
        let inner = ipv4(tcp::PROTOCOL, &testing::tcp(b"hello"));
        let bare = ethernet(0x0800, &inner);
        let tagged = ethernet(0x8100, &cat(&[&[0, 7, 8, 0], &inner]));
        for (filter, want) in [
            ("", [true, true]),
            ("port 80", [true, true]),
            ("port 81", [false, false]),
            ("vlan 7", [false, true]),
            ("host 10.0.0.2 and not vlan", [true, false]),
        ] {
            let mut bench = Bench::filtered(&Config::default(), Filter::parse(filter).unwrap());
            for (packet, want) in [&bare, &tagged].into_iter().zip(want) {
                let outcome = bench.push(LinkType::ETHERNET, 0, packet.len(), packet);
                let emitted = bench.seen.pop().is_some();
                let expected = if want { Outcome::Segment } else { Outcome::Filtered };
                assert_eq!((outcome, emitted), (expected, want), "{filter}");
            }
            let filtered = want.iter().filter(|passes| !**passes).count();
            assert_eq!(bench.counts().filtered, u64::try_from(filtered).unwrap());
            assert_eq!(bench.counts().packets(), 2);
        }
    }
}
