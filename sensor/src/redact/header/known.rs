//! What is known of header fields: their names, and values that are kept. The same fields come with every message of a
//! client or server, mostly in the same order, so each says which one came behind it the last time, and with what.

use hashbrown::HashMap;

use super::cookies::Cookies;
use super::runs::{self, Meeting, Slot};
use super::{BY_NAME, Parts, Rule, rule};
use crate::call::Lines;
use crate::redact::found::Place;
use crate::redact::judge::Judge;
use crate::redact::names::{Meaning, Name};
use crate::redact::settled::Settled;
use crate::redact::{made, vocabulary};

/// Most field names remembered, of each list of fields.
const NAMES_MAX: usize = 1024;
/// The number of no field.
const NONE: usize = usize::MAX;

/// A field, as far as its name tells.
pub(super) struct Field {
    pub(super) rule: Rule,
    pub(super) name: Name,
    /// As it leaves.
    pub(super) text: Box<str>,
    /// The same, encoded as the name of a `Parameter`.
    pub(super) encoded: Vec<u8>,
    /// As it came.
    raw: Box<[u8]>,
    /// The field that came behind it the last time.
    next: usize,
    /// Where its value of the last time is, among those that are kept.
    value: usize,
    /// The run of fields that came behind it.
    run: Slot,
}

/// Fields of one list, by their names as they were written: only such as are safe to keep.
pub(crate) struct Fields {
    numbers: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    fields: Vec<Field>,
    /// The field at hand, if its name is not safe.
    unsafe_one: Option<Field>,
    settled: Settled,
    /// The field that came first the last time.
    first: usize,
    /// The run of fields that came first.
    first_run: Slot,
    /// The one before the field at hand.
    before: usize,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            fields: Vec::new(),
            unsafe_one: None,
            settled: Settled::default(),
            first: NONE,
            first_run: Slot::default(),
            before: NONE,
        }
    }
}

impl Fields {
    /// Begins a message.
    pub(super) const fn begin(&mut self) {
        self.before = NONE;
    }

    /// The number of the field before the one at hand.
    pub(super) const fn before(&self) -> usize {
        self.before
    }

    /// Goes on behind the field of this number.
    pub(super) const fn behind(&mut self, number: usize) {
        self.before = number;
    }

    fn slot(&mut self, before: usize) -> &mut Slot {
        match self.fields.get_mut(before) {
            Some(field) => &mut field.run,
            None => &mut self.first_run,
        }
    }

    /// The run of fields, all of them kept, that begins with field `nth` of a message, if it is the one that came there
    /// before.
    #[inline]
    pub(super) fn run(&mut self, lines: Lines<'_>, nth: usize) -> Option<runs::Known<'_>> {
        // Behind a field whose name is not kept, or is not the first, nothing is known.
        if self.before == NONE && nth > 0 {
            return None;
        }
        self.slot(self.before).find(lines, nth)
    }

    /// Remembers a run, which ends before field `end` of a message and is the last in `out`.
    pub(super) fn met(&mut self, run: Meeting, lines: Lines<'_>, end: usize, out: &[u8]) {
        if run.before != NONE || run.nth == 0 {
            run.over(self.slot(run.before), lines, end, out);
        }
    }

    /// The number of the field of this name.
    pub(super) fn number(&mut self, judge: &mut Judge, parts: Parts, name: &[u8]) -> usize {
        let guess = self.fields.get(self.before).map_or(self.first, |before| before.next);
        let number = match self.fields.get(guess) {
            Some(field) if *field.raw == *name => guess,
            _ => {
                let number = self.numbers.get(name).copied();
                let number = number.unwrap_or_else(|| self.learn(judge, parts, name));
                if number == NONE {
                    return NONE;
                }
                match self.fields.get_mut(self.before) {
                    Some(before) => before.next = number,
                    None => self.first = number,
                }
                number
            }
        };
        self.before = number;
        number
    }

    /// What is known of the field at hand.
    pub(super) fn get(&self, number: usize) -> Option<&Field> {
        self.fields.get(number).or(self.unsafe_one.as_ref())
    }

    /// A value that is kept, as it was written before, and how many values were judged for it.
    pub(super) fn settled(&mut self, number: usize, value: &[u8]) -> Option<(&[u8], u64)> {
        let field = self.fields.get_mut(number).filter(|field| field.rule.settles())?;
        let (at, known) = self.settled.find(number, value, field.value)?;
        field.value = at;
        Some((&known.written, known.values))
    }

    /// Remembers a value that is kept.
    pub(super) fn settle(&mut self, number: usize, value: &[u8], written: &[u8], values: u64) {
        if number != NONE {
            self.settled.put(number, value, written, values);
        }
    }

    /// Finds out what the name of a field says that was not met before; its number, if it is safe to keep.
    fn learn(&mut self, judge: &mut Judge, parts: Parts, raw: &[u8]) -> usize {
        let lower = raw.to_ascii_lowercase();
        let rule = rule(&lower);
        let named = judge.names.look(&lower);
        // `x-ratelimit-user` says whose limit it is.
        let whose =
            matches!(named.meaning, Meaning::Id(_) | Meaning::Personal(_) | Meaning::Secret(_));
        let rule = match rule {
            Rule::Number if whose && !BY_NAME.contains_key(lower.as_slice()) => Rule::Named,
            rule => rule,
        };
        // The names in the lists are safe whatever the dictionary thinks of them; not so what only begins or ends as
        // one of them.
        let listed = BY_NAME.contains_key(lower.as_slice()) || vocabulary::field(&lower);
        let name = if listed { Name { safe: true, found: None, ..named } } else { named };
        let text = judge.name_text(Place { part: parts.header, path: "" }, name, &lower);
        let encoded = made::name(&text);
        let raw: Box<[u8]> = if name.safe { raw.into() } else { Box::default() };
        let known = raw.clone();
        let field = Field {
            rule,
            name,
            text: text.into(),
            encoded,
            raw,
            next: NONE,
            value: NONE,
            run: Slot::default(),
        };
        if !name.safe {
            self.unsafe_one = Some(field);
            return NONE;
        }
        if self.fields.len() >= NAMES_MAX {
            *self = Self::default();
        }
        let number = self.fields.len();
        self.fields.push(field);
        self.numbers.insert(known, number);
        number
    }
}

/// The fields of all lists, and cookies.
#[derive(Default)]
pub(crate) struct FieldNames {
    pub(super) lists: [Fields; 4],
    pub(super) cookies: Cookies,
}

#[cfg(test)]
mod tests {
    use super::super::REQUEST;
    use super::*;
    use crate::redact::{Config, Keys};

