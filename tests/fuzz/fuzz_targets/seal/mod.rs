//! Records of a session whose secrets are known, as its ends would seal them (RFC 8446 §5.2, RFC 5246 §6).

use apitap::reassembly::Side;
use ring::{aead, hkdf, hmac};

/// Keys of one direction.
struct Key(aead::LessSafeKey, Vec<u8>);

/// Seals the records of both sides.
pub struct Sealer {
    modern: bool,
    cipher: u16,
    keys: [Key; 2],
    numbers: [u64; 2],
}

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

fn algorithm(cipher: u16) -> &'static aead::Algorithm {
    match cipher {
        0x1301 | 0xc02f => &aead::AES_128_GCM,
        0x1302 => &aead::AES_256_GCM,
        _ => &aead::CHACHA20_POLY1305,
    }
}

/// The keys that a secret of these octets stands for.
fn modern(cipher: u16, octet: u8) -> Key {
    let (hash, len) =
        if cipher == 0x1302 { (hkdf::HKDF_SHA384, 48) } else { (hkdf::HKDF_SHA256, 32) };
    let secret = hkdf::Prk::new_less_safe(hash, &vec![octet; len]);
    let expand = |label: &[u8], len: usize| {
        let info = [&[0, len as u8, label.len() as u8][..], label, &[0]];
        let mut out = vec![0; len];
        secret.expand(&info, Len(len)).and_then(|okm| okm.fill(&mut out)).expect("short enough");
        out
    };
    let algorithm = algorithm(cipher);
    let key = expand(b"tls13 key", algorithm.key_len());
    key_of(algorithm, &key, expand(b"tls13 iv", 12))
}

fn key_of(algorithm: &'static aead::Algorithm, key: &[u8], iv: Vec<u8>) -> Key {
    let key = aead::UnboundKey::new(algorithm, key).expect("as long as it is");
    Key(aead::LessSafeKey::new(key), iv)
}

/// The keys of both sides in TLS 1.2.
fn classic(cipher: u16) -> [Key; 2] {
    let algorithm = algorithm(cipher);
    let (key, iv) = (algorithm.key_len(), if cipher == 0xc02f { 4 } else { 12 });
    let seed = [&b"key expansion"[..], &[8; 32], &[7; 32]].concat();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &[0x22; 48]);
    let (mut block, mut a) = (Vec::new(), hmac::sign(&secret, &seed));
    while block.len() < 2 * (key + iv) {
        block.extend(hmac::sign(&secret, &[a.as_ref(), &seed].concat()).as_ref());
        a = hmac::sign(&secret, a.as_ref());
    }
    let ivs = &block[2 * key..];
    [0, 1].map(|n| {
        key_of(algorithm, &block[n * key..(n + 1) * key], ivs[n * iv..(n + 1) * iv].to_vec())
    })
}

impl Sealer {
    /// At the handshake.
    pub fn new(cipher: u16, is_modern: bool) -> Self {
        let keys = match is_modern {
            true => [0x55, 0x44].map(|octet| modern(cipher, octet)),
            false => classic(cipher),
        };
        Self { modern: is_modern, cipher, keys, numbers: [0; 2] }
    }

    /// Behind the handshake of one side.
    pub fn turn(&mut self, side: Side) {
        if self.modern {
            let octet = [0x11, 0x33][side.index()];
            self.keys[side.index()] = modern(self.cipher, octet);
            self.numbers[side.index()] = 0;
        }
    }

    /// The next record of a side.
    pub fn seal(&mut self, side: Side, kind: u8, content: &[u8]) -> Vec<u8> {
        let Key(key, iv) = &self.keys[side.index()];
        let number = &mut self.numbers[side.index()];
        let counted = number.to_be_bytes();
        *number += 1;
        let explicit = iv.len() == 4;
        let mut nonce = [0; 12];
        nonce[..iv.len()].copy_from_slice(iv);
        for (octet, part) in nonce[4..].iter_mut().zip(counted) {
            *octet ^= part;
        }
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let mut sealed = content[..content.len().min(1 << 14)].to_vec();
        let len = |len: usize| (len as u16).to_be_bytes();
        let (header, aad) = if self.modern {
            sealed.push(kind);
            let header = [&[23, 3, 3][..], &len(sealed.len() + 16)].concat();
            (header.clone(), header)
        } else {
            let aad = [&counted[..], &[kind, 3, 3], &len(sealed.len())].concat();
            let whole = sealed.len() + 16 + if explicit { 8 } else { 0 };
            ([&[kind, 3, 3][..], &len(whole)].concat(), aad)
        };
        key.seal_in_place_append_tag(nonce, aead::Aad::from(aad), &mut sealed).expect("short");
        let explicit: &[u8] = if explicit { &counted } else { &[] };
        [&header, explicit, &sealed].concat()
    }
}
