//! A Kafka broker for tests: started here, or named by `$KAFKA_BROKERS`; read back with `kcat`, a client
//! program that is not apitap's.

pub mod oidc;
mod secure;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::netns::Namespace;

pub use secure::{PASSWORD, Secured};

/// A broker that can be reached.
pub struct Broker {
    /// `host:port`, as clients take it.
    pub address: String,
    process: Option<Process>,
}

/// Ends the broker when dropped.
struct Process {
    guard: Child,
    log: PathBuf,
}

/// A message as the independent client saw it.
pub struct Message {
    /// Key; empty when there is none.
    pub key: Vec<u8>,
    /// Headers, as `name=value` joined by commas.
    pub headers: String,
    /// Value.
    pub value: Vec<u8>,
}

/// Starts Java, stops and starts it on demand, and ends it as soon as standard input closes: however the tests end,
/// no broker and no folder stay.
const GUARD: &str = r#"run() { java "$@" </dev/null >>"$FOLDER/broker.log" 2>&1 & broker=$!; }
stop() { kill -9 "$broker" 2>/dev/null; wait "$broker" 2>/dev/null; }
run "$@"
while read -r order; do
    case $order in
        stop) stop ;;
        start) run "$@" ;;
    esac
done
stop
rm -rf "$FOLDER""#;

/// File in the broker's folder with the keys of tokens it trusts.
const KEY_SET: &str = "keys.json";
const READY: Duration = Duration::from_secs(90);

