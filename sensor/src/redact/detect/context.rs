//! What the name of a field adds to what the form of its value says: doubts removed, classes told apart.
//!
//! How a value leaves follows from its form wherever that tells a class, or one identifier would have two tokens; the
//! name decides what is *reported* there, and what of the rest is sensitive.

use apitap_proto::v1::entity::Kind;

use super::{Class, Confidence, Found, checks};
use crate::redact::judge::Way;
use crate::redact::names::{Context, Meaning, Name};
use crate::redact::scan::Scan;
use crate::redact::{about, lexicon, words};

/// Fewest octets of a secret that OAuth hands around.
const OPAQUE_MIN: usize = 20;

/// Whether a name may have something to add to a value in which nothing was found: most have not.
#[inline]
pub(crate) fn adds(name: Name) -> bool {
    matches!(name.context, Context::Oauth | Context::Proof)
        || matches!(name.meaning, Meaning::Id(Kind::Device))
}

/// Corrects what was found in `text`, and how it leaves, by the name it stands under.
pub(crate) fn refine(name: Name, text: &[u8], way: &mut Way, found: &mut Option<Found>) {
    let token = matches!(way, Way::Token(_));
    match (name.meaning, found.as_mut()) {
        // `{"health": "green"}` is of a server, `{"exp": 1790000000}` of a token.
        (Meaning::Personal(class), Some(known))
            if known.class == class && about::of_a_thing(class, text) =>
        {
            *found = None;
        }
        // Checked by name and form: surer than either.
        (Meaning::Personal(class), Some(found)) if found.class == class => {
            if found.confidence < Confidence::High
                && let Some(confidence) = checked(class, text)
            {
                found.confidence = found.confidence.max(confidence);
            }
        }
        // What passes the check of the class it is called is of that class, whatever else it passes.
        (Meaning::Personal(class), Some(found)) if token && checked(class, text).is_some() => {
            *found = Found { class, confidence: Confidence::High };
        }
        // `{"address": "10.0.0.9"}` is where a machine is, not where someone lives.
        (Meaning::Personal(Class::Address), Some(Found { class: Class::Ip | Class::Mac, .. })) => {}
        // An account number in the form of a phone number is an account number.
        (Meaning::Personal(class), Some(found)) if token && found.confidence < Confidence::High => {
            let sure = matches!(found.class, Class::Itin | Class::KrForeigner | Class::KrRrn);
            if !sure || found.confidence == Confidence::Low {
                found.class = class;
            }
        }
        (Meaning::Id(Kind::Device), _) if token => {
            let confidence = checked(Class::Device, text).unwrap_or(Confidence::Low);
            *found = Some(found.map_or(Found { class: Class::Device, confidence }, |known| known));
        }
        (_, Some(sure))
            if name.context == Context::Thing && token && sure.confidence < Confidence::High =>
        {
            *found = None;
        }
        (_, None)
            if name.context == Context::Oauth && *way == Way::Token(Class::Id) && opaque(text) =>
        {
            *way = Way::Token(Class::Credential);
            *found = Some(Found { class: Class::Credential, confidence: Confidence::Medium });
        }
        _ => {}
    }
}

/// Random characters, and neither a UUID nor a word nor a number: an authorization code, a state.
fn opaque(text: &[u8]) -> bool {
    let scan = Scan::of(text);
    let mixed =
        scan.any(crate::redact::scan::LOWER | crate::redact::scan::UPPER) && scan.digits > 0;
    text.len() >= OPAQUE_MIN
        && mixed
        && !words::uuid(text)
        && !words::date(text)
        && !lexicon::enum_word(text)
}

/// What check digits say of a value that a name gives a class, where the form alone would not be looked at.
fn checked(class: Class, text: &[u8]) -> Option<Confidence> {
    // Of other classes digits tell nothing.
    if !matches!(
        class,
        Class::KrRrn
            | Class::KrForeigner
            | Class::KrBrn
            | Class::KrCorp
            | Class::HealthId
            | Class::Device
            | Class::Pan
    ) {
        return None;
    }
    let mut room = [0_u8; 20];
    let digits = checks::digits(text, &mut room)?;
    let valid = match (class, digits.len()) {
        (Class::KrRrn, 13) => checks::kr_rrn(digits),
        (Class::KrForeigner, 13) => checks::kr_foreigner(digits),
        (Class::KrBrn, 10) => checks::kr_brn(digits),
        (Class::KrCorp, 13) => checks::kr_corp(digits),
        (Class::HealthId, 10) => checks::nhs(digits),
        (Class::Device, 15) | (Class::Pan, 12..=19) => checks::luhn(digits),
        _ => false,
    };
    valid.then_some(Confidence::High)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::judge::{Judge, Judgement};
    use crate::redact::{Config, Keys};
    use apitap_proto::v1::ValueType;

    fn judged(name: &str, text: &str) -> Judgement {
        let mut judge = Judge::new(&Keys::ephemeral().unwrap(), &Config::default());
        let name = judge.names.look(name.as_bytes());
        judge.decide(name, ValueType::String, text.as_bytes())
    }

    #[test]
    fn names_of_things_speak_against_forms() {
        // The token is the form's in any case: the same number in a path has the same token.
        for name in ["order_no", "partNo", "orderId"] {
            let judgement = judged(name, "536-22-8726");
            assert_eq!((judgement.way, judgement.found), (Way::Token(Class::Ssn), None), "{name}");
        }
        assert_eq!(judged("memo", "536-22-8726").found.unwrap().class, Class::Ssn);
        assert_eq!(judged("order_no", "4111111111111111").found.unwrap().class, Class::Pan);
    }

    #[test]
    fn the_name_tells_classes_of_one_form_apart() {
        let judgement = judged("account_no", "010-1234-5678");
        assert_eq!(judgement.way, Way::Token(Class::Phone));
        assert_eq!(judgement.found.unwrap().class, Class::Account);
        assert_eq!(judged("account_no", "900101-1234568").found.unwrap().class, Class::KrRrn);
    }

    #[test]
    fn check_digits_make_names_sure() {
        for (name, text, class) in [
            ("bizNo", "1168200276", Class::KrBrn),
            ("nhs_number", "943 476 5919", Class::HealthId),
            ("juminNo", "9001011234568", Class::KrRrn),
            ("imei", "490154203237518", Class::Device),
            ("corp_no", "110114-4663199", Class::KrCorp),
        ] {
            let found = judged(name, text).found.unwrap();
            assert_eq!((found.class, found.confidence), (class, Confidence::High), "{name}");
        }
        assert_eq!(judged("nhs_number", "943 476 5918").found.unwrap().confidence, Confidence::Low);
    }

    #[test]
    fn random_codes_and_states_are_credentials() {
        for (name, text) in
            [("code", "SplxlOBeZQQYbYS6WxSbIA"), ("state", "af0ifjsldkjaf0ifjsldkj")]
        {
            assert_eq!(judged(name, text).way, Way::Token(Class::Credential), "{name}");
        }
        for (name, text) in [
            ("code", "A0001"),
            ("state", "ACTIVE"),
            ("state", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ] {
            assert_eq!(judged(name, text).found, None, "{name}");
        }
    }
}
