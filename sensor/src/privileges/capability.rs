//! Capabilities: `CAP_NET_RAW` alone, and only while an interface is being opened.
//!
//! The file capability is `+p`, not `+ep`: a program whose file has `e` does not even start where the capability is
//! outside the bounding set, and reading captures needs none. So the right is raised here.

use std::collections::HashSet;

use caps::{CapSet, Capability};

use super::PrivilegeError;

const NET_RAW: Capability = Capability::CAP_NET_RAW;

/// Makes `CAP_NET_RAW` effective for this thread, as opening an interface needs. No change where it is.
///
/// # Errors
///
/// [`PrivilegeError::NetRaw`] where the process was not given it, with what to do.
pub fn raise_net_raw() -> Result<(), PrivilegeError> {
    let missing = || PrivilegeError::NetRaw { root: super::running_as() == 0 };
    let has = |set| caps::has_cap(None, set, NET_RAW).unwrap_or(false);
    if has(CapSet::Effective) {
        return Ok(());
    }
    if !has(CapSet::Permitted) {
        return Err(missing());
    }
    caps::raise(None, CapSet::Effective, NET_RAW).map_err(|_| missing())
}

/// Takes `CAP_NET_RAW` out of effect for this thread; it can be raised again while it is permitted.
///
/// # Errors
///
/// When the system refuses.
pub fn lower_net_raw() -> Result<(), PrivilegeError> {
    caps::drop(None, CapSet::Effective, NET_RAW)
        .map_err(PrivilegeError::capability("lower CAP_NET_RAW"))
}

/// Runs `open` with `CAP_NET_RAW` in effect for this thread, and only then: for opening an interface again.
///
/// # Errors
///
/// As [`raise_net_raw`] and [`lower_net_raw`]; `open` did not run in the first case.
pub fn with_net_raw<T>(open: impl FnOnce() -> T) -> Result<T, PrivilegeError> {
    raise_net_raw()?;
    let opened = open();
    lower_net_raw()?;
    Ok(opened)
}

/// Empties the ambient, inheritable and bounding sets: nothing could be passed on to another program.
pub(super) fn drop_sets() -> Result<(), PrivilegeError> {
    let cannot = PrivilegeError::capability;
    caps::clear(None, CapSet::Ambient).map_err(cannot("clear the ambient capabilities"))?;
    caps::clear(None, CapSet::Inheritable).map_err(cannot("clear the inheritable capabilities"))?;
    // Only with CAP_SETPCAP, which only root has. Without it the set is of no use: no_new_privs, and no execve.
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP).unwrap_or(false) {
        caps::clear(None, CapSet::Bounding).map_err(cannot("clear the bounding capabilities"))?;
    }
    Ok(())
}

/// Gives away every capability, with `net_raw` all but `CAP_NET_RAW`, which stays permitted but not in effect.
pub(super) fn keep(net_raw: bool) -> Result<(), PrivilegeError> {
    let cannot = PrivilegeError::capability;
    let had = caps::has_cap(None, CapSet::Permitted, NET_RAW).unwrap_or(false);
    let left: HashSet<Capability> = Some(NET_RAW).filter(|_| net_raw && had).into_iter().collect();
    caps::clear(None, CapSet::Effective).map_err(cannot("clear the effective capabilities"))?;
    caps::set(None, CapSet::Permitted, &left).map_err(cannot("drop capabilities"))?;
    let now = caps::read(None, CapSet::Permitted).map_err(cannot("read capabilities"))?;
    if now == left { Ok(()) } else { Err(PrivilegeError::NoEffect { what: "drop capabilities" }) }
}

/// Names of the permitted capabilities, in alphabetical order.
pub(super) fn permitted() -> Result<Vec<String>, PrivilegeError> {
    let set = caps::read(None, CapSet::Permitted)
        .map_err(PrivilegeError::capability("read capabilities"))?;
    let mut names: Vec<String> = set.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    Ok(names)
}
