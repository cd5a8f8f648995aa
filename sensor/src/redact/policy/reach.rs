//! Which rules reach a call, and which a place in it.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::config::{Action, Rule};
use super::glob::Glob;
use crate::redact::body::percent;

/// A set of rules, one bit each.
pub(super) type Set = u128;

/// Most rules of a configuration.
pub(crate) const RULES_MAX: usize = 128;
/// Most places remembered of one part of a call.
const PLACES_MAX: usize = 4096;

/// Which values of a message a rule is for.
enum FieldPattern {
    Any,
    /// The name alone.
    Name(Glob),
    /// All of a path.
    Path(Glob),
    /// A path, or the end of one behind a dot.
    End(Glob, Glob),
}

impl FieldPattern {
    fn new(pattern: &str) -> Self {
        if pattern.is_empty() {
            Self::Any
        } else if pattern.starts_with('$') || pattern.starts_with("*.") {
            Self::Path(Glob::new(pattern))
        } else if pattern.contains(['.', '[']) {
            Self::End(Glob::new(pattern), Glob::new(&format!("*.{pattern}")))
        } else {
            Self::Name(Glob::new(pattern))
        }
    }

    fn fits(&self, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Path(glob) => glob.matches(path.as_bytes()),
            Self::End(whole, end) => whole.matches(path.as_bytes()) || end.matches(path.as_bytes()),
            Self::Name(glob) => glob.matches(last_name(path).as_bytes()),
        }
    }
}

/// The last name of a path: `id` of `$.items[].id[]`, `user_id` of itself.
fn last_name(path: &str) -> &str {
    let mut rest = path;
    while let Some(shorter) = ["[]", "(json)", "(base64)"].iter().find_map(|m| rest.strip_suffix(m))
    {
        rest = shorter;
    }
    match path.starts_with('$') {
        true => rest.rsplit('.').next().unwrap_or_default(),
        false => rest,
    }
}

struct Where {
    host: Option<Glob>,
    path: Option<Glob>,
    location: Box<str>,
    field: FieldPattern,
    /// Whether it can only make less leave: then it holds also where the call's host and path were not seen.
    tightens: bool,
}

/// Rules by place.
type Places = HashMap<Box<str>, Set, foldhash::fast::RandomState>;

/// Where rules apply.
pub(super) struct Reach {
    rules: Vec<Where>,
    headers: Set,
    /// By part of a call: rules that reach a place.
    places: Vec<(&'static str, Places)>,
}

impl Reach {
    /// Of the first [`RULES_MAX`] rules.
    pub(super) fn new<'r>(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let rules = rules.take(RULES_MAX).map(|rule| Where {
            host: some(&rule.host).map(|host| Glob::new(&host)),
            path: some(&rule.path).map(|path| Glob::path(&path)),
            location: rule.location.as_str().into(),
            field: FieldPattern::new(&rule.field),
            tightens: matches!(rule.action, Action::Shape | Action::Drop),
        });
        let mut reach = Self { rules: rules.collect(), headers: 0, places: Vec::new() };
        reach.headers = reach.set(|rule| {
            let parts =
                ["request.header:", "request.trailer:", "response.header:", "response.trailer:"];
            parts.iter().any(|part| within(part, &rule.location))
        });
        reach
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Rules that may reach header fields.
    pub(super) const fn headers(&self) -> Set {
        self.headers
    }

    fn set(&self, mut fits: impl FnMut(&Where) -> bool) -> Set {
        let bits = (0..).map(|n| Set::from(1_u8).wrapping_shl(n));
        let hits = self.rules.iter().zip(bits).filter(|(rule, _)| fits(rule));
        hits.fold(0, |set, (_, bit)| set | bit)
    }

    /// Rules for a call to this host and path; `None` when they were not seen.
    pub(super) fn of_call(&self, call: Option<(&str, &[u8])>) -> Set {
        let decoded = match call {
            Some((_, path)) if self.rules.iter().any(|rule| rule.path.is_some()) => bare(path),
            _ => Cow::Borrowed(b"".as_slice()),
        };
        self.set(|rule| {
            let host = rule.host.as_ref().is_none_or(|glob| match call {
                Some((host, _)) if !host.is_empty() => glob.matches(host.as_bytes()),
                _ => rule.tightens,
            });
            let path = rule.path.as_ref().is_none_or(|glob| match call {
                Some((_, path)) if !path.is_empty() => glob.matches(&decoded),
                _ => rule.tightens,
            });
            host && path
        })
    }

    /// Rules for a place: found out once, then remembered. `path` is safe to keep.
    pub(super) fn of_place(&mut self, part: &'static str, path: &str) -> Set {
        let at = self.places.iter().position(|(known, _)| *known == part);
        if let Some((_, known)) = at.and_then(|at| self.places.get(at))
            && let Some(set) = known.get(path)
        {
            return *set;
        }
        let set = self.set(|rule| within(part, &rule.location) && rule.field.fits(path));
        if at.is_none() {
            self.places.push((part, Places::default()));
        }
        let at = at.unwrap_or(self.places.len().saturating_sub(1));
        if let Some((_, known)) = self.places.get_mut(at) {
            if known.len() >= PLACES_MAX {
                known.clear();
            }
            known.insert(path.into(), set);
        }
        set
    }
}

