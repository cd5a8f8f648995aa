//! Real clients behind a load balancer that speaks the PROXY protocol: in records of calls, of WebSocket messages and of
//! TLS sessions that cannot be read, if the load balancer is trusted. And real load balancers that speak it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use apitap_tests::lab::Lab;
use apitap_tests::mirror::{CLIENT, SERVER, Through};
use apitap_tests::netns::Running;
use apitap_tests::run::installed;
use apitap_tests::skip;
use rustix::process::Signal;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use serde_json::Value;

/// What the load balancer says first.
const PROXY: &[u8] = b"PROXY TCP4 203.0.113.7 10.77.0.2 40000 90\r\n";
const UPGRADE: &[u8] =
    b"GET /chat HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Agrees to a WebSocket, and says a word; refuses TLS.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming().take(4) {
        let mut stream = stream.expect("a connection");
        let (mut heard, mut piece) = (Vec::new(), [0; 4096]);
        let socket = loop {
            let len = stream.read(&mut piece).expect("the client speaks");
            heard.extend_from_slice(&piece[..len]);
            if len == 0 || heard.ends_with(b"\r\n\r\n") {
                break true;
            }
            if heard.windows(6).any(|start| matches!(start, [0x16, 3, 1, _, _, 1])) {
                break false;
            }
        };
        let answer = if socket {
            [SWITCHING, b"\x81\x02hi"].concat()
        } else {
            vec![0x15, 3, 3, 0, 2, 2, 40]
        };
        stream.write_all(&answer).expect("the client listens");
        let _rest = stream.read_to_end(&mut heard);
    }
}

/// The load balancer: a WebSocket, and a session of TLS.
fn connect() {
    let config = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = "shop.example".try_into().expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut hello = Vec::new();
    client.write_tls(&mut hello).expect("a hello");
    // A masked text: "Hello" (RFC 6455 §5.7).
    let text = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    for (first, then) in [(UPGRADE, &text[..]), (&hello, &[])] {
        let mut stream = TcpStream::connect((SERVER, 90)).expect("the server listens");
        stream.write_all(&[PROXY, first].concat()).expect("the server reads");
        let mut answer = [0; 512];
        let _len = stream.read(&mut answer).expect("the server answers");
        stream.write_all(then).expect("the server reads");
        stream.shutdown(Shutdown::Write).expect("a connection");
        let _rest = stream.read_to_end(&mut Vec::new());
    }
}

#[test]
fn real_clients_are_told_if_the_proxy_is_trusted() {
    let Some(lab) = Lab::new("real_clients_are_told_if_the_proxy_is_trusted", Through::Wire) else {
        return;
    };
    let to_file = "output.file.path = '{home}/records.jsonl'\n";
    let trust = "network.trusted_proxies = ['10.77.0.1']\n";
    lab.home.configure(&format!("{to_file}{trust}"));
    let sensor = lab.start();
    let listening = lab.mirror.server.within(|| TcpListener::bind((SERVER, 90)).expect("a port"));
    let server = std::thread::spawn(move || serve(&listening));
    let told = |records: &[Value]| -> Vec<(String, Value)> {
        let kind = |record: &Value| match record {
            _ if !record["websocket_message"].is_null() => "message",
            _ if !record["encrypted_session"].is_null() => "session",
            _ => "call",
        };
        let client = |record: &Value| record["real_client"]["ip"].clone();
        records.iter().map(|record| (kind(record).to_owned(), client(record))).collect()
    };
    lab.mirror.client.within(connect);
    sensor.until("all is told", |status| status["records"].as_u64() >= Some(4));
    lab.home.configure(to_file);
    sensor.signal(Signal::HUP);
    sensor.until("it reloaded", |status| status["reloads"]["succeeded"] == 1);
    lab.mirror.client.within(connect);
    sensor.settled();
    assert_eq!(sensor.end(), Some(0));
    server.join().expect("the server");
    let records = lab.records();
    let (trusted, rest): (Vec<_>, Vec<_>) =
        records.iter().cloned().partition(|record| !record["real_client"].is_null());
    for kind in ["call", "message", "session"] {
        let of_kind = |all: &[Value]| told(all).iter().filter(|(told, _)| told == kind).count();
        assert!(of_kind(&trusted) > 0, "{kind}: {:?}", told(&records));
        assert!(of_kind(&rest) > 0, "{kind}, not trusted: {:?}", told(&records));
    }
    assert!(told(&trusted).iter().all(|(_, client)| client == "203.0.113.7"));
}

/// nginx's module for TCP, which Debian packages apart.
const STREAM_MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";
/// The client behind the load balancers.
const BEHIND: &str = "203.0.113.7";

