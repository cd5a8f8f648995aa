//! Classes of one's own: names that the configuration gives, in slots that last as long as the process.
//!
//! A slot is a class with its labels. Reading the same configuration again takes no new one.

use std::sync::OnceLock;

use crate::redact::class::Class;

/// Most classes of one's own that a process has known.
pub(crate) const OWN_MAX: usize = Class::OWN.len();

struct Facts {
    name: String,
    labels: Vec<&'static str>,
}

static SLOTS: [OnceLock<Facts>; OWN_MAX] = [const { OnceLock::new() }; OWN_MAX];

/// The class of this name with these labels; `None` when all slots are taken by others.
pub(super) fn own(name: &str, labels: &[&str]) -> Option<Class> {
    SLOTS.iter().zip(Class::OWN).find_map(|(slot, class)| {
        let facts = slot.get_or_init(|| Facts {
            name: name.to_owned(),
            // As many as slots have labels, once.
            labels: labels.iter().map(|label| &*Box::leak(Box::<str>::from(*label))).collect(),
        });
        (facts.name == name && facts.labels == labels).then_some(class)
    })
}

/// Name of a class of one's own.
pub(crate) fn name(class: Class) -> &'static str {
    facts(class).map_or("own", |facts| &facts.name)
}

/// Labels of a class of one's own.
pub(crate) fn labels(class: Class) -> &'static [&'static str] {
    facts(class).map_or(&[], |facts| &facts.labels)
}

fn facts(class: Class) -> Option<&'static Facts> {
    SLOTS.get(class.slot()?)?.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_class() {
        let one = own("of_a_test", &["GDPR"]).unwrap();
        assert_eq!(own("of_a_test", &["GDPR"]), Some(one));
        assert_ne!(own("of_a_test", &["HIPAA"]), Some(one));
        assert_eq!((name(one), labels(one)), ("of_a_test", ["GDPR"].as_slice()));
        assert_eq!(name(Class::Pan), "own");
    }
}
