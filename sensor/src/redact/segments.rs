//! Path segments: which ones are part of an API. What was told of one is remembered.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::endpoints::{Look, Word, hash};

use super::custom::Set;
use super::{api_words, detect, lexicon};

/// Most segments remembered.
const KNOWN_MAX: usize = 8192;

/// The number of no segment.
pub(crate) const NONE: usize = usize::MAX;

/// What is known of a path besides its text.
#[derive(Clone, Copy, Default)]
pub(crate) struct How {
    /// All of it is a name that may be kept.
    pub(crate) named: bool,
    /// What stands behind a colon at its end may say what is done: the method leaves it open.
    pub(crate) acts: bool,
}

/// What is known of a segment that may stay.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Its number among the segments that are known.
    pub(crate) number: usize,
    /// Whether it stays even behind a collection: a well-known word of APIs.
    pub(crate) common: bool,
    /// Whether what follows is a value unless it is common: it names a collection, or asks (`/search/kim`).
    pub(crate) strict: bool,
    /// For learning: its hash.
    pub(crate) hash: u64,
    /// For learning: what it looks like.
    pub(crate) look: Look,
}

/// A segment that may stay.
struct Segment {
    known: Known,
    /// As it stands in paths.
    text: Box<str>,
    /// Name of what follows: `user_id` behind `users`.
    member_id: Option<String>,
    /// The one that came behind it the last time.
    next: usize,
}

/// Tells which segments are part of an API.
#[derive(Default)]
pub(crate) struct Segments {
    numbers: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    list: Vec<Segment>,
    /// Hidden words, by hash, and what they look like.
    hidden: HashMap<u64, Look, foldhash::fast::RandomState>,
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
        let look = *self.hidden.entry(hash).or_insert_with(|| look(text));
        Word { hash, kept: false, look }
    }

    /// Begins a path. Numbers from before are of no use any more.
    pub(crate) fn begin(&mut self) {
        if self.list.len() >= KNOWN_MAX {
            self.list.clear();
            self.numbers.clear();
        }
    }

    /// What is known of a decoded segment; `None` when it is a value. `before`: the number of the last segment before
    /// it that is known, which tells what may follow.
    pub(crate) fn look(&mut self, text: &[u8], before: usize) -> Option<Known> {
        let guess = self.list.get(before).map(|before| before.next);
        let guess = guess.and_then(|next| self.list.get(next));
        if let Some(segment) = guess.filter(|segment| segment.text.as_bytes() == text) {
            return Some(segment.known);
        }
        if is_value(text) {
            return None;
        }
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None => self.learn(text)?,
        };
        if let Some(before) = self.list.get_mut(before) {
            before.next = number;
        }
        self.list.get(number).map(|segment| segment.known)
    }

    /// A segment that may stay, as it stands in paths.
    pub(crate) fn text(&self, known: Known) -> &str {
        self.list.get(known.number).map_or("", |segment| &segment.text)
    }

    /// Name of what follows a segment: `user_id` behind `users`.
    pub(crate) fn member_id(&self, known: Known) -> Option<&str> {
        self.list.get(known.number)?.member_id.as_deref()
    }

    /// Finds out what a segment is that was not met before; its number, if it may stay.
    fn learn(&mut self, text: &[u8]) -> Option<usize> {
        if self.custom.any(text).is_some() {
            return None;
        }
        let word = stays(text, false)?;
        let member_id = api_words::member(word).map(|member| format!("{member}_id"));
        let number = self.list.len();
        let known = Known {
            number,
            common: stays(text, true).is_some(),
            strict: member_id.is_some() || api_words::asks(word),
            hash: hash(text),
            look: look(text),
        };
        self.list.push(Segment { known, text: word.into(), member_id, next: NONE });
        self.numbers.insert(text.into(), number);
        Some(number)
    }
}

