//! Tokens: HMAC-SHA-256 over `v1 ‖ 0 ‖ class ‖ 0 ‖ normalised value`, cut to 128 bits.
//!
//! One key per tenant, class and epoch, derived from the root key by HKDF-SHA-256 (RFC 5869) with the info
//! `len ‖ tenant ‖ len ‖ class ‖ len ‖ kid`, each length one big-endian `u16`.
//!
//! While epochs overlap, a token carries those of the epochs before. Which ones do so is a matter of capture time: the
//! same capture has the same records whenever it is read, and no stage needs a clock.

use std::hash::BuildHasher as _;

use zeroize::Zeroizing;

use super::class::Class;
use super::config::Config;
use super::formed::Formed;
use super::key::Keys;
use super::recents::{Blocks, Recents};
use super::token_text::{self as text, Digits};
use super::{derive, hmac, lay, normal, schema, wire};
use crate::time::Timestamp;

/// Keys of tokens are derived with this salt.
pub(super) const SALT: &[u8] = b"apitap tokens v1";
/// Classes that have tokens.
const CLASSES: usize = Class::TOKENS.len();
/// Longest value remembered that takes more than one block, in octets.
const LONG_MAX: usize = 512;

/// Makes tokens. No `Debug`: it holds keys.
pub(crate) struct Tokenizer {
    /// By tenant, epoch and class.
    makers: Vec<hmac::Key>,
    /// The same for tokens of another form; empty when no class has them.
    formed: Vec<Option<Box<Formed>>>,
    /// What tokens are made with, by class.
    forms: Vec<Form>,
    /// A token without digits, by how many epochs overlap and class.
    texts: Vec<text::Blank>,
    /// A previous token without digits, by epoch but the one in force, and class.
    previous_texts: Vec<text::Blank>,
    /// Position of a class among those that have tokens, by class.
    positions: [usize; Class::COUNT],
    /// When the tokens of each epoch before end, the last first.
    ends: Vec<Timestamp>,
    /// How many of these epochs make tokens of the call at hand.
    overlaps: usize,
    /// Whose keys there are; the first is whoever is none of the others.
    tenants: Vec<String>,
    /// Which one the call at hand is of.
    tenant: usize,
    /// Where this one's makers begin.
    base: usize,
    /// The epoch in force, then those before.
    kids: Vec<String>,
    country: String,
    scratch: Zeroizing<Vec<u8>>,
    /// Of a token of another form.
    text: Vec<u8>,
    /// The same values come again within a call and from call to call.
    short: Blocks,
    /// Bearer tokens, mostly.
    long: Recents<LONG_MAX>,
    hasher: foldhash::fast::RandomState,
}

/// What tokens of a class are made with.
struct Form {
    class: Class,
    /// What their message begins with, in a block of zeros; and how long that is.
    message: [u8; hmac::BLOCK],
    head: usize,
}

impl Form {
    fn new(class: Class) -> Self {
        let head = [b"v1\0", class.name().as_bytes(), b"\0"].concat();
        let mut message = [0; hmac::BLOCK];
        // Names of classes are short; a longer one would have no messages of one block.
        if let Some(room) = message.get_mut(..head.len()) {
            room.copy_from_slice(&head);
        }
        Self { class, message, head: head.len() }
    }
}

