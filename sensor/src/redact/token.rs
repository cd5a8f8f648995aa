//! Tokens: HMAC-SHA-256 over `v1 ‖ 0 ‖ class ‖ 0 ‖ normalised value`, cut to 128 bits.
//!
//! One key per tenant, class and epoch, derived from the root key by HKDF-SHA-256 (RFC 5869) with the info
//! `len ‖ tenant ‖ len ‖ class ‖ len ‖ kid`, each length one big-endian `u16`.
//!
//! While epochs overlap, a token carries those of the epochs before. Which ones do so is a matter of capture time: the
//! same capture has the same records whenever it is read, and no stage needs a clock.

use std::hash::BuildHasher as _;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::class::Class;
use super::config::Config;
use super::key::Keys;
use super::token_text::{self as text, DIGITS};
use super::{derive, hmac, normal};
use crate::time::Timestamp;

/// Classes that have tokens.
const CLASSES: usize = Class::TOKENS.len();
/// Tokens remembered of short values, and of long ones: both powers of two.
const SLOTS: [usize; 2] = [1024, 64];
/// Longest short value and longest value remembered, in octets.
const SHORT_MAX: usize = 48;
const LONG_MAX: usize = 512;

/// Makes tokens. No `Debug`: it holds keys.
pub(crate) struct Tokenizer {
    /// By tenant, epoch and class: see [`Tokenizer::base`].
    makers: Vec<hmac::Key>,
    /// What stands before the digits, by how many epochs overlap and class.
    heads: Vec<Vec<u8>>,
    /// What stands before the digits of a previous token, by epoch but the one in force, and class.
    previous_heads: Vec<Vec<u8>>,
    /// Position of a class among those that have tokens, by class.
    positions: [usize; Class::COUNT],
    /// When the tokens of each epoch before end, the last first.
    ends: Vec<Timestamp>,
    /// How many of these epochs make tokens of the call at hand.
    overlaps: usize,
    /// Where the makers of the call's tenant begin.
    base: usize,
    kid: String,
    country: String,
    scratch: Zeroizing<Vec<u8>>,
    /// The same values come again within a call and from call to call.
    short: Recents<SHORT_MAX>,
    /// Bearer tokens, mostly.
    long: Recents<LONG_MAX>,
    hasher: foldhash::fast::RandomState,
}

/// Tokens made before, one for each hash.
struct Recents<const LEN: usize>(Vec<Recent<LEN>>);

/// A token made before. Holds the value, so it is overwritten when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
struct Recent<const LEN: usize> {
    /// Position of the maker, plus one; 0 when empty.
    maker: usize,
    len: usize,
    value: [u8; LEN],
    digits: [u8; DIGITS],
}

impl<const LEN: usize> Recents<LEN> {
    fn new(slots: usize) -> Self {
        Self(vec![Recent { maker: 0, len: 0, value: [0; LEN], digits: [b'a'; DIGITS] }; slots])
    }

    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash).unwrap_or(0) & self.0.len().saturating_sub(1)
    }

    fn get(&self, hash: u64, maker: usize, value: &[u8]) -> Option<&[u8; DIGITS]> {
        let known = self.0.get(self.slot(hash))?;
        let same = known.maker == maker && known.value.get(..known.len) == Some(value);
        same.then_some(&known.digits)
    }

    fn put(&mut self, hash: u64, maker: usize, value: &[u8], digits: [u8; DIGITS]) {
        let at = self.slot(hash);
        let Some(recent) = self.0.get_mut(at) else { return };
        let Some(room) = recent.value.get_mut(..value.len()) else { return };
        room.copy_from_slice(value);
        (recent.maker, recent.len, recent.digits) = (maker, value.len(), digits);
    }
}

