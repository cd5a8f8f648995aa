#![no_main]
//! A call with secrets in it, made as the input chooses: nothing planted leaves in any form of records.

#[path = "../../src/plant/mod.rs"]
mod plant;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let outcome = plant::run(&mut plant::Line::default(), &mut plant::Choices::of(input));
    if let Some(leak) = outcome.leak {
        panic!("{leak}");
    }
});
