//! Mirror health: what is wrong with the copy of the traffic that the sensor gets, and what to change.
//!
//! Pure. [`assess`] compares two [`Snapshot`]s, about a minute apart, by a fixed list of readings. Each is a
//! share with a threshold, and a least amount of traffic below which nothing is said. Advice that stands is
//! withdrawn only when the share falls below half the threshold, so that it does not come and go.

use serde::Serialize;

use super::state::Snapshot;

/// Looks after which two snapshots are compared in any case, however little came between them.
const LOOKS_MAX: u32 = 15;

/// Something that looks wrong with the mirror, and what to change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Which reading: one of [`ids`], a metric label.
    pub id: &'static str,
    /// What was measured, mostly a share, 0 to 1.
    pub value: f64,
    /// From which value on something is said.
    pub threshold: f64,
    /// What is seen and what to change, in plain words. Never traffic content.
    pub advice: String,
}

/// One thing to look at.
struct Reading {
    id: &'static str,
    /// Part and whole, as counted since the start.
    share: fn(&Snapshot) -> (u64, u64),
    /// Least growth of the whole for which a share means something.
    least: u64,
    threshold: f64,
    /// What is seen: "61 % of" is put before it.
    seen: &'static str,
    /// What to change.
    change: &'static str,
}

/// Ids of all advice there can be: the readings of a share, and `interface_down`.
pub fn ids() -> impl Iterator<Item = &'static str> {
    READINGS.iter().map(|reading| reading.id).chain([INTERFACE_DOWN])
}

const INTERFACE_DOWN: &str = "interface_down";

