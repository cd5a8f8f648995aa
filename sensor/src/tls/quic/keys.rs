//! Keys of Initial packets: derived from what is in clear, so that everybody has them.
//!
//! They keep nothing secret; they only ensure that both ends speak one version.
//!
//! Source: [RFC 9001 §5](https://www.rfc-editor.org/rfc/rfc9001#section-5), [RFC 9369 §3.3](https://www.rfc-editor.org/rfc/rfc9369#section-3.3).

use ring::{aead, hkdf};

use crate::decap::quic::{DRAFTS, VERSION_2};

const SALT_1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
const SALT_2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
    0xf9, 0xbd, 0x2e, 0xd9,
];
/// Of drafts 29 to 32.
const SALT_DRAFT: [u8; 20] = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0,
    0x43, 0x90, 0xa8, 0x99,
];
/// The first draft with the salt of version 1.
const DRAFT_33: u32 = 0xff00_0021;

/// Takes the protection off the Initial packets of one side.
pub(super) struct Keys {
    header: aead::quic::HeaderProtectionKey,
    payload: aead::LessSafeKey,
    iv: [u8; 12],
}

/// The keys of client and server, by the destination id of the client's first packet.
pub(super) fn derive(version: u32, id: &[u8]) -> Option<[Keys; 2]> {
    let salt = match version {
        VERSION_2 => &SALT_2,
        _ if DRAFTS.contains(&version) && version < DRAFT_33 => &SALT_DRAFT,
        _ => &SALT_1,
    };
    let initial = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(id);
    let client = Keys::new(&expand::<32>(&initial, b"tls13 client in")?, version)?;
    let server = Keys::new(&expand::<32>(&initial, b"tls13 server in")?, version)?;
    Some([client, server])
}

impl Keys {
    fn new(secret: &[u8; 32], version: u32) -> Option<Self> {
        let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, secret);
        let labels: [&[u8]; 3] = if version == VERSION_2 {
            [b"tls13 quicv2 hp", b"tls13 quicv2 key", b"tls13 quicv2 iv"]
        } else {
            [b"tls13 quic hp", b"tls13 quic key", b"tls13 quic iv"]
        };
        let [header, payload, iv] = labels;
        let header = expand::<16>(&secret, header)?;
        let payload = expand::<16>(&secret, payload)?;
        Some(Self {
            header: aead::quic::HeaderProtectionKey::new(&aead::quic::AES_128, &header).ok()?,
            payload: aead::LessSafeKey::new(
                aead::UnboundKey::new(&aead::AES_128_GCM, &payload).ok()?,
            ),
            iv: expand::<12>(&secret, iv)?,
        })
    }

    /// The octets that hide the first octet and the packet number.
    pub(super) fn mask(&self, sample: &[u8]) -> Option<[u8; 5]> {
        self.header.new_mask(sample).ok()
    }

    /// Opens a payload in place; gives its length.
    pub(super) fn open(&self, number: u64, header: &[u8], payload: &mut [u8]) -> Option<usize> {
        let mut nonce = self.iv;
        for (octet, number) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
            *octet ^= number;
        }
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        self.payload
            .open_in_place(nonce, aead::Aad::from(header), payload)
            .ok()
            .map(|opened| opened.len())
    }
}

#[cfg(test)]
impl Keys {
    /// Protects a packet whose header ends with a packet number of `len` octets.
    pub(super) fn protect(
        &self,
        header: &[u8],
        len: usize,
        number: u64,
        payload: &[u8],
    ) -> Vec<u8> {
        let mut nonce = self.iv;
        for (octet, number) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
            *octet ^= number;
        }
        let mut sealed = payload.to_vec();
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        self.payload.seal_in_place_append_tag(nonce, aead::Aad::from(header), &mut sealed).unwrap();
        let mut packet = [header, &sealed].concat();
        let at = header.len() - len;
        let mask = self.mask(&packet[at + 4..at + 20]).unwrap();
        packet[0] ^= mask[0] & 0x0f;
        for n in 0..len {
            packet[at + n] ^= mask[n + 1];
        }
        packet
    }
}

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label without context (RFC 8446 §7.1).
fn expand<const N: usize>(secret: &hkdf::Prk, label: &[u8]) -> Option<[u8; N]> {
    let (len, label_len) = (u16::try_from(N).ok()?, u8::try_from(label.len()).ok()?);
    let info = [&len.to_be_bytes()[..], &[label_len], label, &[0]];
    let mut out = [0; N];
    secret.expand(&info, Len(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9001 appendix A.1 (IV), RFC 9369 appendix A.1 (IV).
    #[test]
    fn the_vectors_of_the_standards() {
        let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let ivs = |version| {
            derive(version, &id).unwrap().map(|keys| data_encoding::HEXLOWER.encode(&keys.iv))
        };
        assert_eq!(ivs(1), ["fa044b2f42a3fd3b46fb255c", "0ac1493ca1905853b0bba03e"]);
        assert_eq!(ivs(VERSION_2), ["91f73e2351d8fa91660e909f", "dd13c276499c0249d3310652"]);
    }
}
