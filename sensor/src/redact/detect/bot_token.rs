//! Tokens of bots without a prefix: Telegram `<digits>:<35 characters>`, Discord's three dotted parts; client secrets
//! of Microsoft Entra.
//!
//! Source: the providers' documentation of their token formats.

use super::{Class, Confidence, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Credential,
    kinds: super::scan::DIGIT | super::scan::UPPER | super::scan::LOWER,
    any: super::scan::COLON | super::scan::DOT | super::scan::PUNCT,
    digits_min: 1,
    run_min: 0,
    octets_min: 23,
    seen: |look, text| if look.unspaced(37) == 0 { None } else { find(text) },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    let hit = memchr::memchr3_iter(b':', b'.', b'~', text).find_map(|at| match text.get(at) {
        Some(b':') => telegram(text, at),
        Some(b'.') => discord(text, at),
        _ => entra(text, at),
    });
    hit.filter(|(start, end)| {
        let touches = |at: Option<usize>| {
            at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric)
        };
        !touches(start.checked_sub(1)) && !touches(Some(*end))
    })
    .map(|(start, end)| Hit { start, end, confidence: Confidence::High })
}

fn word(b: &&u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// Number of the bot, colon, `AA` and 33 characters.
fn telegram(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let (before, after) = (text.get(..at)?, text.get(at.checked_add(1)?..)?);
    let digits = before.iter().rev().take(11).take_while(|b| b.is_ascii_digit()).count();
    let len = after.iter().take(36).take_while(word).count();
    let fits = (8..=10).contains(&digits) && len == 35 && after.starts_with(b"AA");
    fits.then_some((at.checked_sub(digits)?, at.checked_add(36)?))
}

/// Base64 of the bot's number, dot, six characters of time, dot, 27 and more of check.
fn discord(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let (before, after) = (text.get(..at)?, text.get(at.checked_add(1)?..)?);
    let id = before.iter().rev().take(29).take_while(word).count();
    let time = after.iter().take(7).take_while(word).count();
    let check = after.get(7..)?.iter().take(40).take_while(word).count();
    let begins = text.get(at.checked_sub(id)?).is_some_and(|b| matches!(b, b'M' | b'N' | b'O'));
    let fits = (23..=28).contains(&id)
        && time == 6
        && after.get(6) == Some(&b'.')
        && (27..=38).contains(&check)
        && begins;
    fits.then_some((at.checked_sub(id)?, at.checked_add(8)?.checked_add(check)?))
}

/// Three characters, `8Q~` (the digit may rise), and 31 to 34 more.
fn entra(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = at.checked_sub(5)?;
    let head = text.get(start..at)?;
    let mark = head.get(3).is_some_and(u8::is_ascii_digit) && head.get(4) == Some(&b'Q');
    let in_secret = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~');
    let len = text.get(at.checked_add(1)?..)?.iter().take(35).take_while(in_secret).count();
    let fits = mark && head.iter().take(3).all(|b| in_secret(&b)) && (31..=34).contains(&len);
    fits.then_some((start, at.checked_add(1)?.checked_add(len)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for text in [
            concat!("110201543:", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"),
            concat!("MTk4NjIyNDgzNDcxOTI1MjQ4", ".Cl2FMQ.", "ZnCjm1XVW7vRze4b7Cq4se7kKWs"),
            concat!("Ab18", "Q~", "abcdefghijklmnopqrstuvwxyz.ABCDE_1"),
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "10:30:00 on Monday the 21st of June",
            "www.example.com.some.thing.long",
            "a~b~c",
            "1.2.3.4.5.6.7.8.9.10.11.12X",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
