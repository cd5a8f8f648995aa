//! A sensor as it is deployed: `apitap run` with a configuration file, not as root, with `CAP_NET_RAW` alone.
//!
//! Started by root, for the sake of namespaces; the program itself never is root.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::netns::Namespace;
use crate::run;

/// The user that the sensor runs as: nobody.
pub const USER: u32 = 65534;
/// Longest wait for something that is to happen.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Settings that every sensor of these tests has; `{home}` stands for its folder.
const SETTINGS: &str = "sensor.id = 'test'
sensor.key_file = '{home}/key'
admin.listen = 'unix:{home}/admin.sock'
capture.interfaces = ['mir0']
privacy.kept_integer_max = 99999
";

/// A folder with all that a sensor needs: program, key, configuration, socket, log.
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Makes one, owned by the sensor's user.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("apitap-home-").expect("a temporary folder");
        let home = Self { folder };
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("a file of ours");
        };
        mode(home.path(), 0o755);
        let [program, key] = [home.file("apitap"), home.file("key")];
        // The folder it was built in may be closed to others.
        fs::copy(run::binary(), &program).expect("the program can be copied");
        fs::copy(run::key(), &key).expect("the key can be copied");
        mode(&program, 0o755);
        mode(&key, 0o600);
        for path in [home.path(), &program, &key] {
            chown(path, Some(USER), Some(USER)).expect("root may give files away");
        }
        home
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes the configuration: `more` below what all have, and above it where both name a key.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn configure(&self, more: &str) {
        let mut text = String::new();
        let key = |line: &str| line.split_once('=').map(|(key, _)| key.trim().to_owned());
        let named: Vec<_> = more.lines().filter_map(key).collect();
        for line in SETTINGS.lines().filter(|line| !key(line).is_some_and(|k| named.contains(&k))) {
            writeln!(text, "{line}").expect("a string takes all");
        }
        text.push_str(more);
        let text = text.replace("{home}", &self.path().display().to_string());
        fs::write(self.file("apitap.toml"), text).expect("the configuration can be written");
    }

    /// The command that starts the sensor inside `namespace`, with `capabilities` (`+net_raw`, `-all`).
    #[must_use]
    pub fn command(&self, namespace: &Namespace, capabilities: &str) -> Command {
        let mut command = namespace.command("setpriv");
        run::clean(&mut command);
        let (user, group) = (format!("--reuid={USER}"), format!("--regid={USER}"));
        command.args([&user, &group, "--clear-groups", "--no-new-privs"]);
        for set in ["--inh-caps", "--ambient-caps"] {
            command.args([set, capabilities]);
        }
        command.arg("--").arg(self.file("apitap")).arg("run").arg("--config");
        command.arg(self.file("apitap.toml")).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts the sensor inside `namespace`, and waits until it captures.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[must_use]
    pub fn start(&self, namespace: &Namespace) -> Daemon {
        self.start_as(namespace, "test")
    }

    /// The same, under a name of its own in the records: their numbers begin anew at each start.
    ///
    /// # Panics
    ///
    /// If it does not capture.
    #[must_use]
    pub fn start_as(&self, namespace: &Namespace, id: &str) -> Daemon {
        self.launch(self.command(namespace, "+net_raw"), id)
    }

    /// The same as [`Home::start`], with the folder `spool` on a disk of its own, of so many bytes: `size`, as `mount`
    /// takes it.
    ///
    /// # Panics
    ///
    /// If it does not capture.
    #[must_use]
    pub fn start_on_tmpfs(&self, namespace: &Namespace, size: &str) -> Daemon {
        let options = format!("size={size},uid={USER},gid={USER},mode=0700");
        self.start_mounted(namespace, &format!("mount -t tmpfs -o {options} spool \"$SPOOL\""))
    }

    /// The same, with the folder `spool` on a disk that `mount` makes: shell commands, for which `$SPOOL` is the folder.
    /// Nobody but the sensor sees it, and it goes with the sensor.
    ///
    /// # Panics
    ///
    /// If it does not capture.
    #[must_use]
    pub fn start_mounted(&self, namespace: &Namespace, mount: &str) -> Daemon {
        let spool = self.file("spool");
        // A run before this one may have made it.
        fs::create_dir_all(&spool).expect("a folder of ours");
        let command = self.command(namespace, "+net_raw");
        // `ip netns exec` gives what it runs a mount namespace of its own.
        let mut mounting = namespace.command("sh");
        run::clean(&mut mounting);
        mounting.arg("-c").arg(format!("{mount} && exec \"$0\" \"$@\"")).env("SPOOL", spool);
        // Without `ip netns exec NAME`.
        mounting.args(command.get_args().skip(3)).stdin(Stdio::null()).stdout(Stdio::null());
        self.launch(mounting, "test")
    }

    fn launch(&self, mut command: Command, id: &str) -> Daemon {
        let before = self.log().matches("capturing").count();
        let log = OpenOptions::new().create(true).append(true).open(self.file("log"));
        command.env("APITAP_SENSOR__ID", id).stderr(log.expect("the log can be opened"));
        let child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let daemon = Daemon { child, home: self.path().to_path_buf() };
        daemon.until("it captures", |_| self.log().matches("capturing").count() > before);
        daemon
    }

    /// What the sensor said so far.
    #[must_use]
    pub fn log(&self) -> String {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(self.file("log")) {
            file.read_to_end(&mut bytes).expect("the log can be read");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until the sensor says `text`.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn says(&self, text: &str) {
        let start = Instant::now();
        while !self.log().contains(text) {
            assert!(start.elapsed() < LIMIT, "it does not say {text:?}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

/// A sensor that runs; killed when dropped.
pub struct Daemon {
    child: Child,
    home: PathBuf,
}

impl Daemon {
    /// Its process.
    ///
    /// # Panics
    ///
    /// Never: process ids fit.
    #[must_use]
    pub fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it a signal.
    ///
    /// # Panics
    ///
    /// If that is refused.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("a child can be signalled");
    }

    /// What a path of its admin server holds; `None` while it does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        let mut stream = UnixStream::connect(self.home.join("admin.sock")).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: apitap\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
    }

    /// Its state.
    ///
    /// # Panics
    ///
    /// If it does not tell.
    #[must_use]
    pub fn status(&self) -> Value {
        let start = Instant::now();
        loop {
            if let Some(status) = self.get("/status").and_then(|s| serde_json::from_str(&s).ok()) {
                return status;
            }
            assert!(start.elapsed() < LIMIT, "/status does not answer:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until its state is as wanted; that state.
    ///
    /// # Panics
    ///
    /// If it does not become so, or the sensor ends.
    pub fn until(&self, what: &str, mut done: impl FnMut(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let alive = rustix::process::test_kill_process(self.id()).is_ok();
            let ended = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
                .is_ok_and(|stat| stat.contains(") Z "));
            assert!(alive && !ended, "waiting until {what}: it ended:\n{}", self.log());
            let status = self.get("/status").and_then(|s| serde_json::from_str(&s).ok());
            let status: Value = status.unwrap_or_default();
            if done(&status) {
                return status;
            }
            let waited = start.elapsed();
            assert!(waited < LIMIT, "waited in vain until {what}: {status}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until nothing more is counted: no packet and no record for a second, and nothing in queues.
    ///
    /// # Panics
    ///
    /// If that does not come.
    pub fn settled(&self) -> Value {
        let (mut last, mut since) = (Value::Null, Instant::now());
        self.until("nothing more is counted", |status| {
            let now = serde_json::json!([status["accounting"], status["records"]]);
            if now != last {
                (last, since) = (now, Instant::now());
            }
            since.elapsed() > Duration::from_secs(1) && status["accounting"]["difference"] == 0
        })
    }

    /// Tells it to end, and waits for that: its exit code.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn end(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits for its end: its exit code.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn wait(&mut self) -> Option<i32> {
        let (code, timed_out) = run::wait(&mut self.child, LIMIT);
        assert!(!timed_out, "it does not end:\n{}", self.log());
        code
    }

    /// Kills it, as a crash would.
    ///
    /// # Panics
    ///
    /// If it is gone already.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        assert_eq!(self.wait(), None, "it ended by itself:\n{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
