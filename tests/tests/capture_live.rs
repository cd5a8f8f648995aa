//! Live capture on interfaces of network namespaces: every packet once, and what is said when something is wrong.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use apitap::capture::live::{Config, Event, Live, OpenError, Status};
use apitap::capture::{LinkType, Packet};
use apitap::decap::{self, Decap, LayerKind};
use apitap::filter::Filter;
use apitap::time::Timestamp;
use apitap_tests::mirror::{
    CLIENT_INTERFACE, Mirror, SENSOR_INTERFACE, SERVER, SERVER_INTERFACE, Through,
};
use apitap_tests::netns::{Namespace, available};
use apitap_tests::run::{binary, installed};
use apitap_tests::skip;
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

/// Longest wait for something that is to happen.
const LIMIT: Duration = Duration::from_secs(30);

/// What is looked at of a packet.
struct Seen {
    time: Timestamp,
    data: Vec<u8>,
    original_len: u32,
    interface: u32,
}

fn config(toml: &str) -> Config {
    toml::from_str(toml).unwrap()
}

/// Two hosts with a cable between them.
fn pair(test: &str) -> Option<[Namespace; 2]> {
    if !available(test) {
        return None;
    }
    let ends = [Namespace::new("client"), Namespace::new("server")];
    plug(&ends);
    Some(ends)
}

fn plug([client, server]: &[Namespace; 2]) {
    client.connect(CLIENT_INTERFACE, server, SERVER_INTERFACE);
    client.ip(&format!("addr add 10.77.0.1/24 dev {CLIENT_INTERFACE}"));
    server.ip(&format!("addr add {SERVER}/24 dev {SERVER_INTERFACE}"));
}

/// Sends UDP datagrams to the server, numbered in their first four octets, from 64 ports in turn.
fn send(client: &Namespace, numbers: std::ops::Range<u32>, len: usize) {
    client.within(move || {
        let sockets: Vec<_> = (0..64)
            .map(|_| {
                let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
                socket.connect((SERVER, 9999)).unwrap();
                socket
            })
            .collect();
        let mut datagram = vec![0; len];
        for (number, socket) in numbers.zip(sockets.iter().cycle()) {
            datagram[..4].copy_from_slice(&number.to_be_bytes());
            // The port is closed: an ICMP message of an earlier datagram may be reported here.
            while socket.send(&datagram).is_err() {}
        }
    });
}

/// The number in a datagram behind Ethernet, IPv4 and UDP headers.
fn number(seen: &Seen) -> u32 {
    u32::from_be_bytes(seen.data[42..46].try_into().unwrap())
}

/// Takes what comes until `enough`, and then until nothing more does.
fn take(live: &mut Live, mut enough: impl FnMut(&[Seen], &Status) -> bool) -> Vec<Seen> {
    let start = Instant::now();
    let shared = live.status();
    let mut seen = Vec::new();
    let mut rests = 0;
    while rests < 3 {
        assert!(start.elapsed() < LIMIT, "only {} packets: {:?}", seen.len(), shared.status());
        match live.next() {
            Event::Packet(packet) => {
                seen.push(Seen {
                    time: packet.time,
                    data: packet.data.to_vec(),
                    original_len: packet.original_len,
                    interface: packet.interface,
                });
                rests = 0;
            }
            Event::Idle(_) if enough(&seen, &shared.status()) => rests += 1,
            Event::Idle(_) => {}
        }
    }
    seen
}

/// Opens what `toml` says inside a namespace. Sockets stay in it; only an interface that is opened again needs more.
fn open(namespace: &Namespace, toml: &str) -> Vec<Live> {
    let config = config(toml);
    namespace.within(move || Live::open(&config)).unwrap_or_else(|e| panic!("{e}"))
}

fn open_error(namespace: &Namespace, toml: &str) -> OpenError {
    let config = config(toml);
    namespace.within(move || Live::open(&config)).err().expect("an error")
}

fn wall() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

