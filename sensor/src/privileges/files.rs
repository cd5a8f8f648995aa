//! Landlock: which files the process may still open.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope, make_bitflags,
};

use super::Paths;

/// The newest interface whose rights were looked at here. Older kernels enforce what they know of it; newer ones no more.
const ABI_MAX: ABI = ABI::V6;

/// Read by libraries at any time. A rule for a directory goes on holding when a file in it is replaced; one for the
/// file does not, since it is tied to the inode. So `/etc` is here as a whole: `/etc/resolv.conf` is replaced by
/// renaming, and file modes go on guarding what is secret there.
const SYSTEM: [&str; 26] = [
    // Name resolution, certificates, time zones, libraries loaded on demand.
    "/etc",
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/run/systemd/resolve",
    "/run/systemd/machines",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/run/connman",
    "/run/nscd",
    "/var/cache/nscd",
    "/var/run/secrets/kubernetes.io",
    // Devices without state.
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    // What the process and its host are: memory, processors, limits, interfaces.
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/sys/class/net",
    "/sys/devices",
    "/sys/fs/cgroup",
    "/sys/kernel/mm",
];

/// Files below `/proc` get another inode when the system forgets and finds them again; open ones are not forgotten.
static HELD: Mutex<Vec<PathFd>> = Mutex::new(Vec::new());

/// Rights below a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    Read,
    /// Making, changing and removing files, directories and sockets as well.
    Write,
    /// Reading and writing of existing files.
    Change,
}

/// Closes everything that is not in `paths` or a known need; says what is in force.
pub(super) fn restrict(paths: &Paths) -> String {
    match build(paths).and_then(RulesetCreated::restrict_self) {
        Ok(status) => describe(&status),
        Err(error) => format!("failed: {error}"),
    }
}

fn describe(status: &RestrictionStatus) -> String {
    let abi = match status.landlock {
        LandlockStatus::NotEnabled => return "not enabled in this kernel".to_owned(),
        LandlockStatus::NotImplemented => return "not supported by this kernel".to_owned(),
        LandlockStatus::Available { effective_abi, kernel_abi } => {
            kernel_abi.unwrap_or(effective_abi as i32)
        }
    };
    match status.ruleset {
        RulesetStatus::FullyEnforced => format!("enforced (ABI {abi})"),
        RulesetStatus::PartiallyEnforced => format!("enforced in part (ABI {abi})"),
        RulesetStatus::NotEnforced => format!("not enforced (ABI {abi})"),
    }
}

fn build(paths: &Paths) -> Result<RulesetCreated, RulesetError> {
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI_MAX))?
        .handle_access(AccessNet::BindTcp)?
        .scope(Scope::Signal)?
        .create()?;
    for (path, right) in rules(paths, &|path| path.is_dir()) {
        // What is not there cannot be opened either.
        let Ok(file) = PathFd::new(&path) else { continue };
        let rights = if path.is_dir() {
            rights(right)
        } else {
            rights(right) & AccessFs::from_file(ABI_MAX)
        };
        ruleset = ruleset.add_rule(PathBeneath::new(&file, rights))?;
        if path.starts_with("/proc")
            && let Ok(mut held) = HELD.lock()
        {
            held.push(file);
        }
    }
    for port in &paths.listen {
        ruleset = ruleset.add_rule(NetPort::new(*port, AccessNet::BindTcp))?;
    }
    Ok(ruleset)
}

fn rights(right: Right) -> BitFlags<AccessFs> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let change = make_bitflags!(AccessFs::{WriteFile | Truncate});
    let make =
        make_bitflags!(AccessFs::{MakeReg | MakeDir | MakeSock | RemoveFile | RemoveDir | Refer});
    match right {
        Right::Read => read,
        Right::Change => read | change,
        Right::Write => read | change | make,
    }
}

/// Every path with the right below it.
fn rules(paths: &Paths, is_directory: &dyn Fn(&Path) -> bool) -> BTreeSet<(PathBuf, Right)> {
    let mut rules: BTreeSet<(PathBuf, Right)> =
        SYSTEM.iter().map(|path| (PathBuf::from(path), Right::Read)).collect();
    rules.insert(("/dev/null".into(), Right::Change));
    for path in &paths.read {
        rules.insert((path.clone(), Right::Read));
        if !is_directory(path)
            && let Some(parent) = parent(path)
            && is_narrow(&parent)
        {
            rules.insert((parent, Right::Read));
        }
    }
    for path in &paths.write {
        let directory = if is_directory(path) { Some(path.clone()) } else { parent(path) };
        rules.extend(directory.map(|path| (path, Right::Write)));
        if !is_directory(path) {
            rules.insert((path.clone(), Right::Change));
        }
    }
    rules
}

/// The directory a path is in.
fn parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() })
}

/// Whether a directory is somebody's on purpose: not the root, not directly below it, nobody's home.
fn is_narrow(directory: &Path) -> bool {
    let mut names = directory.components().filter(|part| matches!(part, Component::Normal(_)));
    let first = names.next();
    let depth = names.count();
    let home = first.is_some_and(|name| name.as_os_str() == "home");
    directory.is_absolute() && depth >= if home { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_of(read: &[&str], write: &[&str]) -> BTreeSet<(PathBuf, Right)> {
        let owned = |paths: &[&str]| paths.iter().map(PathBuf::from).collect();
        let paths = Paths { read: owned(read), write: owned(write), listen: Vec::new() };
        // As in these tests: names with a dot are files.
        rules(&paths, &|path| path.extension().is_none())
    }

    fn has(rules: &BTreeSet<(PathBuf, Right)>, path: &str, right: Right) -> bool {
        rules.contains(&(PathBuf::from(path), right))
    }

    #[test]
    fn files_read_may_be_replaced_where_their_directory_is_their_own() {
        let rules =
            rules_of(&["/etc/apitap/apitap.toml", "/key.txt", "/home/me/a.key", "k.key"], &[]);
        assert!(has(&rules, "/etc/apitap/apitap.toml", Right::Read));
        assert!(has(&rules, "/etc/apitap", Right::Read));
        assert!(has(&rules, "/key.txt", Right::Read) && has(&rules, "k.key", Right::Read));
        for wide in ["/", "/home/me", "/home", "."] {
            assert!(!has(&rules, wide, Right::Read), "{wide}");
        }
    }

    #[test]
    fn a_file_written_is_rotated_in_its_directory() {
        let rules = rules_of(&[], &["/var/lib/apitap/spool", "/srv/out/calls.jsonl", "o.jsonl"]);
        assert!(has(&rules, "/var/lib/apitap/spool", Right::Write));
        assert!(has(&rules, "/srv/out", Right::Write) && has(&rules, ".", Right::Write));
        assert!(!has(&rules, "/var/lib/apitap", Right::Write));
    }

    #[test]
    fn nothing_may_be_executed() {
        for right in [Right::Read, Right::Change, Right::Write] {
            assert!(!rights(right).contains(AccessFs::Execute));
        }
    }
}
