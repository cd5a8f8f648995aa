//! What cannot be done is said in one line on standard error: what, where, what to do. Exit code 1 when the input
//! or the environment failed, 2 for wrong usage or settings.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use apitap_tests::kafka::free_ports;
use apitap_tests::pcap::{Capture, Packet};
use apitap_tests::run::{self, Run};
use apitap_tests::{input, path, skip};
use tempfile::TempDir;

const MINUTE: Duration = Duration::from_secs(60);

fn capture() -> Option<PathBuf> {
    input(&path("fixtures/shop"))
}

/// Exit code `code`, nothing on standard output, and one error line that names each of `words`.
fn fails(run: &Run, code: i32, words: &[&str]) {
    let (errors, stderr) = (run.errors(), &run.stderr);
    assert!(!run.crashed(), "crashed:\n{stderr}");
    assert_eq!(run.code, Some(code), "exit code; standard error:\n{stderr}");
    assert_eq!(errors.len(), 1, "one line that begins with `apitap: `; standard error:\n{stderr}");
    assert_eq!(run.text(), "", "standard output is for records");
    for word in words {
        assert!(
            errors[0].to_lowercase().contains(&word.to_lowercase()),
            "{:?} does not say {word:?}",
            errors[0]
        );
    }
    assert!(errors[0].len() < 400, "an error line of {} bytes", errors[0].len());
}

fn read(arguments: &[&str]) -> Run {
    run::run([&["read", "--output", "jsonl"], arguments].concat())
}

