//! What the process may do: as little as it needs, and less after its start.
//!
//! ```text
//! start ─ no_core_dumps ─ raise_net_raw ─ open interfaces, listeners, files ─ lock(keys) ─ confine ─ start threads
//! ```
//!
//! `confine` gives away, for good and in this order: the ambient, inheritable and bounding capabilities,
//! the user (where one is set), every capability but `CAP_NET_RAW`, the right to gain any (`no_new_privs`), the files
//! outside its [`Paths`] (Landlock), and every system call that is not on a list (seccomp).
//!
//! Capabilities, Landlock and seccomp belong to threads and pass to the threads these start. So `confine` comes before
//! any thread, and refuses to run after one.
//!
//! `docs/deploy/hardening.md` tells operators what is left, and how to check.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

mod capability;
mod error;
mod files;
mod memory;
mod syscalls;
#[cfg(test)]
mod tests;
mod user;

pub use capability::{lower_net_raw, raise_net_raw, with_net_raw};
pub use error::PrivilegeError;
pub use memory::{keys_locked, lock, no_core_dumps};

/// What the daemon gives away once it has opened its sockets and files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether files outside those the configuration names are closed to the process, where the kernel has Landlock (5.13).
    pub landlock: bool,
    /// Whether system calls the daemon never needs are refused (seccomp).
    pub seccomp: bool,
    /// Whether `CAP_NET_RAW` stays within reach, for opening an interface again that went away. Without it, an interface
    /// that goes away stays away until the next start.
    pub reopen: bool,
    /// User to become when started as root: a name of `/etc/passwd` or a number. Empty: no change.
    pub user: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { landlock: true, seccomp: true, reopen: true, user: String::new() }
    }
}

impl Config {
    /// Whether there is such a user here.
    ///
    /// # Errors
    ///
    /// [`PrivilegeError::NoSuchUser`].
    pub fn validate(&self) -> Result<(), PrivilegeError> {
        user::named(&self.user).map(|_| ())
    }
}

/// What the daemon still opens after [`confine`].
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Files and directories it reads: configuration, keys, certificates, password files. They may be replaced by renaming:
    /// their directories are opened for reading too.
    pub read: Vec<PathBuf>,
    /// Directories it writes to (spool), and files it writes and rotates: of these, their directories.
    pub write: Vec<PathBuf>,
    /// TCP ports it may still listen on. Usually none: listeners are opened before. 0 stands for any port the system picks.
    pub listen: Vec<u16>,
}

/// What is in force; shown in `/status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// Number of the user the process runs as.
    pub user: u32,
    /// Capabilities still permitted, by name, in alphabetical order.
    pub capabilities: Vec<String>,
    /// Whether nothing it starts could gain rights.
    pub no_new_privileges: bool,
    /// `enforced (ABI 6)`, `not supported by this kernel`, `off`, …
    pub landlock: String,
    /// `enforced (109 system calls allowed)`, `not supported by this kernel`, `off`, …
    pub seccomp: String,
    /// Whether the process could leave a core dump.
    pub core_dumps: bool,
    /// Whether keys are kept out of swap; `false` until a key was locked.
    pub keys_locked: bool,
}

impl State {
    /// What is weaker than it could be, one sentence each, for the log. `config` tells what was switched off on purpose.
    #[must_use]
    pub fn weaknesses(&self, config: &Config) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |weak: bool, sentence: String| found.extend(weak.then_some(sentence));
        note(
            self.user == 0,
            "running as root: start it as a user of its own, or set privileges.user".to_owned(),
        );
        let open = |state: &str| !state.starts_with("enforced");
        note(
            config.landlock && open(&self.landlock),
            format!("files are not confined: Landlock is {}", self.landlock),
        );
        note(
            config.seccomp && open(&self.seccomp),
            format!("system calls are not confined: seccomp is {}", self.seccomp),
        );
        note(self.core_dumps, "core dumps could not be switched off".to_owned());
        note(
            !self.keys_locked,
            "keys are not locked in memory: raise LimitMEMLOCK= (ulimit -l), or switch swap off"
                .to_owned(),
        );
        found
    }
}

/// Gives away what is not needed any more; see the module. Call it on the main thread before any other starts.
///
/// Landlock or seccomp that a kernel lacks is no error: [`State`] says so.
///
/// # Errors
///
/// When threads run already, when the user cannot be changed, or when capabilities cannot be dropped. The process must then
/// end: it may have given away part of its rights.
pub fn confine(config: &Config, paths: &Paths) -> Result<State, PrivilegeError> {
    match threads() {
        0 | 1 => confine_thread(config, paths),
        threads => Err(PrivilegeError::Threads { threads }),
    }
}

/// [`confine`], for this thread and those it starts.
fn confine_thread(config: &Config, paths: &Paths) -> Result<State, PrivilegeError> {
    capability::drop_sets()?;
    user::switch(&config.user)?;
    // A change of user makes the process dumpable again.
    let core_dumps = no_core_dumps().is_err();
    capability::keep(config.reopen)?;
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| PrivilegeError::system("forbid new privileges", error.into()))?;
    let landlock = if config.landlock { files::restrict(paths) } else { "off".to_owned() };
    let seccomp = if config.seccomp { syscalls::restrict(config.reopen) } else { "off".to_owned() };
    Ok(State {
        user: running_as(),
        capabilities: capability::permitted()?,
        no_new_privileges: rustix::thread::no_new_privs().unwrap_or(false),
        landlock,
        seccomp,
        core_dumps,
        keys_locked: keys_locked(),
    })
}

/// Number of the user this process acts as.
#[must_use]
pub fn running_as() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// File of a credential that the service manager passed on (`LoadCredential=` of systemd.exec(5)), when it is there.
///
/// `name` is a single file name.
#[must_use]
pub fn credential(name: &str) -> Option<PathBuf> {
    let directory = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?);
    credential_in(directory, name)
}

fn credential_in(directory: PathBuf, name: &str) -> Option<PathBuf> {
    let plain = !name.is_empty() && !name.contains('/') && name != "..";
    Some(directory.join(name)).filter(|path| plain && path.is_file())
}

/// Threads of this process; 0 where `/proc` does not tell.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
