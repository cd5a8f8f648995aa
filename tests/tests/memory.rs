//! What was read does not stay in memory: of calls that are over, no octets of their contents are left once
//! others came, and buffers that are kept for the next are overwritten.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use aho_corasick::AhoCorasick;
use apitap_tests::plant::Choices;
use apitap_tests::{run, skip};

const LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
/// Calls whose secrets are looked for.
const CALLS: usize = 20;
/// Calls that come behind them. Tables of about a thousand remembered values have random places: each must be taken anew.
const BEHIND: usize = 4_000;
/// Octets of memory looked at in turn.
const PIECE: usize = 64 << 10;
static ZEROS: [u8; PIECE] = [0; PIECE];

#[test]
fn what_is_over_leaves_memory() {
    let mut choices = Choices::seeded(7);
    let mut wire = Wire::default();
    let secrets: Vec<String> = (0..CALLS).flat_map(|_| wire.call(&mut choices, 100)).collect();
    for _ in 0..BEHIND {
        // Shorter ones: what the longer left behind them would still be there.
        wire.call(&mut choices, 1);
    }
    // Its end never comes: what was seen of it is still needed.
    let open = wire.unfinished(&mut choices);

    let mut child = run::apitap()
        .args(["read", "--quiet", "--threads", "1", "--output", "protobuf", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&wire.capture).unwrap();
    input.flush().unwrap();
    settle(&child);
    let (over, needed) = (search(&child, &secrets), search(&child, &open));
    drop(input);
    assert!(child.wait().unwrap().success());
    let (Some(over), Some(needed)) = (over, needed) else {
        return skip("the memory of a process", "it cannot be read; run as root");
    };
    assert!(!needed.is_empty(), "what is in use is not in memory: the search does not see it");
    assert_eq!(over.len(), 0, "so many of {} secrets of calls that are over", secrets.len());
}

/// Waits until the program uses no more processor time.
fn settle(child: &Child) {
    let ticks = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split(' ').collect();
        (fields[12].parse::<u64>().unwrap(), fields[13].parse::<u64>().unwrap())
    };
    let limit = Instant::now() + Duration::from_secs(120);
    let (mut before, mut quiet) = (ticks(), 0);
    while quiet < 10 {
        assert!(Instant::now() < limit, "it does not come to rest");
        std::thread::sleep(Duration::from_millis(100));
        let now = ticks();
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
}

/// Which of `texts` stand in memory that a process can write; `None` when it may not be read.
fn search(child: &Child, texts: &[String]) -> Option<BTreeSet<usize>> {
    let automaton = AhoCorasick::new(texts).unwrap();
    let mut memory = File::open(format!("/proc/{}/mem", child.id())).ok()?;
    let maps = fs::read_to_string(format!("/proc/{}/maps", child.id())).ok()?;
    let (mut found, mut piece) = (BTreeSet::new(), vec![0; PIECE]);
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split_once(' ')?.0.split_once('-')?;
        let mut at = u64::from_str_radix(start, 16).ok()?;
        let end = u64::from_str_radix(end, 16).ok()?;
        while at < end {
            memory.seek(SeekFrom::Start(at)).ok()?;
            // A text may lie across the end of a piece.
            let len = usize::try_from(end - at).map_or(PIECE, |rest| rest.min(PIECE));
            at += u64::try_from(if len == PIECE { PIECE - 64 } else { len }).ok()?;
            if memory.read_exact(&mut piece[..len]).is_err() {
                break;
            }
            if piece[..len] != ZEROS[..len] {
                found
                    .extend(automaton.find_iter(&piece[..len]).map(|hit| hit.pattern().as_usize()));
            }
        }
    }
    Some(found)
}

/// A capture of calls, each on a connection of its own.
struct Wire {
    capture: Vec<u8>,
    packets: u32,
    connections: u32,
}

impl Default for Wire {
    fn default() -> Self {
        let header = [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 65_535, 1];
        Self {
            capture: header.iter().flat_map(|word| word.to_le_bytes()).collect(),
            packets: 0,
            connections: 0,
        }
    }
}

impl Wire {
    /// A call with so many secrets in its response; all its secrets.
    fn call(&mut self, choices: &mut Choices<'_>, notes: usize) -> Vec<String> {
        let secrets: Vec<String> = (0..5 + notes).map(|_| choices.text(LETTERS, 32)).collect();
        let (request, response) = exchange(&secrets);
        let mut connection = self.connect();
        connection.send(true, request.as_bytes(), 0x18);
        for part in response.as_bytes().chunks(1400) {
            connection.send(false, part, 0x18);
        }
        connection.send(true, b"", 0x11);
        connection.send(false, b"", 0x11);
        secrets
    }

    /// The first part of a call; its secrets.
    fn unfinished(&mut self, choices: &mut Choices<'_>) -> Vec<String> {
        let secrets: Vec<String> = (0..6).map(|_| choices.text(LETTERS, 32)).collect();
        let (request, _) = exchange(&secrets);
        let bytes = &request.as_bytes()[..request.len() - 10];
        self.connect().send(true, bytes, 0x18);
        secrets
    }

    fn connect(&mut self) -> Connection<'_> {
        self.connections += 1;
        let port = u16::try_from(1024 + self.connections % 60_000).unwrap();
        let mut connection = Connection { wire: self, port, next: [1, 1] };
        connection.send(true, b"", 0x02);
        connection.send(false, b"", 0x12);
        connection.next = [2, 2];
        connection
    }
}

/// A request and its response with secrets in every part.
fn exchange(secrets: &[String]) -> (String, String) {
    let [query, bearer, cookie, password, card, notes @ ..] = secrets else { unreachable!() };
    let body = format!(r#"{{"password":"{password}","owner":{{"card_number":"{card}"}}}}"#);
    let request = format!(
        "POST /v1/cards?access_token={query} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {bearer}\r\n\
         Cookie: sid={cookie}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let body = format!(r#"{{"state":"ok","notes":{notes:?}}}"#);
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    (request, response)
}

struct Connection<'w> {
    wire: &'w mut Wire,
    port: u16,
    next: [u32; 2],
}

impl Connection<'_> {
    /// Adds a segment of the client or the server, IPv4 in Ethernet. Checksums are left out.
    fn send(&mut self, client: bool, payload: &[u8], flags: u8) {
        let (from, to) = if client { (0, 1) } else { (1, 0) };
        let ports = if client { [self.port, 80] } else { [80, self.port] };
        let hosts = if client { [1, 2] } else { [2, 1] };
        let total = u16::try_from(40 + payload.len()).unwrap();
        let mut packet = vec![2, 0, 0, 0, 0, hosts[1], 2, 0, 0, 0, 0, hosts[0], 8, 0];
        packet.extend([0x45, 0]);
        packet.extend(total.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, hosts[0], 10, 0, 0, hosts[1]]);
        packet.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        packet.extend(self.next[from].to_be_bytes());
        packet.extend(self.next[to].to_be_bytes());
        packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(payload);
        self.next[from] += u32::try_from(payload.len()).unwrap();

        let wire = &mut *self.wire;
        wire.packets += 1;
        let len = u32::try_from(packet.len()).unwrap();
        let seconds = 1_760_000_000 + wire.packets / 1000;
        let head = [seconds, wire.packets % 1000 * 1000, len, len];
        wire.capture.extend(head.iter().flat_map(|word| word.to_le_bytes()));
        wire.capture.extend(packet);
    }
}
