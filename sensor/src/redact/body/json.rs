//! JSON (RFC 8259), newline-delimited JSON, and JSON text sequences (RFC 7464): leaves without a tree.
//!
//! One pass, no recursion, no allocation per leaf. Several values at the top are read one after the other.

use apitap_proto::v1::ValueType;
use memchr::{memchr2, memchr3};
use zeroize::Zeroizing;

use super::edges::Steps;
use super::percent::digit;
use super::{End, Visit, guarded};

/// Containers followed in depth; deeper ones are skipped over as one leaf.
pub(super) const DEPTH_MAX: u32 = 64;

/// Reads `text`; with `cut`, the text went on.
pub(crate) fn read(text: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let start = text.trim_ascii_start();
    let skipped = guarded(start).map_or(0, |rest| text.len().saturating_sub(rest.len()));
    let mut reader =
        Reader { text, at: skipped, cut, objects: 0, depth: 0, since: None, scratch: None };
    let mut roots = 0_u32;
    loop {
        reader.space(true);
        if reader.at >= text.len() {
            return End { malformed: (roots == 0).then_some(0), cut: false, roots };
        }
        match reader.root(visit) {
            Ok(()) => roots = roots.saturating_add(1),
            Err(stop) => {
                let malformed = match stop {
                    Stop::Syntax => Some(reader.at),
                    Stop::End => (!cut).then_some(text.len()),
                };
                while reader.depth > 0 {
                    reader.pop(visit);
                }
                return End { malformed, cut: stop == Stop::End, roots };
            }
        }
    }
}

/// Why reading stopped.
#[derive(PartialEq, Eq)]
enum Stop {
    Syntax,
    End,
}

/// What comes next.
enum Next {
    /// A value in the container that was opened.
    Value,
    /// A string, where the reader is.
    Text,
    /// What follows the value that was read.
    Onward,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    cut: bool,
    /// One bit per open container, innermost lowest: whether it is an object.
    objects: u64,
    depth: u32,
    /// Where the value before ended, and what was done since.
    since: Option<(usize, Steps)>,
    /// Text of a string with escapes, where there was one.
    scratch: Option<Zeroizing<Vec<u8>>>,
}

