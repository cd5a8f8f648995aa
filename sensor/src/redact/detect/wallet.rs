//! Addresses of crypto-asset wallets: Bitcoin and its kin (base58check, bech32), Ethereum and its kin.
//!
//! Source: Bitcoin's base58check, BIP 173 and 350; ERC-55 (checksum in the case of letters).

use ring::digest;

use super::{Class, Confidence, Detector, Hit, Look, word_starts};
use crate::redact::look::{places, rows};

pub(super) const ENTRY: Detector = Detector {
    class: Class::Wallet,
    kinds: super::scan::DIGIT,
    any: super::scan::LOWER | super::scan::UPPER,
    digits_min: 1,
    run_min: 0,
    octets_min: 23,
    seen,
    find,
};

/// The shortest have fourteen letters and digits.
fn seen(look: &Look, text: &[u8]) -> Option<Hit> {
    let starts = look.starts() & rows(look.words(), 14);
    places(starts).find_map(|start| begins_with(text, start))
}

fn find(text: &[u8]) -> Option<Hit> {
    word_starts(text).find_map(|start| begins_with(text, start))
}

fn begins_with(text: &[u8], start: usize) -> Option<Hit> {
    let rest = text.get(start..)?;
    let kind = match *rest.first_chunk::<3>()? {
        [b'0', b'x' | b'X', _] => ethereum,
        [b'b', b'c', b'1'] | [b'B', b'C', b'1'] | [b't', b'b', b'1'] | [b'l', b't', b'c'] => bech32,
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T' | b'r', _, _] => base58,
        _ => return None,
    };
    let len = rest.iter().take(92).take_while(|b| b.is_ascii_alphanumeric()).count();
    let confidence = kind(rest.get(..len)?)?;
    Some(Hit { start, end: start.checked_add(len)?, confidence })
}

/// `0x` and 40 hex digits; mixed case is a checksum.
fn ethereum(word: &[u8]) -> Option<Confidence> {
    let hex =
        word.get(2..).filter(|hex| hex.len() == 40 && hex.iter().all(u8::is_ascii_hexdigit))?;
    let mixed = hex.iter().any(u8::is_ascii_lowercase) && hex.iter().any(u8::is_ascii_uppercase);
    if !mixed {
        return Some(Confidence::Medium);
    }
    let hash = keccak(&hex.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    let valid = hex
        .iter()
        .zip(nibbles)
        .all(|(b, nibble)| !b.is_ascii_alphabetic() || b.is_ascii_uppercase() == (nibble >= 8));
    valid.then_some(Confidence::High)
}

/// Keccak-256 of a text shorter than its block of 136 octets.
fn keccak(text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 136];
    let padded = text.iter().copied().chain([1]);
    block.iter_mut().zip(padded).for_each(|(slot, b)| *slot = b);
    if let Some(last) = block.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0_u64; 25];
    for (lane, octets) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*octets);
    }
    keccak::f1600(&mut state);
    let mut hash = [0_u8; 32];
    let octets = state.iter().flat_map(|lane| lane.to_le_bytes());
    hash.iter_mut().zip(octets).for_each(|(slot, b)| *slot = b);
    hash
}

/// Base 58 of a version, a hash of 20 octets and four octets of check.
fn base58(word: &[u8]) -> Option<Confidence> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    // Ripple has the same digits in another order; what it writes is told by its name alone.
    if !(25..=35).contains(&word.len()) || word.first() == Some(&b'r') {
        return None;
    }
    let mut number = [0_u8; 25];
    for b in word {
        let mut carry = u32::try_from(ALPHABET.iter().position(|digit| digit == b)?).ok()?;
        for octet in number.iter_mut().rev() {
            carry = carry.saturating_add(u32::from(*octet).saturating_mul(58));
            *octet = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    let (body, check) = number.split_at_checked(21)?;
    let hash = digest::digest(&digest::SHA256, digest::digest(&digest::SHA256, body).as_ref());
    (hash.as_ref().get(..4) == Some(check)).then_some(Confidence::High)
}

/// A human-readable part, `1`, and digits of which the last six are a check.
fn bech32(word: &[u8]) -> Option<Confidence> {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let one_case =
        !(word.iter().any(u8::is_ascii_lowercase) && word.iter().any(u8::is_ascii_uppercase));
    let at = memchr::memchr(b'1', word)?;
    let (prefix, digits) = (word.get(..at)?.to_ascii_lowercase(), word.get(at.checked_add(1)?..)?);
    if !one_case || !(14..=74).contains(&word.len()) {
        return None;
    }
    let mut sum = 1_u32;
    let expanded = prefix.iter().map(|b| b >> 5).chain([0]).chain(prefix.iter().map(|b| b & 31));
    for value in expanded {
        sum = polymod(sum, value);
    }
    for b in digits {
        let value = ALPHABET.iter().position(|digit| *digit == b.to_ascii_lowercase())?;
        sum = polymod(sum, u8::try_from(value).ok()?);
    }
    // Bech32, and bech32m of later versions.
    matches!(sum, 1 | 0x2bc8_30a3).then_some(Confidence::High)
}

fn polymod(sum: u32, value: u8) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let sum = ((sum & 0x1ff_ffff) << 5) ^ u32::from(value);
    GENERATORS.iter().zip(0..).fold(
        sum,
        |sum, (generator, bit)| if (top >> bit) & 1 == 1 { sum ^ generator } else { sum },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets() {
        for text in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "1234567890123456789012345678901234",
            "x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