impl Tokenizer {
    /// Tokens under the key in force, and those that overlap with it.
    pub(crate) fn new(keys: &Keys, policy: &Config) -> Self {
        let epochs = keys.makers(policy.overlap_days);
        let tenants = policy.tenant_names();
        let (mut makers, mut formed) = (Vec::new(), Vec::new());
        for tenant in &tenants {
            for epoch in &epochs {
                let root = derive::extract(SALT, epoch.root);
                for class in Class::TOKENS {
                    let info = derive::info([tenant, class.name(), epoch.kid]);
                    makers.push(hmac::Key::new(&derive::expand(&root, &info)));
                    formed.push(Formed::new(policy, &root, class, tenant, epoch.kid).map(Box::new));
                }
            }
        }
        if formed.iter().all(Option::is_none) {
            formed.clear();
        }
        let kids: Vec<&str> = epochs.iter().map(|epoch| epoch.kid).collect();
        let texts = (0..kids.len()).flat_map(|overlaps| {
            let kids = kids.get(..=overlaps).unwrap_or_default();
            Class::TOKENS.iter().map(|class| text::blank(*class, kids)).collect::<Vec<_>>()
        });
        let previous_texts = kids.iter().skip(1).flat_map(|kid| {
            Class::TOKENS.iter().map(|class| text::previous_blank(*class, kid)).collect::<Vec<_>>()
        });
        let mut positions = [0; Class::COUNT];
        for (position, class) in Class::TOKENS.iter().enumerate() {
            if let Some(slot) = positions.get_mut(*class as usize) {
                *slot = position;
            }
        }
        Self {
            makers,
            formed,
            forms: Class::TOKENS.into_iter().map(Form::new).collect(),
            texts: texts.collect(),
            previous_texts: previous_texts.collect(),
            positions,
            ends: epochs.iter().skip(1).map(|epoch| epoch.end).collect(),
            overlaps: 0,
            tenants: tenants.into_iter().map(str::to_owned).collect(),
            tenant: 0,
            base: 0,
            kids: epochs.iter().map(|epoch| epoch.kid.to_owned()).collect(),
            country: policy.phone_country.clone(),
            scratch: Zeroizing::new(Vec::with_capacity(4096)),
            text: Vec::new(),
            short: Blocks::new(),
            long: Recents::new(64),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// Key id of the tokens.
    pub(crate) fn kid(&self) -> &str {
        self.kids.first().map_or("", String::as_str)
    }

    /// Whose keys make the tokens of the call at hand; empty when no tenant is configured.
    pub(crate) fn tenant(&self) -> &str {
        self.tenants.get(self.tenant).map_or("", String::as_str)
    }

    /// Makes what follows the tokens of a call captured at `time`, of this tenant if it is of one.
    pub(crate) fn turn(&mut self, time: Timestamp, tenant: Option<&str>) {
        self.overlaps = self.ends.iter().take_while(|end| **end > time).count();
        let tenant = tenant.and_then(|name| self.tenants.iter().position(|known| known == name));
        self.tenant = tenant.unwrap_or(0);
        let row = self.kids.len().saturating_mul(CLASSES);
        self.base = self.tenant.saturating_mul(row);
    }

    /// What [`turn`](Self::turn) came to: tenant, and how many epochs make tokens besides the one in force.
    pub(crate) const fn turned(&self) -> (usize, usize) {
        (self.tenant, self.overlaps)
    }

    /// Appends the token of `value`, normalised, under the key of [`Class::token`]: a `Value` of the schema.
    #[inline]
    pub(crate) fn token(&mut self, class: Class, value: &[u8], out: &mut Vec<u8>) {
        // Every class has its maker; the first one's key is no weaker.
        let position = self.positions.get(class.token() as usize).copied().unwrap_or(0);
        if self.overlaps > 0 || !self.formed.is_empty() {
            return self.several(position, value, out);
        }
        if let Some(digits) = of(&self.texts, position, out) {
            self.digits(self.base.saturating_add(position), position, value, digits);
        }
    }

    /// As [`token`](Self::token), where epochs overlap, or a class has tokens of another form.
    #[inline(never)]
    fn several(&mut self, position: usize, value: &[u8], out: &mut Vec<u8>) {
        if !self.formed.is_empty() && self.form(position, value, out) {
            return;
        }
        let mut maker = self.base.saturating_add(position);
        let nth = |row: usize| row.saturating_mul(CLASSES).saturating_add(position);
        if let Some(digits) = of(&self.texts, nth(self.overlaps), out) {
            self.digits(maker, position, value, digits);
        }
        for epoch in 0..self.overlaps {
            maker = maker.saturating_add(CLASSES);
            if let Some(digits) = of(&self.previous_texts, nth(epoch), out) {
                self.digits(maker, position, value, digits);
            }
        }
    }

    /// Appends a token of another form, if the class has one and this value can.
    fn form(&mut self, position: usize, value: &[u8], out: &mut Vec<u8>) -> bool {
        let Some(Form { class, .. }) = self.forms.get(position) else { return false };
        let class = *class;
        let mut maker = self.base.saturating_add(position);
        if !self.formed.get(maker).is_some_and(Option::is_some) {
            return false;
        }
        self.scratch.clear();
        normal::push(class, value, &self.country, &mut self.scratch);
        let start = out.len();
        let token = wire::open(out, schema::value::TOKEN);
        for (kid, epoch) in self.kids.iter().zip(0..=self.overlaps) {
            self.text.clear();
            let formed = self.formed.get_mut(maker).and_then(Option::as_mut);
            // What one epoch can do with a value, all can.
            if !formed.is_some_and(|formed| formed.write(class, &self.scratch, &mut self.text)) {
                out.truncate(start);
                return false;
            }
            match epoch {
                0 => text::parts(out, class.name(), kid, &self.text),
                _ => text::previous(out, kid, &self.text),
            }
            maker = maker.saturating_add(CLASSES);
        }
        wire::close(out, token);
        true
    }

    /// Writes the digits of a token under the key of a maker.
    fn digits(&mut self, maker: usize, position: usize, value: &[u8], digits: &mut Digits) {
        let Some(Form { class, message, head }) = self.forms.get(position) else { return };
        let mut block = *message;
        match lay::lay(*class, value, &self.country, &mut block, *head) {
            Some(end) => self.short(maker, &mut block, end, digits),
            None => self.other(maker, position, value, digits),
        }
    }

    /// Writes the digits of a message of one block, which it ends at `end`.
    #[inline]
    fn short(
        &mut self,
        maker: usize,
        block: &mut [u8; hmac::BLOCK],
        end: usize,
        digits: &mut Digits,
    ) {
        hmac::end(block, end);
        // There is a maker for all that is asked for.
        let Some(key) = self.makers.get(maker) else { return };
        let make = |digits: &mut _| text::base32(key.tag_block(block), digits);
        if let Some(known) = self.short.digits(maker, block, make) {
            *digits = *known;
        }
    }

    /// Writes the digits of what takes more to be brought to its normal form, or is longer.
    #[inline(never)]
    fn other(&mut self, maker: usize, position: usize, value: &[u8], digits: &mut Digits) {
        let Some(Form { class, message, head }) = self.forms.get(position) else { return };
        let (mut block, class) = (*message, *class);
        let long = value.len().saturating_add(*head) > hmac::SHORT_MAX;
        let kept = long && value.len() <= LONG_MAX;
        let slot = if kept { self.hasher.hash_one((maker, value)) } else { 0 };
        if kept && let Some(known) = self.long.get(slot, maker, value) {
            *digits = *known;
            return;
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(b"v1\0");
        self.scratch.extend_from_slice(class.name().as_bytes());
        self.scratch.push(0);
        normal::push(class, value, &self.country, &mut self.scratch);
        if !long
            && self.scratch.len() <= hmac::SHORT_MAX
            && let Some(room) = block.get_mut(..self.scratch.len())
        {
            room.copy_from_slice(&self.scratch);
            return self.short(maker, &mut block, self.scratch.len(), digits);
        }
        let Some(key) = self.makers.get(maker) else { return };
        text::base32(key.tag(&mut self.scratch), digits);
        if kept {
            self.long.put(slot, maker, value, *digits);
        }
    }
}

/// Appends a token of this text; gives back where its digits stand.
#[inline]
fn of<'o>(texts: &[text::Blank], nth: usize, out: &'o mut Vec<u8>) -> Option<&'o mut Digits> {
    texts.get(nth)?.append(out)
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
                tokens.turn(on(date), None);
                let token = token(&mut tokens, class, value);
                assert_eq!((token.key_id.as_str(), token.text), ("k3", k3(class, value)), "{date}");
                let found = token.previous.iter().map(|p| (p.key_id.as_str(), p.text.clone()));
                assert_eq!(found.collect::<Vec<_>>(), previous, "{date}");
            }
        }
    }

    #[test]
    fn tenants_have_keys_of_their_own() {
        let more = "[[t]]\nname = 'a'\nvlans = [1]\n[[t]]\nname = 'b'\nvlans = [2]\n[[t]]\nname = 'a'\nvlans = [3]";
        let tenants = toml::from_str::<toml::Table>(more).unwrap().remove("t").unwrap();
        let policy = Config {
            tenant: "own".into(),
            tenants: tenants.try_into().unwrap(),
            overlap_days: 9999,
            ..Config::default()
        };
        let mut tokens = Tokenizer::new(&rotated(), &policy);
        let mut of = |tenant: Option<&str>| {
            tokens.turn(on("2026-02-06"), tenant);
            (token(&mut tokens, Class::Id, b"42"), tokens.tenant().to_owned())
        };
        let (own, name) = of(None);
        assert_eq!(name, "own");
        let ((a, _), (b, name)) = (of(Some("a")), of(Some("b")));
        assert_eq!(name, "b");
        let mut texts: Vec<_> = [&own, &a, &b]
            .into_iter()
            .flat_map(|t| t.previous.iter().map(|p| &p.text).chain([&t.text]))
            .map(|text| text.rsplit('_').next().unwrap())
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), 9, "three tenants, three epochs: nothing joins");
        // As on a sensor that has this tenant alone.
        let mut alone =
            Tokenizer::new(&rotated(), &Config { tenant: "a".into(), ..Config::default() });
        assert_eq!(token(&mut alone, Class::Id, b"42").text, a.text);
        assert_eq!(of(Some("a")).0, a, "what is remembered is each tenant's own");
        assert_eq!(of(Some("nobody")).1, "own");
    }

    fn formed(reversible: &str, preserving: &str) -> Config {
        let policy = format!("reversible = [{reversible}]\nformat_preserving = [{preserving}]");
        Config { tenant: "shop".into(), ..toml::from_str(&policy).unwrap() }
    }

    #[test]
    fn other_forms_are_tokens_with_a_mark() {
        let policy = formed("'email', 'name'", "'phone', 'pan', 'id'");
        let mut tokens = Tokenizer::new(&rotated(), &policy);
        let plain =
            &mut Tokenizer::new(&rotated(), &Config { tenant: "shop".into(), ..Config::default() });
        tokens.turn(on("2026-02-06"), None);
        plain.turn(on("2026-02-06"), None);
        let mut made = |class, value: &str| token(&mut tokens, class, value.as_bytes());
        let email = made(Class::Email, "Kim@example.com");
        assert!(
            email.text.starts_with("siv_email_k3_") && email.class == "email",
            "{}",
            email.text
        );
        assert_eq!(email, made(Class::Email, "kim@EXAMPLE.com"), "normalised and deterministic");
        assert_eq!(email.previous.len(), 2);
        assert!(email.previous[0].text.starts_with("siv_email_k2_"));
        let phone = made(Class::Phone, "010-1234-5678").text;
        assert_eq!(phone.len(), "fpe_phone_k3_".len() + 12);
        assert_eq!(phone, made(Class::Phone, "+82 10 1234 5678").text);
        assert!(made(Class::Pan, "4111 1111 1111 1111").text.starts_with("fpe_pan_k3_"));
        assert!(made(Class::Id, "123456").text.starts_with("fpe_id_k3_"));
        // Too long, too small a domain, no digits: as ever.
        let long = "n".repeat(257);
        for (class, value) in
            [(Class::Name, long.as_str()), (Class::Id, "12345"), (Class::Id, "ORD-7")]
        {
            assert_eq!(made(class, value), token(plain, class, value.as_bytes()));
        }
        assert!(made(Class::Name, &"n".repeat(256)).text.starts_with("siv_name_k3_"));
    }

    #[test]
    fn who_has_the_key_can_open_what_is_reversible() {
        use crate::redact::{OpenError, Opener};
        let keys = rotated();
        let mut tokens = Tokenizer::new(&keys, &formed("'email'", "'phone'"));
        tokens.turn(on("2026-02-06"), None);
        let email = token(&mut tokens, Class::Email, b"Kim@example.com");
        let opener = Opener::new(&keys, ["other", "shop"]);
        for text in email.previous.iter().map(|p| &p.text).chain([&email.text]) {
            let opened = opener.open(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(opened.value.as_slice(), b"kim@example.com");
            assert_eq!((opened.tenant, opened.class), ("shop", "email"));
        }
        let error = |text: &str| opener.open(text).err().unwrap();
        assert_eq!(Opener::new(&keys, ["other"]).open(&email.text).err(), Some(OpenError::Sealed));
        assert_eq!(error(&email.text.replace("_k3_", "_k2_")), OpenError::Sealed);
        assert_eq!(error(&email.text.replace("_k3_", "_k9_")), OpenError::Key);
        assert_eq!(error(&email.text.replace("_email_", "_name_")), OpenError::Sealed);
        assert_eq!(error(&email.text.replace("_email_", "_emails_")), OpenError::Text);
        assert_eq!(error(&token(&mut tokens, Class::Name, b"Kim").text), OpenError::OneWay);
        assert_eq!(error("tok_of_ours_k3_aaaaaaaaaaaaaaaaaaaaaaaaaa"), OpenError::OneWay);
        assert_eq!(
            error(&token(&mut tokens, Class::Phone, b"01012345678").text),
            OpenError::OneWay
        );
        for text in ["", "siv", "siv_email_k3_", "siv_email_k3_!", "siv__k3_aa", "kim@example.com"]
        {
            assert!(opener.open(text).is_err(), "{text}");
        }
    }
}
