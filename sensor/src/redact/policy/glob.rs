//! Patterns of rules: `*` for any run of characters, in paths also `{…}` for one segment.
//!
//! ASCII letters compare without regard to case. Matching takes time proportional to pattern times text, whatever
//! either holds.

/// Longest pattern, in octets.
pub(crate) const PATTERN_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Octet(u8),
    /// Any run, an empty one included.
    Any,
    /// One octet and more, none of them a slash.
    Segment,
}

/// A pattern, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Piece>);

impl Glob {
    /// A pattern in which `*` alone is special.
    pub(crate) fn new(pattern: &str) -> Self {
        Self(pattern.bytes().take(PATTERN_MAX).map(Self::piece).collect())
    }

    /// A pattern for paths: `{…}` stands for one segment, whatever is between the braces.
    pub(crate) fn path(pattern: &str) -> Self {
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut octets = pattern.bytes().take(PATTERN_MAX);
        while let Some(b) = octets.next() {
            if b == b'{' {
                octets.by_ref().find(|b| *b == b'}');
                pieces.push(Piece::Segment);
            } else {
                pieces.push(Self::piece(b));
            }
        }
        Self(pieces)
    }

    const fn piece(b: u8) -> Piece {
        if b == b'*' { Piece::Any } else { Piece::Octet(b.to_ascii_lowercase()) }
    }

    /// Whether all of `text` is as the pattern says.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        // Positions in the pattern that the text so far may have come to.
        let mut at = [false; PATTERN_MAX + 1];
        self.enter(&mut at, 0);
        for b in text {
            let mut next = [false; PATTERN_MAX + 1];
            for (position, piece) in self.0.iter().enumerate() {
                if at.get(position) != Some(&true) {
                    continue;
                }
                let behind = position.saturating_add(1);
                match piece {
                    Piece::Octet(octet) if *octet == b.to_ascii_lowercase() => {
                        self.enter(&mut next, behind);
                    }
                    Piece::Any => self.enter(&mut next, position),
                    Piece::Segment if *b != b'/' => {
                        self.enter(&mut next, position);
                        self.enter(&mut next, behind);
                    }
                    Piece::Octet(_) | Piece::Segment => {}
                }
            }
            at = next;
        }
        at.get(self.0.len()) == Some(&true)
    }

    /// Comes to a position, and past every [`Piece::Any`] that stands there.
    fn enter(&self, at: &mut [bool; PATTERN_MAX + 1], mut position: usize) {
        loop {
            if let Some(slot) = at.get_mut(position) {
                *slot = true;
            }
            if self.0.get(position) != Some(&Piece::Any) {
                return;
            }
            position = position.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*.example.com", "shop.Example.com", true),
            ("*.example.com", "example.com", false),
            ("$.items[].id", "$.items[].id", true),
            ("$.items[].id", "$.items[].idx", false),
            ("*.id", "$.a.b.id", true),
            ("*_id", "user_id", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("{id}", "7", false),
            ("", "", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text.as_bytes()), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn braces_stand_for_one_segment() {
        for (pattern, text, fits) in [
            ("/v1/users/{user_id}", "/v1/users/42", true),
            ("/v1/users/{}", "/v1/users/42", true),
            ("/v1/users/{user_id}", "/v1/users/", false),
            ("/v1/users/{user_id}", "/v1/users/42/orders", false),
            ("/v1/users/{user_id}/*", "/v1/users/42/orders/7", true),
            ("/v1/*", "/v1/users/42", true),
            ("/files/{name}.pdf", "/files/a.b.pdf", true),
            ("/files/{name", "/files/a", true),
        ] {
            assert_eq!(Glob::path(pattern).matches(text.as_bytes()), fits, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_its_own_pattern(text in "[a-z./$\\[\\]_-]{0,80}", cut in 0..80_usize) {
            prop_assert!(Glob::new(&text).matches(text.as_bytes()));
            let cut = cut.min(text.len());
            let (head, tail) = text.split_at(cut);
            let starred = format!("{head}*{tail}");
            prop_assert!(Glob::new(&starred).matches(text.as_bytes()));
        }

        #[test]
        fn no_pattern_upsets_it(pattern in ".{0,300}", text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _either = Glob::path(&pattern).matches(&text);
            let _either = Glob::new(&pattern).matches(&text);
        }
    }
}
