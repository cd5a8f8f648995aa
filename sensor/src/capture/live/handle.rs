//! An open capture handle: how it is set up, and what goes wrong.

use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use pcap::{Active, Capture, Precision};

use super::config::{Config, Direction, Fanout, Interface};
use super::fanout;
use super::host;
use super::{OpenError, RETIRE_MILLIS, clock};
use crate::capture::LinkType;
use crate::time::Timestamp;

/// An interface that is captured on.
pub(super) struct Handle {
    pub(super) capture: Capture<Active>,
    pub(super) link: LinkType,
    /// The index the kernel gave the interface; 0 for all interfaces at once.
    pub(super) index: u32,
    /// Earlier packets are another thread's. Zero once all of those have been passed over.
    pub(super) since: Timestamp,
    /// libpcap's drop counters as they were read last; they go on from 0 again behind 2^32.
    pub(super) dropped: u32,
    pub(super) interface_dropped: u32,
}

/// The fanout group of one interface's threads.
#[derive(Default)]
pub(super) struct Group(Mutex<Membership>);

#[derive(Default)]
struct Membership {
    /// Number of the group, and index of the interface it is on.
    group: Option<(u16, u32)>,
    members: u32,
}

/// Why an interface cannot be opened now.
pub(super) enum Refusal {
    /// It may come (back): absent or down.
    Away(String),
    /// It will not get better by waiting.
    Error(OpenError),
}

impl Refusal {
    /// One line.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Away(why) => why.clone(),
            Self::Error(error) => error.to_string(),
        }
    }
}

impl Handle {
    /// Opens `interface` as `config` says; with several threads, as one of `group`.
    pub(super) fn open(
        config: &Config,
        interface: &Interface,
        group: &Group,
    ) -> Result<Self, Refusal> {
        let name = interface.name();
        let mib = i32::try_from(config.buffer_mebibytes.get()).unwrap_or(i32::MAX);
        let snaplen = i32::try_from(config.snaplen_bytes.get()).unwrap_or(i32::MAX);
        let capture = Capture::from_device(name)
            .and_then(|capture| {
                capture
                    .snaplen(snaplen)
                    .buffer_size(mib.saturating_mul(1 << 20))
                    // All interfaces at once have no promiscuous mode.
                    .promisc(config.promiscuous && name != Interface::ANY)
                    .timeout(RETIRE_MILLIS)
                    .immediate_mode(false)
                    .precision(Precision::Nano)
                    .open()
            })
            .map_err(|error| refusal(name, &error))?;
        let other = |error: &pcap::Error| other(name, error);
        let mut capture = capture.setnonblock().map_err(|error| other(&error))?;
        if !config.filter.is_empty() {
            filter(&mut capture, &config.filter).map_err(Refusal::Error)?;
        }
        let direction = match config.direction {
            Direction::Both => None,
            Direction::In => Some(pcap::Direction::In),
            Direction::Out => Some(pcap::Direction::Out),
        };
        if let Some(direction) = direction {
            capture.direction(direction).map_err(|error| other(&error))?;
        }
        let link = link(&capture, name)?;
        let index = host::index(&capture, name).unwrap_or(0);
        let mut since = Timestamp::ZERO;
        if config.threads.get() > 1 {
            group.join(&capture, index, config.fanout).map_err(|error| {
                let name = name.to_owned();
                Refusal::Error(OpenError::Fanout { name, message: error.to_string() })
            })?;
            since = clock::wall();
        }
        Ok(Self { capture, link, index, since, dropped: 0, interface_dropped: 0 })
    }

    /// Replaces the filter; when libpcap refuses the new one, the old one stays.
    pub(super) fn set_filter(&mut self, to: &str) -> Result<(), OpenError> {
        filter(&mut self.capture, to)
    }
}

fn filter(capture: &mut Capture<Active>, filter: &str) -> Result<(), OpenError> {
    let refused = |error: pcap::Error| OpenError::Filter {
        filter: filter.to_owned(),
        message: error.to_string(),
    };
    capture.filter(filter, true).map_err(refused)
}

impl Group {
    /// A socket alone in its group gets every packet, so the first thread misses nothing while others join.
    fn join(&self, capture: &Capture<Active>, index: u32, how: Fanout) -> std::io::Result<()> {
        let mut membership = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A group belongs to the interface it began on, also when that one is gone and has a successor.
        let known = membership.group.filter(|(_, of)| *of == index).map(|(number, _)| number);
        let number = fanout::join(capture.as_fd(), how, known)?;
        if known.is_none() {
            *membership = Membership { group: Some((number, index)), members: 0 };
        }
        membership.members = membership.members.saturating_add(1);
        Ok(())
    }

    /// Notes that a thread closed its handle on the interface with this index. A group without members is no longer
    /// ours: its number may be given to another program.
    pub(super) fn leave(&self, index: u32) {
        let mut membership = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if membership.group.is_some_and(|(_, of)| of == index) {
            membership.members = membership.members.saturating_sub(1);
            if membership.members == 0 {
                membership.group = None;
            }
        }
    }
}

/// The link type, by its number in files: the same as libpcap's but for raw IP.
fn link(capture: &Capture<Active>, name: &str) -> Result<LinkType, Refusal> {
    let number = capture.get_datalink().0;
    let link = u16::try_from(number).map_or(LinkType(u16::MAX), LinkType);
    if link.supported() {
        return Ok(link);
    }
    Err(Refusal::Error(OpenError::Link { name: name.to_owned(), number, link: link.name() }))
}

fn other(name: &str, error: &pcap::Error) -> Refusal {
    Refusal::Error(OpenError::Other { name: name.to_owned(), message: error.to_string() })
}

/// What libpcap's message means. It has codes for this, but the Rust crate keeps only the text.
fn refusal(name: &str, error: &pcap::Error) -> Refusal {
    let message = error.to_string();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if has(&["permission", "not permitted", "ermission denied"]) {
        Refusal::Error(OpenError::Permission { name: name.to_owned() })
    } else if has(&["No such device", "doesn't exist", "disappeared"]) {
        Refusal::Away("there is no such interface".to_owned())
    } else if has(&["not up", "went down", "Network is down"]) {
        Refusal::Away("the interface is down; ip link set dev … up".to_owned())
    } else {
        other(name, error)
    }
}