/// Whether a segment is for certain none that [`stays`]: digits alone, or long with a digit in it, and no dot. What
/// stays with digits in it is a version, which has a dot or a letter in front, or a short word that is known, or has a
/// dot.
fn is_value(text: &[u8]) -> bool {
    let (mut digits, mut dots) = (0_usize, 0_usize);
    for octet in text {
        digits = digits.wrapping_add(usize::from(octet.is_ascii_digit()));
        dots = dots.wrapping_add(usize::from(*octet == b'.'));
    }
    dots == 0 && digits > 0 && (digits == text.len() || text.len() > lexicon::NUMBERED_MAX)
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
    let word = bare(word);
    let text = word.as_bytes();
    let numbered = version(text) && dots(text) < 2 || lexicon::with_digits(text);
    if stays(text, true).is_some() || numbered {
        return true;
    }
    let words = api_words::split(word);
    if let [word] = words.as_slice()
        && api_words::is_technical(word)
    {
        return true;
    }
    let known =
        |word: &String| lexicon::known_compound(word.as_bytes()) || api_words::is_technical(word);
    let humps = words.len() > 1 && text.iter().all(u8::is_ascii_alphabetic);
    let compound = words.len() > 1 && !text.contains(&b'-') && words.iter().all(known);
    // Of names as in code one word tells: `CreateVms`, `SigningKeys`.
    if compound || humps && words.iter().any(|word| word.len() > 3 && known(word)) {
        return true;
    }
    let plural = words.last().filter(|last| last.ends_with('s')).and_then(|last| {
        let member = api_words::member(last)?;
        lexicon::known_compound(member.as_bytes()).then_some(())
    });
    let joined = text.contains(&b'-');
    let before = |word: &String| api_words::is_technical(word) || !joined && known(word);
    plural.is_some() && words.iter().rev().skip(1).all(before)
}

/// Without the extension of what is answered: `Calls.json`.
fn bare(word: &str) -> &str {
    word.strip_suffix(".json").or_else(|| word.strip_suffix(".xml")).unwrap_or(word)
}

/// What a word looks like.
fn look(text: &[u8]) -> Look {
    if firm(text) {
        Look::Firm
    } else if loose(text) {
        Look::Loose
    } else if text.contains(&b'-') {
        Look::Joined
    } else if text.iter().all(u8::is_ascii_lowercase) && !lexicon::known_compound(text) {
        Look::Odd
    } else {
        Look::Plain
    }
}

/// Whether a word looks like a value: several joined by hyphens, most of which are no words of APIs.
fn loose(text: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(text) else { return false };
    let words = api_words::split(bare(word));
    let technical = |word: &&String| api_words::is_word(word) || api_words::is_technical(word);
    let technical = words.iter().filter(technical).count();
    text.contains(&b'-') && words.len() > 1 && technical.saturating_mul(2) < words.len()
}

/// A path, and the verb behind its last segment (`/v1/topics/7:publish`, as Google's custom methods are written), if that is
/// a well-known word of APIs.
pub(crate) fn action(path: &[u8]) -> (&[u8], Option<&str>) {
    let whole = (path, None);
    let Some(at) = memchr::memrchr(b':', path) else { return whole };
    let (before, verb) = path.split_at_checked(at).unwrap_or((path, b""));
    let last = before.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let verb = std::str::from_utf8(verb.get(1..).unwrap_or_default()).unwrap_or_default();
    let fit = verb.starts_with(|c: char| c.is_ascii_lowercase())
        && verb.bytes().all(|b| b.is_ascii_alphabetic())
        && api_words::split(verb).iter().all(|word| api_words::is_act(word))
        && !last.is_empty()
        && !last.contains(&b':');
    if fit { (before, Some(verb)) } else { whole }
}

/// Whether a name of a path is part of an API wherever it stands; `behind`: where a key may stand, too.
pub(crate) fn part_of_api(text: &[u8], behind: bool) -> bool {
    stays(text, behind).is_some()
}

/// Whether a segment that stayed looks like a part of an API rather than like a value.
pub(crate) fn is_firm(segment: &str) -> bool {
    firm(segment.as_bytes())
}

/// Whether a label of a host names one of those that the next label is of: `kim.users.example`.
pub(crate) fn one_of(label: &[u8], next: Option<&[u8]>) -> bool {
    const PEOPLE: &str =
        "users user members customers clients tenants people accounts profiles homes home";
    const PLACES: &str = "
        www web mail app apps m dev test stage staging prod qa uat int ext old new alpha beta eu us kr jp cn ap sa ca me af
        north south east west central northeast southeast northwest southwest
    ";
    let listed = |list: &str, word: &[u8]| {
        list.split_ascii_whitespace().any(|listed| listed.as_bytes().eq_ignore_ascii_case(word))
    };
    let place = |part: &[u8]| part.iter().all(u8::is_ascii_digit) || listed(PLACES, part);
    next.is_some_and(|next| listed(PEOPLE, next))
        && !label.split(|b| *b == b'-').all(place)
        && !part_of_api(&label.to_ascii_lowercase(), true)
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
            // Who asks, and all there are, where a name or number may stand: Discord, Graph, GitLab, Google.
            | "@me"
            | "@self"
            | "@current"
            | "@all"
            | "~me"
            | "~"
            | "-"
            | "_"
    ) || (version(text) && !member)
        || (word.len() <= 3 && version(text) && word.starts_with(['v', 'V']))
    {
        return Some(word);
    }
    if lexicon::with_digits(text) && !member {
        return Some(word);
    }
    let safe = match file(word) {
        Some(fit) => fit,
        None => static_word(text) && !someone(text) || package(text),
    };
    let known = !member || api_words::is_static(word);
    (safe && known && detect::any(text).is_none()).then_some(word)
}

