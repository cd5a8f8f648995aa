//! What makes tokens of another form than a hash, of one class, tenant and epoch.

use ring::hkdf::Prk;
use zeroize::Zeroizing;

use super::class::Class;
use super::config::Config;
use super::derive;
use super::ff1::Preserver;
use super::siv::Sealer;
use super::token_text as text;

/// Longest value, in normal form, that is made reversible, in octets. A token shows its length, and grows with it.
const REVERSIBLE_MAX: usize = 256;
/// First words of these forms.
pub(super) const SEALED: &str = "siv";
const PRESERVED: &str = "fpe";

/// Makes the tokens of one class. No `Debug`: it holds keys.
pub(super) struct Formed {
    form: Form,
    /// `siv_<class>_<kid>_`
    head: String,
    about: About,
}

enum Form {
    Sealed(Sealer),
    Preserved(Preserver),
}

/// What a token is bound to, besides its key: tenant, class and epoch.
struct About(Vec<u8>);

impl About {
    fn new([tenant, class, kid]: [&str; 3]) -> Self {
        Self(derive::info(["apitap v1", tenant, class, kid]))
    }
}

/// What seals and opens the tokens of a tenant, class and epoch: `tenant`, `class`, `kid`.
fn sealer(root: &Prk, [tenant, class, kid]: [&str; 3]) -> Sealer {
    let key: Zeroizing<[u8; super::siv::KEY]> =
        derive::expand(root, &derive::info([SEALED, tenant, class, kid]));
    Sealer::new(&key)
}

/// The value in a sealed token; `None` when it is of another key.
pub(super) fn open(root: &Prk, parts: [&str; 3], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    sealer(root, parts).open(&[&About::new(parts).0], sealed)
}

impl Formed {
    /// What the policy asks for, if it asks for another form.
    pub(super) fn new(
        policy: &Config,
        root: &Prk,
        class: Class,
        tenant: &str,
        kid: &str,
    ) -> Option<Self> {
        let parts = [tenant, class.name(), kid];
        let (form, word) = if policy.reversible.has(class) {
            (Form::Sealed(sealer(root, parts)), SEALED)
        } else if policy.format_preserving.has(class) {
            let [tenant, class, kid] = parts;
            let key = derive::expand(root, &derive::info([PRESERVED, tenant, class, kid]));
            (Form::Preserved(Preserver::new(&key)?), PRESERVED)
        } else {
            return None;
        };
        let head = format!("{word}_{}_{kid}_", class.name());
        Some(Self { form, head, about: About::new(parts) })
    }

    /// Appends the text of the token of a value in normal form; `false` when the value is none that can have one.
    pub(super) fn write(&mut self, class: Class, value: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.extend_from_slice(self.head.as_bytes());
        let about = self.about.0.as_slice();
        let made = match &mut self.form {
            Form::Sealed(sealer) if value.len() <= REVERSIBLE_MAX => {
                let from = out.len();
                sealer.seal(&[about], value, out) && text::base32_in_place(out, from)
            }
            Form::Sealed(_) => false,
            Form::Preserved(preserver) => preserver.preserve(class, about, value, out),
        };
        if !made {
            out.truncate(start);
        }
        made
    }
}
