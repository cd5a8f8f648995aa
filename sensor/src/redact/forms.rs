//! Which classes have tokens of another form than a hash: reversible ones, and ones that keep their format.

use serde::{Deserialize, Serialize};

use super::class::Class;

/// Classes that tokens of another form may be asked for, if any; all others never.
const PRESERVABLE: [Class; 6] =
    [Class::Id, Class::KrForeigner, Class::KrRrn, Class::Pan, Class::Phone, Class::Ssn];

/// Whether who holds the key may read values of the class again. Not what lets its bearer in, and not whole paths,
/// as anything may be in them. Nor classes of one's own: what they hold is not known.
fn is_reversible(class: Class) -> bool {
    class.slot().is_none()
        && !matches!(
            class,
            Class::Cookie | Class::Credential | Class::Jwt | Class::Path | Class::Session
        )
}

/// Classes whose tokens can be reversed with the key, by name. Empty by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Reversible(Vec<Class>);

/// Classes whose tokens have as many digits as their values, by name. Empty by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct FormatPreserving(Vec<Class>);

/// A class cannot have tokens of this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" cannot be {form}: possible are {possible}")]
pub struct FormError {
    name: String,
    form: &'static str,
    possible: String,
}

impl Reversible {
    /// Whether tokens of the class can be reversed.
    pub(super) fn has(&self, class: Class) -> bool {
        self.0.contains(&class)
    }
}

impl FormatPreserving {
    /// Whether tokens of the class keep its format.
    pub(super) fn has(&self, class: Class) -> bool {
        self.0.contains(&class)
    }
}

impl TryFrom<Vec<String>> for Reversible {
    type Error = FormError;

    fn try_from(names: Vec<String>) -> Result<Self, FormError> {
        read(names, "reversible", is_reversible).map(Self)
    }
}

impl TryFrom<Vec<String>> for FormatPreserving {
    type Error = FormError;

    fn try_from(names: Vec<String>) -> Result<Self, FormError> {
        read(names, "format_preserving", |class| PRESERVABLE.contains(&class)).map(Self)
    }
}

impl From<Reversible> for Vec<String> {
    fn from(classes: Reversible) -> Self {
        write(&classes.0)
    }
}

impl From<FormatPreserving> for Vec<String> {
    fn from(classes: FormatPreserving) -> Self {
        write(&classes.0)
    }
}

fn read(
    names: Vec<String>,
    form: &'static str,
    may: impl Fn(Class) -> bool,
) -> Result<Vec<Class>, FormError> {
    let possible = || Class::TOKENS.into_iter().filter(|class| may(*class));
    let class = |name: String| {
        possible().find(|class| class.name() == name).ok_or_else(|| FormError {
            name,
            form,
            possible: possible().map(Class::name).collect::<Vec<_>>().join(", "),
        })
    };
    names.into_iter().map(class).collect()
}

fn write(classes: &[Class]) -> Vec<String> {
    classes.iter().map(|class| class.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_reversed_is_refused_by_name() {
        let refused = |name: &str| {
            let error = Reversible::try_from(vec!["id".into(), name.into()]).unwrap_err();
            let error = error.to_string();
            assert!(error.contains(&format!("\"{name}\" cannot be reversible")), "{error}");
            assert!(error.contains("address, birth_date, email"), "{error}");
        };
        // Credentials, what must never be stored, what leaves as its shape, what has the tokens of `id`.
        for name in ["credential", "cookie", "session", "jwt", "path", "password", "cvv", "pin"] {
            refused(name);
        }
        for name in ["private_key", "track", "otp", "geo", "account", "customer_id", "own", ""] {
            refused(name);
        }
        let some = Reversible::try_from(vec!["id".into(), "email".into()]).unwrap();
        assert!(some.has(Class::Id) && some.has(Class::Email) && !some.has(Class::Pan));
        assert_eq!(Vec::<String>::from(some), ["id", "email"]);
        assert!(FormatPreserving::try_from(vec!["email".into()]).is_err());
        assert!(FormatPreserving::try_from(vec!["pan".into()]).is_ok());
    }
}
