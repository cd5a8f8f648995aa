//! Detectors: sensitive values told by their form. One file and one line each.
//!
//! A detector looks for its first hit in a text. Whether it is asked at all is told by a look at the kinds
//! of byte ([`Scan`]), so that most values meet no detector.

use std::sync::LazyLock;

use super::class::Class;
use super::look::{Look, Seen};
use super::scan::{self, Scan};
pub(super) use digits::{fold, luhn};

pub(crate) mod checks;
mod context;
mod digits;
mod short;

pub(crate) use authorization::basic;
pub(crate) use context::{adds, refine};

/// Something that finds one class of data.
pub(crate) struct Detector {
    /// What it finds.
    pub(crate) class: Class,
    /// Kinds of byte a hit has, all of them.
    pub(crate) kinds: u16,
    /// Kinds of byte of which a hit has at least one; 0 when it needs none.
    pub(crate) any: u16,
    /// Fewest digits of a text with a hit.
    pub(crate) digits_min: usize,
    /// Fewest digits a hit has in one number (see [`digits::longest`]).
    pub(crate) run_min: usize,
    /// Fewest octets a hit has.
    pub(crate) octets_min: usize,
    /// The same as `find` of a short text, by a look at it.
    seen: fn(&Look, &[u8]) -> Option<Hit>,
    /// The first hit in a text.
    pub(crate) find: fn(&[u8]) -> Option<Hit>,
}

/// Where a detector hit, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Offset of the first octet.
    pub(crate) start: usize,
    /// Offset behind the last octet.
    pub(crate) end: usize,
    /// How sure.
    pub(crate) confidence: Confidence,
}

/// How sure a detector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Confidence {
    /// By form or by name alone.
    Low,
    /// By form and context.
    Medium,
    /// By check digits or an unmistakable form.
    High,
}

/// A class found, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// The class.
    pub(crate) class: Class,
    /// How sure.
    pub(crate) confidence: Confidence,
}

/// What all detectors say of one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The whole value is of this class.
    pub(crate) whole: Option<Found>,
    /// Classes found inside a longer value, a few.
    pub(crate) inside: [Option<Found>; 4],
    /// Whether a configured detector said what the whole value is.
    pub(crate) own: bool,
}

impl Verdict {
    /// Whether nothing was found.
    #[inline]
    pub(crate) fn clean(&self) -> bool {
        // Slots are filled in order.
        matches!(self, Self { whole: None, inside: [None, ..], .. })
    }
}

macro_rules! detectors {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+
        /// Every detector, in the order they are asked: the more certain first.
        pub(crate) static DETECTORS: &[Detector] = &[$($name::ENTRY),+];
    };
}

detectors!(
    private_key,
    track,
    jwt,
    api_key,
    bot_token,
    authorization,
    url_login,
    email,
    kr_rrn,
    kr_foreigner,
    pan,
    iban,
    ssn,
    itin,
    kr_license,
    kr_brn,
    kr_corp,
    imei,
    mbi,
    wallet,
    phone,
    passport,
    mac,
    ip,
    geo,
    pair,
);

/// Whether a look at `text` alone tells that no detector finds anything in it.
#[inline]
pub(crate) fn nothing(text: &[u8], seen: &Seen) -> bool {
    let scan = seen.scan;
    is_words(text, scan)
        || seen.date
        || seen.uuid
        || (!scan.any(scan::HIGH) && MASKS.left(text, scan) == 0)
}

/// Whether a text is short words alone: no sensitive value that form could tell.
#[inline]
fn is_words(text: &[u8], scan: Scan) -> bool {
    let telling = scan::AT | scan::COLON | scan::DASH | scan::HIGH | scan::DOT | scan::BASE64;
    scan.digits < 2 && text.len() < 16 && !scan.any(telling)
}

/// Asks the detectors about `text`, of which `seen` is the look.
pub(crate) fn inspect(text: &[u8], seen: &Seen) -> Verdict {
    if nothing(text, seen) { Verdict::default() } else { inquire(text, seen) }
}

/// As [`inspect`], of a text of which a look does not tell that [`nothing`] is in it.
pub(crate) fn inquire(text: &[u8], seen: &Seen) -> Verdict {
    match seen.scan.any(scan::HIGH).then(|| fold(text)).flatten() {
        Some(folded) => ask(&folded, &Seen::of(&folded)),
        None => ask(text, seen),
    }
}

/// The first class found anywhere in `text`.
pub(crate) fn any(text: &[u8]) -> Option<Found> {
    let verdict = inspect(text, &Seen::of(text));
    verdict.whole.or_else(|| verdict.inside.iter().copied().flatten().next())
}

