//! Normal forms of short values, laid straight into the block that is hashed: what [`normal::push`](super::normal::push)
//! says, for values that are their own normal form or become it by lower case or fewer octets. That is nearly all.

use super::class::Class;
use super::hmac::{BLOCK, SHORT_MAX};
use super::{normal, words};

/// Digits of telephone numbers that are laid: twice what E.164 allows.
const PHONE_MAX: usize = 32;
/// One in each octet.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Lays the normal form of `value` into `block` from `from` on, where only zeros are; gives back where it ends. `None`
/// when that is not done quickly: then the block is no longer of use.
#[inline]
pub(crate) fn lay(
    class: Class,
    value: &[u8],
    country: &str,
    block: &mut [u8; BLOCK],
    from: usize,
) -> Option<usize> {
    let value = trimmed(value);
    let value = match class {
        Class::Phone => return phone(value, country, block, from),
        Class::Iban | Class::Mac => return None,
        // Only the canonical form is read.
        Class::Ip => is_ipv4(value).then_some(value)?,
        Class::Credential | Class::Jwt => normal::strip_bearer(value),
        _ => value,
    };
    let end = from.checked_add(value.len()).filter(|end| *end <= SHORT_MAX)?;
    let octets = put(block.get_mut(from..end)?, value);
    if !octets.ascii() {
        return None;
    }
    match class {
        Class::Email if octets.may_have_capitals() => {
            block.get_mut(from..end)?.make_ascii_lowercase();
        }
        Class::Id if !octets.lower_words() && !octets.ungrouped() => {
            return id(value, block, from, end);
        }
        Class::Pan | Class::KrRrn | Class::KrForeigner | Class::Ssn
            if !octets.ungrouped() && words::numeric(value) =>
        {
            return digits(value, block, from, end);
        }
        _ => {}
    }
    Some(end)
}

/// Whether `value` is an address as [`Ipv4Addr`](std::net::Ipv4Addr) reads one: four numbers without leading zeros.
fn is_ipv4(value: &[u8]) -> bool {
    let (mut dots, mut digits, mut number) = (0_u32, 0_u32, 0_u32);
    for b in value.get(..16).unwrap_or(value) {
        let digit = b.wrapping_sub(b'0');
        if digit < 10 {
            // A second digit behind a zero.
            if digits > 0 && number == 0 {
                return false;
            }
            digits = digits.wrapping_add(1);
            number = number.wrapping_mul(10).wrapping_add(digit.into());
        } else if *b == b'.' && digits > 0 && number < 256 {
            (dots, digits, number) = (dots.wrapping_add(1), 0, 0);
        } else {
            return false;
        }
    }
    value.len() < 16 && dots == 3 && digits > 0 && number < 256
}

/// `value` without the white space around it, of which most values have none.
#[inline]
fn trimmed(value: &[u8]) -> &[u8] {
    match value {
        [b'!'..=0xff, .., b'!'..=0xff] => value,
        _ => value.trim_ascii(),
    }
}

/// What some octets of a value are, and what all are.
struct Octets {
    any: u64,
    all: u64,
}

impl Octets {
    #[inline]
    const fn ascii(&self) -> bool {
        self.any & (0x80 * ONES) == 0
    }

    /// Capital letters have no bit 5. Some other characters have none, either.
    #[inline]
    const fn may_have_capitals(&self) -> bool {
        self.all & (0x20 * ONES) != 0x20 * ONES
    }

    /// Whether there are no capitals, but something that is no number in groups: these have no bit 6.
    #[inline]
    const fn lower_words(&self) -> bool {
        !self.may_have_capitals() && self.any & (0x40 * ONES) != 0
    }

    /// Whether all are digits or of the few characters behind them, so that nothing stands between digits.
    #[inline]
    const fn ungrouped(&self) -> bool {
        self.all & (0x30 * ONES) == 0x30 * ONES && self.any & (0x40 * ONES) == 0
    }
}

