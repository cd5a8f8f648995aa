//! Tokens of GraphQL documents (GraphQL §2.1).

/// One token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `! $ & ( ) : = @ [ ] { | }`.
    Mark(u8),
    /// `...`.
    Spread,
    Name(&'a [u8]),
    /// A number or a string.
    Literal,
    /// The text is over.
    End,
}

/// Cuts a text into tokens.
#[derive(Clone, Copy)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, len: usize) {
        self.at = self.at.saturating_add(len).min(self.text.len());
    }

    /// What is ignored: white space, commas, comments, a byte order mark (§2.1.7).
    fn ignored(&mut self) {
        loop {
            let rest = self.rest();
            let blank =
                rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b','));
            let blank = blank.count();
            match rest.get(blank..).unwrap_or_default() {
                [b'#', comment @ ..] => {
                    let line = comment.iter().position(|b| matches!(b, b'\n' | b'\r'));
                    self.skip(
                        line.unwrap_or(comment.len()).saturating_add(blank).saturating_add(1),
                    );
                }
                [0xef, 0xbb, 0xbf, ..] => self.skip(blank.saturating_add(3)),
                _ => {
                    self.skip(blank);
                    return;
                }
            }
        }
    }

    /// The next token; `None` when there is no such token.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        self.ignored();
        let rest = self.rest();
        let (token, len) = match rest {
            [] => return Some(Token::End),
            [b'"', b'"', b'"', inside @ ..] => {
                let len = block(inside)?;
                (Token::Literal, len.saturating_add(6))
            }
            [b'"', inside @ ..] => {
                let len = quoted(inside)?;
                (Token::Literal, len.saturating_add(2))
            }
            [b'.', b'.', b'.', ..] => (Token::Spread, 3),
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
                let name = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
                let len = rest.iter().take_while(name).count();
                (Token::Name(rest.get(..len)?), len)
            }
            [b'0'..=b'9' | b'-', ..] => {
                let part = |b: &&u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
                let len = rest.iter().take_while(part).count();
                (Token::Literal, len)
            }
            [mark, ..] if b"!$&():=@[]{|}".contains(mark) => (Token::Mark(*mark), 1),
            _ => return None,
        };
        self.skip(len);
        Some(token)
    }

    /// The next token if it is a name.
    pub(super) fn name(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let Some(Token::Name(name)) = ahead.next() else { return None };
        *self = ahead;
        Some(name)
    }

    /// Takes the mark if it comes next.
    pub(super) fn eat(&mut self, mark: u8) -> bool {
        let mut ahead = *self;
        let is = ahead.next() == Some(Token::Mark(mark));
        if is {
            *self = ahead;
        }
        is
    }
}

/// Length of a text up to its closing quote; no line ends inside.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let found = memchr::memchr3(b'"', b'\\', b'\n', text.get(at..)?)?;
        at = at.saturating_add(found);
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at = at.saturating_add(2),
            _ => return None,
        }
    }
}

/// Length of a text up to three quotes that are not escaped.
fn block(text: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let found = memchr::memmem::find(text.get(at..)?, b"\"\"\"")?;
        at = at.saturating_add(found);
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        if before != Some(&b'\\') {
            return Some(at);
        }
        at = at.saturating_add(3);
    }
}
