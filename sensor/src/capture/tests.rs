//! Tests across the files of this stage: built captures, cuts, merging, the corpus.

use std::fs;
use std::io::{self, Read, Write as _};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::file::{Files, Warning};
use super::{CaptureError, LinkType, Packet, ReadError, file, pcap, pcapng};

/// A packet with its bytes, to compare.
type Plain = (u64, u16, u32, u32, Vec<u8>);

fn plain(p: &Packet<'_>) -> Plain {
    (p.time.nanos(), p.link.0, p.interface, p.original_len, p.data.to_vec())
}

/// Writes numbers in either byte order.
#[derive(Clone, Copy)]
struct Order(bool);

impl Order {
    fn u16(self, n: u16) -> [u8; 2] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    fn u32(self, n: u32) -> [u8; 4] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
}

/// Magic, and bytes behind each record header.
const MAGICS: [(u32, u64, usize); 3] =
    [(0xa1b2_c3d4, 1000, 0), (0xa1b2_3c4d, 1, 0), (0xa1b2_cd34, 1000, 8)];

fn pcap_bytes(order: Order, magic: usize, packets: &[Plain]) -> Vec<u8> {
    let (magic, unit, more) = MAGICS[magic];
    let mut out = order.u32(magic).to_vec();
    out.extend(order.u16(2).iter().chain(&order.u16(4)).chain(&[0; 8]));
    // A snap length of 0 says nothing; FCS bits are set.
    out.extend(order.u32(0).iter().chain(&order.u32(0x4400_0000 | 1)));
    for (time, _, _, original, data) in packets {
        let fraction = u32::try_from(time % 1_000_000_000 / unit).unwrap();
        out.extend(order.u32(u32::try_from(time / 1_000_000_000).unwrap()));
        out.extend(
            order.u32(fraction).iter().chain(&order.u32(u32::try_from(data.len()).unwrap())),
        );
        out.extend(order.u32(*original));
        out.extend(vec![0xee; more]);
        out.extend(data);
    }
    out
}

fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let pad = body.len().next_multiple_of(4) - body.len();
    let len = order.u32(u32::try_from(body.len() + pad + 12).unwrap());
    [&order.u32(kind), &len, body, &vec![0; pad], &len].concat()
}

fn section(order: Order) -> Vec<u8> {
    let body = [&order.u32(0x1a2b_3c4d)[..], &order.u16(1), &order.u16(0), &[0xff; 8]].concat();
    block(order, 0x0a0d_0d0a, &body)
}

fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let pad = value.len().next_multiple_of(4) - value.len();
    [&order.u16(code), &order.u16(u16::try_from(value.len()).unwrap()), value, &vec![0; pad]]
        .concat()
}

fn interface(order: Order, link: u16, snap: u32, options: &[u8]) -> Vec<u8> {
    block(order, 1, &[&order.u16(link)[..], &[0; 2], &order.u32(snap), options].concat())
}

fn enhanced(order: Order, interface: u32, ticks: u64, original: u32, data: &[u8]) -> Vec<u8> {
    let (high, low) =
        (u32::try_from(ticks >> 32).unwrap(), u32::try_from(ticks & 0xffff_ffff).unwrap());
    let lens = [order.u32(interface), order.u32(high), order.u32(low)].concat();
    let data =
        [&order.u32(u32::try_from(data.len()).unwrap())[..], &order.u32(original), data].concat();
    block(order, 6, &[lens, data].concat())
}

/// Two interfaces, nanoseconds; a name resolution block before every packet.
fn pcapng_bytes(order: Order, packets: &[Plain]) -> Vec<u8> {
    let mut out = section(order);
    for link in [1, 101] {
        out.extend(interface(order, link, 0, &option(order, 9, &[9])));
    }
    for (time, _, interface, original, data) in packets {
        out.extend(block(order, 4, &[0; 5]));
        out.extend(enhanced(order, *interface, *time, *original, data));
    }
    out
}

/// Gives a few bytes at a time.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(buffer.len());
        self.0.read(&mut buffer[..n])
    }
}

