//! Floods of HTTP/2 against a real server: the sensor tells every call beside them, stays small, and says what it saw.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use apitap_tests::lab::{Lab, nothing_lost};
use apitap_tests::mirror::{SERVER, Through};
use apitap_tests::traffic::each_once;

/// Resident memory of the sensor, at most: what it takes at its start, and as much again.
const RESIDENT_MAX: u64 = 256 << 20;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[a, b, c, kind, flags][..], &stream.to_be_bytes(), payload].concat()
}

/// Writes a flood, until the server has had enough of it.
fn flood(frames: impl Iterator<Item = Vec<u8>>) {
    let mut stream = TcpStream::connect((SERVER, 81)).expect("the server listens");
    stream.set_write_timeout(Some(Duration::from_secs(2))).expect("a socket takes time-outs");
    let mut all = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    all.extend(frame(4, 0, 0, &[]));
    for frame in frames {
        all.extend(frame);
        if all.len() > 1200 && stream.write_all(&std::mem::take(&mut all)).is_err() {
            return;
        }
    }
    let _refused = stream.write_all(&all);
}

/// `GET /` to host `a`, in static entries and one literal.
fn get(stream: u32, flags: u8) -> Vec<u8> {
    frame(1, flags, stream, &[0x82, 0x86, 0x84, 0x01, 1, b'a'])
}

fn floods() {
    let streams = || (0..3000_u32).map(|n| 2 * n + 1);
    flood(streams().flat_map(|id| [get(id, 5), frame(3, 0, id, &[0, 0, 0, 8])]));
    flood((0..3000).map(|_| frame(4, 0, 0, &[0, 4, 0, 0, 0xff, 0xff])));
    flood((0..3000).map(|_| frame(6, 0, 0, &[0; 8])));
    flood(std::iter::once(get(1, 4)).chain((0..3000).map(|_| frame(0, 0, 1, &[]))));
    // Header blocks that do not end, and streams that do not either.
    let piece = [&[0, 1, b'x', 100][..], &[b'v'; 100]].concat().repeat(100);
    flood(std::iter::once(get(1, 1)).chain((0..200).map(move |_| frame(9, 0, 1, &piece))));
    flood(streams().map(|id| get(id, 4)));
}

#[test]
fn floods_cost_no_call_and_no_memory() {
    let test = "floods_cost_no_call_and_no_memory";
    let listen = format!("listen {SERVER}:81 http2;");
    let Some(lab) = Lab::with(test, Through::Wire, &listen) else { return };
    lab.home.configure("output.file.path = '{home}/records.jsonl'\n");
    let sensor = lab.start();
    lab.calls(0..50);
    lab.mirror.client.within(floods);
    lab.calls(50..100);
    lab.mirror.client.within(floods);
    lab.calls(100..150);
    let status = sensor.settled();
    nothing_lost(&status);
    let metrics = sensor.get("/metrics").expect("metrics");
    let mut seen = String::new();
    let mut count = |name: &str| -> u64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        writeln!(seen, "{name} {line:?}").unwrap();
        line.unwrap_or(0)
    };
    let reset = count("apitap_http2_streams_given_up_total{reason=\"reset\"}");
    let settings = count("apitap_http2_control_frames_total{kind=\"settings\"}");
    let pings = count("apitap_http2_control_frames_total{kind=\"ping\"}");
    let empty = count("apitap_http2_control_frames_total{kind=\"empty\"}");
    let resident = count("apitap_memory_resident_bytes");
    assert!(reset > 100 && settings > 100 && pings > 100 && empty > 100, "{seen}");
    assert!(resident > 0 && resident < RESIDENT_MAX, "{seen}");
    assert_eq!(sensor.end(), Some(0));
    // Those of the floods ask for what the server does not number.
    each_once(&lab.records(), 0..150);
}
