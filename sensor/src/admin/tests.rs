//! The server against clients: good, clumsy and hostile.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value as Json;

use super::{AdminError, Ask, Config, Server, metrics, stream};
use crate::daemon::state::Snapshot;

const TOKEN: &str = "correct-horse-battery";

fn config(listen: &str) -> Config {
    Config { listen: listen.into(), ..Config::default() }
}

fn ask() -> Ask {
    Arc::new(|| metrics::tests::snapshot().0)
}

fn start(config: &Config) -> (Server, SocketAddr) {
    let server = Server::start(config, ask()).unwrap();
    let address = server.local_address().unwrap();
    (server, address)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Sends a request and reads to the end; what arrived before a reset counts.
fn exchange(stream: &mut (impl Read + Write), request: &[u8]) -> String {
    let _refused = stream.write_all(request);
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn get(address: SocketAddr, path: &str, fields: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{fields}\r\n");
    exchange(&mut connect(address), request.as_bytes())
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn every_path_answers() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let metrics = get(address, "/metrics", "");
    assert_eq!(status(&metrics), "200");
    assert!(metrics.contains(
        "\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"
    ));
    assert!(body(&metrics).ends_with("# EOF\n"));
    assert_eq!(body(&get(address, "/healthz", "")), "ok\n");
    assert_eq!(body(&get(address, "/readyz", "")), "ready\n");
    assert_eq!(status(&get(address, "/nothing", "")), "404");
    let post = exchange(&mut connect(address), b"POST /metrics HTTP/1.1\r\n\r\n");
    assert!(
        post.starts_with("HTTP/1.1 405 ") && post.contains("\r\nAllow: GET, HEAD\r\n"),
        "{post}"
    );
    let head = exchange(&mut connect(address), b"HEAD /healthz HTTP/1.1\r\n\r\n");
    assert!(head.contains("\r\nContent-Length: 3\r\n") && body(&head).is_empty(), "{head}");
}

#[test]
fn the_status_is_json_and_a_page() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let answer = get(address, "/status", "");
    assert!(answer.contains("\r\nContent-Type: application/json\r\n"));
    let json: Json = serde_json::from_str(body(&answer)).unwrap();
    let snapshot = metrics::tests::snapshot().0;
    assert_eq!(json["sensor"]["id"], "edge");
    assert_eq!(json["ready"], true);
    assert_eq!(json["not_ready"], Json::Null);
    assert_eq!(json["advice"][0]["id"], "gaps");
    assert_eq!(json["accounting"]["received"], snapshot.interfaces[0].received);
    assert_eq!(json["sinks"][0]["spool"]["writable"], true);
    assert_eq!(json["metrics"]["packets"]["packets"]["udp"], snapshot.counts.decap.udp);
    assert_eq!(
        json["metrics"]["sinks"]["sink_records"]["kafka"]["failed"],
        snapshot.sinks[0].delivered.failed
    );
    assert!(json["started"].as_str().unwrap().starts_with("1970-01-01T"));

    let page = get(address, "/", "Accept: text/html,*/*\r\n");
    assert!(page.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    assert!(page.contains("Content-Security-Policy: default-src 'none'; style-src 'sha256-"));
    assert!(body(&page).contains("http-equiv=\"refresh\"") && !page.contains("<script"));
    assert!(body(&page).contains("eth1&quot;"), "the interface, escaped");
    let json = get(address, "/status?format=json", "Accept: text/html\r\n");
    assert!(json.contains("application/json"));
}

#[test]
fn a_sensor_that_does_no_work_is_not_ready() {
    let server = Server::start(&config("127.0.0.1:0"), Arc::new(Snapshot::default)).unwrap();
    let address = server.local_address().unwrap();
    let answer = get(address, "/readyz", "");
    assert_eq!((status(&answer), body(&answer)), ("503", "starting\n"));
    assert_eq!(status(&get(address, "/healthz", "")), "200");
}

/// Clients cannot make the sensor work for them.
#[test]
fn the_sensor_is_asked_now_and_then() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let ask: Ask = Arc::new(move || {
        count.fetch_add(1, Relaxed);
        Snapshot::default()
    });
    let start = stream::after(Duration::ZERO);
    let server = Server::start(&config("127.0.0.1:0"), ask).unwrap();
    for _ in 0..100 {
        get(server.local_address().unwrap(), "/healthz", "");
    }
    let most = start.elapsed().as_millis() / 100 + 1;
    let asked = asked.load(Relaxed);
    assert!(asked > 0 && u128::try_from(asked).unwrap() <= most, "{asked} times, {most} allowed");
}

/// However often it is asked, and whatever else it still answers.
#[test]
fn a_sensor_that_hangs_is_unhealthy() {
    let (let_go, held) = crossbeam_channel::bounded::<()>(0);
    let hang: Ask = Arc::new(move || {
        let _gone = held.recv();
        Snapshot::default()
    });
    let server = Server::start(&config("127.0.0.1:0"), hang).unwrap();
    let address = server.local_address().unwrap();
    for path in ["/healthz", "/readyz", "/status", "/metrics"].repeat(4) {
        let answer = get(address, path, "");
        assert_eq!(status(&answer), "503", "{path}");
        assert!(body(&answer).contains("hangs"), "{answer}");
    }
    drop(let_go);
}

#[test]
fn the_token_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    // Beyond loopback a token is enough, as asked.
    let config = Config { token_file: Some(file), ..config("0.0.0.0:0") };
    let (_server, address) = start(&config);
    let address = SocketAddr::from(([127, 0, 0, 1], address.port()));
    for path in ["/metrics", "/status", "/"] {
        let refused = get(address, path, "");
        assert_eq!(status(&refused), "401", "{path}");
        assert!(refused.contains("\r\nWWW-Authenticate: Bearer ") && !refused.contains("edge"));
        assert_eq!(
            status(&get(address, path, "Authorization: Bearer wrong-horse-battery\r\n")),
            "401"
        );
        assert_eq!(
            status(&get(address, path, &format!("Authorization: Bearer {TOKEN}\r\n"))),
            "200"
        );
    }
    assert_eq!(status(&get(address, "/healthz", "")), "200");
    assert_eq!(status(&get(address, "/readyz", "")), "200");
}

