//! What a field name says of its value.
//!
//! Names are split into words (`cardNumber`, `card_number`, `card-number` and `user[card.number]` alike),
//! lower-cased, digits dropped; then the longest known ending wins: `shipping_email` is an `email`.
//! Known names are in `dictionary`. Each raw name is looked up once and remembered, if it is safe to keep.

use std::sync::Arc;

use apitap_proto::v1::entity::Kind;
use hashbrown::HashMap;

use super::class::Class;
use super::custom::{Detectors, Field, Set};
use super::dictionary;
use super::{about, detect, words};

/// What a field name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing.
    Unknown,
    /// A secret that must not leave in any form.
    Secret(Class),
    /// A value of a sensitive class.
    Personal(Class),
    /// An identifier of something.
    Id(Kind),
    /// One of a few words.
    Enum,
    /// A result code.
    Code,
    /// A version.
    Version,
    /// A number without a person: how many, which page.
    Count,
    /// Yes or no.
    Flag,
    /// Money, points, measures.
    Amount,
    /// Free text, names of things, dates: shape only.
    Text,
}

/// A field name, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// What it says of the value.
    pub(crate) meaning: Meaning,
    /// Whether the name itself may be kept.
    pub(crate) safe: bool,
    /// Sensitive data found in the name itself.
    pub(crate) found: Option<detect::Found>,
    /// What else it says of values.
    pub(crate) context: Context,
    /// Configured detectors that look under this name, one bit each.
    pub(crate) asked: u32,
}

/// What a name says of values whose form alone leaves a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Context {
    /// Nothing.
    #[default]
    None,
    /// Numbers here are those of things: orders, articles, moments.
    Thing,
    /// Random characters here are a secret of OAuth.
    Oauth,
    /// Text here is about the field of this name: `{"errors": {"password": "is too short"}}`.
    Error,
    /// A few digits here may have been sent to somebody to prove who he is: `mfa`.
    Proof,
    /// Dates, yes and no, and small numbers here are about a secret, not one: `last_password_update`.
    About,
    /// The same, and words of states: `cvc_check`.
    Stated,
    /// What has the form of an identifier here is that of something: `key_id` under `password`.
    Numbered,
    /// The configuration calls it a secret, with all that is in it.
    All,
}

impl Name {
    /// No name at all, or one that says nothing and is not kept.
    pub(crate) const NONE: Self = Self {
        meaning: Meaning::Unknown,
        safe: false,
        found: None,
        context: Context::None,
        asked: 0,
    };
}

/// Most names remembered.
const CACHE_MAX: usize = 8192;

/// Judges field names, and remembers.
pub(crate) struct Names {
    cache: HashMap<Box<[u8]>, Name, foldhash::fast::RandomState>,
    /// From the configuration: flat name, meaning. Looked at first, but never to loosen what is said of secrets.
    extra: HashMap<Box<[u8]>, Meaning, foldhash::fast::RandomState>,
    /// Classes of configured detectors by the flat names that tell them. Looked at before the dictionary, but no name
    /// of a secret becomes anything else.
    own: HashMap<Box<[u8]>, Class, foldhash::fast::RandomState>,
    /// Kinds of entities by the flat names that configured rules give them: for names that say nothing more.
    kinds: HashMap<Box<[u8]>, Kind, foldhash::fast::RandomState>,
    /// Configured detectors by the flat names they look under, and those that look at names, too.
    asked: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    custom: Arc<Set>,
}

impl Names {
    /// With `extra` names, of which the first match of a name's full form or ending wins over the dictionary, but for
    /// names of secrets, and of personal data where the list would keep words.
    pub(crate) fn new(extra: impl IntoIterator<Item = (String, Meaning)>) -> Self {
        let flat = |name: String| flatten(name.as_bytes()).0.into_boxed_slice();
        Self {
            cache: HashMap::default(),
            extra: extra.into_iter().map(|(name, meaning)| (flat(name), meaning)).collect(),
            own: HashMap::default(),
            kinds: HashMap::default(),
            asked: HashMap::default(),
            custom: Arc::default(),
        }
    }

