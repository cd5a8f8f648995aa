//! Names from Kubernetes, against an API server that speaks lists and watches, and fails in many ways.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use apitap::kubernetes::{Config, Counts, Enabled, Names, Scope, Watcher, fill};
use apitap::time::Timestamp;
use apitap_tests::fake_api::{FakeApi, Mode, NODES, PODS, SERVICES, SLICES};
use apitap_tests::run::installed;
use apitap_tests::skip;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A sensor on node-a, with its service account.
struct Sensor {
    api: FakeApi,
    watcher: Watcher,
    names: Names,
    account: TempDir,
}

const WEB_A: &str = "10.244.1.23";
const WEB_B: &str = "10.244.2.31";
const WATCHES: usize = 4;

impl Sensor {
    fn start() -> Self {
        Self::with(FakeApi::start(), |_| {})
    }

    fn with(api: FakeApi, change: impl FnOnce(&mut Config)) -> Self {
        let account = TempDir::new().unwrap();
        std::fs::write(account.path().join("token"), "first\n").unwrap();
        let mut config = Config {
            enabled: Enabled::Yes,
            api_server: api.url(),
            token_file: account.path().join("token"),
            ca_file: account.path().join("ca.crt"),
            node_name: "node-a".into(),
            retry_seconds_max: 1,
            ..Config::default()
        };
        change(&mut config);
        let watcher = Watcher::start(&config).unwrap().expect("names are wanted");
        let names = watcher.names();
        Self { api, watcher, names, account }
    }

    /// `namespace/pod workload service node` now.
    fn name(&self, ip: &str) -> String {
        self.name_at(ip, now())
    }

    fn name_at(&self, ip: &str, at: Timestamp) -> String {
        let ip: IpAddr = ip.parse().unwrap();
        fill(&self.names, ip, at).map_or("nobody".into(), |found| {
            let all = [&found.workload, &found.service, &found.node];
            let rest = all.map(|text| if text.is_empty() { "-" } else { text.as_str() }).join(" ");
            format!("{}/{} {rest}", found.namespace, found.pod)
        })
    }

    /// Waits until an address has a name.
    fn expect(&self, ip: &str, want: &str) {
        self.until(&format!("{ip} is {want}"), || self.name(ip) == want, || self.name(ip));
    }

