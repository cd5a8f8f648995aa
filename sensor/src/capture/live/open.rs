//! Opening every interface of a configuration.

use std::sync::Arc;

use pcap::{Capture, Linktype};

use super::handle::{Group, Handle, Refusal};
use super::{Config, LOOK_PACKETS, Live, OpenError, RETRY, Shared, Table, Tally, clock, host};

/// Most interfaces captured on at once.
const INTERFACES_MAX: usize = 64;

impl Config {
    /// Checks what can be checked without permission to capture: that there are interfaces, and the filter.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration.
    pub fn validate(&self) -> Result<(), OpenError> {
        if self.interfaces.is_empty() {
            return Err(OpenError::NoInterface { there: host::there() });
        }
        if self.interfaces.len() > INTERFACES_MAX {
            let found = self.interfaces.len();
            return Err(OpenError::TooMany { found, max: INTERFACES_MAX });
        }
        for (at, interface) in self.interfaces.iter().enumerate() {
            if self.interfaces.iter().take(at).any(|earlier| earlier == interface) {
                return Err(OpenError::Twice { name: interface.name().to_owned() });
            }
        }
        self.validate_filter()
    }

    /// Checks the filter, as for Ethernet.
    ///
    /// # Errors
    ///
    /// What libpcap finds wrong with it.
    pub fn validate_filter(&self) -> Result<(), OpenError> {
        let compiled = Capture::dead(Linktype::ETHERNET)
            .and_then(|capture| capture.compile(&self.filter, true));
        let refused = |error: pcap::Error| OpenError::Filter {
            filter: self.filter.clone(),
            message: error.to_string(),
        };
        compiled.map(drop).map_err(refused)
    }
}

impl Live {
    /// Opens every interface of `config`: one [`Live`] for each interface and thread, those of an interface together.
    ///
    /// Interfaces that are absent or down are tried again later, as long as one can be captured on now.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be used, capturing is not permitted, or no interface can be captured on.
    pub fn open(config: &Config) -> Result<Vec<Self>, OpenError> {
        config.validate()?;
        let config = Arc::new(config.clone());
        let table = Arc::new(Table::default());
        let mut lives = Vec::new();
        let mut away = Vec::new();
        for interface in &config.interfaces {
            let threads = u32::try_from(config.threads.get()).unwrap_or(1);
            let shared = Arc::new(Shared::new(interface.name(), threads));
            let group = Arc::new(Group::default());
            for thread in 0..threads {
                let place = lives.len();
                let processor = config.processors.iter().cycle().nth(place).map(|p| p.get());
                let mut live = Self {
                    name: interface.clone(),
                    config: Arc::clone(&config),
                    handle: None,
                    group: Arc::clone(&group),
                    shared: Arc::clone(&shared),
                    tally: Tally::default(),
                    table: Arc::clone(&table),
                    interfaces: Vec::new(),
                    interface: 0,
                    first: thread == 0,
                    processor,
                    last_index: 0,
                    retry_at: clock::now(),
                    retry_after: RETRY[0],
                    next_look: clock::now(),
                    packets_until_look: LOOK_PACKETS,
                    dry: false,
                    false_alarms: 0,
                    failed: None,
                    filters: 0,
                };
                match Handle::open(&config, interface, &group) {
                    Ok(handle) => live.take(handle),
                    Err(Refusal::Error(error)) => return Err(error),
                    Err(Refusal::Away(why)) => {
                        if thread == 0 {
                            away.push(format!("'{interface}': {why}"));
                        }
                        live.refused(&why);
                    }
                }
                lives.push(live);
            }
        }
        if lives.iter().all(|live| live.handle.is_none()) {
            return Err(OpenError::NoneUsable { problems: away.join("; "), there: host::there() });
        }
        Ok(lives)
    }
}