impl Reader<'_> {
    #[inline]
    fn peek(&self) -> Result<u8, Stop> {
        self.text.get(self.at).copied().ok_or(Stop::End)
    }

    #[inline]
    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Skips whitespace, and record separators between values at the top.
    #[inline]
    fn space(&mut self, top: bool) {
        while let Some(b) = self.text.get(self.at) {
            if !(matches!(b, b' ' | b'\t' | b'\n' | b'\r') || (top && *b == 0x1e)) {
                return;
            }
            self.step();
        }
    }

    /// Reads one value at the top to its end.
    #[inline]
    fn root(&mut self, visit: &mut impl Visit) -> Result<(), Stop> {
        let mut begun = false;
        loop {
            let jumped = self.jump(visit);
            if !jumped && begun && !self.onward(visit)? {
                return Ok(());
            }
            begun = true;
            // Nearly all values are texts to which what is remembered leads.
            let text = jumped && self.text.get(self.at) == Some(&b'"');
            if text || self.begins_text(visit)? {
                self.string(visit)?;
            }
            if self.depth == 0 {
                return Ok(());
            }
        }
    }

    /// Opens containers up to a value, and reads it unless it is a string: then `true`.
    fn begins_text(&mut self, visit: &mut impl Visit) -> Result<bool, Stop> {
        loop {
            match self.value(visit)? {
                Next::Value => {}
                Next::Text => return Ok(true),
                Next::Onward => return Ok(false),
            }
        }
    }

    /// Goes on to the next value by what is remembered.
    #[inline]
    fn jump(&mut self, visit: &mut impl Visit) -> bool {
        let rest = self.text.get(self.at..);
        let Some((len, steps)) = rest.and_then(|rest| visit.jump(rest, self.depth)) else {
            let begins = self.depth == 0;
            self.since = Some((self.at, Steps { begins, ..Steps::default() }));
            return false;
        };
        // What was skipped over for its depth leaves it as it was.
        self.since = None;
        self.at = self.at.saturating_add(len);
        if steps.nest() {
            let (closed, opened) = (u32::from(steps.closed), u32::from(steps.opened));
            let kept = self.objects.wrapping_shr(closed).wrapping_shl(opened);
            self.objects = kept | u64::from(steps.objects);
            self.depth = self.depth.saturating_sub(closed).saturating_add(opened);
        }
        true
    }

    /// After a value: closes containers, or goes on in one. `false` when the last is closed.
    fn onward(&mut self, visit: &mut impl Visit) -> Result<bool, Stop> {
        loop {
            self.space(false);
            let object = self.objects & 1 == 1;
            match (self.peek()?, object) {
                (b',', true) => {
                    self.step();
                    visit.leave();
                    self.did(|steps| {
                        (steps.left, steps.entered) = (steps.left.saturating_add(1), 1);
                    });
                    self.member(visit)?;
                    return Ok(true);
                }
                (b',', false) => {
                    self.step();
                    return Ok(true);
                }
                (b'}', true) | (b']', false) => {
                    self.step();
                    self.pop(visit);
                    self.did(|steps| {
                        steps.left = steps.left.saturating_add(1);
                        steps.closed = steps.closed.saturating_add(1);
                    });
                }
                _ => return Err(Stop::Syntax),
            }
            if self.depth == 0 {
                return Ok(false);
            }
        }
    }

    fn did(&mut self, note: impl FnOnce(&mut Steps)) {
        if let Some((_, steps)) = &mut self.since {
            note(steps);
        }
    }

    /// Says what stood before the value that begins here.
    fn ran(&mut self, visit: &mut impl Visit) {
        if let Some((from, steps)) = self.since.take() {
            visit.ran(self.text.get(from..self.at).unwrap_or_default(), steps);
        }
    }

    /// Reads a scalar that is no string, or opens a container.
    fn value(&mut self, visit: &mut impl Visit) -> Result<Next, Stop> {
        self.space(false);
        let first = self.peek()?;
        if self.since.is_some() && !matches!(first, b'{' | b'[') {
            self.ran(visit);
        }
        match first {
            b'{' => self.open(true, visit),
            b'[' => self.open(false, visit),
            b'"' => Ok(Next::Text),
            b't' => self.word(b"true", ValueType::Boolean, visit),
            b'f' => self.word(b"false", ValueType::Boolean, visit),
            b'n' => self.word(b"null", ValueType::Null, visit),
            b'-' | b'0'..=b'9' => self.number(visit),
            _ => Err(Stop::Syntax),
        }
    }

    fn open(&mut self, object: bool, visit: &mut impl Visit) -> Result<Next, Stop> {
        let (kind, close) =
            if object { (ValueType::Object, b'}') } else { (ValueType::Array, b']') };
        if self.depth >= DEPTH_MAX {
            let start = self.at;
            let skipped = self.skip();
            visit.aside(self.text.get(start..self.at).unwrap_or_default());
            skipped?;
            visit.leaf(kind, b"");
            return Ok(Next::Onward);
        }
        let start = self.at;
        self.step();
        self.space(false);
        if self.peek()? == close {
            let end = std::mem::replace(&mut self.at, start);
            self.ran(visit);
            self.at = end.saturating_add(1);
            visit.leaf(kind, b"");
            return Ok(Next::Onward);
        }
        self.objects = (self.objects << 1) | u64::from(object);
        self.depth = self.depth.saturating_add(1);
        self.did(|steps| {
            steps.objects = (steps.objects << 1) | u16::from(object);
            steps.opened = steps.opened.saturating_add(1);
            steps.entered = steps.entered.saturating_add(1);
        });
        if object {
            self.member(visit)?;
        } else {
            visit.item();
        }
        Ok(Next::Value)
    }

    fn pop(&mut self, visit: &mut impl Visit) {
        visit.leave();
        visit.closed();
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// Reads a key and its colon. The visitor is inside the member (or an empty one) even on error.
    fn member(&mut self, visit: &mut impl Visit) -> Result<(), Stop> {
        self.space(false);
        if let Some([b'"', rest @ ..]) = self.text.get(self.at..)
            && let Some(len) = visit.guess(rest)
        {
            self.at = self.at.saturating_add(len).saturating_add(1);
            return self.colon();
        }
        let key = match self.peek() {
            Ok(b'"') => self.quoted(),
            Ok(_) => Err(Stop::Syntax),
            Err(stop) => Err(stop),
        };
        match key {
            Ok(Some((start, end))) => visit.enter(self.text.get(start..end).unwrap_or_default()),
            Ok(None) => visit.enter(self.escaped()),
            Err(stop) => {
                visit.enter(b"");
                return Err(stop);
            }
        }
        self.colon()
    }

    fn colon(&mut self) -> Result<(), Stop> {
        self.space(false);
        if self.peek()? != b':' {
            return Err(Stop::Syntax);
        }
        self.step();
        Ok(())
    }

    #[inline]
    fn string(&mut self, visit: &mut impl Visit) -> Result<(), Stop> {
        let begin = self.at.saturating_add(1);
        if let Some(rest) = self.text.get(begin..)
            && let Some(end) = special(rest)
            && let Some((plain, [b'"', after @ ..])) = rest.split_at_checked(end)
        {
            self.at = begin.saturating_add(end).saturating_add(1);
            visit.ahead(after);
            visit.leaf(ValueType::String, plain);
            return Ok(());
        }
        self.unusual(visit)
    }

    /// Reads a string that has escapes, or no end.
    #[inline(never)]
    fn unusual(&mut self, visit: &mut impl Visit) -> Result<(), Stop> {
        let begin = self.at;
        match self.quoted() {
            Ok(Some((start, end))) => {
                visit.ahead(self.text.get(self.at..).unwrap_or_default());
                visit.leaf(ValueType::String, self.text.get(start..end).unwrap_or_default());
            }
            Ok(None) => {
                visit.ahead(self.text.get(self.at..).unwrap_or_default());
                visit.leaf(ValueType::String, self.escaped());
            }
            Err(stop) => {
                visit.aside(self.text.get(begin..).unwrap_or_default());
                visit.cut(ValueType::String);
                return Err(stop);
            }
        }
        Ok(())
    }

    /// Reads a quoted string: its range when it has no escapes, else its text in `scratch`.
    fn quoted(&mut self) -> Result<Option<(usize, usize)>, Stop> {
        self.step();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let first = special(rest).ok_or(Stop::End)?;
        let stop = start.saturating_add(first);
        if self.text.get(stop) == Some(&b'"') {
            self.at = stop.saturating_add(1);
            return Ok(Some((start, stop)));
        }
        let mut scratch = self.scratch.take().unwrap_or_default();
        scratch.clear();
        let done = self.unescaped(&mut scratch);
        self.scratch = Some(scratch);
        done.map(|()| None)
    }

    /// The text of the last string that had escapes.
    fn escaped(&self) -> &[u8] {
        self.scratch.as_ref().map_or(&[], |scratch| scratch.as_slice())
    }

    /// Reads the rest of a string that has escapes.
    fn unescaped(&mut self, scratch: &mut Vec<u8>) -> Result<(), Stop> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = memchr2(b'"', b'\\', rest).ok_or(Stop::End)?;
            scratch.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at = self.at.saturating_add(plain).saturating_add(1);
            if rest.get(plain) == Some(&b'"') {
                return Ok(());
            }
            self.escape(scratch)?;
        }
    }

    /// Decodes what follows a backslash.
    fn escape(&mut self, scratch: &mut Vec<u8>) -> Result<(), Stop> {
        let b = self.peek()?;
        self.step();
        match b {
            b'n' => scratch.push(b'\n'),
            b't' => scratch.push(b'\t'),
            b'r' => scratch.push(b'\r'),
            b'b' => scratch.push(8),
            b'f' => scratch.push(12),
            b'u' => {
                let c = self.unicode()?;
                scratch.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => scratch.push(other),
        }
        Ok(())
    }

    /// Decodes `XXXX`, or a surrogate pair; U+FFFD for half of one.
    fn unicode(&mut self) -> Result<char, Stop> {
        let unit = self.hex4()?;
        if !(0xd800..0xdc00).contains(&unit) {
            return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let low = self.text.get(self.at..).unwrap_or_default().starts_with(b"\\u");
        if !low {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.at = self.at.saturating_add(2);
        let low = self.hex4()?;
        if !(0xdc00..0xe000).contains(&low) {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, Stop> {
        let end = self.at.saturating_add(4);
        let digits = self.text.get(self.at..end).ok_or(Stop::End)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Stop::Syntax);
        }
        self.at = end;
        Ok(digits.iter().fold(0, |n, &b| (n << 4) | u32::from(digit(b))))
    }

    fn word(&mut self, word: &[u8], kind: ValueType, visit: &mut impl Visit) -> Result<Next, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at = self.at.saturating_add(word.len());
            visit.leaf(kind, word);
            return Ok(Next::Onward);
        }
        Err(if word.starts_with(rest) { Stop::End } else { Stop::Syntax })
    }

    fn number(&mut self, visit: &mut impl Visit) -> Result<Next, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (mut len, mut integer) = (0_usize, true);
        while let Some(b) = rest.get(len) {
            match b {
                b'0'..=b'9' => {}
                b'+' | b'-' | b'.' | b'e' | b'E' => integer &= len == 0,
                _ => break,
            }
            len = len.saturating_add(1);
        }
        let (number, after) = rest.split_at_checked(len).unwrap_or((rest, b""));
        let kind = if integer { ValueType::Integer } else { ValueType::Number };
        if after.is_empty() && (self.cut || self.depth > 0) {
            visit.cut(kind);
            self.at = self.text.len();
            return Err(Stop::End);
        }
        if !number.last().is_some_and(u8::is_ascii_digit)
            || after.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            return Err(Stop::Syntax);
        }
        self.at = self.at.saturating_add(len);
        visit.ahead(after);
        visit.leaf(kind, number);
        Ok(Next::Onward)
    }

    /// Skips a container with everything in it.
    fn skip(&mut self) -> Result<(), Stop> {
        let mut depth = 0_usize;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let brackets = rest
                .iter()
                .position(|b| matches!(b, b'{' | b'}' | b'[' | b']' | b'"'))
                .ok_or(Stop::End)?;
            self.at = self.at.saturating_add(brackets);
            match self.peek()? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth = depth.saturating_add(1);
                    self.step();
                }
                _ => {
                    depth = depth.saturating_sub(1);
                    self.step();
                    if depth == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn skip_string(&mut self) -> Result<(), Stop> {
        self.step();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let at = memchr3(b'"', b'\\', b'\\', rest).ok_or(Stop::End)?;
            let quote = rest.get(at) == Some(&b'"');
            self.at = self.at.saturating_add(at).saturating_add(if quote { 1 } else { 2 });
            if quote {
                return Ok(());
            }
        }
    }
}