    fn until(&self, what: &str, done: impl Fn() -> bool, found: impl Fn() -> String) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !done() {
            assert!(Instant::now() < deadline, "{what}: {}; {:?}", found(), self.watcher.counts());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn counted(&self, what: &str, done: impl Fn(&Counts) -> bool) {
        self.until(what, || done(&self.watcher.counts()), String::new);
    }

    /// Waits for everything to be listed and watched.
    fn settle(&self) {
        self.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");
        self.expect(WEB_B, "shop/web-6f7b9c5d4-9k4tl - web node-b");
        assert!(self.api.watched(WATCHES), "{:?}", self.api.requests());
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::ZERO.plus(since)
}

/// A pod of node-a like web's, with another name and address, that starts now.
fn pod(api: &FakeApi, name: &str, ip: &str) -> Value {
    let mut pod = api.object(PODS, "shop", "web-6f7b9c5d4-x2x7q");
    pod["metadata"]["name"] = name.into();
    pod["metadata"]["uid"] = format!("uid-of-{name}").into();
    pod["status"]["podIP"] = ip.into();
    pod["status"]["podIPs"] = json!([{ "ip": ip }]);
    let output = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
    pod["status"]["startTime"] = String::from_utf8(output.stdout).unwrap().trim().into();
    pod
}

#[test]
fn a_cluster_is_named() {
    let sensor = Sensor::start();
    sensor.settle();
    for (ip, want) in [
        ("fd00:10:244:1::17", "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a"),
        ("10.244.1.24", "shop/db-0 StatefulSet/db db node-a"),
        ("10.244.1.29", "shop/billing-29756520-7ztwx CronJob/billing - node-a"),
        // It has ended: its address is free.
        ("10.244.1.30", "nobody"),
        ("10.244.1.40", "default/debug - - node-a"),
        // Host-network pods are their node, here and there.
        ("10.0.0.11", "/ - - node-a"),
        ("10.0.0.12", "/ - - node-b"),
        ("fd00:10::12", "/ - - node-b"),
        ("fd00:10:244:2::1f", "shop/web-6f7b9c5d4-9k4tl - web node-b"),
        ("10.96.14.7", "shop/ - web -"),
        ("10.96.0.1", "default/ - kubernetes -"),
        ("10.0.0.10", "default/ - kubernetes -"),
        ("203.0.113.80", "shop/ - bank -"),
        ("198.51.100.1", "nobody"),
    ] {
        sensor.expect(ip, want);
    }
    let counts = sensor.watcher.counts();
    assert!(counts.synced && counts.stale_seconds < 20, "{counts:?}");
    assert_eq!((counts.errors, counts.garbage, counts.refused), (0, 0, 0), "{counts:?}");
    // Only this node's pods are asked for; nothing but reads, from the cache.
    let requests = sensor.api.requests();
    let pods = requests.iter().filter(|request| request.path == PODS);
    assert!(pods.clone().count() == 2, "{requests:?}");
    assert!(pods.clone().all(|r| r.query.ends_with("&fieldSelector=spec.nodeName%3Dnode-a")));
    assert!(pods.clone().any(|r| r.query.contains("resourceVersion=0")));
    assert!(pods.clone().any(|r| r.query.contains("allowWatchBookmarks=true&timeoutSeconds=")));
}

#[test]
fn all_pods_are_named_in_the_scope_of_the_cluster() {
    let sensor = Sensor::with(FakeApi::start(), |config| config.scope = Scope::Cluster);
    sensor.expect(WEB_B, "shop/web-6f7b9c5d4-9k4tl Deployment/web web node-b");
    sensor.expect("10.0.0.12", "/ - - node-b");
    assert!(sensor.api.watched(3));
    assert!(sensor.api.requests().iter().all(|r| r.path != NODES && !r.query.contains("fieldS")));
}

#[test]
fn names_appear_change_and_go() {
    let sensor = Sensor::start();
    sensor.settle();
    let api = &sensor.api;
    let address = "10.244.1.77";
    assert_eq!(sensor.name(address), "nobody");
    api.put(PODS, pod(api, "web-6f7b9c5d4-aaaaa", address));
    sensor.expect(address, "shop/web-6f7b9c5d4-aaaaa Deployment/web - node-a");

    let mut slice = api.object(SLICES, "shop", "db-4qk2m");
    slice["endpoints"][0]["addresses"] = json!([address]);
    slice["endpoints"][0]["targetRef"]["name"] = "web-6f7b9c5d4-aaaaa".into();
    slice["metadata"]["labels"]["kubernetes.io/service-name"] = "canary".into();
    slice["metadata"]["name"] = "canary-1".into();
    api.put(SLICES, slice);
    sensor.expect(address, "shop/web-6f7b9c5d4-aaaaa Deployment/web canary node-a");

    let before = now();
    api.delete(PODS, "shop", "web-6f7b9c5d4-aaaaa");
    api.delete(SLICES, "shop", "canary-1");
    sensor.expect(address, "nobody");
    // A call that began before is still the old pod's, when the address has long been another's.
    thread::sleep(Duration::from_millis(1100));
    api.put(PODS, pod(api, "web-6f7b9c5d4-bbbbb", address));
    sensor.expect(address, "shop/web-6f7b9c5d4-bbbbb Deployment/web - node-a");
    let old = sensor.name_at(address, before);
    assert!(old.starts_with("shop/web-6f7b9c5d4-aaaaa Deployment/web"), "{old}");

    api.delete(SERVICES, "shop", "web");
    sensor.expect("10.96.14.7", "nobody");
}

#[test]
fn what_is_known_outlives_the_server() {
    let sensor = Sensor::start();
    sensor.settle();
    let api = &sensor.api;
    api.set_mode(Mode::Status(503, 0));
    api.cut();
    sensor.counted("errors are counted", |counts| counts.errors >= 8);
    sensor.counted("names are old", |counts| counts.stale_seconds >= 2);
    sensor.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");

    // What happened meanwhile comes afterwards, without a new list.
    let lists = sensor.watcher.counts().relists;
    api.put(PODS, pod(api, "web-6f7b9c5d4-ccccc", "10.244.1.78"));
    api.set_mode(Mode::Well);
    sensor.expect("10.244.1.78", "shop/web-6f7b9c5d4-ccccc Deployment/web - node-a");
    assert!(api.watched(WATCHES));
    assert_eq!(sensor.watcher.counts().relists, lists);
    sensor.counted("names are new", |counts| counts.stale_seconds < 2);
}

#[test]
fn names_that_are_too_old_are_not_given() {
    let sensor = Sensor::with(FakeApi::start(), |config| config.stale_seconds_max = 2);
    sensor.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");
    sensor.api.set_mode(Mode::Status(429, 1));
    sensor.api.cut();
    sensor.expect(WEB_A, "nobody");
    assert!(sensor.watcher.counts().stale > 0);
    sensor.api.set_mode(Mode::Well);
    sensor.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");
}

#[test]
fn a_start_waits_for_no_server() {
    let api = FakeApi::start();
    api.set_mode(Mode::Status(503, 0));
    let sensor = Sensor::with(api, |_| {});
    sensor.counted("it tries", |counts| counts.errors > 4 && !counts.synced);
    assert_eq!(sensor.name(WEB_A), "nobody");
    sensor.api.set_mode(Mode::Well);
    sensor.settle();
}

#[test]
fn a_history_too_old_is_listed_anew_in_pages() {
    let sensor = Sensor::start();
    sensor.settle();
    let api = &sensor.api;
    // Both ways of 410: in a running watch, and as the answer to one that begins.
    for _ in 0..2 {
        let lists = sensor.watcher.counts().relists;
        api.forget();
        sensor.counted("lists", |counts| counts.relists >= lists + 4);
        sensor.settle();
    }
    let relists = api.requests().into_iter().filter(|request| {
        !request.query.contains("watch=1") && !request.query.contains("resourceVersion=0")
    });
    // After 410 the cache will not do; pages are two objects, and their tokens are escaped.
    assert!(relists.clone().any(|r| r.path == PODS && r.query.contains("continue=page%2F%3D4")));
    let counts = sensor.watcher.counts();
    assert_eq!((counts.errors, counts.garbage), (0, 0), "{counts:?}");
}

#[test]
fn what_vanished_unseen_is_forgotten() {
    let sensor = Sensor::start();
    sensor.settle();
    let api = &sensor.api;
    api.set_mode(Mode::Status(503, 0));
    api.cut();
    sensor.counted("it is cut off", |counts| counts.errors > 0);
    api.delete(PODS, "shop", "db-0");
    api.delete(SLICES, "shop", "db-4qk2m");
    api.put(PODS, pod(api, "cache-1", "10.244.1.24"));
    api.forget();
    api.set_mode(Mode::Well);
    sensor.expect("10.244.1.24", "shop/cache-1 Deployment/web - node-a");
    sensor.settle();
}

#[test]
fn a_new_token_is_read() {
    let sensor = Sensor::start();
    sensor.settle();
    std::fs::write(sensor.account.path().join("token"), "second").unwrap();
    sensor.api.set_token("second");
    sensor.api.cut();
    sensor.counted("the old one is refused", |counts| counts.errors >= 4);
    sensor.settle();
    assert!(sensor.api.requests().iter().any(|request| request.status == 401));
}

#[test]
fn lines_that_are_no_events_end_in_a_list() {
    let sensor = Sensor::start();
    for (round, text) in [
        "{not json}\n".to_owned(),
        "[]\n".to_owned(),
        "\n".to_owned(),
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":7}}\n".to_owned(),
        "{\"type\":\"SURPRISE\",\"object\":{}}\n".to_owned(),
        "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"1&watch=0\"}}}\n"
            .to_owned(),
        format!("{}\n", "x".repeat(5 << 20)),
        "\u{0}\u{1}\u{2}\n".to_owned(),
        format!("{}\n", "[".repeat(100_000)),
    ]
    .into_iter()
    .enumerate()
    {
        sensor.settle();
        let before = sensor.watcher.counts();
        sensor.api.say(&text);
        sensor.counted(&format!("round {round}"), |counts| {
            counts.garbage >= before.garbage + 4 && counts.relists >= before.relists + 4
        });
    }
    sensor.settle();
}

#[test]
fn bookmarks_move_on_without_events() {
    let sensor = Sensor::start();
    sensor.settle();
    let lists = sensor.watcher.counts().relists;
    sensor.api.bookmark();
    sensor.counted("bookmarks", |counts| counts.events >= 4);
    sensor.api.cut();
    sensor.counted("cut", |counts| counts.errors >= 4);
    sensor.settle();
    // The watch goes on from the bookmark.
    assert_eq!(sensor.watcher.counts().relists, lists);
    let from = sensor.api.requests();
    assert!(from.iter().any(|request| request.query.contains("resourceVersion=49101")));
}

#[test]
fn silence_is_an_outage() {
    let sensor = Sensor::with(FakeApi::start(), |config| config.silence_seconds_max = 1);
    sensor.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");
    // Nothing comes: the watch is begun anew, from where it was.
    sensor.counted("silence", |counts| counts.errors >= 8);
    assert_eq!(sensor.watcher.counts().relists, 4);
    sensor.api.set_mode(Mode::Silent);
    sensor.counted("more silence", |counts| counts.errors >= 16);
    sensor.expect(WEB_A, "shop/web-6f7b9c5d4-x2x7q Deployment/web web node-a");
}

#[test]
fn a_slow_server_is_read_to_the_end() {
    let api = FakeApi::start();
    api.set_mode(Mode::Slow);
    let sensor = Sensor::with(api, |_| {});
    sensor.settle();
    sensor.api.put(PODS, pod(&sensor.api, "slow", "10.244.1.79"));
    sensor.expect("10.244.1.79", "shop/slow Deployment/web - node-a");
}

#[test]
fn no_more_is_held_than_allowed() {
    let api = FakeApi::start();
    for number in 0..1500_u32 {
        let name = format!("many-{number}");
        api.put(PODS, pod_at(&api, &name, &format!("10.9.{}.{}", number / 250, number % 250)));
    }
    let sensor = Sensor::with(api, |config| config.entries_max = 1000);
    sensor.counted("what is refused is counted", |c| c.synced && c.refused >= 500);
    let counts = sensor.watcher.counts();
    assert!(counts.entries <= 1000 && counts.objects <= 1000, "{counts:?}");
}

/// Like [`pod`], without asking for the time.
fn pod_at(api: &FakeApi, name: &str, ip: &str) -> Value {
    let mut pod = api.object(PODS, "shop", "web-6f7b9c5d4-x2x7q");
    pod["metadata"]["name"] = name.into();
    pod["status"]["podIP"] = ip.into();
    pod["status"]["podIPs"] = json!([{ "ip": ip }]);
    pod
}

#[test]
fn a_watcher_ends_at_once_whatever_the_server_does() {
    for mode in [Mode::Well, Mode::Silent, Mode::Status(503, 600)] {
        let api = FakeApi::start();
        api.set_mode(mode);
        let Sensor { watcher, api, .. } =
            Sensor::with(api, |config| config.retry_seconds_max = 600);
        thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        drop(watcher);
        // Far below any timeout of its own: what is waited for is told to end.
        assert!(begun.elapsed() < Duration::from_secs(15), "{mode:?}: {:?}", begun.elapsed());
        drop(api);
    }
}

fn openssl(folder: &Path, args: &str) {
    let mut command = Command::new("openssl");
    command.args(args.split(' ')).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "openssl {args}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_server_must_be_of_the_authority_given() {
    if !installed("openssl") {
        return skip("the API server behind TLS", "openssl is not installed");
    }
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let ca = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -addext basicConstraints=critical,CA:TRUE";
    for name in ["ca", "other"] {
        openssl(at, &format!("{ca} -subj /CN={name} -keyout {name}.key -out {name}.crt"));
    }
    openssl(
        at,
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=api -keyout server.key -out server.csr",
    );
    std::fs::write(at.join("san"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        at,
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt",
    );

    let right = Sensor::with(FakeApi::start_tls(at), |config| config.ca_file = at.join("ca.crt"));
    right.settle();
    let wrong =
        Sensor::with(FakeApi::start_tls(at), |config| config.ca_file = at.join("other.crt"));
    wrong.counted("refused", |counts| counts.errors >= 4);
    let none = Sensor::with(FakeApi::start_tls(at), |_| {});
    none.counted("no certificates", |counts| counts.errors >= 4);
    for sensor in [&wrong, &none] {
        // No token was sent.
        assert!(sensor.api.requests().is_empty());
        assert_eq!(sensor.name(WEB_A), "nobody");
    }
}