/// Every reading, the most harmful first.
static READINGS: &[Reading] = &[
    Reading {
        id: "kernel_drops",
        share: |s| {
            of_interfaces(s, |i| i.kernel_dropped, |i| i.received.saturating_add(i.kernel_dropped))
        },
        least: 10_000,
        threshold: 0.001,
        seen: "packets reached this host but were dropped because the sensor did not fetch them in time",
        change: "Give it more processors or capture threads, a larger capture buffer, or a filter that leaves out \
                 what is not needed",
    },
    Reading {
        id: "interface_drops",
        share: |s| {
            of_interfaces(
                s,
                |i| i.interface_dropped,
                |i| i.received.saturating_add(i.interface_dropped),
            )
        },
        least: 10_000,
        threshold: 0.001,
        seen: "packets were dropped by the network card or its driver",
        change: "Enlarge its receive ring (ethtool -G IFACE rx 4096), spread interrupts over processors, or mirror \
                 to a faster port",
    },
    Reading {
        id: "gaps",
        share: |s| {
            let streams = &s.counts.reassembly;
            (streams.gap_bytes, streams.gap_bytes.saturating_add(streams.data_bytes))
        },
        least: 1_000_000,
        threshold: 0.01,
        seen: "stream bytes never arrived although the receiver acknowledged them",
        change: "Where this host counts no drops, the mirror loses them: use a dedicated mirror port at least as fast \
                 as both directions of its sources together, mirror fewer sources, and look at the switch's drops",
    },
    Reading {
        id: "one_way",
        share: |s| {
            let streams = &s.counts.reassembly;
            let closed = [
                streams.closed_fin,
                streams.closed_reset,
                streams.closed_idle,
                streams.closed_reused,
                streams.closed_evicted,
                streams.closed_end,
            ];
            (streams.connections_one_way, closed.into_iter().fold(0, u64::saturating_add))
        },
        least: 50,
        threshold: 0.2,
        seen: "connections show one direction only, so requests stand without responses",
        change: "Mirror both directions: set the SPAN source to both (rx and tx), join both outputs of a TAP, include \
                 ingress and egress in a cloud session, and every path of asymmetric routing",
    },
    Reading {
        id: "duplicates",
        share: |s| (s.counts.reassembly.duplicate_segments, s.counts.reassembly.segments),
        least: 10_000,
        threshold: 0.2,
        seen: "TCP segments are copies of others; they are told apart and dropped, but cost capacity",
        change: "Mirror each packet once: source either one port in both directions or all ports in rx only, not both \
                 ends of one path",
    },
    Reading {
        id: "snap_length",
        share: |s| of_interfaces(s, |i| i.truncated, |i| i.received),
        least: 1_000,
        threshold: 0.001,
        seen: "packets are cut by this sensor's own snap length, so bodies have gaps",
        change: "Raise the snap length in [capture] to its default of 262144 bytes",
    },
    Reading {
        id: "mirror_truncation",
        share: |s| (s.counts.decap.longer_than_wire, s.counts.decap.packets()),
        least: 1_000,
        threshold: 0.001,
        seen: "packets arrive shorter than their own IP header says, so the mirror cuts them",
        change: "Switch off truncation of the mirror session, or raise the MTU on the way to the sensor by what the \
                 tunnel adds (VXLAN 50 bytes, GENEVE and GRE up to 80; in a cloud, jumbo frames)",
    },
    Reading {
        id: "checksums",
        share: |s| (s.counts.decap.checksums_bad, s.counts.decap.checksums),
        least: 200,
        threshold: 0.01,
        seen: "TCP checksums looked at are wrong, so bytes change on the way to the sensor",
        change: "Look for a faulty cable, port or tap, and for a device in the mirror's path that rewrites addresses",
    },
    Reading {
        id: "offload",
        share: |s| of_interfaces(s, |i| i.super_frames, |i| i.received),
        least: 1_000,
        threshold: 0.01,
        seen: "packets were joined by receive offload before capture; nothing is lost, but sizes and times are coarser",
        change: "Switch that off on the capturing interface: ethtool -K IFACE gro off lro off",
    },
    Reading {
        id: "unknown_encapsulation",
        share: |s| {
            let decap = &s.counts.decap;
            let unknown = [decap.unknown_link, decap.too_deep, decap.tunnels_refused];
            (unknown.into_iter().fold(0, u64::saturating_add), decap.packets())
        },
        least: 1_000,
        threshold: 0.05,
        seen: "packets have an encapsulation that is not understood or nested too deep",
        change: "Compare the mirror session's encapsulation and port with the ports in [decap], and depth_max with the \
                 number of headers",
    },
    Reading {
        id: "udp_only",
        share: |s| (s.counts.decap.udp, s.counts.decap.packets()),
        least: 10_000,
        threshold: 0.9,
        seen: "packets are UDP that is no known tunnel, and hardly any TCP is found",
        change: "If the mirror sends VXLAN, GENEVE or GRE in UDP on a port of its own, name that port in [decap]",
    },
    Reading {
        id: "fragments",
        share: |s| (s.counts.decap.ip_fragments, s.counts.decap.packets()),
        least: 1_000,
        threshold: 0.05,
        seen: "packets are IP fragments, which are dear and lost easily",
        change: "Raise the MTU between the mirror's source and the sensor so that the tunnel need not fragment",
    },
    Reading {
        id: "fragments_lost",
        share: |s| {
            let decap = &s.counts.decap;
            let lost = decap.datagrams_timed_out.saturating_add(decap.datagrams_evicted);
            (lost, lost.saturating_add(decap.datagrams_joined))
        },
        least: 100,
        threshold: 0.05,
        seen: "fragmented packets never became whole",
        change: "Raise the MTU between the mirror's source and the sensor, and see that all fragments reach one sensor",
    },
    Reading {
        id: "encrypted",
        share: |s| {
            let ssh = s.counts.http.connections_encrypted;
            (ssh.saturating_add(s.counts.tls.sessions), s.counts.reassembly.connections)
        },
        least: 50,
        threshold: 0.8,
        seen: "connections are encrypted (TLS, SSH), of which no call can be read",
        change: "Mirror where the traffic is in the clear, behind TLS termination, between load balancer or ingress and \
                 service",
    },
    Reading {
        id: "link_encrypted",
        share: |s| (s.counts.decap.encrypted, s.counts.decap.packets()),
        least: 1_000,
        threshold: 0.05,
        seen: "packets are encrypted on the link (MACsec, protected 802.11)",
        change: "Mirror behind the device that takes the link encryption off",
    },
];

