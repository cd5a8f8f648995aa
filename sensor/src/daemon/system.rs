//! What the system says of this process: memory, descriptors, threads.

use std::fs;
use std::path::Path;

/// Resident memory of this process's own, in bytes; 0 where `/proc` does not tell.
///
/// What is mapped of files is left out, as control groups do: the kernel's capture buffers, which are of a fixed size and count as
/// such, and the program itself.
#[must_use]
pub fn resident_bytes() -> u64 {
    // Not `statm`: its pages take the page size, which cannot be asked for once the process is confined.
    own_bytes(&fs::read_to_string("/proc/self/status").unwrap_or_default())
}

fn own_bytes(status: &str) -> u64 {
    let kibibytes = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim_end().parse().ok()
    };
    let own = kibibytes("RssAnon:")
        .map(|private| private.saturating_add(kibibytes("RssShmem:").unwrap_or(0)));
    own.or_else(|| kibibytes("VmRSS:")).unwrap_or(0).saturating_mul(1024)
}

/// Keeps the kernel from giving this process memory in pages of 2 MiB: an allocator's ranges are used here and there, and the
/// kernel would go on for minutes to fill what lies between with zeros.
///
/// # Errors
///
/// When the kernel refuses.
pub fn no_huge_pages() -> std::io::Result<()> {
    Ok(rustix::thread::disable_transparent_huge_pages(true)?)
}

/// Descriptors open; 0 where `/proc` does not tell.
#[must_use]
pub fn descriptors() -> u64 {
    entries("/proc/self/fd")
}

/// Threads running; 0 where `/proc` does not tell.
#[must_use]
pub fn threads() -> u64 {
    entries("/proc/self/task")
}

/// The memory limit of the control group (version 2, or 1), in bytes, if there is one.
#[must_use]
pub fn memory_limit() -> Option<u64> {
    let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = group.lines().find_map(|line| line.strip_prefix("0::"));
    let own = own.map(|path| {
        Path::new("/sys/fs/cgroup").join(path.trim_start_matches('/')).join("memory.max")
    });
    let limits = own.into_iter().chain([
        "/sys/fs/cgroup/memory.max".into(),
        "/sys/fs/cgroup/memory/memory.limit_in_bytes".into(),
    ]);
    // "max", or a number no machine has, is no limit.
    limits
        .filter_map(|path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok())
        .find(|limit| *limit < 1 << 60)
}

fn entries(folder: &str) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| number(entries.count()))
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_the_kernel_are_not_the_process_s_own() {
        let status = "VmRSS:\t   94604 kB\nRssAnon:\t   10524 kB\nRssFile:\t   84080 kB\nRssShmem:\t     16 kB\n";
        assert_eq!(own_bytes(status), 10_540 << 10);
        // Before Linux 4.5.
        assert_eq!(own_bytes("VmHWM:\t  9 kB\nVmRSS:\t  7 kB\n"), 7 << 10);
        assert_eq!(own_bytes(""), 0);
    }

    #[test]
    fn this_process_is_described() {
        assert!(resident_bytes() > 1 << 20);
        assert!(threads() >= 1 && descriptors() >= 3);
        let before = descriptors();
        let _file = fs::File::open("/dev/null").unwrap();
        // Other tests open and close files too.
        assert!(descriptors().abs_diff(before) < 50);
    }
}
