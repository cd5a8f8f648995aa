//! Tokenization keys and their file.
//!
//! ```text
//! apitap-keys 1
//! key k1 2026-01-31 <base64 of 32 octets> until=2026-06-30
//! key k2 2026-05-31 <base64 of 32 octets>
//! ```
//!
//! One line per epoch, oldest first; the last is the one in force. `#` begins a comment line. A line may end with
//! how long the epoch's tokens are still made beside the newer ones: `until=` the last day (UTC), or `retired`.
//! Without either, the setting `overlap_days` counts from the day of the next line. Reading and writing the file,
//! and its mode, are the caller's.

use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::derive;
use crate::time::Timestamp;

const MAGIC: &str = "apitap-keys 1";
/// Most epochs of a file.
const EPOCHS_MAX: usize = 16;
/// Most epochs whose tokens are made beside those of the one in force.
pub(super) const OVERLAPS_MAX: usize = 4;
const DAY_SECONDS: i64 = 86_400;

/// Root keys, by epoch. Zeroed when dropped; no `Debug`, no `Clone`.
pub struct Keys {
    /// Oldest first; never empty.
    epochs: Vec<Epoch>,
}

/// One epoch's root key.
struct Epoch {
    kid: String,
    created: String,
    end: End,
    /// Boxed: what moves is where it is, and leaves no copy behind.
    root: Box<Zeroizing<[u8; 32]>>,
}

/// When an epoch that is no longer in force ends altogether.
#[derive(Clone, PartialEq, Eq)]
enum End {
    /// `overlap_days` after the next epoch began.
    Configured,
    /// With this day, as written and in days since 1970.
    Day(String, i64),
    /// It has.
    Retired,
}

/// An epoch that makes tokens.
pub(super) struct Maker<'a> {
    pub(super) kid: &'a str,
    pub(super) root: &'a [u8],
    /// When it stops doing so; capture time.
    pub(super) end: Timestamp,
}

/// What may be told of an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochFacts {
    /// Key id.
    pub kid: String,
    /// The day it was made, as in the file.
    pub created: String,
    /// What it does now.
    pub state: EpochState,
}

/// What an epoch's key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EpochState {
    /// Makes the tokens.
    InForce,
    /// Makes previous tokens up to and with this day (UTC), `2026-01-31`.
    Overlaps(String),
    /// Makes none; opens spools and reversible tokens of its time.
    Past,
    /// The same, because it was retired.
    Retired,
}

/// Why a key could not be made, read or changed. Never says what was in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key id is not 1 to 8 of `a-z` and `0-9`.
    #[error("{}the key id must be 1 to 8 of a-z and 0-9; rename the key", at(*line))]
    Kid {
        /// Line of the file, from 1; 0 when not read from one.
        line: usize,
    },
    /// A date is none.
    #[error("{}the date of a key must be a day such as 2026-01-31; correct it", at(*line))]
    Created {
        /// Line of the file, from 1; 0 when not read from one.
        line: usize,
    },
    /// What follows the key is neither `until=` with a date nor `retired`.
    #[error("line {line}: after the key only until=2026-01-31 or retired may stand; correct it")]
    End {
        /// Line of the file, from 1.
        line: usize,
    },
    /// The same key id twice.
    #[error("{}this key id is used already; every epoch needs its own", at(*line))]
    Repeated {
        /// Line of the file, from 1; 0 when not read from one.
        line: usize,
    },
    /// A root key is not base64 of 32 octets.
    #[error(
        "line {line}: the key must be 32 octets in base64; restore the file or make a new one with `apitap key new`"
    )]
    Root {
        /// Line of the file, from 1.
        line: usize,
    },
    /// A line is neither a key nor a comment.
    #[error("line {line}: expected `key <id> <date> <base64>` or a comment")]
    Line {
        /// Line of the file, from 1.
        line: usize,
    },
    /// The file does not begin as a key file does.
    #[error("line 1: not a key file of version 1; make one with `apitap key new`")]
    Magic,
    /// The file names no key, or more than 16.
    #[error("the key file must hold 1 to 16 keys; make one with `apitap key new`")]
    Count,
    /// No room for one more.
    #[error(
        "the file holds 16 keys, the most there may be; remove one with `apitap key retire --remove`"
    )]
    Full,
    /// The last key is marked as ended.
    #[error("the last key is the one in force: it may be neither retired nor have an until date")]
    InForce,
    /// There is no key of that name.
    #[error("the file has no key of this id; `apitap key list` names them")]
    Unknown,
    /// The operating system gave no random octets.
    #[error("the operating system gave no random numbers; try again")]
    Random,
}

