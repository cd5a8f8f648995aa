//! `PACKET_FANOUT`: the kernel divides one interface's packets among several sockets. libpcap does not know it.
//!
//! The only unsafe code of the program: two socket options that no safe library offers. Both calls get a descriptor that
//! is borrowed, so open, and a pointer to a number that lives as long as the call, with its size.
//!
//! Which flags, and why:
//! - `UNIQUEID`: the kernel picks the group's number. A number of our own could be another program's, and
//!   its group would silently take our packets.
//! - Not `DEFRAG`: it joins IPv4 fragments before the capture; packets would no longer be as on the wire. The hash
//!   takes fragments by their addresses alone, so those of one datagram meet without it.
//! - Not `ROLLOVER`: it hands packets of a full ring to another thread, ahead of all that wait in the ring. Their
//!   connections would be torn for more than what the full ring loses.

#![allow(unsafe_code, reason = "socket options without a safe interface")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::config::Fanout;

/// Size of the option's value, in bytes.
const VALUE_BYTES: libc::socklen_t = 4;

/// Puts the packet socket `fd` into `group`, or into a new one, and returns the group's number.
///
/// # Errors
///
/// When the kernel refuses: no packet socket, another interface's group, or too many sockets in it.
pub(super) fn join(fd: BorrowedFd<'_>, how: Fanout, group: Option<u16>) -> io::Result<u16> {
    let how = match how {
        Fanout::Hash => libc::PACKET_FANOUT_HASH,
        Fanout::Cpu => libc::PACKET_FANOUT_CPU,
    };
    let value = match group {
        Some(group) => u32::from(group) | how << 16,
        None => (how | libc::PACKET_FANOUT_FLAG_UNIQUEID) << 16,
    };
    // SAFETY: `fd` is borrowed, so open; `value` outlives the call and has `VALUE_BYTES` bytes.
    let set = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_FANOUT,
            (&raw const value).cast(),
            VALUE_BYTES,
        )
    };
    if set != 0 {
        return Err(io::Error::last_os_error());
    }
    group.map_or_else(|| number(fd), Ok)
}

/// The number of the group that the packet socket `fd` is in.
fn number(fd: BorrowedFd<'_>) -> io::Result<u16> {
    let mut value = 0_u32;
    let mut len = VALUE_BYTES;
    // SAFETY: `fd` is borrowed, so open; `value` and `len` outlive the call, and `len` is the size of `value`.
    let got = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_FANOUT,
            (&raw mut value).cast(),
            &raw mut len,
        )
    };
    if got != 0 {
        return Err(io::Error::last_os_error());
    }
    let [low, high, ..] = value.to_le_bytes();
    Ok(u16::from_le_bytes([low, high]))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn other_sockets_are_refused() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(join(socket.as_fd(), Fanout::Hash, None).is_err());
        assert!(number(socket.as_fd()).is_err());
    }
}
