//! The way back, for who has the key: the values of reversible tokens.
//!
//! No part of the line: only `apitap detokenize` comes here, and it writes down that it did.

use ring::hkdf::Prk;
use zeroize::Zeroizing;

use super::class::Class;
use super::key::Keys;
use super::token::SALT;
use super::{derive, formed, token_text as text};

/// Opens tokens. No `Debug`: it holds keys.
pub struct Opener<'a> {
    keys: Vec<(&'a str, Prk)>,
    tenants: Vec<&'a str>,
}

/// A value that was in a token. Overwritten when dropped; no `Debug`.
pub struct Opened<'a> {
    /// In normal form.
    pub value: Zeroizing<Vec<u8>>,
    /// Its data class.
    pub class: &'static str,
    /// Id of the key.
    pub kid: &'a str,
    /// Whose it was.
    pub tenant: &'a str,
}

/// Why a token was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is of a form that cannot be reversed.
    #[error("this token is one-way: only siv_ tokens can be reversed")]
    OneWay,
    /// It is no token, or not a whole one.
    #[error("this is no token siv_<class>_<key id>_<base32>")]
    Text,
    /// Its key is not there.
    #[error("its key is not in the key file: use the file of that time")]
    Key,
    /// It was made with another key of that name, for another tenant, or was changed.
    #[error(
        "it does not open: another key of the same id, another tenant (--tenant), or a changed token"
    )]
    Sealed,
}

impl<'a> Opener<'a> {
    /// With all keys of a file, for these tenants.
    pub fn new(keys: &'a Keys, tenants: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            keys: keys.all().map(|(kid, root)| (kid, derive::extract(SALT, root))).collect(),
            tenants: tenants.into_iter().collect(),
        }
    }

    /// The value in a token.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened.
    pub fn open(&self, token: &str) -> Result<Opened<'a>, OpenError> {
        // Names of classes have underscores, digits and key ids have none.
        let mut parts = token.rsplitn(3, '_');
        let (Some(digits), Some(kid), Some(form)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(OpenError::Text);
        };
        let (form, name) = form.split_once('_').ok_or(OpenError::Text)?;
        match form {
            formed::SEALED => {}
            "tok" | "fpe" => return Err(OpenError::OneWay),
            _ => return Err(OpenError::Text),
        }
        let class = Class::TOKENS.into_iter().map(Class::name).find(|class| *class == name);
        let class = class.ok_or(OpenError::Text)?;
        let sealed = text::octets_of(digits).filter(|octets| octets.len() >= 16);
        let sealed = sealed.ok_or(OpenError::Text)?;
        let known = self.keys.iter().find(|(known, _)| *known == kid);
        let (kid, root) = known.ok_or(OpenError::Key)?;
        let opened = self.tenants.iter().find_map(|tenant| {
            let value = formed::open(root, [tenant, class, kid], &sealed)?;
            Some(Opened { value, class, kid, tenant })
        });
        opened.ok_or(OpenError::Sealed)
    }
}
