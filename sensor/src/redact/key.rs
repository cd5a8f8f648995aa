//! Tokenization keys and their file.
//!
//! ```text
//! apitap-keys 1
//! key k1 2026-01-31 <base64 of 32 octets>
//! ```
//!
//! One line per epoch, oldest first; the last is the one in force. `#` begins a comment line. Reading and
//! writing the file, and its mode, are the caller's.

use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hkdf;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

const MAGIC: &str = "apitap-keys 1";
const EPOCHS_MAX: usize = 16;

/// Root keys, by epoch. Zeroed when dropped; no `Debug`, no `Clone`.
pub struct Keys {
    /// Oldest first; never empty.
    epochs: Vec<Epoch>,
}

/// One epoch's root key.
struct Epoch {
    kid: String,
    created: String,
    root: Zeroizing<[u8; 32]>,
}

/// Why a key could not be made or read. Never says what was in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A key id is not 1 to 8 of `a-z` and `0-9`.
    #[error("line {line}: the key id must be 1 to 8 of a-z and 0-9; rename the key")]
    Kid {
        /// Line of the file, from 1; 0 when not read from one.
        line: usize,
    },
    /// A creation date is not 1 to 32 of digits, letters, `-`, `:`, `.`, `+`.
    #[error("line {line}: the date after the key id must look like 2026-01-31; correct it")]
    Created {
        /// Line of the file, from 1; 0 when not read from one.
        line: usize,
    },
    /// The same key id twice.
    #[error("line {line}: this key id was used above; every epoch needs its own")]
    Repeated {
        /// Line of the file, from 1.
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
    /// The operating system gave no random octets.
    #[error("the operating system gave no random numbers; try again")]
    Random,
}

impl Keys {
    /// A new random key called `kid` (1 to 8 of `a-z`, `0-9`), `created` on this date (`2026-01-31`).
    ///
    /// # Errors
    ///
    /// [`KeyError::Kid`], [`KeyError::Created`] or [`KeyError::Random`].
    pub fn generate(kid: &str, created: &str) -> Result<Self, KeyError> {
        let mut epoch = epoch(kid, created, 0)?;
        SystemRandom::new().fill(epoch.root.as_mut()).map_err(|_| KeyError::Random)?;
        Ok(Self { epochs: vec![epoch] })
    }

    /// A key for one run: its tokens join nothing else.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn ephemeral() -> Result<Self, KeyError> {
        Self::generate("run", "0000-00-00")
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
            let mut words = text.split_ascii_whitespace();
            match words.next() {
                None => continue,
                Some(word) if word.starts_with('#') => continue,
                Some("key") => {}
                Some(_) => return Err(KeyError::Line { line }),
            }
            let (Some(kid), Some(created), Some(root), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(KeyError::Line { line });
            };
            let mut epoch = epoch(kid, created, line)?;
            if epochs.iter().any(|e| e.kid == kid) {
                return Err(KeyError::Repeated { line });
            }
            let octets = STANDARD.decode(root).map(Zeroizing::new);
            let octets = octets.map_err(|_| KeyError::Root { line })?;
            *epoch.root = octets.as_slice().try_into().map_err(|_| KeyError::Root { line })?;
            if epochs.len() == EPOCHS_MAX {
                return Err(KeyError::Count);
            }
            epochs.push(epoch);
        }
        if epochs.is_empty() { Err(KeyError::Count) } else { Ok(Self { epochs }) }
    }

    /// The text of the key file, for a file of mode 0600.
    #[must_use]
    pub fn to_file_text(&self) -> Zeroizing<String> {
        // Sized beforehand: a growing string would leave copies of keys behind.
        let mut text = Zeroizing::new(String::with_capacity(128 + self.epochs.len() * 128));
        text.push_str(MAGIC);
        text.push_str(
            "\n# Keep this secret: who has it can reverse tokens. The last key is in force.\n",
        );
        for epoch in &self.epochs {
            let root = Zeroizing::new(STANDARD.encode(epoch.root.as_slice()));
            // Writing to a string cannot fail.
            let _ok =
                writeln!(text, "key {} {} {}", epoch.kid, epoch.created, root.as_str()).is_ok();
        }
        text
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
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"apitap keys v1");
        let derived = self.epochs.iter().filter_map(|epoch| {
            let mut key = Zeroizing::new([0; 32]);
            let root = salt.extract(epoch.root.as_slice());
            // 32 octets are what one round gives: it does not fail.
            root.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256).ok()?.fill(key.as_mut()).ok()?;
            Some((epoch.kid.clone(), key))
        });
        derived.collect()
    }

    /// The root key in force.
    pub(super) fn root(&self) -> &[u8] {
        self.epochs.last().map_or(&[], |epoch| epoch.root.as_slice())
    }
}

/// An epoch whose root is still zero.
fn epoch(kid: &str, created: &str, line: usize) -> Result<Epoch, KeyError> {
    let kid_ok = (1..=8).contains(&kid.len())
        && kid.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !kid_ok {
        return Err(KeyError::Kid { line });
    }
    let created_ok = (1..=32).contains(&created.len())
        && created.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:.+".contains(&b));
    if !created_ok {
        return Err(KeyError::Created { line });
    }
    Ok(Epoch { kid: kid.into(), created: created.into(), root: Zeroizing::new([0; 32]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn a_file_reads_back() {
        let keys = Keys::generate("k1", "2026-01-31").unwrap();
        let again = Keys::parse(keys.to_file_text().as_bytes()).unwrap();
        assert_eq!(again.kid(), "k1");
        assert_eq!(again.root(), keys.root());
        assert_ne!(keys.root(), [0; 32]);
        assert_ne!(Keys::ephemeral().unwrap().root(), Keys::ephemeral().unwrap().root());
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
        all.push(keys.root().try_into().unwrap());
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
}
