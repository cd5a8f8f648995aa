//! What can be wrong with a live capture. One line each: what, where, what to do.

/// Why capturing cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No interface is configured.
    #[error("capture.interfaces is empty; name one or more of: {there}")]
    NoInterface {
        /// Interfaces there are.
        there: String,
    },
    /// More interfaces than can be captured at once.
    #[error("capture.interfaces names {found} interfaces; at most {max} can be captured at once")]
    TooMany {
        /// How many there are.
        found: usize,
        /// Limit.
        max: usize,
    },
    /// One interface is named twice.
    #[error("capture.interfaces names '{name}' twice; its packets would be seen twice")]
    Twice {
        /// Its name.
        name: String,
    },
    /// libpcap refuses the filter.
    #[error("capture.filter '{filter}': {message}")]
    Filter {
        /// The filter as given.
        filter: String,
        /// What libpcap says.
        message: String,
    },
    /// None of the interfaces can be captured on now.
    #[error("capture.interfaces: {problems}; there are: {there}")]
    NoneUsable {
        /// What is wrong with each.
        problems: String,
        /// Interfaces there are.
        there: String,
    },
    /// The process may not capture.
    #[error(
        "capture on '{name}' is not permitted: CAP_NET_RAW is missing. Run as root, or once: \
         sudo setcap cap_net_raw+p \"$(command -v apitap)\"; with systemd: AmbientCapabilities=CAP_NET_RAW; \
         in Kubernetes: securityContext.capabilities.add: [NET_RAW]"
    )]
    Permission {
        /// The interface.
        name: String,
    },
    /// The packets are of a link type that is not read.
    #[error(
        "capture on '{name}': link type {number} ({link}) is not supported; capture on an Ethernet, IP or Linux cooked interface"
    )]
    Link {
        /// The interface.
        name: String,
        /// Number of the link type.
        number: i32,
        /// Its name, or "unknown".
        link: &'static str,
    },
    /// Packets cannot be divided among threads.
    #[error(
        "capture.threads: cannot divide the packets of '{name}' among threads: {message}; set it to 1"
    )]
    Fanout {
        /// The interface.
        name: String,
        /// What the kernel says.
        message: String,
    },
    /// Anything else that libpcap says.
    #[error("cannot capture on '{name}': {message}")]
    Other {
        /// The interface.
        name: String,
        /// What libpcap says.
        message: String,
    },
}

impl OpenError {
    /// Whether the configuration is wrong, rather than the environment.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoInterface { .. }
                | Self::TooMany { .. }
                | Self::Twice { .. }
                | Self::Filter { .. }
        )
    }
}