#[test]
fn a_new_token_is_taken_while_running() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, TOKEN).unwrap();
    let config = Config { token_file: Some(file.clone()), ..config("0.0.0.0:0") };
    let (server, address) = start(&config);
    let address = SocketAddr::from(([127, 0, 0, 1], address.port()));
    let with = |token: &str| {
        status(&get(address, "/metrics", &format!("Authorization: Bearer {token}\r\n"))).to_owned()
    };
    fs::write(&file, "another-horse-battery").unwrap();
    assert_eq!(with(TOKEN), "200");
    server.reload(&config).unwrap();
    assert_eq!((with(TOKEN).as_str(), with("another-horse-battery").as_str()), ("401", "200"));
    // The address in force needs one, whatever the new settings listen on.
    let error = server.reload(&Config::default()).unwrap_err();
    assert!(matches!(error, AdminError::Exposed(_)));
    assert_eq!(with(""), "401");
    fs::write(&file, "short").unwrap();
    assert!(server.reload(&config).is_err());
    assert_eq!(with("another-horse-battery"), "200");
}

/// DNS rebinding: a page of another site whose name was made to mean 127.0.0.1.
#[test]
fn loopback_goes_by_its_own_names() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let with = |host: &str| {
        let request = format!("GET /status HTTP/1.1\r\nHost: {host}\r\n\r\n");
        exchange(&mut connect(address), request.as_bytes())
    };
    for host in ["localhost", "LOCALHOST:9464", "127.0.0.1:1", "[::1]:9464", "10.0.0.1"] {
        assert_eq!(status(&with(host)), "200", "{host}");
    }
    for host in
        ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil", ""]
    {
        assert_eq!(status(&with(host)), "421", "{host}");
    }
}

#[test]
fn settings_that_expose_or_contradict_are_refused() {
    let refused = |config: &Config| {
        let error = config.validate().unwrap_err();
        assert!(error.is_config());
        let text = error.to_string();
        assert!(text.contains("[admin]") && !text.contains('\n') && !text.contains("  "), "{text}");
        text
    };
    for listen in ["0.0.0.0:9464", "[::]:9464", "192.0.2.1:9464", "[::ffff:192.0.2.1]:9464"] {
        let text = refused(&config(listen));
        assert!(text.contains("certificate_file") && text.contains("token_file"), "{text}");
        assert!(Server::start(&config(listen), ask()).is_err());
    }
    for listen in [":9464", "9464", "example.org:9464", "unix:relative", "localhost:", "127.0.0.1"]
    {
        assert!(refused(&config(listen)).contains("is no address"), "{listen}");
    }
    for listen in [
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "localhost:1",
        "[::ffff:127.0.0.1]:1",
        "",
        "unix:/x",
    ] {
        config(listen).validate().unwrap();
    }
    let half = Config { key_file: Some("/nowhere".into()), ..Config::default() };
    assert!(refused(&half).contains("belong together"));
    let missing = Config { token_file: Some("/nowhere/token".into()), ..Config::default() };
    assert!(refused(&missing).contains("token_file /nowhere/token: cannot read it"));
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short");
    fs::write(&short, "secret\n").unwrap();
    let text = refused(&Config { token_file: Some(short.clone()), ..Config::default() });
    assert!(text.contains("16 to 4096") && !text.contains("secret"), "{text}");
    let no_pem = Config {
        certificate_file: Some(short.clone()),
        key_file: Some(short),
        ..Config::default()
    };
    assert!(refused(&no_pem).contains("certificate_file"));
}

