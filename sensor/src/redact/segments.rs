//! Path segments: which ones are part of an API. What was told of one is remembered.

use std::sync::Arc;

use hashbrown::HashMap;

use super::custom::Set;
use super::{api_words, detect, lexicon};

/// Most segments remembered.
const KNOWN_MAX: usize = 8192;

/// A segment that may stay.
pub(crate) struct Segment {
    /// As it stands in paths.
    pub(crate) text: Box<str>,
    /// Whether it stays even behind a collection: a well-known word of APIs.
    pub(crate) common: bool,
    /// Whether what follows is a value unless it is common: it names a collection, or asks (`/search/kim`).
    pub(crate) strict: bool,
    /// Name of what follows: `user_id` behind `users`.
    pub(crate) member_id: Option<String>,
}

/// Tells which segments are part of an API.
#[derive(Default)]
pub(crate) struct Segments {
    known: HashMap<Box<[u8]>, Arc<Segment>, foldhash::fast::RandomState>,
    /// Configured detectors: what they find is no part of an API.
    custom: Arc<Set>,
}

impl Segments {
    /// With configured detectors.
    pub(crate) fn with(custom: &Arc<Set>) -> Self {
        Self { custom: Arc::clone(custom), ..Self::default() }
    }

    /// What is known of a decoded segment; `None` when it is a value.
    pub(crate) fn look(&mut self, text: &[u8]) -> Option<Arc<Segment>> {
        if let Some(known) = self.known.get(text) {
            return Some(known.clone());
        }
        if self.custom.any(text).is_some() {
            return None;
        }
        let word = stays(text, false)?;
        let member_id = api_words::member(word).map(|member| format!("{member}_id"));
        let segment = Arc::new(Segment {
            text: word.into(),
            common: stays(text, true).is_some(),
            strict: member_id.is_some() || api_words::asks(word),
            member_id,
        });
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(text.into(), segment.clone());
        Some(segment)
    }
}

/// The segment, if it is part of the API; `member`: behind a collection only well-known words are.
fn stays(text: &[u8], member: bool) -> Option<&str> {
    let word = std::str::from_utf8(text).ok()?;
    if matches!(word, "." | "..")
        || (version(text) && !member)
        || (word.len() <= 3 && version(text) && word.starts_with('v'))
    {
        return Some(word);
    }
    if lexicon::with_digits(text) && !member {
        return Some(word);
    }
    // Packages of services: "shop.v1.OrderService".
    let package = || {
        text.contains(&b'.')
            && text
                .split(|&b| b == b'.')
                .all(|part| static_word(part) || version(part) || beta(part))
    };
    let safe = (static_word(text) && !proper(text)) || file(word) || package();
    let known = !member || api_words::is_static(word);
    (safe && known && detect::any(text).is_none()).then_some(word)
}

/// `v1`, `v2.1`, `2.0`.
fn version(text: &[u8]) -> bool {
    let numbers = text.strip_prefix(b"v").unwrap_or(text);
    let dotted = numbers.contains(&b'.');
    (1..=5).contains(&numbers.len())
        && (dotted || numbers.len() < text.len())
        && numbers
            .split(|&b| b == b'.')
            .all(|n| (1..=2).contains(&n.len()) && n.iter().all(u8::is_ascii_digit))
}

/// `v1beta2`, as packages are numbered.
fn beta(text: &[u8]) -> bool {
    text.starts_with(b"v") && lexicon::with_digits(text)
}

/// Letters, with `_ - .` between; nothing that looks generated.
fn static_word(text: &[u8]) -> bool {
    let letters = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.');
    let first = text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    // RFC 8615: well-known resources.
    let first = first || text == b".well-known";
    first && text.len() <= 48 && text.iter().all(letters) && lexicon::name(text)
}

/// Written as a name is, and no word that is known: `Quellborn`, not `Account`.
fn proper(text: &[u8]) -> bool {
    text.len() >= 3
        && text.first().is_some_and(u8::is_ascii_uppercase)
        && text.iter().skip(1).all(u8::is_ascii_lowercase)
        && !lexicon::known_compound(text)
}

/// A file of a site: `index.html`, `getUser.do`.
fn file(word: &str) -> bool {
    let Some((stem, extension)) = word.rsplit_once('.') else { return false };
    api_words::extension(extension)
        && (static_word(stem.as_bytes()) || lexicon::with_digits(stem.as_bytes()))
}
