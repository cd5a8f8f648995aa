//! Finding the next record behind a hole: where it may begin, and which number it may have.
//!
//! Whether it is one, and under which number, only its AEAD tells.

use memchr::memmem;

use super::super::layer::{FRAGMENT_MAX, HEADER};
use super::keys::Place;

/// How every record begins that carries data.
const BEGIN: [u8; 3] = [23, 3, 3];
/// Numbers that are tried under the present keys.
const NUMBERS_MAX: u64 = 64;
/// Octets that are tried for one record, about.
const TRIED_AT_ONCE: usize = 1 << 20;
/// The fewest that may have been lost, and so many more, go first: bulk data comes in the largest records.
const FEW: u64 = 7;
/// Numbers that are tried under each of the keys that may follow.
const NEXT_MAX: u64 = 32;

/// Where a record may begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// How many octets go before it; all those that can be no beginning, when there is none.
    pub(super) at: usize,
    /// Its length with its header, if all of it is there.
    pub(super) len: Option<usize>,
}

/// Looks for the header of a record with data, whose fragment has at least `least` octets.
pub(super) fn header(octets: &[u8], least: usize) -> Found {
    let begins = memmem::find_iter(octets, &BEGIN);
    for at in begins {
        let Some(&[high, low]) =
            octets.get(at.saturating_add(BEGIN.len())..).and_then(<[u8]>::first_chunk)
        else {
            return Found { at, len: None };
        };
        let fragment = u16::from_be_bytes([high, low]);
        if fragment > FRAGMENT_MAX || usize::from(fragment) < least {
            continue;
        }
        let len = HEADER.saturating_add(fragment.into());
        let Some(next) = octets.get(at..).and_then(|rest| rest.get(len..)) else {
            return Found { at, len: None };
        };
        if super::super::layer::Header::may_begin(next) {
            return Found { at, len: Some(len) };
        }
    }
    // The last octets may be the first of a header.
    let tail = (1..BEGIN.len())
        .rev()
        .find(|&n| octets.len() >= n && octets.ends_with(BEGIN.get(..n).unwrap_or_default()));
    Found { at: octets.len().saturating_sub(tail.unwrap_or(0)), len: None }
}

/// How many records were lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost {
    pub(super) fewest: u64,
    pub(super) most: u64,
    /// As many as there are if they were like those before.
    pub(super) about: u64,
    /// Under all keys together.
    pub(super) all: u64,
}

impl Lost {
    /// None, but `here` of which it is not known, and `all` under other keys.
    pub(super) const fn none(here: u64, all: u64) -> Self {
        Self { fewest: 0, most: here, about: 0, all }
    }
}

/// Places that a record of `len` octets may have, the likely ones first: `number` is that of the first that was lost,
/// `ahead` are the keys that may follow.
pub(super) fn places(
    number: u64,
    lost: Lost,
    len: usize,
    ahead: usize,
    hint: Option<u64>,
) -> impl Iterator<Item = Place> {
    let Lost { fewest, most, about, all } = lost;
    let most = most.max(fewest);
    // Longer records cost more to try.
    let numbers_max = u64::try_from(TRIED_AT_ONCE.checked_div(len).unwrap_or(0)).unwrap_or(0);
    let reach = numbers_max.clamp(NUMBERS_MAX, NUMBERS_MAX * 32) / 2;
    let few = fewest..=most.min(fewest.saturating_add(FEW));
    let begin = few.end().saturating_add(1);
    let about = about.clamp(begin, most.max(begin));
    let up = about..=most.min(about.saturating_add(reach));
    let down = (begin.max(about.saturating_sub(reach))..about).rev();
    let here = move |lost: u64| Place { ahead: 0, number: number.saturating_add(lost) };
    let hinted = hint.map(|number| Place { ahead: 0, number });
    let next = (1..=ahead)
        .flat_map(move |ahead| (0..=all.min(NEXT_MAX)).map(move |number| Place { ahead, number }));
    hinted.into_iter().chain(few.chain(interleave(up, down)).map(here)).chain(next)
}

/// Takes from both in turn.
fn interleave(
    mut one: impl Iterator<Item = u64>,
    mut other: impl Iterator<Item = u64>,
) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let pair = (one.next(), other.next());
        (pair != (None, None)).then(|| [pair.0, pair.1].into_iter().flatten())
    })
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_among_noise() {
        let mut octets = vec![23, 3, 3, 0xff, 0xff, 9, 23, 3, 3, 0, 22];
        assert_eq!(header(&octets, 22), Found { at: 6, len: None });
        octets.extend([5; 22]);
        assert_eq!(header(&octets, 22), Found { at: 6, len: Some(27) });
        octets.extend([1, 2]);
        assert_eq!(header(&octets, 22), Found { at: octets.len(), len: None }, "no record follows");
        assert_eq!(header(&[1, 23, 3], 22), Found { at: 1, len: None });
        assert_eq!(header(&[23, 3, 23], 22), Found { at: 2, len: None });
        assert_eq!(header(&[], 22), Found { at: 0, len: None });
    }

    #[test]
    fn likely_numbers_go_first_and_none_twice() {
        let lost = |fewest, most, about, all| Lost { fewest, most, about, all };
        let tried: Vec<_> = places(10, lost(2, 40, 30, 1), 40, 1, None).collect();
        let here = |number| Place { ahead: 0, number };
        assert_eq!(tried[..11], [12, 13, 14, 15, 16, 17, 18, 19, 40, 39, 41].map(here));
        assert_eq!(tried.len(), 39 + 2);
        let far = lost(1, 1 << 40, 1 << 30, 1 << 40);
        let far: Vec<_> = places(10, far, 16_000, 2, Some(77)).collect();
        assert_eq!(far[0], here(77));
        assert!(far.len() < 150);
        assert_eq!(places(3, Lost::none(0, 0), 40, 0, None).collect::<Vec<_>>(), [here(3)]);
    }
}