/// All packets of a capture, and whether it ended in an error or a cut.
fn read(bytes: impl Read, is_pcap: bool) -> (Vec<Plain>, bool) {
    let mut all = Vec::new();
    if is_pcap {
        let Ok(mut reader) = pcap::Reader::new(bytes) else { return (all, true) };
        loop {
            match reader.next() {
                Ok(Some(p)) => all.push(plain(&p)),
                Ok(None) => return (all, reader.truncated().is_some()),
                Err(_) => return (all, true),
            }
        }
    }
    let Ok(mut reader) = pcapng::Reader::new(bytes) else { return (all, true) };
    loop {
        match reader.next() {
            Ok(Some(p)) => all.push(plain(&p)),
            Ok(None) => return (all, reader.truncated().is_some()),
            Err(_) => return (all, true),
        }
    }
}

/// Where records end: cutting there cannot be noticed.
fn ends(bytes: &[u8], big: bool, ng: bool) -> Vec<usize> {
    let u32 = |at: usize| {
        let n = bytes[at..at + 4].try_into().unwrap();
        usize::try_from(if big { u32::from_be_bytes(n) } else { u32::from_le_bytes(n) }).unwrap()
    };
    let mut ends = vec![if ng { u32(4) } else { 24 }];
    while let Some(&at) = ends.last().filter(|at| **at < bytes.len()) {
        ends.push(at + if ng { u32(at + 4) } else { 16 + u32(at + 8) });
    }
    ends
}

