//! What the stage did, in numbers.

use super::{Flags, event_stream};

/// What was seen. The stage adds; the worker publishes.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Request heads.
    pub requests: u64,
    /// Final response heads.
    pub responses: u64,
    /// Interim (1xx) responses.
    pub interim_responses: u64,
    /// Messages that ended complete.
    pub messages_complete: u64,
    /// Messages with bytes missing.
    pub messages_gap: u64,
    /// Messages that ended early.
    pub messages_truncated: u64,
    /// Pairs made in order.
    pub pairs_order: u64,
    /// Pairs made by acknowledgement.
    pub pairs_acknowledged: u64,
    /// Pairs made by stream (HTTP/2).
    pub pairs_stream: u64,
    /// Pairs made by acknowledgement that later traffic contradicted.
    pub pairs_refuted: u64,
    /// Messages without a provable partner, before the end of their connection.
    pub alone: u64,
    /// Times the place in a direction was lost, by loss or by bytes not understood.
    pub lost: u64,
    /// Times a start line was found again after that.
    pub resyncs: u64,
    /// Heads dropped because part of them never came.
    pub heads_partial: u64,
    /// HTTP/0.9 requests, which are not followed.
    pub http09_requests: u64,
    /// Connections on which a protocol was recognised.
    pub connections_followed: u64,
    /// Connections given up as speaking nothing known.
    pub connections_opaque: u64,
    /// Connections that speak SSH, whether given up by now or not.
    pub connections_encrypted: u64,
    /// Connections that became a tunnel or another protocol.
    pub connections_upgraded: u64,
    /// Connections that began with a PROXY header.
    pub proxy_headers: u64,
    /// Body bytes not inspected because the limit was reached.
    pub body_bytes_skipped: u64,
    /// Bytes passed over while looking for a start line.
    pub bytes_discarded: u64,
    /// Bodies not decoded because too many were being decoded.
    pub bodies_undecoded: u64,
    /// HTTP/2: header fields left out because they refer to what the sensor did not see.
    pub hpack_unknown: u64,
    /// HTTP/2: header blocks that could not be decoded, or were lost.
    pub hpack_blocks_lost: u64,
    /// HTTP/2: streams given up because too many were open, or too many responses waited for their requests.
    pub streams_evicted: u64,
    /// HTTP/2: streams reset by one end.
    pub streams_reset: u64,
    /// HTTP/2: frames that break the rules.
    pub frames_bad: u64,
    /// HTTP/2: frames that carry nothing of a message: SETTINGS.
    pub frames_settings: u64,
    /// HTTP/2: PING.
    pub frames_ping: u64,
    /// HTTP/2: WINDOW_UPDATE.
    pub frames_window_update: u64,
    /// HTTP/2: PRIORITY.
    pub frames_priority: u64,
    /// HTTP/2: DATA, HEADERS and CONTINUATION without content that end nothing.
    pub frames_empty: u64,
    /// Sockets opened: handshakes that agreed to WebSocket.
    pub websocket_sockets: u64,
    /// WebSocket: texts and binary messages.
    pub websocket_messages: u64,
    /// WebSocket: messages above the rate, which have no record of their own.
    pub websocket_messages_skipped: u64,
    /// WebSocket: pings and pongs.
    pub websocket_control_frames: u64,
    /// WebSocket: compressed messages that could not be decoded.
    pub websocket_undecoded: u64,
    /// WebSocket: frames that break the rules.
    pub websocket_frames_bad: u64,
    /// Server-sent events.
    pub server_events: event_stream::Counts,
    /// Messages with each flag, by position in [`Flags::ALL`].
    pub flags: [u64; Flags::COUNT],
}

impl Counts {
    /// Adds what another worker counted; destructuring makes a forgotten field an error.
    #[allow(clippy::too_many_lines, reason = "two for each count")]
    pub fn add(&mut self, other: &Self) {
        let Self {
            requests,
            responses,
            interim_responses,
            messages_complete,
            messages_gap,
            messages_truncated,
            pairs_order,
            pairs_acknowledged,
            pairs_stream,
            pairs_refuted,
            alone,
            lost,
            resyncs,
            heads_partial,
            http09_requests,
            connections_followed,
            connections_opaque,
            connections_encrypted,
            connections_upgraded,
            proxy_headers,
            body_bytes_skipped,
            bytes_discarded,
            bodies_undecoded,
            hpack_unknown,
            hpack_blocks_lost,
            streams_evicted,
            streams_reset,
            frames_bad,
            frames_settings,
            frames_ping,
            frames_window_update,
            frames_priority,
            frames_empty,
            websocket_sockets,
            websocket_messages,
            websocket_messages_skipped,
            websocket_control_frames,
            websocket_undecoded,
            websocket_frames_bad,
            server_events,
            flags,
        } = other;
        self.requests += requests;
        self.responses += responses;
        self.interim_responses += interim_responses;
        self.messages_complete += messages_complete;
        self.messages_gap += messages_gap;
        self.messages_truncated += messages_truncated;
        self.pairs_order += pairs_order;
        self.pairs_acknowledged += pairs_acknowledged;
        self.pairs_stream += pairs_stream;
        self.pairs_refuted += pairs_refuted;
        self.alone += alone;
        self.lost += lost;
        self.resyncs += resyncs;
        self.heads_partial += heads_partial;
        self.http09_requests += http09_requests;
        self.connections_followed += connections_followed;
        self.connections_opaque += connections_opaque;
        self.connections_encrypted += connections_encrypted;
        self.connections_upgraded += connections_upgraded;
        self.proxy_headers += proxy_headers;
        self.body_bytes_skipped += body_bytes_skipped;
        self.bytes_discarded += bytes_discarded;
        self.bodies_undecoded += bodies_undecoded;
        self.hpack_unknown += hpack_unknown;
        self.hpack_blocks_lost += hpack_blocks_lost;
        self.streams_evicted += streams_evicted;
        self.streams_reset += streams_reset;
        self.frames_bad += frames_bad;
        self.frames_settings += frames_settings;
        self.frames_ping += frames_ping;
        self.frames_window_update += frames_window_update;
        self.frames_priority += frames_priority;
        self.frames_empty += frames_empty;
        self.websocket_sockets += websocket_sockets;
        self.websocket_messages += websocket_messages;
        self.websocket_messages_skipped += websocket_messages_skipped;
        self.websocket_control_frames += websocket_control_frames;
        self.websocket_undecoded += websocket_undecoded;
        self.websocket_frames_bad += websocket_frames_bad;
        self.server_events.add(server_events);
        self.flags.iter_mut().zip(flags).for_each(|(own, more)| *own += more);
    }

    /// Counts the flags of one message.
    pub(super) fn flags(&mut self, flags: Flags) {
        if flags == Flags::default() {
            return;
        }
        for (count, (flag, _)) in self.flags.iter_mut().zip(Flags::ALL) {
            *count += u64::from(flags.contains(*flag));
        }
    }
}