    /// With what configured detectors say of names, and find in them.
    pub(crate) fn with(mut self, custom: &Arc<Set>, detectors: &Detectors) -> Self {
        for Field { name, asked, class } in Set::fields(detectors) {
            let flat = flatten(name.as_bytes()).0.into_boxed_slice();
            if let Some(class) = class {
                self.own.entry(flat).or_insert(class);
            } else {
                *self.asked.entry(flat).or_default() |= asked;
            }
        }
        self.custom = Arc::clone(custom);
        self
    }

    /// Takes these names for identifiers of something; never those of secrets and personal data.
    pub(crate) fn identify<'n>(&mut self, kinds: impl Iterator<Item = (&'n str, Kind)>) {
        let flat = |name: &str| flatten(name.as_bytes()).0.into_boxed_slice();
        self.kinds = kinds.map(|(name, kind)| (flat(name), kind)).collect();
        self.cache.clear();
    }

    /// What `raw` says, and whether it may be kept.
    pub(crate) fn look(&mut self, raw: &[u8]) -> Name {
        if let Some(name) = self.cache.get(raw) {
            return *name;
        }
        if raw.len() > words::NAME_MAX {
            return Name { found: self.found(raw), ..Name::NONE };
        }
        let found = self.found(raw);
        let meaning = self.meaning(raw);
        let context = self.context(raw, meaning);
        let safe = found.is_none() && (words::field_name(raw) || dictionary::korean_name(raw));
        let asked = self.asked(raw);
        let name = Name { meaning, safe, found, context, asked };
        if safe {
            if self.cache.len() >= CACHE_MAX {
                self.cache.clear();
            }
            self.cache.insert(raw.into(), name);
        }
        name
    }

    /// What a name says beside its meaning. What the configuration calls a secret is one whatever its value.
    fn context(&self, raw: &[u8], meaning: Meaning) -> Context {
        if !matches!(meaning, Meaning::Secret(_)) {
            return context(raw, meaning);
        }
        let (flat, starts) = flatten(raw);
        let ending = |from: &usize| flat.get(*from..).unwrap_or_default();
        let configured = starts.iter().any(|at| self.extra.contains_key(ending(at)));
        match meaning {
            _ if configured => Context::All,
            Meaning::Secret(Class::Track) => Context::About,
            _ => about::name(&flat, &starts),
        }
    }

    /// The same of a name under that of a secret, which `above` is.
    pub(super) fn under(above: Name, raw: &[u8]) -> Context {
        match above {
            Name { context: Context::All, .. } => Context::All,
            Name { meaning: Meaning::Secret(Class::Track), .. } => Context::About,
            _ => {
                let (flat, starts) = flatten(raw);
                about::under(&flat, &starts)
            }
        }
    }

    /// Sensitive data in a name.
    fn found(&self, raw: &[u8]) -> Option<detect::Found> {
        detect::any(raw).or_else(|| self.custom.any(raw))
    }

    /// Configured detectors that look under a name.
    fn asked(&self, raw: &[u8]) -> u32 {
        if self.asked.is_empty() {
            return 0;
        }
        let (flat, starts) = flatten(raw);
        let endings = starts.iter().filter_map(|&at| self.asked.get(flat.get(at..)?));
        endings.fold(0, |all, asked| all | asked)
    }

    /// What `raw` says, without remembering it: for values that name a sibling.
    pub(crate) fn meaning(&self, raw: &[u8]) -> Meaning {
        let (flat, starts) = flatten(raw);
        let ending = |from: usize| flat.get(from..).unwrap_or_default();
        let extra = starts.iter().find_map(|&at| self.extra.get(ending(at))).copied();
        match (extra, self.built_in(raw, &flat, &starts)) {
            // Names of secrets stay so, and no list lets a person's data through as words.
            (_, secret @ Meaning::Secret(_)) if !matches!(extra, Some(Meaning::Secret(_))) => {
                secret
            }
            (Some(Meaning::Enum), personal @ Meaning::Personal(_)) => personal,
            (Some(extra), _) => extra,
            (None, said @ (Meaning::Secret(_) | Meaning::Personal(_))) => said,
            (None, meaning) => {
                let kind = starts.iter().find_map(|&at| self.kinds.get(ending(at)));
                kind.map_or(meaning, |kind| Meaning::Id(*kind))
            }
        }
    }

    /// The same, without the lists of the configuration.
    fn built_in(&self, raw: &[u8], flat: &[u8], starts: &[usize]) -> Meaning {
        let ending = |from: usize| flat.get(from..).unwrap_or_default();
        let own = || starts.iter().find_map(|&at| self.own.get(ending(at)));
        let own = || own().map(|class| Meaning::Personal(*class));
        if !raw.is_ascii() {
            return match dictionary::korean(raw) {
                secret @ Meaning::Secret(_) => secret,
                meaning => own().unwrap_or(meaning),
            };
        }
        if let Some(class) = dictionary::secret_inside(flat) {
            return Meaning::Secret(class);
        }
        // A secret word anywhere: "pin_code", "password_hash", "otp_value".
        let mut bounds = starts.iter().copied().chain([flat.len()]).peekable();
        let mut secret = None;
        while let (Some(from), Some(&to)) = (bounds.next(), bounds.peek()) {
            let word = flat.get(from..to).unwrap_or_default();
            let entry = dictionary::ending(word).map(|entry| entry.meaning);
            secret = secret.or(entry.filter(|meaning| matches!(meaning, Meaning::Secret(_))));
        }
        let which =
            secret == Some(Meaning::Secret(Class::Credential)) && dictionary::says_which(flat);
        secret = secret.filter(|_| !which);
        if let Some(meaning) = secret.or_else(own) {
            return meaning;
        }
        let ends = starts.iter().skip(1).copied().chain([flat.len()]);
        let mut words = starts.iter().zip(ends).map(|(&from, to)| flat.get(from..to));
        let born = words.any(|word| word.is_some_and(dictionary::birth));
        let whole = starts.first().and_then(|&at| dictionary::entry(ending(at)));
        if let Some(entry) =
            whole.or_else(|| starts.iter().find_map(|&at| dictionary::ending(ending(at))))
        {
            return match entry.meaning {
                Meaning::Count | Meaning::Text if born => Meaning::Personal(Class::Birth),
                meaning => told_before(flat, starts, meaning).unwrap_or(meaning),
            };
        }
        let verb = flat.get(..starts.get(1).copied().unwrap_or(0)).unwrap_or_default();
        match dictionary::inside(flat) {
            // Digits of a card or another number, beside a token of which they must not stand.
            Meaning::Unknown if last_four(raw) => Meaning::Text,
            Meaning::Unknown if matches!(verb, b"is" | b"has" | b"can" | b"should" | b"was") => {
                Meaning::Flag
            }
            meaning => meaning,
        }
    }
}

