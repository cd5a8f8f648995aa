//! Limits of the stage.

use serde::{Deserialize, Serialize};

use super::coding::{Limits, PoolLimits};
use super::{event_stream, websocket};
use crate::bounded::within;
use crate::rung::Rung;

/// What following HTTP may cost.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Bytes of one message head; what is longer is cut and flagged. From 1 KiB to 16 MiB.
    #[serde(deserialize_with = "within::<1024, 0x100_0000, _, _>")]
    pub head_bytes_max: usize,
    /// Bytes of unfinished heads held at one time, all connections together. From `head_bytes_max`.
    #[serde(deserialize_with = "within::<1024, { u64::MAX }, _, _>")]
    pub head_bytes_total_max: usize,
    /// Fields of one head, and of one trailer section; more are cut and flagged. From 1 to 65535.
    #[serde(deserialize_with = "within::<1, 65_535, _, _>")]
    pub fields_max: usize,
    /// Bytes of one body, after content decoding, that are handed on; the rest is only counted. 0 hands on none.
    pub body_inspect_bytes_max: u64,
    /// The same where the sensor is overloaded and cuts large bodies (rung 2 of the ladder).
    pub body_overload_bytes_max: u64,
    /// Output per input of a content coding, at most; looked at beyond 64 KiB of output. From 1.
    #[serde(deserialize_with = "within::<1, 0xFFFF_FFFF, _, _>")]
    pub coding_ratio_max: u32,
    /// Content codings of one body that are undone; bodies with more are not read. From 0 to 8.
    #[serde(deserialize_with = "within::<0, 8, _, _>")]
    pub codings_max: u8,
    /// Bodies with a content coding that are decoded at one time, all connections together. Further ones are not read, and
    /// counted. From 1.
    #[serde(deserialize_with = "within::<1, { u64::MAX }, _, _>")]
    pub bodies_decoded_max: usize,
    /// Bytes their decoders hold: some 112 KiB each for gzip and deflate, 64 and 128 KiB for zstd and br and what the body
    /// decoded to, up to a window of 8 and 16 MiB. Bodies beyond are not read, or not further, and counted. From 1 MiB.
    #[serde(deserialize_with = "within::<0x10_0000, { u64::MAX }, _, _>")]
    pub decoder_bytes_total_max: u64,
    /// Requests of one connection that may wait for their responses; then the oldest is given up. From 1 to 65535.
    #[serde(deserialize_with = "within::<1, 65_535, _, _>")]
    pub pipelined_requests_max: usize,
    /// HTTP/2: streams of one connection that are open at one time; then the oldest is given up. From 1 to 65535.
    #[serde(deserialize_with = "within::<1, 65_535, _, _>")]
    pub http2_streams_max: usize,
    /// HTTP/2: bytes of one compressed header block; what is longer is cut and flagged. From 1 KiB to 16 MiB.
    #[serde(deserialize_with = "within::<1024, 0x100_0000, _, _>")]
    pub http2_block_bytes_max: usize,
    /// HTTP/2: bytes of HPACK tables held at one time, all connections together; fields that refer to more than
    /// fits are left out and flagged. Any number.
    pub http2_table_bytes_total_max: usize,
    /// Bytes of a connection followed from its start in which a protocol must be recognised; then it is ignored.
    /// Connections joined later, or with a loss, are looked at for as long as they last.
    pub probe_bytes_max: u64,
    /// WebSocket.
    pub websocket: websocket::Config,
    /// Server-sent events.
    pub event_stream: event_stream::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            head_bytes_max: 256 << 10,
            head_bytes_total_max: 64 << 20,
            fields_max: 256,
            body_inspect_bytes_max: 256 << 10,
            body_overload_bytes_max: 16 << 10,
            coding_ratio_max: 200,
            codings_max: 3,
            bodies_decoded_max: 4096,
            decoder_bytes_total_max: 256 << 20,
            pipelined_requests_max: 256,
            http2_streams_max: 1024,
            http2_block_bytes_max: 64 << 10,
            http2_table_bytes_total_max: 64 << 20,
            probe_bytes_max: 2048,
            websocket: websocket::Config::default(),
            event_stream: event_stream::Config::default(),
        }
    }
}

impl Config {
    /// The share of one of `workers`: limits of the whole process are divided.
    #[must_use]
    pub fn share(&self, workers: usize) -> Self {
        let workers = workers.max(1);
        Self {
            head_bytes_total_max: self.head_bytes_total_max / workers,
            http2_table_bytes_total_max: self.http2_table_bytes_total_max / workers,
            bodies_decoded_max: self.bodies_decoded_max / workers,
            decoder_bytes_total_max: self.decoder_bytes_total_max
                / u64::try_from(workers).unwrap_or(u64::MAX),
            websocket: websocket::Config {
                bytes_total_max: self.websocket.bytes_total_max / workers,
                ..self.websocket.clone()
            },
            ..self.clone()
        }
        .clamped()
    }

    /// The same with the body limit of a rung of the overload ladder.
    pub(super) fn at(&self, rung: Rung) -> Self {
        let most = match rung {
            Rung::Full => u64::MAX,
            Rung::LargeBodies => self.body_overload_bytes_max,
            Rung::NoBodies | Rung::NoConnections => 0,
        };
        let body_inspect_bytes_max = self.body_inspect_bytes_max.min(most);
        Self { body_inspect_bytes_max, ..self.clone() }
    }

    /// Limits on decoding one body.
    pub(super) fn coding(&self) -> Limits {
        Limits {
            decoded_bytes_max: self.body_inspect_bytes_max,
            ratio_max: self.coding_ratio_max,
            codings_max: self.codings_max,
        }
    }

    /// Limits on decoding all of them.
    pub(super) const fn decoders(&self) -> PoolLimits {
        PoolLimits {
            decoders_max: self.bodies_decoded_max,
            bytes_max: self.decoder_bytes_total_max,
        }
    }

    /// The same with every value inside its documented range.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        self.head_bytes_max = self.head_bytes_max.clamp(1 << 10, 16 << 20);
        self.head_bytes_total_max = self.head_bytes_total_max.max(self.head_bytes_max);
        self.fields_max = self.fields_max.clamp(1, 65_535);
        self.bodies_decoded_max = self.bodies_decoded_max.max(1);
        self.decoder_bytes_total_max = self.decoder_bytes_total_max.max(1 << 20);
        self.http2_streams_max = self.http2_streams_max.clamp(1, 65_535);
        self.http2_block_bytes_max = self.http2_block_bytes_max.clamp(1 << 10, 16 << 20);
        self.websocket.bytes_total_max = self.websocket.bytes_total_max.max(1 << 20);
        self.pipelined_requests_max = self.pipelined_requests_max.max(1);
        self
    }
}
