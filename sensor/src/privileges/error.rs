//! Why rights could not be taken up or given away.

use std::io;

/// Why the process cannot have, or cannot give away, a right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivilegeError {
    /// Capturing needs a capability that the process was not given.
    #[error(
        "CAP_NET_RAW is missing, which capturing needs: {}; \
         Docker: --cap-add NET_RAW (its image must have kept the program's file capability); \
         Kubernetes: securityContext.capabilities.add [NET_RAW]",
        here(*.root)
    )]
    NetRaw {
        /// Whether the process runs as root all the same (a container that dropped the capability).
        root: bool,
    },
    /// The configured user does not exist here.
    #[error(
        "privileges.user: no user {user:?} in /etc/passwd; create it, give a number, or leave the key out"
    )]
    NoSuchUser {
        /// As configured.
        user: String,
    },
    /// Only root may become another user.
    #[error(
        "privileges.user is {user:?}, but only root can change users and this process runs as user {running_as}; \
         start it as root or as that user, or leave the key out"
    )]
    NotRoot {
        /// As configured.
        user: String,
        /// Number of the user it runs as.
        running_as: u32,
    },
    /// Rights would stay with threads that run already.
    #[error(
        "{threads} threads run already, and rights can only be given away before any starts: this is a defect, please report it"
    )]
    Threads {
        /// Threads of the process.
        threads: usize,
    },
    /// A change took no effect.
    #[error("could not {what}: the system accepted it, but it is not in force")]
    NoEffect {
        /// What was tried.
        what: &'static str,
    },
    /// The system refused.
    #[error("could not {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl PrivilegeError {
    pub(super) fn system(what: &'static str, source: io::Error) -> Self {
        Self::System { what, source }
    }

    pub(super) fn capability(what: &'static str) -> impl FnOnce(caps::errors::CapsError) -> Self {
        move |error| Self::system(what, io::Error::other(error))
    }
}

/// What helps at a shell or under a service manager.
fn here(root: bool) -> &'static str {
    if root {
        "root without it means a container or a service dropped it"
    } else {
        "shell: sudo setcap cap_net_raw+p \"$(command -v apitap)\"; \
         systemd: AmbientCapabilities=CAP_NET_RAW in the unit"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_capability_says_what_to_do_in_one_line() {
        let said = PrivilegeError::NetRaw { root: false }.to_string();
        for hint in
            ["setcap cap_net_raw+p", "AmbientCapabilities", "--cap-add NET_RAW", "Kubernetes"]
        {
            assert!(said.contains(hint), "{hint}: {said}");
        }
        assert!(!said.contains('\n') && !said.contains("  "), "{said}");
        let root = PrivilegeError::NetRaw { root: true }.to_string();
        assert!(root.contains("container") && !root.contains("setcap"), "{root}");
    }
}