/// What stands before the last word, where that says no more than `type` and `code` do: `gender_code`.
fn told_before(flat: &[u8], starts: &[usize], meaning: Meaning) -> Option<Meaning> {
    let (last, before) = starts.split_last()?;
    let coded = matches!(flat.get(*last..)?, b"code" | b"cd");
    if !(coded || matches!(meaning, Meaning::Enum | Meaning::Code)) {
        return None;
    }
    let mut before = before.iter().filter_map(|&at| flat.get(at..*last));
    before.find_map(dictionary::telling).map(Meaning::Personal)
}

/// Whether a name is one like `card_last4`.
fn last_four(raw: &[u8]) -> bool {
    let ends = |text: &[u8]| raw.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
    ends(b"last4") || ends(b"last_4") || ends(b"lastfour") || ends(b"last_four")
}

fn context(raw: &[u8], meaning: Meaning) -> Context {
    if matches!(meaning, Meaning::Secret(_) | Meaning::Personal(_)) {
        return Context::None;
    }
    let (flat, starts) = flatten(raw);
    let endings = || starts.iter().map(|&at| flat.get(at..).unwrap_or_default());
    if starts.first().and_then(|&at| flat.get(at..)).is_some_and(dictionary::oauth) {
        Context::Oauth
    } else if endings().any(dictionary::proof) {
        Context::Proof
    } else if endings().any(dictionary::thing) {
        Context::Thing
    } else {
        Context::None
    }
}

