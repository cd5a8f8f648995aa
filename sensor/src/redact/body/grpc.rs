//! Bodies of messages in frames: gRPC, gRPC-Web, Connect. The messages of one body collapse, as items of arrays do.

use apitap_proto::v1::ValueType;

use super::{Described, End, Source, Visit, json, percent, protobuf};
use crate::http::coding::{Limits, Pool, PoolLimits};
use crate::http::grpc::{COMPRESSED, END_CONNECT, Framing, TRAILERS, decode_text, framing};

/// What the messages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Protobuf,
    Json,
    Other,
}

/// A frame of a body. No `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) flags: u8,
    pub(crate) payload: &'a [u8],
    /// Whether the payload goes on behind what there is.
    pub(crate) cut: bool,
    /// Where it begins.
    at: usize,
}

impl Frame<'_> {
    /// Whether it holds the trailers of gRPC-Web.
    pub(crate) const fn is_trailers(self) -> bool {
        self.flags & TRAILERS != 0
    }
}

/// The frames of a body; ends where there is none.
pub(crate) fn frames(body: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let at = body.len().saturating_sub(rest.len());
        let (&[flags, a, b, c, d], after) = rest.split_first_chunk()?;
        if flags & !(COMPRESSED | END_CONNECT | TRAILERS) != 0 {
            return None;
        }
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let (payload, after) = after.split_at_checked(length).unwrap_or((after, &[]));
        rest = after;
        Some(Frame { flags, payload, cut: payload.len() < length, at })
    })
}

/// The body in frames, base64 taken off.
pub(crate) fn binary<'a>(content_type: &[u8], body: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
    match framing(content_type) {
        Some(Framing::Text) => decode_text(body).into(),
        _ => body.into(),
    }
}

/// Reads a framed body. `encoding`: the coding of compressed messages, as the head names it.
pub(crate) fn read(body: &[u8], source: Source<'_>, visit: &mut impl Visit) -> End {
    let kind = kind(source.content_type);
    let mut end = End::default();
    let mut next = 0;
    let mut room = Limits::default().decoded_bytes_max;
    // A body may have thousands of messages, and to make a decoder costs more than to expand most of them.
    let mut decoders = Pool::default();
    for frame in frames(body) {
        next = frame.at.saturating_add(5).saturating_add(frame.payload.len());
        end.roots = end.roots.saturating_add(1);
        if frame.cut && !source.cut {
            end.malformed = Some(frame.at);
            return end;
        }
        let plain = if frame.flags & COMPRESSED == 0 {
            std::borrow::Cow::from(frame.payload)
        } else if let Some(plain) = expand(frame.payload, source.encoding, &mut room, &mut decoders)
        {
            plain.into()
        } else {
            // Of a compressed message nothing can be seen; that it is cut is said already.
            end.cut |= frame.cut;
            end.malformed = end.malformed.or((!frame.cut).then_some(body.len()));
            continue;
        };
        let read = one(kind, &plain, frame, source.described, visit);
        end.cut |= read.cut;
        // Places inside expanded messages are none of the body's.
        end.malformed = end.malformed.or(read.malformed.map(|_| frame.at));
    }
    if next < body.len() && !source.cut {
        end.malformed = end.malformed.or(Some(next));
    }
    end
}

fn one(
    kind: Kind,
    plain: &[u8],
    frame: Frame<'_>,
    described: Option<Described<'_>>,
    visit: &mut impl Visit,
) -> End {
    if frame.is_trailers() {
        trailers(plain, visit);
        return End::default();
    }
    match kind {
        _ if frame.flags & END_CONNECT != 0 => json::read(plain, frame.cut, visit),
        Kind::Json => json::read(plain, frame.cut, visit),
        Kind::Protobuf if protobuf::is_json(plain) => json::read(plain, frame.cut, visit),
        Kind::Protobuf => protobuf::read_described(plain, frame.cut, described, visit),
        Kind::Other => {
            visit.leaf(ValueType::Binary, plain);
            End::default()
        }
    }
}

fn kind(content_type: &[u8]) -> Kind {
    let essence = content_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    let suffix = essence.rsplit(|&b| b == b'+').next().unwrap_or_default();
    if suffix.len() == essence.len() || suffix.eq_ignore_ascii_case(b"proto") {
        Kind::Protobuf
    } else if suffix.eq_ignore_ascii_case(b"json") {
        Kind::Json
    } else {
        Kind::Other
    }
}

/// A compressed message, expanded up to what `room` allows.
fn expand(payload: &[u8], encoding: &[u8], room: &mut u64, decoders: &mut Pool) -> Option<Vec<u8>> {
    let limits = Limits { decoded_bytes_max: *room, codings_max: 1, ..Limits::default() };
    let mut decoder = decoders.decoder(encoding, &limits, PoolLimits::NONE).ok()?;
    let mut plain = Vec::new();
    let done = decoder.push(payload, &mut |bytes: &[u8]| plain.extend_from_slice(bytes));
    *room = room.saturating_sub(decoder.decoded_bytes());
    decoders.recycle(decoder);
    done.is_ok().then_some(plain)
}

