//! Framing oddities that are risks: evidence of request smuggling, response splitting and bombs.
//!
//! HIGH: two readers of the message can come to different ends of it. MEDIUM: lenient readers are known to differ.
//! LOW: the grammar forbids it, and it is what a probe would send. Flags that are not here (chunk extensions, unknown
//! codings, tunnels) are only named in the record's completeness.

use super::list::{self, Id};
use super::{Signals, at};
use crate::call::Call;
use crate::http::Flags;

const RISKS: &[(Flags, Id)] = &[
    (Flags::CL_TE, list::FRAMING_CL_TE),
    (Flags::TE_BAD, list::FRAMING_TE_BAD),
    (Flags::CL_BAD, list::FRAMING_CL_BAD),
    (Flags::CONNECTION_FIELD, list::FRAMING_CONNECTION_FIELD),
    (Flags::LENGTH_MISMATCH, list::FRAMING_LENGTH_MISMATCH),
    (Flags::PSEUDO_BAD, list::FRAMING_PSEUDO_BAD),
    (Flags::NAME_CASE, list::FRAMING_NAME_CASE),
    (Flags::CHUNK_BAD, list::FRAMING_CHUNK_BAD),
    (Flags::WS_COLON, list::FRAMING_WS_COLON),
    (Flags::WS_START, list::FRAMING_WS_START),
    (Flags::BARE_CR, list::FRAMING_BARE_CR),
    (Flags::HOST_BAD, list::FRAMING_HOST_BAD),
    (Flags::TRAILING_BYTES, list::FRAMING_TRAILING_BYTES),
    (Flags::OBS_FOLD, list::FRAMING_OBS_FOLD),
    (Flags::BARE_LF, list::FRAMING_BARE_LF),
    (Flags::LINE_WS, list::FRAMING_LINE_WS),
    (Flags::BAD_BYTES, list::FRAMING_BAD_BYTES),
    (Flags::BODY_UNEXPECTED, list::FRAMING_BODY_UNEXPECTED),
    (Flags::CODING_RATIO, list::FRAMING_CODING_RATIO),
    (Flags::HEAD_LIMIT, list::FRAMING_HEAD_LIMIT),
];

/// Raises one signal per risky flag and message.
pub(super) fn judge(signals: &mut Signals, call: &Call) {
    for (message, part) in [(&call.request, "request"), (&call.response, "response")] {
        let flags = message.as_ref().map_or(Flags::default(), |message| message.facts.flags);
        if flags == Flags::default() {
            continue;
        }
        for (_, id) in RISKS.iter().filter(|(flag, _)| flags.contains(*flag)) {
            signals.raise(*id, at(part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_one_bit_listed_once_and_named_as_in_completeness() {
        for (index, (flag, id)) in RISKS.iter().enumerate() {
            assert_eq!(flag.0.count_ones(), 1);
            assert!(!RISKS[..index].iter().any(|(other, _)| other == flag));
            assert_eq!(id.kind().id, format!("framing.{}", flag.names().collect::<String>()));
        }
    }
}
