//! Whole connections, read by the rules of RFC 9112 and RFC 9110.

use super::super::testing::{Run, Script, Seen, calls, short};
use crate::call::Pairing;
use crate::reassembly::{CloseReason, Side};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello";

#[test]
fn a_call() {
    let seen = calls(&[(GET, OK)]);
    assert_eq!(seen.iter().map(Seen::short).collect::<Vec<_>>(), ["GET /a > 200 Order"]);
    let response = seen[0].response.as_ref().unwrap();
    assert_eq!(response.body, "Hello");
    assert_eq!(
        response.facts,
        "Complete wire 43 body 5 decoded 5 missing 0 cut false interim 0 seq 5000"
    );
}

#[test]
fn rfc9112_9_3_keep_alive() {
    assert_eq!(
        short(&[(GET, OK), (b"GET /b HTTP/1.0\r\n\r\n", OK)]),
        ["GET /a > 200 Order", "GET /b > 200 Order"]
    );
}
