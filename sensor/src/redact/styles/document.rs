//! The structure of GraphQL documents, without a tree (GraphQL §2, October 2021). Their literals are for
//! `body::graphql` to read.
//!
//! Invariants:
//! - No recursion, and nothing allocated but what is bounded here.
//! - Names are lent as they are written: who is told them decides what may be kept.

use super::lexer::{Lexer, Token};

/// Selection sets followed into one another.
const DEPTH_MAX: u32 = 60;
/// Operations told apart in one document.
const OPERATIONS_MAX: usize = 8;
/// Root fields kept of one operation.
const ROOTS_MAX: usize = 8;

/// An operation of a document.
#[derive(Default)]
pub(crate) struct Operation<'a> {
    pub(crate) kind: &'static str,
    /// Empty when it has none.
    pub(crate) name: &'a [u8],
    pub(crate) roots: Vec<&'a [u8]>,
    pub(crate) roots_total: u32,
}

/// What a document says.
#[derive(Default)]
pub(crate) struct Document<'a> {
    pub(crate) operations: Vec<Operation<'a>>,
    pub(crate) depth: u32,
    pub(crate) fields: u32,
    pub(crate) aliases: u32,
    pub(crate) directives: u32,
    pub(crate) fragments: u32,
    pub(crate) introspection: bool,
    /// Whether the text could not be read to its end.
    pub(crate) malformed: bool,
}

/// Reads a document to its end, or to where it breaks the syntax.
pub(crate) fn read(text: &[u8]) -> Document<'_> {
    let mut reader = Reader { lexer: Lexer::new(text), document: Document::default() };
    reader.document.malformed = reader.document().is_none();
    reader.document
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    document: Document<'a>,
}

fn more(count: &mut u32) {
    *count = count.saturating_add(1);
}

impl<'a> Reader<'a> {
    /// All definitions; `None` when the syntax is broken.
    fn document(&mut self) -> Option<()> {
        loop {
            let kind = match self.lexer.next()? {
                Token::End => return (!self.document.operations.is_empty()).then_some(()),
                Token::Mark(b'{') => {
                    self.begin("query", b"");
                    self.selection(true)?;
                    continue;
                }
                Token::Name(b"query") => "query",
                Token::Name(b"mutation") => "mutation",
                Token::Name(b"subscription") => "subscription",
                Token::Name(b"fragment") => {
                    more(&mut self.document.fragments);
                    self.until_brace()?;
                    self.selection(false)?;
                    continue;
                }
                _ => return None,
            };
            let name = self.lexer.name().unwrap_or_default();
            self.begin(kind, name);
            if self.lexer.eat(b'(') {
                self.arguments()?;
            }
            self.until_brace()?;
            self.selection(true)?;
        }
    }

    fn begin(&mut self, kind: &'static str, name: &'a [u8]) {
        if self.document.operations.len() < OPERATIONS_MAX {
            self.document.operations.push(Operation { kind, name, ..Operation::default() });
        }
    }

    /// Directives, and whatever else may stand before a selection set.
    fn until_brace(&mut self) -> Option<()> {
        loop {
            match self.lexer.next()? {
                Token::Mark(b'{') => return Some(()),
                Token::Mark(b'@') => self.directive()?,
                Token::Name(_) => {}
                _ => return None,
            }
        }
    }

    fn directive(&mut self) -> Option<()> {
        more(&mut self.document.directives);
        let _name = self.lexer.name()?;
        if self.lexer.eat(b'(') {
            self.arguments()?;
        }
        Some(())
    }

