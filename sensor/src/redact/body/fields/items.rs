//! What the name of a list says of its items.

use apitap_proto::v1::entity::Kind;

use super::Fields;
use crate::redact::api_words;
use crate::redact::class::Class;
use crate::redact::names::{Meaning, Name};

impl Fields<'_> {
    /// What the name of an array says of its items: `users` of each that it is a user, or its number; `pins` that it is a
    /// secret. Nothing says of arguments and of rows, which are told by their place alone, that they are harmless.
    pub(super) fn of_items(&self, mark: &str) -> Name {
        let name = self.at.name;
        let (path, called) = self.room.named(self.at);
        let said = matches!(name.meaning, Meaning::Secret(_) | Meaning::Personal(_));
        if mark == "[]" && !said && (path.ends_with("[]") || positional(called)) {
            let number = matches!(name.meaning, Meaning::Unknown | Meaning::Count | Meaning::Enum);
            let meaning = if number { Meaning::Unknown } else { name.meaning };
            return Name { meaning, safe: false, ..name };
        }
        if mark != "[]" || name.meaning != Meaning::Unknown || !name.safe {
            return name;
        }
        let one = api_words::member(called);
        match one.map(|one| self.judge.names.meaning(one.as_bytes())) {
            Some(id @ Meaning::Id(kind)) if kind != Kind::Unspecified => {
                Name { meaning: id, ..name }
            }
            Some(secret @ Meaning::Secret(Class::Pin | Class::Cvv | Class::Otp)) => {
                Name { meaning: secret, ..name }
            }
            _ => name,
        }
    }

    /// What the name says that a member stands in. Objects in a list called `pins` are no secrets: maps have pins, too.
    pub(super) fn above(&self) -> Meaning {
        let meaning = self.at.name.meaning;
        if !matches!(meaning, Meaning::Secret(_)) {
            return meaning;
        }
        let room = &*self.room;
        let list = room.known.parent(self.at.node).or(room.stack.last().map(|(_, at)| at));
        let item = room.path_of(self.at).ends_with("[]");
        // Only where the items alone are.
        if item && list.is_some_and(|list| list.name.meaning == Meaning::Unknown) {
            return Meaning::Unknown;
        }
        meaning
    }
}

/// Whether the items of a list called so are told by their place alone.
fn positional(name: &str) -> bool {
    matches!(
        name,
        "params" | "parameters" | "args" | "arguments" | "argv" | "binds" | "bindings" | "values"
    )
}