fn packets(nanos: bool) -> impl Strategy<Value = Vec<Plain>> {
    let unit = if nanos { 1 } else { 1000 };
    let one = (0..4_000_000_000_000_000_000_u64, 0..2_u32, 0..9_u32, vec(any::<u8>(), 0..40));
    let one = one.prop_map(move |(time, interface, cut, data)| {
        let link = if interface == 0 { 1 } else { 101 };
        let original = u32::try_from(data.len()).unwrap() + cut;
        (time / unit * unit, link, interface, original, data)
    });
    vec(one, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pcap_round_trips(big in any::<bool>(), magic in 0..3_usize, sent in packets(false), size in 1..50_usize) {
        let sent: Vec<Plain> = sent.into_iter().map(|(t, _, _, o, d)| (t, 1, 0, o, d)).collect();
        let bytes = pcap_bytes(Order(big), magic, &sent);
        prop_assert_eq!(read(bytes.as_slice(), true), (sent.clone(), false));
        prop_assert_eq!(read(Dribble(&bytes, size), true), (sent, false));
    }

    #[test]
    fn pcapng_round_trips(big in any::<bool>(), sent in packets(true), size in 1..50_usize) {
        let bytes = pcapng_bytes(Order(big), &sent);
        prop_assert_eq!(read(bytes.as_slice(), false), (sent.clone(), false));
        prop_assert_eq!(read(Dribble(&bytes, size), false), (sent, false));
    }

    #[test]
    fn cuts_leave_a_prefix(big in any::<bool>(), ng in any::<bool>(), sent in packets(false), at in any::<prop::sample::Index>()) {
        let sent: Vec<Plain> = sent.into_iter().map(|(t, l, i, o, d)| if ng { (t, l, i, o, d) } else { (t, 1, 0, o, d) }).collect();
        let bytes = if ng { pcapng_bytes(Order(big), &sent) } else { pcap_bytes(Order(big), 0, &sent) };
        let at = at.index(bytes.len());
        let (got, cut) = read(&bytes[..at], !ng);
        prop_assert!(sent.starts_with(&got));
        prop_assert_eq!(cut, !ends(&bytes, big, ng).contains(&at), "a cut inside a record is told");
    }

    #[test]
    fn any_bytes_end(mut bytes in vec(any::<u8>(), 0..300), ng in any::<bool>(), at in 0..300_usize, n in any::<u8>()) {
        let mut valid = if ng { section(Order(false)) } else { pcap_bytes(Order(false), 0, &[]) };
        valid.append(&mut bytes);
        if let Some(byte) = valid.get_mut(at) {
            *byte = n;
        }
        read(valid.as_slice(), !ng);
    }
}

fn names(paths: &[&Path]) -> Vec<String> {
    paths.iter().map(|p| p.to_str().unwrap().to_owned()).collect()
}

fn drain(files: &mut Files) -> (Vec<Plain>, Vec<CaptureError>) {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    loop {
        match files.next() {
            Ok(Some(p)) => all.push(plain(&p)),
            Ok(None) => return (all, errors),
            Err(error) => errors.push(error),
        }
    }
}

fn at(seconds: u64, byte: u8) -> Plain {
    (seconds * 1_000_000_000, 1, 0, 1, vec![byte])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_merge_in_time_order() {
    let dir = tempfile::tempdir().unwrap();
    let order = Order(false);
    // 20 files, so that they are closed and opened again; b overlaps a, one steps back in time.
    let mut paths = Vec::new();
    for n in 0..20_u8 {
        let s = u64::from(n) * 10;
        let sent = [at(s, n), at(s + 12, n), at(s + 11, n), at(s + 13, n)];
        let bytes =
            if n % 2 == 0 { pcap_bytes(order, 0, &sent) } else { pcapng_bytes(order, &sent) };
        paths.push(dir.path().join(format!("{n:02}.pcap")));
        fs::write(&paths[usize::from(n)], bytes).unwrap();
    }
    let pattern = dir.path().join("*.pcap");
    let mut files = file::open(&names(&[&paths[0], &paths[19], &pattern])).unwrap();
    let repeated =
        [0, 19].map(|n: usize| Warning::Repeated { file: paths[n].to_str().unwrap().into() });
    assert_eq!(files.warnings(), repeated);
    let (all, errors) = drain(&mut files);
    assert!(errors.is_empty());
    let seen: Vec<_> = all.iter().map(|p| (p.0 / 1_000_000_000, p.4[0])).collect();
    assert_eq!(
        seen[..9],
        [(0, 0), (10, 1), (12, 0), (11, 0), (13, 0), (20, 2), (22, 1), (21, 1), (23, 1)]
    );
    assert_eq!(all.len(), 80);
    assert!(all.iter().map(|p| p.4[0]).is_sorted_by(|a, b| *a <= *b + 1), "each file in its turn");
    let counts = files.counts();
    assert_eq!(
        (counts.files, counts.packets, counts.bytes, counts.packets_back_in_time),
        (20, 80, 80, 20)
    );
    // One interface of each pcap file, two of each pcapng file.
    assert_eq!(files.interfaces().len(), 30);
    let of = &files.interfaces()[usize::try_from(all[0].2).unwrap()];
    assert_eq!((of.name.as_str(), of.link), ("00.pcap", LinkType::ETHERNET));
    let (read, total) = files.position();
    assert_eq!(Some(read), total);
}

#[test]
fn compressed_by_content() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("any.name");
    let sent: Vec<Plain> = (0..100).map(|n| at(n, 7)).collect();
    let bytes = pcap_bytes(Order(true), 1, &sent);
    let (a, b) = bytes.split_at(1000);
    let skippable = [
        &[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..],
        &zstd::encode_all(&bytes[..], 3).unwrap(),
    ]
    .concat();
    let members = [gzip(a), gzip(b)].concat();
    let frames = [zstd::encode_all(a, 3).unwrap(), zstd::encode_all(b, 3).unwrap()].concat();
    for packed in [&members, &frames, &skippable] {
        fs::write(&path, packed).unwrap();
        let mut files = file::open(&names(&[&path])).unwrap();
        let (all, errors) = drain(&mut files);
        assert!(all == sent && errors.is_empty() && files.warnings().is_empty());
        assert_eq!(files.position().0, u64::try_from(packed.len()).unwrap());
    }
    for packed in [&members, &frames] {
        fs::write(&path, &packed[..packed.len() - 9]).unwrap();
        let mut files = file::open(&names(&[&path])).unwrap();
        let (all, errors) = drain(&mut files);
        assert!(sent.starts_with(&all) && errors.is_empty());
        assert!(matches!(files.warnings(), [Warning::Truncated { .. }]), "{:?}", files.warnings());
        assert_eq!(files.counts().files_truncated, 1);
    }
    // Contents that do not match their checksum.
    let mut broken = gzip(&bytes);
    let at = broken.len() - 5;
    broken[at] ^= 1;
    fs::write(&path, broken).unwrap();
    let (all, errors) = drain(&mut file::open(&names(&[&path])).unwrap());
    assert!(sent.starts_with(&all) && errors.len() == 1);
}

#[test]
fn pipes_are_opened_once() {
    use std::os::fd::AsRawFd as _;
    let (reader, mut writer) = io::pipe().unwrap();
    let sent = [at(1, 1), at(2, 2)];
    // Fits into the pipe: no thread is needed.
    writer.write_all(&gzip(&pcapng_bytes(Order(false), &sent))).unwrap();
    drop(writer);
    let mut files = file::open(&[format!("/proc/self/fd/{}", reader.as_raw_fd())]).unwrap();
    assert_eq!(drain(&mut files).0, sent);
    assert_eq!(files.position().1, None);
}

#[test]
fn damage_ends_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, good) = (dir.path().join("bad.pcap"), dir.path().join("good.pcap"));
    let mut bytes = pcap_bytes(Order(false), 0, &[at(1, 1), at(2, 1), at(3, 1)]);
    let record = 24 + 2 * 17;
    bytes[record + 8..record + 12].copy_from_slice(&[0xff; 4]);
    fs::write(&bad, bytes).unwrap();
    fs::write(&good, pcap_bytes(Order(false), 0, &[at(2, 2), at(9, 2)])).unwrap();
    let mut files = file::open(&names(&[&bad, &good])).unwrap();
    let (all, errors) = drain(&mut files);
    assert_eq!(all.iter().map(|p| p.4[0]).collect::<Vec<_>>(), [1, 1, 2, 2]);
    let [
        CaptureError::Read {
            error: ReadError::Length { offset: 58, len: 0xffff_ffff, .. }, ..
        },
    ] = errors.as_slice()
    else {
        panic!("{errors:?}")
    };
    assert!(errors[0].to_string().starts_with(bad.to_str().unwrap()));
    assert_eq!((files.counts().files, files.counts().files_damaged), (1, 1));
}