fn at(line: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}

impl Keys {
    /// A new random key called `kid` (1 to 8 of `a-z`, `0-9`), `created` on this date (`2026-01-31`).
    ///
    /// # Errors
    ///
    /// [`KeyError::Kid`], [`KeyError::Created`] or [`KeyError::Random`].
    pub fn generate(kid: &str, created: &str) -> Result<Self, KeyError> {
        let mut keys = Self { epochs: Vec::with_capacity(EPOCHS_MAX) };
        keys.push(kid, created)?;
        Ok(keys)
    }

    /// A key for one run: its tokens join nothing else.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn ephemeral() -> Result<Self, KeyError> {
        Self::generate("run", "1970-01-01")
    }

    /// Reads a key file.
    ///
    /// # Errors
    ///
    /// What is wrong, and in which line.
    pub fn parse(file: &[u8]) -> Result<Self, KeyError> {
        let file = std::str::from_utf8(file).map_err(|_| KeyError::Magic)?;
        let mut lines = file.lines().zip(1..);
        if lines.next().is_none_or(|(line, _)| line.trim_end() != MAGIC) {
            return Err(KeyError::Magic);
        }
        let mut epochs: Vec<Epoch> = Vec::with_capacity(EPOCHS_MAX);
        for (text, line) in lines {
            let Some(epoch) = read_line(text, line)? else { continue };
            if epochs.iter().any(|e| e.kid == epoch.kid) {
                return Err(KeyError::Repeated { line });
            }
            if epochs.len() == EPOCHS_MAX {
                return Err(KeyError::Count);
            }
            epochs.push(epoch);
        }
        match epochs.last() {
            None => Err(KeyError::Count),
            Some(last) if last.end != End::Configured => Err(KeyError::InForce),
            Some(_) => Ok(Self { epochs }),
        }
    }

    /// The text of the key file, for a file of mode 0600.
    #[must_use]
    pub fn to_file_text(&self) -> Zeroizing<String> {
        // Sized beforehand: a growing string would leave copies of keys behind.
        let mut text = Zeroizing::new(String::with_capacity(192 + self.epochs.len() * 128));
        text.push_str(MAGIC);
        text.push_str(
            "\n# Keep this secret: who has it can reverse tokens. The last key is in force. Written by `apitap key`.\n",
        );
        for Epoch { kid, created, end, root } in &self.epochs {
            let root = Zeroizing::new(STANDARD.encode(root.as_slice()));
            // Writing to a string cannot fail.
            let _ok = write!(text, "key {kid} {created} {}", root.as_str()).is_ok();
            match end {
                End::Configured => {}
                End::Day(day, _) => {
                    text.push_str(" until=");
                    text.push_str(day);
                }
                End::Retired => text.push_str(" retired"),
            }
            text.push('\n');
        }
        text
    }

    /// Adds a new random key, from now on the one in force; gives back its id.
    ///
    /// Without `kid` it is called `k` and a number higher than any so far. `until`: the last day on which the key in
    /// force so far makes previous tokens; without it, the setting `overlap_days` says so.
    ///
    /// # Errors
    ///
    /// When an id or a date is none, the id is used already, or there are 16 keys.
    pub fn add(
        &mut self,
        kid: Option<&str>,
        created: &str,
        until: Option<&str>,
    ) -> Result<&str, KeyError> {
        if self.epochs.len() >= EPOCHS_MAX {
            return Err(KeyError::Full);
        }
        let end = match until {
            Some(day) => End::Day(day.into(), day_of(day).ok_or(KeyError::Created { line: 0 })?),
            None => End::Configured,
        };
        let kid = kid.map_or_else(|| self.next_kid(), str::to_owned);
        if self.epochs.iter().any(|epoch| epoch.kid == kid) {
            return Err(KeyError::Repeated { line: 0 });
        }
        self.push(&kid, created)?;
        if let [.., before, _] = self.epochs.as_mut_slice() {
            before.end = end;
        }
        Ok(self.kid())
    }

    /// Ends an epoch: its key makes no previous tokens any more. Spools and reversible tokens of its time can still be
    /// opened, unless the key is to be `remove`d for good.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unknown`], or [`KeyError::InForce`].
    pub fn retire(&mut self, kid: &str, remove: bool) -> Result<(), KeyError> {
        let position = self.epochs.iter().position(|epoch| epoch.kid == kid);
        let position = position.ok_or(KeyError::Unknown)?;
        if position.saturating_add(1) == self.epochs.len() {
            return Err(KeyError::InForce);
        }
        if remove {
            self.epochs.remove(position);
        } else if let Some(epoch) = self.epochs.get_mut(position) {
            epoch.end = End::Retired;
        }
        Ok(())
    }

    /// What may be told of each epoch, oldest first, under a setting `overlap_days`, at `now`.
    #[must_use]
    pub fn list(&self, overlap_days: u16, now: Timestamp) -> Vec<EpochFacts> {
        let nexts = self.epochs.iter().skip(1).map(Some).chain([None]);
        let facts = self.epochs.iter().zip(nexts).map(|(epoch, next)| {
            let state = match (next, &epoch.end) {
                (None, _) => EpochState::InForce,
                (Some(_), End::Retired) => EpochState::Retired,
                (Some(next), end) => {
                    let last = last_day(end, next, overlap_days);
                    match end_of(last) > now {
                        true => EpochState::Overlaps(date_of(last)),
                        false => EpochState::Past,
                    }
                }
            };
            EpochFacts { kid: epoch.kid.clone(), created: epoch.created.clone(), state }
        });
        facts.collect()
    }

    /// Id of the key in force.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.epochs.last().map_or("", |epoch| &epoch.kid)
    }

    /// Where the root keys are in memory, to be locked there; not what they are.
    pub fn memory(&self) -> impl Iterator<Item = Range<*const u8>> {
        self.epochs.iter().map(|epoch| epoch.root.as_ptr_range())
    }

    /// Keys for another `purpose`, from which neither the root keys nor those of another purpose can be told: id and
    /// key, oldest epoch first (HKDF-SHA-256, RFC 5869).
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Vec<(String, Zeroizing<[u8; 32]>)> {
        let derived = self.epochs.iter().map(|epoch| {
            let root = derive::extract(b"apitap keys v1", epoch.root.as_slice());
            (epoch.kid.clone(), derive::expand(&root, purpose.as_bytes()))
        });
        derived.collect()
    }

    /// The epoch in force, then those that overlap with it, those that do so longest first.
    pub(super) fn makers(&self, overlap_days: u16) -> Vec<Maker<'_>> {
        let mut past: Vec<Maker<'_>> = Vec::new();
        for (epoch, next) in self.epochs.iter().zip(self.epochs.iter().skip(1)) {
            if epoch.end != End::Retired {
                let end = end_of(last_day(&epoch.end, next, overlap_days));
                past.push(Maker { kid: &epoch.kid, root: epoch.root.as_slice(), end });
            }
        }
        // The newest first where days are the same.
        past.reverse();
        past.sort_by_key(|maker| std::cmp::Reverse(maker.end));
        past.truncate(OVERLAPS_MAX);
        let end = Timestamp::from_nanos(u64::MAX);
        let last = self.epochs.last().map(|epoch| Maker {
            kid: &epoch.kid,
            root: epoch.root.as_slice(),
            end,
        });
        last.into_iter().chain(past).collect()
    }

    /// Every epoch that tokens may be of, newest first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.epochs.iter().rev().map(|epoch| (epoch.kid.as_str(), epoch.root.as_slice()))
    }

    fn push(&mut self, kid: &str, created: &str) -> Result<(), KeyError> {
        let mut epoch = epoch(kid, created, 0)?;
        SystemRandom::new().fill(epoch.root.as_mut_slice()).map_err(|_| KeyError::Random)?;
        self.epochs.push(epoch);
        Ok(())
    }

    /// `k` and a number higher than any so far.
    fn next_kid(&self) -> String {
        let numbers = self.epochs.iter().filter_map(|epoch| {
            epoch.kid.strip_prefix('k').and_then(|number| number.parse::<u32>().ok())
        });
        format!("k{}", numbers.max().unwrap_or(0).saturating_add(1))
    }
}

