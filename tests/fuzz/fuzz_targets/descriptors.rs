#![no_main]
//! Arbitrary messages of methods that a descriptor set describes, and arbitrary descriptor sets.

use libfuzzer_sys::fuzz_target;

/// Of the fixture `grpc`: a oneof, enumerations, lists, messages in messages.
const PAY: &[u8] = include_bytes!("../../../fixtures/grpc/pay.binpb");
const METHODS: [&str; 6] = ["Charge", "Packed", "Refuse", "Upload", "Watch", "Talk"];

/// Where an octet of the set is another.
type Change = (u16, u8);

fuzz_target!(|input: (u8, Vec<Change>, Vec<(u8, Vec<u8>)>)| {
    let (method, changes, messages) = input;
    let mut set = PAY.to_vec();
    for (at, octet) in changes {
        let at = usize::from(at) % set.len();
        set[at] = octet;
    }
    let mut body = Vec::new();
    for (flags, message) in &messages {
        body.push(flags & 1);
        body.extend(u32::try_from(message.len()).unwrap_or(0).to_be_bytes());
        body.extend(message);
    }
    let method = METHODS[usize::from(method) % METHODS.len()];
    let target = format!("/acme.pay.v1.Payments/{method}");
    apitap::redact::fuzz::described(&set, target.as_bytes(), &body);
});