#[test]
fn every_packet_is_seen_once() {
    let Some(ends) = pair("every_packet_is_seen_once") else { return };
    let [client, server] = &ends;
    let toml = "interfaces = ['srv0']\nfilter = 'udp port 9999'\ndirection = 'in'";
    let mut live = open(server, toml).pop().unwrap();
    assert_eq!(live.interfaces()[0].name, SERVER_INTERFACE);
    let before = wall();
    send(client, 0..5000, 200);
    let sent = wall();
    std::thread::sleep(Duration::from_millis(20));
    let seen = take(&mut live, |seen, _| seen.len() >= 5000);
    // The kernel's time of capture, to the nanosecond, not the time of reading.
    assert!(seen.iter().all(|seen| seen.time.nanos() <= sent));
    assert!(seen.iter().any(|seen| !seen.time.nanos().is_multiple_of(1000)));
    assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), (0..5000).collect::<Vec<_>>());
    assert!(seen.iter().all(|seen| seen.original_len == 242 && seen.interface == 0));
    assert!(seen.iter().all(|seen| (before..wall()).contains(&seen.time.nanos())));
    assert!(seen.is_sorted_by_key(|seen| seen.time));
    let Event::Idle(time) = live.next() else { panic!("nothing more is sent") };
    // All that came before has been handed over.
    assert!(time.nanos() < wall() && time.nanos() > before);
    let want = Status {
        interface: "srv0".into(),
        up: true,
        threads: 1,
        received: 5000,
        received_bytes: 5000 * 242,
        ..Status::default()
    };
    assert_eq!(live.status().status(), want);
}

/// The conversation of a TCP connection, through the mirror: plain, and in a tunnel that hides its ports from the capture
/// filter, but not from the inner filter.
#[test]
fn mirrored_connections_are_whole() {
    for (through, layers) in
        [(Through::Wire, vec![]), (Through::Vxlan(77), vec![(LayerKind::Vxlan, 77)])]
    {
        let Some(mirror) = Mirror::new("mirrored_connections_are_whole", through) else { return };
        let mut live =
            open(&mirror.sensor, "interfaces = ['mir0']\ndirection = 'in'").pop().unwrap();
        assert_eq!(live.interfaces()[0].name, SENSOR_INTERFACE);
        let server = mirror.server.spawn(|| {
            for listener in [8080, 8081].map(|port| TcpListener::bind((SERVER, port)).unwrap()) {
                let (mut stream, _) = listener.accept().unwrap();
                let mut received = Vec::new();
                stream.read_to_end(&mut received).unwrap();
                stream.write_all(&received).unwrap();
            }
        });
        for port in [8080, 8081] {
            assert!(mirror.client.within(move || talk(port)), "{through:?}: port {port}");
        }
        server.join().unwrap();
        let filter = Filter::parse("port 8080").unwrap();
        let mut decap = Decap::new(&decap::Config::default()).filtered(filter);
        // Octets by port they were sent from, each counted once.
        let mut sent = [BTreeSet::new(), BTreeSet::new()];
        let mut pushed = 0;
        take(&mut live, |seen, _| {
            for seen in &seen[pushed..] {
                decap.push(&packet(seen), 0, &mut |segment| {
                    let found: Vec<_> =
                        segment.meta.envelope.layers().iter().map(|l| (l.kind, l.id)).collect();
                    assert_eq!(found, layers);
                    let from_server = segment.meta.flow.src.port == 8080;
                    let octets = &mut sent[usize::from(from_server)];
                    let at = segment.meta.seq;
                    octets.extend((0..segment.payload.len()).map(|n| at.wrapping_add(n as u32)));
                });
            }
            pushed = seen.len();
            sent.iter().all(|octets| octets.len() >= SENT)
        });
        assert_eq!(sent.map(|octets| octets.len()), [SENT, SENT], "{through:?}");
        assert!(decap.counts().filtered > 10, "{through:?}: {:?}", decap.counts());
        let status = live.status().status();
        assert_eq!((status.kernel_dropped, status.truncated), (0, 0));
    }
}

/// Octets sent each way by [`talk`].
const SENT: usize = 1_000_000;

/// Sends to a server that gives all back, when it has all or as it comes.
fn talk(port: u16) -> bool {
    talk_of(port, SENT)
}

fn talk_of(port: u16, len: usize) -> bool {
    let start = Instant::now();
    let mut stream = loop {
        match TcpStream::connect((SERVER, port)) {
            Ok(stream) => break stream,
            Err(error) => assert!(start.elapsed() < LIMIT, "{error}"),
        }
    };
    let sent: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
    let mut back = stream.try_clone().unwrap();
    let reader = std::thread::spawn(move || {
        let mut received = Vec::new();
        back.read_to_end(&mut received).unwrap();
        received
    });
    stream.write_all(&sent).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    reader.join().unwrap() == sent
}

