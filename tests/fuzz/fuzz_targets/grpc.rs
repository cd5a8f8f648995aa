#![no_main]
//! Arbitrary octets as bodies of framed messages: binary, base64, gzip inside, JSON, and protocol buffers alone.

use libfuzzer_sys::fuzz_target;

const TYPES: [&str; 6] = [
    "application/grpc",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc+json",
    "application/connect+proto",
    "application/x-protobuf",
];

fuzz_target!(|input: (u8, Vec<(u8, Vec<u8>)>)| {
    let content_type = TYPES[usize::from(input.0) % TYPES.len()];
    let mut body = format!("{content_type}\n").into_bytes();
    for (flags, message) in &input.1 {
        let len = u32::try_from(message.len()).unwrap_or(0).to_be_bytes();
        body.extend([flags & 0x83]);
        body.extend(len);
        body.extend(message);
    }
    apitap::redact::fuzz::body(&body);
});
