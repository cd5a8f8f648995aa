//! Keys of large providers, told by prefix and length.
//!
//! Source: the providers' documentation of their token formats.

use super::scan::{DASH, DOT, UNDER, UPPER};
use super::{Class, Confidence, Detector, Hit, Look, word_starts};
use crate::redact::look::{ahead, places};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Credential,
    kinds: 0,
    any: UPPER | UNDER | DASH | DOT,
    digits_min: 0,
    run_min: 0,
    octets_min: FEWEST,
    seen,
    find,
};

/// What a key is made of behind its prefix.
#[derive(Clone, Copy)]
enum Tail {
    /// Upper-case letters and digits.
    Upper,
    /// Lower-case hex digits.
    Hex,
    /// Letters and digits.
    Plain,
    /// Letters, digits, `_`, `-`.
    Word,
    /// Letters, digits, `_`, `-`, `.`, `=`.
    Dotted,
}

use Tail::{Dotted, Hex, Plain, Upper, Word};

/// Fewest octets of a key.
const FEWEST: usize = 14;

/// A prefix, what is behind it, and fewest and most characters of that.
type Prefix = (&'static [u8], Tail, usize, usize);

const PREFIXES: &[Prefix] = &[
    // Amazon
    (b"AKIA", Upper, 16, 16),
    (b"ASIA", Upper, 16, 16),
    (b"ABIA", Upper, 16, 16),
    (b"ACCA", Upper, 16, 16),
    (b"ABSK", Dotted, 100, 255),
    // GitHub, GitLab, Bitbucket
    (b"ghp_", Plain, 36, 255),
    (b"gho_", Plain, 36, 255),
    (b"ghu_", Plain, 36, 255),
    (b"ghs_", Plain, 36, 255),
    (b"ghr_", Plain, 36, 255),
    (b"github_pat_", Word, 60, 255),
    (b"glpat-", Dotted, 20, 300),
    (b"gldt-", Word, 20, 64),
    (b"glrt-", Dotted, 20, 300),
    (b"glptt-", Word, 20, 64),
    (b"glcbt-", Word, 20, 64),
    (b"ATBB", Plain, 32, 40),
    (b"ATATT3", Dotted, 180, 255),
    // Payments: Stripe, Square, Toss
    (b"sk_live_", Word, 16, 255),
    (b"sk_test_", Word, 16, 255),
    (b"rk_live_", Word, 16, 255),
    (b"rk_test_", Word, 16, 255),
    (b"pk_live_", Word, 16, 255),
    (b"whsec_", Dotted, 24, 128),
    (b"sq0atp-", Word, 22, 60),
    (b"sq0csp-", Word, 43, 60),
    (b"live_sk_", Plain, 20, 64),
    (b"test_sk_", Plain, 20, 64),
    (b"live_gsk_", Plain, 20, 64),
    (b"test_gsk_", Plain, 20, 64),
    (b"access_token$production$", Plain, 40, 60),
    // Slack, Discord's and Telegram's have forms of their own
    (b"xoxa-", Word, 10, 255),
    (b"xoxb-", Word, 10, 255),
    (b"xoxe-", Word, 10, 255),
    (b"xoxe.", Dotted, 10, 255),
    (b"xoxo-", Word, 10, 255),
    (b"xoxp-", Word, 10, 255),
    (b"xoxr-", Word, 10, 255),
    (b"xoxs-", Word, 10, 255),
    (b"xapp-", Word, 20, 255),
    // Google, Meta
    (b"AIza", Word, 35, 35),
    (b"ya29.", Dotted, 20, 2048),
    (b"GOCSPX-", Word, 20, 64),
    (b"EAAC", Plain, 40, 512),
    (b"EAAB", Plain, 40, 512),
    (b"EAAG", Plain, 40, 512),
    // Mail and telephony: SendGrid, Brevo, Resend, Twilio, Mailgun
    (b"SG.", Dotted, 40, 128),
    (b"xkeysib-", Word, 64, 96),
    (b"re_", Word, 30, 40),
    (b"SK", Hex, 32, 32),
    (b"AC", Hex, 32, 32),
    (b"key-", Hex, 32, 32),
    // Models: Anthropic, OpenAI, Groq, Hugging Face, Replicate, xAI, Perplexity
    (b"sk-ant-", Word, 20, 255),
    (b"sk-proj-", Word, 20, 255),
    (b"sk-svcacct-", Word, 20, 255),
    (b"sk-", Word, 32, 255),
    (b"gsk_", Plain, 40, 64),
    (b"hf_", Plain, 30, 40),
    (b"api_org_", Plain, 30, 40),
    (b"r8_", Plain, 37, 40),
    (b"xai-", Plain, 70, 90),
    (b"pplx-", Plain, 40, 64),
    // Package registries
    (b"npm_", Plain, 36, 36),
    (b"pypi-", Word, 50, 512),
    (b"rubygems_", Hex, 48, 48),
    (b"dckr_pat_", Word, 27, 27),
    (b"CLOJARS_", Plain, 60, 60),
    (b"oy2", Plain, 43, 43),
    (b"AKCp", Plain, 60, 80),
    // Clouds, consoles, tools
    (b"hvs.", Word, 24, 255),
    (b"hvb.", Word, 24, 255),
    (b"dop_v1_", Hex, 64, 64),
    (b"doo_v1_", Hex, 64, 64),
    (b"dor_v1_", Hex, 64, 64),
    (b"HRKU-", Word, 36, 80),
    (b"shpat_", Plain, 32, 32),
    (b"shpca_", Plain, 32, 32),
    (b"shppa_", Plain, 32, 32),
    (b"shpss_", Plain, 32, 32),
    (b"dapi", Hex, 32, 32),
    (b"PMAK-", Word, 50, 64),
    (b"NRAK-", Upper, 27, 27),
    (b"lin_api_", Plain, 40, 40),
    (b"ntn_", Plain, 40, 60),
    (b"secret_", Plain, 43, 43),
    (b"figd_", Word, 40, 60),
    (b"glsa_", Word, 32, 64),
    (b"glc_", Dotted, 32, 400),
    (b"sntrys_", Dotted, 50, 400),
    (b"sntryu_", Hex, 64, 64),
    (b"sbp_", Hex, 40, 40),
    (b"pscale_tkn_", Dotted, 32, 64),
    (b"pscale_pw_", Dotted, 32, 64),
    (b"dp.pt.", Plain, 40, 44),
    (b"sl.", Word, 130, 255),
    (b"AGE-SECRET-KEY-1", Upper, 58, 58),
];

/// By the first, second and third octet of a text: which of the prefixes go on like this.
struct Begins([[u128; 256]; 3]);

static BEGINS: Begins = begins();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn begins() -> Begins {
    assert!(PREFIXES.len() <= 128);
    let mut table = [[0; 256]; 3];
    let mut nth = 0;
    while nth < PREFIXES.len() {
        let (prefix, _, least, _) = PREFIXES[nth];
        assert!(prefix[0].is_ascii_alphabetic() && prefix[1].is_ascii_alphanumeric());
        assert!(prefix.len() + least >= FEWEST);
        let mut at = 0;
        while at < 3 {
            if at < PREFIXES[nth].0.len() {
                table[at][PREFIXES[nth].0[at] as usize] |= 1 << nth;
            } else {
                // Behind a prefix of two letters anything may follow.
                let mut any = 0;
                while any < 256 {
                    table[at][any] |= 1 << nth;
                    any += 1;
                }
            }
            at += 1;
        }
        nth += 1;
    }
    Begins(table)
}

/// By the first octet of a prefix, its second: a bit each, the same for octets that are alike in their lower five.
static SECONDS: [u32; 128] = seconds();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn seconds() -> [u32; 128] {
    let mut table = [0; 128];
    let mut nth = 0;
    while nth < PREFIXES.len() {
        let prefix = PREFIXES[nth].0;
        table[(prefix[0] & 0x7f) as usize] |= 1 << (prefix[1] & 31);
        nth += 1;
    }
    table
}

impl Begins {
    /// Prefixes that a text with these three octets in front may begin with, one bit each.
    fn of(&self, three: [u8; 3]) -> u128 {
        let ([first, second, third], [a, b, c]) = (&self.0, three);
        let of = |table: &[u128; 256], b: u8| table.get(usize::from(b)).copied().unwrap_or(0);
        of(first, a) & of(second, b) & of(third, c)
    }
}

/// A prefix begins with a letter, then a letter or digit, and there is no space in a key.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let starts = look.starts() & look.letters() & ahead(look.words(), 1) & look.unspaced(14);
    places(starts).find_map(|start| begins_with(text, start))
}

