//! Registered names of numbers. Source: <https://www.iana.org/assignments/tls-parameters>.

/// A version as people write it; empty when it is none.
#[must_use]
pub(crate) const fn version(number: u16) -> &'static str {
    match number {
        0x0002 => "SSL 2.0",
        0x0300 => "SSL 3.0",
        0x0301 => "1.0",
        0x0302 => "1.1",
        0x0303 => "1.2",
        0x0304 => "1.3",
        _ => "",
    }
}

/// A cipher suite; `0x1234` when it has no name here.
#[must_use]
pub(crate) fn cipher(number: u16) -> String {
    let known = super::ciphers::CIPHERS.iter().find(|(candidate, _)| *candidate == number);
    known.map_or_else(|| format!("0x{number:04x}"), |(_, name)| (*name).to_owned())
}

/// A group of the key exchange; `0x1234` when it has no name here.
#[must_use]
pub(crate) fn group(number: u16) -> String {
    let name = match number {
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001d => "x25519",
        0x001e => "x448",
        0x0100 => "ffdhe2048",
        0x0101 => "ffdhe3072",
        0x0102 => "ffdhe4096",
        0x0103 => "ffdhe6144",
        0x0104 => "ffdhe8192",
        0x0200 => "MLKEM512",
        0x0201 => "MLKEM768",
        0x0202 => "MLKEM1024",
        0x11eb => "SecP256r1MLKEM768",
        0x11ec => "X25519MLKEM768",
        0x11ed => "SecP384r1MLKEM1024",
        0x6399 => "X25519Kyber768Draft00",
        _ => return format!("0x{number:04x}"),
    };
    name.to_owned()
}

/// An alert's description (RFC 8446 §6); `unknown` when it has no name here.
#[must_use]
pub(crate) const fn alert(number: u8) -> &'static str {
    match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => "unknown",
    }
}

/// Registered ALPN names. Others are data of an application.
///
/// Source: <https://www.iana.org/assignments/tls-extensiontype-values>, "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs".
const ALPN: &[&str] = &[
    "acme-tls/1",
    "c-webrtc",
    "co",
    "coap",
    "dot",
    "doq",
    "ftp",
    "h2",
    "h2c",
    "h3",
    "h3-27",
    "h3-28",
    "h3-29",
    "http/0.9",
    "http/1.0",
    "http/1.1",
    "hq-29",
    "hq-interop",
    "imap",
    "irc",
    "managesieve",
    "mqtt",
    "nnsp",
    "nntp",
    "ntske/1",
    "pop3",
    "postgresql",
    "radius/1.0",
    "radius/1.1",
    "sip/2",
    "smb",
    "spdy/1",
    "spdy/2",
    "spdy/3",
    "spdy/3.1",
    "stun.nat-discovery",
    "stun.turn",
    "sunrpc",
    "tds/8.0",
    "webrtc",
    "xmpp-client",
    "xmpp-server",
    // Not registered, but everywhere.
    "grpc-exp",
    "istio",
    "istio-peer-exchange",
    "istio-http/1.1",
    "istio-h2",
    "apns-security-v3",
    "apns-pack-v1",
];

/// An ALPN name that may be told; `other` for those that are not known.
#[must_use]
pub(crate) fn alpn(name: &[u8]) -> &'static str {
    ALPN.iter().find(|known| known.as_bytes() == name).unwrap_or(&"other")
}