/// What looks wrong between `earlier` and `later`. Where too little came between them, what stood before
/// ([`Snapshot::mirror`] of `earlier`) stands.
#[must_use]
pub fn assess(earlier: &Snapshot, later: &Snapshot) -> Vec<Advice> {
    let before = |id| earlier.mirror.iter().find(|advice| advice.id == id);
    let shares =
        READINGS.iter().filter_map(|reading| reading.judge(earlier, later, before(reading.id)));
    down(later).into_iter().chain(shares).collect()
}

/// Shares of all readings, counted since the start: id and value, 0 where there was nothing.
pub fn shares(snapshot: &Snapshot) -> impl Iterator<Item = (&'static str, f64)> {
    READINGS.iter().map(|reading| {
        let (part, whole) = (reading.share)(snapshot);
        (reading.id, ratio(part, whole))
    })
}

impl Reading {
    fn judge(
        &self,
        earlier: &Snapshot,
        later: &Snapshot,
        before: Option<&Advice>,
    ) -> Option<Advice> {
        let (then, now) = ((self.share)(earlier), (self.share)(later));
        let (part, whole) = (now.0.saturating_sub(then.0), now.1.saturating_sub(then.1));
        if whole < self.least {
            return before.cloned();
        }
        let value = ratio(part, whole);
        let limit = if before.is_some() { self.threshold / 2.0 } else { self.threshold };
        (value >= limit).then(|| Advice {
            id: self.id,
            value,
            threshold: self.threshold,
            advice: format!("{} of {}. {}.", Percent(value), self.seen, self.change),
        })
    }
}

/// Interfaces that are gone.
fn down(snapshot: &Snapshot) -> Option<Advice> {
    let gone = snapshot.interfaces.iter().filter(|interface| !interface.up);
    let names: Vec<&str> = gone.map(|interface| interface.interface.as_str()).collect();
    (!names.is_empty()).then(|| Advice {
        id: INTERFACE_DOWN,
        value: u32::try_from(names.len()).map_or(f64::MAX, f64::from),
        threshold: 1.0,
        advice: format!(
            "Nothing is captured from {}. Bring the interface up, or correct [capture] interfaces; it is tried again.",
            names.join(", ")
        ),
    })
}

fn of_interfaces(
    snapshot: &Snapshot,
    part: fn(&crate::capture::live::Status) -> u64,
    whole: fn(&crate::capture::live::Status) -> u64,
) -> (u64, u64) {
    snapshot.interfaces.iter().fold((0, 0), |(parts, wholes), interface| {
        (parts.saturating_add(part(interface)), wholes.saturating_add(whole(interface)))
    })
}

/// `part` of `whole`, 0 to 1.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (float(part) / float(whole)).min(1.0) }
}

/// The nearest number that a float has.
pub(crate) fn float(number: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    let float = number as f64;
    float
}

/// A share for people: `61 %`, `0.3 %`.
struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = self.0 * 100.0;
        let places = if percent < 1.0 { 2 } else { usize::from(percent < 10.0) };
        write!(f, "{percent:.places$} %")
    }
}

/// Watches the mirror: remembers what stands, and what it was compared with.
#[derive(Debug, Default)]
pub struct Watch {
    earlier: Snapshot,
    looks: u32,
    stands: Vec<Advice>,
}

/// What a look at the mirror changed; to be logged, once.
#[derive(Debug, Default)]
pub struct Changes {
    /// Advice that is new.
    pub begun: Vec<Advice>,
    /// Advice that no longer holds.
    pub ended: Vec<Advice>,
}

impl Changes {
    /// Logs them, a line each.
    pub fn log(&self) {
        for Advice { id, value, advice, .. } in &self.begun {
            tracing::warn!(reading = id, value, "mirror: {advice}");
        }
        for Advice { id, .. } in &self.ended {
            tracing::info!(reading = id, "mirror: this no longer looks wrong");
        }
    }
}

