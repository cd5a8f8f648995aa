//! Messages as they go over the wire: HTTP/1 with its framings and codings, HTTP/2 with literal headers; and what
//! becomes of the bytes on the way: cut into segments, ended early, with holes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::choices::Choices;
use super::heads::{Field, Message};
use super::secrets;

/// A piece of what one side sent.
pub(super) enum Piece {
    /// Octets in order.
    Data(Vec<u8>),
    /// So many octets were lost.
    Gap(u64),
}

/// The body in a content coding, with the name of that.
fn coded(choices: &mut Choices<'_>, octets: &[u8]) -> (Vec<u8>, &'static str) {
    match choices.below(6) {
        0 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(octets).expect("memory takes it");
            (encoder.finish().expect("memory takes it"), "gzip")
        }
        1 => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(octets).expect("memory takes it");
            (encoder.finish().expect("memory takes it"), "deflate")
        }
        // A lie: the coding is named but not there.
        2 if choices.one_in(4) => (octets.to_vec(), "gzip"),
        _ => (octets.to_vec(), ""),
    }
}

/// A message of HTTP/1.1.
pub(super) fn http1(choices: &mut Choices<'_>, message: &Message) -> Vec<u8> {
    let mut made = match message.method.as_str() {
        "" => format!("HTTP/1.1 {} {}\r\n", message.status.0, message.status.1),
        method => format!("{method} {} HTTP/1.1\r\nHost: {}\r\n", message.target, message.host),
    };
    let (body, coding) = match &message.body {
        Some(body) => coded(choices, &body.octets),
        None => (Vec::new(), ""),
    };
    let mut fields = message.fields.clone();
    if let Some(body) = message.body.as_ref().filter(|body| !body.kind.is_empty()) {
        fields.push(("Content-Type".into(), body.kind.clone()));
    }
    if !coding.is_empty() {
        fields.push(("Content-Encoding".into(), coding.into()));
    }
    for (name, value) in &fields {
        made += &format!("{name}: {value}\r\n");
    }
    let chunks = choices.below(4);
    let close = message.method.is_empty() && chunks == 3;
    if chunks > 0 && !close {
        made += "Transfer-Encoding: chunked\r\n\r\n";
        let mut made = made.into_bytes();
        let size = 1 + choices.random(body.len() + 8);
        for chunk in body.chunks(size) {
            let extension = match choices.below(8) {
                0 => format!(";x={}", secrets::any(choices).text.replace('\n', " ")),
                1 => format!(";\"{}\"", secrets::any(choices).text.replace('\n', " ")),
                _ => String::new(),
            };
            made.extend_from_slice(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
            made.extend_from_slice(chunk);
            made.extend_from_slice(b"\r\n");
        }
        made.extend_from_slice(b"0\r\n");
        for (name, value) in &message.trailers {
            made.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        made.extend_from_slice(b"\r\n");
        return made;
    }
    if !close {
        made += &format!("Content-Length: {}\r\n", body.len());
    }
    made += "\r\n";
    [made.into_bytes(), body].concat()
}

/// A connection of HTTP/2: what the client sends first.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// And the server.
pub(super) const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// A message of HTTP/2 on stream 1 (RFC 9113), every field a literal that is not indexed (RFC 7541 §6.2.2).
pub(super) fn http2(choices: &mut Choices<'_>, message: &Message) -> Vec<u8> {
    let (body, coding) = match &message.body {
        Some(body) => coded(choices, &body.octets),
        None => (Vec::new(), ""),
    };
    let mut block = Vec::new();
    if message.method.is_empty() {
        literal(&mut block, ":status", &message.status.0.to_string());
    } else {
        literal(&mut block, ":method", &message.method);
        literal(&mut block, ":scheme", if choices.one_in(9) { &message.host } else { "http" });
        literal(&mut block, ":authority", &message.host);
        literal(&mut block, ":path", &message.target);
    }
    for (name, value) in &message.fields {
        literal(&mut block, &name.to_ascii_lowercase(), value);
    }
    if let Some(body) = message.body.as_ref().filter(|body| !body.kind.is_empty()) {
        literal(&mut block, "content-type", &body.kind);
    }
    if !coding.is_empty() {
        literal(&mut block, "content-encoding", coding);
    }
    let mut made = Vec::new();
    frame(&mut made, 1, 4, &block);
    for chunk in body.chunks(1 + choices.random(body.len() + 8)) {
        frame(&mut made, 0, 0, chunk);
    }
    let mut block = Vec::new();
    trailers(&mut block, &message.trailers);
    if block.is_empty() {
        frame(&mut made, 0, 1, b"");
    } else {
        frame(&mut made, 1, 5, &block);
    }
    made
}

fn trailers(block: &mut Vec<u8>, fields: &[Field]) {
    for (name, value) in fields {
        literal(block, &name.to_ascii_lowercase(), value);
    }
}

fn frame(made: &mut Vec<u8>, kind: u8, flags: u8, payload: &[u8]) {
    let len = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
    made.extend([len[1], len[2], len[3], kind, flags, 0, 0, 0, 1]);
    made.extend_from_slice(payload);
}

fn literal(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0);
    for text in [name, value] {
        let mut len = text.len();
        if len < 127 {
            block.push(u8::try_from(len).expect("seven bits"));
        } else {
            block.push(127);
            len -= 127;
            while len >= 128 {
                block.push(u8::try_from(len & 127).expect("seven bits") | 128);
                len >>= 7;
            }
            block.push(u8::try_from(len).expect("seven bits"));
        }
        block.extend_from_slice(text.as_bytes());
    }
}

/// What arrives of `octets`: in segments, now and then ended early or with a hole.
pub(super) fn arrive(choices: &mut Choices<'_>, octets: &[u8]) -> Vec<Piece> {
    let end = if choices.one_in(4) { choices.random(octets.len() + 1) } else { octets.len() };
    let octets = &octets[..end];
    let size = if choices.one_in(2) { 1460 } else { 1 + choices.random(40) };
    let hole = choices.one_in(5).then(|| choices.random(octets.len() + 1));
    let mut pieces = Vec::new();
    let (before, after) = octets.split_at(hole.unwrap_or(octets.len()));
    pieces.extend(before.chunks(size).map(|chunk| Piece::Data(chunk.to_vec())));
    if hole.is_some() && !after.is_empty() {
        let lost = 1 + choices.random(after.len().min(60));
        pieces.push(Piece::Gap(u64::try_from(lost).expect("a small number")));
        pieces.extend(
            after[lost.min(after.len())..].chunks(size).map(|chunk| Piece::Data(chunk.to_vec())),
        );
    }
    pieces
}
