//! A case through the line, from the HTTP parser to every form of records.

use apitap::call::Calls;
use apitap::decap::{Endpoint, Envelope};
use apitap::http::Http;
use apitap::reassembly::{
    CloseReason, Connection, ConnectionId, Side, StreamEvent, StreamEventKind,
};
use apitap::record::{Builder, Record, SensorInfo};
use apitap::redact::{Config, Keys, Redactor};
use apitap::sink::{FORMATS, Style};
use apitap::time::Timestamp;

use super::wire::Piece;

/// Stages that go on from case to case, as those of a worker do: what they remember of one meets the next.
pub struct Line {
    redactor: Redactor,
    builder: Builder,
}

impl Default for Line {
    fn default() -> Self {
        let keys = Keys::ephemeral().expect("the system has random numbers");
        let sensor = SensorInfo { id: "s".into(), version: "1".into(), config_id: "c".into() };
        Self {
            redactor: Redactor::new(&keys, &Config::default()),
            builder: Builder::new(sensor, Vec::new()),
        }
    }
}

impl Line {
    /// The records of what both sides sent.
    pub(super) fn records(&mut self, client: &[Piece], server: &[Piece]) -> Vec<Record> {
        let (mut http, mut calls) =
            (Http::new(&Default::default()), Calls::new(&Default::default()));
        let end = |last, port| Endpoint { ip: [192, 0, 2, last].into(), port };
        let connection = Connection {
            ends: [end(1, 40_000), end(2, 80)],
            macs: [None; 2],
            envelope: Envelope::EMPTY,
            interface: 0,
            start: Timestamp::ZERO,
            handshake: true,
            base_seq: [Some(0); 2],
            transport: Default::default(),
            security: Default::default(),
        };
        let mut records = Vec::new();
        let Self { redactor, builder } = self;
        let mut ordinal = 0;
        let mut push = |kind: StreamEventKind<'_>| {
            ordinal += 1;
            let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + ordinal);
            let event = StreamEvent {
                id: ConnectionId { slot: 0 },
                connection: &connection,
                time,
                ordinal,
                kind,
            };
            http.push(&event, &mut |event| {
                calls.push(&event, &mut |call| records.push(builder.build(redactor.redact(&call))));
            });
        };
        let mut sent = 0;
        for (side, pieces) in [(Side::A, client), (Side::B, server)] {
            let mut offset = 0;
            for piece in pieces {
                match piece {
                    Piece::Data(bytes) => {
                        let acked = (side == Side::B).then_some(sent);
                        push(StreamEventKind::Data {
                            side,
                            offset,
                            acked,
                            segment_start: true,
                            bytes,
                        });
                        offset += u64::try_from(bytes.len()).expect("a small number");
                    }
                    Piece::Gap(len) => {
                        push(StreamEventKind::Gap { side, offset, len: *len });
                        offset += len;
                    }
                }
            }
            sent = offset;
        }
        push(StreamEventKind::Close { reason: CloseReason::Fin });
        records
    }
}

/// Records in every form they leave in, by its name.
#[must_use]
pub(super) fn outputs(records: &[Record]) -> Vec<(&'static str, Vec<u8>)> {
    let style = Style::plain();
    let written = |format: &apitap::sink::Format| {
        let mut encoder = (format.encoder)(&style);
        let mut out = Vec::new();
        for record in records {
            encoder.encode_record(record, &mut out).expect("every record has every form");
        }
        (format.name, out)
    };
    FORMATS.iter().map(written).collect()
}
