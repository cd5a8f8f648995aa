//! Privileges.

/// What this process may still do.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// User id it runs as.
    pub user: u32,
    /// Capabilities still permitted.
    pub capabilities: Vec<String>,
    /// Whether it can gain no privileges any more.
    pub no_new_privileges: bool,
    /// `enforced (ABI 6)`, `not supported by this kernel`, `off`.
    pub landlock: String,
    /// Likewise.
    pub seccomp: String,
    /// Whether a crash would write a core dump.
    pub core_dumps: bool,
    /// Whether keys are kept out of swap.
    pub keys_locked: bool,
}
