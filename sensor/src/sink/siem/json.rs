//! Writes JSON objects member by member, leaving out what is empty.
//!
//! Names are fixed words of a schema, so they need no escaping; values are escaped.

/// The inside of a JSON object that is being written to the end of a buffer.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Appends one object, also when it stays empty.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out: &mut *out, empty: true });
    out.push(b'}');
}

/// Appends a JSON string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut plain = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => 0,
            _ => continue,
        };
        out.extend_from_slice(text.as_bytes().get(plain..at).unwrap_or_default());
        plain = at.saturating_add(1);
        if short != 0 {
            out.extend_from_slice(&[b'\\', short]);
        } else {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out.extend_from_slice(text.as_bytes().get(plain..).unwrap_or_default());
    out.push(b'"');
}

impl Object<'_> {
    fn name(&mut self, name: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        string(self.out, name);
        self.out.push(b':');
    }

    /// Text, unless it is empty.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.name(name);
            string(self.out, value);
        }
    }

    /// A number, also when it is 0.
    pub(crate) fn number(&mut self, name: &str, value: impl Into<i128>) {
        self.name(name);
        self.out.extend_from_slice(value.into().to_string().as_bytes());
    }

    /// A number, unless it is 0.
    pub(crate) fn count(&mut self, name: &str, value: impl Into<i128>) {
        let value = value.into();
        if value != 0 {
            self.number(name, value);
        }
    }

    /// `true`, or nothing.
    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.name(name);
            self.out.extend_from_slice(b"true");
        }
    }

    /// An object, unless it stays empty.
    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        let (start, was_empty) = (self.out.len(), self.empty);
        self.name(name);
        self.out.push(b'{');
        let mut inner = Object { out: &mut *self.out, empty: true };
        fill(&mut inner);
        if inner.empty {
            self.out.truncate(start);
            self.empty = was_empty;
        } else {
            self.out.push(b'}');
        }
    }

    /// A list of texts, without empty ones, unless there are none.
    pub(crate) fn texts<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.list(name, values, |out, value| {
            let text = value.as_ref();
            if !text.is_empty() {
                string(out, text);
            }
        });
    }

    /// A list of objects, without empty ones, unless there are none.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Object<'_>, T),
    ) {
        self.list(name, values, |out, value| {
            let start = out.len();
            out.push(b'{');
            let mut inner = Object { out: &mut *out, empty: true };
            fill(&mut inner, value);
            if inner.empty { out.truncate(start) } else { out.push(b'}') }
        });
    }

    /// A list of what `write` appends; a value for which it appends nothing is left out.
    fn list<T>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) {
        let (start, was_empty) = (self.out.len(), self.empty);
        self.name(name);
        self.out.push(b'[');
        let mut empty = true;
        for value in values {
            let before = self.out.len();
            if !empty {
                self.out.push(b',');
            }
            let here = self.out.len();
            write(self.out, value);
            if self.out.len() == here { self.out.truncate(before) } else { empty = false }
        }
        if empty {
            self.out.truncate(start);
            self.empty = was_empty;
        } else {
            self.out.push(b']');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn written(fill: impl FnOnce(&mut Object<'_>)) -> String {
        let mut out = Vec::new();
        object(&mut out, fill);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let text = written(|o| {
            o.object("none", |o| {
                o.text("empty", "");
                o.count("zero", 0_u32);
                o.flag("no", false);
                o.texts("texts", ["", ""]);
                o.objects("objects", [1, 2], |_, _| {});
                o.object("deeper", |_| {});
            });
            o.number("zero", 0_u32);
            o.texts("some", ["", "a", "", "b"]);
            o.objects("odd", [1, 2, 3], |o, n| o.count("n", n % 2));
            o.flag("yes", true);
        });
        assert_eq!(text, r#"{"zero":0,"some":["a","b"],"odd":[{"n":1},{"n":1}],"yes":true}"#);
        assert_eq!(written(|_| {}), "{}");
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>(), control in 0_u8..0x20) {
            let text = format!("{text}{}\u{7f}\"\\", char::from(control));
            let line = written(|o| o.text("t", &text));
            prop_assert!(!line.contains('\n'));
            let back: Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(back["t"].as_str(), Some(text.as_str()));
        }
    }
}
