//! Which worker owns a flow.

use std::net::IpAddr;

use super::{Endpoint, Flow};

/// A number that is the same for both directions of a flow, and spread evenly.
///
/// Tunnels and VLANs do not count: two views of one connection must meet in one worker.
pub(super) fn steering_hash(flow: &Flow) -> u64 {
    // Addition makes it symmetric; mixing before keeps swapped ports or addresses apart.
    mix(end(&flow.src).wrapping_add(end(&flow.dst)))
}

/// Which of `workers` owns a flow, counted from 0.
#[must_use]
pub fn owner(flow: &Flow, workers: usize) -> usize {
    let workers = u64::try_from(workers).unwrap_or(u64::MAX);
    let owner = steering_hash(flow).checked_rem(workers).unwrap_or(0);
    usize::try_from(owner).unwrap_or(0)
}

fn end(end: &Endpoint) -> u64 {
    let port = u64::from(end.port);
    match end.ip {
        IpAddr::V4(ip) => mix(u64::from(ip.to_bits()) << 16 | port),
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h] = ip.segments().map(u64::from);
            let high = a << 48 | b << 32 | c << 16 | d;
            let low = e << 48 | f << 32 | g << 16 | h;
            mix(mix(high).wrapping_add(low).wrapping_add(port << 20))
        }
    }
}

/// A bijection that spreads every input bit over all output bits (the finalizer of `SplitMix64`).
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn flow(n: u32) -> Flow {
        let src = Endpoint {
            ip: Ipv4Addr::from_bits(0x0a00_0000 | n >> 8).into(),
            port: 1024 + (n & 0xff) as u16,
        };
        Flow { src, dst: Endpoint { ip: Ipv4Addr::new(10, 9, 9, 9).into(), port: 80 } }
    }

    #[test]
    fn both_directions_meet() {
        let v6 = Endpoint { ip: Ipv6Addr::from_bits(7 << 100 | 5).into(), port: 443 };
        for flow in [flow(3), flow(77), Flow { src: v6, dst: Endpoint { port: 50_000, ..v6 } }] {
            assert_eq!(steering_hash(&flow), steering_hash(&flow.reversed()));
        }
    }

    #[test]
    fn flows_spread_evenly() {
        let mut workers = [0_u32; 6];
        for n in 0..6000 {
            workers[usize::try_from(steering_hash(&flow(n)) % 6).unwrap()] += 1;
        }
        assert!(workers.iter().all(|&n| (850..1150).contains(&n)), "{workers:?}");
    }
}
