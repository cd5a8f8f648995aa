//! Live capture: packets from network interfaces, by libpcap.
//!
//! ```text
//! [capture] ─▶ Live::open ─▶ one Live per interface and thread ─next()─▶ Packet, or Idle
//!                                     └─ Shared: counters of the interface
//! ```
//!
//! Invariants:
//! - [`Live::next`] returns within about 100 ms and never fails: an interface that goes away is retried until
//!   it is back; that is said once and counted.
//! - [`Packet::interface`] means the same interface for every [`Live`]: all share one list, which only grows.
//! - Counters only grow, also over a reopening.
//! - The packet path makes no system call while packets wait in the ring it shares with the kernel.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::file::Interface;
use super::{LinkType, Packet};
use crate::privileges;
use crate::time::Timestamp;

mod advice;
mod clock;
mod config;
mod error;
mod fanout;
mod handle;
pub mod host;
mod open;
mod status;

pub use advice::{Advice, advice};
pub use config::{BadName, Config, Direction, Fanout, Interface as InterfaceName};
pub use error::OpenError;
pub use status::{Shared, Status};

use handle::{Group, Handle};
use status::{SUPER_FRAME_BYTES, Tally};

/// Time after which the kernel hands over a buffer block that is not full, in milliseconds.
const RETIRE_MILLIS: i32 = 100;
/// Longest wait of [`Live::next`].
const WAIT: Duration = Duration::from_millis(100);
/// Packets this old have been handed over, when none wait: the kernel's timer, and as much again for its being late.
const LAG: Duration = Duration::from_millis(200);
/// Packets between looks at the clock.
const LOOK_PACKETS: u32 = 512;
/// Time between looks at the kernel's counters and the interface.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Wait before an interface is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// Times the kernel may announce packets that are none before it is asked less often.
const FALSE_ALARMS_MAX: u32 = 64;

/// What a look at an interface brought.
pub enum Event<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// No packet waits. With a time by the wall clock: every packet captured before it has been handed over.
    Idle(Timestamp),
}

/// One capture thread's view of an interface.
pub struct Live {
    name: InterfaceName,
    config: Arc<Config>,
    handle: Option<Handle>,
    group: Arc<Group>,
    shared: Arc<Shared>,
    tally: Tally,
    table: Arc<Table>,
    interfaces: Vec<Interface>,
    /// Where this interface, as it is now, stands in the table.
    interface: u32,
    /// Whether this is the first thread of its interface.
    first: bool,
    processor: Option<u64>,
    /// The index the interface had when it was open last.
    last_index: u32,
    retry_at: Instant,
    retry_after: Duration,
    next_look: Instant,
    packets_until_look: u32,
    /// No packet waited when asked last.
    dry: bool,
    false_alarms: u32,
    failed: Option<String>,
    /// How often the capture filter was changed, as far as this thread followed.
    filters: u64,
}

/// Interfaces of all capture threads, by [`Packet::interface`].
#[derive(Default)]
struct Table(Mutex<Vec<Interface>>);

impl Table {
    /// Where `name` with packets of `link` stands, new at the end if need be, and the table as it is then.
    fn place(&self, name: &str, link: LinkType) -> (u32, Vec<Interface>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.iter().position(|i| i.name == name && i.link == link);
        let place = place.unwrap_or_else(|| {
            known.push(Interface { name: name.to_owned(), link, file: name.into() });
            known.len().saturating_sub(1)
        });
        (u32::try_from(place).unwrap_or(u32::MAX), known.clone())
    }
}

