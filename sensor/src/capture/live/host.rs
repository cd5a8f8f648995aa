//! What the machine tells about its interfaces.

use std::fs;
use std::os::fd::AsFd;

use pcap::{Active, Capture, Device};
use rustix::io::Errno;

use super::config::Interface;

/// Names of the interfaces there are, but for pseudo-devices that carry no network traffic.
#[must_use]
pub fn interfaces() -> Vec<String> {
    let devices = Device::list().unwrap_or_default();
    devices.into_iter().map(|device| device.name).filter(|name| is_network(name)).collect()
}

/// libpcap also lists USB, D-Bus, Bluetooth and netfilter pseudo-devices, which carry no API calls.
#[must_use]
pub fn is_network(name: &str) -> bool {
    let pseudo = ["usbmon", "dbus-", "bluetooth", "nfqueue", "nflog"];
    !pseudo.iter().any(|pseudo| name.starts_with(pseudo))
}

/// Interfaces there are, for a message.
pub(super) fn there() -> String {
    let names = interfaces();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The index of the interface of this name now; `None` when there is none. 0 for all interfaces at once.
pub(super) fn index(capture: &Capture<Active>, name: &str) -> Option<u32> {
    if name == Interface::ANY {
        return Some(0);
    }
    match rustix::net::netdevice::name_to_index(capture.as_fd(), name) {
        Ok(index) => Some(index),
        Err(Errno::NODEV | Errno::NXIO) => None,
        // Not to be known, as under a system call filter: libpcap will notice by itself.
        Err(_) => Some(0),
    }
}

/// Whether the interface has link; `None` when the system does not tell.
#[must_use]
pub fn carrier(name: &str) -> Option<bool> {
    match fs::read_to_string(format!("/sys/class/net/{name}/carrier")) {
        Ok(text) => Some(text.trim() == "1"),
        // Not to be asked of an interface that is down.
        Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Some(false),
        Err(_) => None,
    }
}

/// Speed of the interface in Mbit/s, as its driver tells; `None` when it does not.
#[must_use]
pub fn speed(name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/speed")).ok()?;
    text.trim().parse().ok().filter(|speed| *speed > 0)
}

/// Most bytes of a packet's content on this interface.
#[must_use]
pub fn mtu(name: &str) -> Option<u64> {
    fs::read_to_string(format!("/sys/class/net/{name}/mtu")).ok()?.trim().parse().ok()
}
