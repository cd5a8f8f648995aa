//! Keys of large providers, told by prefix and length.
//!
//! Source: the providers' documentation of their token formats.

use super::scan::{DASH, DOT, UNDER, UPPER};
use super::{Class, Confidence, Detector, Hit, word_starts};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Credential,
    kinds: 0,
    any: UPPER | UNDER | DASH | DOT,
    digits_min: 0,
    run_min: 0,
    octets_min: 14,
    find,
};

const PREFIXES: &[(&[u8], usize, usize)] = &[
    // Prefix, fewest and most characters behind it.
    (b"AKIA", 16, 16),
    (b"ASIA", 16, 16),
    (b"ABIA", 16, 16),
    (b"ACCA", 16, 16),
    (b"ghp_", 36, 255),
    (b"gho_", 36, 255),
    (b"ghu_", 36, 255),
    (b"ghs_", 36, 255),
    (b"ghr_", 36, 255),
    (b"github_pat_", 60, 255),
    (b"glpat-", 20, 64),
    (b"sk_live_", 16, 255),
    (b"sk_test_", 16, 255),
    (b"rk_live_", 16, 255),
    (b"rk_test_", 16, 255),
    (b"pk_live_", 16, 255),
    (b"whsec_", 24, 128),
    (b"xoxa-", 10, 255),
    (b"xoxb-", 10, 255),
    (b"xoxo-", 10, 255),
    (b"xoxp-", 10, 255),
    (b"xoxr-", 10, 255),
    (b"xoxs-", 10, 255),
    (b"AIza", 35, 35),
    (b"ya29.", 20, 2048),
    (b"GOCSPX-", 20, 64),
    (b"SG.", 40, 128),
    (b"npm_", 36, 36),
    (b"pypi-", 50, 512),
    (b"sk-ant-", 20, 255),
    (b"sk-proj-", 20, 255),
    (b"sk-", 32, 255),
    (b"hvs.", 24, 255),
    (b"dop_v1_", 64, 64),
    (b"shpat_", 32, 32),
    (b"EAAC", 40, 512),
];

/// By the first, second and third octet of a text: which of the prefixes go on like this.
struct Begins([[u64; 256]; 3]);

static BEGINS: Begins = begins();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn begins() -> Begins {
    assert!(PREFIXES.len() <= 64);
    let mut table = [[0; 256]; 3];
    let mut nth = 0;
    while nth < PREFIXES.len() {
        let mut at = 0;
        while at < 3 {
            table[at][PREFIXES[nth].0[at] as usize] |= 1 << nth;
            at += 1;
        }
        nth += 1;
    }
    Begins(table)
}

impl Begins {
    /// Prefixes that a text with these three octets in front may begin with, one bit each.
    fn of(&self, three: [u8; 3]) -> u64 {
        let octets = self.0.iter().zip(three);
        octets.fold(u64::MAX, |left, (table, b)| {
            left & table.get(usize::from(b)).copied().unwrap_or(0)
        })
    }
}

fn find(text: &[u8]) -> Option<Hit> {
    word_starts(text).find_map(|start| {
        let mut left = BEGINS.of(*text.get(start..)?.first_chunk()?);
        while left != 0 {
            let nth = usize::try_from(left.trailing_zeros()).unwrap_or(0);
            left &= left.wrapping_sub(1);
            let hit = PREFIXES.get(nth).and_then(|prefix| key(text, start, *prefix));
            if hit.is_some() {
                return hit;
            }
        }
        None
    })
}

/// A key with this prefix that begins at `start`.
fn key(text: &[u8], start: usize, (prefix, min, max): (&[u8], usize, usize)) -> Option<Hit> {
    let tail = text.get(start..)?.strip_prefix(prefix)?;
    let len = tail
        .iter()
        .take(max.saturating_add(1))
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    let end = start.checked_add(prefix.len())?.checked_add(len)?;
    (min..=max).contains(&len).then_some(Hit { start, end, confidence: Confidence::High })
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
        for text in
            ["AKIA", "task-management-of-all-the-things", "skeleton", "xAKIAIOSFODNN7EXAMPLE"]
        {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