/// Copies a value into room of its length, in few pieces that may overlap, and looks at its octets on the way.
fn put(room: &mut [u8], value: &[u8]) -> Octets {
    let mut octets = Octets { any: 0, all: u64::MAX };
    let mut see = |word: [u8; 8]| {
        let word = u64::from_le_bytes(word);
        octets.any |= word;
        octets.all &= word;
    };
    if let (Some(to), Some(of)) = (room.first_chunk_mut::<16>(), value.first_chunk::<16>()) {
        *to = *of;
        of.as_chunks().0.iter().for_each(|word| see(*word));
        if let (Some((_, to)), Some((_, of))) =
            (room.split_first_chunk_mut::<16>(), value.split_first_chunk::<16>())
            && let (Some(to), Some(of)) = (to.first_chunk_mut::<16>(), of.first_chunk::<16>())
        {
            *to = *of;
            of.as_chunks().0.iter().for_each(|word| see(*word));
            // Fewer than 56 octets in all.
            if let (Some(to), Some(of)) = (room.last_chunk_mut::<24>(), value.last_chunk::<24>()) {
                *to = *of;
                of.as_chunks().0.iter().for_each(|word| see(*word));
            }
        } else if let (Some(to), Some(of)) = (room.last_chunk_mut::<16>(), value.last_chunk::<16>())
        {
            *to = *of;
            of.as_chunks().0.iter().for_each(|word| see(*word));
        }
    } else if let (Some(to), Some(of)) = (room.first_chunk_mut::<8>(), value.first_chunk::<8>()) {
        *to = *of;
        see(*of);
        if let (Some(to), Some(of)) = (room.last_chunk_mut::<8>(), value.last_chunk::<8>()) {
            *to = *of;
            see(*of);
        }
    } else {
        for (to, of) in room.iter_mut().zip(value) {
            *to = *of;
            see([*of; 8]);
        }
    }
    octets
}

/// An identifier with capitals, or with digits in groups; its text stands in the block already.
#[inline(never)]
fn id(value: &[u8], block: &mut [u8; BLOCK], from: usize, end: usize) -> Option<usize> {
    if words::uuid(value) || words::hex(value) {
        block.get_mut(from..end)?.make_ascii_lowercase();
    } else if words::grouped_digits(value) {
        return digits(value, block, from, end);
    }
    Some(end)
}

/// Lays only the digits of `value`, which stands in the block already.
#[inline(never)]
fn digits(value: &[u8], block: &mut [u8; BLOCK], from: usize, end: usize) -> Option<usize> {
    let room = block.get_mut(from..end)?;
    let len = only_digits(value, room);
    room.get_mut(len..)?.fill(0);
    from.checked_add(len)
}

/// Writes the digits of `value`, as far as there is room, and others behind them; gives back how many there are.
fn only_digits(value: &[u8], room: &mut [u8]) -> usize {
    let mut len = 0_usize;
    for b in value {
        if let Some(slot) = room.get_mut(len) {
            *slot = *b;
        }
        len = len.saturating_add(usize::from(b.is_ascii_digit()));
    }
    len
}

