//! The spool as a whole: what was appended comes out in order, whatever happens to process and disk.

use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;

const NOW: Duration = Duration::ZERO;

fn config(directory: &Path) -> Config {
    Config {
        directory: directory.to_owned(),
        bytes_max: 1 << 20,
        segment_bytes_max: 4096,
        disk_free_bytes_min: 0,
        ..Config::default()
    }
}

fn keys(names: &[&str]) -> Keys {
    let fill = |name: &str| Zeroizing::new([name.as_bytes()[0]; 32]);
    Keys::new(names.iter().map(|name| ((*name).to_owned(), fill(name))))
}

fn opened(directory: &Path) -> (Writer, Reader) {
    open(&config(directory), &keys(&["k1"])).unwrap()
}

fn payload(number: u64) -> Vec<u8> {
    let mut payload = format!("record {number} ").into_bytes();
    payload.resize(20 + usize::try_from(number * 37 % 300).unwrap(), b'.');
    payload
}

fn number(entry: &Entry) -> u64 {
    let text = String::from_utf8(entry.payload.clone()).unwrap();
    let number = text.split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(entry.payload, payload(number));
    number
}

fn append(writer: &mut Writer, numbers: impl IntoIterator<Item = u64>) {
    numbers.into_iter().for_each(|number| writer.append(&payload(number)));
}

/// Everything there is to read.
fn drain(reader: &mut Reader) -> Vec<u64> {
    std::iter::from_fn(|| reader.next(NOW).map(|entry| number(&entry))).collect()
}

/// What a crash would leave: the directory as it is now.
fn crashed(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "spool")).collect();
    files.sort();
    files
}

#[test]
fn records_come_out_in_order_and_go_when_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    append(&mut writer, 0..200);
    let mut seqs = Vec::new();
    for want in 0..200 {
        let entry = reader.next(NOW).unwrap();
        assert_eq!(number(&entry), want);
        seqs.push(entry.seq);
    }
    assert!(reader.next(NOW).is_none());
    let status = writer.status();
    assert_eq!((status.records, status.written, status.writable), (200, 200, true));
    assert!(status.segments > 5, "{status:?}");
    // Out of order: only what is contiguous is passed.
    seqs.iter().rev().take(199).for_each(|seq| reader.acknowledge(*seq));
    writer.sync().unwrap();
    assert_eq!(segments(directory.path()).len() as u64, status.segments);
    reader.acknowledge(seqs[0]);
    writer.sync().unwrap();
    assert_eq!(segments(directory.path()).len(), 1);
    let status = writer.close();
    assert_eq!((status.records, status.acknowledged, status.dropped), (0, 200, 0));
    let (writer, mut reader) = opened(directory.path());
    assert_eq!(writer.status().resumed, 0);
    assert!(reader.next(NOW).is_none());
}

#[test]
fn a_crash_loses_nothing_and_repeats_only_what_was_not_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    append(&mut writer, 0..100);
    for _ in 0..40 {
        let seq = reader.next(NOW).unwrap().seq;
        reader.acknowledge(seq);
    }
    writer.sync().unwrap();
    append(&mut writer, 100..150);
    let copy = crashed(directory.path());
    let (mut writer, mut reader) = opened(copy.path());
    assert_eq!(writer.status().resumed, 110);
    append(&mut writer, 150..160);
    assert_eq!(drain(&mut reader), (40..160).collect::<Vec<_>>());
}

#[test]
fn a_partly_acknowledged_file_is_counted_exactly() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    append(&mut writer, 0..20);
    let seq = reader.next(NOW).unwrap().seq;
    reader.acknowledge(seq);
    drop((writer, reader));
    let (writer, mut reader) = opened(directory.path());
    assert_eq!((writer.status().resumed, writer.status().segments), (19, 2));
    assert_eq!(drain(&mut reader), (1..20).collect::<Vec<_>>());
    assert_eq!(writer.status().corrupt, 0);
}

#[test]
fn what_was_read_long_ago_does_not_make_the_rest_old() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    append(&mut writer, 0..3);
    let age = || {
        let mut state = writer.shared.lock();
        state.segments.iter_mut().for_each(|segment| segment.since -= 50);
    };
    age();
    assert!(writer.status().oldest_seconds >= 50);
    // The two that wait are no older than the one that was read.
    let entry = reader.next(NOW).unwrap();
    reader.acknowledge(entry.seq);
    assert!(writer.status().oldest_seconds < 50);
    while let Some(entry) = reader.next(NOW) {
        reader.acknowledge(entry.seq);
    }
    assert_eq!(writer.status().oldest_seconds, 0);
    age();
    append(&mut writer, 3..4);
    assert!(writer.status().oldest_seconds < 50);
}

