//! Becoming another user.

use rustix::process::{Gid, Uid};
use rustix::thread;

use super::PrivilegeError;

/// A user to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

/// The user `name`; `None` for an empty name.
pub(super) fn named(name: &str) -> Result<Option<User>, PrivilegeError> {
    if name.is_empty() {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = find(&passwd, name);
    user.map(Some).ok_or_else(|| PrivilegeError::NoSuchUser { user: name.to_owned() })
}

/// Becomes `name`, keeping the permitted capabilities; no change for an empty name or the user it already is.
pub(super) fn switch(name: &str) -> Result<(), PrivilegeError> {
    let Some(user) = named(name)? else { return Ok(()) };
    let running_as = super::running_as();
    if running_as == user.uid {
        return Ok(());
    }
    if running_as != 0 {
        return Err(PrivilegeError::NotRoot { user: name.to_owned(), running_as });
    }
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    become_user(uid, gid)
        .map_err(|error| PrivilegeError::system("change to privileges.user", error.into()))?;
    // The way back must be closed.
    let back = thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).is_ok();
    let changed = rustix::process::getuid() == uid && rustix::process::getgid() == gid;
    if back || !changed || rustix::process::geteuid() != uid {
        return Err(PrivilegeError::NoEffect { what: "change to privileges.user" });
    }
    Ok(())
}

fn become_user(uid: Uid, gid: Gid) -> rustix::io::Result<()> {
    thread::set_keep_capabilities(true)?;
    thread::set_thread_groups(&[gid])?;
    thread::set_thread_res_gid(gid, gid, gid)?;
    thread::set_thread_res_uid(uid, uid, uid)?;
    // Leaving user 0 took every capability out of effect, CAP_SETUID with them: the check below cannot go back.
    thread::set_keep_capabilities(false)
}

/// The user called `name`, or with that number, of the text of a passwd(5) file. A number needs no entry: its group is then
/// the same number. Never root.
fn find(passwd: &str, name: &str) -> Option<User> {
    let number = name.parse::<u32>().ok();
    let listed = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let login = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (login == name || number == Some(uid)).then_some(User { uid, gid })
    });
    // -1 means "no change" to the system.
    listed
        .or(number.map(|uid| User { uid, gid: uid }))
        .filter(|user| user.uid != 0 && user.uid != u32::MAX && user.gid != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nbroken\nx:y\nsensor:x:990:991::/:/usr/sbin/nologin\n";

    #[test]
    fn users_are_found_by_name_and_number() {
        let sensor = Some(User { uid: 990, gid: 991 });
        assert_eq!(find(PASSWD, "sensor"), sensor);
        assert_eq!(find(PASSWD, "990"), sensor);
        assert_eq!(find(PASSWD, "65532"), Some(User { uid: 65532, gid: 65532 }));
    }

    #[test]
    fn root_is_no_user_to_become() {
        for name in ["root", "0", "nobody-here", "4294967295", "-1", ""] {
            assert_eq!(find(PASSWD, name), None, "{name}");
        }
    }
}
