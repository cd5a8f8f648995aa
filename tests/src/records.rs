//! Reads records in their JSON form.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::Value;

/// One JSON value a line.
///
/// # Panics
///
/// If a line is no JSON.
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("JSON lines are UTF-8");
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("line {}: {e}", i + 1))
        })
        .collect()
}

/// The contents of a file, decompressed when its name ends in `.zst` or `.gz`.
///
/// # Panics
///
/// If it cannot be read.
#[must_use]
pub fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    file.read_to_end(&mut bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    match path.extension().and_then(|e| e.to_str()) {
        Some("zst") => zstd::decode_all(&bytes[..]).expect("valid zstd"),
        Some("gz") => {
            let mut plain = Vec::new();
            flate2::read::MultiGzDecoder::new(Cursor::new(bytes))
                .read_to_end(&mut plain)
                .expect("valid gzip");
            plain
        }
        _ => bytes,
    }
}

/// Whether a record is of HTTP/1.
#[must_use]
pub fn http1(record: &Value) -> bool {
    record["protocol"] == "HTTP1"
}

/// Whether a record is of HTTP/2, gRPC included.
#[must_use]
pub fn http2(record: &Value) -> bool {
    ["request", "response"].iter().any(|message| record[message]["http_version"] == "2")
}

/// The request's method.
#[must_use]
pub fn method(record: &Value) -> Option<&str> {
    record["request"]["method"].as_str()
}

/// The response's status.
#[must_use]
pub fn status(record: &Value) -> Option<u64> {
    record["response"]["status"].as_u64()
}

/// Responses a record stands for: the final one and the interim ones before it.
#[must_use]
pub fn responses(record: &Value) -> u64 {
    let response = &record["response"];
    if response.is_null() { 0 } else { 1 + response["interim_responses"].as_u64().unwrap_or(0) }
}

/// What tells one value from another: its text if kept, else its token. `None` for a shape, which tells nothing.
#[must_use]
pub fn identity(value: &Value) -> Option<&str> {
    value["kept"].as_str().or_else(|| value["token"]["text"].as_str())
}

/// The value of a header of `message` (`request` or `response`).
#[must_use]
pub fn header<'a>(record: &'a Value, message: &str, name: &str) -> Option<&'a Value> {
    let headers = record[message]["headers"].as_array()?;
    let found = headers
        .iter()
        .find(|h| h["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    Some(&found["value"])
}

/// A time, in nanoseconds since 1970, of a `google.protobuf.Timestamp` in JSON (RFC 3339, UTC).
#[must_use]
pub fn nanos(time: &Value) -> Option<i64> {
    let text = time.as_str()?;
    let (date, rest) = text.split_once('T')?;
    let clock = rest.strip_suffix('Z').or_else(|| rest.strip_suffix("+00:00"))?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let date: Vec<i64> = date.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    let clock: Vec<i64> = clock.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let ([year, month, day], [hour, minute, second]) = (&date[..], &clock[..]) else { return None };
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    // Days since 1970 of a Gregorian date; the year is taken to begin in March.
    let (y, m) = if *month > 2 { (*year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + nanos)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_count_from_1970() {
        assert_eq!(nanos(&json!("1970-01-01T00:00:00Z")), Some(0));
        assert_eq!(nanos(&json!("2024-02-29T12:34:56.789Z")), Some(1_709_210_096_789_000_000));
        assert_eq!(
            nanos(&json!("2000-03-01T00:00:00.000000001+00:00")),
            Some(951_868_800_000_000_001)
        );
    }

    #[test]
    fn shapes_have_no_identity() {
        assert_eq!(identity(&json!({"token": {"text": "tok_id_k1_abc"}})), Some("tok_id_k1_abc"));
        assert_eq!(identity(&json!({"kept": "200"})), Some("200"));
        assert_eq!(identity(&json!({"shape": {"type": "STRING", "length": "4"}})), None);
    }
}
