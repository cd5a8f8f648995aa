//! What leaves of values once it is decided how: of fields that were judged, and of values whose place says it.

use apitap_proto::v1::ValueType;

use super::class::Class;
use super::detect::{Confidence, Verdict};
use super::found::Place;
use super::judge::{Judge, Judgement, Way, length, must_not_be_hashed, typed};
use super::made::{Form, Made};
use super::policy::{Why, dates};
use super::words;

impl Judge {
    /// Makes what leaves of a value.
    pub(crate) fn render(&mut self, way: Way, kind: ValueType, text: &[u8]) -> Made {
        self.made(way, kind, text)
    }

    /// As [`render`](Self::render), in the line of leaves.
    #[inline]
    pub(crate) fn made(&mut self, way: Way, kind: ValueType, text: &[u8]) -> Made {
        match way {
            // Only text is ever kept; anything else would be a slip, and leaves nothing.
            Way::Keep => self.kept(std::str::from_utf8(text.trim_ascii()).unwrap_or_default()),
            Way::Day => {
                let text = text.trim_ascii();
                let day = dates::day(text, true, self.year).and_then(|end| text.get(..end));
                self.kept(day.and_then(|day| std::str::from_utf8(day).ok()).unwrap_or_default())
            }
            Way::Mask(shown) => {
                self.counts.values_masked += 1;
                self.values.masked(std::str::from_utf8(text).unwrap_or_default(), shown)
            }
            Way::Token(class) => {
                self.counts.values_tokenized += 1;
                let Self { values, tokens, .. } = self;
                values.add(Form::Token(class.token()), |out| tokens.token(class, text, out))
            }
            Way::Shape => {
                self.counts.values_shaped += 1;
                self.values.shape(typed(kind, text), length(text))
            }
            Way::Drop => {
                self.counts.values_dropped += 1;
                self.values.shape(typed(kind, text), 0)
            }
        }
    }

    /// A text that is kept, as rules have decided.
    pub(crate) fn kept(&mut self, text: &str) -> Made {
        self.counts.values_kept += 1;
        self.values.kept(text)
    }

    /// A text that a rule allows to keep, unless something in it speaks against it: then its shape.
    pub(crate) fn keep_if_clean(&mut self, place: Place<'_>, text: &[u8]) -> Made {
        self.counts.values += 1;
        let verdict = self.look(0, text);
        let fit = verdict.clean() && words::keepable(text) && !self.broken;
        let (way, why) =
            if fit { (Way::Keep, Why::KnownValue) } else { (Way::Shape, Why::Default) };
        let judgement = Judgement::told(way, why, &verdict);
        let judgement = self.ruled(place, None, ValueType::String, text, judgement);
        self.note(place, &judgement);
        self.render(judgement.way, ValueType::String, text)
    }

    /// A header value of which `read` gives back what may leave; its shape when that is nothing.
    pub(crate) fn keep_known(
        &mut self,
        place: Place<'_>,
        text: &[u8],
        read: impl Fn(&[u8]) -> Option<String>,
    ) -> Made {
        self.counts.values += 1;
        let verdict = if self.broken { Verdict::default() } else { self.look(0, text) };
        let kept = read(text).filter(|kept| {
            let kept = kept.as_bytes();
            !self.broken && self.look(0, kept).clean()
        });
        let (way, why) = match &kept {
            _ if self.broken => (Way::Shape, Why::Broken),
            Some(_) => (Way::Keep, Why::KnownValue),
            None => (Way::Shape, Why::Default),
        };
        let judgement = Judgement::told(way, why, &verdict);
        let judgement = self.ruled(place, None, ValueType::String, text, judgement);
        let mut noted = judgement;
        if !verdict.clean() && noted.way == Way::Keep {
            // What was found is not in what is kept.
            noted.way = Way::Shape;
        }
        self.note(place, &noted);
        match kept {
            Some(kept) if judgement.way == Way::Keep => self.kept(&kept),
            _ => self.render(judgement.way, ValueType::String, text),
        }
    }

    /// A short number or mark that a rule allows to keep.
    pub(crate) fn keep_small(&mut self, place: Place<'_>, text: &[u8]) -> Made {
        self.counts.values += 1;
        let (way, why) =
            if self.broken { (Way::Shape, Why::Broken) } else { (Way::Keep, Why::SmallInteger) };
        let judgement = Judgement::plain(way, why);
        let judgement = self.ruled(place, None, ValueType::Unspecified, text, judgement);
        self.note(place, &judgement);
        self.render(judgement.way, ValueType::Unspecified, text)
    }

    /// A value that must be a token, whatever its form: of the class its form tells, else of `class`.
    pub(crate) fn token_value(&mut self, place: Place<'_>, class: Class, text: &[u8]) -> Made {
        self.counts.values += 1;
        let looked = text.get(..self.policy.scan_bytes_max).unwrap_or(text);
        let verdict = self.look(0, looked);
        let mut judgement = match verdict.whole {
            Some(found) => Judgement::of(found.class, found.confidence, Why::Detector),
            None if class.labels().is_empty() && class != Class::Credential => {
                Judgement::plain(Way::Token(class), Why::Place)
            }
            None => Judgement::of(class, Confidence::Medium, Why::Place),
        };
        self.leave(&mut judgement);
        judgement.inside = verdict.inside;
        if must_not_be_hashed(&verdict.inside) {
            judgement.way = Way::Shape;
        }
        let judgement = self.ruled(place, None, ValueType::String, text, judgement);
        self.note(place, &judgement);
        self.render(judgement.way, ValueType::String, text)
    }
}
