//! Real clients behind a load balancer that speaks the PROXY protocol: in records of calls, of WebSocket messages and of
//! TLS sessions that cannot be read, if the load balancer is trusted.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use apitap_tests::lab::Lab;
use apitap_tests::mirror::{SERVER, Through};
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