/// `v1`, `v2.1`, `2.0`, `v1.0.2`; three numbers alone are of a package or a program.
fn version(text: &[u8]) -> bool {
    let numbers = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
    (1..=5).contains(&numbers.len())
        && (numbers.len() < text.len() || dots(numbers) == 1)
        && numbers
            .split(|&b| b == b'.')
            .all(|n| (1..=2).contains(&n.len()) && n.iter().all(u8::is_ascii_digit))
}

fn dots(text: &[u8]) -> usize {
    text.iter().filter(|&&b| b == b'.').count()
}

/// `v1beta2`, as packages are numbered.
fn beta(text: &[u8]) -> bool {
    text.starts_with(b"v") && lexicon::with_digits(text)
}

/// A package of services: `shop.v1.OrderService`, `shop.orders.api.Orders`.
fn package(text: &[u8]) -> bool {
    let numbered = |part: &[u8]| version(part) || beta(part);
    let parts = || text.split(|&b| b == b'.');
    let mut names = parts();
    let service = names.next_back().is_some_and(proper);
    text.contains(&b'.')
        && parts().all(|part| static_word(part) || numbered(part))
        && (parts().any(numbered) || service && names.clone().count() > 1 && !names.any(proper))
}

/// Letters, with `_ - .` between; nothing that looks generated.
fn static_word(text: &[u8]) -> bool {
    let letters = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.');
    let first = text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    // RFC 8615: well-known resources.
    let first = first || text == b".well-known";
    first && text.len() <= 48 && text.iter().all(letters) && lexicon::name(text)
}

/// Written as names of people are: `Quellborn`, `QUELLBORN` (but `WFS`), `Jane-Quellborn`, or `jane.quellborn` of which no part is
/// known.
fn someone(text: &[u8]) -> bool {
    let shouted = text.len() >= 5 && text.iter().all(u8::is_ascii_uppercase);
    let dotted = text.contains(&b'.') && words(text).count() > 1;
    shouted && !familiar(text) || words(text).any(proper) || dotted && !words(text).any(familiar)
}

/// Runs of letters.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| !b.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

/// Written as a name is, and no word that is known: `Quellborn`, not `Account`.
fn proper(text: &[u8]) -> bool {
    text.len() >= 3
        && text.first().is_some_and(u8::is_ascii_uppercase)
        && text.iter().skip(1).all(u8::is_ascii_lowercase)
        && !familiar(text)
}

/// Whether a word, in any case, is a known one.
fn familiar(word: &[u8]) -> bool {
    lexicon::known_compound(word)
        || std::str::from_utf8(word)
            .is_ok_and(|word| api_words::is_technical(&word.to_ascii_lowercase()))
}

