//! Deterministic authenticated encryption (AES-SIV, RFC 5297): values that who holds the key may read again.
//!
//! Equal values are equal sealed, which is what tokens are for; nothing else can be told of them but their length.

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use zeroize::Zeroizing;

/// Octets of a key of AES-256: half for the synthetic IV, half for the cipher.
pub(super) const KEY: usize = 64;
/// Octets of the synthetic IV, which stands before the ciphertext.
const IV: usize = 16;

/// Seals and opens under one key, which is overwritten when dropped. No `Debug`.
pub(super) struct Sealer<S = Aes256Siv>(S);

/// What is needed of the library, for keys of any size.
pub(super) trait Siv {
    /// Encrypts in place; gives back the synthetic IV.
    fn seal(&mut self, about: &[&[u8]], octets: &mut [u8]) -> Option<[u8; IV]>;

    /// Decrypts in place; `None` when it was sealed by another key or about something else.
    fn open(&mut self, about: &[&[u8]], octets: &mut [u8], iv: [u8; IV]) -> Option<()>;
}

macro_rules! siv {
    ($siv:ty) => {
        impl Siv for $siv {
            fn seal(&mut self, about: &[&[u8]], octets: &mut [u8]) -> Option<[u8; IV]> {
                self.encrypt_in_place_detached(about, octets).ok().map(Into::into)
            }

            fn open(&mut self, about: &[&[u8]], octets: &mut [u8], iv: [u8; IV]) -> Option<()> {
                self.decrypt_in_place_detached(about, octets, &iv.into()).ok()
            }
        }
    };
}

siv!(Aes256Siv);

impl Sealer {
    /// Under this key.
    pub(super) fn new(key: &[u8; KEY]) -> Self {
        Self(Aes256Siv::new(key.into()))
    }
}

impl<S: Siv> Sealer<S> {
    /// Appends `value` sealed, and bound to what it is `about`; `false` (and nothing appended) when that cannot be.
    pub(super) fn seal(&mut self, about: &[&[u8]], value: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.extend_from_slice(&[0; IV]);
        out.extend_from_slice(value);
        let sealed = out.get_mut(start..).and_then(|place| place.split_first_chunk_mut::<IV>());
        let iv = sealed.and_then(|(iv, octets)| {
            *iv = self.0.seal(about, octets)?;
            Some(())
        });
        if iv.is_none() {
            // The library left the value there.
            out.get_mut(start..).unwrap_or_default().fill(0);
            out.truncate(start);
        }
        iv.is_some()
    }

    /// The value that was sealed.
    pub(super) fn open(&mut self, about: &[&[u8]], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (iv, octets) = sealed.split_first_chunk::<IV>()?;
        let mut octets = Zeroizing::new(octets.to_vec());
        self.0.open(about, &mut octets, *iv)?;
        Some(octets)
    }
}

#[cfg(test)]
mod tests {
    use aes_siv::siv::Aes128Siv;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    use super::*;

    // The vectors of the RFC are of AES-128.
    siv!(Aes128Siv);

    fn octets(hex: &str) -> Vec<u8> {
        HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    fn check(key: &str, about: &[&str], value: &str, sealed: &str) {
        let mut sealer = Sealer(Aes128Siv::new_from_slice(&octets(key)).unwrap());
        let about: Vec<Vec<u8>> = about.iter().map(|hex| octets(hex)).collect();
        let about: Vec<&[u8]> = about.iter().map(Vec::as_slice).collect();
        let mut out = b"before".to_vec();
        assert!(sealer.seal(&about, &octets(value), &mut out));
        assert_eq!(&out[6..], octets(sealed));
        assert_eq!(sealer.open(&about, &out[6..]).unwrap().as_slice(), octets(value));
    }

    // RFC 5297, appendix A.1 and A.2.
    #[test]
    fn what_is_sealed_is_as_in_rfc5297() {
        check(
            "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            &["101112131415161718191a1b1c1d1e1f2021222324252627"],
            "112233445566778899aabbccddee",
            "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c",
        );
        check(
            "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
            &[
                "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
                "102030405060708090a0",
                "09f911029d74e35bd84156c5635688c0",
            ],
            "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553",
            "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829\
             ea64ad544a272e9c485b62a3fd5c0d",
        );
    }

    proptest! {
        #[test]
        fn only_the_same_key_and_subject_open(
            key: [u8; 32],
            value in prop::collection::vec(any::<u8>(), 1..100),
            bit in 0..128_usize,
        ) {
            let key = [key, key].concat().try_into().unwrap();
            let mut sealed = Vec::new();
            prop_assert!(Sealer::new(&key).seal(&[b"shop", b"id"], &value, &mut sealed));
            prop_assert_eq!(sealed.len(), 16 + value.len());
            let open = |key: &[u8; 64], about: &[&[u8]], sealed: &[u8]| {
                Sealer::new(key).open(about, sealed).map(|value| value.to_vec())
            };
            prop_assert_eq!(open(&key, &[b"shop", b"id"], &sealed), Some(value));
            prop_assert_eq!(open(&key, &[b"shop", b"email"], &sealed), None);
            prop_assert_eq!(open(&key, &[b"shopid"], &sealed), None);
            let mut other = key;
            other[bit / 2] ^= 1;
            prop_assert_eq!(open(&other, &[b"shop", b"id"], &sealed), None);
            sealed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(open(&key, &[b"shop", b"id"], &sealed), None);
            prop_assert_eq!(open(&key, &[b"shop", b"id"], &sealed[..15]), None);
        }
    }
}