    /// A selection set, behind its `{`, with all that are in it. Those of fragments are no deeper than what they
    /// stand in.
    fn selection(&mut self, operation: bool) -> Option<()> {
        // One bit per open set, innermost lowest: whether it is a field's. Then how many are open, and of fields.
        let (mut fields, mut depth, mut level) = (0_u64, 1_u32, 1_u32);
        let mut field = false;
        while depth > 0 {
            let token = self.lexer.next()?;
            match token {
                Token::Mark(b'}') => {
                    level = level.saturating_sub(u32::from(fields & 1 == 1));
                    fields >>= 1;
                    depth = depth.saturating_sub(1);
                    field = false;
                }
                Token::Mark(b'{') if depth < DEPTH_MAX => {
                    fields = fields << 1 | u64::from(field);
                    level = level.saturating_add(u32::from(field));
                    depth = depth.saturating_add(1);
                    field = false;
                }
                Token::Mark(b'(') if field => self.arguments()?,
                Token::Mark(b'@') => self.directive()?,
                Token::Spread => {
                    // `... on Type`, `...Name`, or `...` with directives and a set.
                    if self.lexer.name() == Some(b"on") {
                        let _type = self.lexer.name();
                    }
                    field = false;
                }
                Token::Name(name) => {
                    field = true;
                    self.field(name, operation && level == 1, level)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// A field, of which `first` is the alias or the name.
    fn field(&mut self, first: &'a [u8], root: bool, level: u32) -> Option<()> {
        let mut name = first;
        if self.lexer.eat(b':') {
            more(&mut self.document.aliases);
            name = self.lexer.name()?;
        }
        let Document { fields, depth, introspection, operations, .. } = &mut self.document;
        more(fields);
        *depth = (*depth).max(level);
        *introspection |= matches!(name, b"__schema" | b"__type");
        if let (true, Some(operation)) = (root, operations.last_mut()) {
            more(&mut operation.roots_total);
            if operation.roots.len() < ROOTS_MAX && !operation.roots.contains(&name) {
                operation.roots.push(name);
            }
        }
        Some(())
    }

    /// Passes over arguments, behind their `(`, to the `)` that ends them.
    fn arguments(&mut self) -> Option<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.lexer.next()? {
                Token::Mark(b'(' | b'[' | b'{') => depth = depth.saturating_add(1),
                Token::Mark(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                Token::Mark(b'@') => more(&mut self.document.directives),
                Token::End => return None,
                _ => {}
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn structure_is_counted() {
        let document = read(
            br#"query Q($n: [Int!]! = [1, 2], $s: String = "}") @live { # "x"
                me: user(id: "42", where: {email: {eq: "a)b"}, ids: [1, {a: $n}], on: TRUE}) {
                    ... on Person @include(if: true) { name(style: """ long "one" } """) }
                    ...Rest
                }
                orders(first: -1.5, after: null) { id }
            } fragment Rest on Person { a { b } }"#,
        );
        assert!(!document.malformed);
        assert_eq!((document.depth, document.fields), (2, 6));
        assert_eq!((document.aliases, document.directives, document.fragments), (1, 2, 1));
        assert_eq!(document.operations.len(), 1);
        let operation = &document.operations[0];
        assert!(operation.name == b"Q" && operation.kind == "query");
        assert!(operation.roots == [&b"user"[..], b"orders"] && operation.roots_total == 2);
    }

    #[test]
    fn fields_of_fragments_at_the_top_are_root_fields() {
        let document = read(b"{ ... on Query @skip(if: false) { a { b } } ... { c } }");
        assert!(document.operations[0].roots == [b"a", b"c"] && document.depth == 2);
    }

    #[test]
    fn introspection_and_several_operations() {
        let document = read(b"query A { __schema { types { name } } } mutation B { add }");
        assert!(document.introspection && document.depth == 3);
        assert_eq!(document.operations.len(), 2);
        assert_eq!(document.operations[1].kind, "mutation");
        assert_eq!(read(b"{a}").operations[0].kind, "query");
    }

    #[test]
    fn what_is_no_document_is_malformed() {
        for text in
            ["", "type A { b: C }", "query", "{ a(", "{ a(b: }", "{a}}", "{a:}", "{a \"b\"}", "{a"]
        {
            assert!(read(text.as_bytes()).malformed, "{text}");
        }
    }

    #[test]
    fn bombs_stop() {
        let deep = "{a".repeat(100_000);
        let long = format!("{{a(b:{}", "[".repeat(100_000));
        for text in [&deep, &long, &"{a:b ".repeat(9999)] {
            assert!(read(text.as_bytes()).malformed);
        }
        let wide = read(format!("{{{}}}", "a:b ".repeat(9999)).as_bytes()).aliases;
        assert_eq!(wide, 9999);
    }

    /// A selection set that is right, with its depth and its fields.
    fn selection() -> impl Strategy<Value = (String, u32, u32)> {
        let leaf = Just(("a".to_owned(), 0_u32, 1_u32));
        leaf.prop_recursive(5, 40, 4, |inner| {
            proptest::collection::vec((inner, 0..4_u8), 1..4).prop_map(|parts| {
                let (mut text, mut depth, mut fields) =
                    (String::from("f(x: [\"}\", {y: 1}]) {"), 0, 1);
                for ((part, deep, count), form) in parts {
                    let (before, after) = match form {
                        0 => ("alias:", " "),
                        1 => ("... on T {", "}"),
                        2 => ("# {\n", "@skip(if: $x)"),
                        _ => ("", ","),
                    };
                    text.extend([before, &part, after]);
                    depth = depth.max(deep);
                    fields += count;
                }
                text.push('}');
                (text, depth + 1, fields)
            })
        })
    }

    proptest! {
        #[test]
        fn right_documents_are_counted((text, depth, fields) in selection()) {
            let text = format!("query Q {{ {text} }}");
            let document = read(text.as_bytes());
            prop_assert!(!document.malformed, "{}", text);
            prop_assert_eq!((document.depth, document.fields), (depth + 1, fields));
        }

        #[test]
        fn no_octets_upset_the_reader(text in "[{}()\\[\\]:$@.\"#\\\\a1 \n]{0,80}") {
            let _document = read(text.as_bytes());
        }
    }
}
