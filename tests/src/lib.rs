//! End-to-end tests of apitap: what they share.
//!
//! The tests run the program itself and judge what comes out, so they know its command line and its record
//! schema, and nothing of its inside. The watch of Kubernetes is tested as a library, and `feed` stands in for a
//! capture that never ends.

pub mod browser;
pub mod corpus;
pub mod daemon;
pub mod fake_api;
pub mod feed;
pub mod kafka;
pub mod lab;
pub mod mirror;
pub mod netns;
pub mod oracle;
pub mod pcap;
pub mod plant;
pub mod records;
pub mod run;
pub mod simulate;
pub mod traffic;

use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests folder has a parent").to_path_buf()
}

/// A file of the repository, by its path from the root.
#[must_use]
pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The capture of a case: `input.pcap`, `input.pcapng`, compressed or not.
#[must_use]
pub fn input(case: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(case).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut inputs = files
        .filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with("input.pcap")));
    inputs.next()
}

/// Whether expected results are to be rewritten (`UPDATE=1`).
#[must_use]
pub fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// Says that a test, or a part of one, did not run, and why.
pub fn skip(what: &str, why: &str) {
    println!("SKIPPED {what}: {why}");
}