fn packet(seen: &Seen) -> Packet<'_> {
    let Seen { ref data, original_len, interface, time } = *seen;
    Packet { time, link: LinkType::ETHERNET, interface, original_len, data }
}

#[test]
fn threads_share_the_packets() {
    for fanout in ["hash", "cpu"] {
        let Some(ends) = pair("threads_share_the_packets") else { return };
        let [client, server] = &ends;
        let toml = format!(
            "interfaces = ['srv0']\nfilter = 'udp port 9999'\ndirection = 'in'\nthreads = 3\nfanout = '{fanout}'\nprocessors = [0]"
        );
        let lives = open(server, &toml);
        assert_eq!(lives.len(), 3);
        let status = lives[0].status();
        let threads: Vec<_> = lives
            .into_iter()
            .map(|mut live| {
                std::thread::spawn(move || take(&mut live, |_, status| status.received >= 6000))
            })
            .collect();
        send(client, 0..6000, 100);
        let shares: Vec<Vec<u32>> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap().iter().map(number).collect())
            .collect();
        let mut all = shares.concat();
        all.sort_unstable();
        assert_eq!(all, (0..6000).collect::<Vec<_>>(), "{fanout}");
        if fanout == "hash" {
            assert!(shares.iter().all(|share| share.len() > 300), "64 flows among 3 threads");
        }
        let status = status.status();
        assert_eq!((status.threads, status.received, status.kernel_dropped), (3, 6000, 0));
    }
}

#[test]
fn an_interface_that_comes_back_is_captured_again() {
    let Some(ends) = pair("an_interface_that_comes_back_is_captured_again") else { return };
    let [client, server] = &ends;
    let toml =
        "interfaces = ['srv0', 'later']\nfilter = 'udp port 9999'\ndirection = 'in'\nthreads = 2";
    let config = config(toml);
    let (to_test, lives) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    // Inside, as they open the interface again.
    let capture = server.spawn(move || {
        let lives = Live::open(&config).unwrap();
        to_test.send(lives.iter().map(Live::status).collect::<Vec<_>>()).unwrap();
        let mut lives = lives;
        while ended.try_recv() == Err(TryRecvError::Empty) {
            for live in &mut lives {
                while let Event::Packet(_) = live.next() {}
            }
        }
        lives.iter().map(|live| live.interfaces().len()).max()
    });
    let statuses = lives.recv().unwrap();
    let [here, later] = [&statuses[0], &statuses[2]].map(Arc::clone);
    send(client, 0..100, 100);
    until("packets", || here.status().received == 100);
    assert!(!later.status().up && later.status().error.is_some_and(|e| e.contains("no such")));

    server.ip("link del srv0");
    until("the loss is noticed", || !here.status().up);
    assert_eq!(here.status().lost, 1);
    assert!(here.status().error.is_some());
    plug(&ends);
    until("the interface is back", || here.status().up);
    // The other thread may need another second.
    std::thread::sleep(Duration::from_secs(2));
    send(client, 100..200, 100);
    until("packets again", || here.status().received >= 200);
    let status = here.status();
    assert_eq!((status.lost, status.received, status.error), (1, 200, None));

    client.connect("cable", server, "later");
    until("the late interface is captured on", || later.status().up);
    assert_eq!(later.status().lost, 0);
    end.send(()).unwrap();
    assert_eq!(capture.join().unwrap(), Some(2), "interfaces in the list");
}

