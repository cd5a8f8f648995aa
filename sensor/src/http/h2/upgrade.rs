//! From HTTP/1.1 to HTTP/2: the request that asked for it becomes stream 1.
//!
//! Source: [RFC 7540 §3.2](https://www.rfc-editor.org/rfc/rfc7540#section-3.2), deprecated by RFC 9113 and still met.

use super::super::protocol::{Before, Context, Decode, Join};
use super::super::{Field, Fields, Flags, Head, HttpEventKind, Role};
use super::stream::Ending;
use super::{H2, Mark};
use crate::time::Timestamp;

/// The request that asked for the upgrade. No `Debug`: it holds raw traffic.
pub(in crate::http) struct Asked {
    method: Vec<u8>,
    target: Vec<u8>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    offset: u64,
    acked: Option<u64>,
    time: Timestamp,
}

/// Whether an `Upgrade` value names HTTP/2 in clear text.
pub(in crate::http) fn is_h2c(value: &[u8]) -> bool {
    value.split(|&b| b == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(b"h2c"))
}

impl Asked {
    /// Copies a request that began at `offset` and `time`; what concerns the connection is left out.
    pub(in crate::http) fn new(
        method: &[u8],
        target: &[u8],
        fields: Fields<'_>,
        (offset, acked, time): (u64, Option<u64>, Timestamp),
    ) -> Self {
        let hop = |name: &[u8]| {
            [
                &b"connection"[..],
                b"upgrade",
                b"http2-settings",
                b"content-length",
                b"transfer-encoding",
            ]
            .iter()
            .any(|hop| name.eq_ignore_ascii_case(hop))
        };
        let fields = fields.iter().filter(|field| !hop(field.name));
        Self {
            method: method.to_vec(),
            target: target.to_vec(),
            fields: fields.map(|f| (f.name.to_vec(), f.value.to_vec())).collect(),
            offset,
            acked,
            time,
        }
    }

    /// The decoder that follows, with the request told as stream 1. Its body, if any, was told with HTTP/1.1.
    pub(in crate::http) fn open(&self, cx: &mut Context<'_>) -> Box<dyn Decode + Send> {
        let mut h2 = H2::new(Join { before: [Before::Nothing; 2], whole: true });
        let number = cx.number();
        let losses = 0;
        h2.streams.opened(cx, 1);
        let stream = h2.streams.enter(cx, 1, Role::Request, losses);
        stream.asked = Some(number);
        stream.bodiless = self.method == b"HEAD";
        let fields: Vec<Field<'_>> =
            self.fields.iter().map(|(name, value)| Field { name, value }).collect();
        let host = fields.iter().find(|field| field.name.eq_ignore_ascii_case(b"host"));
        cx.counts.requests += 1;
        cx.emit(HttpEventKind::Head(&Head {
            message: number,
            role: Role::Request,
            stream: 1,
            version: (2, 0),
            interim: 0,
            method: &self.method,
            target: &self.target,
            scheme: b"http",
            authority: host.map_or(&[], |host| host.value),
            status: 0,
            fields: Fields::Listed(&fields),
            start_offset: self.offset,
            acked: self.acked,
            start_time: self.time,
            flags: Flags::H2C_UPGRADE,
        }));
        let mark = Mark { offset: self.offset, acked: self.acked, time: self.time };
        h2.streams.open_empty(cx, 1, number, mark.time, Flags::H2C_UPGRADE);
        h2.streams.end(cx, 1, Role::Request, Ending { mark, ..Ending::WHOLE });
        Box::new(h2)
    }
}
