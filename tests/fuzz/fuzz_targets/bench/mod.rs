//! A redactor that goes on from input to input.

use std::cell::RefCell;

use apitap::redact::fuzz::Bench;

thread_local! {
    static BENCH: RefCell<Bench> =
        RefCell::new(Bench::new().expect("the system has random numbers"));
}

/// Does something with it.
pub fn with(work: impl FnOnce(&mut Bench)) {
    BENCH.with_borrow_mut(work);
}