#[test]
fn errors_say_what_and_where() {
    let dir = tempfile::tempdir().unwrap();
    let say = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        file::open(&names(&[&path]))
            .err()
            .unwrap()
            .to_string()
            .replace(dir.path().to_str().unwrap(), "")
    };
    let mut token_ring = pcap_bytes(Order(false), 0, &[]);
    token_ring[20..24].copy_from_slice(&[6, 0, 0, 0]);
    let mut version = pcap_bytes(Order(false), 0, &[]);
    version[4] = 9;
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let supported = "capture on an Ethernet, IP or Linux cooked interface";
    let formats = "pcap and pcapng are read, plain or compressed with gzip or zstd";
    for (said, expected) in [
        (say("a", b""), "/a: is empty; give a pcap or pcapng file".to_owned()),
        (say("b", &gzip(b"")), "/b (unpacked): is empty; give a pcap or pcapng file".to_owned()),
        (say("c", b"x"), format!("/c: not a capture; {formats}")),
        (
            say("d", b"PK\x03\x04...."),
            format!("/d: not a capture but a zip archive; unpack it first; {formats}"),
        ),
        (
            say("e", &gzip(&tar)),
            format!("/e (unpacked): not a capture but a tar archive; unpack it first; {formats}"),
        ),
        (
            say("f", &token_ring),
            format!("/f: link type 6 (token ring) is not supported; {supported}"),
        ),
        (
            say("g", &version),
            "/g: pcap version 9.4 is not known; convert the file with a newer tool".to_owned(),
        ),
        (
            say("h", &version[..9]),
            "/h: the file header is cut short after 9 bytes; the capture holds no packets"
                .to_owned(),
        ),
        (
            say("i", &section(Order(true))[..9]),
            "/i: the file header is cut short after 9 bytes; the capture holds no packets"
                .to_owned(),
        ),
    ] {
        assert_eq!(said, expected);
    }
    let fail = |path: &str| file::open(&[path.to_owned()]).err().unwrap();
    assert!(matches!(fail("/no/such/file"), CaptureError::NotFound { .. }));
    assert!(matches!(fail("/no/such/*.pcap"), CaptureError::NoMatch { .. }));
    assert!(matches!(fail("/tmp/***"), CaptureError::Pattern { .. }));
    assert!(matches!(fail(dir.path().to_str().unwrap()), CaptureError::Directory { .. }));
    assert!(matches!(file::open(&[]).err().unwrap(), CaptureError::NoPath));
    // An empty file that a pattern found does not stop the others.
    fs::write(dir.path().join("j"), pcap_bytes(Order(true), 0, &[at(1, 1)])).unwrap();
    let mut files = file::open(&names(&[&dir.path().join("[aj]")])).unwrap();
    assert!(matches!(files.warnings(), [Warning::Empty { .. }]));
    assert_eq!(drain(&mut files).0.len(), 1);
}

