//! Real captures as a sensor would see them: the packet books balance to the last packet, and a mirror that is
//! made worse in a known way gets the advice that fits.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; its helpers are outside test functions"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use apitap::capture::{Packet, file, live};
use apitap::daemon::mirror::assess;
use apitap::daemon::state::{Accounting, Snapshot};
use apitap::decap::{self, Decap, Transport};
use apitap::http::{self, Http};
use apitap::reassembly::{self, Reassembler};
use apitap::tls::{self, Tls};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};

/// The snapshot of a sensor that captured what `alter` makes of each packet, by its number.
fn sensor(
    path: &Path,
    mut alter: impl FnMut(u64, Packet<'_>, &mut dyn FnMut(Packet<'_>)),
) -> Snapshot {
    let mut files = file::open(&[path.display().to_string()]).expect("a capture");
    let mut decap = Decap::new(&decap::Config::default());
    let mut reassembler = Reassembler::new(&reassembly::Config::default());
    let mut tls = Tls::new(&tls::Config::default());
    let mut http = Http::new(&http::Config::default());
    let mut status = live::Status { interface: "eth1".into(), up: true, ..live::Status::default() };
    let mut ordinal = 0;
    let mut number = 0;
    while let Some(packet) = files.next().expect("a packet") {
        alter(number, packet, &mut |packet| {
            status.received += 1;
            status.truncated +=
                u64::from(usize::try_from(packet.original_len).unwrap() > packet.data.len());
            decap.push(&packet, ordinal, &mut |segment| {
                reassembler.expire(segment.meta.time, ordinal, &mut |e| http.push(&e, &mut |_| {}));
                match segment.meta.transport {
                    Transport::Tcp => {
                        reassembler.push(&segment, &mut |e| http.push(&e, &mut |_| {}));
                    }
                    Transport::Udp => tls.datagram(&segment),
                }
            });
            ordinal += 1;
        });
        number += 1;
    }
    reassembler.finish(ordinal, &mut |event| http.push(&event, &mut |_| {}));
    decap.finish();
    let mut snapshot = Snapshot { interfaces: vec![status], ..Snapshot::default() };
    snapshot.counts.packets = ordinal;
    snapshot.counts.decap = decap.counts().clone();
    snapshot.counts.reassembly = reassembler.counts().clone();
    snapshot.counts.http = http.counts().clone();
    snapshot.counts.tls = tls.counts().clone();
    snapshot
}

fn captures() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let folders = fs::read_dir(fixtures).expect("fixtures").flatten();
    let files = folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).flatten().flatten();
    let inputs = files.map(|file| file.path()).filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("input.pcap"))
    });
    inputs.collect()
}

fn keepalive() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/keepalive/input.pcap.zst")
}

fn advice(snapshot: &Snapshot) -> BTreeSet<&'static str> {
    assess(&Snapshot::default(), snapshot).iter().map(|advice| advice.id).collect()
}

#[test]
fn the_books_balance_on_every_capture() {
    let captures = captures();
    assert!(captures.len() > 10, "{} captures", captures.len());
    for path in captures {
        let snapshot = sensor(&path, |_, packet, emit| emit(packet));
        let books = Accounting::of(&snapshot);
        assert!(books.received > 0, "{}", path.display());
        assert_eq!(books.difference, 0, "{}: {books:?}", path.display());
    }
}

#[test]
fn a_good_mirror_gets_no_advice() {
    let snapshot = sensor(&keepalive(), |_, packet, emit| emit(packet));
    assert_eq!(advice(&snapshot), BTreeSet::new());
    let counts = &snapshot.counts.decap;
    assert!(counts.checksums > 50, "{}", counts.checksums);
}

#[test]
fn one_direction_is_told() {
    // The side of the smaller IPv4 address of each connection.
    let snapshot = sensor(&keepalive(), |_, packet, emit| {
        let ends = |at: usize| packet.data.get(at..at + 4).unwrap_or_default();
        if (ends(26), packet.data.get(34..36)) < (ends(30), packet.data.get(36..38)) {
            emit(packet);
        }
    });
    assert!(advice(&snapshot).contains("one_way"), "{:?}", advice(&snapshot));
}

#[test]
fn copies_are_told() {
    let snapshot = sensor(&keepalive(), |_, packet, emit| {
        emit(packet);
        emit(packet);
    });
    assert!(snapshot.counts.reassembly.segments >= 10_000);
    assert_eq!(advice(&snapshot), BTreeSet::from(["duplicates"]));
}

#[test]
fn a_short_snap_length_is_told() {
    let snapshot = sensor(&keepalive(), |_, packet, emit| {
        emit(Packet { data: packet.data.get(..400).unwrap_or(packet.data), ..packet });
    });
    assert!(advice(&snapshot).contains("snap_length"), "{:?}", advice(&snapshot));
    assert!(!advice(&snapshot).contains("mirror_truncation"));
}

#[test]
fn a_mirror_that_cuts_is_told() {
    let snapshot = sensor(&keepalive(), |_, packet, emit| {
        let data = packet.data.get(..400).unwrap_or(packet.data);
        emit(Packet { data, original_len: u32::try_from(data.len()).unwrap(), ..packet });
    });
    assert!(advice(&snapshot).contains("mirror_truncation"), "{:?}", advice(&snapshot));
    assert!(!advice(&snapshot).contains("snap_length"));
}

/// The packet with its TCP checksum filled in, which its host had left to the card.
fn finished(packet: &[u8]) -> Option<Vec<u8>> {
    let parsed = SlicedPacket::from_ethernet(packet).ok()?;
    let (NetSlice::Ipv4(ip), TransportSlice::Tcp(tcp)) = (parsed.net?, parsed.transport?) else {
        return None;
    };
    let sum = tcp.calc_checksum_ipv4(ip.header().source(), ip.header().destination()).ok()?;
    let at = packet.len().checked_sub(tcp.slice().len())? + 16;
    let mut bytes = packet.to_vec();
    bytes.get_mut(at..at + 2)?.copy_from_slice(&sum.to_be_bytes());
    Some(bytes)
}

#[test]
fn bytes_that_change_on_the_way_are_told() {
    let seen = |damage: bool| {
        // The capture is a little short for the least number of samples.
        let files = [keepalive(), keepalive()].map(|path| {
            let mut number = 0_u64;
            sensor(&path, |_, packet, emit| {
                let Some(mut bytes) = finished(packet.data) else { return };
                number += 1;
                let last = bytes.len() - 1;
                if let Some(octet) =
                    bytes.get_mut(last).filter(|_| damage && number.is_multiple_of(5))
                {
                    *octet ^= 1;
                }
                emit(Packet { data: &bytes, ..packet });
            })
        });
        let [mut all, second] = files;
        all.counts.decap.add(&second.counts.decap);
        (
            advice(&all).contains("checksums"),
            all.counts.decap.checksums,
            all.counts.decap.checksums_bad,
        )
    };
    let (told, sampled, bad) = seen(false);
    assert_eq!((told, bad), (false, 0), "of {sampled}");
    let (told, sampled, bad) = seen(true);
    assert!(told && (sampled / 10..sampled / 3).contains(&bad), "{bad} of {sampled}");
}

#[test]
fn loss_is_told() {
    let snapshot = sensor(&keepalive(), |number, packet, emit| {
        if number % 20 != 7 {
            emit(packet);
        }
    });
    assert!(advice(&snapshot).contains("gaps"), "{:?}", advice(&snapshot));
}
