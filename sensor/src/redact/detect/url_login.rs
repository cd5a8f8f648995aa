//! User and password inside a URL: `scheme://user:password@host` (RFC 3986 §3.2.1).

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Class, Confidence, Detector, Hit, Look};
use crate::redact::look::ahead;

pub(super) const ENTRY: Detector = Detector {
    class: Class::Password,
    kinds: super::scan::AT | super::scan::COLON,
    any: 0,
    digits_min: 0,
    run_min: 0,
    octets_min: 5,
    seen,
    find,
};

static MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"://"));

fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let slashes = look.slashes();
    let mark = look.colons() & ahead(slashes, 1) & ahead(slashes, 2);
    if mark == 0 { None } else { find(text) }
}

fn find(text: &[u8]) -> Option<Hit> {
    MARK.find_iter(text).find_map(|at| {
        let authority = text.get(at.checked_add(3)?..)?;
        let len = authority
            .iter()
            .take_while(|b| b.is_ascii_graphic() && !b"/?#\"<>".contains(b))
            .count();
        let authority = authority.get(..len)?;
        let login = authority.get(..memchr::memrchr(b'@', authority)?)?;
        // Nothing of such a text leaves.
        login.contains(&b':').then_some(Hit {
            start: 0,
            end: text.len(),
            confidence: Confidence::High,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins() {
        for text in ["https://kim:pw@example.com/", "see ftp://a:b@c"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["https://example.com/a:b@c", "https://kim@example.com", "a:b@c"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