/// The epoch that a line of a key file describes, if it does.
fn read_line(text: &str, line: usize) -> Result<Option<Epoch>, KeyError> {
    let mut words = text.split_ascii_whitespace();
    match words.next() {
        None => return Ok(None),
        Some(word) if word.starts_with('#') => return Ok(None),
        Some("key") => {}
        Some(_) => return Err(KeyError::Line { line }),
    }
    let (Some(kid), Some(created), Some(root)) = (words.next(), words.next(), words.next()) else {
        return Err(KeyError::Line { line });
    };
    let mut epoch = epoch(kid, created, line)?;
    epoch.end = match (words.next(), words.next()) {
        (None, _) => End::Configured,
        (Some("retired"), None) => End::Retired,
        (Some(word), None) => {
            let day = word.strip_prefix("until=").ok_or(KeyError::End { line })?;
            End::Day(day.into(), day_of(day).ok_or(KeyError::End { line })?)
        }
        _ => return Err(KeyError::Line { line }),
    };
    let octets = STANDARD.decode(root).map(Zeroizing::new);
    let octets = octets.map_err(|_| KeyError::Root { line })?;
    if octets.len() != epoch.root.len() {
        return Err(KeyError::Root { line });
    }
    epoch.root.copy_from_slice(&octets);
    Ok(Some(epoch))
}

