//! The policy: what a configuration changes of how values leave.
//!
//! The built-in rules judge every value first. Then, in the order of the file, the first rule that matches decides;
//! without one, or where it may not have what it asks for, the action of the value's class does; without that, the
//! built-in judgement stands. Whatever decides, some things hold (see [`Rules::way`]): what must never be stored is
//! dropped, credentials are never shown, and sensitive values leave as they are only where a rule accepts that in so
//! many words.
//!
//! Rules are bound to hosts and paths once per call: a call that none is in reach of pays one comparison a value.
//! Which rules reach a field is found out once per field and remembered.

mod apply;
mod check;
pub(crate) mod classes;
mod config;
pub(crate) mod dates;
mod effective;
mod explain;
pub(in crate::redact) mod glob;
mod mask;
mod reach;
#[cfg(test)]
mod tests;

use apitap_proto::v1::ValueType;

use super::class::{Class, Exit};
use super::config::Config;
use super::found::Place;
use super::judge::{Judgement, Way};

pub use check::Refused;
pub use config::{Action, Dates, Rule};
pub use effective::ClassPolicy;
pub(crate) use effective::labels;
pub use explain::Explanation;
pub(crate) use explain::{Explained, Why};
pub(crate) use mask::Shown;

use reach::{Reach, Set};

/// Number of the rule that decided, from 1; 0 for the built-in ones. See [`ids`].
pub(crate) type RuleId = u16;

/// Ids of everything that a configuration decides by, in the order of their numbers, from 1.
pub(crate) fn ids(config: &Config) -> Vec<String> {
    let rules = config.rules.iter().enumerate().map(|(index, rule)| rule.id(index));
    let classes = config.classes.keys().map(|class| format!("class:{class}"));
    rules.take(reach::RULES_MAX).chain(classes).collect()
}

/// What a rule does, besides where.
struct Deed {
    class: Option<Class>,
    action: Action,
    shown: Shown,
    accepts_raw: bool,
}

/// The rules of a configuration, and which of them the call at hand is in reach of.
pub(crate) struct Rules {
    reach: Reach,
    deeds: Vec<Deed>,
    /// Actions of classes, with their numbers.
    classes: Vec<(Class, Action, RuleId)>,
    /// Whether card numbers may leave as tokens: not where a mask shows a part of them (PCI DSS 3.5.1.1).
    pan_tokens: bool,
    /// Rules in reach of the call at hand.
    active: Set,
    idle: bool,
}

/// What a value is, for rules.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) place: Place<'a>,
    /// Name of a parameter whose place is a number.
    pub(crate) name: Option<&'a str>,
    pub(crate) kind: ValueType,
    pub(crate) text: &'a [u8],
    /// Whether values may have been joined wrongly.
    pub(crate) broken: bool,
}

impl Rules {
    /// The rules of `config`, which has been validated; what is wrong all the same has no effect.
    pub(crate) fn new(config: &Config) -> Self {
        let rules = config.rules.iter().take(reach::RULES_MAX);
        let deeds: Vec<Deed> = rules
            .map(|rule| Deed {
                class: classes::named(config, &rule.class),
                action: rule.action,
                shown: Shown::of(rule),
                accepts_raw: rule.i_accept_raw,
            })
            .collect();
        let ids = (deeds.len()..).filter_map(|index| RuleId::try_from(index.wrapping_add(1)).ok());
        let named = config.classes.iter().zip(ids);
        let classes = named.filter_map(|((class, action), id)| {
            Some((classes::named(config, class)?, *action, id))
        });
        let classes: Vec<_> = classes.collect();
        let mut rules = Self {
            reach: Reach::new(config.rules.iter()),
            deeds,
            pan_tokens: check::Cards::of(config).leave_as_tokens(),
            classes,
            active: 0,
            idle: true,
        };
        rules.begin();
        rules
    }

    /// Begins a call of which neither host nor path are known.
    pub(crate) fn begin(&mut self) {
        if !self.reach.is_empty() {
            self.active = self.reach.of_call(None);
        }
        self.idle = self.active == 0 && self.classes.is_empty();
    }

    /// Begins a call to this host, as it may leave, and path, as it came.
    pub(crate) fn call(&mut self, host: &str, path: &[u8]) {
        if !self.reach.is_empty() {
            self.active = self.reach.of_call(Some((host, path)));
        }
        self.idle = self.active == 0 && self.classes.is_empty();
    }

    /// Whether nothing of the call at hand is decided here.
    pub(crate) const fn is_idle(&self) -> bool {
        self.idle
    }

    /// Whether header fields of the call at hand may be written as they were the last time.
    pub(crate) const fn spares_headers(&self) -> bool {
        self.active & self.reach.headers() == 0
    }