impl Live {
    /// The next packet, or that there is none now. Takes about 100 ms at most; never fails.
    #[allow(clippy::should_implement_trait, reason = "lends from itself, as no iterator can")]
    pub fn next(&mut self) -> Event<'_> {
        if let Some(processor) = self.processor.take() {
            self.pin(processor);
        }
        if self.packets_until_look == 0 {
            self.look();
        }
        if self.handle.is_none() && !self.reopen() {
            return Event::Idle(idle_time());
        }
        if self.dry && !self.wait() {
            self.look();
            return Event::Idle(idle_time());
        }
        self.read()
    }

    /// Counters of this interface, shared by its threads.
    #[must_use]
    pub fn status(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Replaces the capture filter, now and for when the interface is opened again. Packets that wait already are judged
    /// by the new one.
    ///
    /// # Errors
    ///
    /// When libpcap refuses it; then the old one stays in force.
    pub fn set_filter(&mut self, filter: &str) -> Result<(), OpenError> {
        match &mut self.handle {
            Some(handle) => handle.set_filter(filter)?,
            None => Config { filter: filter.to_owned(), ..Config::default() }.validate_filter()?,
        }
        filter.clone_into(&mut Arc::make_mut(&mut self.config).filter);
        Ok(())
    }

    /// Interfaces met so far, by [`Packet::interface`]. One list for all threads: the longest is the newest.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn read(&mut self) -> Event<'_> {
        let Self { handle: Some(handle), tally, .. } = self else {
            return Event::Idle(idle_time());
        };
        match handle.capture.next_packet() {
            Ok(packet) => {
                self.dry = false;
                self.false_alarms = 0;
                self.packets_until_look = self.packets_until_look.saturating_sub(1);
                let header = packet.header;
                let seconds = u64::try_from(header.ts.tv_sec).unwrap_or(0);
                // Nanoseconds, as asked for.
                let nanos = u64::try_from(header.ts.tv_usec).unwrap_or(0);
                let time = Timestamp::new(seconds, nanos);
                if time < handle.since {
                    return Event::Idle(idle_time());
                }
                // Said once: the clock may be set back later.
                handle.since = Timestamp::ZERO;
                tally.received = tally.received.wrapping_add(1);
                tally.received_bytes = tally.received_bytes.wrapping_add(header.caplen.into());
                tally.truncated = tally.truncated.wrapping_add((header.caplen < header.len).into());
                tally.super_frames =
                    tally.super_frames.wrapping_add((header.len > SUPER_FRAME_BYTES).into());
                Event::Packet(Packet {
                    time,
                    link: handle.link,
                    interface: self.interface,
                    original_len: header.len.max(header.caplen),
                    data: packet.data,
                })
            }
            Err(error) => {
                if !matches!(error, pcap::Error::TimeoutExpired) {
                    self.failed = Some(error.to_string());
                }
                handle.since = Timestamp::ZERO;
                // Also where packets come slowly, counters are to be fresh.
                self.packets_until_look = 0;
                if self.dry {
                    self.false_alarms = self.false_alarms.saturating_add(1);
                }
                self.dry = true;
                Event::Idle(idle_time())
            }
        }
    }

    /// Waits until packets are there; `false` when none came.
    fn wait(&mut self) -> bool {
        let Some(handle) = &self.handle else { return false };
        if self.false_alarms > FALSE_ALARMS_MAX {
            thread::sleep(Duration::from_millis(1));
        }
        let timeout = Timespec { tv_sec: 0, tv_nsec: WAIT.subsec_nanos().into() };
        let mut poll = [PollFd::new(&handle.capture, PollFlags::IN)];
        // Interrupted counts as no packet: it is asked again.
        matches!(rustix::event::poll(&mut poll, Some(&timeout)), Ok(ready) if ready > 0)
    }

    /// Publishes what was counted; once a second also asks the kernel what it dropped, and whether the interface is still
    /// there.
    fn look(&mut self) {
        self.packets_until_look = LOOK_PACKETS;
        let now = clock::now();
        let due = now >= self.next_look;
        if due {
            self.next_look = now + LOOK_EVERY;
            self.count_drops();
            self.look_at_interface();
        }
        self.follow_filter();
        self.shared.publish(&mut self.tally);
        if let Some(why) = self.failed.take() {
            self.close(&why);
        }
    }

    /// Goes on with the capture filter as last changed.
    fn follow_filter(&mut self) {
        let filters = self.shared.filters();
        if filters == self.filters {
            return;
        }
        self.filters = filters;
        // libpcap lets nothing pass for a moment while it sets a filter: only a new one is worth that.
        let filter = self.shared.filter();
        if filter == self.config.filter {
            return;
        }
        if let Err(error) = self.set_filter(&filter) {
            tracing::error!(interface = self.name.name(), "the old filter stays in force: {error}");
        }
    }

    fn count_drops(&mut self) {
        let Some(handle) = &mut self.handle else { return };
        if let Ok(stats) = handle.capture.stats() {
            let grown = |last: &mut u32, now: u32| -> u64 {
                now.wrapping_sub(std::mem::replace(last, now)).into()
            };
            let tally = &mut self.tally;
            tally.kernel_dropped =
                tally.kernel_dropped.wrapping_add(grown(&mut handle.dropped, stats.dropped));
            let interface = grown(&mut handle.interface_dropped, stats.if_dropped);
            // Every thread is told the same number: the first one counts.
            if self.first {
                tally.interface_dropped = tally.interface_dropped.wrapping_add(interface);
            }
        }
    }

    fn look_at_interface(&mut self) {
        let Some(handle) = &self.handle else { return };
        match host::index(&handle.capture, self.name.name()) {
            None => self.failed = Some("the interface is gone".to_owned()),
            Some(0) => {}
            Some(index) if index != handle.index => {
                self.failed = Some("the interface was replaced by another".to_owned());
            }
            Some(index) => {
                if let Some(up) = host::carrier(self.name.name()) {
                    self.shared.link(index, up);
                }
            }
        }
    }

    /// Gives the handle up, with a last look at its counters.
    fn close(&mut self, why: &str) {
        self.count_drops();
        self.shared.publish(&mut self.tally);
        if let Some(handle) = self.handle.take() {
            self.last_index = handle.index;
            drop(handle);
            self.group.leave(self.last_index);
        }
        self.shared.gone(self.last_index, why);
        self.retry_after = RETRY[0];
        self.retry_at = clock::now() + self.retry_after;
    }

    /// Tries to open the interface when it is time; `false` while it is not open, after a rest.
    fn reopen(&mut self) -> bool {
        let left = self.retry_at.saturating_duration_since(clock::now());
        if !left.is_zero() {
            thread::sleep(left.min(WAIT));
            return false;
        }
        let opened =
            privileges::with_net_raw(|| Handle::open(&self.config, &self.name, &self.group));
        let opened = match opened {
            Ok(opened) => opened.map_err(|refusal| refusal.message()),
            Err(error) => Err(error.to_string()),
        };
        match opened {
            Ok(handle) => {
                self.take(handle);
                true
            }
            Err(why) => {
                self.refused(&why);
                false
            }
        }
    }

    /// Goes on with a handle just opened.
    fn take(&mut self, handle: Handle) {
        self.last_index = handle.index;
        (self.interface, self.interfaces) = self.table.place(self.name.name(), handle.link);
        self.shared.opened(handle.index);
        self.handle = Some(handle);
        (self.dry, self.false_alarms) = (false, 0);
        self.retry_after = RETRY[0];
        self.next_look = clock::now();
        self.packets_until_look = LOOK_PACKETS;
    }

    /// Notes that the interface could not be opened, and tries later.
    fn refused(&mut self, why: &str) {
        self.shared.gone(self.last_index, why);
        self.retry_at = clock::now() + self.retry_after;
        self.retry_after = self.retry_after.saturating_mul(2).min(RETRY[1]);
    }

    fn pin(&self, processor: u64) {
        let number = usize::try_from(processor).unwrap_or(usize::MAX);
        if let Err(error) = crate::processor::bind(number) {
            tracing::warn!(
                interface = self.name.name(),
                "cannot pin a capture thread to processor {processor}: {error}; see capture.processors"
            );
        }
    }
}

/// No packet waits: those captured before this time have all been handed over.
fn idle_time() -> Timestamp {
    let lag = u64::try_from(LAG.as_nanos()).unwrap_or(0);
    Timestamp::from_nanos(clock::wall().nanos().saturating_sub(lag))
}
