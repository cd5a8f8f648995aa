//! Answers that tell a caller nothing of people but what it has just said: who subscribes with an address gets it back.

use super::Seen;
use super::access::{Weight, weight};
use crate::redact::class::Class;

/// How tokens begin.
const TOKEN: &[u8] = b"tok_";
/// Values of an answer that are looked at.
const VALUES_MAX: u64 = 32;

/// Whether a request that writes has every personal value of its answer in its body. By tokens, so only of values that left as one;
/// of lists and of what is looked up nothing is the caller's own.
pub(super) fn told(seen: &Seen<'_>) -> bool {
    if !matches!(seen.method, "POST" | "PUT" | "PATCH") {
        return false;
    }
    let personal = |class| matches!(weight(class), Weight::Contact | Weight::Personal);
    let mut values = 0_u64;
    for told in seen.finds.each(personal).filter(|told| told.part == "response.body") {
        if told.location().contains("[]") {
            return false;
        }
        values = values.saturating_add(told.count);
    }
    let (asked, answered) = seen.written;
    let mut met = 0_u64;
    let of = |token: &[u8], class: Class| {
        let rest =
            token.get(TOKEN.len()..).unwrap_or_default().strip_prefix(class.name().as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"_"))
    };
    let found = |token: &&[u8]| seen.finds.each(personal).any(|told| of(token, told.class));
    for token in tokens(answered).filter(found) {
        if memchr::memmem::find(asked, token).is_none() {
            return false;
        }
        met = met.saturating_add(1);
    }
    (1..=VALUES_MAX).contains(&values) && met >= values
}

/// Tokens in what was written: texts, with their lengths before them.
fn tokens(written: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memmem::find_iter(written, TOKEN).filter_map(|at| {
        let len = usize::from(*written.get(at.checked_sub(1)?)?);
        written.get(at..at.checked_add(len)?)
    })
}
