//! Hints: path patterns that the operator gave, by hand or as API descriptions. They win over what is learned.
//!
//! ```text
//! /v1/users/{id}/files/{path...}      of any host
//! api.shop.example/v1/{name}.json     of one host
//! ```

use std::sync::Arc;

use hashbrown::HashMap;

/// Longest pattern, in octets, and most segments of one.
const PATTERN_MAX: usize = 1024;
const SEGMENTS_MAX: usize = 64;
/// Places of a tree looked at for one path.
const LOOKS_MAX: u32 = 512;

/// Why a pattern cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It has no path.
    #[error("a pattern is a path such as /v1/users/{{id}}, with or without a host in front")]
    Path,
    /// It is too long.
    #[error("a pattern has at most 1024 octets and 64 segments")]
    Long,
    /// Braces do not match.
    #[error("braces in a pattern enclose the name of one parameter")]
    Braces,
    /// What may have any number of segments is not last.
    #[error("{{name...}} must be the last segment of a pattern")]
    Tail,
}

/// One pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As it stands in templates.
    pub(crate) text: Box<str>,
    pub(crate) segments: Vec<Segment>,
}

/// A segment of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Just this.
    Word(Box<str>),
    /// A parameter of this name, with what stands before and behind it.
    Value { name: Box<str>, before: Box<str>, behind: Box<str> },
    /// All that follows, of this name.
    Tail(Box<str>),
}

/// Patterns of all hosts.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    patterns: Vec<Arc<Pattern>>,
    /// By host; of any host under the empty name.
    trees: HashMap<Box<str>, Tree>,
}

/// What may follow one place of a path.
#[derive(Debug, Clone, Default)]
struct Tree {
    words: HashMap<Box<str>, Self>,
    /// Before and behind the value; longer ones first.
    values: Vec<(Box<str>, Box<str>, Self)>,
    /// The pattern that ends here, and one of which the tail begins here.
    end: Option<usize>,
    tail: Option<usize>,
}

impl Hints {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Adds a pattern of a host, or of any if that is empty. Of two that fit the same paths the first holds.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn add(&mut self, host: &str, path: &str) -> Result<(), PatternError> {
        let pattern = Pattern::parse(path)?;
        let number = self.patterns.len();
        let mut at = self.trees.entry(host.to_ascii_lowercase().into()).or_default();
        for segment in &pattern.segments {
            at = match segment {
                Segment::Word(word) => at.words.entry(word.clone()).or_default(),
                Segment::Value { before, behind, .. } => at.value(before, behind),
                Segment::Tail(_) => {
                    at.tail.get_or_insert(number);
                    self.patterns.push(Arc::new(pattern));
                    return Ok(());
                }
            };
        }
        at.end.get_or_insert(number);
        self.patterns.push(Arc::new(pattern));
        Ok(())
    }

    /// Adds a pattern as configured: `/v1/users/{id}`, `api.shop.example/v1/users/{id}`.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn add_text(&mut self, text: &str) -> Result<(), PatternError> {
        let start = text.find('/').ok_or(PatternError::Path)?;
        let (host, path) = text.split_at_checked(start).ok_or(PatternError::Path)?;
        self.add(host, path)
    }

    /// The pattern that a path of a host follows: one of its own, else one of any host.
    #[must_use]
    pub fn find(&self, host: &str, path: &[u8]) -> Option<&Arc<Pattern>> {
        if self.is_empty() {
            return None;
        }
        let path = path.strip_prefix(b"/")?;
        let trees = [self.trees.get(host), self.trees.get("")];
        let mut looks = LOOKS_MAX;
        let found = trees.into_iter().flatten().find_map(|tree| tree.find(Some(path), &mut looks));
        self.patterns.get(found?)
    }
}

impl Tree {
    fn value(&mut self, before: &str, behind: &str) -> &mut Self {
        let same = |(a, b, _): &(Box<str>, Box<str>, Self)| **a == *before && **b == *behind;
        let len = |a: &str, b: &str| a.len().saturating_add(b.len());
        let at = self.values.iter().position(same).unwrap_or_else(|| {
            let shorter = |(a, b, _): &(Box<str>, Box<str>, Self)| len(a, b) < len(before, behind);
            let at = self.values.iter().position(shorter).unwrap_or(self.values.len());
            self.values.insert(at, (before.into(), behind.into(), Self::default()));
            at
        });
        match self.values.get_mut(at) {
            Some((.., tree)) => tree,
            // It was put there.
            None => self.words.entry("".into()).or_default(),
        }
    }