    /// How a value leaves that the built-in rules judged so, and the number of what decided; `None` when that
    /// judgement stands.
    pub(crate) fn decide(
        &mut self,
        subject: Subject<'_>,
        judged: &Judgement,
    ) -> Option<(Way, RuleId)> {
        let class = class_of(judged);
        let mut near = self.active;
        if near != 0 {
            let name = subject.name.unwrap_or(subject.place.path);
            near &= self.reach.of_place(subject.place.part, name);
        }
        while near != 0 {
            let index = near.trailing_zeros();
            near &= near.wrapping_sub(1);
            let Some(deed) = usize::try_from(index).ok().and_then(|at| self.deeds.get(at)) else {
                continue;
            };
            if deed.class.is_none() || deed.class == class {
                if let Some(way) = self.way(deed, subject, judged) {
                    return Some((way, RuleId::try_from(index.wrapping_add(1)).unwrap_or(0)));
                }
                break;
            }
        }
        let (class, action, id) = self.classes.iter().find(|(c, ..)| Some(*c) == class)?;
        let deed = Deed {
            class: Some(*class),
            action: *action,
            shown: Shown::DEFAULT,
            accepts_raw: false,
        };
        Some((self.way(&deed, subject, judged)?, *id))
    }

    /// What a rule asks for, if it may have that.
    fn way(&self, deed: &Deed, subject: Subject<'_>, judged: &Judgement) -> Option<Way> {
        use ValueType::{Array, Binary, Null, Object};
        let Subject { kind, text, broken, .. } = subject;
        let empty = text.is_empty() || matches!(kind, Null | Object | Array | Binary);
        let any = |is: fn(Class) -> bool| classes::of(judged).any(is);
        if empty || judged.way == Way::Drop {
            return None;
        }
        match deed.action {
            Action::Drop => Some(Way::Drop),
            Action::Shape => Some(Way::Shape),
            // Nothing else is done with what holds a secret.
            _ if any(classes::never_stored) => None,
            Action::Token => self.token(kind, text, judged),
            Action::Keep => {
                let raw = any(classes::sensitive);
                let fit = !any(classes::never_shown)
                    && (deed.accepts_raw || !raw)
                    && !broken
                    && mask::plain(text);
                fit.then_some(Way::Keep)
            }
            Action::Mask => {
                let whole = judged.inside.iter().all(Option::is_none);
                let apart = !self.pan_tokens || !any(|class| class == Class::Pan);
                let shown = !any(classes::never_shown);
                let fit = shown && whole && apart && !broken && mask::plain(text);
                fit.then_some(Way::Mask(deed.shown))
            }
        }
    }

    fn token(&self, kind: ValueType, text: &[u8], judged: &Judgement) -> Option<Way> {
        // The token that the value has everywhere, if it has one.
        let class = if let Way::Token(class) = judged.way {
            class
        } else {
            judged.found.map_or(Class::Id, |found| found.class)
        };
        match class.exit() {
            // Too few values: whoever may send some knows all tokens.
            Exit::Shape | Exit::Drop => None,
            Exit::Token if kind == ValueType::Boolean => None,
            Exit::Token if class == Class::Pan && !self.pan_tokens => None,
            Exit::Token if text.len() > 4096 => Some(Way::Shape),
            Exit::Token => Some(Way::Token(class)),
        }
    }

    /// Whether values at this place leave at most as their shape, whatever they are: then how, and by which rule.
    pub(crate) fn bar(&mut self, place: Place<'_>) -> Option<(Way, RuleId)> {
        let mut near = self.active;
        if near != 0 {
            near &= self.reach.of_place(place.part, place.path);
        }
        while near != 0 {
            let index = near.trailing_zeros();
            near &= near.wrapping_sub(1);
            let deed = usize::try_from(index).ok().and_then(|at| self.deeds.get(at));
            let Some(deed) = deed.filter(|deed| deed.class.is_none()) else { continue };
            let id = RuleId::try_from(index.wrapping_add(1)).unwrap_or(0);
            return match deed.action {
                Action::Drop => Some((Way::Drop, id)),
                Action::Shape => Some((Way::Shape, id)),
                Action::Keep | Action::Token | Action::Mask => None,
            };
        }
        None
    }
}

/// The class a value was judged to be of; nothing when it is of none.
fn class_of(judged: &Judgement) -> Option<Class> {
    judged.found.map(|found| found.class).or(match judged.way {
        Way::Token(class) => Some(class),
        Way::Keep | Way::Day | Way::Mask(_) | Way::Shape | Way::Drop => None,
    })
}