impl Watch {
    /// Looks at the sensor; to be called about once a minute. Quiet links are compared over up to 15 looks.
    pub fn look(&mut self, now: &Snapshot) -> Changes {
        self.earlier.mirror = std::mem::take(&mut self.stands);
        self.stands = assess(&self.earlier, now);
        let not_in = |one: &[Advice], other: &[Advice]| {
            let new = |advice: &&Advice| !other.iter().any(|known| known.id == advice.id);
            one.iter().filter(new).cloned().collect()
        };
        let changes = Changes {
            begun: not_in(&self.stands, &self.earlier.mirror),
            ended: not_in(&self.earlier.mirror, &self.stands),
        };
        self.looks = self.looks.saturating_add(1);
        let grown = |count: fn(&Snapshot) -> u64| count(now).saturating_sub(count(&self.earlier));
        let busy = grown(|s| s.counts.reassembly.connections) >= 100
            && grown(|s| s.counts.decap.packets()) >= 20_000;
        if busy || self.looks >= LOOKS_MAX {
            self.earlier = now.clone();
            self.looks = 0;
        }
        changes
    }

    /// What stands, for [`Snapshot::mirror`].
    #[must_use]
    pub fn advice(&self) -> &[Advice] {
        &self.stands
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::live;

    fn with(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
        let up = live::Status { interface: "eth1".into(), up: true, ..live::Status::default() };
        let mut snapshot = Snapshot { interfaces: vec![up], ..Snapshot::default() };
        change(&mut snapshot);
        snapshot
    }

    fn ids_of(advice: &[Advice]) -> Vec<&'static str> {
        advice.iter().map(|advice| advice.id).collect()
    }

