//! What may leave of a session that cannot be read.

use apitap_proto::v1::{self, ValueType};

use super::class::Class;
use super::found::Span;
use super::judge::{Judge, Way};
use super::{path, schema, wire};
use crate::time::Timestamp;
use crate::tls::{Certificate, Decryption, DecryptionResult, Session, names};

/// Organizations of the public authorities that most certificates come from, as they write themselves. Others may
/// be people.
const AUTHORITIES: &[&str] = &[
    "Actalis S.p.A.",
    "Amazon",
    "Apple Inc.",
    "Asseco Data Systems S.A.",
    "Buypass AS-983163327",
    "CROSSCERT : Korea Electronic Certification Authority, Inc.",
    "Certum",
    "Cloudflare, Inc.",
    "CloudFlare, Inc.",
    "COMODO CA Limited",
    "D-Trust GmbH",
    "DigiCert Inc",
    "DigiCert, Inc.",
    "Entrust, Inc.",
    "GeoTrust Inc.",
    "GlobalSign nv-sa",
    "GoDaddy.com, Inc.",
    "Google Inc",
    "Google Trust Services",
    "Google Trust Services LLC",
    "Hellenic Academic and Research Institutions CA",
    "IdenTrust",
    "Internet2",
    "KICA",
    "Kubernetes",
    "Let's Encrypt",
    "Microsoft Corporation",
    "NAVER BUSINESS PLATFORM Corp.",
    "NAVER Cloud Trust Services Corp.",
    "Network Solutions L.L.C.",
    "QuoVadis Limited",
    "SECOM Trust Systems CO.,LTD.",
    "SSL Corp",
    "SSL Corporation",
    "Sectigo Limited",
    "Starfield Technologies, Inc.",
    "SwissSign AG",
    "Symantec Corporation",
    "TrustAsia Technologies, Inc.",
    "Unizeto Technologies S.A.",
    "VeriSign, Inc.",
    "WoSign CA Limited",
    "ZeroSSL",
    "cluster.local",
    "kubernetes",
    "thawte, Inc.",
];

/// Writes all of an `EncryptedSession`; gives back where the server name is.
pub(super) fn write(judge: &mut Judge, out: &mut Vec<u8>, session: &Session) -> Span {
    use schema::session as field;
    out.clear();
    judge.broken = session.broken;
    time(out, field::START_TIME, seconds_and_nanos(session.start));
    time(out, field::END_TIME, seconds_and_nanos(session.end));
    let mut server_name = Span::default();
    if let Some(hello) = &session.hello {
        let name = host(judge, &hello.server_name);
        wire::text(out, field::SERVER_NAME, &name);
        server_name = Span { start: out.len().saturating_sub(name.len()), end: out.len() };
        wire::text(out, field::JA4, &hello.ja4);
        for name in &hello.alpn {
            wire::octets(out, field::ALPN_OFFERED, names::alpn(name).as_bytes());
        }
        wire::text(out, field::TLS_VERSION_OFFERED, names::version(hello.version));
        wire::flag(out, field::ECH, hello.ech);
        wire::flag(out, field::EARLY_DATA, hello.early_data);
    }
    if let Some(answer) = &session.answer {
        if let Some(name) = &answer.alpn {
            wire::text(out, field::ALPN, names::alpn(name));
        }
        wire::text(out, field::TLS_VERSION, session.version());
        wire::text(out, field::CIPHER, &names::cipher(answer.cipher));
        wire::text(out, field::JA4S, &answer.ja4s);
    }
    let [a, b] = session.bytes;
    let (client, server) = if session.client == 0 { (a, b) } else { (b, a) };
    wire::number(out, field::CLIENT_BYTES, client);
    wire::number(out, field::SERVER_BYTES, server);
    let told = [
        (field::CLIENT_CERTIFICATE, session.client_certificate),
        (field::CLIENT_CERTIFICATE_REQUESTED, session.certificate_requested),
    ];
    for (field, told) in told {
        if let Some(told) = told {
            wire::present(out, field, told.into());
        }
    }
    state(judge, out, session);
    judge.broken = false;
    server_name
}

