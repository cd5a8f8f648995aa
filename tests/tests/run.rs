//! `apitap run` as it is deployed: mirrored traffic in, records out, not as root.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use apitap_tests::daemon::{Daemon, USER};
use apitap_tests::fake_api::{FakeApi, PODS};
use apitap_tests::lab::{Lab, broker, nothing_lost, to_kafka};
use apitap_tests::mirror::{Mirror, SERVER, Through};
use apitap_tests::netns::Namespace;
use apitap_tests::run::{self, Run, installed};
use apitap_tests::skip;
use apitap_tests::traffic::{self, Client, calls_at_once, each_once};
use rustix::process::Signal;
use serde_json::{Value, json};

const TO_FILE: &str = "output.file.path = '{home}/records.jsonl'\n";

/// The whole way: real clients, a real server, mirrored packets, a real broker.
#[test]
fn mirrored_calls_arrive_in_kafka_once() {
    for (through, topic) in [(Through::Wire, "span"), (Through::Vxlan(7), "vxlan")] {
        let test = "mirrored_calls_arrive_in_kafka_once";
        let Some(lab) = Lab::new(test, through) else { return };
        let Some(broker) = broker(test) else { return };
        broker.create_topic(topic, 3, &[]).unwrap();
        broker.reach_from(&lab.mirror.sensor);
        lab.home.configure(&to_kafka(broker, topic));
        let sensor = lab.start();
        let privileges = &sensor.status()["privileges"];
        assert_eq!(privileges["user"], USER, "{privileges}");

        calls_at_once(&lab.mirror, [0..1500, 1500..3000, 3000..4500, 4500..6000]);
        let others = others(&lab.mirror);
        let status = sensor.settled();
        nothing_lost(&status);
        sensor.until("all is delivered", |status| status["sinks"][0]["delivered"] == 6000 + others);
        assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
        let got = traffic::decoded(&broker.consume(topic).unwrap());
        assert_eq!(got.len(), 6000 + others);
        each_once(&got, 0..6000);
        let tunnels = |record: &Value| record["network"]["tunnels"].as_array().map_or(0, Vec::len);
        assert!(got.iter().all(|r| tunnels(r) == usize::from(through != Through::Wire)));
    }
}

/// Calls by clients that are not of these tests; how many.
fn others(mirror: &Mirror) -> usize {
    let mut made = 0;
    if installed("ab") {
        mirror.client.run(&["ab", "-q", "-k", "-n", "1000", "-c", "8", "http://10.77.0.2/calls"]);
        made += 1000;
    }
    if installed("curl") {
        mirror.client.run(&["curl", "-sf", "http://10.77.0.2/calls?of=[1-50]"]);
        made += 50;
    }
    made
}