/// Sets of detectors, one bit each, that a look at a text leaves over.
struct Masks {
    /// By kinds of byte.
    kinds: Vec<u64>,
    /// By digits in all, by digits of the longest number, by octets; the last of each for all beyond. No number has more
    /// digits than there are in all.
    digits: [u64; 16],
    runs: [u64; 16],
    octets: [u64; 24],
    /// Those that ask for digits in one number.
    by_run: u64,
}

static MASKS: LazyLock<Masks> = LazyLock::new(|| {
    let set = |fits: &dyn Fn(&Detector) -> bool| {
        let bits = DETECTORS.iter().zip(0_u32..).filter(|(detector, _)| fits(detector));
        bits.fold(0_u64, |set, (_, bit)| set | 1_u64.wrapping_shl(bit))
    };
    let kinds = (0..scan::KINDS).map(|kinds| {
        let scan = Scan { kinds, digits: 0 };
        set(&|d| scan.has(d.kinds) && (d.any == 0 || scan.any(d.any)))
    });
    Masks {
        kinds: kinds.collect(),
        digits: std::array::from_fn(|n| set(&|d| d.digits_min <= n && d.run_min <= n)),
        runs: std::array::from_fn(|n| set(&|d| d.run_min <= n)),
        octets: std::array::from_fn(|n| set(&|d| d.octets_min <= n)),
        by_run: set(&|d| d.run_min > 0),
    }
});

impl Masks {
    #[inline]
    fn at(list: &[u64], n: usize) -> u64 {
        list.get(n.min(list.len().saturating_sub(1))).copied().unwrap_or(u64::MAX)
    }

    /// Detectors that may hit, as far as the look tells.
    #[inline]
    fn left(&self, text: &[u8], scan: Scan) -> u64 {
        Self::at(&self.kinds, usize::from(scan.kinds))
            & Self::at(&self.digits, scan.digits)
            & Self::at(&self.octets, text.len())
    }
}

fn ask(text: &[u8], seen: &Seen) -> Verdict {
    let masks = &*MASKS;
    let mut verdict = Verdict::default();
    let mut left = masks.left(text, seen.scan);
    let look = seen.look.as_ref();
    // Those that ask for digits in one number, until it is known how many there are.
    let mut by_run = masks.by_run;
    while left != 0 {
        let rest = left & left.wrapping_sub(1);
        if (left ^ rest) & by_run != 0 {
            // A UUID, an encoded word: plenty of digits, no number. Found out when it first matters.
            left &= Masks::at(&masks.runs, digits::longest(text, look)) | !by_run;
            by_run = 0;
            continue;
        }
        let at = usize::try_from(left.trailing_zeros()).unwrap_or(usize::MAX);
        left = rest;
        let Some(detector) = DETECTORS.get(at) else { break };
        let hit = match look {
            Some(look) => (detector.seen)(look, text),
            None => (detector.find)(text),
        };
        let Some(hit) = hit else { continue };
        let found = Found { class: detector.class, confidence: hit.confidence };
        if hit.start == 0 && hit.end == text.len() {
            verdict.whole = Some(found);
            break;
        }
        if let Some(slot) = verdict.inside.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some(found);
        }
    }
    verdict
}

/// For fuzzing: no look at `text` keeps a detector from what it finds, nor lets it find something else.
///
/// # Panics
///
/// When one does.
pub(super) fn agree(text: &[u8]) {
    let Seen { scan, look, .. } = Seen::of(text);
    let masks = &*MASKS;
    let by_run = Masks::at(&masks.runs, digits::longest(text, look.as_ref())) | !masks.by_run;
    let left = if is_words(text, scan) { u64::MAX } else { masks.left(text, scan) & by_run };
    for (detector, bit) in DETECTORS.iter().zip(0_u32..) {
        let hit = (detector.find)(text);
        assert!(hit.is_none() || left.wrapping_shr(bit) & 1 == 1, "{:?} kept out", detector.class);
        let seen = look.map_or(hit, |look| (detector.seen)(&look, text));
        assert_eq!(seen, hit, "{:?}", detector.class);
        if let Some(Hit { start, end, .. }) = hit {
            assert!(start < end && end <= text.len(), "{:?} beyond", detector.class);
        }
    }
}

/// Where no ASCII letter or digit stands before: a few offsets even of long encoded words, so that what is asked
/// there may cost something.
fn word_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    super::marks::word_starts(text)
}

