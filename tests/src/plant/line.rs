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

/// The stages of a worker behind reassembly. What they remember of one connection meets the next.
pub struct Stages {
    http: Http,
    calls: Calls,
    redactor: Redactor,
    builder: Builder,
}

impl Stages {
    /// Stages with this redactor.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        let sensor = SensorInfo { id: "s".into(), version: "1".into(), config_id: "c".into() };
        Self {
            http: Http::new(&Default::default()),
            calls: Calls::new(&Default::default()),
            redactor,
            builder: Builder::new(sensor, Vec::new()),
        }
    }

    /// What is told of a call that is all of its connection.
    ///
    /// # Panics
    ///
    /// If that is not one record.
    pub fn call(&mut self, request: &[u8], response: &[u8]) -> Record {
        let mut records = Vec::new();
        let mut push = self.reading(&mut records);
        let data = |side, acked, bytes| StreamEventKind::Data {
            side,
            offset: 0,
            acked,
            segment_start: true,
            bytes,
        };
        push(data(Side::A, None, request));
        push(data(Side::B, u64::try_from(request.len()).ok(), response));
        push(StreamEventKind::Close { reason: CloseReason::Fin });
        drop(push);
        assert_eq!(records.len(), 1, "{}", String::from_utf8_lossy(request));
        records.remove(0)
    }

    /// Takes what is told of one connection, and adds the records of it.
    pub fn reading<'s>(
        &'s mut self,
        records: &'s mut Vec<Record>,
    ) -> impl FnMut(StreamEventKind<'_>) + 's {
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
        let Self { http, calls, redactor, builder } = self;
        let mut ordinal = 0;
        move |kind| {
            ordinal += 1;
            let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + ordinal);
            let id = ConnectionId { slot: 0 };
            let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
            http.push(&event, &mut |event| {
                calls.push(&event, &mut |call| records.push(builder.build(redactor.redact(&call))));
            });
        }
    }
}

impl Default for Stages {
    /// Stages with the default policy, and keys of their own.
    fn default() -> Self {
        let keys = Keys::ephemeral().expect("the system has random numbers");
        Self::new(Redactor::new(&keys, &Config::default()))
    }
}

/// Stages that go on from case to case, each with a parser of its own.
#[derive(Default)]
pub struct Line(Stages);

impl Line {
    /// The records of what both sides sent.
    pub(super) fn records(&mut self, client: &[Piece], server: &[Piece]) -> Vec<Record> {
        let Self(stages) = self;
        stages.http = Http::new(&Default::default());
        stages.calls = Calls::new(&Default::default());
        let mut records = Vec::new();
        let mut push = stages.reading(&mut records);
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
        drop(push);
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
