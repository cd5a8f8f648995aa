//! A sensor on mirrored traffic between a client and nginx.

use std::fs;
use std::ops::Range;
use std::time::Duration;

use serde_json::Value;

use crate::daemon::{Daemon, Home};
use crate::kafka::Broker;
use crate::mirror::{Mirror, Through};
use crate::netns::Running;
use crate::run::installed;
use crate::traffic::{self, LOCATIONS};
use crate::{records, skip};

/// The client, the server with nginx on it, and the sensor's home.
pub struct Lab {
    /// The three hosts.
    pub mirror: Mirror,
    /// What the sensor needs, and leaves.
    pub home: Home,
    _nginx: Running,
}

impl Lab {
    /// Sets all up; `None`, when something is missing here (then it was said that `test` is skipped).
    ///
    /// # Panics
    ///
    /// If setting up fails.
    #[must_use]
    pub fn new(test: &str, through: Through) -> Option<Self> {
        Self::with(test, through, "")
    }

    /// The same, with more locations on nginx, as its configuration takes them.
    ///
    /// # Panics
    ///
    /// If setting up fails.
    #[must_use]
    pub fn with(test: &str, through: Through, locations: &str) -> Option<Self> {
        let mirror = Mirror::new(test, through)?;
        let home = Home::new();
        let Some(nginx) = mirror.nginx(home.path(), &format!("{LOCATIONS} {locations}")) else {
            skip(test, "nginx is not installed");
            return None;
        };
        Some(Self { mirror, home, _nginx: nginx })
    }

    /// Starts the sensor.
    ///
    /// # Panics
    ///
    /// If it does not capture.
    #[must_use]
    pub fn start(&self) -> Daemon {
        self.home.start(&self.mirror.sensor)
    }

    /// Makes the calls `numbers`, one after the other.
    ///
    /// # Panics
    ///
    /// If the server does not answer them.
    pub fn calls(&self, numbers: Range<u32>) {
        self.mirror.client.within(move || traffic::calls(numbers, Duration::ZERO));
    }

    /// Records in the file that the sensor wrote: `records.jsonl`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        records::lines(&fs::read(self.home.file("records.jsonl")).expect("records"))
    }
}

/// The broker, or a word on why there is none; with `APITAP_KAFKA=required` there must be one.
///
/// # Panics
///
/// If there is none although there must.
#[must_use]
pub fn broker(test: &str) -> Option<&'static Broker> {
    let why = match Broker::shared() {
        Ok(broker) if installed("kcat") => return Some(broker),
        Ok(_) => "kcat is missing: install kcat".to_owned(),
        Err(why) => why,
    };
    assert!(std::env::var("APITAP_KAFKA").as_deref() != Ok("required"), "no Kafka broker: {why}");
    skip(test, &why);
    None
}

/// Nothing was lost on the way to the sensor or in it, and the books close.
///
/// # Panics
///
/// If not.
pub fn nothing_lost(status: &Value) {
    assert_eq!(status["accounting"]["difference"], 0, "{status}");
    assert_eq!(status["interfaces"][0]["kernel_dropped"], 0, "{status}");
    let overload = &status["metrics"]["overload"]["queue_dropped"];
    assert_eq!((&overload["segments"], &overload["records"]), (&0.into(), &0.into()), "{overload}");
}

/// Settings for `topic` of a broker, by way of a spool.
#[must_use]
pub fn to_kafka(broker: &Broker, topic: &str) -> String {
    format!(
        "output.kafka.brokers = '{}'\noutput.kafka.topic = '{topic}'\n\
         output.kafka.spool.directory = '{{home}}/spool'\n\
         output.kafka.spool.disk_free_bytes_min = 0\n",
        broker.address
    )
}
