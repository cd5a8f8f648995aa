//! The spool.

/// How the spool is doing.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Records waiting.
    pub records: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Most bytes on disk.
    pub bytes_max: u64,
    /// Segment files.
    pub segments: u64,
    /// Age of the oldest record waiting, in seconds.
    pub oldest_seconds: u64,
    /// Records written.
    pub written: u64,
    /// Records acknowledged by the broker.
    pub acknowledged: u64,
    /// Records dropped, oldest first, because the spool was full.
    pub dropped: u64,
    /// Records lost to damaged frames.
    pub corrupt: u64,
    /// Records found at the start.
    pub resumed: u64,
    /// Whether the disk takes records.
    pub writable: bool,
    /// Why it last did not.
    pub last_error: Option<String>,
}