/// An epoch whose root is still zero.
fn epoch(kid: &str, created: &str, line: usize) -> Result<Epoch, KeyError> {
    let kid_ok = (1..=8).contains(&kid.len())
        && kid.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !kid_ok {
        return Err(KeyError::Kid { line });
    }
    if day_of(created).is_none() {
        return Err(KeyError::Created { line });
    }
    let root = Box::new(Zeroizing::new([0; 32]));
    Ok(Epoch { kid: kid.into(), created: created.into(), end: End::Configured, root })
}

/// Days since 1970 of `2026-01-31`; of a time (`2026-01-31T10:00:00Z`), those of its day.
fn day_of(text: &str) -> Option<i64> {
    let (day, time) = text.split_at_checked(10)?;
    let time_ok = time.len() <= 22
        && time.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:.+".contains(&b))
        && (time.is_empty() || time.starts_with('T'));
    let zoned = day.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    time_ok.then(|| zoned.timestamp().as_second() / DAY_SECONDS)
}

/// The day as it is written.
fn date_of(day: i64) -> String {
    let instant = jiff::Timestamp::from_second(day.saturating_mul(DAY_SECONDS));
    instant.map_or_else(
        |_| "9999-12-31".to_owned(),
        |instant| instant.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
    )
}

/// The last day on which an epoch makes tokens beside those of the `next`.
fn last_day(end: &End, next: &Epoch, overlap_days: u16) -> i64 {
    match end {
        End::Day(_, day) => *day,
        // The day itself counts for no whole one: the change comes in its course.
        End::Configured if overlap_days > 0 => {
            day_of(&next.created).unwrap_or(0).saturating_add(overlap_days.into())
        }
        End::Configured | End::Retired => i64::MIN,
    }
}