/// Writes what became of the handshake.
fn state(judge: &mut Judge, out: &mut Vec<u8>, session: &Session) {
    use schema::session as field;
    if let Some(group) = session.group {
        wire::text(out, field::GROUP, &names::group(group));
    }
    wire::flag(out, field::RESUMED, session.resumed);
    if let Some(shown) = &session.certificate {
        let written = wire::open(out, field::CERTIFICATE);
        certificate(judge, out, shown, session.start);
        wire::close(out, written);
    }
    for alert in &session.alerts {
        let written = wire::open(out, field::ALERTS);
        wire::flag(out, schema::alert::FROM_CLIENT, alert.from_client);
        wire::flag(out, schema::alert::FATAL, alert.fatal);
        wire::text(out, schema::alert::NAME, alert.name);
        wire::close(out, written);
    }
    wire::flag(out, field::ESTABLISHED, session.agreed);
    wire::flag(out, field::OPEN, session.open);
    wire::number(out, field::PART, session.part.into());
    wire::flag(out, field::HANDSHAKE_INCOMPLETE, session.broken);
    wire::flag(out, field::RETRIED, session.retried);
    wire::text(out, field::QUIC_VERSION, session.quic_version);
    if session.decryption.is_told() {
        let written = wire::open(out, field::DECRYPTION);
        decryption(out, &session.decryption);
        wire::close(out, written);
    }
}

fn decryption(out: &mut Vec<u8>, told: &Decryption) {
    use schema::decryption as field;
    let result = match told.result {
        DecryptionResult::Off => v1::DecryptionResult::Unspecified,
        DecryptionResult::Not(_) => v1::DecryptionResult::None,
        DecryptionResult::Part => v1::DecryptionResult::Part,
        DecryptionResult::Whole => v1::DecryptionResult::Whole,
    };
    wire::number(out, field::RESULT, i32::from(result).unsigned_abs().into());
    if let DecryptionResult::Not(reason) = told.result {
        wire::text(out, field::REASON, reason.name());
    }
    wire::number(out, field::CLIENT_BYTES, told.client_bytes);
    wire::number(out, field::SERVER_BYTES, told.server_bytes);
    wire::number(out, field::UNREAD_RECORDS, told.unread_records);
}

fn certificate(judge: &mut Judge, out: &mut Vec<u8>, shown: &Certificate, start: Timestamp) {
    use schema::certificate as field;
    wire::text(out, field::SUBJECT, &host(judge, &shown.subject));
    for name in shown.names() {
        wire::octets(out, field::NAMES, host(judge, name).as_bytes());
    }
    wire::number(out, field::NAMES_TOTAL, shown.names_total.into());
    if !shown.issuer.is_empty() {
        let known = AUTHORITIES.iter().any(|name| name.as_bytes() == shown.issuer);
        let way = if known { Way::Keep } else { Way::Token(Class::Id) };
        let issuer = judge.render(way, ValueType::String, &shown.issuer);
        wire::octets(out, field::ISSUER, judge.values.get(issuer));
    }
    time(out, field::NOT_BEFORE, (shown.not_before, 0));
    time(out, field::NOT_AFTER, (shown.not_after, 0));
    wire::text(out, field::KEY_TYPE, shown.key_type);
    wire::number(out, field::KEY_BITS, shown.key_bits.into());
    wire::flag(out, field::SELF_SIGNED, shown.self_signed);
    wire::number(out, field::CHAIN, shown.chain.into());
    let (now, _) = seconds_and_nanos(start);
    wire::flag(out, field::EXPIRED, !(shown.not_before..=shown.not_after).contains(&now));
}

/// A name of a server, as hosts may leave; what stands for any label stays.
fn host(judge: &mut Judge, name: &[u8]) -> String {
    match name.strip_prefix(b"*.") {
        // The subject of a certificate may be a mail address.
        _ if name.contains(&b'@') => path::host_text(name),
        Some(rest) => format!("*.{}", path::host(judge, rest).0),
        None => path::host(judge, name).0,
    }
}

/// Writes a `google.protobuf.Timestamp`.
fn time(out: &mut Vec<u8>, field: u32, (seconds, nanos): (i64, u64)) {
    let written = wire::open(out, field);
    // Negative numbers are written as 64 bits of two's complement.
    wire::number(out, 1, u64::from_ne_bytes(seconds.to_ne_bytes()));
    wire::number(out, 2, nanos);
    wire::close(out, written);
}

fn seconds_and_nanos(time: Timestamp) -> (i64, u64) {
    const SECOND: u64 = 1_000_000_000;
    (i64::try_from(time.nanos() / SECOND).unwrap_or(i64::MAX), time.nanos() % SECOND)
}
