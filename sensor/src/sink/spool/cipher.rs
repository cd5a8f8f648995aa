//! Sealing: AES-256-GCM with a key of its own for each segment.
//!
//! The segment's key is derived (HKDF-SHA-256, RFC 5869) of the spool key and a random salt in the segment's header;
//! the nonce is the frame's sequence, used once in a segment: after any failed write the segment is left. The
//! additional data is the header and the sequence, so that a frame opens only in its own place.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

use super::segment::{CHECK_LEN, HEADER_LEN, Header, KID_LEN, SALT_LEN};

/// Octets a seal adds to a payload.
pub(super) const TAG_LEN: usize = 16;

/// The keys that open a spool, and the one that seals. Clones share them: what [`replace`](Self::replace) changes
/// is changed for the spool that they opened. Zeroed when dropped; no `Debug`.
#[derive(Clone)]
pub struct Keys {
    keys: Arc<RwLock<Named>>,
}

/// Name and key, oldest first.
type Named = Vec<([u8; KID_LEN], Zeroizing<[u8; 32]>)>;

impl Keys {
    /// Keys by name, oldest first: the last seals, each opens. They must be derived for this purpose alone
    /// ([`redact::Keys::derive`](crate::redact::Keys::derive) does). Names have 1 to 8 octets; longer ones are cut.
    pub fn new(keys: impl IntoIterator<Item = (String, Zeroizing<[u8; 32]>)>) -> Self {
        Self { keys: Arc::new(RwLock::new(named(keys))) }
    }

    /// Puts other keys in force, after a rotation: the next record begins a segment of the newest. Without any,
    /// those before stay.
    pub fn replace(&self, keys: impl IntoIterator<Item = (String, Zeroizing<[u8; 32]>)>) {
        let keys = named(keys);
        if !keys.is_empty() {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Whether the newest key has this name.
    pub(super) fn is_newest(&self, kid: &[u8; KID_LEN]) -> bool {
        self.read().last().is_some_and(|(newest, _)| newest == kid)
    }

    fn read(&self) -> RwLockReadGuard<'_, Named> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(keys: impl IntoIterator<Item = (String, Zeroizing<[u8; 32]>)>) -> Named {
    keys.into_iter().map(|(name, key)| (kid(&name), key)).collect()
}

fn kid(name: &str) -> [u8; KID_LEN] {
    let mut kid = [0; KID_LEN];
    kid.iter_mut().zip(name.bytes()).for_each(|(to, octet)| *to = octet);
    kid
}

/// A key's name as text.
pub(super) fn kid_text(kid: &[u8; KID_LEN]) -> String {
    kid.iter()
        .take_while(|octet| **octet != 0)
        .map(|octet| char::from(*octet))
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '?' })
        .collect()
}

/// Seals and opens the frames of one segment.
pub(super) struct SegmentKey {
    key: LessSafeKey,
    header: [u8; HEADER_LEN],
}

impl SegmentKey {
    /// Fills `kid` and `check` of a new segment's header, whose other fields stand; its key. `None` without keys.
    pub(super) fn create(keys: &Keys, header: &mut Header) -> Option<Self> {
        let keys = keys.read();
        let (kid, root) = keys.last()?;
        header.kid = *kid;
        let secret = extract(root, &header.salt);
        header.check = check(&secret)?;
        Self::new(&secret, header)
    }

    /// The key of a segment that was written before; `None` when it is not among `keys`.
    pub(super) fn find(keys: &Keys, header: &Header) -> Option<Self> {
        let keys = keys.read();
        let named = keys.iter().filter(|(kid, _)| *kid == header.kid);
        named
            .map(|(_, root)| extract(root, &header.salt))
            .find(|secret| check(secret) == Some(header.check))
            .and_then(|secret| Self::new(&secret, header))
    }

    fn new(secret: &Prk, header: &Header) -> Option<Self> {
        let key = UnboundKey::from(secret.expand(&[b"frames"], &AES_256_GCM).ok()?);
        Some(Self { key: LessSafeKey::new(key), header: header.encode() })
    }

