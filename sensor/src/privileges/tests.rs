//! What is in force after `confine`, seen by a process of its own: this test binary, started again for one test.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::process::Command;

use super::*;

const CHILD: &str = "APITAP_TEST_CHILD";

/// What the child found, by name of the probe.
struct Findings(BTreeMap<String, String>);

impl Findings {
    #[track_caller]
    fn expect(&self, probe: &str, found: &str) {
        let said = self.0.get(probe).unwrap_or_else(|| panic!("{probe} is missing: {:?}", self.0));
        assert_eq!(said, found, "{probe}: {:?}", self.0);
    }
}

/// Runs [`child`] confined as `config` says, in a fresh directory.
fn run_confined(config: &str) -> Findings {
    let directory = tempfile::tempdir().unwrap();
    for name in ["inside", "outside", "spool"] {
        fs::create_dir(directory.path().join(name)).unwrap();
        fs::write(directory.path().join(name).join("file"), "text").unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["privileges::tests::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, config)
        .env("APITAP_TEST_DIRECTORY", directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = said.lines().filter_map(|line| line.strip_prefix("probe ")?.split_once(" = "));
    let findings: BTreeMap<_, _> = lines.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !findings.is_empty(), "{}: {said}\n{failed}", output.status);
    Findings(findings)
}

/// The confined process of the other tests; alone, it does nothing.
#[test]
fn child() {
    let Ok(config) = std::env::var(CHILD) else { return };
    let config: Config = toml::from_str(&config).unwrap();
    let directory = PathBuf::from(std::env::var_os("APITAP_TEST_DIRECTORY").unwrap());
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    #[cfg(feature = "kafka")]
    let broker = rdkafka::mocking::MockCluster::new(1).unwrap();
    let secret = [7_u8; 32];
    let locked = lock(&secret.as_ptr_range());
    no_core_dumps().unwrap();
    let paths = Paths {
        read: vec![directory.join("inside/file")],
        write: vec![directory.join("spool")],
        listen: Vec::new(),
    };
    // An editor of the operator's: a thread from before is outside.
    let (replace, asked) = std::sync::mpsc::channel::<()>();
    let inside = directory.join("inside");
    let editor = std::thread::spawn(move || {
        asked.recv().unwrap();
        fs::write(inside.join("new"), "other")?;
        fs::rename(inside.join("new"), inside.join("file"))
    });
    let raised = raise_net_raw();
    let state = confine_thread(&config, &paths).unwrap();

    probe("state", format!("{state:?}"));
    probe("landlock", &state.landlock);
    probe("seccomp", &state.seccomp);
    probe("user", state.user);
    probe("core dumps", state.core_dumps);
    probe("keys locked", if locked.is_ok() == state.keys_locked { "as said" } else { "otherwise" });
    probe("capabilities", state.capabilities.join(" "));
    probe("was allowed to capture", raised.is_ok());
    process();
    files(&directory);
    replace.send(()).unwrap();
    editor.join().unwrap().unwrap();
    let text = fs::read_to_string(directory.join("inside/file"));
    probe("read replaced", text.unwrap_or_default());
    network(&listener);
    #[cfg(feature = "kafka")]
    probe("kafka", allowed(kafka(&broker.bootstrap_servers())));
    capture();
}

fn probe(name: &str, found: impl std::fmt::Display) {
    println!("probe {name} = {found}");
}

fn allowed<T, E>(result: Result<T, E>) -> &'static str {
    if result.is_ok() { "allowed" } else { "refused" }
}

fn process() {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    for line in status.lines().filter_map(|line| line.split_once(':')) {
        if ["NoNewPrivs", "Seccomp", "CapEff", "CapInh", "CapAmb"].contains(&line.0) {
            probe(line.0, line.1.trim());
        }
    }
    probe("program", allowed(Command::new("/bin/true").status()));
    probe("thread", allowed(std::thread::Builder::new().spawn(|| ()).unwrap().join()));
    let executable = region::alloc(1, region::Protection::READ_WRITE_EXECUTE);
    probe("writable code", allowed(executable));
    let more = rustix::process::Rlimit { current: Some(1), maximum: Some(1) };
    probe("limits", allowed(rustix::process::setrlimit(rustix::process::Resource::Core, more)));
    probe(
        "signals",
        allowed(rustix::process::kill_process(
            rustix::process::getpid(),
            rustix::process::Signal::CONT,
        )),
    );
    probe("random", allowed(crate::redact::Keys::ephemeral()));
    probe("interfaces", allowed(fs::read_dir("/sys/class/net").map(Iterator::count)));
    probe("own state", allowed(fs::read_to_string("/proc/self/status")));
}

fn files(directory: &Path) {
    let at = |path: &str| directory.join(path);
    probe("read outside", allowed(fs::read(at("outside/file"))));
    probe("list outside", allowed(fs::read_dir(at("outside"))));
    probe("write outside", allowed(fs::write(at("outside/new"), "x")));
    probe("read inside", allowed(fs::read(at("inside/file"))));
    probe("write inside", allowed(fs::write(at("inside/file"), "x")));
    let spooled = || -> std::io::Result<()> {
        let mut file = fs::File::create(at("spool/a"))?;
        file.write_all(b"text")?;
        file.set_len(2)?;
        file.sync_all()?;
        fs::rename(at("spool/a"), at("spool/b"))?;
        let mut text = String::new();
        fs::File::open(at("spool/b"))?.read_to_string(&mut text)?;
        fs::create_dir(at("spool/deeper"))?;
        fs::remove_dir(at("spool/deeper"))?;
        fs::remove_file(at("spool/b"))
    };
    probe("spool", allowed(spooled()));
    probe("write system file", allowed(fs::write("/etc/apitap-test", "x")));
}

fn network(listener: &TcpListener) {
    probe("resolve", allowed(("localhost", 80).to_socket_addrs()));
    probe("connect", allowed(TcpStream::connect(listener.local_addr().unwrap())));
    probe("listen", allowed(TcpListener::bind(("127.0.0.1", 0))));
    probe("local socket", allowed(std::os::unix::net::UnixStream::pair()));
}

/// A record through librdkafka's own threads to a broker, and its TLS library loaded.
#[cfg(feature = "kafka")]
fn kafka(brokers: &str) -> rdkafka::error::KafkaResult<()> {
    use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
    let tls: BaseProducer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", "127.0.0.1:1")
        .set("security.protocol", "ssl")
        .create()?;
    drop(tls);
    let producer: BaseProducer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("message.timeout.ms", "20000")
        .set("compression.type", "zstd")
        .create()?;
    producer
        .send(BaseRecord::<str, str>::to("calls").payload("x").key("k"))
        .map_err(|(error, _)| error)?;
    producer.flush(std::time::Duration::from_secs(25))?;
    if producer.in_flight_count() == 0 { Ok(()) } else { Err(rdkafka::error::KafkaError::Canceled) }
}

fn capture() {
    let open =
        || pcap::Capture::from_device("lo")?.promisc(true).immediate_mode(true).timeout(10).open();
    probe("capture", allowed(open()));
    probe(
        "capture when raised",
        allowed(with_net_raw(open).map_err(drop).and_then(|opened| opened.map_err(drop))),
    );
    probe("capture afterwards", allowed(open()));
}

/// Whether the kernel has Landlock with rules for TCP; says so where not.
fn has_landlock(findings: &Findings) -> bool {
    let said = findings.0["landlock"].as_str();
    let enforced = said.starts_with("enforced");
    if !enforced {
        println!("skipped: files and ports are not checked, Landlock is {said}");
    }
    enforced
}

#[test]
fn what_is_needed_goes_on_and_nothing_else() {
    let findings = run_confined("");
    for (probe, found) in [
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
        ("CapEff", "0000000000000000"),
        ("CapInh", "0000000000000000"),
        ("CapAmb", "0000000000000000"),
        ("core dumps", "false"),
        ("keys locked", "as said"),
        ("program", "refused"),
        ("thread", "allowed"),
        ("writable code", "refused"),
        ("limits", "refused"),
        ("signals", "refused"),
        ("random", "allowed"),
        ("interfaces", "allowed"),
        ("own state", "allowed"),
        ("read inside", "allowed"),
        ("read replaced", "other"),
        ("spool", "allowed"),
        ("resolve", "allowed"),
        ("connect", "allowed"),
        ("local socket", "allowed"),
        #[cfg(feature = "kafka")]
        ("kafka", "allowed"),
        ("capture", "refused"),
        ("capture afterwards", "refused"),
    ] {
        findings.expect(probe, found);
    }
    if findings.0["was allowed to capture"] == "true" {
        findings.expect("capabilities", "CAP_NET_RAW");
        findings.expect("capture when raised", "allowed");
    } else {
        println!("skipped: opening an interface again, for this process has no CAP_NET_RAW");
    }
    if has_landlock(&findings) {
        for probe in [
            "read outside",
            "list outside",
            "write outside",
            "write inside",
            "write system file",
            "listen",
        ] {
            findings.expect(probe, "refused");
        }
    }
}

#[test]
fn without_reopening_no_right_is_left() {
    let findings = run_confined("reopen = false");
    findings.expect("capabilities", "");
    findings.expect("capture", "refused");
    findings.expect("capture when raised", "refused");
}

#[test]
fn both_can_be_switched_off() {
    let findings = run_confined("landlock = false\nseccomp = false");
    findings.expect("landlock", "off");
    findings.expect("seccomp", "off");
    for probe in ["read outside", "program", "listen"] {
        findings.expect(probe, "allowed");
    }
    findings.expect("NoNewPrivs", "1");
    findings.expect("CapEff", "0000000000000000");
}

#[test]
fn root_becomes_another_user() {
    if running_as() != 0 {
        println!("skipped: only root can become another user");
        return;
    }
    let findings = run_confined("user = \"65534\"\nlandlock = false");
    findings.expect("user", "65534");
    findings.expect("core dumps", "false");
    findings.expect("CapEff", "0000000000000000");
    if findings.0["was allowed to capture"] == "true" {
        findings.expect("capabilities", "CAP_NET_RAW");
        findings.expect("capture when raised", "allowed");
    }
}

#[test]
fn after_a_thread_it_is_too_late() {
    // Of a test binary more than one thread runs.
    let refused = confine(&Config::default(), &Paths::default()).unwrap_err();
    assert!(matches!(refused, PrivilegeError::Threads { .. }), "{refused}");
}

#[test]
fn what_is_weaker_is_said() {
    let strong = State {
        user: 990,
        capabilities: vec!["CAP_NET_RAW".to_owned()],
        no_new_privileges: true,
        landlock: "enforced (ABI 6)".to_owned(),
        seccomp: "enforced (171 system calls allowed)".to_owned(),
        core_dumps: false,
        keys_locked: true,
    };
    let config = Config::default();
    assert_eq!(strong.weaknesses(&config), Vec::<String>::new());
    let none = "not supported by this kernel".to_owned();
    let weak = State {
        user: 0,
        landlock: none.clone(),
        seccomp: none,
        core_dumps: true,
        ..State::default()
    };
    assert_eq!(weak.weaknesses(&config).len(), 5);
    let off = State { landlock: "off".into(), seccomp: "off".into(), ..strong };
    let on_purpose = Config { landlock: false, seccomp: false, ..config };
    assert!(
        off.weaknesses(&on_purpose).is_empty() && off.weaknesses(&Config::default()).len() == 2
    );
}

#[test]
fn credentials_are_plain_names_of_files_that_exist() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("key"), "").unwrap();
    let find = |name| credential_in(directory.path().to_owned(), name);
    assert_eq!(find("key"), Some(directory.path().join("key")));
    for name in ["other", "", "..", ".", "../key", "/etc/passwd"] {
        assert_eq!(find(name), None, "{name}");
    }
}
