//! Where judgements meet the policy: what the configured rules change, and what is told of it.

use apitap_proto::v1::ValueType;

use super::explain::Why;
use super::{Subject, classes};
use crate::redact::found::Place;
use crate::redact::judge::{Judge, Judgement, Way};
use crate::redact::made::{Form, Made};

impl Judge {
    /// The judgement as the configured rules change it. `name` is that of a parameter whose place is a number.
    #[inline]
    pub(crate) fn ruled(
        &mut self,
        place: Place<'_>,
        name: Option<&str>,
        kind: ValueType,
        text: &[u8],
        judgement: Judgement,
    ) -> Judgement {
        if self.rules.is_idle() {
            judgement
        } else {
            self.overruled(place, name, kind, text, judgement)
        }
    }

    fn overruled(
        &mut self,
        place: Place<'_>,
        name: Option<&str>,
        kind: ValueType,
        text: &[u8],
        judgement: Judgement,
    ) -> Judgement {
        let subject = Subject { place, name, kind, text, broken: self.broken };
        let Some((way, rule)) = self.rules.decide(subject, &judgement) else { return judgement };
        let raw = way == Way::Keep && classes::of(&judgement).any(classes::sensitive);
        self.counts.values_ruled += 1;
        self.counts.values_raw += u64::from(raw);
        Judgement { way, rule, ..judgement }
    }

    /// What leaves of a value at a place of which a rule lets nothing but its shape leave, whatever it is.
    pub(crate) fn barred(&mut self, place: Place<'_>, text: &[u8]) -> Option<Made> {
        if self.rules.is_idle() {
            return None;
        }
        let (way, rule) = self.rules.bar(place)?;
        self.counts.values += 1;
        self.counts.values_ruled += 1;
        let judgement = Judgement { rule, ..Judgement::plain(way, Why::Default) };
        self.note(place, &judgement);
        Some(self.render(way, ValueType::String, text))
    }

    /// How much was explained of the call at hand.
    pub(crate) fn explained_rows(&self) -> u64 {
        self.explained.as_ref().map_or(0, |explained| explained.count)
    }

    /// Explains a value that was made without a judgement.
    pub(crate) fn explain(&mut self, place: Place<'_>, made: Made) {
        let Some(explained) = &mut self.explained else { return };
        let (way, why) = match made.form {
            Form::Kept => (Way::Keep, Why::KnownValue),
            Form::Token(class) => (Way::Token(class), Why::Place),
            Form::Shape | Form::Masked => (Way::Shape, Why::Default),
        };
        explained.add(place, &Judgement::plain(way, why));
    }
}
