//! XML 1.0: elements, attributes, text. No DTD is read, no entity of one expanded.

use apitap_proto::v1::ValueType;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{End, Visit};

/// Elements followed in depth; text of deeper ones is that of the last one followed.
const DEPTH_MAX: usize = 64;
/// Attributes read of one element.
const ATTRIBUTES_MAX: usize = 64;

/// Reads a document; with `cut`, it went on.
pub(crate) fn read(body: &[u8], cut: bool, visit: &mut impl Visit) -> End {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State { depth: 0, text: String::new(), leafless: false, visit };
    let mut roots = 0_u32;
    let malformed = loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                roots = roots.saturating_add(u32::from(state.depth == 0));
                state.start(&element);
            }
            Ok(Event::Empty(element)) => {
                roots = roots.saturating_add(u32::from(state.depth == 0));
                state.start(&element);
                state.end();
            }
            Ok(Event::End(_)) => state.end(),
            Ok(Event::Text(text)) => state.text.push_str(&text.into_inner()),
            Ok(Event::CData(text)) => state.text.push_str(&text.into_inner()),
            Ok(Event::GeneralRef(entity)) => match entity.resolve_char_ref() {
                Ok(Some(c)) => state.text.push(c),
                _ => state.text.push_str(named(&entity.into_inner())),
            },
            Ok(Event::Eof) => break None,
            Ok(Event::Comment(text)) => state.visit.aside(text.into_inner().as_bytes()),
            Ok(Event::PI(text)) => state.visit.aside(text.into_inner().as_bytes()),
            Ok(Event::DocType(text)) => state.visit.aside(text.into_inner().as_bytes()),
            Ok(Event::Decl(_)) => {}
            Err(_) => break (!cut).then_some(usize::try_from(at).unwrap_or(0)),
        }
    };
    let open = state.depth > 0;
    if open && !state.text.trim().is_empty() {
        state.visit.aside(state.text.as_bytes());
        state.visit.cut(ValueType::String);
    }
    for _ in 0..state.depth.min(DEPTH_MAX) {
        state.visit.leave();
    }
    let broken = malformed.or((roots == 0 || (open && !cut)).then_some(if roots == 0 {
        0
    } else {
        body.len()
    }));
    End { malformed: broken, cut: open, roots }
}

struct State<'v, V> {
    depth: usize,
    text: String,
    /// Whether the element at hand had children or text already.
    leafless: bool,
    visit: &'v mut V,
}

impl<V: Visit> State<'_, V> {
    fn start(&mut self, element: &BytesStart<'_>) {
        self.flush();
        self.depth = self.depth.saturating_add(1);
        self.leafless = true;
        if self.depth > DEPTH_MAX {
            self.visit.aside(element.as_ref().as_ref());
            return;
        }
        self.visit.enter(element.local_name().as_ref().as_ref());
        let octets: &[u8] = element.as_ref().as_ref();
        // What names a value goes before it, wherever it stands: `<param value="…" name="password"/>`.
        if memchr::memmem::find(octets, b"name=").is_some()
            || memchr::memmem::find(octets, b"key=").is_some()
        {
            self.attributes(element, |local| matches!(local, b"name" | b"key"));
            self.attributes(element, |local| !matches!(local, b"name" | b"key"));
        } else {
            self.attributes(element, |_| true);
        }
    }

    /// Visits the attributes whose local names are asked for.
    fn attributes(&mut self, element: &BytesStart<'_>, asked: impl Fn(&[u8]) -> bool) {
        for attribute in element.attributes().with_checks(false).take(ATTRIBUTES_MAX).flatten() {
            let name = attribute.key.as_ref();
            let name: &[u8] = name.as_ref();
            let local = name.rsplit(|&b| b == b':').next().unwrap_or_default();
            if !asked(local) {
                continue;
            }
            if name.starts_with(b"xmlns") {
                self.visit.aside(attribute.value.as_ref().as_bytes());
                continue;
            }
            let key = [b"@", local].concat();
            self.visit.enter(&key);
            let value = attribute.value.as_ref();
            let plain = unescape(value);
            self.visit.leaf(ValueType::Unspecified, plain.as_bytes());
            self.visit.leave();
        }
    }

    fn end(&mut self) {
        self.flush();
        if self.depth == 0 {
            return;
        }
        if self.depth <= DEPTH_MAX {
            if self.leafless {
                self.visit.leaf(ValueType::Null, b"");
            }
            self.visit.leave();
        }
        self.leafless = false;
        self.depth = self.depth.saturating_sub(1);
    }

    /// Hands on the text gathered since the last tag.
    fn flush(&mut self) {
        let text = self.text.trim();
        if !text.is_empty() {
            self.visit.leaf(ValueType::Unspecified, text.as_bytes());
            self.leafless = false;
        }
        self.text.clear();
    }
}

/// One of the five entities XML itself has (XML 1.0 §4.6); no other is expanded.
fn named(entity: &str) -> &'static str {
    match entity {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => "\u{fffd}",
    }
}

/// Attribute text with character references and the five entities decoded.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // Looked for nearby only: hostile text has many ampersands and no end.
        let end = after
            .bytes()
            .take(11)
            .position(|b| b == b';')
            .and_then(|end| after.split_at_checked(end));
        match end {
            Some((entity, tail)) => {
                let tail = tail.strip_prefix(';').unwrap_or(tail);
                let number =
                    entity.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok(),
                        None => n.parse().ok(),
                    });
                match number.and_then(char::from_u32) {
                    Some(c) => out.push(c),
                    None => out.push_str(named(entity)),
                }
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::log::told;
    use super::*;

    fn run(text: &str, cut: bool) -> (Vec<String>, End) {
        told(|log| read(text.as_bytes(), cut, log))
    }

    #[test]
    fn elements_attributes_text() {
        let (seen, end) = run(
            "<?xml version='1.0'?><s:a xmlns:s='u' s:b='1&#x41;&lt;'>x &amp; y<c/><c><![CDATA[<z>]]></c></s:a>",
            false,
        );
        assert_eq!(
            seen,
            [
                "$.a.@b Unspecified 1A<",
                "$.a Unspecified x & y",
                "$.a.c Null ",
                "$.a.c Unspecified <z>"
            ]
        );
        assert_eq!(end, End { malformed: None, cut: false, roots: 1 });
    }

    #[test]
    fn no_entity_is_expanded() {
        let laughs = "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><r>&b;&xxe;</r>";
        assert_eq!(run(laughs, false).0, ["$.r Unspecified \u{fffd}\u{fffd}"]);
    }

    #[test]
    fn cut_and_broken_documents() {
        let (seen, end) = run("<a><b>4111</b><c>41", true);
        assert_eq!(seen, ["$.a.b Unspecified 4111", "$.a.c String …"]);
        assert!(end.cut && end.malformed.is_none());
        assert!(run("<a><b>", false).1.malformed.is_some());
        assert!(run("nothing", false).1.malformed.is_some());
        assert!(run("<a b", false).1.malformed.is_some());
    }

    #[test]
    fn hostile_documents_stay_cheap() {
        let (seen, _) = run(&"<a>".repeat(100_000), false);
        assert!(seen.is_empty());
        let (_, end) = run(&format!("<a b='{}'/>", "&".repeat(100_000)), false);
        assert_eq!(end.roots, 1);
    }
}
