#![no_main]
//! Arbitrary bytes under an arbitrary stack of content codings.

use apitap::http::coding::{Decoder, Limits};

libfuzzer_sys::fuzz_target!(|input: (u8, Vec<u8>)| {
    let names = ["gzip", "deflate", "br", "zstd", "gzip,br", "zstd,deflate", "br,zstd,gzip"];
    let Ok(mut decoder) =
        Decoder::new(names[usize::from(input.0) % names.len()].as_bytes(), &Limits::default())
    else {
        return;
    };
    let _ = input.1.chunks(97).try_for_each(|piece| decoder.push(piece, &mut |_| {}));
});
