//! Detectors that the configuration adds, asked after the built-in ones in the same look at a value.
//!
//! All regular expressions are tried at once, without keeping anything; which one matched, and where, is only looked
//! for when one did. Values are looked at up to [`LOOKED_MAX`] octets: of longer ones only the shape leaves.

pub(crate) mod class;
mod config;
mod validate;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

pub use config::{Detector, Detectors, Leave};

use super::class::{Class, Exit};
use super::detect::{Confidence, Found, Verdict};
use validate::Validator;

/// Octets of a value that are looked at.
const LOOKED_MAX: usize = 4096;

/// Detectors, ready to be asked. No detector, no cost.
#[derive(Default)]
pub(crate) struct Set {
    probes: Vec<Probe>,
    /// The expressions that look at every value; `None` when together they take too much memory: then one by one.
    everywhere: Option<RegexSet>,
    /// How values of classes of one's own leave.
    exits: Vec<(Class, Exit)>,
}

/// One detector.
struct Probe {
    pattern: Pattern,
    validator: Option<Validator>,
    class: Class,
    /// Bit of the detector among those that only look under their fields' names; 0 when it looks everywhere.
    asked: u32,
}

enum Pattern {
    Regex(Regex),
    Words(AhoCorasick),
    /// The whole value.
    Whole,
}

/// A field's name, the detector that looks under it, and the class when the name alone tells.
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) asked: u32,
    pub(crate) class: Option<Class>,
}

impl Set {
    /// Compiles what was checked when it was read.
    pub(crate) fn new(detectors: &Detectors) -> Self {
        let classes = detectors.classes().unwrap_or_default();
        let list = || detectors.list().iter().zip(&classes).enumerate();
        let probes = list().filter_map(|(nth, (detector, (class, _)))| {
            let pattern = match &detector.regex {
                Some(regex) => Pattern::Regex(regex.compiled()?),
                None if !detector.words.is_empty() => Pattern::Words(words(&detector.words)?),
                None if detector.validator.is_some() => Pattern::Whole,
                None => return None,
            };
            let asked = if detector.fields.is_empty() { 0 } else { bit(nth) };
            Some(Probe { pattern, validator: detector.validator, class: *class, asked })
        });
        let everywhere = detectors.list().iter().filter(|detector| detector.fields.is_empty());
        let texts: Vec<&str> =
            everywhere.filter_map(|d| d.regex.as_ref().map(|r| r.text())).collect();
        Self {
            probes: probes.collect(),
            everywhere: RegexSetBuilder::new(texts).unicode(false).build().ok(),
            exits: classes.iter().filter_map(|(class, exit)| Some((*class, (*exit)?))).collect(),
        }
    }

    /// Names of fields and what they ask for.
    pub(crate) fn fields(detectors: &Detectors) -> Vec<Field<'_>> {
        let classes = detectors.classes().unwrap_or_default();
        let list = detectors.list().iter().zip(classes).enumerate();
        list.flat_map(|(nth, (detector, (class, _)))| {
            let plain = detector.regex.is_none()
                && detector.words.is_empty()
                && detector.validator.is_none();
            let (asked, class) = if plain { (0, Some(class)) } else { (bit(nth), None) };
            detector.fields.iter().map(move |name| Field { name, asked, class })
        })
        .collect()
    }

    /// Whether there is nothing to ask.
    pub(crate) const fn is_idle(&self) -> bool {
        self.probes.is_empty()
    }

    /// Whether there are classes of one's own.
    pub(crate) const fn has_exits(&self) -> bool {
        !self.exits.is_empty()
    }

    /// How values of a class of one's own leave.
    pub(crate) fn exit(&self, class: Class) -> Option<Exit> {
        self.exits.iter().find(|(own, _)| *own == class).map(|(_, exit)| *exit)
    }

    /// Adds to `verdict` what is found in `text`, under a name that asks for the detectors `asked`.
    ///
    /// What is found of a whole value wins over what is built in, unless that must not be stored.
    pub(crate) fn look(&self, asked: u32, text: &[u8], verdict: &mut Verdict) {
        if self.is_idle() || text.is_empty() {
            return;
        }
        let cut = text.len() > LOOKED_MAX;
        let text = text.get(..LOOKED_MAX).unwrap_or(text);
        let everywhere = self.everywhere.as_ref().is_none_or(|set| set.is_match(text));
        for probe in &self.probes {
            let due = match probe.pattern {
                _ if probe.asked != 0 => probe.asked & asked != 0,
                Pattern::Regex(_) => everywhere,
                Pattern::Words(_) | Pattern::Whole => true,
            };
            let Some((start, end)) = due.then(|| probe.find(text)).flatten() else { continue };
            let confidence =
                if probe.validator.is_some() { Confidence::High } else { Confidence::Medium };
            let found = Found { class: probe.class, confidence };
            if cut || (start, end) != (0, text.len()) {
                if let Some(slot) = verdict.inside.iter_mut().find(|slot| slot.is_none()) {
                    *slot = Some(found);
                }
                continue;
            }
            if verdict.whole.is_none_or(|known| known.class.exit() != Exit::Drop) {
                (verdict.whole, verdict.own) = (Some(found), true);
            }
            return;
        }
    }

    /// The first class found in a name or a part of a path, whatever its field.
    pub(crate) fn any(&self, text: &[u8]) -> Option<Found> {
        let mut verdict = Verdict::default();
        self.look(0, text, &mut verdict);
        verdict.whole.or_else(|| verdict.inside.into_iter().flatten().next())
    }
}

fn bit(nth: usize) -> u32 {
    u32::try_from(nth).map_or(0, |nth| 1_u32.wrapping_shl(nth))
}

fn words(words: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .ok()
}

impl Probe {
    /// The first match that passes.
    fn find(&self, text: &[u8]) -> Option<(usize, usize)> {
        let passes = |(start, end): &(usize, usize)| {
            self.validator.is_none_or(|validator| {
                text.get(*start..*end).is_some_and(|found| validator.passes(found))
            })
        };
        match &self.pattern {
            Pattern::Regex(regex) => {
                regex.find_iter(text).map(|found| (found.start(), found.end())).find(passes)
            }
            Pattern::Words(words) => {
                let found = words.find_iter(text).map(|found| (found.start(), found.end()));
                found.filter(|(start, end)| word(text, *start, *end)).find(passes)
            }
            Pattern::Whole => Some((0, text.len())).filter(passes),
        }
    }
}

/// Whether no ASCII letter or digit goes on where a word that begins or ends with one does.
fn word(text: &[u8], start: usize, end: usize) -> bool {
    let ascii =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let joined = |inside: Option<usize>, outside: Option<usize>| ascii(inside) && ascii(outside);
    !joined(Some(start), start.checked_sub(1)) && !joined(end.checked_sub(1), Some(end))
}

#[cfg(test)]
mod tests;
