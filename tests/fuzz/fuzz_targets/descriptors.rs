#![no_main]
//! Messages of methods that a descriptor set describes, and descriptor sets that are damaged.

use libfuzzer_sys::fuzz_target;

mod bench;

/// Of the fixture `grpc`: a oneof, enumerations, lists, messages in messages.
const PAY: &[u8] = include_bytes!("../../../fixtures/grpc/pay.binpb");
const METHODS: [&str; 6] = ["Charge", "Packed", "Refuse", "Upload", "Watch", "Talk"];

// The method, how many octets of the set are others, three octets for each of them, then messages, each with its flags,
// up to 0xfe.
fuzz_target!(|input: &[u8]| {
    let [method, count, rest @ ..] = input else { return };
    let Some((changes, rest)) = rest.split_at_checked(usize::from(count & 7) * 3) else { return };
    let mut set = PAY.to_vec();
    for change in changes.chunks(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % set.len();
        set[at] = change[2];
    }
    let mut body = Vec::new();
    for message in rest.split(|octet| *octet == 0xfe) {
        let [flags, message @ ..] = message else { continue };
        body.push(flags & 1);
        body.extend(u32::try_from(message.len()).unwrap_or(0).to_be_bytes());
        body.extend(message);
    }
    let method = METHODS[usize::from(*method) % METHODS.len()];
    let target = format!("/acme.pay.v1.Payments/{method}");
    bench::with(|bench| bench.described(&set, target.as_bytes(), &body));
});