    /// Seals what stands in `octets` from `from` on, in place; the tag is put behind it. `false` when it is
    /// too long to be sealed.
    pub(super) fn seal(&self, seq: u64, octets: &mut Vec<u8>, from: usize) -> bool {
        let Some(payload) = octets.get_mut(from..) else { return false };
        let sealed =
            self.key.seal_in_place_separate_tag(nonce(seq), Aad::from(self.aad(seq)), payload);
        match sealed {
            Ok(tag) => octets.extend_from_slice(tag.as_ref()),
            Err(_) => return false,
        }
        true
    }

    /// Opens a sealed payload in place; `None` when it was not sealed so.
    pub(super) fn open<'a>(&self, seq: u64, sealed: &'a mut [u8]) -> Option<&'a [u8]> {
        let aad = Aad::from(self.aad(seq));
        self.key.open_in_place(nonce(seq), aad, sealed).ok().map(|plain| &*plain)
    }

    fn aad(&self, seq: u64) -> [u8; HEADER_LEN + 8] {
        let mut aad = [0; HEADER_LEN + 8];
        let (header, end) = aad.split_at_mut(HEADER_LEN);
        header.copy_from_slice(&self.header);
        end.copy_from_slice(&seq.to_be_bytes());
        aad
    }
}

fn nonce(seq: u64) -> Nonce {
    let mut nonce = [0; 12];
    if let Some(end) = nonce.last_chunk_mut::<8>() {
        *end = seq.to_be_bytes();
    }
    Nonce::assume_unique_for_key(nonce)
}

fn extract(root: &[u8; 32], salt: &[u8; SALT_LEN]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(root)
}

struct CheckLen;

impl KeyType for CheckLen {
    fn len(&self) -> usize {
        CHECK_LEN
    }
}

fn check(secret: &Prk) -> Option<[u8; CHECK_LEN]> {
    let mut check = [0; CHECK_LEN];
    secret.expand(&[b"check"], CheckLen).ok()?.fill(&mut check).ok()?;
    Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[(&str, u8)]) -> Keys {
        Keys::new(names.iter().map(|(name, fill)| ((*name).into(), Zeroizing::new([*fill; 32]))))
    }

    fn header(salt: u8) -> Header {
        Header {
            kid: [0; KID_LEN],
            salt: [salt; SALT_LEN],
            number: 1,
            first_seq: 1,
            frames_before: 0,
            created: 0,
            check: [0; CHECK_LEN],
        }
    }

    fn sealed(key: &SegmentKey, seq: u64) -> Vec<u8> {
        let mut octets = b"secret".to_vec();
        assert!(key.seal(seq, &mut octets, 0));
        octets
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place() {
        let keys = keys(&[("k1", 1)]);
        let mut here = header(1);
        let key = SegmentKey::create(&keys, &mut here).unwrap();
        let octets = sealed(&key, 7);
        assert!(!octets.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.open(7, &mut octets.clone()), Some(&b"secret"[..]));
        assert_eq!(key.open(8, &mut octets.clone()), None);
        let mut there = Header { number: 2, ..header(1) };
        let other = SegmentKey::create(&keys, &mut there).unwrap();
        assert_eq!(other.open(7, &mut octets.clone()), None);
        assert_ne!(sealed(&SegmentKey::create(&keys, &mut header(2)).unwrap(), 7), octets);
    }

    #[test]
    fn older_keys_open_and_the_newest_seals() {
        let mut old = header(1);
        let octets = sealed(&SegmentKey::create(&keys(&[("k1", 1)]), &mut old).unwrap(), 1);
        let both = keys(&[("k1", 1), ("k2", 2)]);
        let found = SegmentKey::find(&both, &old).unwrap();
        assert_eq!(found.open(1, &mut octets.clone()), Some(&b"secret"[..]));
        let mut new = header(1);
        assert!(SegmentKey::create(&both, &mut new).is_some());
        assert_eq!(kid_text(&new.kid), "k2");
        // Neither a missing key nor another of the same name is taken for it.
        assert!(SegmentKey::find(&keys(&[("k2", 2)]), &old).is_none());
        assert!(SegmentKey::find(&keys(&[("k1", 3)]), &old).is_none());
    }
}