/// What the last frame of a stream of Connect says, if that is there whole. `encoding`: as in [`Source`].
pub(crate) fn end_of_connect<'a>(
    body: &'a [u8],
    encoding: &[u8],
) -> Option<std::borrow::Cow<'a, [u8]>> {
    let last = frames(body).find(|frame| frame.flags & END_CONNECT != 0 && !frame.cut)?;
    if last.flags & COMPRESSED == 0 {
        return Some(last.payload.into());
    }
    let mut room = Limits::default().decoded_bytes_max;
    expand(last.payload, encoding, &mut room, &mut Pool::default()).map(Into::into)
}

/// Trailers as gRPC-Web writes them: lines of a name and a value.
fn trailers(text: &[u8], visit: &mut impl Visit) {
    for (name, value) in lines(text) {
        visit.enter(name);
        visit.leaf(ValueType::Unspecified, &percent::decode(value, false));
        visit.leave();
    }
}

/// Names and values of trailers in a body.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|&b| b == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let value = line.get(colon.saturating_add(1)..)?.trim_ascii();
        Some((line.get(..colon)?.trim_ascii(), value))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::log::told;
    use super::*;

    fn frame(flags: u8, payload: &[u8]) -> Vec<u8> {
        [&[flags][..], &u32::try_from(payload.len()).unwrap().to_be_bytes(), payload].concat()
    }

    fn seen(content_type: &str, encoding: &str, body: &[u8], cut: bool) -> (Vec<String>, End) {
        let source = Source {
            encoding: encoding.as_bytes(),
            cut,
            ..Source::whole(content_type.as_bytes(), body)
        };
        let body = binary(source.content_type, body);
        told(|log| read(&body, source, log))
    }

    const MESSAGE: &[u8] = &[0x0a, 2, b'h', b'i'];

    #[test]
    fn messages_are_read() {
        let body = [frame(0, MESSAGE), frame(0, &[]), frame(0, &[0x10, 7])].concat();
        let (fields, end) = seen("application/grpc", "", &body, false);
        assert_eq!(fields, ["$.1 String hi", "$.2 Integer 7"]);
        assert_eq!((end.roots, end.malformed, end.cut), (3, None, false));
        let json = frame(0, b"{\"a\":1}");
        assert_eq!(seen("application/grpc+json", "", &json, false).0, ["$.a Integer 1"]);
        // Some send JSON under the plain name.
        assert_eq!(seen("application/grpc", "", &json, false).0, ["$.a Integer 1"]);
        assert_eq!(seen("application/grpc+thrift", "", &json, false).0.len(), 1);
    }

    #[test]
    fn compressed_messages_are_expanded() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(MESSAGE).unwrap();
        let body = [frame(1, &gzip.finish().unwrap()), frame(0, &[0x10, 7])].concat();
        let (fields, end) = seen("application/grpc", "gzip", &body, false);
        assert_eq!((fields.len(), end.malformed), (2, None));
        // A coding that is not known hides what is in it, and nothing else.
        let (fields, end) = seen("application/grpc", "snappy", &body, false);
        assert_eq!(fields, ["$.2 Integer 7"]);
        assert!(end.malformed.is_some());
    }

    #[test]
    fn web_trailers_and_connect_ends_are_read() {
        let body = [frame(0, MESSAGE), frame(0x80, b"grpc-status: 5\r\ngrpc-message:no%20one\r\n")]
            .concat();
        let told =
            ["$.1 String hi", "$.grpc-status Unspecified 5", "$.grpc-message Unspecified no one"];
        assert_eq!(seen("application/grpc-web+proto", "", &body, false).0, told);
        let text = data_encoding::BASE64.encode(&body);
        assert_eq!(seen("application/grpc-web-text", "", text.as_bytes(), false).0, told);
        let end = frame(2, b"{\"error\":{\"code\":\"x\"}}");
        assert_eq!(seen("application/connect+proto", "", &end, false).0, ["$.error.code String x"]);
    }

    /// What a message costs to expand counts though it is broken behind that; the next is read all the same.
    #[test]
    fn broken_messages_take_their_room() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&[b' '; 1000]).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(MESSAGE, 1).unwrap();
        let broken = [&gzip[..gzip.len() - 8], &[0xff; 8]].concat();
        let (mut room, mut decoders) = (5500, Pool::default());
        for left in [4500, 3500, 2500] {
            assert!(expand(&broken, b"gzip", &mut room, &mut decoders).is_none());
            assert_eq!(room, left);
        }
        for _ in 0..3 {
            assert!(expand(&[0x28], b"zstd", &mut room, &mut decoders).is_some());
            assert!(expand(&[0xff; 9], b"zstd", &mut room, &mut decoders).is_none());
            assert_eq!(expand(&zstd, b"zstd", &mut room, &mut decoders).unwrap(), MESSAGE);
        }
    }

    #[test]
    fn cut_and_broken_bodies_are_said() {
        let body = [frame(0, MESSAGE), frame(0, &[0x10, 7, 0x0a, 9, b'x'])].concat();
        let (fields, end) = seen("application/grpc", "", &body[..12], true);
        assert_eq!(fields, ["$.1 String hi"]);
        assert!(end.cut || end.malformed.is_none());
        assert_eq!(seen("application/grpc", "", &body[..12], false).1.malformed, Some(9));
        assert_eq!(seen("application/grpc", "", b"<html>", false).1.malformed, Some(0));
        assert_eq!(seen("application/grpc", "", &body, false).1.malformed, Some(9));
    }
}
