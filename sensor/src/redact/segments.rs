//! Path segments: which ones are part of an API. What was told of one is remembered.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::endpoints::{Word, hash};

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
    /// For learning: its hash.
    pub(crate) hash: u64,
    /// For learning: whether it looks like a part of an API rather than like a value.
    pub(crate) firm: bool,
}

/// Tells which segments are part of an API.
#[derive(Default)]
pub(crate) struct Segments {
    known: HashMap<Box<[u8]>, Arc<Segment>, foldhash::fast::RandomState>,
    /// Hidden words, by hash, and whether they are firm.
    hidden: HashMap<u64, bool, foldhash::fast::RandomState>,
    /// Configured detectors: what they find is no part of an API.
    custom: Arc<Set>,
}

impl Segments {
    /// With configured detectors.
    pub(crate) fn with(custom: &Arc<Set>) -> Self {
        Self { custom: Arc::clone(custom), ..Self::default() }
    }

    /// A segment that is hidden and may be a word all the same.
    pub(crate) fn hidden(&mut self, text: &[u8]) -> Word {
        let hash = hash(text);
        if self.hidden.len() >= KNOWN_MAX {
            self.hidden.clear();
        }
        let firm = *self.hidden.entry(hash).or_insert_with(|| firm(text));
        Word { hash, kept: false, firm }
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
            hash: hash(text),
            firm: firm(text),
        });
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(text.into(), segment.clone());
        Some(segment)
    }
}

/// Whether a segment that is hidden may be a word all the same: letters, with few digits.
pub(crate) fn wordy(text: &[u8]) -> bool {
    let fit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':');
    (2..=48).contains(&text.len())
        && text.iter().any(u8::is_ascii_alphabetic)
        && text.iter().filter(|b| b.is_ascii_digit()).count() <= 3
        && text.iter().all(fit)
}

/// Whether a word looks like a part of an API rather than like a value: well known, a plural of a known word, or
/// known words written together as in code (`CreateUser`, `rule_suites`); values are rather written `summer-sale`.
fn firm(text: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(text) else { return false };
    if stays(text, true).is_some() || version(text) || lexicon::with_digits(text) {
        return true;
    }
    let words = api_words::split(word);
    let known = |word: &String| lexicon::known_compound(word.as_bytes());
    let humps = words.len() > 1 && text.iter().all(u8::is_ascii_alphabetic);
    let compound = words.len() > 1 && !text.contains(&b'-') && words.iter().all(known);
    // Of names as in code the first word tells: `CreateVms`.
    if compound || humps && words.first().is_some_and(known) {
        return true;
    }
    let plural = words.last().filter(|last| last.ends_with('s')).and_then(|last| {
        let member = api_words::member(last)?;
        lexicon::known_compound(member.as_bytes()).then_some(())
    });
    plural.is_some() && words.iter().rev().skip(1).all(known)
}

/// Whether a name of a path is part of an API wherever it stands; `behind`: where a key may stand, too.
pub(crate) fn part_of_api(text: &[u8], behind: bool) -> bool {
    stays(text, behind).is_some()
}

/// The segment, if it is part of the API; dots and the system resources of OData always. `member`: behind a collection
/// only well-known words are.
fn stays(text: &[u8], member: bool) -> Option<&str> {
    let word = std::str::from_utf8(text).ok()?;
    if matches!(
        word,
        "." | ".."
            | "$batch"
            | "$metadata"
            | "$count"
            | "$value"
            | "$ref"
            | "$links"
            | "$entity"
            | "$all"
    ) || (version(text) && !member)
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