/// Down is not gone: the handle stays, and the packets come again.
#[test]
fn an_interface_that_was_down_goes_on() {
    let Some(ends) = pair("an_interface_that_was_down_goes_on") else { return };
    let [client, server] = &ends;
    let config = config("interfaces = ['srv0']\nfilter = 'udp port 9999'\ndirection = 'in'");
    let (to_test, status) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let capture = server.spawn(move || {
        let mut live = Live::open(&config).unwrap().pop().unwrap();
        to_test.send(live.status()).unwrap();
        let mut rests = 0_u64;
        while ended.try_recv() == Err(TryRecvError::Empty) {
            rests += u64::from(matches!(live.next(), Event::Idle(_)));
        }
        rests
    });
    let status = status.recv().unwrap();
    let start = Instant::now();
    server.ip("link set srv0 down");
    std::thread::sleep(Duration::from_secs(2));
    server.ip("link set srv0 up");
    let mut sent = 0;
    until("packets again", || {
        send(client, sent..sent + 10, 100);
        sent += 10;
        std::thread::sleep(Duration::from_millis(100));
        status.status().received > 0
    });
    end.send(()).unwrap();
    let rests = capture.join().unwrap();
    let tenths = u64::try_from(start.elapsed().as_millis() / 100).unwrap();
    assert!(rests < 20 * (tenths + 10), "{rests} rests in {tenths} tenths of a second");
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LIMIT, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_filter_can_be_replaced() {
    let Some(ends) = pair("the_filter_can_be_replaced") else { return };
    let [client, server] = &ends;
    let mut live = open(server, "interfaces = ['srv0']\nfilter = 'udp port 1'\ndirection = 'in'")
        .pop()
        .unwrap();
    send(client, 0..10, 100);
    assert!(take(&mut live, |_, _| true).is_empty());
    live.set_filter("udp port 9999").unwrap();
    send(client, 10..20, 100);
    let error = live.set_filter("udp porto 1").unwrap_err();
    assert!(error.is_usage() && error.to_string().starts_with("capture.filter 'udp porto 1': "));
    send(client, 20..30, 100);
    let seen = take(&mut live, |seen, _| seen.len() >= 20);
    assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), (10..30).collect::<Vec<_>>());
}

