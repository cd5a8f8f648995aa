//! `apitap interfaces`: what can be captured here, and what is missing to do so.

use std::io::{self, Write};

use pcap::{ConnectionStatus, Device};

use super::CliError;
use crate::privileges;

/// Prints a table of interfaces, then whether this process may capture on them.
///
/// # Errors
///
/// When the system does not say which interfaces there are.
pub fn run() -> Result<(), CliError> {
    let devices = Device::list()
        .map_err(|error| CliError::failed(format_args!("cannot list interfaces: {error}")))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{:<16} {:<8} {:<12} ADDRESSES", "INTERFACE", "STATE", "LINK")?;
    for device in devices.iter().filter(|device| is_network(device)) {
        let state = match (device.flags.is_up(), device.flags.is_running()) {
            (true, true) => "up",
            (true, false) => "no link",
            (false, _) => "down",
        };
        let link = match device.flags.connection_status {
            ConnectionStatus::Connected => "connected",
            ConnectionStatus::Disconnected => "disconnected",
            ConnectionStatus::NotApplicable => "-",
            ConnectionStatus::Unknown => "unknown",
        };
        let addresses: Vec<String> =
            device.addresses.iter().map(|address| address.addr.to_string()).collect();
        let addresses = if addresses.is_empty() { "-".to_owned() } else { addresses.join(", ") };
        writeln!(out, "{:<16} {state:<8} {link:<12} {addresses}", device.name)?;
    }
    match privileges::raise_net_raw() {
        Ok(()) => writeln!(out, "\nThis process may capture (CAP_NET_RAW)."),
        Err(missing) => writeln!(out, "\nThis process may not capture: {missing}."),
    }?;
    Ok(())
}

/// libpcap also lists USB, D-Bus, Bluetooth and netfilter pseudo-devices, which carry no API calls.
fn is_network(device: &Device) -> bool {
    !["usbmon", "dbus-", "bluetooth", "nfqueue", "nflog"]
        .iter()
        .any(|pseudo| device.name.starts_with(pseudo))
}
