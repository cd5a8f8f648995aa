//! What goes wrong around a run: signals, outputs that are inputs.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use apitap_tests::{input, path, run};
use rustix::process::{Pid, Signal, kill_process};

const MINUTE: Duration = Duration::from_secs(60);

/// `apitap read` of a pipe, and the pipe's other end, in which a whole capture has been put.
fn waiting(folder: &Path, out: &Path) -> (Child, File) {
    let pipe = folder.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("coreutils");
    assert!(made.success());
    let reader = run::apitap()
        .arg("read")
        .arg(&pipe)
        .args(["--threads", "1", "--output", "jsonl", "--out"])
        .arg(out)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap();
    // Opening waits for the reader.
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    let capture = input(&path("fixtures/shop")).expect("a capture");
    writer.write_all(&fs::read(capture).unwrap()).unwrap();
    (reader, writer)
}

fn tell(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

/// A reader that waits for bytes of a pipe ends at once, in order, and by the signal: what was written is whole, and
/// there is a summary.
#[test]
fn a_signal_ends_reading_in_order() {
    use std::os::unix::process::ExitStatusExt as _;

    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        let (mut reader, writer) = waiting(folder.path(), &out);
        // It is to have read what there is.
        sleep(Duration::from_secs(1));
        let start = Instant::now();
        tell(&reader, signal);
        let status = reader.wait().unwrap();
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status}");
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(log.contains("packets, ") && log.contains("apitap: stopped by SIG"), "{log}");
        let written = fs::read_to_string(&out).unwrap();
        assert!(written.is_empty() || written.ends_with("}\n"), "a line is cut");
        for line in written.lines() {
            serde_json::from_str::<serde_json::Value>(line).expect("a whole record");
        }
        drop(writer);
    }
}

/// `nohup` and shells' background jobs ignore signals on purpose.
#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut shell = Command::new("sh");
    run::clean(&mut shell);
    let line = "trap '' HUP INT; exec \"$0\" read \"$1\" --quiet --out \"$2\" 2>/dev/null";
    shell.args(["-c", line]).arg(run::binary()).args([&pipe, &out]);
    let mut reader = shell.stdin(Stdio::null()).spawn().unwrap();
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    let capture = fs::read(input(&path("fixtures/shop")).expect("a capture")).unwrap();
    let (first, rest) = capture.split_at(capture.len() / 2);
    writer.write_all(first).unwrap();
    sleep(Duration::from_secs(1));
    tell(&reader, Signal::HUP);
    tell(&reader, Signal::INT);
    sleep(Duration::from_millis(500));
    writer.write_all(rest).unwrap();
    drop(writer);
    assert_eq!(run::wait(&mut reader, MINUTE).0, Some(0));
    assert!(fs::read_to_string(&out).unwrap().lines().count() > 3);
}

/// A shell may give a capture as standard input, and the same file as the output.
#[test]
fn standard_input_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("capture");
    fs::copy(input(&path("fixtures/shop")).expect("a capture"), &file).unwrap();
    let before = fs::read(&file).unwrap();
    let mut command = run::apitap();
    command.args(["read", "-", "--out"]).arg(&file).stdin(File::open(&file).unwrap());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("would be written over"), "{said}");
    assert!(fs::read(&file).unwrap() == before, "it was written over");
}
