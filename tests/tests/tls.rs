//! Connections that cannot be read: what is told of them, against other programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use apitap_tests::netns::{self, Namespace, Running};
use apitap_tests::run::{self, installed};
use apitap_tests::{corpus, path, records, skip};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

fn sessions(capture: &Path, config: Option<&Path>) -> Vec<Value> {
    let mut command = run::apitap();
    command.args(["read", "--quiet", "--output", "jsonl", "--key"]).arg(run::key()).arg(capture);
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    let done = run::finish(command, LIMIT).ok(&capture.display().to_string());
    let mut all = records::lines(&done.stdout);
    all.retain(|record| !record["encrypted_session"].is_null());
    all
}

/// Whether a name told is the name sent: labels that look generated are told as `{label}`.
fn is_name(told: &str, sent: &str) -> bool {
    let labels = |name: &str| name.to_ascii_lowercase().split('.').map(str::to_owned).collect();
    let (told, sent): (Vec<String>, Vec<String>) = (labels(told), labels(sent));
    told.len() == sent.len() && told.iter().zip(&sent).all(|(t, s)| t == s || t == "{label}")
}

/// A hello as tshark reads it: the client's port, and the server name.
fn tshark(capture: &Path, kind: u32, fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(capture).args(["-Y", &format!("tls.handshake.type=={kind}")]);
    command.args(["-T", "fields", "-E", "occurrence=f"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.stderr(Stdio::null()).output().expect("tshark runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Captures in which tshark and apitap rightly differ, and why.
const DIFFERS: &[(&str, &str)] = &[
    ("ndpi/tests/cfgs/default/pcap/gnutella.pcap", "TLS begins behind a handshake of Gnutella"),
    ("ndpi/tests/cfgs/default/pcap/ookla.pcap", "TLS joined without its SYN"),
    ("arkime/tests/pcap/tls13.pcap", "a draft of TLS 1.3 with another form of ServerHello"),
];

/// Name, version and cipher of every hello in the corpus are those that tshark reads.
#[test]
fn hellos_agree_with_tshark() {
    let test = "hellos against tshark";
    let Some(folder) = corpus::folder().filter(|_| installed("tshark")) else {
        skip(test, "tshark or the corpus is missing");
        return;
    };
    let versions = BTreeMap::from([
        ("1.3", "0x0304"),
        ("1.2", "0x0303"),
        ("1.1", "0x0302"),
        ("1.0", "0x0301"),
        ("SSL 3.0", "0x0300"),
    ]);
    let (mut names, mut answers, mut problems) = (0, 0, Vec::new());
    for entry in corpus::manifest(&folder) {
        let listed = DIFFERS.iter().any(|(path, _)| *path == entry.path);
        if listed || !["tls", "ssl", "https"].iter().any(|word| entry.path.contains(word)) {
            continue;
        }
        let capture = folder.join(&entry.path);
        let told = sessions(&capture, None);
        let of = |port: &str| {
            let port: u64 = port.parse().unwrap_or(0);
            told.iter()
                .filter(move |r| r["client"]["port"] == port)
                .map(|r| &r["encrypted_session"])
        };
        let hellos = tshark(&capture, 1, &["tcp.srcport", "tls.handshake.extensions_server_name"]);
        for hello in hellos.iter().filter(|hello| !hello[0].is_empty()) {
            let mut all = of(&hello[0]).filter(|s| !s["tls_version_offered"].is_null()).peekable();
            let name = |s: &Value| s["server_name"].as_str().unwrap_or_default().to_owned();
            if all.peek().is_some() {
                names += 1;
                if !all.any(|session| is_name(&name(session), &hello[1])) {
                    problems.push(format!("{}: port {}: another name", entry.path, hello[0]));
                }
            }
        }
        let version = ["tls.handshake.extensions.supported_version", "tls.handshake.version"];
        for answer in tshark(&capture, 2, &["tcp.dstport", version[0], version[1]]) {
            let want = if answer[1].is_empty() { &answer[2] } else { &answer[1] };
            let mut all = of(&answer[0]).filter_map(|s| s["tls_version"].as_str()).peekable();
            if all.peek().is_some() {
                answers += 1;
                if !all.any(|version| versions.get(version) == Some(&want.as_str())) {
                    problems.push(format!("{}: port {}: another version", entry.path, answer[0]));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(names > 20 && answers > 20, "{names} names, {answers} answers compared");
}

/// JA4 fingerprints are those that nDPI prints beside its captures.
///
/// nDPI takes two letters of the ALPN name otherwise, and says "d" where there is no server name.
#[test]
fn fingerprints_agree_with_ndpi() {
    let Some(folder) = corpus::folder() else {
        skip("fingerprints against nDPI", "there is no corpus");
        return;
    };
    let bare = |ja4: &str| {
        let parts = (ja4.get(..3), ja4.get(4..8), ja4.get(10..));
        format!("{}{}{}", parts.0.unwrap_or(""), parts.1.unwrap_or(""), parts.2.unwrap_or(""))
    };
    let mut compared = 0;
    for name in [
        "alexa-app.pcapng",
        "emotet.pcap",
        "ocs.pcap",
        "steam.pcapng",
        "webex.pcap",
        "vxlan.pcap",
        "tls_certificate_too_long.pcap",
    ] {
        let capture = folder.join("ndpi/tests/cfgs/default/pcap").join(name);
        let printed = capture.with_file_name(format!("{name}.ndpi.default.out"));
        let Ok(printed) = fs::read_to_string(printed) else { continue };
        let want: BTreeSet<String> = printed
            .split("JA4: ")
            .skip(1)
            .filter_map(|rest| rest.split([']', ' ', '\n']).next())
            .map(bare)
            .collect();
        let got: BTreeSet<String> = sessions(&capture, None)
            .iter()
            .filter_map(|record| record["encrypted_session"]["ja4"].as_str().map(bare))
            .collect();
        assert_eq!(got, want, "{name}");
        compared += got.len();
    }
    assert!(compared > 15, "{compared} fingerprints compared");
}

/// A server of OpenSSL, its client, and what tcpdump saw of them.
struct Lab {
    namespace: Namespace,
    folder: tempfile::TempDir,
}

impl Lab {
    fn new(test: &str) -> Option<Self> {
        if !netns::available(test) {
            return None;
        }
        if !["openssl", "curl", "tcpdump"].into_iter().all(installed) {
            skip(test, "openssl, curl and tcpdump are needed");
            return None;
        }
        let lab = Self { namespace: Namespace::new("tls"), folder: tempfile::tempdir().unwrap() };
        lab.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout s.key -out s.crt -days 30 \
             -subj /CN=api.shop.example -addext subjectAltName=DNS:api.shop.example,DNS:*.pay.example,IP:10.1.2.3",
        );
        Some(lab)
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        assert!(command.stderr(Stdio::null()).status().unwrap().success(), "openssl {arguments}");
    }

    /// Lets curl ask a server once, `client` and `server` being their arguments; gives the capture.
    fn ask(&self, port: u16, server: &str, client: &str) -> PathBuf {
        let capture = self.folder.path().join(format!("{port}.pcap"));
        let mut tcpdump = self.namespace.command("tcpdump");
        tcpdump
            .args(["-i", "lo", "-U", "-s", "0", "-w"])
            .arg(&capture)
            .args(["port", &port.to_string()]);
        let sniffer = Running::start(tcpdump.stderr(Stdio::null()));
        let mut command = self.namespace.command("openssl");
        command.args([
            "s_server",
            "-accept",
            &port.to_string(),
            "-cert",
            "s.crt",
            "-key",
            "s.key",
            "-www",
            "-quiet",
        ]);
        command.args(server.split_whitespace()).current_dir(self.folder.path());
        let running = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        wait(|| fs::metadata(&capture).is_ok_and(|file| file.len() >= 24));
        let url = format!("https://api.shop.example:{port}/");
        let resolve = format!("api.shop.example:{port}:127.0.0.1");
        wait(|| {
            let mut curl = self.namespace.command("curl");
            curl.args(["-sk", "--max-time", "5", "--resolve", &resolve, &url]);
            curl.args(client.split_whitespace()).current_dir(self.folder.path());
            curl.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
        });
        drop(running);
        // What was captured is in the file once it grows no more.
        let mut len = 0;
        wait(|| {
            let now = fs::metadata(&capture).map_or(0, |file| file.len());
            std::mem::replace(&mut len, now) == now && now > 24
        });
        drop(sniffer);
        capture
    }
}

fn wait(mut until: impl FnMut() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < LIMIT, "waited too long");
        thread::sleep(Duration::from_millis(200));
    }
}

/// OpenSSL's server and curl, in TLS 1.2 with a client certificate and in TLS 1.3: each thing that was set is told.
#[test]
fn sessions_of_openssl_and_curl_are_told() {
    let Some(lab) = Lab::new("sessions of OpenSSL and curl") else { return };
    let old =
        lab.ask(4412, "-tls1_2 -Verify 1 -alpn http/1.1", "--cert s.crt --key s.key --http1.1");
    let told = sessions(&old, None);
    let record =
        told.iter().find(|r| r["encrypted_session"]["established"] == true).expect("a session");
    let session = &record["encrypted_session"];
    assert_eq!(session["server_name"], "api.shop.example");
    assert_eq!(session["tls_version"], "1.2");
    assert_eq!(
        (&session["alpn"], &session["alpn_offered"][0]),
        (&"http/1.1".into(), &"http/1.1".into())
    );
    assert_eq!(session["client_certificate_requested"], true);
    assert_eq!(session["client_certificate"], true);
    let certificate = &session["certificate"];
    assert_eq!((&certificate["key_type"], &certificate["key_bits"]), (&"ec".into(), &256.into()));
    assert_eq!(
        (&certificate["subject"], &certificate["self_signed"]),
        (&"api.shop.example".into(), &true.into())
    );
    assert_eq!(
        certificate["names"].to_string(),
        r#"["api.shop.example","*.pay.example","10.1.2.3"]"#
    );
    assert!(
        certificate["issuer"]["token"]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("tok_"))
    );
    assert!(
        certificate["expired"].is_null()
            && session["ja4"].as_str().is_some_and(|ja4| ja4.starts_with("t1"))
    );
    assert_eq!(record["network"]["transport_security"], "ENCRYPTED");

    let new = lab.ask(4413, "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -groups P-256", "");
    let told = sessions(&new, None);
    let session = &told
        .iter()
        .find(|r| r["encrypted_session"]["established"] == true)
        .expect("a session")["encrypted_session"];
    assert_eq!(session["tls_version"], "1.3");
    assert_eq!(session["cipher"], "TLS_CHACHA20_POLY1305_SHA256");
    assert_eq!(session["group"], "secp256r1");
    assert!(session["certificate"].is_null() && session["client_certificate"].is_null());
    assert!(session["ja4s"].is_null(), "JA4S only when asked for");
    let config = lab.folder.path().join("c.toml");
    fs::write(&config, "[tls]\nja4s = true\n").unwrap();
    assert!(
        sessions(&new, Some(&config))[0]["encrypted_session"]["ja4s"]
            .as_str()
            .is_some_and(|text| text.starts_with("t13"))
    );
    fs::write(&config, "[tls]\nsessions = \"off\"\n").unwrap();
    assert!(sessions(&new, Some(&config)).is_empty());

    // And in the inventory.
    let mut command = run::apitap();
    command
        .args(["inventory", "--quiet", "--format", "json", "--key"])
        .arg(run::key())
        .args([&old, &new]);
    let report: Value =
        serde_json::from_slice(&run::finish(command, LIMIT).ok("inventory").stdout).unwrap();
    let spot = &report["blind_spots"][0];
    assert_eq!(spot["host"], "api.shop.example");
    assert!(
        spot["versions"]["TLS 1.3"].as_u64() >= Some(1)
            && spot["client_certificates"].as_u64() >= Some(1)
    );
}

/// Both versions of QUIC, changes between them, Retry, hellos in pieces, resumption: as aioquic's client saw them.
#[test]
fn quic_sessions_are_those_that_the_client_saw() {
    let folder = path("fixtures/quic");
    let log = records::lines(&fs::read(folder.join("sessions.jsonl")).unwrap());
    let mut told = sessions(&folder.join("input.pcap"), None);
    told.sort_by_key(|r| records::nanos(&r["encrypted_session"]["start_time"]));
    assert_eq!(told.len(), log.len());
    for (record, saw) in told.iter().zip(&log) {
        let session = &record["encrypted_session"];
        assert_eq!(record["protocol"], "QUIC");
        assert_eq!(record["server"]["port"], saw["port"], "{}", saw["name"]);
        for field in ["server_name", "quic_version"] {
            assert_eq!(session[field], saw[field], "{}: {field}", saw["name"]);
        }
        for field in ["resumed", "early_data", "retried"] {
            assert_eq!(session[field] == true, saw[field] == true, "{}: {field}", saw["name"]);
        }
        assert_eq!(session["alpn_offered"][0], saw["alpn"]);
        assert_eq!(session["tls_version"], "1.3", "{}", saw["name"]);
        assert_eq!(session["established"], true, "{}", saw["name"]);
        // Three ciphers; with a session to resume, two extensions more.
        let (extensions, ciphers) = (if saw["resumed"] == true { 10 } else { 8 }, "55b375c5d22e");
        let ja4 = session["ja4"].as_str().unwrap();
        assert!(ja4.starts_with(&format!("q13d03{extensions:02}h3_{ciphers}_")), "{ja4}");
    }
}