#[test]
fn a_full_spool_drops_the_oldest_and_counts_them() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { bytes_max: 128 * 1024, ..config(directory.path()) };
    let (mut writer, mut reader) = open(&config, &keys(&["k1"])).unwrap();
    append(&mut writer, 0..2000);
    let status = writer.status();
    assert!(status.bytes <= 128 * 1024 && status.dropped > 0, "{status:?}");
    let on_disk: u64 = segments(directory.path()).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert_eq!(on_disk, status.bytes);
    assert_eq!(status.dropped + status.records, 2000);
    assert_eq!(drain(&mut reader), (status.dropped..2000).collect::<Vec<_>>());
}

// What was read before its file was dropped is in flight, not lost.
#[test]
fn in_flight_records_are_not_counted_as_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { bytes_max: 128 * 1024, ..config(directory.path()) };
    let (mut writer, mut reader) = open(&config, &keys(&["k1"])).unwrap();
    append(&mut writer, 0..10);
    let seqs: Vec<_> = (0..10).map(|_| reader.next(NOW).unwrap().seq).collect();
    append(&mut writer, 10..2000);
    let dropped = writer.status().dropped;
    let first = drain(&mut reader)[0];
    assert_eq!(first, dropped + 10);
    seqs.iter().for_each(|seq| reader.acknowledge(*seq));
    let status = writer.status();
    assert_eq!(status.acknowledged + status.dropped + status.records, 2000);
}

#[test]
fn a_disk_that_fails_is_bridged_by_memory() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let (mut writer, mut reader) = opened(&spool);
    append(&mut writer, 0..5);
    let away = directory.path().join("away");
    fs::rename(&spool, &away).unwrap();
    // The next segment cannot be made.
    append(&mut writer, 5..100);
    let status = writer.status();
    assert!(!status.writable && status.last_error.unwrap().contains("No such file"));
    assert_eq!((status.records, status.dropped), (100, 0));
    fs::rename(&away, &spool).unwrap();
    append(&mut writer, 100..120);
    assert!(writer.status().writable);
    assert_eq!(drain(&mut reader), (0..120).collect::<Vec<_>>());
    drop(writer);
    let (_writer, mut reader) = opened(&spool);
    assert_eq!(drain(&mut reader), (0..120).collect::<Vec<_>>());
}

/// Removes all segments, as somebody who makes room does.
fn remove(directory: &Path) {
    for segment in segments(directory) {
        fs::remove_file(segment).unwrap();
    }
}

/// Waits until the spool has seen that.
fn missed(writer: &Writer) {
    let removed = |status: Status| status.last_error.is_some_and(|e| e.contains("was removed"));
    let found = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        removed(writer.status())
    });
    assert!(found, "{:?}", writer.status());
}

#[test]
fn files_that_others_remove_are_missed_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { sync_milliseconds: 10, ..config(directory.path()) };
    let (mut writer, mut reader) = open(&config, &keys(&["k1"])).unwrap();
    append(&mut writer, 1..=60);
    assert!(segments(directory.path()).len() > 2);
    remove(directory.path());
    missed(&writer);
    // Not into the file that nobody will ever find.
    append(&mut writer, 61..=70);
    assert_eq!(segments(directory.path()).len(), 1);
    assert_eq!(drain(&mut reader), (61..=70).collect::<Vec<_>>());
    let status = writer.status();
    assert_eq!((status.corrupt, status.dropped), (60, 0));
}

#[test]
fn what_was_in_removed_files_is_lost_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    append(&mut writer, 1..=60);
    for _ in 0..20 {
        reader.next(NOW).unwrap();
    }
    reader.acknowledge(1);
    remove(directory.path());
    drop(reader);
    let status = writer.close();
    assert_eq!((status.records, status.corrupt, status.dropped), (0, 59, 0));
}

