use apitap_proto::v1::ValueType;

use super::*;
use crate::redact::judge::{Judge, Judgement, Way};
use crate::redact::{Config, Keys, segments};

fn judge(detectors: &str) -> Judge {
    let config: Config = toml::from_str(detectors).unwrap();
    Judge::new(&Keys::ephemeral().unwrap(), &config)
}

fn decide(judge: &mut Judge, name: &str, text: &str) -> Judgement {
    let name = judge.names.look(name.as_bytes());
    judge.decide(name, ValueType::String, text.as_bytes())
}

fn class(judge: &mut Judge, name: &str, text: &str) -> Option<&'static str> {
    decide(judge, name, text).found.map(|found| found.class.name())
}

#[test]
fn a_regex_looks_everywhere() {
    let mut judge = judge("[[detectors]]\nname = 'member_no'\nregex = '\\bM\\d{8}\\b'\n");
    let judgement = decide(&mut judge, "anything", "M12345678");
    assert_eq!(judgement.found.unwrap().class.name(), "member_no");
    let made = judge.render(judgement.way, ValueType::String, b"M12345678");
    let token = String::from_utf8_lossy(judge.values.get(made)).into_owned();
    assert!(token.contains("tok_member_no_run_"), "{token:?}");
    // Inside a longer text nothing but its shape leaves.
    let judgement = decide(&mut judge, "status", "ACTIVE M12345678");
    assert_eq!(
        (judgement.way, judgement.inside[0].unwrap().class.name()),
        (Way::Shape, "member_no")
    );
    for text in ["M1234567", "XM12345678", "M123456789"] {
        assert_eq!(class(&mut judge, "anything", text), None, "{text}");
    }
    // Names of fields are data, too.
    assert!(judge.names.look(b"M12345678").found.is_some());
}

#[test]
fn fields_alone_are_names() {
    let mut judge =
        judge("[[detectors]]\nname = 'staff'\nfields = ['badge', '사원번호']\nlabels = ['GDPR']\n");
    for name in ["badge", "employeeBadge", "badge2", "사원번호"] {
        assert_eq!(class(&mut judge, name, "Hello there"), Some("staff"), "{name}");
    }
    assert_eq!(class(&mut judge, "badges", "Hello there"), None);
    let labels = decide(&mut judge, "badge", "x").found.unwrap().class.labels();
    assert_eq!(labels, ["GDPR"]);
}

#[test]
fn fields_narrow_a_pattern() {
    let text = "[[detectors]]\nname = 'seat'\nregex = '^[A-F]\\d\\d$'\nfields = ['seat']\nclass = 'account'\n";
    let mut judge = judge(text);
    assert_eq!(class(&mut judge, "seat", "C17"), Some("account"));
    assert_eq!(class(&mut judge, "seat", "Z17"), None);
    assert_eq!(class(&mut judge, "grade", "C17"), None);
}

#[test]
fn a_name_takes_nothing_from_what_was_found() {
    let mut judge = judge("[[detectors]]\nname = 'article'\nregex = '^SKU-\\d{5}$'\n");
    for name in ["anything", "sku", "article_no", "order_no", "account_no"] {
        assert_eq!(class(&mut judge, name, "SKU-00004"), Some("article"), "{name}");
    }
}

#[test]
fn a_name_takes_nothing_from_what_was_found_as_a_built_in_class() {
    let mut judge = judge(
        "[[detectors]]\nname = 'old_cards'\nregex = '^\\d{12}$'\nclass = 'pan'\n
        [[detectors]]\nname = 'router'\nregex = '^10\\.1\\.\\d+\\.\\d+$'\nclass = 'device'\n",
    );
    for name in ["anything", "sku", "order_no", "account_no", "phone"] {
        let judgement = decide(&mut judge, name, "411111111111");
        assert_eq!(judgement.way, Way::Token(Class::Pan), "{name}");
        assert_eq!(judgement.found.unwrap().class, Class::Pan, "{name}");
    }
    assert_eq!(class(&mut judge, "version", "10.1.2.3"), Some("device"));
    // What is built in is still corrected.
    assert_eq!(class(&mut judge, "order_no", "536-22-8726"), None);
}

#[test]
fn words_are_whole_words() {
    let mut judge = judge(
        "[[detectors]]\nname = 'vip'\nwords = ['Quellborn', '독고하늘', 'ACME Corp']\naction = 'drop'\n",
    );
    for text in ["quellborn", "독고하늘", "acme corp"] {
        assert_eq!(decide(&mut judge, "title", text).way, Way::Drop, "{text}");
    }
    let judgement = decide(&mut judge, "title", "for Mr Quellborn, personally");
    assert!(judgement.inside[0].is_some() && judgement.way == Way::Shape);
    assert_eq!(decide(&mut judge, "title", "quellborns").found, None);
    // A segment and a name made of words, and still nothing that may be kept.
    assert!(judge.segments.look(b"quellborn", segments::NONE).is_none());
    assert!(judge.segments.look(b"orders", segments::NONE).is_some());
    assert!(!judge.names.look(b"quellborn").safe);
}

#[test]
fn validators_thin_out_matches() {
    let mut judge =
        judge("[[detectors]]\nname = 'loyalty'\nregex = '\\d{10}'\nvalidator = 'luhn'\n");
    assert_eq!(class(&mut judge, "x", "7992739870"), None);
    assert_eq!(class(&mut judge, "x", "1234567897"), Some("loyalty"));
    let name = judge.names.look(b"x");
    let judgement = judge.decide(name, ValueType::Integer, b"1234567897");
    assert_eq!(judgement.found.unwrap().confidence, Confidence::High);
}

#[test]
fn nothing_is_loosened() {
    let mut judge = judge("[[detectors]]\nname = 'all'\nregex = '(?s).+'\n");
    assert_eq!(decide(&mut judge, "note", ";4111111111111111=29121010000?").way, Way::Drop);
    assert_eq!(decide(&mut judge, "password", "hunter2").way, Way::Drop);
    assert_eq!(class(&mut judge, "note", "4111111111111111"), Some("all"));
}

#[test]
fn names_of_secrets_stay_secrets() {
    let mut judge =
        judge("[[detectors]]\nname = 'open'\nfields = ['password', 'badge', '비밀번호']\n");
    for name in ["password", "password_badge", "비밀번호"] {
        assert_eq!(decide(&mut judge, name, "hunter2").way, Way::Drop, "{name}");
    }
    assert_eq!(class(&mut judge, "badge", "hunter2"), Some("open"));
}

#[test]
fn numbers_with_a_match_inside_are_not_kept() {
    let mut judge = judge("[[detectors]]\nname = 'area'\nregex = '77'\n");
    let name = judge.names.look(b"page");
    assert_eq!(judge.decide(name, ValueType::Integer, b"1771").way, Way::Shape);
    assert_eq!(judge.decide(name, ValueType::Integer, b"1871").way, Way::Keep);
}

#[test]
fn long_values_are_looked_at_in_front() {
    let mut judge = judge("[[detectors]]\nname = 'end'\nregex = 'END$'\n");
    let long = "x ".repeat(4000) + "END";
    assert_eq!(decide(&mut judge, "note", &long).way, Way::Shape);
}