/// A reload in the middle of traffic loses nothing, takes effect, and says what it cannot change.
#[test]
fn a_reload_under_traffic_loses_nothing() {
    let Some(lab) = Lab::new("a_reload_under_traffic_loses_nothing", Through::Wire) else { return };
    lab.home.configure(TO_FILE);
    let sensor = lab.start();
    let client = Client::start(&lab.mirror, 0, Duration::from_millis(1));
    let goes_on = |more: u32| {
        let until = client.made() + more;
        sensor.until("calls are made", |_| client.made() >= until);
    };
    goes_on(200);
    // What is told before the reload is told by the rules before it.
    sensor.until("they are told", |status| status["records"].as_u64() >= Some(200));
    // Another key, beside the one named so far.
    let rules =
        "privacy.rules = [{ name = 'no-state', path = '/*', field = '$.state', action = 'shape' }]";
    let changed = format!("{rules}\ndaemon.workers = 2\nsensor.id = 'other'\n");
    lab.home.configure(&format!("{TO_FILE}{changed}"));
    sensor.signal(Signal::HUP);
    sensor.until("it reloaded", |status| status["reloads"]["succeeded"] == 1);
    goes_on(200);

    lab.home.configure(&format!("{TO_FILE}{changed}privacy.fields_maximum = 3\n"));
    sensor.signal(Signal::HUP);
    let status = sensor.until("it refused", |status| status["reloads"]["failed"] == 1);
    let error = status["reloads"]["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("fields_maximum") && error.contains("apitap.toml:9:9: "), "{error}");
    goes_on(200);
    // A policy that would store what must never be stored.
    lab.home.configure(&format!("{TO_FILE}{changed}privacy.classes.cvv = 'token'\n"));
    sensor.signal(Signal::HUP);
    let status = sensor.until("it refused", |status| status["reloads"]["failed"] == 2);
    let error = status["reloads"]["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("never be stored") && error.contains("apitap.toml:9:17: "), "{error}");
    goes_on(200);
    // What takes a restart, which would fail.
    lab.home.configure(&format!("{TO_FILE}{changed}output.kafka.spool.bytes_max = 200000\n"));
    sensor.signal(Signal::HUP);
    let status = sensor.until("it refused", |status| status["reloads"]["failed"] == 3);
    let error = status["reloads"]["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("spool.bytes_max must be at least 8 times"), "{error}");
    lab.home.configure(&format!("{TO_FILE}{changed}"));
    for _ in 0..5 {
        sensor.signal(Signal::HUP);
        goes_on(50);
    }
    let made = client.stop();
    nothing_lost(&sensor.settled());
    assert_eq!(sensor.end(), Some(0));
    let records = lab.records();
    each_once(&records, 0..made);
    // "ok" is kept until the rule changes, and never after.
    let kept = |record: &Value| {
        let fields = record["response"]["body"]["fields"].as_array().unwrap();
        let state = fields.iter().find(|field| field["path"] == "$.state").unwrap();
        state["value"]["kept"] == "ok"
    };
    let mut ordered: Vec<_> = records.iter().map(|r| (traffic::asked(r), kept(r))).collect();
    ordered.sort_unstable();
    let changed = ordered.iter().position(|(_, kept)| !kept).unwrap();
    assert!(changed >= 200 && ordered[changed..].iter().all(|(_, kept)| !kept), "{changed}");
    let log = lab.home.log();
    assert!(
        log.contains("these changes need a restart: ") && log.contains("daemon.workers"),
        "{log}"
    );
    assert!(log.contains("reload refused, the old configuration stays in force"), "{log}");
}

/// The API server is a false one, in the sensor's namespace.
#[test]
fn calls_are_named_by_kubernetes() {
    let Some(lab) = Lab::new("calls_are_named_by_kubernetes", Through::Wire) else { return };
    let api = lab.mirror.sensor.within(FakeApi::start);
    let pod = json!({
        "metadata": {"name": "orders-5d9c7b8f6-abcde", "namespace": "shop", "uid": "u-1",
            "labels": {"pod-template-hash": "5d9c7b8f6"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "orders-5d9c7b8f6",
                "uid": "u-2", "controller": true}]},
        "spec": {"nodeName": "node-a"},
        "status": {"phase": "Running", "podIP": SERVER, "podIPs": [{"ip": SERVER}],
            "startTime": "2026-01-01T00:00:00Z"}});
    api.put(PODS, pod);
    fs::write(lab.home.file("token"), "first").unwrap();
    let kubernetes = format!(
        "kubernetes.enabled = true\nkubernetes.api_server = '{}'\nkubernetes.node_name = 'node-a'\n\
         kubernetes.token_file = '{{home}}/token'\n",
        api.url()
    );
    lab.home.configure(&format!("{TO_FILE}{kubernetes}"));
    let sensor = lab.start();
    sensor.until("objects are listed", |_| {
        let metrics = sensor.get("/metrics").unwrap_or_default();
        metrics.lines().any(|line| line == "apitap_kubernetes_synced 1")
    });
    // Names are published once a second.
    std::thread::sleep(Duration::from_millis(2500));
    lab.calls(0..20);
    sensor.settled();
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let records = lab.records();
    assert_eq!(records.len(), 20);
    for record in records {
        let server = &record["server"];
        assert_eq!(server["ip"], SERVER.to_string());
        assert_eq!(server["kubernetes"]["pod"], "orders-5d9c7b8f6-abcde", "{server}");
        assert_eq!(server["kubernetes"]["workload"], "Deployment/orders");
        assert!(record["client"].get("kubernetes").is_none());
    }
}

/// The kernel's filter changes at a reload, and no packet that it does not keep out is lost.
#[test]
fn a_reload_changes_the_capture_filter() {
    let Some(lab) = Lab::new("a_reload_changes_the_capture_filter", Through::Wire) else { return };
    const PROBES: u32 = 16;
    lab.home.configure(TO_FILE);
    let sensor = lab.start();
    let mut probe = 90_000;
    let mut reload = |settings: &str, times: u32, passes: bool| {
        // What waits to be read would meet the new filter.
        sensor.settled();
        lab.home.configure(&format!("{TO_FILE}{settings}"));
        sensor.signal(Signal::HUP);
        sensor.until("it reloaded", |status| status["reloads"]["succeeded"] == times);
        // Capture threads take it up at their next look.
        let mut probed = || {
            let before = sensor.settled()["records"].as_u64().unwrap();
            // Several connections, as each capture thread takes it up by itself.
            (probe..probe + PROBES).for_each(|number| lab.calls(number..number + 1));
            probe += PROBES;
            let told = sensor.settled()["records"].as_u64().unwrap() - before;
            told == if passes { PROBES.into() } else { 0 }
        };
        // Twice, as on a busy machine packets may be late, too.
        sensor.until("the filter is in force", |_| probed() && probed());
    };
    let call = |numbers| lab.calls(numbers);
    call(0..100);
    reload("capture.filter = 'tcp port 81'\n", 1, false);
    call(100..200);
    reload("capture.filter = 'tcp port 80'\n", 2, true);
    call(200..300);
    reload("capture.inner_filter = 'port 81'\n", 3, false);
    call(300..400);
    reload("", 4, true);
    call(400..500);
    lab.home.configure(&format!("{TO_FILE}capture.filter = 'tcp porto 80'\n"));
    sensor.signal(Signal::HUP);
    let status = sensor.until("it refused", |status| status["reloads"]["failed"] == 1);
    let error = status["reloads"]["last_error"].as_str().unwrap();
    assert!(error.contains("capture.filter 'tcp porto 80'"), "{error}");
    call(500..600);
    nothing_lost(&sensor.settled());
    assert_eq!(sensor.end(), Some(0));
    let records = lab.records();
    each_once(&records, (0..100).chain(200..300).chain(400..600));
    let kept_out = |n: &u32| (100..200).contains(n) || (300..400).contains(n);
    assert!(!traffic::numbers(&records).keys().any(kept_out), "calls that a filter keeps out");
}

/// Two interfaces at once: each call is of the one that saw it.
#[test]
fn several_interfaces_are_captured() {
    let Some(lab) = Lab::new("several_interfaces_are_captured", Through::Wire) else { return };
    lab.home.configure(&format!("{TO_FILE}capture.interfaces = ['mir0', 'lo']\n"));
    let sensor = lab.start();
    lab.calls(0..100);
    drop(open_call(&lab.mirror.sensor, &lab.mirror.sensor, "127.0.0.1:8080"));
    let status = sensor.settled();
    nothing_lost(&status);
    assert_eq!(status["interfaces"][1]["kernel_dropped"], 0, "{status}");
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let records = lab.records();
    let (local, mirrored): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|record| traffic::asked(record) == Some(77777));
    each_once(&mirrored, 0..100);
    assert!(mirrored.iter().all(|record| record["network"]["interface"] == "mir0"));
    let [local] = &local[..] else { panic!("{} records of the call on lo", local.len()) };
    assert_eq!(local["network"]["interface"], "lo", "{local}");
}

/// Records that a full disk took none of: each is counted once, and the sensor goes on.
#[test]
fn what_no_file_takes_is_counted_once() {
    let Some(lab) = Lab::new("what_no_file_takes_is_counted_once", Through::Wire) else { return };
    lab.home.configure("output.file.path = '/dev/full'\n");
    let sensor = lab.start();
    let mut told = 0;
    // More than fits into the file's buffer at once, and several times.
    for calls in [0..300, 300..600] {
        told += calls.len();
        lab.calls(calls);
        let sinks = |status: &Value| {
            let count = |key: &str| status["sinks"][0][key].as_u64();
            (count("delivered"), count("failed"))
        };
        let end = (Some(0), Some(told as u64));
        sensor.until("all failed", |status| sinks(status) == end);
    }
    assert!(lab.home.log().contains("No space left on device"), "{}", lab.home.log());
    sensor.end();
}

/// TERM: open calls are handed on, and what no broker takes waits in the spool for the next start.
#[test]
fn the_end_loses_nothing() {
    let test = "the_end_loses_nothing";
    let Some(lab) = Lab::new(test, Through::Wire) else { return };
    let Some(broker) = broker(test) else { return };
    broker.create_topic("drained", 1, &[]).unwrap();
    lab.home.configure(&to_kafka(broker, "drained"));
    // Nobody answers at the broker's address.
    let sensor = lab.start();
    lab.calls(0..300);
    let client = open_call(&lab.mirror.client, &lab.mirror.server, "10.77.0.2:8080");
    nothing_lost(&sensor.settled());
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    drop(client);
    assert!(lab.home.log().contains("\"spooled\":301,"), "{}", lab.home.log());

    broker.reach_from(&lab.mirror.sensor);
    let sensor = lab.start();
    sensor.until("the spool is sent", |status| status["sinks"][0]["delivered"] == 301);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let got = traffic::decoded(&broker.consume("drained").unwrap());
    let (open, rest): (Vec<_>, Vec<_>) =
        got.into_iter().partition(|record| traffic::asked(record) == Some(77777));
    each_once(&rest, 0..300);
    let [open] = &open[..] else { panic!("{} records of the open call", open.len()) };
    assert_eq!(open["completeness"]["response"], "TRUNCATED", "{open}");
    assert_eq!(open["completeness"]["request"], "COMPLETE", "{open}");
}

/// A call whose response does not end while the connection is held: both ends of it.
fn open_call(client: &Namespace, server: &Namespace, address: &'static str) -> [TcpStream; 2] {
    let listener = server.within(move || TcpListener::bind(address).unwrap());
    client.within(move || {
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"GET /slow?page=77777 HTTP/1.1\r\nHost: slow.example\r\n\r\n").unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        assert!(server.read(&mut request).unwrap() > 0);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\n";
        server.write_all(format!("{head}so far").as_bytes()).unwrap();
        assert!(client.read(&mut request).unwrap() > 0);
        [client, server]
    })
}

