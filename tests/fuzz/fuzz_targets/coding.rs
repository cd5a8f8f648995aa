#![no_main]
//! A stack of content codings, by the first octet: however the body is cut, the same comes of it.

use apitap::http::coding::{CodingError, Decoder, Limits};

const STACKS: [&str; 7] =
    ["gzip", "deflate", "br", "zstd", "gzip,br", "zstd,deflate", "br,zstd,gzip"];

/// What comes of `body` in pieces of `size`, how it ends, and whether it is whole.
fn decoded(stack: &str, size: usize, body: &[u8]) -> (Vec<u8>, Result<(), CodingError>, bool) {
    // Small enough that they are reached.
    let limits = Limits { decoded_bytes_max: 1 << 20, ..Limits::default() };
    let mut decoder = Decoder::new(stack.as_bytes(), &limits).expect("every coding is known");
    let mut out = Vec::new();
    let end = body.chunks(size).try_for_each(|piece| {
        decoder.push(piece, &mut |bytes| {
            assert!(!bytes.is_empty());
            out.extend_from_slice(bytes);
        })
    });
    assert!(out.len() as u64 == decoder.decoded_bytes() && out.len() <= 1 << 20);
    (out, end, decoder.complete())
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [stack, body @ ..] = input else { return };
    let stack = STACKS[usize::from(*stack) % STACKS.len()];
    let whole = decoded(stack, usize::MAX, body);
    for size in [1, 97] {
        let cut = decoded(stack, size, body);
        // What a coding expands to is measured after each piece.
        if [&whole, &cut].iter().any(|told| told.1 == Err(CodingError::Ratio)) {
            return;
        }
        assert!(
            (whole.1, whole.2) == (cut.1, cut.2),
            "{stack} by {size}: {:?} {:?}",
            whole.1,
            cut.1
        );
        // Of what is damaged, more or less may come before that shows.
        let begun = whole.0.starts_with(&cut.0) || cut.0.starts_with(&whole.0);
        assert!(whole.0 == cut.0 || begun && whole.1.is_err(), "{stack} by {size}");
    }
});