    fn judge() -> Judge {
        Judge::new(&Keys::ephemeral().unwrap(), &Config::default())
    }

    #[test]
    fn fields_are_found_in_any_order() {
        let (mut judge, mut fields) = (judge(), Fields::default());
        let orders: [&[&str]; 5] = [
            &["Accept", "Host", "kim@example.com", "Date"],
            &["Host", "Accept", "Date"],
            &["Date", "Date", "accept", "4111111111111111"],
            &["Accept", "Host", "4111111111111111", "Date"],
            &[],
        ];
        for order in orders.iter().chain(&orders) {
            fields.begin();
            for name in *order {
                let number = fields.number(&mut judge, REQUEST, name.as_bytes());
                let field = fields.get(number).unwrap();
                let safe = name.bytes().all(|b| b.is_ascii_alphabetic());
                assert_eq!(number != NONE, safe, "{name}");
                let text = if safe { name.to_ascii_lowercase() } else { shape(name) };
                assert_eq!(*field.text, *text);
                assert_eq!(*field.raw, *if safe { name.as_bytes() } else { b"" });
            }
        }
        assert_eq!(fields.fields.len(), 4);
    }

    fn shape(name: &str) -> String {
        format!("{{string:{}}}", name.len())
    }

    #[test]
    fn values_are_of_their_fields() {
        let (mut judge, mut fields) = (judge(), Fields::default());
        let accept = fields.number(&mut judge, REQUEST, b"Accept");
        let via = fields.number(&mut judge, REQUEST, b"Via");
        let id = fields.number(&mut judge, REQUEST, b"X-Request-Id");
        for number in [accept, id, NONE] {
            fields.settle(number, b"*/*", b"written", 1);
        }
        for _ in 0..3 {
            assert_eq!(fields.settled(accept, b"*/*"), Some((b"written".as_slice(), 1)));
            assert_eq!(fields.settled(accept, b"*"), None);
            assert_eq!(fields.settled(via, b"*/*"), None);
            assert_eq!(fields.settled(id, b"*/*"), None);
            assert_eq!(fields.settled(NONE, b"*/*"), None);
        }
    }

    #[test]
    fn there_is_an_end_of_names() {
        let (mut judge, mut fields) = (judge(), Fields::default());
        let words = [
            "page", "size", "user", "order", "item", "type", "time", "mode", "code", "name",
            "state",
        ];
        let mut most = 0;
        for a in words {
            for b in words {
                for c in words {
                    let name = format!("{a}-{b}-{c}");
                    let number = fields.number(&mut judge, REQUEST, name.as_bytes());
                    assert_eq!(*fields.get(number).unwrap().text, *name);
                    fields.settle(number, b"1", b"", 1);
                    most = most.max(fields.fields.len());
                }
            }
        }
        assert_eq!(most, NAMES_MAX);
        assert_eq!(fields.fields.len(), 1331 - NAMES_MAX);
    }
}
