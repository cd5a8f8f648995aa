//! Korean foreigner registration numbers: as resident numbers, seventh digit 5 to 8.

use super::kr_rrn::registration;
use super::{Class, Detector, Hit};

pub(super) const ENTRY: Detector = Detector {
    class: Class::KrForeigner,
    kinds: super::scan::DIGIT,
    any: 0,
    digits_min: 13,
    run_min: 13,
    octets_min: 13,
    seen: |look, text| if look.thirteen() == 0 { None } else { find(text) },
    find,
};

fn find(text: &[u8]) -> Option<Hit> {
    registration(text, |s| matches!(s, 5..=8), 13)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreigner_numbers() {
        for text in ["900101-5123452", "9001015123452", "id: 900101-5123452"] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["900101-1234568", "9001015123453", "900101-9123452"] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }
}
