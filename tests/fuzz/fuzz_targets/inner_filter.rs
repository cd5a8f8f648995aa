//! Any text as a filter: refused with a place inside it, or kept word for word and applied without a panic.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use apitap::filter::{Filter, Subject};
use libfuzzer_sys::fuzz_target;

struct Flow;

impl Subject for Flow {
    fn source(&self) -> (IpAddr, u16) {
        (Ipv4Addr::new(10, 0, 0, 1).into(), 40_000)
    }

    fn destination(&self) -> (IpAddr, u16) {
        (Ipv6Addr::LOCALHOST.into(), 80)
    }

    fn within(&self, kind: &str, id: Option<u32>) -> bool {
        kind == "vlan" && id.is_none_or(|id| id == 7)
    }
}

fuzz_target!(|text: &str| {
    match Filter::parse(text) {
        Ok(filter) => {
            let passes = filter.passes(&Flow);
            let again = Filter::parse(&String::from(filter)).expect("it was a filter");
            assert_eq!(again.passes(&Flow), passes);
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column)),
    }
});
