#![no_main]
//! Bodies of framed messages, by the first octet: binary, base64, gzip inside, JSON, and protocol buffers alone. A message
//! ends at 0xfe; its first octet is its flags.

use libfuzzer_sys::fuzz_target;

mod bench;

const TYPES: [&str; 6] = [
    "application/grpc",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc+json",
    "application/connect+proto",
    "application/x-protobuf",
];

fuzz_target!(|input: &[u8]| {
    let [kind, input @ ..] = input else { return };
    let content_type = TYPES[usize::from(*kind) % TYPES.len()];
    let mut body = format!("{content_type}\n").into_bytes();
    // Alone, or in base64: as they are.
    if kind & 0x40 != 0 {
        body.extend(input);
        return bench::with(|bench| bench.body(&body));
    }
    for message in input.split(|octet| *octet == 0xfe) {
        let [flags, message @ ..] = message else { continue };
        body.push(flags & 0x83);
        body.extend(u32::try_from(message.len()).unwrap_or(0).to_be_bytes());
        body.extend(message);
    }
    bench::with(|bench| bench.body(&body));
});