    type Case = (&'static str, fn(&mut Snapshot));

    /// One case per reading: what makes it speak.
    const CASES: [Case; 16] = [
        ("interface_down", |s| s.interfaces[0].up = false),
        ("kernel_drops", |s| {
            s.interfaces[0].received = 99_900;
            s.interfaces[0].kernel_dropped = 100;
        }),
        ("interface_drops", |s| {
            s.interfaces[0].received = 99_900;
            s.interfaces[0].interface_dropped = 100;
        }),
        ("gaps", |s| {
            s.counts.reassembly.data_bytes = 990_000;
            s.counts.reassembly.gap_bytes = 10_000;
        }),
        ("one_way", |s| {
            s.counts.reassembly.closed_idle = 50;
            s.counts.reassembly.connections_one_way = 10;
        }),
        ("duplicates", |s| {
            s.counts.reassembly.segments = 10_000;
            s.counts.reassembly.duplicate_segments = 2_000;
        }),
        ("snap_length", |s| {
            s.interfaces[0].received = 1_000;
            s.interfaces[0].truncated = 1;
        }),
        ("mirror_truncation", |s| {
            s.counts.decap.segment = 1_000;
            s.counts.decap.longer_than_wire = 1;
        }),
        ("checksums", |s| {
            s.counts.decap.checksums = 200;
            s.counts.decap.checksums_bad = 2;
        }),
        ("offload", |s| {
            s.interfaces[0].received = 1_000;
            s.interfaces[0].super_frames = 10;
        }),
        ("unknown_encapsulation", |s| {
            s.counts.decap.segment = 950;
            s.counts.decap.unknown_link = 50;
        }),
        ("udp_only", |s| {
            s.counts.decap.segment = 1_000;
            s.counts.decap.udp = 9_000;
        }),
        ("fragments", |s| {
            s.counts.decap.segment = 1_000;
            s.counts.decap.ip_fragments = 50;
        }),
        ("fragments_lost", |s| {
            s.counts.decap.datagrams_joined = 95;
            s.counts.decap.datagrams_evicted = 5;
        }),
        ("encrypted", |s| {
            s.counts.reassembly.connections = 50;
            s.counts.http.connections_encrypted = 10;
            s.counts.tls.sessions = 30;
        }),
        ("link_encrypted", |s| {
            s.counts.decap.segment = 950;
            s.counts.decap.encrypted = 50;
        }),
    ];

    #[test]
    fn every_reading_can_speak_and_speaks_alone() {
        let quiet = with(|_| {});
        for (id, change) in CASES {
            let advice = assess(&quiet, &with(change));
            assert_eq!(ids_of(&advice), [id]);
            let advice = &advice[0];
            assert!(advice.value >= advice.threshold, "{advice:?}");
            let text = &advice.advice;
            assert!(!text.contains("  ") && text.contains(". ") && text.ends_with('.'), "{text}");
        }
        let mut spoken: Vec<_> = CASES.iter().map(|(id, _)| *id).collect();
        let mut all: Vec<_> = ids().collect();
        spoken.sort_unstable();
        all.sort_unstable();
        assert_eq!(spoken, all, "a case for each");
    }

    /// Just below each threshold, or with too little traffic, nothing is said.
    #[test]
    fn quiet_and_healthy_links_say_nothing() {
        let quiet = with(|_| {});
        assert!(assess(&quiet, &quiet).is_empty());
        let little = with(|s| {
            s.counts.reassembly.closed_fin = 49;
            s.counts.reassembly.connections_one_way = 49;
            s.counts.decap.segment = 999;
            s.counts.decap.longer_than_wire = 999;
        });
        assert!(assess(&quiet, &little).is_empty());
        let healthy = with(|s| {
            s.counts.reassembly.closed_fin = 1_000;
            s.counts.reassembly.connections_one_way = 199;
            s.counts.decap.segment = 10_000;
            s.counts.decap.longer_than_wire = 9;
        });
        assert!(assess(&quiet, &healthy).is_empty());
    }

    #[test]
    fn what_was_before_does_not_count() {
        let bad = with(|s| {
            s.counts.reassembly.closed_fin = 1_000;
            s.counts.reassembly.connections_one_way = 1_000;
        });
        let better = with(|s| {
            s.counts.reassembly.closed_fin = 2_000;
            s.counts.reassembly.connections_one_way = 1_010;
        });
        assert!(assess(&bad, &better).is_empty());
    }

    #[test]
    fn advice_is_told_once_and_withdrawn_late() {
        let (mut closed, mut one_way) = (0, 0);
        let mut watch = Watch::default();
        let mut minute = |watch: &mut Watch, share: u64| {
            closed += 1_000;
            one_way += share * 10;
            let snapshot = with(|s| {
                s.counts.reassembly.closed_fin = closed;
                s.counts.reassembly.connections = closed;
                s.counts.reassembly.connections_one_way = one_way;
                s.counts.decap.segment = closed * 20;
            });
            let Changes { begun, ended } = watch.look(&snapshot);
            (begun.len(), ended.len(), watch.advice().len())
        };
        assert_eq!(minute(&mut watch, 19), (0, 0, 0));
        assert_eq!(minute(&mut watch, 60), (1, 0, 1));
        assert_eq!(minute(&mut watch, 60), (0, 0, 1));
        assert_eq!(minute(&mut watch, 11), (0, 0, 1), "below the threshold, above half of it");
        assert_eq!(minute(&mut watch, 9), (0, 1, 0));
        assert_eq!(minute(&mut watch, 11), (0, 0, 0));
    }

    /// Four connections a minute: too few for one minute, enough for 13.
    #[test]
    fn quiet_links_are_looked_at_for_longer() {
        let mut watch = Watch::default();
        let told: Vec<usize> = (1..=30)
            .map(|minute| {
                watch.look(&with(|s| {
                    s.counts.reassembly.closed_idle = 4 * minute;
                    s.counts.reassembly.connections = 4 * minute;
                    s.counts.reassembly.connections_one_way = 4 * minute;
                }))
            })
            .map(|changes| changes.begun.len() + changes.ended.len())
            .collect();
        assert_eq!(told.iter().sum::<usize>(), 1, "{told:?}");
        assert_eq!(told[12], 1);
        assert_eq!(ids_of(watch.advice()), ["one_way"]);
    }

    #[test]
    fn sentences_read_well() {
        let later = with(|s| {
            s.counts.reassembly.closed_idle = 100;
            s.counts.reassembly.connections_one_way = 61;
        });
        let advice = assess(&with(|_| {}), &later);
        assert!(advice[0].advice.starts_with("61 % of connections show one direction only, so"));
        assert_eq!(
            [0.0012, 0.034, 0.5].map(|v| Percent(v).to_string()),
            ["0.12 %", "3.4 %", "50 %"]
        );
    }

    #[test]
    fn shares_stay_in_bounds() {
        let snapshot = with(|s| {
            s.interfaces[0].kernel_dropped = u64::MAX;
            s.interfaces[0].received = 1;
            s.counts.decap.longer_than_wire = 5;
        });
        assert!(shares(&snapshot).all(|(_, share)| (0.0..=1.0).contains(&share)));
    }
}
