//! Forms that detectors ask for, met anywhere in a short text: a few operations on a look at it tell that there are
//! none, and nobody goes over the text. What it says of a text that may have a hit is the detector's own affair.

use crate::redact::look::{Look, ahead, rows};

impl Look {
    /// Where a number of three, two and four digits begins, `separators` between them; the last group may go on.
    #[inline]
    pub(super) fn three_two_four(&self, separators: u64) -> u64 {
        let digits = self.digits();
        let between = ahead(separators, 3) & ahead(separators, 6);
        let groups = rows(digits, 3) & ahead(rows(digits, 2), 4) & ahead(rows(digits, 4), 7);
        self.starts() & between & groups
    }

    /// Where a number of six and seven digits in groups begins, or one of thirteen in a row.
    #[inline]
    pub(super) fn thirteen(&self) -> u64 {
        let digits = self.digits();
        let separators = self.dashes() | self.spaces();
        let groups = rows(digits, 6) & ahead(separators, 6) & ahead(rows(digits, 7), 7);
        self.starts() & (groups | (rows(digits, 13) & !ahead(digits, 13)))
    }

    /// Where so many octets other than spaces stand in a row.
    #[inline]
    pub(super) fn unspaced(&self, len: u32) -> u64 {
        rows(self.all() & !self.spaces(), len)
    }

    /// Whether so many octets other than spaces follow a space.
    #[inline]
    pub(super) fn behind_space(&self, len: u32) -> bool {
        self.unspaced(len) & (self.spaces() << 1) != 0
    }

    /// Whether there is anything but letters, digits and spaces.
    #[inline]
    pub(super) const fn signs(&self) -> bool {
        self.marks() & !self.spaces() != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{DETECTORS, Detector};
    use super::*;

    fn look(text: &str) -> Look {
        Look::at(text.as_bytes()).unwrap()
    }

    #[test]
    fn forms_are_told_where_words_begin() {
        let three = |text: &str| look(text).three_two_four(look(text).dashes());
        assert_eq!((three("x 123-45-6789"), three("123-45-67890")), (4, 1));
        for text in ["x123-45-6789", "123456789", "123-45-678", "ddd-dd-dddd", "123 45 6789"] {
            assert_eq!(three(text), 0, "{text}");
        }
        assert_eq!(look("x 900101-1234568").thirteen(), 4);
        assert_eq!(look("9001011234568").thirteen(), 1);
        assert_eq!(look("90010112345681").thirteen(), 0);
        assert!(look("River 12345678").behind_space(8));
        assert!(!look("12345678 River").behind_space(8));
        assert!(look("a=1 b").signs() && !look("a1 b2").signs());
    }

    /// Texts in which detectors hit, whole and in pieces.
    fn seeds() -> Vec<&'static str> {
        vec![
            "DE89370400440532013000",
            "GB82 WEST 1234 5698 7654 32",
            "123-45-6789",
            "912-78-1234",
            "124-81-00998",
            "1EG4-TE5-MK73",
            "1EG4TE5MK73",
            "passport no M12345678",
            "여권 M482K7193",
            "PASSPORT: 123456789",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "00:1a:2b:3c:4d:5e",
            "00-1A-2B-3C-4D-5E",
            "001a.2b3c.4d5e",
            "192.0.2.17",
            "2001:db8::17",
            "[2001:db8::17]",
            "Bearer abcdef0123456789",
            "Basic dXNlcjpwYXNz",
            "Hawk id=1, mac=xyz1234",
            "HMAC-SHA256 x=1234567890",
            "AWS4-HMAC-SHA256 Credential=A",
            "AKIAIOSFODNN7EXAMPLE",
            "xoxb-1234567890",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "123456789:AAabcdefghijklmnopqrstuvwxyz0123456",
            "010-1234-5678",
            "+1 (415) 555-0100",
            "4111 1111 1111 1111",
            "4111111111111111",
            "14155-555-0-13",
            "415.555.0132",
            "(415)555 0132",
            "02-312-4567",
            "kim@example.com",
            "a.b+c=d/e@x-1.example.co.kr",
            "kim@a..b.com.-",
            "http://u:p@h/",
            "37.5665,126.9780",
            "POINT(126.9780 37.5665)",
            "pwd=x",
            "\"cvv\" : 123",
            "비밀번호: x",
            "900101-1234568",
            "11-90-123456-78",
            "110111-0000001",
            "35-209900-176148-1",
            ";4111111111111111=29121010000?",
            "eyJhbGciOiJIUzI1NiJ9.e30.abc",
            "-----BEGIN PRIVATE KEY-----",
            "PuTTY-User-Key-File-2",
            "1.2.3.4.",
            "::ffff:1.2.3.4",
        ]
    }

    /// A detector says the same of a look as of the text.
    fn same(detector: &Detector, text: &[u8]) -> bool {
        Look::at(text).is_none_or(|look| (detector.seen)(&look, text) == (detector.find)(text))
    }

    #[test]
    fn a_look_is_as_good_as_the_text() {
        for text in seeds() {
            for before in ["", " ", "no ", "x-", "(", "=\"", "+", "1.", "/"] {
                for after in ["", " ", ".", ", 12", ")", "-x", "@", "1", "-1"] {
                    let text = [before, text, after].concat();
                    for detector in DETECTORS {
                        assert!(same(detector, text.as_bytes()), "{text} {:?}", detector.class);
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn in_any_surroundings_and_when_broken(
            seed in prop::sample::select(seeds()),
            before in "[-0-9A-Za-z.:=+@/ ]{0,12}",
            after in "[-0-9A-Za-z.:=+@/ ]{0,12}",
            at in 0..64_usize,
            octet in any::<u8>(),
            mark in prop::sample::select(b" -_.:@/+=()[]\"',;0a".to_vec()),
            other in 0..64_usize,
        ) {
            let mut text = [before.as_bytes(), seed.as_bytes(), after.as_bytes()].concat();
            for detector in DETECTORS {
                prop_assert!(same(detector, &text), "{:?}", detector.class);
            }
            for (at, octet) in [(at, octet), (other, mark)] {
                if let Some(slot) = text.get_mut(at) {
                    *slot = octet;
                }
                for detector in DETECTORS {
                    prop_assert!(same(detector, &text), "{:?}", detector.class);
                }
            }
        }

        #[test]
        fn in_anything(
            text in "[-0-9A-Fxa-f.: ]{0,64}",
            word in "[ -~]{0,64}",
            phone in "[+0-9. ()-]{0,32}",
            email in "[ -~]{0,6}@[a-z0-9.@-]{0,20}[ -~]{0,3}",
            octets in proptest::collection::vec(any::<u8>(), 0..=64),
        ) {
            let texts = [&text, &word, &phone, &email].map(|text| text.as_bytes());
            for text in texts.into_iter().chain([octets.as_slice()]) {
                for detector in DETECTORS {
                    prop_assert!(same(detector, text), "{:?}", detector.class);
                }
            }
        }
    }
}