/// Whether a part of a call (`request.body:`) is at a location (`request`, `request.body`, or anywhere).
fn within(part: &str, location: &str) -> bool {
    let rest = part.strip_prefix(location);
    location.is_empty() || rest.is_some_and(|rest| rest.starts_with(['.', ':']))
}

/// A path without percent coding and matrix parameters.
fn bare(path: &[u8]) -> Cow<'_, [u8]> {
    if !path.contains(&b';') {
        return percent::decode(path, false);
    }
    let segments = path.split(|b| *b == b'/');
    let bare = segments.map(|segment| segment.split(|b| *b == b';').next().unwrap_or_default());
    let joined: Vec<u8> = bare.collect::<Vec<_>>().join(&b'/');
    Cow::Owned(percent::decode(&joined, false).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(rules: &str) -> Reach {
        #[derive(serde::Deserialize)]
        struct File {
            rules: Vec<Rule>,
        }
        let file: File = toml::from_str(rules).unwrap();
        Reach::new(file.rules.iter())
    }

    #[test]
    fn rules_are_bound_to_hosts_and_paths() {
        let reach = reach(
            "[[rules]]\nhost = '*.example.com'\naction = 'keep'\nfield = 'a'\n\
             [[rules]]\npath = '/v1/users/{user_id}'\naction = 'drop'\n\
             [[rules]]\nhost = 'a.example.com'\npath = '/v2/*'\naction = 'shape'\n",
        );
        for (host, path, set) in [
            ("a.example.com", "/v1/users/7", 0b011),
            ("a.example.com", "/v1/us%65rs/7;x=y", 0b011),
            ("other.org", "/v1/users/7", 0b010),
            ("a.example.com", "/v2/x", 0b101),
            ("other.org", "/", 0),
            ("", "/v2/x", 0b100),
            ("other.org", "", 0b010),
        ] {
            assert_eq!(reach.of_call(Some((host, path.as_bytes()))), set, "{host}{path}");
        }
        assert_eq!(reach.of_call(None), 0b110, "what tightens holds also where nothing is known");
    }

    #[test]
    fn fields_are_meant_by_name_or_path() {
        for (pattern, path, fits) in [
            ("", "$.a", true),
            ("email", "$.user.email", true),
            ("email", "$.users[].email[]", true),
            ("email", "$.payload(json).email", true),
            ("email", "email", true),
            ("EMAIL", "email", true),
            ("email", "$.email.domain", false),
            ("*_id", "$.user_id", true),
            ("user.id", "$.user.id", true),
            ("user.id", "$.a.user.id", true),
            ("user.id", "$.superuser.id", false),
            ("$.items[].id", "$.items[].id", true),
            ("$.items[].id", "$.x.items[].id", false),
            ("*.id", "$.x.id", true),
            ("$.card.*", "$.card.number", true),
            ("$", "$", true),
            ("x.y", "x.y", true),
        ] {
            assert_eq!(FieldPattern::new(pattern).fits(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn places_are_remembered_and_bounded() {
        let mut reach = reach(
            "[[rules]]\nlocation = 'request'\nfield = 'id'\naction = 'drop'\n\
             [[rules]]\nlocation = 'request.body'\naction = 'shape'\n",
        );
        for _ in 0..2 {
            assert_eq!(reach.of_place("request.body:", "$.id"), 0b11);
            assert_eq!(reach.of_place("request.query:", "id"), 0b01);
            assert_eq!(reach.of_place("response.body:", "$.id"), 0);
        }
        assert_eq!(reach.headers(), 0b01);
        for n in 0..2 * PLACES_MAX {
            reach.of_place("request.body:", &format!("$.a{n}"));
        }
        assert!(reach.places.iter().all(|(_, known)| known.len() <= PLACES_MAX));
    }
}