#[test]
fn pcapng_blocks() {
    let (little, big) = (Order(false), Order(true));
    let mut bytes = section(little);
    // An offset of -1 s; eighths of a second.
    let options =
        [option(little, 2, b"eth\t0"), option(little, 9, &[0x83]), option(little, 14, &[0xff; 8])]
            .concat();
    bytes.extend(interface(little, 1, 3, &options));
    bytes.extend(enhanced(little, 0, 12, 9, b"abc"));
    // §4.4: cut to the snap length; no time of its own.
    bytes.extend(block(little, 3, &[&little.u32(5)[..], b"def\0"].concat()));
    bytes.extend(enhanced(little, 1, 0, 1, b"x"));
    bytes.extend(block(
        little,
        6,
        &[&[0; 12][..], &little.u32(9), &little.u32(9), b"too long"].concat(),
    ));
    let key = b"CLIENT_RANDOM 00 11";
    let secrets = |kind| [&little.u32(kind)[..], &little.u32(19), key].concat();
    bytes.extend(block(little, 10, &secrets(0x544c_534b)));
    bytes.extend(block(little, 10, &secrets(1)));
    bytes.extend(block(little, 0xbad, &[1; 9]));
    // A section in the other byte order counts its interfaces anew; the first is the same.
    bytes.extend(section(big));
    bytes.extend(interface(big, 1, 0, &option(big, 2, b"eth0")));
    bytes.extend(interface(big, 101, 0, &[]));
    // Appendix A: the old Packet Block.
    let old = [&big.u16(1)[..], &[0; 2], &big.u32(0), &big.u32(7), &big.u32(2), &big.u32(2), b"hi"]
        .concat();
    bytes.extend(block(big, 2, &old));
    let mut reader = pcapng::Reader::new(bytes.as_slice()).unwrap();
    let mut all = Vec::new();
    while let Some(p) = reader.next().unwrap() {
        all.push(plain(&p));
    }
    let time = 500_000_000;
    assert_eq!(all[..2], [(time, 1, 0, 9, b"abc".to_vec()), (time, 1, 0, 5, b"def".to_vec())]);
    assert_eq!(all[2..], [(7000, 101, 1, 2, b"hi".to_vec())]);
    assert_eq!(
        reader.interfaces().iter().map(|i| i.name.as_str()).collect::<Vec<_>>(),
        ["eth0", ""]
    );
    assert_eq!(
        reader.skipped(),
        pcapng::Skipped { blocks: 1, no_interface: 1, bad: 1, secrets: 1 }
    );
    assert!(reader.secrets().len() == 1 && reader.secrets()[0].bytes() == key);
}

