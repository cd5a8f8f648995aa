//! JSON Web Tokens (RFC 7519): three dotted base64url parts, the first a JSON object.

use super::{Class, Confidence, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Jwt,
    kinds: super::scan::DOT | super::scan::LOWER | super::scan::UPPER,
    digits_min: 0,
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    // "eyJ" is base64url of an opening brace and quote.
    memchr::memmem::find_iter(text, b"eyJ").find_map(|start| {
        let rest = text.get(start..)?;
        let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let head = rest.iter().take_while(part).count();
        let payload = rest.get(head..)?.strip_prefix(b".")?;
        let payload_len = payload.iter().take_while(part).count();
        let signature = payload.get(payload_len..)?.strip_prefix(b".")?;
        // Encrypted tokens (RFC 7516) have five parts.
        let signature_len = signature.iter().take_while(|b| part(b) || **b == b'.').count();
        let len = head.checked_add(payload_len)?.checked_add(signature_len)?.checked_add(2)?;
        let end = start.checked_add(len)?;
        (head >= 10).then_some(Hit { start, end, confidence: Confidence::High })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["eyJhbGciOiJIUzI1NiJ9", "eyJ.eyJ.x", "hello.world.x"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
