//! The `apitap` program.

use std::process::ExitCode;

/// Records are many small strings: a faster allocator is a tenth of the whole. What is freed is overwritten, whoever
/// held it: traffic stays no longer than it is needed.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<mimalloc::MiMalloc> =
    zeroizing_alloc::ZeroAlloc(mimalloc::MiMalloc);

fn main() -> ExitCode {
    apitap::cli::main()
}