/// The instant after a day.
fn end_of(day: i64) -> Timestamp {
    let seconds = day.saturating_add(1).saturating_mul(DAY_SECONDS);
    Timestamp::new(u64::try_from(seconds).unwrap_or(0), 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn root(keys: &Keys) -> Vec<u8> {
        keys.makers(0)[0].root.to_vec()
    }

    fn read(lines: &str) -> Keys {
        Keys::parse(format!("{MAGIC}\n{}", lines.replace("ROOT", ZERO)).as_bytes()).unwrap()
    }

    fn day(date: &str) -> Timestamp {
        Timestamp::new(u64::try_from(day_of(date).unwrap() * DAY_SECONDS).unwrap(), 0)
    }

    #[test]
    fn a_file_reads_back() {
        let keys = Keys::generate("k1", "2026-01-31").unwrap();
        let again = Keys::parse(keys.to_file_text().as_bytes()).unwrap();
        assert_eq!(again.kid(), "k1");
        assert_eq!(root(&again), root(&keys));
        assert_ne!(root(&keys), [0; 32]);
        assert_ne!(root(&Keys::ephemeral().unwrap()), root(&Keys::ephemeral().unwrap()));
    }

    #[test]
    fn the_last_epoch_is_in_force() {
        let file =
            format!("{MAGIC}\n\n# old\nkey k1 2025-01-01 {ZERO}\nkey k2 2026-01-01 {ZERO}\n");
        assert_eq!(Keys::parse(file.as_bytes()).unwrap().kid(), "k2");
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_epoch() {
        let one = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let file = format!("{MAGIC}\nkey k1 2025-01-01 {ZERO}\nkey k2 2026-01-01 {one}\n");
        let keys = Keys::parse(file.as_bytes()).unwrap();
        let (spool, other) = (keys.derive("spool"), keys.derive("other"));
        assert_eq!(spool.iter().map(|(kid, _)| kid.as_str()).collect::<Vec<_>>(), ["k1", "k2"]);
        let mut all: Vec<_> = spool.iter().chain(&other).map(|(_, key)| **key).collect();
        all.push(root(&keys).try_into().unwrap());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 5);
        assert_eq!(*keys.derive("spool")[0].1, *spool[0].1);
    }

    #[test]
    fn errors_name_the_line_and_never_the_content() {
        let read = |rest: &str| Keys::parse(format!("{MAGIC}\n{rest}").as_bytes()).err();
        assert_eq!(Keys::parse(b"hello").err(), Some(KeyError::Magic));
        assert_eq!(read(""), Some(KeyError::Count));
        assert_eq!(read(&format!("key K1 2026-01-01 {ZERO}")), Some(KeyError::Kid { line: 2 }));
        assert_eq!(read("\nkey k1 2026-01-01 c2VjcmV0"), Some(KeyError::Root { line: 3 }));
        assert_eq!(read("secret"), Some(KeyError::Line { line: 2 }));
        let twice = format!("key k1 2026-01-01 {ZERO}\nkey k1 2026-01-01 {ZERO}");
        assert_eq!(read(&twice), Some(KeyError::Repeated { line: 3 }));
        let said = read("\nkey k1 2026-01-01 c2VjcmV0").unwrap().to_string();
        assert!(!said.contains("c2Vj") && said.contains("line 3"), "{said}");
    }

    #[test]
    fn a_new_key_is_in_force_and_the_old_ones_overlap() {
        let mut keys = Keys::generate("k1", "2026-01-31").unwrap();
        assert_eq!(keys.add(None, "2026-05-01", None), Ok("k2"));
        assert_eq!(keys.add(Some("b"), "2026-06-01", Some("2026-06-03")), Ok("b"));
        assert_eq!(keys.add(Some("k1"), "2026-06-01", None), Err(KeyError::Repeated { line: 0 }));
        assert_eq!(keys.add(None, "soon", None), Err(KeyError::Created { line: 0 }));
        let keys = Keys::parse(keys.to_file_text().as_bytes()).unwrap();
        let makers = |days| -> Vec<(String, Timestamp)> {
            keys.makers(days).iter().skip(1).map(|m| (m.kid.to_owned(), m.end)).collect()
        };
        let end = |kid: &str, date| (kid.to_owned(), day(date));
        assert_eq!(makers(30), [end("k2", "2026-06-04"), end("k1", "2026-06-01")]);
        assert_eq!(makers(60), [end("k1", "2026-07-01"), end("k2", "2026-06-04")]);
        assert_eq!(makers(0), [end("k2", "2026-06-04"), ("k1".into(), Timestamp::ZERO)]);
        assert_eq!(keys.kid(), "b");
        let states = |days, at| -> Vec<EpochState> {
            keys.list(days, day(at)).into_iter().map(|facts| facts.state).collect()
        };
        use EpochState::{InForce, Overlaps, Past};
        let to = |date: &str| Overlaps(date.to_owned());
        assert_eq!(states(30, "2026-05-31"), [to("2026-05-31"), to("2026-06-03"), InForce]);
        assert_eq!(states(30, "2026-06-01"), [Past, to("2026-06-03"), InForce]);
    }

    #[test]
    fn a_retired_key_makes_nothing_but_stays_until_it_is_removed() {
        let mut keys = read("key k1 2026-01-01 ROOT\nkey k2 2026-02-01 ROOT\n");
        assert_eq!(keys.retire("k2", false), Err(KeyError::InForce));
        assert_eq!(keys.retire("k3", true), Err(KeyError::Unknown));
        keys.retire("k1", false).unwrap();
        let mut keys = Keys::parse(keys.to_file_text().as_bytes()).unwrap();
        assert_eq!(keys.makers(1000).len(), 1);
        assert_eq!(keys.list(1000, day("2026-02-02"))[0].state, EpochState::Retired);
        assert_eq!(keys.derive("spool").len(), 2);
        keys.retire("k1", true).unwrap();
        assert_eq!((keys.derive("spool").len(), keys.all().count()), (1, 1));
    }

    #[test]
    fn a_file_is_bounded() {
        let mut keys = Keys::generate("k1", "2026-01-31").unwrap();
        for _ in 1..EPOCHS_MAX {
            keys.add(None, "2026-01-31", None).unwrap();
        }
        assert_eq!(keys.add(None, "2026-01-31", None), Err(KeyError::Full));
        assert_eq!(keys.makers(9).len(), 1 + OVERLAPS_MAX);
        assert_eq!(keys.makers(9)[1].kid, "k15");
    }

    #[test]
    fn how_a_line_ends_is_checked() {
        let read = |rest: &str| {
            Keys::parse(format!("{MAGIC}\nkey k1 2026-01-01 {ZERO}{rest}").as_bytes()).err()
        };
        assert_eq!(read(" retired"), Some(KeyError::InForce));
        let more = format!("\nkey k2 2026-01-01 {ZERO}");
        assert_eq!(read(&format!(" retired{more}")), None);
        assert_eq!(read(&format!(" until=2026-02-28{more}")), None);
        for wrong in [" until=2026-02-30", " until=", " expired"] {
            assert_eq!(read(&format!("{wrong}{more}")), Some(KeyError::End { line: 2 }), "{wrong}");
        }
        assert_eq!(read(&format!(" retired x{more}")), Some(KeyError::Line { line: 2 }));
    }

    proptest! {
        // Whatever is in a file: no panic, and what is read is written back the same.
        #[test]
        fn any_file_is_read_or_refused(lines in prop::collection::vec(line(), 0..6)) {
            let file = format!("{MAGIC}\n{}\n", lines.join("\n"));
            if let Ok(keys) = Keys::parse(file.as_bytes()) {
                let text = keys.to_file_text();
                let again = Keys::parse(text.as_bytes()).unwrap();
                let written = again.to_file_text();
                prop_assert_eq!(written.as_str(), text.as_str());
                prop_assert_eq!(again.list(30, Timestamp::ZERO), keys.list(30, Timestamp::ZERO));
            }
        }
    }

    fn line() -> impl Strategy<Value = String> {
        let end = prop_oneof!["", " retired", " until=2026-0[1-9]-[0-3][0-9]", " [a-z=]{0,6}"];
        ("[a-z0-9]{0,9}", "20[0-9]{2}-[01][0-9]-[0-3][0-9](T1.0Z)?", end)
            .prop_map(|(kid, date, end)| format!("key {kid} {date} {ZERO}{end}"))
    }
}