/// Offset of the first quote or backslash. Most strings are short, so eight octets at a time before anything larger.
#[inline(never)]
fn special(text: &[u8]) -> Option<usize> {
    const EIGHTS: usize = 6;
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = 0x80 * ONES;
    let (eights, _) = text.as_chunks();
    for (nth, eight) in eights.iter().take(EIGHTS).enumerate() {
        let octets = u64::from_le_bytes(*eight);
        // The lowest octet that becomes zero is told rightly; only above it one may be told wrongly.
        let zero = |octets: u64| octets.wrapping_sub(ONES) & !octets & HIGHS;
        let found = zero(octets ^ (0x22 * ONES)) | zero(octets ^ (0x5c * ONES));
        if found != 0 {
            let at = usize::try_from(found.trailing_zeros() >> 3).ok()?;
            return Some((nth << 3) | at);
        }
    }
    far(text, eights.len().min(EIGHTS) << 3)
}

/// As [`special`], from an offset on.
#[inline(never)]
fn far(text: &[u8], from: usize) -> Option<usize> {
    memchr2(b'"', b'\\', text.get(from..)?)?.checked_add(from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::log::Log;
    use super::*;

    fn run(text: &str, cut: bool) -> (Vec<String>, End) {
        let mut log = Log::default();
        let end = read(text.as_bytes(), cut, &mut log);
        assert!(log.path.is_empty() && !log.depth_low, "unbalanced on {text}");
        (log.seen, end)
    }

    #[test]
    fn leaves_have_paths() {
        let (seen, end) = run(
            r#" {"a":1,"b":[{"c":"x"},{"c":"y"}],"d":{},"e":[],"a":-1.5e3,"f":[true,null]} "#,
            false,
        );
        assert_eq!(
            seen,
            [
                "$.a Integer 1",
                "$.b[].c String x",
                "$.b[].c String y",
                "$.d Object ",
                "$.e Array ",
                "$.a Number -1.5e3",
                "$.f[] Boolean true",
                "$.f[] Null null",
            ]
        );
        assert_eq!(end, End { malformed: None, cut: false, roots: 1 });
    }

    #[test]
    fn escapes_are_decoded_rfc8259_7() {
        let (seen, _) = run(r#"{"\u0061\n":"\u0034\/\ud83d\ude00\ud800x\"\\"}"#, false);
        assert_eq!(seen, ["$.a\n String 4/\u{1f600}\u{fffd}x\"\\"]);
    }

    #[test]
    fn several_roots_rfc7464() {
        let (seen, end) = run("\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", false);
        assert_eq!(seen, ["$.a Integer 1", "$.a Integer 2"]);
        assert_eq!(end.roots, 2);
    }

    #[test]
    fn a_cut_value_is_never_whole() {
        for (text, last) in [
            (r#"{"a":"411111111"#, "$.a String …"),
            (r#"{"a":12"#, "$.a Integer …"),
            ("[1,2", "$[] Integer …"),
            ("12", "$ Integer …"),
        ] {
            let (seen, end) = run(text, true);
            assert_eq!(seen.last().map(String::as_str), Some(last));
            assert!(end.cut && end.malformed.is_none());
        }
        assert_eq!(run(r#"{"a":"#, false).1.malformed, Some(5));
        assert_eq!(run("12", false).0, ["$ Integer 12"]);
    }

    #[test]
    fn bad_syntax_stops_there() {
        for text in [
            "{a:1}",
            "[1,]",
            "{\"a\" 1}",
            "tru3",
            "[1}",
            "-",
            "01x",
            "{\"a\":1]",
            "x",
            "{\"a\":'b'}",
        ] {
            assert!(run(text, false).1.malformed.is_some(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_skipped() {
        let text = format!("{}1{},", "[".repeat(10_000), "]".repeat(10_000));
        let (seen, _) = run(&text, false);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].ends_with("Array "));
    }

    proptest! {
        #[test]
        fn what_is_special_is_found(text in "[\"\\\\!#\\[\\]a가]{0,70}|a{0,70}[\"\\\\!#]{0,3}") {
            let text = text.as_bytes();
            prop_assert_eq!(special(text), memchr2(b'"', b'\\', text));
        }

        #[test]
        fn no_text_upsets_the_reader(text in proptest::collection::vec(any::<u8>(), 0..200), cut: bool) {
            let mut log = Log::default();
            let _end = read(&text, cut, &mut log);
            prop_assert!(log.path.is_empty() && !log.depth_low);
        }

        #[test]
        fn cuts_keep_balance(at in 0..80_usize) {
            let text = r#"{"a":[1,{"b":"c\u0041"},[[true]]],"d":{"e":null,"f":-1.5},"g":"h"} [2]"#;
            let _seen = run(text.get(..at.min(text.len())).unwrap(), true);
        }
    }
}
