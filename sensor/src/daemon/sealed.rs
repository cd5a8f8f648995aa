//! Small files that only this sensor's keys open: AES-256-GCM, whole or not at all.
//!
//! ```text
//! "apitap-sealed 1\n" | key id: 8 | nonce: 12, random | sealed | tag: 16
//! ```
//!
//! What comes before the nonce is authenticated, too.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

/// Id and key, oldest first: the last seals, each opens.
pub type Keys = Vec<(String, Zeroizing<[u8; 32]>)>;

const MAGIC: &[u8; 16] = b"apitap-sealed 1\n";
const KID_LEN: usize = 8;
const HEAD_LEN: usize = MAGIC.len() + KID_LEN;

/// Seals with the newest key; `None` without keys, or when the system has no random numbers.
pub(super) fn seal(keys: &Keys, mut octets: Vec<u8>) -> Option<Vec<u8>> {
    let (kid, key) = keys.last()?;
    let head = head(kid);
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).ok()?;
    let mut out = [&head[..], &nonce[..]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key[..]).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(head), &mut octets).ok()?;
    out.append(&mut octets);
    Some(out)
}

/// Opens what one of the keys sealed.
pub(super) fn open(keys: &Keys, mut octets: Vec<u8>) -> Option<Vec<u8>> {
    let (found, rest) = octets.split_first_chunk_mut::<HEAD_LEN>()?;
    let (nonce, sealed) = rest.split_first_chunk_mut::<NONCE_LEN>()?;
    let (_, key) = keys.iter().find(|(kid, _)| head(kid) == *found)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key[..]).ok()?);
    let nonce = Nonce::assume_unique_for_key(*nonce);
    key.open_in_place(nonce, Aad::from(*found), sealed).ok().map(|plain| plain.to_vec())
}

fn head(kid: &str) -> [u8; HEAD_LEN] {
    let mut head = [0; HEAD_LEN];
    let octets = MAGIC.iter().copied().chain(kid.bytes());
    head.iter_mut().zip(octets).for_each(|(to, octet)| *to = octet);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_opens_and_nothing_else_does() {
        let key = |name: &str, fill| (name.to_owned(), Zeroizing::new([fill; 32]));
        let old = vec![key("k1", 1)];
        let both = vec![key("k1", 1), key("k2", 2)];
        let sealed = seal(&old, b"secret".to_vec()).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(open(&both, sealed.clone()).unwrap(), b"secret");
        assert_ne!(seal(&old, b"secret".to_vec()).unwrap(), sealed);
        assert_eq!(open(&old, seal(&both, b"secret".to_vec()).unwrap()), None);
        assert_eq!(open(&vec![key("k1", 3)], sealed.clone()), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(open(&both, other), None, "{at}");
            assert_eq!(open(&both, sealed[..at].to_vec()), None, "{at}");
        }
        assert_eq!(seal(&Vec::new(), Vec::new()), None);
    }
}