impl Broker {
    /// The broker shared by the tests of this process.
    ///
    /// # Errors
    ///
    /// Why there is none, with what to do about it.
    pub fn shared() -> Result<&'static Self, String> {
        static BROKER: OnceLock<Result<Broker, String>> = OnceLock::new();
        BROKER.get_or_init(Self::find).as_ref().map_err(Clone::clone)
    }

    fn find() -> Result<Self, String> {
        if let Ok(address) = std::env::var("KAFKA_BROKERS") {
            return Ok(Self { address, process: None });
        }
        Self::start()
    }

    /// Starts a broker of its own: KRaft, one node, on loopback, topics only by [`Broker::create_topic`].
    ///
    /// # Errors
    ///
    /// Why none could be started.
    pub fn start() -> Result<Self, String> {
        let folder = TempDir::with_prefix("apitap-kafka-").map_err(|e| e.to_string())?;
        let [port, controller] = free_ports();
        let settings = properties(port, controller, &folder.path().join("data"));
        Self::launch(folder, port, &settings, &[])
    }

    /// Formats the storage and starts the broker in `folder`, which is then its own.
    fn launch(folder: TempDir, port: u16, settings: &str, format: &[&str]) -> Result<Self, String> {
        let jars = jars()?;
        let file = folder.path().join("server.properties");
        let log = folder.path().join("broker.log");
        fs::write(&file, settings).map_err(|e| e.to_string())?;
        let classes = format!("{}/*", jars.display());
        let settings = file.display().to_string();
        let formatted = Command::new("java")
            .args(["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", &classes])
            .args(["kafka.tools.StorageTool", "format", "--cluster-id", "YXBpdGFwLXRlc3RzLTAwMQ"])
            .args(["--config", &settings])
            .args(format)
            .output()
            .map_err(|e| format!("java: {e}"))?;
        if !formatted.status.success() {
            let said = String::from_utf8_lossy(&formatted.stderr);
            return Err(format!("formatting the broker's storage: {said}"));
        }
        // The broker fetches keys of tokens from nowhere else.
        let key_set = folder.path().join(KEY_SET);
        let allowed = format!(
            "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{}",
            key_set.display()
        );
        let guard = Command::new("sh")
            .args(["-c", GUARD, "broker", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC"])
            .args(["-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true", "-cp", &classes])
            .args([&allowed, "kafka.Kafka", &settings])
            .env("FOLDER", folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|e| format!("sh: {e}"))?;
        // From here on the folder is the guard's.
        drop(folder.keep());
        let process = Some(Process { guard, log });
        let broker = Self { address: format!("127.0.0.1:{port}"), process };
        broker.wait()?;
        Ok(broker)
    }

    fn wait(&self) -> Result<(), String> {
        let start = Instant::now();
        while let Err(error) = self.create_topic("ready", 1, &[]) {
            if start.elapsed() > READY {
                let log = self.process.as_ref().map(|process| fs::read_to_string(&process.log));
                let log = log.and_then(Result::ok).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                let tail = tail.join("\n");
                return Err(format!("the broker was not ready in {READY:?} ({error}):\n{tail}"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Kills the broker, as a failing machine would; its data stay. Only for one started here.
    ///
    /// # Panics
    ///
    /// If it goes on answering.
    pub fn stop(&mut self) {
        self.order("stop");
        let start = Instant::now();
        while TcpStream::connect(&self.address).is_ok() {
            assert!(start.elapsed() < READY, "the broker still answers");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again after [`Broker::stop`].
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub fn resume(&mut self) {
        self.order("start");
        self.wait().expect("the broker comes up again");
    }

    /// Lets a namespace reach the broker's plain listener: see [`reach`].
    ///
    /// # Panics
    ///
    /// If the port is taken in there.
    pub fn reach_from(&self, namespace: &Namespace) {
        reach(&self.address, namespace);
    }

    fn order(&mut self, order: &str) {
        let process = self.process.as_mut().expect("a broker of our own");
        let stdin = process.guard.stdin.as_mut().expect("its standard input");
        writeln!(stdin, "{order}").expect("the guard listens");
    }

    /// Creates a topic with settings such as `("max.message.bytes", "2000")`; one that exists is no error.
    ///
    /// Speaks version 4 of Kafka's `CreateTopics` request, the newest without tagged fields.
    ///
    /// # Errors
    ///
    /// What failed, in words.
    pub fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        settings: &[(&str, &str)],
    ) -> Result<(), String> {
        const EXISTS: i16 = 36;
        let mut body = Vec::new();
        for number in [19_i16, 4] {
            body.extend(number.to_be_bytes());
        }
        body.extend(1_i32.to_be_bytes());
        string(&mut body, "apitap-tests");
        body.extend(1_i32.to_be_bytes());
        string(&mut body, name);
        body.extend(partitions.to_be_bytes());
        body.extend(1_i16.to_be_bytes());
        body.extend(0_i32.to_be_bytes());
        body.extend(i32::try_from(settings.len()).map_err(|e| e.to_string())?.to_be_bytes());
        for (key, value) in settings {
            string(&mut body, key);
            string(&mut body, value);
        }
        body.extend(10_000_i32.to_be_bytes());
        body.push(0);

        let reply = self.ask(&body).map_err(|e| e.to_string())?;
        // Correlation id, throttle time, one topic: its name, an error code, an error message.
        let code = reply.get(14 + name.len()..16 + name.len()).ok_or("short reply")?;
        match i16::from_be_bytes([code[0], code[1]]) {
            0 | EXISTS => Ok(()),
            code => Err(format!("the broker answered error {code} to creating topic {name}")),
        }
    }

    fn ask(&self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address.split(',').next().unwrap_or_default())?;
        stream.set_read_timeout(Some(Duration::from_secs(15)))?;
        let length = u32::try_from(body.len()).expect("a small request");
        stream.write_all(&[&length.to_be_bytes()[..], body].concat())?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).expect("32 bits fit");
        let mut reply = vec![0; length.min(1 << 20)];
        stream.read_exact(&mut reply)?;
        Ok(reply)
    }

    /// Every message of a topic, from the beginning to its present end, read by `kcat`.
    ///
    /// # Errors
    ///
    /// What `kcat` said.
    pub fn consume(&self, topic: &str) -> Result<Vec<Message>, String> {
        let mut kcat = Command::new("kcat");
        kcat.args(["-C", "-q", "-b", &self.address, "-t", topic, "-o", "beginning", "-e"])
            // The end is only told by an empty answer, which a broker that waits for more might never give.
            .args(["-X", "fetch.wait.max.ms=1"])
            // Key length, key, headers and value length stand before the value: values hold any byte.
            .args(["-f", r"%K\n%k%h\n%S\n%s"]);
        let read = crate::run::finish(kcat, READY);
        if read.code != Some(0) {
            return Err(format!("kcat: {:?} {}; is it installed?", read.code, read.stderr));
        }
        messages(&read.stdout).ok_or_else(|| "kcat's output does not parse".to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}

/// Lets a namespace reach an address of loopback: what connects to it in there is connected on to it out here.
///
/// # Panics
///
/// If the port is taken in there.
pub fn reach(address: &str, namespace: &Namespace) {
    let address = address.to_owned();
    let (accepted, taken) = mpsc::channel::<TcpStream>();
    let listener = namespace.within({
        let address = address.clone();
        move || TcpListener::bind(&address).expect("nothing else listens in there")
    });
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if accepted.send(stream).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for inside in taken {
            // A broker that is down: the connection ends.
            let Ok(outside) = TcpStream::connect(&address) else { continue };
            for (from, to) in [(&inside, &outside), (&outside, &inside)] {
                let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                thread::spawn(move || relay(&from, &to));
            }
        }
    });
}

/// Copies until one side ends, then ends both.
fn relay(mut from: &TcpStream, mut to: &TcpStream) {
    // Either end may go away at any time.
    let _ended = std::io::copy(&mut from, &mut to);
    for stream in [from, to] {
        let _ended = stream.shutdown(Shutdown::Both);
    }
}

fn messages(mut rest: &[u8]) -> Option<Vec<Message>> {
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let key = length(&mut rest)?;
        let key = take(&mut rest, key)?;
        // Some headers hold octets.
        let headers = String::from_utf8_lossy(line(&mut rest)?).into_owned();
        let value = length(&mut rest)?;
        let value = take(&mut rest, value)?;
        messages.push(Message { key, headers, value });
    }
    Some(messages)
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    Some(line)
}

/// A length in decimal digits; what is absent has -1.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let number: i64 = std::str::from_utf8(line(rest)?).ok()?.parse().ok()?;
    usize::try_from(number.max(0)).ok()
}

fn take(rest: &mut &[u8], len: usize) -> Option<Vec<u8>> {
    let (taken, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(taken.to_vec())
}

fn string(body: &mut Vec<u8>, text: &str) {
    body.extend(i16::try_from(text.len()).expect("a short string").to_be_bytes());
    body.extend(text.as_bytes());
}

/// A port of loopback on which nothing listens.
#[must_use]
pub fn free_ports<const N: usize>() -> [u16; N] {
    let open: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    std::array::from_fn(|i| open[i].local_addr().expect("an address").port())
}

/// The folder of the broker's jars, fetched when they are not there yet.
fn jars() -> Result<PathBuf, String> {
    let fetch = Command::new("bash")
        .arg(crate::path("tests/kafka/fetch.sh"))
        .stderr(Stdio::piped())
        .output();
    let fetch = fetch.map_err(|e| format!("bash: {e}"))?;
    if !fetch.status.success() {
        return Err(String::from_utf8_lossy(&fetch.stderr).trim().to_owned());
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&fetch.stdout).trim()))
}

fn properties(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
log.dirs={}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
",
        data.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hold_any_byte() {
        let wire = b"2\nabx=1,y=2\n5\n1\n2\n3-1\n\n0\n";
        let all = messages(wire).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(
            (&all[0].key[..], &all[0].headers[..], &all[0].value[..]),
            (&b"ab"[..], "x=1,y=2", &b"1\n2\n3"[..])
        );
        assert!(all[1].key.is_empty() && all[1].value.is_empty());
        assert!(messages(&wire[..15]).is_none());
    }
}
