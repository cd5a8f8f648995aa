//! What a sink's client says of itself, for metrics.

/// Figures of the Kafka client, renewed every 10 seconds in a live run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Messages in the client, not yet acknowledged.
    pub queue_messages: u64,
    /// Bytes of those.
    pub queue_bytes: u64,
    /// Brokers known.
    pub brokers: u64,
    /// Brokers connected to.
    pub brokers_up: u64,
    /// 99th percentile of the round trip to the slowest broker, in microseconds.
    pub round_trip_p99_microseconds: u64,
    /// Requests that failed to be sent, since the client was made.
    pub transmit_errors: u64,
    /// Requests sent again.
    pub transmit_retries: u64,
    /// Requests not answered in time.
    pub request_timeouts: u64,
    /// Messages sent.
    pub messages_sent: u64,
    /// Bytes of messages sent, as they were before compression.
    pub bytes_sent: u64,
}