/// Whether a hit from `start` to `end` stands alone: no letter or digit touches it, nor a decimal point.
fn alone(text: &[u8], start: usize, end: usize) -> bool {
    let at = |i: Option<usize>| i.and_then(|i| text.get(i)).copied().unwrap_or(b' ');
    let (before, before2) = (at(start.checked_sub(1)), at(start.checked_sub(2)));
    let (after, after2) = (at(Some(end)), at(end.checked_add(1)));
    let fraction = |point: u8, digit: u8| point == b'.' && digit.is_ascii_digit();
    !(before.is_ascii_alphanumeric()
        || after.is_ascii_alphanumeric()
        || fraction(before, before2)
        || fraction(after, after2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hold_what_detectors_ask_for() {
        for detector in DETECTORS {
            // Beyond the ends of the lists nothing could be told apart.
            assert!(detector.digits_min < 16 && detector.run_min < 16 && detector.octets_min < 24);
            assert!(detector.run_min == 0 || detector.run_min >= digits::FEWEST as usize);
        }
        assert!(DETECTORS.len() <= 64);
    }

    #[test]
    fn whole_and_inside() {
        let text = b"card 4111 1111 1111 1111, mail kim@example.com";
        let verdict = inspect(text, &Seen::of(text));
        assert!(verdict.whole.is_none());
        let classes: Vec<_> = verdict.inside.iter().flatten().map(|f| f.class).collect();
        assert_eq!(classes, [Class::Email, Class::Pan]);
        assert_eq!(any(b"4111111111111111").unwrap().class, Class::Pan);
        for text in [
            "４１１１１１１１１１１１１１１１",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "my card 4111\u{2011}1111\u{2011}1111\u{2011}1111 (in a mail)",
            "4111\u{200b}1111\u{200b}1111\u{200b}1111",
            "4111\u{3000}1111\u{3000}1111\u{3000}1111",
            "٤١١١١١١١١١١١١١١١",
            "४१११११११११११११११",
        ] {
            assert_eq!(any(text.as_bytes()).map(|found| found.class), Some(Class::Pan), "{text}");
        }
        for text in
            ["카드", "— 4111 —", "\u{a0}", "김\u{200b}", "4111\u{a0}1111\u{a0}1111\u{a0}1112"]
        {
            assert_eq!(any(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_behind_letters_are_seen() {
        for (text, class) in [
            ("DE89370400440532013000", Class::Iban),
            ("pay GB82WEST12345698765432 now", Class::Iban),
            ("passport no M12345678", Class::Passport),
            ("여권 M482K7193", Class::Passport),
            ("name=kim,passport=M12345678", Class::Passport),
            ("passport/M12345678", Class::Passport),
            ("Basic dTpwdw==", Class::Credential),
            ("Hawk id=1", Class::Credential),
            ("aa:bb:cc:dd:ee:ff", Class::Mac),
            ("116 82 00276", Class::KrBrn),
            ("11 20 123456 78", Class::KrLicense),
        ] {
            assert_eq!(any(text.as_bytes()).map(|found| found.class), Some(class), "{text}");
        }
    }

    #[test]
    fn ordinary_values_are_clean() {
        for text in [
            "hello",
            "2026-01-31",
            "1700000000000",
            "12345678",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "1.5",
            "v1.2.3",
            "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
            "안녕하세요",
            "application/json",
            "2026-01-31T10:00:00+09:00",
            "text/html; charset=utf-8",
            "20260131100000",
        ] {
            assert!(inspect(text.as_bytes(), &Seen::of(text.as_bytes())).clean(), "{text}");
        }
    }
}

#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::{DETECTORS, Seen, inspect};

    proptest! {
        #[test]
        fn hits_lie_inside_the_text(text in "[-0-9A-Za-z@.:;=%^/+ ]{0,80}") {
            for detector in DETECTORS {
                if let Some(hit) = (detector.find)(text.as_bytes()) {
                    prop_assert!(hit.start < hit.end && hit.end <= text.len());
                }
            }
        }

        #[test]
        fn a_look_changes_no_verdict(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("4111111111111111"), Just("%B4111111111111111^KIM^29"), Just("627-33-7121"),
                    Just("+1-555-893-5016"), Just("kim@example.com"), Just("198.51.100.45"),
                    Just("900101-1234568"), Just("2026-07-15T11:27:33.957Z"), Just("010-1234-5678"),
                    Just("b8ec0888-1714-4dbd-ab0b-9b335afbbb22"), Just("Bearer abcdef0123456789"),
                    Just(" "), Just("a"), Just("-"), Just("123456"), Just("1234 5678"), Just("."),
                ],
                0..5,
            ),
            any in "[-0-9A-Za-z@.:;=%^/+ ]{0,20}",
            at in 0..64_usize,
            octet in any::<u8>(),
        ) {
            let mut text = [parts.concat(), any].concat().into_bytes();
            for broken in [false, true] {
                if let Some(slot) = text.get_mut(at).filter(|_| broken) {
                    *slot = octet;
                }
                let seen = Seen::of(&text);
                let plain = Seen { look: None, ..seen };
                prop_assert_eq!(inspect(&text, &seen), inspect(&text, &plain));
            }
        }

        #[test]
        fn no_octets_upset_a_detector(text in proptest::collection::vec(0..=255_u8, 0..200)) {
            let _verdict = inspect(&text, &Seen::of(&text));
        }
    }
}