fn file(folder: &TempDir, name: &str, contents: &[u8]) -> String {
    let file = folder.path().join(name);
    fs::write(&file, contents).unwrap();
    file.to_str().unwrap().to_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn small(link: u32) -> Capture {
    let packet = Packet { time: 1_700_000_000_000_000_000, original_len: 60, data: vec![0; 60] };
    Capture { link, packets: vec![packet.clone(), packet] }
}

#[test]
fn missing_file() {
    fails(&read(&["/nonexistent/x.pcap"]), 1, &["/nonexistent/x.pcap", "no such file"]);
}

#[test]
fn one_of_several_files_is_missing() {
    let folder = folder();
    let there = file(&folder, "a.pcap", &small(1).bytes());
    fails(&read(&[&there, "/nonexistent/x.pcap"]), 1, &["/nonexistent/x.pcap"]);
}

#[test]
fn pattern_without_match() {
    let folder = folder();
    let pattern = folder.path().join("*.pcap");
    fails(&read(&[pattern.to_str().unwrap()]), 1, &["*.pcap"]);
}

#[test]
fn directory() {
    let folder = folder();
    fails(&read(&[folder.path().to_str().unwrap()]), 1, &["directory"]);
}

#[test]
fn empty_file() {
    let folder = folder();
    let empty = file(&folder, "empty.pcap", b"");
    fails(&read(&[&empty]), 1, &["empty.pcap", "empty"]);
}

#[test]
fn not_a_capture() {
    let folder = folder();
    for (name, contents) in [
        ("a.txt", &b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"[..]),
        ("b.bin", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]),
        ("c.bin", &[0xd4, 0xc3]),
        ("d.json", b"{\"a\": 1}\n"),
    ] {
        let file = file(&folder, name, contents);
        let run = read(&[&file]);
        fails(&run, 1, &[name, "pcap"]);
        assert!(!run.stderr.contains("example.com"), "contents of the file in an error");
    }
}

#[test]
fn compressed_file_that_holds_no_capture() {
    let folder = folder();
    let packed = zstd::encode_all(&b"no capture at all, only words"[..], 3).unwrap();
    let file = file(&folder, "words.pcap.zst", &packed);
    fails(&read(&[&file]), 1, &["words.pcap.zst"]);
}

#[test]
fn truncated_capture_is_read_as_far_as_it_goes() {
    let folder = folder();
    let bytes = match capture() {
        Some(capture) => apitap_tests::records::read(&capture),
        None => small(1).bytes(),
    };
    let whole = file(&folder, "whole.pcap", &bytes);
    let cut = file(&folder, "cut.pcap", &bytes[..bytes.len() - 5]);
    let whole = read(&["--threads", "1", &whole]).ok("whole capture");
    let cut = read(&["--threads", "1", &cut]).ok("cut capture");
    assert!(
        cut.stderr.contains("warning: ") && cut.stderr.contains("cut.pcap: cut short"),
        "{}",
        cut.stderr
    );
    assert!(whole.text().lines().count() <= cut.text().lines().count() + 1);
}

/// A call that the first packet ends is told as any other: where it was captured, whatever the number of threads.
#[test]
fn the_first_packet_has_an_interface() {
    let folder = folder();
    let mut capture = Capture::read(&path("fixtures/shop/input.pcap"));
    let answer = capture.packets.iter().position(|packet| {
        let segment = packet.segment(capture.link);
        segment.is_some_and(|segment| packet.data[segment.payload].starts_with(b"HTTP/1.1 2"))
    });
    capture.packets = vec![capture.packets[answer.unwrap()].clone()];
    let one = file(&folder, "one.pcap", &capture.bytes());
    let told = ["1", "2"].map(|threads| {
        let read = read(&["--threads", threads, &one]).ok("one packet");
        serde_json::from_str::<serde_json::Value>(&read.text()).unwrap()["network"].take()
    });
    assert_eq!((&told[0]["interface"], &told[0]["link"]), (&"one.pcap".into(), &"ethernet".into()));
    assert_eq!(told[0], told[1]);
}

#[test]
fn truncated_compressed_capture() {
    let folder = folder();
    let packed = zstd::encode_all(&small(1).bytes()[..], 3).unwrap();
    let cut = file(&folder, "cut.pcap.zst", &packed[..packed.len() - 6]);
    let run = read(&[&cut]);
    assert!(!run.crashed() && !run.timed_out);
    fails(&run, 1, &["cut.pcap.zst", "cut short"]);
}

#[test]
fn absurd_packet_length() {
    let folder = folder();
    let mut bytes = small(1).bytes();
    bytes[32..36].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let file = file(&folder, "absurd.pcap", &bytes);
    fails(&read(&[&file]), 1, &["absurd.pcap"]);
}

#[test]
fn output_over_the_capture_itself() {
    let folder = folder();
    let bytes = small(1).bytes();
    let file = file(&folder, "only.pcap", &bytes);
    fails(&run::run(["read", "--out", &file, &file]), 2, &["only.pcap", "another name"]);
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn output_over_what_is_read() {
    let folder = folder();
    let capture = file(&folder, "only.pcap", &small(1).bytes());
    let key = folder.path().join("k.key");
    let key = key.to_str().unwrap();
    assert_eq!(run::run(["key", "new", "--out", key]).code, Some(0));
    let secret = fs::read(key).unwrap();
    fails(&read(&["--key", key, "--out", key, &capture]), 2, &["k.key", "another name"]);
    fails(&run::run(["inventory", "--key", key, "--out", key, &capture]), 2, &["k.key"]);
    assert_eq!(fs::read(key).unwrap(), secret);
    let linked = folder.path().join("linked.pcap");
    fs::hard_link(&capture, &linked).unwrap();
    fails(&read(&["--out", linked.to_str().unwrap(), &capture]), 2, &["linked.pcap"]);
    assert_eq!(fs::read(&capture).unwrap(), small(1).bytes());
}

#[test]
fn what_was_written_before_stays_when_nothing_can_be_read() {
    let folder = folder();
    let capture = file(&folder, "only.pcap", &small(1).bytes());
    let out = file(&folder, "records.jsonl", b"yesterday");
    let run = read(&["--tls-keys", "/nonexistent/x.keys", "--out", &out, &capture]);
    fails(&run, 1, &["/nonexistent/x.keys"]);
    assert_eq!(fs::read(&out).unwrap(), b"yesterday");
}

#[test]
fn settings_that_a_sink_refuses_are_found_by_check() {
    let folder = folder();
    for (settings, said) in [
        ("[output.file]\nformat = 'xml'", "jsonl"),
        ("[output.kafka]\ntopic = 'a b'", "names of topics"),
        ("[output.kafka]\nbrokers = ''", "brokers"),
        ("[output.kafka]\ntls = true\nca_file = '/nonexistent/ca.pem'", "/nonexistent/ca.pem"),
        ("[output.kafka.properties]\n'no.such.property' = '1'", "no.such.property"),
    ] {
        let config = file(&folder, "apitap.toml", settings.as_bytes());
        fails(&run::run(["check", "--config", &config]), 2, &[said]);
    }
}

#[test]
fn an_environment_in_another_encoding_does_no_harm() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder();
    let config = file(&folder, "apitap.toml", b"");
    let name = std::ffi::OsStr::from_bytes(b"/home/\xb0\xa1");
    let mut check = run::apitap();
    check.args(["check", "--config", &config]).env("OLDPWD", name).stdout(Stdio::null());
    assert_eq!(check.status().unwrap().code(), Some(0));
}

#[test]
fn unknown_link_type() {
    let folder = folder();
    // 147 to 162 are for private use.
    let file = file(&folder, "private.pcap", &small(150).bytes());
    fails(&read(&[&file]), 1, &["private.pcap", "link", "150"]);
}

#[test]
fn no_permission_to_read() {
    let folder = folder();
    let secret = file(&folder, "secret.pcap", &small(1).bytes());
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o000)).unwrap();
    let arguments = ["read", "--output", "jsonl", &secret];
    if fs::File::open(&secret).is_err() {
        return fails(&run::run(arguments), 1, &["secret.pcap", "permission"]);
    }
    // Root reads everything: run as nobody, from a place that nobody can reach.
    if !run::installed("setpriv") {
        return skip(
            "reading without permission",
            "this is root, and setpriv (util-linux) is missing",
        );
    }
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = folder.path().join("apitap");
    fs::copy(run::binary(), &program).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    run::clean(&mut command);
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(&program)
        .args(arguments);
    fails(&run::finish(command, MINUTE), 1, &["secret.pcap", "permission"]);
}

