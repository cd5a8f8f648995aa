//! Network namespaces of a test's own: nothing it does touches the machine's network.
//!
//! Needs root and iproute2; without, tests are skipped, or fail if `APITAP_NETNS=required`.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::run::installed;
use crate::skip;

/// Whether network namespaces can be made here. If not, says that `test` is skipped, and why.
///
/// # Panics
///
/// If they cannot, and `APITAP_NETNS=required`.
#[must_use]
pub fn available(test: &str) -> bool {
    let Some(missing) = missing() else { return true };
    let required = std::env::var_os("APITAP_NETNS").is_some_and(|value| value == "required");
    assert!(!required, "{test}: {missing}");
    skip(test, &missing);
    false
}

/// What is missing to make network namespaces.
fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("network namespaces need root".into());
    }
    if !installed("ip") || !installed("tc") {
        return Some("ip and tc are not installed; apt-get install iproute2".into());
    }
    // Root in a container may still be refused.
    let tried = Command::new("unshare").args(["--net", "true"]).output().ok()?;
    let said = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
    (!tried.status.success()).then(|| format!("network namespaces cannot be made here: {said}"))
}

/// A network namespace, removed with all its interfaces when dropped.
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes one with a loopback interface that is up, and without IPv6, which sends packets of its own.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[must_use]
    pub fn new(label: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("apitap-{}-{number}-{label}", std::process::id());
        run(Command::new("ip").args(["netns", "add", &name]));
        let namespace = Self { name };
        let quiet = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; \
                     echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6";
        namespace.run(&["sh", "-c", quiet]);
        namespace.ip("link set lo up");
        namespace
    }

    /// Its name, as `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that runs `program` inside.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Runs a command inside, to its end.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn run(&self, words: &[&str]) -> Output {
        run(self.command(words[0]).args(&words[1..]))
    }

    /// Runs `ip` inside, with arguments divided at white space.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn ip(&self, arguments: &str) {
        run(Command::new("ip").args(["-n", &self.name]).args(arguments.split_whitespace()));
    }

    /// Runs `tc` inside, with arguments divided at white space.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn tc(&self, arguments: &str) {
        run(Command::new("tc").args(["-n", &self.name]).args(arguments.split_whitespace()));
    }

    /// Connects this namespace with another: a pair of interfaces, both up.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn connect(&self, interface: &str, other: &Self, others: &str) {
        self.ip(&format!("link add {interface} type veth peer name {others} netns {}", other.name));
        other.ip(&format!("link set {others} up"));
        self.ip(&format!("link set {interface} up"));
    }

    /// Does something inside, in a thread of its own: sockets it opens are of this namespace. `/sys` stays as it is.
    ///
    /// # Panics
    ///
    /// If the namespace cannot be entered.
    pub fn spawn<T, F>(&self, inside: F) -> thread::JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let path = format!("/run/netns/{}", self.name);
        let file = File::open(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        thread::spawn(move || {
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                .expect("root may enter a network namespace");
            inside()
        })
    }

    /// The same, to its end.
    ///
    /// # Panics
    ///
    /// If the namespace cannot be entered, or `inside` panics.
    pub fn within<T, F>(&self, inside: F) -> T
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn(inside).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // What a program started and left behind would keep the namespace, and the pipes of the test.
        if let Ok(listed) = Command::new("ip").args(["netns", "pids", &self.name]).output() {
            for pid in String::from_utf8_lossy(&listed.stdout).lines() {
                let own = pid == std::process::id().to_string();
                let pid = pid.parse().ok().and_then(Pid::from_raw).filter(|_| !own);
                // It may be gone by now.
                let _gone = pid.map(|pid| kill_process(pid, Signal::KILL));
            }
        }
        let removed = Command::new("ip").args(["netns", "del", &self.name]).status();
        if !removed.is_ok_and(|status| status.success()) {
            // No panic: there may be one already.
            let message = format!("network namespace {} is left over\n", self.name);
            let _unheard = std::io::stderr().write_all(message.as_bytes());
        }
    }
}

/// A program that ends with its test.
pub struct Running(pub Child);

impl Running {
    /// Starts a program in the background.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

fn run(command: &mut Command) -> Output {
    let output =
        command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {said}", output.status);
    output
}
