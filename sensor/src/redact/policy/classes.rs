//! Data classes by name, and what no rule may do with them.

use crate::redact::class::{Class, Exit};
use crate::redact::config::Config;
use crate::redact::judge::{Judgement, Way};

/// Every class, in the order of their names: the built-in ones, and those that `config` names.
pub(crate) fn all(config: &Config) -> Vec<Class> {
    let own = config.detectors.classes().unwrap_or_default();
    let mut all: Vec<Class> = Class::BUILT_IN.to_vec();
    all.extend(own.into_iter().map(|(class, _)| class));
    all.sort_by_key(|class| class.name());
    all.dedup();
    all
}

/// Every class that a value was judged to be of, or to have something of in it.
pub(crate) fn of(judged: &Judgement) -> impl Iterator<Item = Class> {
    let Judgement { way, found, inside, .. } = *judged;
    let token = if let Way::Token(class) = way { Some(class) } else { None };
    let found = std::iter::once(found).chain(inside).flatten().map(|found| found.class);
    found.chain(token)
}

/// The class of this name: a built-in one, or one that `config` names.
pub(crate) fn named(config: &Config, name: &str) -> Option<Class> {
    Class::named(name).or_else(|| all(config).into_iter().find(|class| class.name() == name))
}

/// Whether values must not leave in any form (PCI DSS 3.3; passwords, private keys): no rule changes that.
pub(crate) const fn never_stored(class: Class) -> bool {
    matches!(class.exit(), Exit::Drop)
}

/// Whether values let whoever reads them act for someone else: never kept, not even in part.
pub(crate) const fn never_shown(class: Class) -> bool {
    never_stored(class) || matches!(class, Class::Credential | Class::Jwt | Class::Session)
}

/// Whether values leave as they are only where a rule accepts that in so many words.
pub(crate) const fn sensitive(class: Class) -> bool {
    !matches!(class, Class::Id | Class::FileName)
}

/// Whether the class names something of the record that is no value of a field: rules do not reach it.
pub(crate) const fn fixed(class: Class) -> bool {
    matches!(class, Class::Path | Class::Subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_stored() {
        for class in ["cvv", "pin", "password", "track", "private_key", "otp"] {
            assert!(never_stored(Class::named(class).unwrap()), "{class}");
        }
        assert!(never_shown(Class::Jwt) && !never_shown(Class::Pan));
    }
}