#[test]
fn wrong_flags() {
    for arguments in [
        &["read", "--no-such-flag", "x.pcap"][..],
        &["read"],
        &["no-such-command"],
        &["read", "--output", "no-such-format", "x.pcap"],
        &["read", "--threads", "many", "x.pcap"],
    ] {
        let run = run::run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn settings_with_a_mistake_name_line_and_column() {
    let folder = folder();
    let capture = file(&folder, "a.pcap", &small(1).bytes());
    for (name, text, words) in [
        ("unknown.toml", "\n[decap]\nno_such_key = 1\n", &["unknown.toml", "no_such_key"][..]),
        ("section.toml", "\n\n[no_such_section]\nx = 1\n", &["section.toml", "no_such_section"]),
        ("syntax.toml", "\n\n[decap\n", &["syntax.toml"]),
        ("type.toml", "\n\ndecap = 3\n", &["type.toml"]),
    ] {
        let settings = file(&folder, name, text.as_bytes());
        let run = read(&["--config", &settings, &capture]);
        fails(&run, 2, words);
        // As `file:3:1` or `line 3, column 1`: the mistake is in line 3 of each.
        let line = run.errors()[0].to_owned();
        let position = line.contains(":3:") || (line.contains("line 3") && line.contains("column"));
        assert!(position, "{line:?} does not say line 3 and a column");
    }
    fails(
        &read(&["--config", "/nonexistent/apitap.toml", &capture]),
        2,
        &["/nonexistent/apitap.toml"],
    );
}

// `run` as well: a service manager is not to start it again.
#[test]
fn output_settings_out_of_range() {
    let folder = folder();
    let key = file(&folder, "apitap.key", b"");
    fs::remove_file(&key).unwrap();
    run::run(["key", "new", "--out", &key]).ok("key new");
    let out = folder.path().join("out.jsonl").display().to_string();
    let with = |name: &str, kafka: &str| {
        let text = format!(
            "sensor.key_file = '{key}'\ncapture.interfaces = ['lo']\nadmin.listen = ''\noutput.file.path = '{out}'\n[output.kafka]\n{kafka}\n"
        );
        file(&folder, name, text.as_bytes())
    };
    for (name, kafka, word) in [
        ("linger.toml", "linger_milliseconds = 4000000000", ":6:23: 4000000000 is outside 0"),
        ("small.toml", "spool = { directory = '/nonexistent/s', bytes_max = 200000 }", "8 times"),
        (
            "sync.toml",
            "spool = { directory = '/nonexistent/s', sync_milliseconds = 1 }",
            "outside 10 to",
        ),
        ("login.toml", "sasl_user = 'a'", "sasl_mechanism"),
    ] {
        let settings = with(name, kafka);
        fails(&run::run(["check", "--config", &settings]), 2, &[word]);
        fails(&run::run(["run", "--log-level", "error", "--config", &settings]), 2, &[word]);
    }
    // Not the configuration's fault: the file may come.
    let settings = with("file.toml", "tls = true\nca_file = '/nonexistent/ca'");
    fails(
        &run::run(["run", "--log-level", "error", "--config", &settings]),
        1,
        &["/nonexistent/ca"],
    );
}

#[test]
fn a_user_that_does_not_exist() {
    let folder = folder();
    let settings = file(&folder, "user.toml", b"privileges.user = 'nobody-of-that-name'\n");
    fails(&run::run(["check", "--config", &settings]), 1, &["privileges.user: no user"]);
}

#[test]
fn bad_key_file() {
    let folder = folder();
    let capture = file(&folder, "a.pcap", &small(1).bytes());
    let private = |name: &str, contents: &[u8]| {
        let file = file(&folder, name, contents);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        file
    };
    let words = private("words.key", b"correct horse battery staple\n");
    let run = read(&["--key", &words, &capture]);
    fails(&run, 1, &["words.key"]);
    assert!(!run.stderr.contains("horse"), "contents of a key file in an error");
    let binary = private("binary.key", &[0xff, 0, 0xfe, 1]);
    fails(&read(&["--key", &binary, &capture]), 1, &["binary.key"]);
    let empty = private("empty.key", b"");
    fails(&read(&["--key", &empty, &capture]), 1, &["empty.key"]);
    fails(&read(&["--key", "/nonexistent/x.key", &capture]), 1, &["/nonexistent/x.key"]);
}

#[test]
fn unreachable_broker() {
    let Some(capture) = capture() else {
        return skip("the unreachable broker", "fixtures/shop is not there");
    };
    let [port] = free_ports();
    let broker = format!("127.0.0.1:{port}");
    let mut command = run::apitap();
    command
        .args(["read", "--sink", "kafka", "--brokers", &broker, "--topic", "calls"])
        .arg(capture);
    let start = Instant::now();
    let run = run::finish(command, MINUTE);
    fails(&run, 1, &[&broker]);
    assert!(start.elapsed() < Duration::from_secs(30), "said after {:?}", start.elapsed());
}

#[test]
fn full_disk() {
    let Some(capture) = capture() else {
        return skip("the full disk", "fixtures/shop is not there");
    };
    for format in ["jsonl", "protobuf", "table", "ocsf", "ecs"] {
        let mut command = run::apitap();
        command.args(["read", "--output", format, "--out", "/dev/full"]).arg(&capture);
        fails(&run::finish(command, MINUTE), 1, &["/dev/full", "space"]);
    }
}

#[test]
fn output_that_cannot_be_made() {
    let Some(capture) = capture() else {
        return skip("the missing folder", "fixtures/shop is not there");
    };
    let capture = capture.to_str().unwrap();
    fails(&read(&["--out", "/nonexistent/out.jsonl", capture]), 1, &["/nonexistent/out.jsonl"]);
}

#[test]
fn a_pipe_that_closes_ends_quietly() {
    let large = input(&path("fixtures/keepalive")).or_else(capture);
    let Some(large) = large else { return skip("the closed pipe", "fixtures/ holds no capture") };
    for format in ["jsonl", "table", "protobuf", "ocsf", "ecs"] {
        let (code, stderr) = into_head(&large, format);
        assert_eq!(code, "0", "{format}: exit code; standard error:\n{stderr}");
        assert_eq!(stderr, "", "{format}: standard error");
    }
}

/// Runs `apitap read … | head -c 100`: its exit code and standard error.
fn into_head(capture: &Path, format: &str) -> (String, String) {
    let folder = folder();
    let code = folder.path().join("code");
    let script = r#"{ "$APITAP" read --key "$KEY" --output "$FORMAT" "$FILE"; echo $? >"$CODE"; } | head -c 100 >/dev/null"#;
    let mut command = Command::new("sh");
    run::clean(&mut command);
    command
        .args(["-c", script])
        .env("APITAP", run::binary())
        .env("FORMAT", format)
        .env("FILE", capture);
    command.env("KEY", run::key()).env("CODE", &code);
    let run = run::finish(command, MINUTE);
    (fs::read_to_string(&code).unwrap_or_default().trim().to_owned(), run.stderr)
}

#[test]
fn standard_input_that_is_no_capture() {
    let mut command = run::apitap();
    command.args(["read", "--output", "jsonl", "-"]).stdin(Stdio::null());
    // `finish` gives an empty standard input.
    fails(&run::finish(command, MINUTE), 1, &["standard input"]);
}
