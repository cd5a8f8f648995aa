//! The certificate that a server shows in clear, up to TLS 1.2.
//!
//! Source: [RFC 5246 §7.4.2](https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2), [RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1).

use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::reader::Reader;

/// Most names kept.
const NAMES_MAX: u32 = 32;
/// Longest text kept, in octets.
const TEXT_MAX: usize = 256;

/// What a certificate says. Nothing of it is checked.
///
/// No `Debug`: it holds raw traffic.
#[derive(Clone, Default)]
pub struct Certificate {
    /// Common name of the subject.
    pub subject: Vec<u8>,
    /// DNS names and addresses it is for, in order, each ended by NUL; at most 32.
    pub names: Vec<u8>,
    /// How many there were.
    pub names_total: u32,
    /// Organization of the issuer, else its common name.
    pub issuer: Vec<u8>,
    /// Begin of its validity, in seconds since the epoch.
    pub not_before: i64,
    /// End of its validity, in seconds since the epoch.
    pub not_after: i64,
    /// Kind of key: `rsa`, `ec`, `ed25519` …; `other`.
    pub key_type: &'static str,
    /// Size of the key, in bits; 0 when unknown.
    pub key_bits: u32,
    /// Whether subject and issuer are the same.
    pub self_signed: bool,
    /// Certificates sent, this one included.
    pub chain: u32,
}

impl Certificate {
    /// Reads the body of a `Certificate` message; `None` when it holds none that can be read.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let mut body = Reader(body);
        let announced = body.u24()?;
        let mut list = Reader(body.0.get(..announced).unwrap_or(body.0));
        let len = list.u24()?;
        let leaf = list.take(len)?;
        let mut chain = 1_u32;
        // Those that were cut off are not counted.
        while let Some(len) = list.u24() {
            chain = chain.saturating_add(1);
            if list.take(len).is_none() {
                break;
            }
        }
        let mut certificate = Self::leaf(leaf)?;
        certificate.chain = chain;
        Some(certificate)
    }

    /// The names, as far as they were kept.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.names.split(|&octet| octet == 0).filter(|name| !name.is_empty())
    }

    /// Octets it takes.
    pub(super) const fn size(&self) -> usize {
        let texts = self.names.capacity().saturating_add(self.subject.capacity());
        texts.saturating_add(self.issuer.capacity()).saturating_add(size_of::<Self>())
    }

    /// Whether a `Certificate` message holds any.
    pub(super) fn is_any(body: &[u8]) -> bool {
        Reader(body).u24().is_some_and(|len| len > 0)
    }

    fn leaf(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let (key_type, key_bits) = key(parsed.public_key());
        let mut certificate = Self {
            subject: common_name(parsed.subject()).unwrap_or_default(),
            issuer: organization(parsed.issuer()).unwrap_or_default(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            key_type,
            key_bits,
            self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
            ..Self::default()
        };
        if let Ok(Some(alternatives)) = parsed.subject_alternative_name() {
            let names = alternatives.value.general_names.iter().filter_map(name);
            for name in names {
                certificate.names_total = certificate.names_total.saturating_add(1);
                if certificate.names_total <= NAMES_MAX {
                    certificate.names.extend(name);
                    certificate.names.push(0);
                }
            }
        }
        Some(certificate)
    }
}

fn text(octets: &[u8]) -> Vec<u8> {
    octets.get(..TEXT_MAX).unwrap_or(octets).to_vec()
}

fn common_name(name: &X509Name<'_>) -> Option<Vec<u8>> {
    name.iter_common_name().next().map(|name| text(name.as_slice()))
}

fn organization(name: &X509Name<'_>) -> Option<Vec<u8>> {
    let organization = name.iter_organization().next().map(|name| text(name.as_slice()));
    organization.or_else(|| common_name(name))
}

fn name(name: &GeneralName<'_>) -> Option<Vec<u8>> {
    match name {
        GeneralName::DNSName(name) => Some(text(name.as_bytes())),
        GeneralName::IPAddress(octets) => {
            let v4 = <[u8; 4]>::try_from(*octets).map(|ip| Ipv4Addr::from(ip).to_string());
            let v6 = || <[u8; 16]>::try_from(*octets).map(|ip| Ipv6Addr::from(ip).to_string());
            v4.or_else(|_| v6()).ok().map(String::into_bytes)
        }
        // Of people, or of nothing that answers calls.
        _ => None,
    }
}

/// Kind and size of a key (RFC 3279, RFC 5480, RFC 8410).
fn key(key: &SubjectPublicKeyInfo<'_>) -> (&'static str, u32) {
    let bits = |size: usize| u32::try_from(size).unwrap_or(0);
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => ("rsa", bits(rsa.key_size())),
        Ok(PublicKey::EC(_)) => ("ec", curve_bits(key).unwrap_or(0)),
        Ok(PublicKey::DSA(_)) => ("dsa", 0),
        _ => match key.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => ("ed25519", 256),
            "1.3.101.113" => ("ed448", 456),
            _ => ("other", 0),
        },
    }
}

/// Bits of the named curve (RFC 5480 §2.1.1.1).
fn curve_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
    Some(match curve.to_id_string().as_str() {
        "1.2.840.10045.3.1.7" | "1.3.132.0.10" => 256,
        "1.3.132.0.34" => 384,
        "1.3.132.0.35" => 521,
        "1.3.132.0.33" => 224,
        _ => return None,
    })
}