/// Lays a telephone number that is not long: see [`normal::push`].
#[inline(never)]
fn phone(value: &[u8], country: &str, block: &mut [u8; BLOCK], from: usize) -> Option<usize> {
    if !value.is_ascii() {
        return None;
    }
    let value = value.strip_prefix(b"tel:").unwrap_or(value);
    let mut room = [0; PHONE_MAX];
    let count = only_digits(value, &mut room);
    let digits = room.get(..count).filter(|_| count >= 4)?;
    let country = country.as_bytes();
    let prefixed = value.starts_with(b"00");
    let (first, rest): (&[u8], &[u8]) = if prefixed || value.first() == Some(&b'+') {
        let digits = digits.get(if prefixed { 2 } else { 0 }..)?;
        match digits.strip_prefix(country) {
            // A trunk 0 behind our country code is a habit, not a digit of the number.
            Some([b'0', rest @ ..]) => (country, rest),
            _ => (b"", digits),
        }
    } else if let [b'0', rest @ ..] = digits {
        (country, rest)
    } else if count >= 11 && !country.is_empty() && digits.starts_with(country) {
        (b"", digits)
    } else {
        (country, digits)
    };
    let (plus, room) = block.get_mut(from..SHORT_MAX)?.split_first_mut()?;
    *plus = b'+';
    let (code, room) = room.split_at_mut_checked(first.len())?;
    put(code, first);
    put(room.get_mut(..rest.len())?, rest);
    from.checked_add(1)?.checked_add(first.len())?.checked_add(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is laid, if it is: like what is pushed.
    fn same(class: Class, value: &[u8], country: &str) -> bool {
        const HEAD: usize = 7;
        let (mut block, mut out) = ([0; BLOCK], Vec::new());
        block[..HEAD].copy_from_slice(b"v1\0own\0");
        normal::push(class, value, country, &mut out);
        let Some(end) = lay(class, value, country, &mut block, HEAD) else { return true };
        block[HEAD..end] == out
            && block[end..].iter().all(|b| *b == 0)
            && block[..HEAD] == *b"v1\0own\0"
    }

    proptest! {
        #[test]
        fn what_is_laid_is_what_is_pushed(
            value in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..70),
                "[0-9 -]{0,24}".prop_map(String::into_bytes),
                "[0-9:;<=>? -]{0,24}".prop_map(String::into_bytes),
                "[0-9]{0,40}".prop_map(String::into_bytes),
                "[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}".prop_map(String::into_bytes),
                "[0-9a-fA-F]{14,50}".prop_map(String::into_bytes),
                "0x[0-9a-fA-F]{14,20}".prop_map(String::into_bytes),
                "[0-9A-F]{8}-[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9a-fA-F]{12}".prop_map(String::into_bytes),
                "[0-9]{8}-[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{12}".prop_map(String::into_bytes),
                "[12][09][0-9]{2}[-/.][0-9]{2}[-/.][0-9]{2}".prop_map(String::into_bytes),
                "(tel:)?[+]?(0|00|82|1|358)?0?[0-9 ()-]{3,40}".prop_map(String::into_bytes),
                "[0-2]?[0-9]{1,2}[.][0-9]{1,3}[.][0-9]{1,3}[.]0?[0-9]{1,3}".prop_map(String::into_bytes),
                "( |\t)?(0x|[Bb]earer )?[0-9A-Za-z@.가 -]{0,40} ?".prop_map(String::into_bytes),
                "[+＋]?[0-9０-９ \u{a0}\u{2011}\u{200b}-]{4,24}".prop_map(String::into_bytes),
            ],
        ) {
            for class in Class::TOKENS {
                for country in ["82", "1", "", "358"] {
                    prop_assert!(same(class, &value, country), "{class:?}");
                }
            }
        }

        #[test]
        fn addresses_are_those_that_are_read(
            value in prop_oneof![
                "[0-9.]{0,17}",
                "[0-2]?[0-9]{1,2}([.][0-2]?[0-9]{1,2}){2,4}",
                "(25[0-9]|0|00|1|256|999)([.](25[0-9]|0|01|1|256|1000)){3}[. a]?",
            ],
        ) {
            let read = value.parse::<std::net::Ipv4Addr>().is_ok();
            prop_assert_eq!(is_ipv4(value.as_bytes()), read, "{}", value);
        }

        #[test]
        fn what_is_put_stands_there(value in proptest::collection::vec(any::<u8>(), 0..=SHORT_MAX)) {
            let mut room = vec![0; value.len()];
            let octets = put(&mut room, &value);
            prop_assert_eq!(&room, &value);
            prop_assert_eq!(octets.ascii(), value.is_ascii());
            prop_assert_eq!(octets.may_have_capitals(), value.iter().any(|b| b & 0x20 == 0));
            prop_assert!(octets.ungrouped() == value.iter().all(|b| b & 0x70 == 0x30) || !value.is_ascii());
        }
    }
}
