#![no_main]
//! A call with secrets in it, made as the input chooses: nothing planted leaves in any form of records.

#[allow(dead_code, unused_imports, reason = "some of it is for the property test alone")]
#[path = "../../src/plant/mod.rs"]
mod plant;

use std::cell::RefCell;

thread_local! {
    static LINE: RefCell<plant::Line> = RefCell::default();
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = plant::Choices::of(input);
    let outcome = LINE.with_borrow_mut(|line| plant::run(line, &mut choices));
    if let Some(leak) = outcome.leak {
        panic!("{leak}");
    }
});
