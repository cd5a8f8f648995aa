//! Keys of large providers, told by prefix and length.
//!
//! Source: the providers' documentation of their token formats.

use super::scan::{DASH, DOT, UNDER, UPPER};
use super::{Class, Confidence, Detector, Hit};

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

/// Which octets the prefixes begin with.
const BEGINS: [bool; 256] = begins(b"AgsrpwxyGSnhdE");

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn begins(first: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < first.len() {
        table[first[at] as usize] = true;
        at += 1;
    }
    table
}

fn find(text: &[u8]) -> Option<Hit> {
    let mut before = b' ';
    text.iter().enumerate().find_map(|(start, &b)| {
        let begins =
            !before.is_ascii_alphanumeric() && BEGINS.get(usize::from(b)).copied().unwrap_or(false);
        before = b;
        if !begins {
            return None;
        }
        let rest = text.get(start..)?;
        PREFIXES.iter().find_map(|(prefix, min, max)| {
            let tail = rest.strip_prefix(*prefix)?;
            let len = tail
                .iter()
                .take(max.saturating_add(1))
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
                .count();
            let end = start.checked_add(prefix.len())?.checked_add(len)?;
            (*min..=*max).contains(&len).then_some(Hit { start, end, confidence: Confidence::High })
        })
    })
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
