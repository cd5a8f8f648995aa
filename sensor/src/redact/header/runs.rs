//! Header fields that come one behind the other and are all kept, as they were written then: a client or server sends
//! the same ones with every message, so that most of a head is a few such runs.

use zeroize::Zeroizing;

use crate::call::{Lines, Span};

/// Fewest and most fields of a run.
const FIELDS_MIN: usize = 2;
const FIELDS_MAX: usize = 16;
/// Longest run, in octets as it came.
const RAW_MAX: usize = 1024;
/// Messages that must differ, one after the other, before a run is given up for another.
const MISSED_MAX: u8 = 7;

/// A run. Holds it as it came, so that is overwritten when dropped.
struct Run {
    /// From its first name to its last value.
    raw: Zeroizing<Vec<u8>>,
    /// Octets of each name and value. With these `raw` says where each is: names and values follow one another at once,
    /// or the text is as it was sent, which is read one way only.
    lens: Vec<[u32; 2]>,
    /// The `Parameter`s, as elements of their list.
    written: Vec<u8>,
    /// How many values were judged for them.
    values: u64,
    /// Number of its last field.
    last: usize,
}

/// What a run comes to.
pub(super) struct Known<'a> {
    /// How many fields it has.
    pub(super) fields: usize,
    pub(super) written: &'a [u8],
    pub(super) values: u64,
    pub(super) last: usize,
}

impl Known<'_> {
    /// How many values are kept: one of each field.
    pub(super) fn kept(&self) -> u64 {
        u64::try_from(self.fields).unwrap_or(0)
    }
}

/// Octets from the first of these names to the last of these values.
fn octets<'m>(lines: Lines<'m>, fields: &[(Span, Span)]) -> Option<&'m [u8]> {
    let ((first, _), (_, last)) = (fields.first()?, fields.last()?);
    let end = last.start.checked_add(last.len)?;
    let len = end.checked_sub(first.start)?;
    Some(Span { start: first.start, len }.of(lines.text))
}

/// The two runs that came at a place most.
#[derive(Default)]
pub(super) struct Slot {
    ways: [Way; 2],
}

/// A run, and how often in turn another came.
#[derive(Default)]
struct Way {
    run: Option<Box<Run>>,
    missed: u8,
}

impl Slot {
    /// The run that the fields from the `nth` on begin with, if it is one that came before.
    #[inline]
    pub(super) fn find(&mut self, lines: Lines<'_>, nth: usize) -> Option<Known<'_>> {
        let run = self.ways.iter_mut().find_map(|way| way.find(lines, nth))?;
        let Run { lens, written, values, last, .. } = run;
        Some(Known { fields: lens.len(), written, values: *values, last: *last })
    }

    /// Where another run may be remembered.
    fn room(&mut self) -> Option<&mut Way> {
        let [a, b] = &mut self.ways;
        let way = if b.run.is_none() && a.run.is_some() || b.missed > a.missed { b } else { a };
        (way.run.is_none() || way.missed > MISSED_MAX).then_some(way)
    }
}

impl Way {
    #[inline]
    fn find(&mut self, lines: Lines<'_>, nth: usize) -> Option<&Run> {
        let run = self.run.as_deref()?;
        if run.begins(lines, nth) {
            self.missed = 0;
            return Some(run);
        }
        self.missed = self.missed.saturating_add(1);
        None
    }
}

impl Run {
    /// Whether it is what the fields from the `nth` on begin with.
    #[inline]
    fn begins(&self, lines: Lines<'_>, nth: usize) -> bool {
        let fields = lines.fields.get(nth..nth.saturating_add(self.lens.len()));
        fields.is_some_and(|fields| {
            let mut lens = fields.iter().zip(&self.lens);
            octets(lines, fields).is_some_and(|raw| *raw == **self.raw)
                && lens.all(|((name, value), lens)| [name.len, value.len] == *lens)
        })
    }
}

/// A run that is being met.
#[derive(Clone, Copy)]
pub(super) struct Meeting {
    /// Number of the field before it.
    pub(super) before: usize,
    /// Its first field, by its place in the message.
    pub(super) nth: usize,
    /// Where it is written.
    pub(super) start: usize,
    pub(super) values: u64,
    /// Number of its last field so far.
    pub(super) last: usize,
}

impl Meeting {
    /// Remembers the run, which ends before field `end` of the message, and is the last in `out`.
    pub(super) fn over(self, slot: &mut Slot, lines: Lines<'_>, end: usize, out: &[u8]) {
        let Some(way) = slot.room() else { return };
        let fields = lines.fields.get(self.nth..end).unwrap_or_default();
        if !(FIELDS_MIN..=FIELDS_MAX).contains(&fields.len()) {
            return;
        }
        let Some(raw) = octets(lines, fields).filter(|raw| raw.len() <= RAW_MAX) else { return };
        let (raw, values, last) = (Zeroizing::new(raw.to_vec()), self.values, self.last);
        let lens = fields.iter().map(|(name, value)| [name.len, value.len]).collect();
        let written = out.get(self.start..).unwrap_or_default().to_vec();
        *way = Way { run: Some(Box::new(Run { raw, lens, written, values, last })), missed: 0 };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{REQUEST, Sent, read};
    use crate::redact::judge::Judge;
    use crate::redact::{Config, Keys};

    const NAMES: [&str; 8] = [
        "accept",
        "Accept",
        "Host",
        "User-Agent",
        "Date",
        "X-Request-Id",
        "Via",
        "kim@example.com",
    ];
    const VALUES: [&str; 6] = [
        "*/*",
        "curl/8.5.0",
        "api.example.com",
        "Sun, 22 Nov 2026 10:00:00 GMT",
        "kim@example.com",
        "",
    ];

    /// What is written of a head, and what is counted.
    fn told(judge: &mut Judge, head: &[(usize, usize)]) -> (Vec<u8>, String) {
        let text = |n: usize, texts: &[&'static str]| texts[n % texts.len()].as_bytes();
        let sent =
            Sent::of(head.iter().map(|(name, value)| (text(*name, &NAMES), text(*value, &VALUES))));
        let before = judge.counts.clone();
        let mut out = Vec::new();
        let headers = read(judge, &mut out, sent.lines(), REQUEST, 0);
        let after = &judge.counts;
        let counts = [
            after.values - before.values,
            after.values_kept - before.values_kept,
            after.values_tokenized - before.values_tokenized,
            after.values_shaped - before.values_shaped,
            after.names_hidden - before.names_hidden,
            after.findings - before.findings,
            after.cut - before.cut,
        ];
        (out, format!("{counts:?} {} {}", headers.headers.cut, headers.headers.len))
    }

    proptest! {
        // However often what came before, in whatever order, with however little room.
        #[test]
        fn runs_are_written_as_their_fields_are(
            heads in prop::collection::vec(prop::collection::vec((0..8_usize, 0..6_usize), 0..8), 1..5),
            order in prop::collection::vec(0..5_usize, 1..24),
            room in prop::sample::select(vec![3_usize, 6, 64]),
        ) {
            let config = Config { parameters_max: room, ..Config::default() };
            let keys = Keys::ephemeral().unwrap();
            let mut judge = Judge::new(&keys, &config);
            for nth in order {
                let head = &heads[nth % heads.len()];
                let plain = told(&mut Judge::new(&keys, &config), head);
                prop_assert_eq!(told(&mut judge, head).0, plain.0);
                let again = told(&mut judge, head);
                prop_assert_eq!(again.1, told(&mut judge, head).1);
            }
        }
    }
}