/// A second TERM does not wait.
#[test]
fn a_second_term_ends_at_once() {
    let Some(lab) = Lab::new("a_second_term_ends_at_once", Through::Wire) else { return };
    // Without a spool, the end waits for a broker that is not there.
    lab.home.configure("output.kafka.brokers = '127.0.0.1:1'\noutput.kafka.finish_seconds_max = 3600\ndaemon.drain_seconds_max = 3600\n");
    let mut sensor = lab.start();
    lab.calls(0..10);
    sensor.settled();
    sensor.signal(Signal::TERM);
    lab.home.says("stopping");
    std::thread::sleep(Duration::from_millis(200));
    assert!(sensor.get("/status").is_some(), "it waits:\n{}", lab.home.log());
    sensor.signal(Signal::TERM);
    assert_eq!(sensor.wait(), Some(1), "{}", lab.home.log());
}

/// Sinks that do not come to an end do not hold up the daemon's: it ends in time, and says what is lost.
#[test]
fn the_end_is_in_time() {
    let Some(lab) = Lab::new("the_end_is_in_time", Through::Wire) else { return };
    let short = "daemon.drain_seconds_max = 2\n";
    // A broker that is not there, and would be waited for.
    lab.home.configure(&format!(
        "{short}output.kafka.brokers = '127.0.0.1:1'\noutput.kafka.finish_seconds_max = 3600\n"
    ));
    let sensor = lab.start();
    lab.calls(0..100);
    sensor.until("it has all records", |status| status["sinks"][0]["pending"] == 100);
    ends_in_time(&lab, sensor, 100..=100);
    // A reader that does not read: what a pipe holds is gone, the rest waits.
    let pipe = lab.home.file("pipe");
    lab.mirror.sensor.run(&["mkfifo", pipe.to_str().unwrap()]);
    lab.home.configure(&format!("{short}output.file.path = '{}'\n", pipe.display()));
    std::os::unix::fs::chown(&pipe, Some(USER), Some(USER)).unwrap();
    let reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    let sensor = lab.start();
    lab.calls(100..600);
    nothing_lost(&sensor.settled());
    ends_in_time(&lab, sensor, 300..=500);
    drop(reader);
}