/// Whether a file is one of a site, `index.html` or `getUser.do`; `None` if it is no file. What people give each other
/// is called after them: `Quellborn.html`, `resume-quellborn.pdf`.
fn file(word: &str) -> Option<bool> {
    let (stem, extension) = word.rsplit_once('.')?;
    let kind = api_words::extension(extension)?;
    let stem = stem.as_bytes();
    let known = |part: &[u8]| familiar(part) || part.strip_suffix(b"s").is_some_and(familiar);
    let fit = match kind {
        api_words::File::Program => true,
        // "Conferences.json" is a list.
        api_words::File::Page => !someone(stem) || proper(stem) && stem.ends_with(b"s"),
        api_words::File::Document => words(stem).all(known),
    };
    Some(fit && (static_word(stem) || lexicon::with_digits(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::judge::Judge;
    use crate::redact::{Config, Keys, path};

    #[test]
    fn words_look_like_parts_of_an_api_or_like_values() {
        for (text, expected) in [
            ("users", Look::Firm),
            ("v1", Look::Firm),
            ("CreateVms", Look::Firm),
            ("rule_suites", Look::Firm),
            ("Transcriptions.json", Look::Firm),
            ("resource-sets", Look::Firm),
            ("endpoint", Look::Firm),
            ("silver", Look::Plain),
            ("quellborn", Look::Odd),
            ("sign-verbatim", Look::Joined),
            ("lazy-tools", Look::Joined),
            ("summer-sale", Look::Loose),
            ("pipeline-lemon-copper", Look::Loose),
        ] {
            assert!(look(text.as_bytes()) == expected, "{text}: {:?}", look(text.as_bytes()));
        }
    }

    #[test]
    fn names_of_people_are_no_part_of_an_api() {
        let stays = |text: &str| stays(text.as_bytes(), false).is_some();
        for text in [
            "Quellborn",
            "QUELLBORN",
            "Jane-Quellborn",
            "Jane_Quellborn",
            "Jane.Quellborn",
            "Quellborn-Report",
            "jane.quellborn",
            "Quellborn.html",
            "jane.quellborn.json",
            "Quellborn.pdf",
            "Invoice_Jane_Quellborn.pdf",
            "resume-jane-quellborn.pdf",
            "quellborn.jpg",
        ] {
            assert!(!stays(text), "{text}");
        }
        for text in [
            "Account",
            "API",
            "LOGIN",
            "Calls.json",
            "Transcriptions.json",
            "Conferences.json",
            "index.html",
            "robots.txt",
            "logo.png",
            "apple-touch-icon.png",
            "Petstore.asmx",
            "chat.postMessage",
            "conversations.list",
            "shop.v1.OrderService",
            "weather.forecast.api.Zephyr",
            "order-history",
        ] {
            assert!(stays(text), "{text}");
        }
    }

    #[test]
    fn no_known_word_is_all_digits_or_too_long() {
        for word in lexicon::numbered_words() {
            assert!(!is_value(word.as_bytes()), "{word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_a_value_for_certain_never_stays(
            text in "[a-z0-9._-]{0,24}|v?[0-9.]{0,7}|[0-9a-f-]{8,36}|[A-Z]{1,3}[0-9]{1,20}|\\PC{0,24}",
        ) {
            if is_value(text.as_bytes()) {
                proptest::prop_assert_eq!(stays(text.as_bytes(), false), None);
                proptest::prop_assert_eq!(stays(text.as_bytes(), true), None);
            }
        }

        #[test]
        fn what_came_before_changes_nothing(
            paths in proptest::collection::vec(
                proptest::collection::vec("api|v[12]|users|orders|search|me|james|42|Silver|\\PC{0,3}", 0..6),
                1..20,
            ),
        ) {
            let mut segments = Segments::default();
            for path in paths {
                segments.begin();
                let mut before = NONE;
                for text in path {
                    let known = segments.look(text.as_bytes(), before);
                    let mut fresh = Segments::default();
                    let alone = fresh.look(text.as_bytes(), NONE);
                    proptest::prop_assert_eq!(known.is_some(), alone.is_some());
                    let (Some(known), Some(alone)) = (known, alone) else { continue };
                    let told = |k: Known| (k.common, k.strict, k.hash, k.look);
                    proptest::prop_assert_eq!(told(known), told(alone));
                    proptest::prop_assert_eq!(segments.text(known), &text);
                    proptest::prop_assert_eq!(segments.member_id(known), fresh.member_id(alone));
                    before = known.number;
                }
            }
        }
    }

    #[test]
    fn what_is_done_stands_behind_a_colon() {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let how = How { named: false, acts: true };
        for (path, expected) in [
            ("/v1/topics/7:publish", "/v1/topics/{topic_id}:publish"),
            ("/v1/topics:batchGet", "/v1/topics:batchGet"),
            ("/v1/topics/kim:quellborn", "/v1/topics/{topic_id}"),
            ("/v1/topics/urn:kim:publish", "/v1/topics/{topic_id}"),
            ("/v1/topics/:publish", "/v1/topics/{topic_id}"),
            ("/v1/rooms/10:30", "/v1/rooms/{room_id}"),
        ] {
            let path = path::template(&mut judge, &mut Vec::new(), path.as_bytes(), how, None);
            assert_eq!(path.template, expected);
        }
        // Where the method says what is done, it is part of a name.
        let (how, scope) = (How::default(), b"/v1/scopes/orders:delete");
        let path = path::template(&mut judge, &mut Vec::new(), scope, how, None);
        assert_eq!(path.template, "/v1/scopes/{scope_id}");
    }
}