#[test]
fn memory_is_bounded_and_read_directly() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let config = Config { memory_bytes_max: 10_000, ..config(&spool) };
    let (mut writer, mut reader) = open(&config, &keys(&["k1"])).unwrap();
    fs::rename(&spool, directory.path().join("away")).unwrap();
    append(&mut writer, 0..200);
    let status = writer.status();
    assert!(status.dropped > 100 && status.records + status.dropped == 200, "{status:?}");
    assert_eq!(drain(&mut reader), (status.dropped..200).collect::<Vec<_>>());
    // What cannot be written at the end is lost, and said to be; on its way or not.
    append(&mut writer, 200..210);
    let end = writer.close();
    assert_eq!((end.dropped, end.records), (210, 0));
}

#[test]
fn too_little_free_space_is_a_disk_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config { disk_free_bytes_min: u64::MAX, ..config(directory.path()) };
    let (mut writer, mut reader) = open(&config, &keys(&["k1"])).unwrap();
    append(&mut writer, 0..3);
    assert!(writer.status().last_error.unwrap().contains("are free on the disk"));
    assert!(segments(directory.path()).is_empty());
    assert_eq!(drain(&mut reader), [0, 1, 2]);
}

#[test]
fn a_record_larger_than_a_segment_has_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = opened(directory.path());
    for len in [10, 20_000, 10, 300_000, 10] {
        writer.append(&vec![1; len]);
    }
    let read: Vec<_> = std::iter::from_fn(|| reader.next(NOW).map(|e| e.payload.len())).collect();
    assert_eq!(read, [10, 20_000, 10, 300_000, 10]);
}

#[test]
fn nothing_readable_is_on_the_disk_and_nobody_else_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let (mut writer, _reader) = opened(&spool);
    append(&mut writer, 0..50);
    writer.sync().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&spool), 0o700);
    for entry in fs::read_dir(&spool).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let octets = fs::read(&path).unwrap();
        let plain = |word: &[u8]| octets.windows(word.len()).any(|window| window == word);
        assert!(!plain(b"record") && !plain(b"....") && !plain(&[b'k'; 8]));
    }
}

#[test]
fn two_sensors_never_share_a_spool() {
    let directory = tempfile::tempdir().unwrap();
    let first = opened(directory.path());
    let error = open(&config(directory.path()), &keys(&["k1"])).err().unwrap();
    assert!(
        error.to_string().contains("is used by something else of this configuration"),
        "{error}"
    );
    drop(first);
    opened(directory.path());
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let directory = tempfile::tempdir().unwrap();
    let (mut writer, _reader) = opened(directory.path());
    append(&mut writer, 0..3);
    drop(writer);
    let error = open(&config(directory.path()), &keys(&["new"])).err().unwrap().to_string();
    assert!(error.contains("sealed with key \"k1\"") && error.contains("put that key back"));
    let (mut writer, mut reader) = open(&config(directory.path()), &keys(&["k1", "new"])).unwrap();
    append(&mut writer, 3..6);
    assert_eq!(drain(&mut reader), (0..6).collect::<Vec<_>>());
    assert!(open(&config(directory.path()), &Keys::new([])).is_err());
}

#[test]
fn a_rotation_while_running_seals_with_the_new_key() {
    let directory = tempfile::tempdir().unwrap();
    let in_force = keys(&["k1"]);
    let (mut writer, mut reader) = open(&config(directory.path()), &in_force).unwrap();
    append(&mut writer, 0..3);
    in_force.replace([]);
    in_force.replace(
        ["k1", "new"].map(|name| (name.to_owned(), Zeroizing::new([name.as_bytes()[0]; 32]))),
    );
    append(&mut writer, 3..6);
    let read: Vec<Entry> = std::iter::from_fn(|| reader.next(NOW)).collect();
    assert_eq!(read.iter().map(number).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    read[..3].iter().for_each(|entry| reader.acknowledge(entry.seq));
    drop(reader);
    drop(writer.close());
    // What is left needs the new key alone.
    let (_writer, mut reader) = open(&config(directory.path()), &keys(&["new"])).unwrap();
    assert_eq!(drain(&mut reader), [3, 4, 5]);
}

#[test]
fn bad_settings_and_places_are_said_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let small = Config { bytes_max: 5, ..config(directory.path()) };
    let error = open(&small, &keys(&["k1"])).err().unwrap().to_string();
    assert_eq!(error, "spool setting bytes_max is too small; use at least 131072");
    let nowhere = Config { directory: "/proc/nowhere".into(), ..config(directory.path()) };
    let error = open(&nowhere, &keys(&["k1"])).err().unwrap().to_string();
    assert!(error.starts_with("cannot use the spool at /proc/nowhere: "), "{error}");
}

