//! `apitap interfaces`: what can be captured here, and what is missing to do so.

use std::io::{self, Write};

use pcap::{Active, Capture, Device};

use super::CliError;
use crate::capture::LinkType;
use crate::capture::live::host;
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
    writeln!(
        out,
        "{:<16} {:<8} {:<16} {:>10} {:>6}  ADDRESSES",
        "INTERFACE", "STATE", "LINK TYPE", "SPEED", "MTU"
    )?;
    for device in devices.iter().filter(|device| host::is_network(&device.name)) {
        let name = device.name.as_str();
        let speed = host::speed(name).map_or("-".to_owned(), |speed| format!("{speed} Mb/s"));
        let mtu = host::mtu(name).map_or("-".to_owned(), |mtu| mtu.to_string());
        let addresses: Vec<String> =
            device.addresses.iter().map(|address| address.addr.to_string()).collect();
        let addresses = if addresses.is_empty() { "-".to_owned() } else { addresses.join(", ") };
        writeln!(
            out,
            "{name:<16} {:<8} {:<16} {speed:>10} {mtu:>6}  {addresses}",
            state(device),
            link_type(name)
        )?;
    }
    match privileges::raise_net_raw() {
        Ok(()) => writeln!(out, "\nThis process may capture (CAP_NET_RAW)."),
        Err(missing) => writeln!(out, "\nThis process may not capture: {missing}."),
    }?;
    Ok(())
}

fn state(device: &Device) -> &'static str {
    let link = host::carrier(&device.name).unwrap_or(device.flags.is_running());
    match (device.flags.is_up(), link) {
        (true, true) => "up",
        (true, false) => "no link",
        (false, _) => "down",
    }
}

/// What packets of the interface begin with. Only one that may be opened tells.
fn link_type(name: &str) -> String {
    let opened = Capture::from_device(name).and_then(|capture| capture.snaplen(64).open());
    opened.map_or("-".to_owned(), |capture: Capture<Active>| {
        let link = u16::try_from(capture.get_datalink().0).map_or(LinkType(u16::MAX), LinkType);
        let not_read = if link.supported() { "" } else { " (not read)" };
        format!("{}{not_read}", link.name())
    })
}