/// Starts nginx in `folder` with a configuration, on `inside`.
fn nginx(inside: &apitap_tests::netns::Namespace, folder: &Path, text: &str) -> Running {
    fs::create_dir(folder).expect("a folder");
    let at = folder.display();
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {at}/{name};"))
        .concat();
    let text = text.replace("PATHS", &format!("access_log off; {paths}"));
    let head = format!(
        "daemon off; master_process off; user root; pid {at}/pid; error_log {at}/error.log;\n"
    );
    let (load, rest) = text.split_once('\n').expect("lines");
    fs::write(folder.join("conf"), format!("{load}\n{head}events {{}}\n{rest}")).expect("a file");
    let mut command = inside.command("nginx");
    command.arg("-c").arg(folder.join("conf")).stdin(Stdio::null());
    Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

/// A call through a load balancer's port, by curl; `false` when there was none.
fn curl(lab: &Lab, port: u16) -> bool {
    let mut curl = lab.mirror.client.command("curl");
    curl.args(["-sS", "--fail", "--max-time", "5", "--interface", BEHIND]);
    curl.arg(if port.is_multiple_of(2) { "--http1.1" } else { "--http2-prior-knowledge" });
    curl.arg(format!("http://127.0.0.1:{port}/calls"));
    curl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    curl.status().is_ok_and(|status| status.success())
}

/// nginx sends version 1, HAProxy version 2 with TLVs, before HTTP/1 and before HTTP/2 in clear text.
#[test]
fn real_load_balancers_tell_their_clients() {
    let test = "real_load_balancers_tell_their_clients";
    if !["curl", "haproxy"].into_iter().all(installed) || !Path::new(STREAM_MODULE).exists() {
        return skip(test, "curl, haproxy and libnginx-mod-stream are needed");
    }
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    lab.home.configure(&format!(
        "output.file.path = '{{home}}/records.jsonl'\nnetwork.trusted_proxies = ['{CLIENT}']\n"
    ));
    let sensor = lab.start();
    let answer = "location / { return 200 '{\"ok\":true}'; } default_type application/json;";
    let server = format!(
        "# The API.\nhttp {{ PATHS server {{ listen {SERVER}:90 proxy_protocol; {answer} }} \
         server {{ listen {SERVER}:91 http2 proxy_protocol; {answer} }} }}\n"
    );
    let _api = nginx(&lab.mirror.server, &lab.home.file("api"), &server);
    assert!(lab.mirror.answers(90) && lab.mirror.answers(91), "nginx takes the PROXY protocol");
    lab.mirror.client.ip(&format!("addr add {BEHIND}/32 dev lo"));
    let sender = format!(
        "load_module {STREAM_MODULE};\nstream {{ proxy_protocol on; \
         server {{ listen 127.0.0.1:8190; proxy_pass {SERVER}:90; }} \
         server {{ listen 127.0.0.1:8191; proxy_pass {SERVER}:91; }} }}\n"
    );
    let _nginx = nginx(&lab.mirror.client, &lab.home.file("sender"), &sender);
    let config = lab.home.file("haproxy.cfg");
    let listen = |port: u16| {
        format!(
            "listen l{port}\n bind 127.0.0.1:82{port}\n server s {SERVER}:{port} send-proxy-v2 \
             proxy-v2-options crc32c,unique-id\n unique-id-format order-%pid-%rt\n"
        )
    };
    let defaults =
        "defaults\n mode tcp\n timeout connect 5s\n timeout client 9s\n timeout server 9s\n";
    fs::write(&config, [defaults, &listen(90), &listen(91)].concat()).expect("a file");
    let mut command = lab.mirror.client.command("haproxy");
    command.args(["-db", "-f"]).arg(&config).stdin(Stdio::null());
    let _haproxy = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let mut made = 0;
    for port in [8190, 8191, 8290, 8291] {
        // The load balancer may not listen yet.
        let answered = (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            curl(&lab, port)
        });
        assert!(answered && curl(&lab, port), "port {port} answers");
        made += 2;
        sensor.until("its calls are told", |status| status["records"].as_u64() >= Some(made));
    }
    sensor.settled();
    assert_eq!(sensor.end(), Some(0));
    let mut told: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    for record in lab.records() {
        assert_eq!(record["real_client"]["ip"], BEHIND);
        assert_eq!(record["client"]["ip"], CLIENT.to_string());
        assert_eq!(record["response"]["status"], 200);
        let sides = ["request", "response"].map(|side| record["completeness"][side].to_string());
        assert_eq!(sides, ["\"COMPLETE\"", "\"COMPLETE\""]);
        let hop = &record["forwarded"]["hops"][0];
        assert_eq!((&hop["by"], &hop["trusted"]), (&"proxy_protocol".into(), &true.into()));
        let key = |value: &Value| value.to_string();
        let port =
            (key(&record["server"]["port"]), key(&record["protocol"]), key(&record["operation"]));
        *told.entry(port).or_default() += 1;
    }
    let calls = |port: &str, protocol: &str| {
        ((port.to_owned(), format!("{protocol:?}"), "\"GET /calls\"".to_owned()), 4)
    };
    assert_eq!(told, BTreeMap::from([calls("90", "HTTP1"), calls("91", "HTTP2")]));
}
