//! Keys of records, from secrets: TLS 1.2 and TLS 1.3.
//!
//! Source: [RFC 8446 §7](https://www.rfc-editor.org/rfc/rfc8446#section-7), [RFC 5246 §5](https://www.rfc-editor.org/rfc/rfc5246#section-5) and §6.3.

use ring::{aead, hkdf, hmac};
use zeroize::Zeroizing;

use super::super::keylog::Secret;
use super::super::layer::HEADER;
use super::suite::{Hash, Suite};

/// Octets of a nonce.
const NONCE: usize = 12;
/// Octets of a tag.
const TAG: usize = 16;
/// Longest key.
const KEY_MAX: usize = 32;

/// Opens the records of one direction between two changes of keys.
pub(super) struct Opener {
    key: aead::LessSafeKey,
    iv: Zeroizing<[u8; NONCE]>,
    suite: Suite,
}

impl Opener {
    fn new(suite: Suite, key: &[u8], iv: &[u8]) -> Option<Self> {
        let mut own = Zeroizing::new([0; NONCE]);
        own.get_mut(..iv.len())?.copy_from_slice(iv);
        let key = aead::UnboundKey::new(suite.aead, key).ok()?;
        Some(Self { key: aead::LessSafeKey::new(key), iv: own, suite })
    }

    /// Opens the `number`th record in place, its header included; where its content is, if it is authentic. If it is
    /// not, what is in `record` has no meaning any more.
    pub(super) fn open(&self, number: u64, record: &mut [u8]) -> Option<std::ops::Range<usize>> {
        let (header, fragment) = record.split_first_chunk_mut::<HEADER>()?;
        let mut nonce = *self.iv;
        let start = HEADER.checked_add(self.suite.before())?;
        let (explicit, sealed) = fragment.split_at_mut_checked(self.suite.before())?;
        if self.suite.explicit {
            nonce.get_mut(4..)?.copy_from_slice(explicit);
        } else {
            for (octet, part) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
                *octet ^= part;
            }
        }
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let len = sealed.len().checked_sub(TAG)?;
        if self.suite.modern {
            self.key.open_in_place(nonce, aead::Aad::from(&*header), sealed).ok()?;
        } else {
            let [kind, major, minor, ..] = *header;
            let [high, low] = u16::try_from(len).ok()?.to_be_bytes();
            let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
            let additional = [a, b, c, d, e, f, g, h, kind, major, minor, high, low];
            self.key.open_in_place(nonce, aead::Aad::from(additional), sealed).ok()?;
        }
        Some(start..start.checked_add(len)?)
    }
}

/// The keys of client and server in TLS 1.2, from the master secret and the random numbers of both.
///
/// Source: [RFC 5246 §6.3](https://www.rfc-editor.org/rfc/rfc5246#section-6.3), with the lengths of RFC 5288 and RFC 7905.
pub(super) fn from_master(
    suite: Suite,
    master: &Secret,
    client: &[u8; 32],
    server: &[u8; 32],
) -> Option<[Opener; 2]> {
    let (key, iv) = (suite.aead.key_len(), if suite.explicit { 4 } else { NONCE });
    let mut block = Zeroizing::new([0; 2 * (KEY_MAX + NONCE)]);
    let seed = [&b"key expansion"[..], server, client].concat();
    prf(suite.hash, master.bytes(), &seed, &mut *block);
    let mut rest = block.as_slice();
    let mut take = |len| {
        let (taken, left) = rest.split_at_checked(len)?;
        rest = left;
        Some(taken)
    };
    let keys = [take(key)?, take(key)?];
    let [client_key, server_key] = keys;
    Some([Opener::new(suite, client_key, take(iv)?)?, Opener::new(suite, server_key, take(iv)?)?])
}

/// Fills `out` with the pseudorandom function of TLS 1.2 (RFC 5246 §5); `seed` begins with the label.
fn prf(hash: Hash, secret: &[u8], seed: &[u8], out: &mut [u8]) {
    let key = hmac::Key::new(hash.hmac(), secret);
    let mut a = hmac::sign(&key, seed);
    for part in out.chunks_mut(hash.len()) {
        let mut context = hmac::Context::with_key(&key);
        context.update(a.as_ref());
        context.update(seed);
        let tag = context.sign();
        for (slot, octet) in part.iter_mut().zip(tag.as_ref()) {
            *slot = *octet;
        }
        a = hmac::sign(&key, a.as_ref());
    }
}

/// The keys of one direction in TLS 1.3, from a traffic secret.
pub(super) fn from_traffic(suite: Suite, secret: &Secret) -> Option<Opener> {
    if secret.bytes().len() != suite.hash.len() {
        return None;
    }
    let (mut key, mut iv) = (Zeroizing::new([0; KEY_MAX]), Zeroizing::new([0; NONCE]));
    let key = key.get_mut(..suite.aead.key_len())?;
    expand(suite.hash, secret, b"tls13 key", key)?;
    expand(suite.hash, secret, b"tls13 iv", &mut *iv)?;
    Opener::new(suite, key, &*iv)
}

/// The traffic secret after a `KeyUpdate` (RFC 8446 §7.2).
pub(super) fn updated(suite: Suite, secret: &Secret) -> Option<Secret> {
    let mut octets = Zeroizing::new([0; 48]);
    let octets = octets.get_mut(..suite.hash.len())?;
    expand(suite.hash, secret, b"tls13 traffic upd", octets)?;
    Secret::new(octets)
}

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label without context (RFC 8446 §7.1).
fn expand(hash: Hash, secret: &Secret, label: &[u8], out: &mut [u8]) -> Option<()> {
    let (len, label_len) = (u16::try_from(out.len()).ok()?, u8::try_from(label.len()).ok()?);
    let info = [&len.to_be_bytes()[..], &[label_len], label, &[0]];
    let prk = hkdf::Prk::new_less_safe(hash.hkdf(), secret.bytes());
    prk.expand(&info, Len(out.len())).ok()?.fill(out).ok()
}

#[cfg(test)]
impl Opener {
    /// Makes the `number`th record.
    pub(super) fn seal(&self, number: u64, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut nonce = *self.iv;
        let explicit = number.wrapping_add(7).to_be_bytes();
        if self.suite.explicit {
            nonce[4..].copy_from_slice(&explicit);
        } else {
            for (octet, part) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
                *octet ^= part;
            }
        }
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let mut sealed = content.to_vec();
        if self.suite.modern {
            sealed.push(kind);
            let len = u16::try_from(sealed.len() + TAG).unwrap().to_be_bytes();
            let header = [23, 3, 3, len[0], len[1]];
            let aad = aead::Aad::from(header);
            self.key.seal_in_place_append_tag(nonce, aad, &mut sealed).unwrap();
            return [&header[..], &sealed].concat();
        }
        let len = u16::try_from(sealed.len()).unwrap().to_be_bytes();
        let aad = [&number.to_be_bytes()[..], &[kind, 3, 3], &len].concat();
        self.key.seal_in_place_append_tag(nonce, aead::Aad::from(aad), &mut sealed).unwrap();
        let explicit: &[u8] = if self.suite.explicit { &explicit } else { &[] };
        let len = u16::try_from(explicit.len() + sealed.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3, len[0], len[1]][..], explicit, &sealed].concat()
    }
}
