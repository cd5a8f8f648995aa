//! Decapsulation of every capture in the shared corpus, where that is present: no panic, and the books close.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use apitap::capture::{LinkType, Packet};
use apitap::decap::{Config, Decap};
use apitap::time::Timestamp;

/// Calls `each` with every packet of a classic pcap file; `None` when it is something else.
fn pcap(bytes: &[u8], mut each: impl FnMut(&Packet<'_>)) -> Option<()> {
    let magic: [u8; 4] = *bytes.first_chunk()?;
    let little = matches!(magic, [0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1]);
    if !little && !matches!(magic, [0xa1, 0xb2, 0xc3, 0xd4] | [0xa1, 0xb2, 0x3c, 0x4d]) {
        return None;
    }
    let nanos = magic.contains(&0x4d);
    let word = |at: usize| {
        let octets = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if little { u32::from_le_bytes(octets) } else { u32::from_be_bytes(octets) })
    };
    let link = LinkType(u16::try_from(word(20)? & 0xffff).ok()?);
    let mut at = 24;
    while let (Some(seconds), Some(part), Some(len), Some(original_len)) =
        (word(at), word(at + 4), word(at + 8), word(at + 12))
    {
        let end = at + 16 + usize::try_from(len).ok()?;
        let Some(data) = bytes.get(at + 16..end) else { break };
        let part = u64::from(part) * if nanos { 1 } else { 1000 };
        each(&Packet {
            time: Timestamp::new(seconds.into(), part),
            link,
            interface: 0,
            original_len,
            data,
        });
        at = end;
    }
    Some(())
}

fn captures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { captures(&path, found) } else { found.push(path) }
    }
}

/// `APITAP_CORPUS` names another corpus. With `DECAP_REPORT` set, prints file, packet, outcome and payload bytes
/// (with those missing) of every packet: for comparison with other tools.
#[test]
fn every_capture_is_accounted_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let root = std::env::var_os("APITAP_CORPUS").map_or(root, PathBuf::from);
    let mut files = Vec::new();
    captures(&root, &mut files);
    if files.is_empty() {
        eprintln!("skipped: no captures at {}", root.display());
        return;
    }
    files.sort();
    let report = std::env::var_os("DECAP_REPORT").is_some();
    let mut total: BTreeMap<&str, u64> = BTreeMap::new();
    for path in &files {
        let bytes = fs::read(path).unwrap();
        let mut decap = Decap::new(&Config::default());
        let mut packets = 0;
        pcap(&bytes, |packet| {
            let mut len = 0;
            let outcome = decap.push(packet, packets, &mut |segment| {
                len = segment.payload.len() + usize::try_from(segment.meta.missing).unwrap();
            });
            packets += 1;
            if report {
                eprintln!("{}\t{packets}\t{}\t{len}", path.display(), outcome.label());
            }
        });
        decap.finish();
        let counts = decap.counts();
        assert_eq!(counts.packets(), packets, "{}", path.display());
        for (name, count) in counts.outcomes().chain(counts.extras()) {
            *total.entry(name).or_default() += count;
        }
    }
    eprintln!("{} files: {total:?}", files.len());
    assert!(total["segment"] > 0);
}