/// The whole set-up that other tests build on: nginx, mirrored through VXLAN.
#[test]
fn nginx_is_mirrored() {
    let Some(mirror) = Mirror::new("nginx_is_mirrored", Through::Vxlan(5000)) else { return };
    let folder = tempfile::tempdir().unwrap();
    let location =
        "location /hello { default_type application/json; return 200 '{\"greeting\": 1}'; }";
    let Some(_nginx) = mirror.nginx(folder.path(), location) else {
        return skip("nginx_is_mirrored", "nginx is not installed; apt-get install nginx-light");
    };
    let mut live = open(&mirror.sensor, "interfaces = ['mir0']").pop().unwrap();
    let answer = mirror.client.within(|| {
        let mut stream = TcpStream::connect((SERVER, 80)).unwrap();
        stream.write_all(b"GET /hello HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"greeting\": 1}"),
        "{answer}"
    );
    let mut mirrored = [String::new(), String::new()];
    let mut decap = Decap::new(&decap::Config::default())
        .filtered(Filter::parse("vni 5000 and port 80").unwrap());
    let mut pushed = 0;
    take(&mut live, |seen, _| {
        for seen in &seen[pushed..] {
            decap.push(&packet(seen), 0, &mut |segment| {
                let side = &mut mirrored[usize::from(segment.meta.flow.src.port == 80)];
                side.push_str(&String::from_utf8_lossy(segment.payload));
            });
        }
        pushed = seen.len();
        mirrored[1].len() >= answer.len()
    });
    assert_eq!(mirrored, ["GET /hello HTTP/1.0\r\n\r\n".to_owned(), answer]);
    // After this, nothing more is copied.
    mirror.stop();
    mirror.client.within(|| drop(TcpStream::connect((SERVER, 80))));
    assert!(take(&mut live, |_, _| true).iter().all(|seen| {
        let mut segments = 0;
        decap.push(&packet(seen), 0, &mut |_| segments += 1);
        segments == 0
    }));
}

#[test]
fn a_cut_by_the_snap_length_is_counted() {
    let Some(ends) = pair("a_cut_by_the_snap_length_is_counted") else { return };
    let [client, server] = &ends;
    let toml =
        "interfaces = ['srv0']\nfilter = 'udp port 9999'\ndirection = 'in'\nsnaplen_bytes = 100";
    let mut live = open(server, toml).pop().unwrap();
    send(client, 0..50, 20);
    send(client, 50..100, 500);
    let seen = take(&mut live, |seen, _| seen.len() >= 100);
    assert!(seen[..50].iter().all(|seen| seen.original_len == 62 && seen.data.len() == 62));
    assert!(seen[50..].iter().all(|seen| seen.original_len == 542 && seen.data.len() == 100));
    let status = live.status().status();
    assert_eq!((status.received, status.truncated), (100, 50));
    assert_eq!(status.received_bytes, 50 * 62 + 50 * 100);
}

#[test]
fn packets_put_together_by_offload_are_counted() {
    let Some(mirror) = Mirror::new("packets_put_together_by_offload_are_counted", Through::Wire)
    else {
        return;
    };
    let mut live =
        open(&mirror.server, "interfaces = ['srv0']\nfilter = 'tcp port 8080'").pop().unwrap();
    let server = mirror.server.spawn(|| {
        let (mut stream, _) = TcpListener::bind((SERVER, 8080)).unwrap().accept().unwrap();
        std::io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
    });
    assert!(mirror.client.within(|| talk(8080)));
    server.join().unwrap();
    let seen = take(&mut live, |seen, _| seen.len() > 30);
    let longest = seen.iter().map(|seen| seen.data.len()).max().unwrap();
    assert!(longest > 20_000, "the longest has {longest} octets");
    let status = live.status().status();
    assert!(status.super_frames > 0 && status.truncated == 0, "{status:?}");
}

/// The kernel's drops are told: nobody reads while more comes than the smallest buffer holds.
#[test]
fn kernel_drops_are_counted() {
    let Some(ends) = pair("kernel_drops_are_counted") else { return };
    let [client, server] = &ends;
    let toml =
        "interfaces = ['srv0']\nfilter = 'udp port 9999'\ndirection = 'in'\nbuffer_mebibytes = 1";
    let mut live = open(server, toml).pop().unwrap();
    send(client, 0..4000, 1400);
    let seen = take(&mut live, |_, status| status.received + status.kernel_dropped >= 4000);
    let status = live.status().status();
    assert!(status.kernel_dropped > 1000, "{status:?}");
    assert_eq!(status.received + status.kernel_dropped, 4000);
    assert_eq!(u64::try_from(seen.len()).unwrap(), status.received);
}

/// What is configured reaches the kernel: a ring of that size that is handed over in blocks (TPACKET_V3, which libpcap uses
/// without immediate mode alone), and the interface's promiscuous mode.
#[test]
fn the_kernel_is_asked_for_what_is_configured() {
    let Some([_client, server]) = pair("the_kernel_is_asked_for_what_is_configured") else {
        return;
    };
    if !installed("ss") {
        return skip("the_kernel_is_asked_for_what_is_configured", "ss is not installed");
    }
    let told = |words: &[&str]| String::from_utf8(server.run(words).stdout).unwrap();
    for promiscuous in [true, false] {
        let toml = format!(
            "interfaces = ['srv0']\nbuffer_mebibytes = 8\npromiscuous = {promiscuous}\nthreads = 2"
        );
        let lives = open(&server, &toml);
        let sockets = told(&["ss", "-0", "-e", "-n"]);
        let rings: Vec<&str> = sockets.lines().filter(|line| line.contains("ring_rx")).collect();
        assert_eq!(rings.len(), lives.len(), "{sockets}");
        assert_eq!(sockets.matches("ver:2 ").count(), lives.len(), "{sockets}");
        for ring in rings {
            let of = |name: &str| -> u64 {
                let rest = ring.split(name).nth(1).unwrap();
                rest.split(',').next().unwrap().parse().unwrap()
            };
            assert_eq!(of("blk_size:") * of("blk_nr:"), 8 << 20, "{ring}");
            assert_eq!(of("tmo:"), 100, "{ring}");
        }
        let link = told(&["ip", "-d", "link", "show", SERVER_INTERFACE]);
        let count = if promiscuous { lives.len() } else { 0 };
        assert!(link.contains(&format!("promiscuity {count} ")), "{link}");
    }
}

/// `apitap interfaces`: state, link type, and what is missing.
#[test]
fn interfaces_are_listed() {
    let Some(ends) = pair("interfaces_are_listed") else { return };
    let [client, server] = &ends;
    let listed = || {
        let output = server.command(binary().to_str().unwrap()).arg("interfaces").output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let row = text.lines().find(|line| line.starts_with("srv0 ")).unwrap();
        (row.split_whitespace().take(3).collect::<Vec<_>>().join(" "), text)
    };
    let (row, text) = listed();
    assert_eq!(row, "srv0 up ethernet");
    assert!(text.contains("10.77.0.2") && text.contains("may capture"), "{text}");
    // The other end of the cable.
    client.ip("link set clt0 down");
    assert_eq!(listed().0, "srv0 no link");
    server.ip("link set srv0 down");
    assert_eq!(listed().0, "srv0 down -");
}

#[test]
fn errors_say_what_to_do() {
    let Some(ends) = pair("errors_say_what_to_do") else { return };
    let [_client, server] = &ends;
    for (toml, want) in [
        ("", "capture.interfaces is empty; name one or more of: "),
        ("interfaces = ['srv0', 'srv0']", "capture.interfaces names 'srv0' twice"),
        (
            "interfaces = ['srv0']\nfilter = 'tcp porto 80'",
            "capture.filter 'tcp porto 80': libpcap error: ",
        ),
        (
            "interfaces = ['eth77', 'eth78']",
            "capture.interfaces: 'eth77': there is no such interface; 'eth78': there is no such interface; there are: ",
        ),
    ] {
        let error = open_error(server, toml);
        let text = error.to_string();
        assert!(text.starts_with(want), "{toml}: {text}");
        assert!(!text.contains('\n') && !text.is_empty());
        assert_eq!(error.is_usage(), !toml.contains("eth77"), "{toml}");
        if text.contains("there are") || toml.is_empty() {
            assert!(text.contains("srv0") && text.contains("lo"), "{text}");
        }
    }
    server.ip("link set srv0 down");
    let down = open_error(server, "interfaces = ['srv0']").to_string();
    assert!(
        down.starts_with("capture.interfaces: 'srv0': the interface is down; ip link set dev"),
        "{down}"
    );
}

#[test]
fn without_permission_it_says_how_to_get_it() {
    let Some(ends) = pair("without_permission_it_says_how_to_get_it") else { return };
    let [_client, server] = &ends;
    let error = server.within(|| {
        // Of this thread alone.
        let none = CapabilitySet::empty();
        let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
        set_capabilities(None, sets).unwrap();
        Live::open(&config("interfaces = ['srv0']")).err().expect("an error")
    });
    assert_eq!(error, OpenError::Permission { name: "srv0".into() });
    let text = error.to_string();
    for want in ["CAP_NET_RAW", "setcap cap_net_raw+p", "AmbientCapabilities", "Kubernetes"] {
        assert!(text.contains(want), "{text}");
    }
}

/// What a packet costs the capture thread, and what rate it holds without loss.
/// Run it optimized: `cargo test --release -p apitap-tests --test capture_live -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a test"]
fn measure() {
    for mtu in [1500, 300] {
        let Some(mirror) = Mirror::new("measure", Through::Wire) else { return };
        mirror.without_offload();
        mirror.client.ip(&format!("link set {CLIENT_INTERFACE} mtu {mtu}"));
        mirror.server.ip(&format!("link set {SERVER_INTERFACE} mtu {mtu}"));
        let toml = "interfaces = ['mir0']\nbuffer_mebibytes = 256";
        let mut live = open(&mirror.sensor, toml).pop().unwrap();
        for while_sending in [false, true] {
            let server = mirror.server.spawn(|| {
                let (mut stream, _) = TcpListener::bind((SERVER, 8080)).unwrap().accept().unwrap();
                std::io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
            });
            let client = mirror.client.spawn(move || {
                let times = if while_sending { 60 } else { 20 };
                assert!(talk_of(8080, times * SENT));
            });
            if !while_sending {
                client.join().unwrap();
                server.join().unwrap();
                consume(&mut live, &format!("mtu {mtu}, from a full ring"), || true);
            } else {
                consume(&mut live, &format!("mtu {mtu}, while sending"), || client.is_finished());
                server.join().unwrap();
            }
        }
    }
}

/// Reads and decapsulates until nothing more comes.
fn consume(live: &mut Live, what: &str, done: impl Fn() -> bool) {
    let mut decap = Decap::new(&decap::Config::default());
    let before = live.status().status();
    let (start, cpu) = (Instant::now(), thread_nanos());
    let (mut packets, mut octets, mut rests) = (0_u64, 0_usize, 0);
    while rests < 3 {
        match live.next() {
            Event::Packet(packet) => {
                packets += 1;
                decap.push(&packet, packets, &mut |segment| octets += segment.payload.len());
                rests = 0;
            }
            Event::Idle(_) => rests = if done() { rests + 1 } else { 0 },
        }
    }
    let status = live.status().status();
    let each = (thread_nanos() - cpu) / packets.max(1);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{what}: {packets} packets, {octets} octets of payload, {each} ns each, {:.0} packets/s, {} dropped",
        packets as f64 / seconds,
        status.kernel_dropped - before.kernel_dropped
    );
}

/// Time this thread has run, in nanoseconds.
fn thread_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}