fn find(text: &[u8]) -> Option<Hit> {
    word_starts(text).find_map(|start| begins_with(text, start))
}

#[inline]
fn begins_with(text: &[u8], start: usize) -> Option<Hit> {
    // Of most words the first two octets say that they are none.
    let [first, second, _] = *text.get(start..)?.first_chunk()?;
    let seconds = SECONDS.get(usize::from(first & 0x7f)).copied().unwrap_or(0);
    let none = seconds >> (second & 31) & 1 == 0;
    if none { None } else { begun(text, start) }
}

fn begun(text: &[u8], start: usize) -> Option<Hit> {
    let mut left = BEGINS.of(*text.get(start..)?.first_chunk()?);
    while left != 0 {
        let nth = usize::try_from(left.trailing_zeros()).unwrap_or(0);
        left &= left.wrapping_sub(1);
        let hit = PREFIXES.get(nth).and_then(|prefix| key(text, start, prefix));
        if hit.is_some() {
            return hit;
        }
    }
    None
}

/// A key with this prefix that begins at `start`.
fn key(text: &[u8], start: usize, (prefix, kind, min, max): &Prefix) -> Option<Hit> {
    let rest = text.get(start..)?.strip_prefix(*prefix)?;
    let len = rest.iter().take(max.saturating_add(1)).take_while(|b| kind.has(**b)).count();
    let tail = rest.get(..len)?;
    // More letters behind a key of fixed alphabet: a longer word.
    let whole = rest.get(len).is_none_or(|b| !b.is_ascii_alphanumeric());
    // Words joined by dashes have no digits; a key of this length hardly lacks them, and then mixes case.
    let count = |is: fn(&u8) -> bool| tail.iter().filter(|b| is(b)).count();
    let dense = count(u8::is_ascii_digit) > 0
        || (count(u8::is_ascii_uppercase) > 3 && count(u8::is_ascii_lowercase) > 3);
    let end = start.checked_add(prefix.len())?.checked_add(len)?;
    let fits = (*min..=*max).contains(&len) && whole && dense;
    fits.then_some(Hit { start, end, confidence: Confidence::High })
}

impl Tail {
    const fn has(self, b: u8) -> bool {
        match self {
            Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            Plain => b.is_ascii_alphanumeric(),
            Word => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
            Dotted => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'='),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for text in [
            concat!("AKIA", "IOSFODNN7EXAMPLE"),
            concat!("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"),
            concat!("use gh", "p_0123456789abcdefghijABCDEFGHIJ012345 now"),
            concat!("xox", "b-123456789012-abcdef"),
            concat!("AIza", "SyA1234567890abcdefghijklmnopqrstuv"),
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "AKIA",
            "task-management-of-all-the-things",
            "sk-management-of-all-the-things-and-more",
            "skeleton",
            "xAKIAIOSFODNN7EXAMPLE",
            "AKIAIOSFODNN7EXAMPLES",
            "secret_santa_of_the_whole_department_of_things",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