/// Words of a name in lower case, joined, without digits.
pub(super) fn flat(raw: &[u8]) -> Vec<u8> {
    flatten(raw).0
}

/// Words of a name in lower case, joined, without digits; and where each begins.
fn flatten(raw: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let mut flat = Vec::with_capacity(raw.len());
    let mut starts = Vec::with_capacity(8);
    let mut before = b'_';
    let mut bytes = raw.iter().copied().peekable();
    let mut boundary = true;
    while let Some(b) = bytes.next() {
        if b.is_ascii_alphabetic() || b >= 0x80 {
            let next_lower = bytes.peek().is_some_and(u8::is_ascii_lowercase);
            let hump = b.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_lower);
            if boundary || hump {
                starts.push(flat.len());
            }
            boundary = false;
            flat.push(b.to_ascii_lowercase());
        } else {
            boundary |= !b.is_ascii_digit();
        }
        before = b;
    }
    (flat, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_one() {
        let mut names = Names::new([]);
        for raw in [
            "cardNumber",
            "card_number",
            "card-number",
            "CardNumber",
            "user[card.number]",
            "CARD_NUMBER",
            "cardnumber2",
            "카드번호",
        ] {
            assert_eq!(names.look(raw.as_bytes()).meaning, Meaning::Personal(Class::Pan), "{raw}");
        }
    }

    fn mean(cases: &[(&str, Meaning)]) {
        let mut names = Names::new([("shoeSize".into(), Meaning::Count)]);
        for (raw, meaning) in cases {
            assert_eq!(names.look(raw.as_bytes()).meaning, *meaning, "{raw}");
        }
    }

    #[test]
    fn meanings() {
        use Meaning as M;
        mean(&[
            ("password", M::Secret(Class::Password)),
            ("user_password_hash", M::Secret(Class::Password)),
            ("newpasswd", M::Secret(Class::Password)),
            ("pinNumber", M::Secret(Class::Pin)),
            ("cvc2", M::Secret(Class::Cvv)),
            ("비밀번호", M::Secret(Class::Password)),
            ("otp", M::Secret(Class::Otp)),
            ("shipping", M::Unknown),
            ("customer_email", M::Personal(Class::Email)),
            ("ip_address", M::Personal(Class::Ip)),
            ("shipping_address", M::Personal(Class::Address)),
            ("휴대폰번호", M::Personal(Class::Phone)),
            ("gender_type", M::Personal(Class::Gender)),
            ("sexCode", M::Personal(Class::Gender)),
            ("diagnosisStatus", M::Personal(Class::Health)),
            ("health_status", M::Enum),
            ("weight_kg", M::Personal(Class::Health)),
            ("isHivPositive", M::Personal(Class::Health)),
            ("monthly_rent", M::Amount),
            ("parent", M::Unknown),
            ("security_answer", M::Secret(Class::Password)),
            ("secretAnswer", M::Secret(Class::Password)),
            ("DB_PASS", M::Secret(Class::Password)),
            ("boarding_pass", M::Unknown),
            ("ccv", M::Secret(Class::Cvv)),
            ("secretName", M::Text),
            ("clientSecret", M::Secret(Class::Credential)),
            ("token_type_hint", M::Enum),
            ("grant_types_supported", M::Enum),
            ("card_last4", M::Text),
            ("ssnLast4", M::Text),
            ("member_idx", M::Id(Kind::User)),
            ("individual[dob][year]", M::Personal(Class::Birth)),
            ("birth_month", M::Personal(Class::Birth)),
            ("year", M::Count),
            ("recovery_codes", M::Secret(Class::Otp)),
        ]);
    }

    #[test]
    fn meanings_of_numbers_and_keys() {
        use Meaning as M;
        mean(&[
            ("juminNo", M::Personal(Class::KrRrn)),
            ("jumin_beonho", M::Personal(Class::KrRrn)),
            ("IHIDNUM", M::Personal(Class::KrRrn)),
            ("bizno", M::Personal(Class::KrBrn)),
            ("BIZRNO", M::Personal(Class::KrBrn)),
            ("corpRegNo", M::Personal(Class::KrCorp)),
            ("법인등록번호", M::Personal(Class::KrCorp)),
            ("hp", M::Personal(Class::Phone)),
            ("hp_no1", M::Personal(Class::Phone)),
            ("MBTLNUM", M::Personal(Class::Phone)),
            ("gyejwa_beonho", M::Personal(Class::Account)),
            ("환불계좌번호", M::Personal(Class::Account)),
            ("예금주명", M::Personal(Class::Name)),
            ("건강보험증번호", M::Personal(Class::HealthId)),
            ("nhs-number", M::Personal(Class::HealthId)),
            ("wallet_address", M::Personal(Class::Wallet)),
            ("idfa", M::Id(Kind::Device)),
            ("pass", M::Secret(Class::Password)),
            ("bypass", M::Unknown),
            ("user_passport_no", M::Personal(Class::Passport)),
            ("account_num", M::Personal(Class::Account)),
            ("account_status", M::Enum),
            ("account_type", M::Enum),
            ("rsp_code", M::Code),
            ("org_code", M::Id(Kind::Partner)),
            ("user_id", M::Id(Kind::User)),
            ("userId", M::Id(Kind::User)),
            ("order_no", M::Id(Kind::Order)),
            ("some_key", M::Id(Kind::Unspecified)),
            ("page_no", M::Count),
            ("account_cnt", M::Count),
            ("trans_amt", M::Amount),
            ("is_consent", M::Flag),
            ("gender", M::Personal(Class::Gender)),
            ("product_name", M::Text),
            ("first_name", M::Personal(Class::Name)),
            ("access_token", M::Personal(Class::Credential)),
            ("new_tokens", M::Personal(Class::Credential)),
            ("max_new_tokens", M::Count),
            ("usage.prompt_tokens", M::Count),
            ("nextToken", M::Id(Kind::Unspecified)),
            ("$skiptoken", M::Id(Kind::Unspecified)),
            ("client_secret", M::Secret(Class::Credential)),
            ("shoe_size", M::Count),
            ("latitude", M::Personal(Class::Geo)),
        ]);
    }

    #[test]
    fn unsafe_names_are_not_remembered() {
        let mut names = Names::new([]);
        assert!(!names.look(b"kim@example.com").safe);
        assert!(names.look(b"kim@example.com").found.is_some());
        assert!(names.cache.is_empty());
        assert!(names.look(b"email").safe);
        assert_eq!(names.cache.len(), 1);
    }

    #[test]
    fn people_are_no_names() {
        let mut names = Names::new([]);
        assert!(!names.look("홍길동".as_bytes()).safe);
        assert!(!names.look("홍길동이름".as_bytes()).safe);
        assert!(names.look("고객번호".as_bytes()).safe);
        assert!(names.look("처리상태코드".as_bytes()).safe);
    }

    #[test]
    fn lists_of_names_loosen_nothing() {
        let lists = [
            ("password", Meaning::Id(Kind::Unspecified)),
            ("pin", Meaning::Enum),
            ("email", Meaning::Enum),
            ("phone", Meaning::Text),
            ("memo", Meaning::Secret(Class::Password)),
            ("status", Meaning::Id(Kind::Unspecified)),
        ];
        let names = Names::new(lists.map(|(name, meaning)| (name.to_owned(), meaning)));
        for (raw, meaning) in [
            ("password", Meaning::Secret(Class::Password)),
            ("userPassword", Meaning::Secret(Class::Password)),
            ("card_pin", Meaning::Secret(Class::Pin)),
            ("email", Meaning::Personal(Class::Email)),
            ("phone", Meaning::Text),
            ("memo", Meaning::Secret(Class::Password)),
            ("status", Meaning::Id(Kind::Unspecified)),
        ] {
            assert!(names.meaning(raw.as_bytes()) == meaning, "{raw}");
        }
    }
}