#[test]
fn pcapng_damage() {
    let order = Order(false);
    let start = [section(order), interface(order, 1, 0, &[])].concat();
    let fails = |more: &[u8]| {
        let bytes = [start.as_slice(), &enhanced(order, 0, 1, 1, b"a"), more].concat();
        let mut reader = pcapng::Reader::new(bytes.as_slice()).unwrap();
        assert!(reader.next().unwrap().is_some());
        let error = reader.next().err().unwrap();
        assert!(reader.next().unwrap().is_none(), "nothing follows an error");
        error
    };
    let mut differ = enhanced(order, 0, 1, 1, b"a");
    let last = differ.len() - 4;
    differ[last] ^= 4;
    assert!(matches!(fails(&differ), ReadError::Structure { offset, .. } if offset == 84));
    for (kind, len) in [(6, 28), (6, 33), (6, 0x7fff_fffc), (1, 16), (9, 8), (9, 13)] {
        let bytes = [order.u32(kind), order.u32(len)].concat();
        assert!(matches!(fails(&bytes), ReadError::Length { .. }), "{kind} {len}");
    }
}

#[test]
fn original_is_never_shorter() {
    // Some writers say 0 for a length they do not know.
    let bytes =
        pcap_bytes(Order(false), 0, &[(0, 1, 0, 0, b"abcd".to_vec()), (0, 1, 0, 0, vec![])]);
    assert_eq!(
        read(bytes.as_slice(), true).0,
        [(0, 1, 0, 4, b"abcd".to_vec()), (0, 1, 0, 0, vec![])]
    );
}

#[test]
fn old_versions_swap_lengths() {
    // Before 2.4 some writers put the original length first.
    let mut bytes = pcap_bytes(Order(false), 0, &[(0, 1, 0, 2, b"abcd".to_vec())]);
    bytes[6] = 3;
    bytes[32..40].copy_from_slice(&[9, 0, 0, 0, 4, 0, 0, 0]);
    assert_eq!(read(bytes.as_slice(), true).0, [(0, 1, 0, 9, b"abcd".to_vec())]);
}

/// Name of a link type in the corpus' manifest.
fn manifest_name(link: LinkType) -> &'static str {
    match link.0 {
        0 => "NULL",
        1 => "EN10MB",
        9 => "PPP",
        12 | 14 | 101 => "RAW",
        104 => "C_HDLC",
        113 => "LINUX_SLL",
        129 => "ARCNET_LINUX",
        228 => "IPV4",
        239 => "NFLOG",
        276 => "LINUX_SLL2",
        _ => "?",
    }
}

#[test]
fn corpus_counts() {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2);
    let Some(corpus) = above.map(|dir| dir.join("shared/corpus")).find(|dir| dir.is_dir()) else {
        println!("skipped: there is no folder shared/corpus beside the project");
        return;
    };
    let manifest = fs::read_to_string(corpus.join("manifest.tsv")).unwrap();
    let mut lines = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name| header.iter().position(|h| *h == name).unwrap();
    let (path, packets, link) = (column("path"), column("packets"), column("link_type"));
    let mut wrong = Vec::new();
    for mut row in lines {
        // The manifest's tool counts custom blocks, which hold no packets, as packets.
        match row[path] {
            "gopacket/pcapgo/tests/be/test017.pcapng" => row[packets] = "0",
            "gopacket/pcapgo/tests/be/test202.pcapng" => row[packets] = "8",
            _ => {}
        }
        let expected = (row[packets].to_owned(), row[link].to_owned());
        let got = match file::open(&names(&[&corpus.join(row[path])])) {
            Ok(mut files) => {
                let (all, errors) = drain(&mut files);
                let mut links: Vec<_> =
                    files.interfaces().iter().map(|i| manifest_name(i.link)).collect();
                links.sort_unstable();
                links.dedup();
                // One has a section of version 2.0, which nothing reads.
                errors
                    .iter()
                    .for_each(|e| assert!(row[path].ends_with("le/test901.pcapng"), "{e}"));
                (all.len().to_string(), links.join(","))
            }
            Err(CaptureError::Link { number, .. }) => {
                (row[packets].to_owned(), manifest_name(LinkType(number)).to_owned())
            }
            Err(error) => (error.to_string(), String::new()),
        };
        if got != expected {
            wrong.push(format!("{}: {got:?}, manifest says {expected:?}", row[path]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
