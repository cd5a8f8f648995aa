//! The `apitap` program.

use std::process::ExitCode;

/// Records are many small strings: a faster allocator is a tenth of the whole.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    apitap::cli::main()
}