#[test]
fn nothing_is_started_without_an_address() {
    let server = Server::start(&config(""), ask()).unwrap();
    assert_eq!(server.local_address(), None);
}

#[test]
fn an_address_in_use_is_said() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let error = Server::start(&config(&address.to_string()), ask()).err().unwrap();
    assert!(matches!(error, AdminError::Bind { .. }) && !error.is_config());
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}")), "{error}");
}

#[test]
fn a_unix_socket_is_served_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    // A process that is gone left its own.
    drop(UnixListener::bind(&path).unwrap());
    let server = Server::start(&config(&format!("unix:{}", path.display())), ask()).unwrap();
    assert_eq!(server.local_address(), None);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let request = b"GET /readyz HTTP/1.1\r\nHost: any\r\n\r\n";
    let answer = exchange(&mut UnixStream::connect(&path).unwrap(), request);
    assert_eq!(body(&answer), "ready\n");
    // One that is served is not taken over.
    let error = Server::start(&config(&format!("unix:{}", path.display())), ask()).err().unwrap();
    assert!(matches!(error, AdminError::Bind { .. }));
    drop(server);
    assert!(!path.exists());
}

#[test]
fn the_port_is_free_after_the_stop() {
    let (server, address) = start(&config("127.0.0.1:0"));
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn garbage_and_huge_heads_are_refused() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let sent = |bytes: &[u8]| exchange(&mut connect(address), bytes);
    assert_eq!(status(&sent(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")), "400");
    assert_eq!(status(&sent(&[0; 4096])), "400");
    assert_eq!(status(&sent(b"GET /metrics HTTP/2.0\r\n\r\n")), "400");
    let huge = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'a'; 20_000]].concat();
    assert_eq!(status(&sent(&huge)), "431");
    // A megabyte may meet a connection that is closed by then.
    sent(&[b"GET /".as_slice(), &vec![b'a'; 1 << 20]].concat());
    // A body is not waited for.
    assert_eq!(status(&sent(b"GET /healthz HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")), "200");
    assert_eq!(status(&get(address, "/healthz", "")), "200");
}

/// Slowloris: more connections than may wait, silent, or each with a head that never ends.
#[test]
fn slow_clients_keep_nobody_waiting() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let mut slow: Vec<_> = (0..300).map(|_| connect(address)).collect();
    for stream in slow.iter_mut().skip(20) {
        let _refused = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX");
    }
    for _ in 0..5 {
        assert_eq!(status(&get(address, "/healthz", "")), "200");
    }
    let metrics = get(address, "/metrics", "");
    let line = "apitap_admin_refused_connections_total ";
    let refused = metrics.lines().find_map(|l| l.strip_prefix(line)).unwrap();
    assert!(refused.parse::<u64>().unwrap() >= 300 - 256, "{refused}");
    let answers: Vec<_> = slow.iter_mut().map(|stream| exchange(stream, b"")).collect();
    let told = answers.iter().filter(|answer| status(answer) == "408").count();
    assert!((200..=256).contains(&told), "{told} were told that they are too slow");
}

#[test]
fn many_clients_at_once_are_served_or_refused() {
    let (_server, address) = start(&config("127.0.0.1:0"));
    let served: usize = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(move || {
                    (0..10).filter(|_| status(&get(address, "/metrics", "")) == "200").count()
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    assert!(served > 0);
    assert_eq!(status(&get(address, "/healthz", "")), "200");
}

/// A certificate for localhost, and its key, of today.
fn certificate(folder: &Path) -> Config {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is installed (tests/setup.sh test)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Config { certificate_file: Some(certificate), key_file: Some(key), ..config("0.0.0.0:0") }
}

#[test]
fn tls_is_served_and_plain_text_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = certificate(folder.path());
    let (_server, address) = start(&config);
    let address = SocketAddr::from(([127, 0, 0, 1], address.port()));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(config.certificate_file.unwrap()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut stream = StreamOwned::new(connection, connect(address));
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: sensor.example\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("closed as TLS asks, not cut off");
    assert_eq!(status(&answer), "200");
    assert!(answer.ends_with("# EOF\n"));

    let plain = exchange(&mut connect(address), b"GET /metrics HTTP/1.1\r\n\r\n");
    assert!(!plain.contains("apitap"), "{plain}");
}
