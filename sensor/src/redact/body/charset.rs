//! Character encodings of bodies: what is not UTF-8 is read as it was meant, so that names are known and values join.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::parameter;

/// The body in UTF-8: by its byte order mark, what the media type says, the XML declaration, or the zeros of UTF-16.
/// As it is when none says anything, or what it says is not known.
pub(super) fn utf8<'a>(content_type: &[u8], body: &'a [u8]) -> Cow<'a, [u8]> {
    let (encoding, skipped) = match body {
        [0xff, 0xfe, ..] => (UTF_16LE, 2),
        [0xfe, 0xff, ..] => (UTF_16BE, 2),
        [0, b'{' | b'[' | b'<', 0, _, ..] => (UTF_16BE, 0),
        [b'{' | b'[' | b'<', 0, _, 0, ..] => (UTF_16LE, 0),
        _ if content_type.len() < 12 && !body.starts_with(b"<?xml") => return body.into(),
        _ => match named(content_type, body) {
            Some(encoding) => (encoding, 0),
            None => return body.into(),
        },
    };
    if encoding == UTF_8 || (encoding.is_ascii_compatible() && body.is_ascii()) {
        return body.into();
    }
    let body = body.get(skipped..).unwrap_or_default();
    let (text, _malformed) = encoding.decode_without_bom_handling(body);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The encoding that the media type names (WHATWG label), or the declaration of an XML document.
fn named(content_type: &[u8], body: &[u8]) -> Option<&'static Encoding> {
    if let Some(label) = parameter(content_type, b"charset") {
        return Encoding::for_label(label);
    }
    let declaration = body.strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..128).unwrap_or(declaration);
    let declaration = declaration.split(|&b| b == b'>').next()?;
    let at = memchr::memmem::find(declaration, b"encoding=")?;
    let label = declaration.get(at.saturating_add(9)..)?;
    let (mark, label) = label.split_first()?;
    Encoding::for_label(label.split(|b| b == mark).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_they_were_meant() {
        let korean = b"{\"\xc0\xcc\xb8\xa7\":\"\xc8\xab\xb1\xe6\xb5\xbf\"}";
        let plain = "{\"이름\":\"홍길동\"}";
        for kind in ["application/json; charset=euc-kr", "text/plain;charset=\"KS_C_5601-1987\""] {
            assert_eq!(utf8(kind.as_bytes(), korean).as_ref(), plain.as_bytes(), "{kind}");
        }
        assert_eq!(utf8(b"application/json", korean).as_ref(), korean);
        assert_eq!(utf8(b"application/json; charset=nonsense", korean).as_ref(), korean);
        let xml = b"<?xml version='1.0' encoding='EUC-KR'?><a>\xc8\xab\xb1\xe6\xb5\xbf</a>";
        assert!(utf8(b"text/xml", xml).ends_with("<a>홍길동</a>".as_bytes()));
        let little: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = plain.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(utf8(b"", &little).as_ref(), plain.as_bytes());
        assert_eq!(utf8(b"", &big).as_ref(), plain.as_bytes());
        assert_eq!(utf8(b"", &[b"\xfe\xff", big.as_slice()].concat()).as_ref(), plain.as_bytes());
        assert!(matches!(utf8(b"text/plain; charset=euc-kr", b"abc"), Cow::Borrowed(_)));
    }
}