    /// The pattern of what is left of a path; `None` is left behind the last segment.
    fn find(&self, path: Option<&[u8]>, looks: &mut u32) -> Option<usize> {
        *looks = looks.checked_sub(1)?;
        let Some(path) = path else { return self.end };
        let (segment, rest) = match memchr::memchr(b'/', path) {
            Some(at) => (path.get(..at)?, path.get(at.saturating_add(1)..)),
            None => (path, None),
        };
        let word = std::str::from_utf8(segment).ok().and_then(|segment| self.words.get(segment));
        if let Some(found) = word.and_then(|tree| tree.find(rest, looks)) {
            return Some(found);
        }
        for (before, behind, tree) in &self.values {
            let inner = segment.strip_prefix(before.as_bytes());
            let inner = inner.and_then(|inner| inner.strip_suffix(behind.as_bytes()));
            if inner.is_some_and(|inner| !inner.is_empty())
                && let Some(found) = tree.find(rest, looks)
            {
                return Some(found);
            }
        }
        self.tail
    }
}

impl Pattern {
    fn parse(path: &str) -> Result<Self, PatternError> {
        let inner = path.strip_prefix('/').ok_or(PatternError::Path)?;
        if path.len() > PATTERN_MAX {
            return Err(PatternError::Long);
        }
        let segments: Vec<Segment> = inner.split('/').map(segment).collect::<Result<_, _>>()?;
        let tail = segments.iter().position(|segment| matches!(segment, Segment::Tail(_)));
        if tail.is_some_and(|at| at.saturating_add(1) < segments.len()) {
            return Err(PatternError::Tail);
        }
        if segments.len() > SEGMENTS_MAX {
            return Err(PatternError::Long);
        }
        Ok(Self { text: path.into(), segments })
    }
}

fn segment(text: &str) -> Result<Segment, PatternError> {
    let Some((before, rest)) = text.split_once('{') else {
        return if text.contains('}') {
            Err(PatternError::Braces)
        } else {
            Ok(Segment::Word(text.into()))
        };
    };
    let (name, behind) = rest.rsplit_once('}').ok_or(PatternError::Braces)?;
    let tail = name.strip_suffix("...").filter(|_| before.is_empty() && behind.is_empty());
    // Several in one segment are one value, named after the first.
    let first = tail.unwrap_or(name).split('}').next().unwrap_or_default();
    let name: String =
        first.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).take(48).collect();
    if name.is_empty() || before.contains('}') || behind.contains('{') {
        return Err(PatternError::Braces);
    }
    Ok(match tail {
        Some(_) => Segment::Tail(name.into()),
        None => Segment::Value { name: name.into(), before: before.into(), behind: behind.into() },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hints(patterns: &[&str]) -> Hints {
        let mut hints = Hints::default();
        patterns.iter().for_each(|pattern| hints.add_text(pattern).unwrap());
        hints
    }

    #[test]
    fn the_most_definite_pattern_holds() {
        let hints = hints(&[
            "/v1/users/{id}",
            "/v1/users/me",
            "/v1/users/{id}/files/{path...}",
            "/v1/reports/{name}.json",
            "/v1/reports/{name}",
            "pay.example/v1/users/{customer}",
            "/v1/{kind}/latest",
        ]);
        for (host, path, found) in [
            ("a", "/v1/users/42", Some("/v1/users/{id}")),
            ("a", "/v1/users/me", Some("/v1/users/me")),
            ("a", "/v1/users/42/files/a/b/c", Some("/v1/users/{id}/files/{path...}")),
            ("a", "/v1/reports/q1.json", Some("/v1/reports/{name}.json")),
            ("a", "/v1/reports/q1", Some("/v1/reports/{name}")),
            ("a", "/v1/users/latest", Some("/v1/users/{id}")),
            ("a", "/v1/orders/latest", Some("/v1/{kind}/latest")),
            ("pay.example", "/v1/users/42", Some("/v1/users/{customer}")),
            ("a", "/v1/users", None),
            ("a", "/v1/users/", None),
            ("a", "/v2/users/42", None),
            ("a", "*", None),
        ] {
            let text = hints.find(host, path.as_bytes()).map(|pattern| &*pattern.text);
            assert_eq!(text, found, "{host}{path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (text, error) in [
            ("users", PatternError::Path),
            ("/a/{b", PatternError::Braces),
            ("/a/b}", PatternError::Braces),
            ("/a/{}", PatternError::Braces),
            ("/{rest...}/a", PatternError::Tail),
        ] {
            assert_eq!(Hints::default().add_text(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_path_ends(path in prop::collection::vec("[ab/]{0,3}", 0..60)) {
            let hints = hints(&["/{a}/{b}/{c}/a", "/a/{b}/{c}/{d}", "/{a}/b/{rest...}", "/{a}a/{b}b"]);
            let path = ["/", &path.join("/")].concat();
            let found = hints.find("", path.as_bytes());
            prop_assert!(found.is_none_or(|pattern| pattern.text.starts_with('/')));
        }
    }
}
