//! Framing oddities that are risks: evidence of request smuggling, response splitting and bombs.

use apitap_proto::v1;
use v1::signal::Severity;

use crate::call::MessageFacts;
use crate::http::Flags;

/// Security misconfiguration.
const MISCONFIGURATION: &str = "API8:2023";
/// Unrestricted resource consumption.
const RESOURCES: &str = "API4:2023";

/// How grave a flag is. Flags that are not here (chunk extensions, unknown codings, tunnels) are only named
/// in the record's completeness.
///
/// HIGH: two readers of the message can come to different ends of it. MEDIUM: lenient readers are known to
/// differ. LOW: the grammar forbids it, and it is what a probe would send.
const RISKS: &[(Flags, Severity, &str)] = &[
    (Flags::CL_TE, Severity::High, MISCONFIGURATION),
    (Flags::TE_BAD, Severity::High, MISCONFIGURATION),
    (Flags::CL_BAD, Severity::High, MISCONFIGURATION),
    (Flags::CONNECTION_FIELD, Severity::High, MISCONFIGURATION),
    (Flags::LENGTH_MISMATCH, Severity::High, MISCONFIGURATION),
    (Flags::PSEUDO_BAD, Severity::Medium, MISCONFIGURATION),
    (Flags::NAME_CASE, Severity::Medium, MISCONFIGURATION),
    (Flags::CHUNK_BAD, Severity::Medium, MISCONFIGURATION),
    (Flags::WS_COLON, Severity::Medium, MISCONFIGURATION),
    (Flags::WS_START, Severity::Medium, MISCONFIGURATION),
    (Flags::BARE_CR, Severity::Medium, MISCONFIGURATION),
    (Flags::HOST_BAD, Severity::Medium, MISCONFIGURATION),
    (Flags::TRAILING_BYTES, Severity::Medium, MISCONFIGURATION),
    (Flags::OBS_FOLD, Severity::Low, MISCONFIGURATION),
    (Flags::BARE_LF, Severity::Low, MISCONFIGURATION),
    (Flags::LINE_WS, Severity::Low, MISCONFIGURATION),
    (Flags::BAD_BYTES, Severity::Low, MISCONFIGURATION),
    (Flags::BODY_UNEXPECTED, Severity::Low, MISCONFIGURATION),
    (Flags::CODING_RATIO, Severity::Medium, RESOURCES),
    (Flags::HEAD_LIMIT, Severity::Low, RESOURCES),
];

/// One signal per risky flag and message, gravest first.
pub(super) fn signals(
    request: Option<&MessageFacts>,
    response: Option<&MessageFacts>,
) -> Vec<v1::Signal> {
    let mut signals = Vec::new();
    for (message, location) in [(request, "request"), (response, "response")] {
        let Some(flags) =
            message.map(|facts| facts.flags).filter(|flags| *flags != Flags::default())
        else {
            continue;
        };
        let found = RISKS.iter().filter(|(flag, ..)| flags.contains(*flag));
        signals.extend(found.map(|&(flag, severity, owasp)| v1::Signal {
            id: flag.names().map(|name| format!("framing.{name}")).collect(),
            severity: severity.into(),
            owasp: vec![owasp.to_owned()],
            location: location.to_owned(),
        }));
    }
    signals.sort_by_key(|signal| std::cmp::Reverse(signal.severity));
    signals
}

#[cfg(test)]
mod tests {
    use super::super::sample::message;
    use super::*;

    #[test]
    fn smuggling_is_a_signal_with_its_place() {
        let mut flags = Flags::CHUNK_EXT;
        flags.insert(Flags::BARE_LF);
        flags.insert(Flags::CL_TE);
        let request = MessageFacts { flags, ..message(1) };
        let response = MessageFacts { flags: Flags::CODING_RATIO, ..message(2) };
        let found: Vec<_> = signals(Some(&request), Some(&response))
            .into_iter()
            .map(|s| (s.id.clone(), s.severity(), s.owasp.join(","), s.location.clone()))
            .collect();
        let expected = [
            ("framing.cl_te", Severity::High, "API8:2023", "request"),
            ("framing.coding_ratio", Severity::Medium, "API4:2023", "response"),
            ("framing.bare_lf", Severity::Low, "API8:2023", "request"),
        ];
        assert_eq!(
            found,
            expected.map(|(a, b, c, d)| (a.to_owned(), b, c.to_owned(), d.to_owned()))
        );
    }

    #[test]
    fn clean_messages_raise_nothing() {
        assert!(signals(Some(&message(1)), None).is_empty());
        let odd = MessageFacts { flags: Flags::CHUNK_EXT, ..message(1) };
        assert!(signals(Some(&odd), Some(&odd)).is_empty());
    }

    #[test]
    fn a_flag_is_one_bit_and_listed_once() {
        for (index, (flag, ..)) in RISKS.iter().enumerate() {
            assert_eq!(flag.0.count_ones(), 1);
            assert!(!RISKS[..index].iter().any(|(other, ..)| other == flag));
        }
    }
}
