//! Thinning of sessions that cannot be read: of those that are alike, two records an hour.
//!
//! A link full of TLS must not fill Kafka with it. Of each client, server, server name and JA4 the first session
//! of an hour is written at once; the others wait, and the last of them is written at the hour's end in place of
//! all, with their number as its weight and the sum of their bytes. An hour begins with its first session.

use std::time::{Duration, Instant};

use hashbrown::HashMap;

use crate::record::Record;
use crate::tls::Sessions as Which;

/// Kinds of session remembered; sessions of further ones are all written.
const ALIKE_MAX: usize = 8192;
/// Time in which sessions that are alike are one record.
const HOUR: Duration = Duration::from_secs(3600);
/// How often it is looked for hours that have ended.
const LOOK: Duration = Duration::from_secs(10);

/// Holds sessions back.
pub(super) struct Sessions {
    on: bool,
    alike: HashMap<u64, Alike>,
    looked: Option<Instant>,
}

/// Sessions that are alike.
struct Alike {
    since: Instant,
    /// The last that waits.
    held: Option<Record>,
    /// How many it stands for.
    weight: u32,
    /// Bytes of all, of the client and of the server.
    bytes: [u64; 2],
}

impl Sessions {
    pub(super) fn new(which: Which) -> Self {
        Self { on: which == Which::New, alike: HashMap::new(), looked: None }
    }

    /// Takes a record, and gives back what is to be written now: nothing of a session that waits for its hour's end.
    pub(super) fn push(&mut self, record: Record, now: Instant) -> Option<Record> {
        let Some((alike, bytes)) = record.session().filter(|_| self.on) else {
            return Some(record);
        };
        let full = self.alike.len() >= ALIKE_MAX;
        match self.alike.get_mut(&alike) {
            Some(known) => {
                known.weight = known.weight.saturating_add(1);
                for (sum, more) in known.bytes.iter_mut().zip(bytes) {
                    *sum = sum.saturating_add(more);
                }
                known.held = Some(record);
                None
            }
            None if full => Some(record),
            None => {
                let first = Alike { since: now, held: None, weight: 0, bytes: [0; 2] };
                self.alike.insert(alike, first);
                Some(record)
            }
        }
    }

    /// Gives the records that have waited long enough; with `all`, all that wait.
    pub(super) fn due(&mut self, now: Instant, all: bool) -> Vec<Record> {
        let early = self.looked.is_some_and(|looked| now.duration_since(looked) < LOOK);
        if early && !all {
            return Vec::new();
        }
        self.looked = Some(now);
        let mut due = Vec::new();
        self.alike.retain(|_, alike| {
            let over = all || now.duration_since(alike.since) >= HOUR;
            if let Some(mut record) = alike.held.take_if(|_| over) {
                record.weigh(alike.weight);
                record.set_session_bytes(alike.bytes);
                due.push(record);
            }
            !over
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn push(sessions: &mut Sessions, alike: u64, now: Instant) -> bool {
        let record = sample::session(alike, [10, 200]);
        sessions.push(record, now).is_some()
    }

    #[test]
    fn the_first_is_written_and_the_others_wait() {
        let (mut sessions, now) = (Sessions::new(Which::New), Instant::now());
        let written: Vec<bool> =
            [1, 1, 2, 1].iter().map(|alike| push(&mut sessions, *alike, now)).collect();
        assert_eq!(written, [true, false, true, false]);
        assert!(sessions.due(now + HOUR / 2, false).is_empty());
        let due = sessions.due(now + HOUR, false);
        assert_eq!(due.len(), 1);
        let mut record = due.into_iter().next().unwrap();
        record.stamp(9);
        let message = record.message();
        let session = message.encrypted_session.as_ref().unwrap();
        assert_eq!(
            (message.sample_weight, session.client_bytes, session.server_bytes),
            (2, 20, 400)
        );
        assert!(!session.server_name.is_empty(), "what was there stays");
        assert!(push(&mut sessions, 1, now + HOUR), "a new hour");
    }

    #[test]
    fn kinds_are_bounded_and_nothing_waits_at_the_end() {
        let (mut sessions, now) = (Sessions::new(Which::New), Instant::now());
        let kinds = u64::try_from(ALIKE_MAX).unwrap();
        let written = (0..kinds + 5).filter(|alike| push(&mut sessions, *alike, now)).count();
        assert_eq!(written, ALIKE_MAX + 5, "nothing is left out for want of room");
        assert!(!push(&mut sessions, 3, now));
        assert_eq!((sessions.due(now, true).len(), sessions.alike.len()), (1, 0));
    }

    #[test]
    fn all_are_written_when_asked_for() {
        let (mut sessions, now) = (Sessions::new(Which::All), Instant::now());
        assert!((0..9).all(|_| push(&mut sessions, 1, now)));
    }
}