impl Tokenizer {
    /// Tokens under the key in force, and those that overlap with it.
    pub(crate) fn new(keys: &Keys, policy: &Config) -> Self {
        let epochs = keys.makers(policy.overlap_days);
        let tenants = [policy.tenant.as_str()];
        let mut makers = Vec::with_capacity(tenants.len() * epochs.len() * CLASSES);
        for tenant in tenants {
            for epoch in &epochs {
                let root = derive::extract(b"apitap tokens v1", epoch.root);
                let maker = |class: &Class| {
                    let info = info([tenant, class.name(), epoch.kid]);
                    hmac::Key::new(&derive::expand(&root, &info))
                };
                makers.extend(Class::TOKENS.iter().map(maker));
            }
        }
        let kids: Vec<&str> = epochs.iter().map(|epoch| epoch.kid).collect();
        let heads = (0..kids.len()).flat_map(|overlaps| {
            let kids = kids.get(..=overlaps).unwrap_or_default();
            Class::TOKENS.iter().map(|class| text::head(*class, kids)).collect::<Vec<_>>()
        });
        let previous_heads = kids.iter().skip(1).flat_map(|kid| {
            Class::TOKENS.iter().map(|class| text::previous_head(*class, kid)).collect::<Vec<_>>()
        });
        let mut positions = [0; Class::COUNT];
        for (position, class) in Class::TOKENS.iter().enumerate() {
            if let Some(slot) = positions.get_mut(*class as usize) {
                *slot = position;
            }
        }
        let [short, long] = SLOTS;
        Self {
            makers,
            heads: heads.collect(),
            previous_heads: previous_heads.collect(),
            positions,
            ends: epochs.iter().skip(1).map(|epoch| epoch.end).collect(),
            overlaps: 0,
            base: 0,
            kid: keys.kid().into(),
            country: policy.phone_country.clone(),
            scratch: Zeroizing::new(Vec::with_capacity(4096)),
            short: Recents::new(short),
            long: Recents::new(long),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Key id of the tokens.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Makes what follows the tokens of a call captured at `time`.
    pub(crate) fn turn(&mut self, time: Timestamp) {
        self.overlaps = self.ends.iter().take_while(|end| **end > time).count();
    }

    /// Appends the token of `value`, normalised, under the key of [`Class::token`]: a `Value` of the schema.
    pub(crate) fn token(&mut self, class: Class, value: &[u8], out: &mut Vec<u8>) {
        let class = class.token();
        // Every class has its maker; the first one's key is no weaker.
        let position = self.positions.get(class as usize).copied().unwrap_or(0);
        let of = |heads: &'_ [Vec<u8>], row: usize, out: &mut Vec<u8>| {
            let head = heads.get(row.saturating_mul(CLASSES).saturating_add(position));
            out.extend_from_slice(head.map_or(&[], Vec::as_slice));
        };
        of(&self.heads, self.overlaps, out);
        let mut maker = self.base.saturating_add(position);
        out.extend_from_slice(&self.digits(maker, class, value));
        for epoch in 0..self.overlaps {
            maker = maker.saturating_add(CLASSES);
            of(&self.previous_heads, epoch, out);
            out.extend_from_slice(&self.digits(maker, class, value));
        }
    }

    /// The digits of a token.
    fn digits(&mut self, position: usize, class: Class, value: &[u8]) -> [u8; DIGITS] {
        let marked = position.saturating_add(1);
        let (short, kept) = (value.len() <= SHORT_MAX, value.len() <= LONG_MAX);
        let hash = if kept { self.hasher.hash_one((marked, value)) } else { 0 };
        let known = match () {
            () if short => self.short.get(hash, marked, value),
            () if kept => self.long.get(hash, marked, value),
            () => None,
        };
        if let Some(digits) = known {
            return *digits;
        }
        // There is a maker for all that is asked for.
        let Some(maker) = self.makers.get(position) else { return [b'a'; DIGITS] };
        self.scratch.clear();
        self.scratch.extend_from_slice(b"v1\0");
        self.scratch.extend_from_slice(class.name().as_bytes());
        self.scratch.push(0);
        normal::push(class, value, &self.country, &mut self.scratch);
        let digits = text::base32(maker.tag(&mut self.scratch));
        if short {
            self.short.put(hash, marked, value, digits);
        } else if kept {
            self.long.put(hash, marked, value, digits);
        }
        digits
    }
}

/// What a key is derived for.
fn info<const N: usize>(parts: [&str; N]) -> Vec<u8> {
    let mut info = Vec::new();
    for part in parts {
        let len = u16::try_from(part.len()).unwrap_or(u16::MAX);
        info.extend_from_slice(&len.to_be_bytes());
        info.extend_from_slice(part.as_bytes());
    }
    info
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use base64::engine::general_purpose::STANDARD;
    use prost::Message as _;

    use super::*;

    fn keys(kid: &str) -> Keys {
        let root = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        Keys::parse(format!("apitap-keys 1\nkey {kid} 2026-01-01 {root}\n").as_bytes()).unwrap()
    }

    fn token(tokens: &mut Tokenizer, class: Class, value: &[u8]) -> v1::Token {
        let mut out = Vec::new();
        tokens.token(class, value, &mut out);
        match v1::Value::decode(out.as_slice()).unwrap().form {
            Some(v1::value::Form::Token(token)) => {
                assert_eq!(&out[text::text_of(&out)], token.text.as_bytes());
                token
            }
            _ => panic!("no token"),
        }
    }

    fn of_tenant(keys: &Keys, tenant: &str) -> Tokenizer {
        Tokenizer::new(keys, &Config { tenant: tenant.into(), ..Config::default() })
    }

    #[test]
    fn the_form_is_stable() {
        // Computed apart from this code: python3 hmac and hashlib.
        let token = token(&mut of_tenant(&keys("k1"), ""), Class::Id, b"42");
        assert_eq!(token.class, "id");
        assert_eq!(token.key_id, "k1");
        assert_eq!(token.text, include_str!("vector.txt").trim());
    }

    #[test]
    fn what_is_remembered_is_what_is_made() {
        let mut tokens = of_tenant(&keys("k1"), "");
        let long = |n: usize| {
            if n.is_multiple_of(7) { "long ".repeat(12 + n % 90) } else { String::new() }
        };
        let value = |n| format!("value {n}{}", long(n));
        let values: Vec<String> = (0..3000).map(|n| value(n % 1500)).collect();
        let mut made = hashbrown::HashMap::new();
        for value in &values {
            for class in [Class::Id, Class::Name] {
                let token = token(&mut tokens, class, value.as_bytes());
                let same = made.entry((class, value)).or_insert_with(|| token.clone());
                assert_eq!(*same, token);
            }
        }
        let texts: hashbrown::HashSet<_> = made.values().map(|token| &token.text).collect();
        assert_eq!(texts.len(), made.len());
    }

    #[test]
    fn tenant_class_and_epoch_separate() {
        let text = |kid: &str, tenant: &str, class, value: &[u8]| {
            let token = token(&mut of_tenant(&keys(kid), tenant), class, value);
            token.text.rsplit('_').next().unwrap_or_default().to_string()
        };
        let one = text("k1", "", Class::Id, b"42");
        assert_eq!(one, text("k1", "", Class::Id, b"42"));
        assert_eq!(one, text("k1", "", Class::Account, b"42"));
        assert_eq!(one.len(), 26);
        for other in [
            text("k2", "", Class::Id, b"42"),
            text("k1", "a", Class::Id, b"42"),
            text("k1", "", Class::Session, b"42"),
            text("k1", "", Class::Id, b"43"),
        ] {
            assert_ne!(one, other);
        }
    }

    /// Three epochs, of which the first ends before the second.
    fn rotated() -> Keys {
        let root = |octet: u8| base64::Engine::encode(&STANDARD, [octet; 32]);
        let line = |n: u8, date: &str, end: &str| format!("key k{n} {date} {}{end}\n", root(n));
        let lines = [
            line(1, "2026-01-01", " until=2026-02-10"),
            line(2, "2026-02-01", ""),
            line(3, "2026-02-05", ""),
        ];
        Keys::parse(format!("apitap-keys 1\n{}", lines.concat()).as_bytes()).unwrap()
    }

    fn on(date: &str) -> Timestamp {
        let time: jiff::Timestamp = format!("{date}T12:00:00Z").parse().unwrap();
        Timestamp::new(time.as_second().try_into().unwrap(), 0)
    }

    #[test]
    fn tokens_of_overlapping_epochs_stand_side_by_side() {
        let keys = rotated();
        let mut tokens = Tokenizer::new(&keys, &Config { overlap_days: 30, ..Config::default() });
        let alone = |kid: &str| {
            let text = keys.to_file_text();
            let line = text.lines().find(|line| line.starts_with(&format!("key {kid} "))).unwrap();
            let line = line.split(" until").next().unwrap();
            let keys = Keys::parse(format!("apitap-keys 1\n{line}\n").as_bytes()).unwrap();
            move |class, value: &[u8]| token(&mut of_tenant(&keys, ""), class, value).text
        };
        let (k1, k2, k3) = (alone("k1"), alone("k2"), alone("k3"));
        let long = "https://shop.example/".repeat(9);
        for (class, value) in
            [(Class::Id, "42"), (Class::Email, "kim@example.com"), (Class::Path, &long)]
        {
            let value = value.as_bytes();
            // In and out of the overlap, and in again: what is remembered must not matter.
            for (date, previous) in [
                ("2026-02-06", vec![("k2", k2(class, value)), ("k1", k1(class, value))]),
                ("2026-02-11", vec![("k2", k2(class, value))]),
                ("2026-03-07", vec![("k2", k2(class, value))]),
                ("2026-03-08", vec![]),
                ("2026-02-10", vec![("k2", k2(class, value)), ("k1", k1(class, value))]),
            ] {
                tokens.turn(on(date));
                let token = token(&mut tokens, class, value);
                assert_eq!((token.key_id.as_str(), token.text), ("k3", k3(class, value)), "{date}");
                let found = token.previous.iter().map(|p| (p.key_id.as_str(), p.text.clone()));
                assert_eq!(found.collect::<Vec<_>>(), previous, "{date}");
            }
        }
    }
}
