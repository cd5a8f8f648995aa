//! Tokens that have as many digits as their value: FF1 (NIST SP 800-38G), for readers that take no other.

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};

use super::class::Class;
use super::detect;

/// Fewest digits: a domain of 10^6, as revision 1 of the standard demands. Smaller ones could be tried through.
const DIGITS_MIN: usize = 6;
/// Most digits.
const DIGITS_MAX: usize = 36;

/// Makes digits of digits under one key, which is overwritten when dropped. No `Debug`.
pub(super) struct Preserver(FF1<Aes256>);

impl Preserver {
    /// Under this key.
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        FF1::new(key, 10).ok().map(Self)
    }

    /// Appends the digits for a value in normal form; `false` (and nothing appended) when it is no number of 6 to 36
    /// digits.
    ///
    /// A card number becomes one whose check digit is wrong, so that it is nobody's: all digits but the last are
    /// encrypted, and the last is five away from the one that would be right.
    pub(super) fn preserve(
        &self,
        class: Class,
        about: &[u8],
        value: &[u8],
        out: &mut Vec<u8>,
    ) -> bool {
        let value = if class == Class::Phone { value.strip_prefix(b"+") } else { Some(value) };
        let Some(value) = value.filter(|value| value.len() <= DIGITS_MAX) else { return false };
        let Some(digits) = digits(value) else { return false };
        let card = class == Class::Pan;
        let kept = match digits.split_last() {
            Some((last, others)) if card => {
                let right = Some(*last) == check_digit(others);
                others.get(..if right { others.len() } else { 0 })
            }
            _ => Some(digits.as_slice()),
        };
        let made = kept.and_then(|kept| self.encrypt(about, kept));
        let Some(mut made) = made else { return false };
        if card {
            let check = check_digit(&made).unwrap_or(0);
            made.push((check + 5) % 10);
        }
        out.extend(made.iter().map(|digit| b'0'.saturating_add(*digit)));
        true
    }

    fn encrypt(&self, about: &[u8], digits: &[u8]) -> Option<Vec<u8>> {
        if digits.len() < DIGITS_MIN {
            return None;
        }
        let numerals: Vec<u16> = digits.iter().map(|digit| u16::from(*digit)).collect();
        let made = self.0.encrypt(about, &FlexibleNumeralString::from(numerals)).ok()?;
        Vec::<u16>::from(made).into_iter().map(|digit| u8::try_from(digit).ok()).collect()
    }
}

/// What the digits stand for, unless there are others.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    text.iter().map(|octet| octet.checked_sub(b'0').filter(|digit| *digit < 10)).collect()
}

/// The digit that makes a number of these digits and itself a right one (ISO/IEC 7812-1, annex B).
fn check_digit(digits: &[u8]) -> Option<u8> {
    let mut whole = digits.to_vec();
    whole.push(0);
    (0..10).find(|digit| {
        if let Some(last) = whole.last_mut() {
            *last = *digit;
        }
        detect::luhn(&whole)
    })
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXUPPER;
    use proptest::prelude::*;

    use super::*;

    fn preserver() -> Preserver {
        let key = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
        Preserver::new(&HEXUPPER.decode(key.as_bytes()).unwrap().try_into().unwrap()).unwrap()
    }

    fn made(class: Class, about: &[u8], value: &str) -> Option<String> {
        let mut out = b"x".to_vec();
        let done = preserver().preserve(class, about, value.as_bytes(), &mut out);
        assert!(done || out == b"x");
        done.then(|| String::from_utf8(out[1..].to_vec()).unwrap())
    }

    // NIST, "Block Cipher Modes of Operation: FF1 Samples", 7 and 8 (AES-256, radix 10).
    #[test]
    fn digits_are_those_of_nist() {
        assert_eq!(made(Class::Id, b"", "0123456789").as_deref(), Some("6657667009"));
        assert_eq!(made(Class::Id, b"9876543210", "0123456789").as_deref(), Some("1001623463"));
    }

    #[test]
    fn small_domains_and_other_texts_are_refused() {
        assert_eq!(made(Class::Id, b"", "12345"), None);
        assert_eq!(made(Class::Id, b"", "123456").unwrap().len(), 6);
        assert_eq!(made(Class::Id, b"", &"1".repeat(37)), None);
        for text in ["", "12345a7", "+8210123456", "１２３４５６", "12 34 56"] {
            assert_eq!(made(Class::Id, b"", text), None, "{text}");
        }
        assert_eq!(made(Class::Phone, b"", "+821012345678").unwrap().len(), 12);
        assert_eq!(made(Class::Phone, b"", "821012345678"), None, "no number in normal form");
        // Its last digit is wrong: what is left out could not be told from the rest.
        assert_eq!(made(Class::Pan, b"", "4111111111111112"), None);
    }

    proptest! {
        #[test]
        fn a_card_becomes_nobodys(card in "[3-6][0-9]{11,17}", other in "[3-6][0-9]{11,17}") {
            let right = |card: &str| {
                let check = check_digit(&digits(card.as_bytes()).unwrap()).unwrap();
                format!("{card}{check}")
            };
            let (card, other) = (right(&card), right(&other));
            let token = made(Class::Pan, b"t", &card).unwrap();
            prop_assert_eq!(token.len(), card.len());
            prop_assert!(!detect::luhn(&digits(token.as_bytes()).unwrap()));
            prop_assert_eq!(card == other, made(Class::Pan, b"t", &other).unwrap() == token);
        }

        #[test]
        fn values_and_tokens_are_one_to_one(one in "[0-9]{6,12}", two in "[0-9]{6,12}") {
            let token = made(Class::Id, b"t", &one).unwrap();
            prop_assert_eq!(token.len(), one.len());
            prop_assert_eq!(one == two, made(Class::Id, b"t", &two).unwrap() == token);
        }
    }
}