/// One thing that happens to a spool.
#[derive(Debug, Clone)]
enum Act {
    Append(u8),
    Read(u8),
    Acknowledge(u8),
    Sync,
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1..40_u8).prop_map(Act::Append),
        3 => (1..40_u8).prop_map(Act::Read),
        3 => any::<u8>().prop_map(Act::Acknowledge),
        1 => Just(Act::Sync),
        1 => Just(Act::Crash),
    ];
    vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // Model: a list. Whatever is done, in whatever order, everything that was not acknowledged comes out, in order;
    // what comes twice was not covered by the cursor.
    #[test]
    fn it_is_a_queue(acts in acts()) {
        let mut directory = tempfile::tempdir().unwrap();
        let (mut writer, mut reader) = opened(directory.path());
        let (mut next, mut acknowledged) = (0_u64, std::collections::BTreeSet::new());
        let mut outstanding: Vec<(u64, u64)> = Vec::new();
        let mut last_read = None;
        for act in acts {
            match act {
                Act::Append(count) => {
                    append(&mut writer, next..next + u64::from(count));
                    next += u64::from(count);
                }
                Act::Read(count) => for _ in 0..count {
                    let Some(entry) = reader.next(NOW) else { break };
                    let number = number(&entry);
                    // In order, without a hole but for what was acknowledged.
                    let from = last_read.map_or(0, |last| last + 1);
                    prop_assert!((from..number).all(|n| acknowledged.contains(&n)), "{from}..{number}");
                    last_read = Some(number);
                    outstanding.push((entry.seq, number));
                },
                Act::Acknowledge(pick) => if !outstanding.is_empty() {
                    let (seq, number) = outstanding.remove(usize::from(pick) % outstanding.len());
                    reader.acknowledge(seq);
                    acknowledged.insert(number);
                },
                Act::Sync => writer.sync().unwrap(),
                Act::Crash => {
                    let copy = crashed(directory.path());
                    (writer, reader) = opened(copy.path());
                    directory = copy;
                    outstanding.clear();
                    last_read = None;
                }
            }
            let status = writer.status();
            prop_assert!((status.dropped, status.corrupt, status.writable) == (0, 0, true), "{:?}", status);
            prop_assert!(status.records <= next);
        }
        drop((writer, reader));
        let (_writer, mut reader) = opened(directory.path());
        let left = drain(&mut reader);
        prop_assert!(left.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!((0..next).all(|n| acknowledged.contains(&n) || left.contains(&n)));
    }

    // A cut or a flipped bit anywhere in any file: no panic, nothing out of order, nothing made up, what cannot be read
    // is counted, and new records still go in and come out.
    #[test]
    fn damage_is_skipped_and_counted(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), cut in any::<bool>(), live in any::<bool>()) {
        let directory = tempfile::tempdir().unwrap();
        let (mut writer, mut reader) = opened(directory.path());
        append(&mut writer, 0..100);
        let copy = crashed(directory.path());
        let place = if live { directory.path() } else { copy.path() };
        let files = segments(place);
        let file = &files[file.index(files.len())];
        let mut octets = fs::read(file).unwrap();
        let at = at.index(octets.len());
        if cut { octets.truncate(at) } else { octets[at] ^= 0x10 }
        fs::write(file, octets).unwrap();
        if !live {
            (writer, reader) = opened(copy.path());
        }
        let mut read = drain(&mut reader);
        append(&mut writer, 100..110);
        read.extend(drain(&mut reader));
        prop_assert!(read.windows(2).all(|pair| pair[0] < pair[1]));
        let missing = 110 - read.len() as u64;
        let status = writer.status();
        prop_assert_eq!(status.records, read.len() as u64);
        // The torn end of the last file is cut unseen: those records were never promised to be there.
        prop_assert!(status.corrupt > 0 || missing == 0 || (!live && file == files.last().unwrap()), "{:?}", status);
        // One file holds fewer than 40 of them.
        prop_assert!(missing < 40, "{missing}");
        if live && !cut { prop_assert_eq!(status.corrupt, missing) }
    }
}
