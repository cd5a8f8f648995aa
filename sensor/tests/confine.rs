//! `privileges::confine` as the daemon calls it: on the only thread of a process. Hence without the test harness, which has threads.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test, though without the harness that says so"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use apitap::privileges::{Config, Paths, PrivilegeError, confine, no_core_dumps, raise_net_raw};

fn main() {
    // Not a temporary directory: afterwards this process could not remove it.
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("confine");
    let (outside, spool) = (directory.join("outside"), directory.join("spool"));
    fs::create_dir_all(&spool).unwrap();
    fs::write(&outside, "text").unwrap();

    no_core_dumps().unwrap();
    let raised = raise_net_raw();
    if let Err(error) = &raised {
        assert!(matches!(error, PrivilegeError::NetRaw { .. }), "{error}");
        println!("SKIPPED keeping CAP_NET_RAW: {error}");
    }
    let paths = Paths { write: vec![spool.clone()], ..Paths::default() };
    let state = confine(&Config::default(), &paths).unwrap();
    assert_eq!(state.capabilities.join(" "), if raised.is_ok() { "CAP_NET_RAW" } else { "" });
    assert!(state.no_new_privileges && !state.core_dumps, "{state:?}");

    // What starts later has no more rights.
    let landlock = state.landlock.starts_with("enforced");
    let seccomp = state.seccomp.starts_with("enforced");
    std::thread::spawn(move || {
        fs::write(spool.join("segment"), "x").unwrap();
        if landlock {
            assert!(fs::read(&outside).is_err(), "a file outside is open");
        } else {
            println!("SKIPPED files: Landlock is {}", state.landlock);
        }
        if seccomp {
            assert!(Command::new("/bin/true").status().is_err(), "a program starts");
        } else {
            println!("SKIPPED system calls: seccomp is {}", state.seccomp);
        }
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        assert!(status.contains("\nCapEff:\t0000000000000000\n"), "{status}");
        assert!(status.contains("\nNoNewPrivs:\t1\n"), "{status}");
    })
    .join()
    .unwrap();
    println!("1 passed, 0 failed");
}
