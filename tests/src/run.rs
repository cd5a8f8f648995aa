//! Runs the `apitap` binary and gathers what it did.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// What a run left behind.
pub struct Run {
    /// Exit code; `None` when a signal or the time limit ended it.
    pub code: Option<i32>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Error lines: those that begin with `apitap: `.
    #[must_use]
    pub fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("apitap: ")).collect()
    }

    /// Whether the program crashed: by signal, or by a Rust panic (exit code 101 or its message).
    #[must_use]
    pub fn crashed(&self) -> bool {
        let by_signal = self.code.is_none() && !self.timed_out;
        let said = ["panicked at", "apitap: defect"].iter().any(|text| self.stderr.contains(text));
        by_signal || self.code == Some(101) || said
    }

    /// The run itself, if it ended with exit code 0.
    ///
    /// # Panics
    ///
    /// If it did not.
    pub fn ok(self, what: &str) -> Self {
        assert_eq!(self.code, Some(0), "{what}: exit code; standard error:\n{}", self.stderr);
        self
    }
}

/// The binary: `$APITAP_BIN`, else built by Cargo in the profile of these tests.
///
/// # Panics
///
/// If it cannot be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("APITAP_BIN") {
            return PathBuf::from(path);
        }
        // Cargo tells tests only of binaries of their own package.
        let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
        cargo.args(["build", "--quiet", "--package", "apitap", "--bin", "apitap"]);
        cargo.arg("--message-format=json-render-diagnostics").current_dir(crate::root());
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let built = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
        assert!(built.status.success(), "cargo build --package apitap failed");
        let messages = String::from_utf8(built.stdout).expect("Cargo speaks UTF-8");
        messages
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
            .next_back()
            .expect("Cargo names the executable")
    })
}

/// A command for the binary that takes nothing from the environment but what a program needs to run.
#[must_use]
pub fn apitap() -> Command {
    let mut command = Command::new(binary());
    clean(&mut command);
    command
}

/// Removes what would change the results of a program: colours, log levels, settings of apitap.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("APITAP_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").env("NO_COLOR", "1").env("TZ", "UTC").env("RUST_BACKTRACE", "0");
}

/// The key of the fixtures, private as key files must be: Git keeps no such permissions.
///
/// # Panics
///
/// If it is not there.
#[must_use]
pub fn key() -> PathBuf {
    let key = crate::path("fixtures/test.key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o600))
        .expect("fixtures/test.key is there");
    key
}

/// A run of `apitap` with `args`, of at most a minute.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    let mut command = apitap();
    command.args(args);
    finish(command, Duration::from_secs(60))
}

/// Runs a command to its end, or to the limit, without standard input.
///
/// # Panics
///
/// If it cannot be started.
#[must_use]
pub fn finish(mut command: Command, limit: Duration) -> Run {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let stdout = gather(child.stdout.take());
    let stderr = gather(child.stderr.take());
    let (code, timed_out) = wait(&mut child, limit);
    let stdout = stdout.join().expect("reader thread");
    let stderr = stderr.join().expect("reader thread");
    Run { code, timed_out, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
}

fn gather<R: Read + Send + 'static>(pipe: Option<R>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        }
        bytes
    })
}

/// Waits for a child, ends it at the limit; its exit code, and whether the limit ended it.
///
/// # Panics
///
/// If the system cannot tell.
pub fn wait(child: &mut Child, limit: Duration) -> (Option<i32>, bool) {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return (status.code(), false);
        }
        if start.elapsed() > limit {
            child.kill().expect("a child can be ended");
            child.wait().expect("a child can be waited for");
            return (None, true);
        }
        thread::sleep(Duration::from_millis(3));
    }
}

/// Whether a program is installed.
#[must_use]
pub fn installed(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
