//! Integers that a caller counts up by itself: nobody walks through objects by them.

/// Names of what numbers calls and messages, flat: in header fields, and anywhere.
const IN_HEADERS: [&str; 6] = ["callid", "messageid", "msgid", "transactionid", "txid", "eventid"];
const ANYWHERE: [&str; 9] = [
    "requestid",
    "correlationid",
    "traceid",
    "spanid",
    "nonce",
    "seq",
    "seqno",
    "sequence",
    "sequencenumber",
];
/// Longest name looked at, `_`, `-` and a leading `x-` left out.
const NAME_MAX: usize = 16;

/// Whether a name is that of a number of the call, not of something that is asked for.
pub(super) fn counts_calls(part: &str, name: &str) -> bool {
    let name = name.as_bytes();
    let name = if name.starts_with(b"x-") { name.get(2..).unwrap_or_default() } else { name };
    let mut room = [0_u8; NAME_MAX];
    let mut len = 0_usize;
    for b in name.iter().filter(|b| !matches!(b, b'_' | b'-')) {
        let Some(slot) = room.get_mut(len) else { return false };
        *slot = b.to_ascii_lowercase();
        len = len.saturating_add(1);
    }
    let flat = room.get(..len).unwrap_or_default();
    let known = |list: &[&str]| list.iter().any(|known| known.as_bytes() == flat);
    known(&ANYWHERE) || part == "request.header:" && known(&IN_HEADERS)
}

/// Whether a word of a path stands before the number of a part of what is named before it: `/reports/7/pages/3`.
pub(crate) fn before_parts(word: &str) -> bool {
    const WORDS: [&str; 12] = [
        "page", "pages", "part", "parts", "chunk", "chunks", "segment", "segments", "tile",
        "tiles", "frame", "frames",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_calls_are_told_from_objects() {
        for name in ["x-request-id", "Correlation_Id", "seq", "sequenceNumber"] {
            assert!(counts_calls("request.body:", name) && counts_calls("request.query:", name));
        }
        assert!(counts_calls("request.header:", "x-call-id"));
        for name in ["call_id", "x-account-id", "message_id", "id", "account_sequence_number"] {
            assert!(!counts_calls("request.body:", name), "{name}");
        }
        assert!(!counts_calls("request.header:", "x-account-id"));
    }
}