/// Ends a sensor whose sinks do not end; it may say that so many records are lost.
fn ends_in_time(lab: &Lab, mut sensor: Daemon, lost: std::ops::RangeInclusive<u32>) {
    let begun = Instant::now();
    sensor.signal(Signal::TERM);
    assert_eq!(sensor.wait(), Some(1), "{}", lab.home.log());
    let took = begun.elapsed();
    let log = lab.home.log();
    let said = log.lines().last().unwrap_or_default();
    println!("{took:?}: {said}");
    // The limit, and as much again for a machine that is busy.
    assert!((2..10).contains(&took.as_secs()), "it took {took:?}");
    assert!(said.contains("drain_seconds_max, 2 seconds: some "), "{log}");
    let number = said.split("some ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(lost.contains(&number.parse().unwrap()), "{said}");
}

/// Calls that volume control must keep, and how often each is made.
const KEPT: [(&str, usize); 4] =
    [("/rare", 20), ("/missing", 150), ("/broken", 150), ("/card", 150)];
const VOLUME_LOCATIONS: &str = "location /rare { default_type application/json; return 200 '{\"n\":1}'; } \
    location /broken { return 500; } \
    location /card { default_type application/json; return 200 '{\"card\":\"4111 1111 1111 1111\"}'; }";

/// Volume control thins what is hot, keeps what matters, and its weights add up to what was there.
#[test]
fn volume_control_thins_the_hot_head_alone() {
    const HOT: u32 = 3000;
    const ONE_IN: u64 = 10;
    const MINUTE: u64 = 100;
    let test = "volume_control_thins_the_hot_head_alone";
    if !installed("ab") {
        return skip(test, "ab is not installed");
    }
    let Some(lab) = Lab::with(test, Through::Wire, VOLUME_LOCATIONS) else { return };
    lab.home.configure(&format!(
        "{TO_FILE}volume.enabled = true\nvolume.endpoint_calls_per_minute = {MINUTE}\nvolume.thin_to_one_in = {ONE_IN}\n"
    ));
    let sensor = lab.start();
    lab.calls(0..HOT);
    for (path, calls) in KEPT {
        let (url, calls) = (format!("http://10.77.0.2{path}"), calls.to_string());
        lab.mirror.client.run(&["ab", "-q", "-k", "-n", &calls, "-c", "1", &url]);
    }
    let status = sensor.settled();
    nothing_lost(&status);
    assert_eq!(sensor.end(), Some(0), "{}", lab.home.log());
    let records = lab.records();
    let of = |path: &str| -> Vec<u64> {
        let wanted = |r: &&Value| r["request"]["path_template"] == path;
        // Not written where it is 1.
        let weight = |r: &Value| r["sample_weight"].as_u64().unwrap_or(1);
        records.iter().filter(wanted).map(weight).collect()
    };
    for (path, calls) in KEPT {
        assert_eq!(of(path), vec![1; calls], "{path}");
    }
    let hot = of("/calls");
    // Of each minute the first, of the rest one in so many; the calls may have met two minutes.
    let thinned = (u64::from(HOT) - MINUTE) / ONE_IN + MINUTE;
    let count = hot.len() as u64;
    assert!((thinned..=thinned + MINUTE).contains(&count), "{count} of {HOT}");
    let sum: u64 = hot.iter().sum();
    println!("{count} records stand for {sum} of {HOT} calls");
    assert!((u64::from(HOT) - ONE_IN + 1..=u64::from(HOT)).contains(&sum), "{sum} of {HOT}");
    let sampled = &status["metrics"]["overload"]["sampled_calls"];
    let made = u64::from(HOT) + KEPT.iter().map(|(_, calls)| *calls as u64).sum::<u64>();
    assert_eq!(sampled["kept"], records.len(), "{sampled}");
    assert_eq!(sampled["thinned"], made - records.len() as u64, "{sampled}");
}

/// What is wrong at the start is said in one line, with the exit code that tells whose fault it is.
#[test]
fn what_is_wrong_at_the_start_is_said() {
    let Some(lab) = Lab::new("what_is_wrong_at_the_start_is_said", Through::Wire) else { return };
    let sensor = &lab.mirror.sensor;
    for (settings, code, said) in [
        ("capture.interfaces = ['mir7']", 1, "'mir7': there is no such interface; there are: "),
        ("capture.filter = 'tcp porto 80'", 2, "capture.filter 'tcp porto 80'"),
        ("capture.inner_filter = 'porto 80'", 2, "apitap.toml:6:24: filter column 1: "),
        ("sensor.key_file = '{home}/none'", 1, "/none"),
        ("sensor.key_file = '{home}/apitap.toml'", 1, "apitap.toml"),
        ("admin.listen = '0.0.0.0:9464'", 2, "admin"),
        // The last thing to fail: everything else was started, and must end.
        (
            "inventory.enabled = true\ninventory.directory = '{home}/inventory'\nadmin.listen = '127.0.0.1:1'",
            1,
            "127.0.0.1:1",
        ),
        ("output.kafka.compression = 'zip'", 2, "apitap.toml:6:28: "),
        ("output.file.path = '/nowhere/records'", 1, "/nowhere/records"),
        ("output.kafka.spool.directory = '/proc/spool'", 1, "/proc/spool"),
        ("capture.interfaces = []", 2, "capture.interfaces is empty"),
    ] {
        // A place for records, where the settings name none.
        let place = if settings.starts_with("output.") { "" } else { TO_FILE };
        lab.home.configure(&format!("{settings}\n{place}"));
        refused(settings, &run(&lab, sensor, "+net_raw"), code, said);
    }
    lab.home.configure(TO_FILE);
    refused("no capability", &run(&lab, sensor, "-all"), 1, "CAP_NET_RAW");
    fs::remove_file(lab.home.file("apitap.toml")).unwrap();
    refused("no configuration", &run(&lab, sensor, "+net_raw"), 2, "apitap.toml");
}

fn run(lab: &Lab, namespace: &Namespace, capabilities: &str) -> Run {
    run::finish(lab.home.command(namespace, capabilities), Duration::from_secs(30))
}

fn refused(what: &str, run: &Run, code: i32, said: &str) {
    assert_eq!(run.code, Some(code), "{what}: {}", run.stderr);
    assert!(!run.crashed(), "{what}: {}", run.stderr);
    let [error] = &run.errors()[..] else { panic!("{what}: not one error line: {}", run.stderr) };
    assert!(error.contains(said), "{what}: {error}");
}
