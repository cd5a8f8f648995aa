//! What was told of a bearer token that can be read: the same one comes with every call of a session.
//!
//! Nothing of the token is kept, only a keyed hash of 128 bits, and what leaves of it anyway: tokens, kept texts, what
//! was found and whom it names. All of that depends on the token, its place, the configuration, and whose keys are in
//! force: of these, all that may change from call to call is compared. Whether it has expired is found out each time.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::config::Counts;
use super::entities::Told;
use super::found::Place;
use super::judge::Judge;
use super::jwt::Jwt;
use super::made::Made;
use super::notes::Notes;

/// Tokens remembered, one for each hash; a power of two.
const SLOTS: u64 = 1024;
/// Longest values remembered of one, in octets, and most findings and entities.
const VALUES_MAX: usize = 2048;
const NOTES_MAX: usize = 32;

/// Tokens read before.
#[derive(Default)]
pub(crate) struct Bearers {
    slots: Vec<Option<Box<Known>>>,
    keys: [RandomState; 2],
}

/// One that was read before.
struct Known {
    key: u128,
    /// Whose keys, and of how many epochs, made its tokens.
    turn: (usize, usize),
    made: Made,
    jwt: Jwt,
    /// Its values, encoded, and where they began.
    values: Vec<u8>,
    from: Made,
    counts: [u64; COUNTS],
    notes: Notes,
}

/// Counts that judging a token may change.
const COUNTS: usize = 11;

fn counts(counts: &mut Counts) -> [&mut u64; COUNTS] {
    [
        &mut counts.values,
        &mut counts.values_kept,
        &mut counts.values_tokenized,
        &mut counts.values_shaped,
        &mut counts.values_dropped,
        &mut counts.values_masked,
        &mut counts.values_ruled,
        &mut counts.values_raw,
        &mut counts.names_hidden,
        &mut counts.findings,
        &mut counts.cut,
    ]
}

impl Bearers {
    fn key(&self, place: Place<'_>, text: &[u8]) -> u128 {
        let [high, low] = self.keys.each_ref().map(|keys| {
            let mut hasher = keys.build_hasher();
            hasher.write_usize(place.part.len());
            hasher.write(place.part.as_bytes());
            hasher.write_usize(place.path.len());
            hasher.write(place.path.as_bytes());
            hasher.write(text);
            u128::from(hasher.finish())
        });
        (high << 64) | low
    }

    fn slot(key: u128) -> usize {
        usize::try_from(key % u128::from(SLOTS)).unwrap_or(0)
    }

    fn take(&mut self, key: u128, turn: (usize, usize)) -> Option<Box<Known>> {
        let slot = self.slots.get_mut(Self::slot(key))?;
        slot.take_if(|known| known.key == key && known.turn == turn)
    }

    fn put(&mut self, known: Box<Known>) {
        if self.slots.is_empty() {
            self.slots.resize_with(usize::try_from(SLOTS).unwrap_or(0), || None);
        }
        if let Some(slot) = self.slots.get_mut(Self::slot(known.key)) {
            *slot = Some(known);
        }
    }
}

/// Judges a token that can be read by `judged`, or remembers what came of it.
pub(super) fn remembered(
    judge: &mut Judge,
    place: Place<'_>,
    text: &[u8],
    now_seconds: u64,
    judged: impl FnOnce(&mut Judge) -> (Made, Option<Jwt>),
) -> (Made, Option<Jwt>) {
    if !judge.rules.is_idle() || judge.explained.is_some() || judge.broken {
        return judged(judge);
    }
    let (key, turn) = (judge.bearers.key(place, text), judge.tokens.turned());
    if let Some(known) = judge.bearers.take(key, turn) {
        let told = known.again(judge, place, now_seconds);
        judge.bearers.put(known);
        return told;
    }
    let (from, before) = (judge.values.end(), counts(&mut judge.counts).map(|count| *count));
    judge.notes = Some(Box::new(Notes::at(place)));
    let (made, jwt) = judged(judge);
    let notes = judge.notes.take();
    if let (Some(jwt), Some(notes)) = (&jwt, notes) {
        let after = counts(&mut judge.counts).map(|count| *count);
        let mut counts = before;
        counts.iter_mut().zip(after).for_each(|(n, after)| *n = after.saturating_sub(*n));
        let (jwt, values) = (jwt.clone(), judge.values.since(from).to_vec());
        let known = Known { key, turn, made, jwt, values, from, counts, notes: *notes };
        if known.is_fit() {
            judge.bearers.put(Box::new(known));
        }
    }
    (made, jwt)
}

impl Known {
    /// Whether it may be remembered: of one place, not too much, and all of its values are its own.
    fn is_fit(&self) -> bool {
        let Self { notes, values, from, .. } = self;
        let entities = notes.entities.iter().map(|(_, value, ..)| *value);
        let mut mades = self.jwt.values().into_iter().flatten().chain([self.made]).chain(entities);
        let claims = notes.entities.iter().all(|(_, _, _, claim, _)| claim.len() <= 64);
        !notes.astray
            && claims
            && values.len() <= VALUES_MAX
            && notes.findings.len().max(notes.entities.len()) <= NOTES_MAX
            && mades.all(|made| made.is_behind(*from))
    }

    /// Does again what judging it did.
    fn again(&self, judge: &mut Judge, place: Place<'_>, now_seconds: u64) -> (Made, Option<Jwt>) {
        let to = judge.values.append(&self.values);
        let moved = |made: Made| made.moved(self.from, to);
        for (found, decided) in &self.notes.findings {
            judge.finds.finding(place, *found, *decided, judge.policy.findings_max);
        }
        for (kind, value, source, claim, rule) in &self.notes.entities {
            let (kind, value, source, rule) = (*kind, moved(*value), *source, *rule);
            judge.entity_as(&Told { kind, value, place, source, claim, rule });
        }
        for (count, more) in counts(&mut judge.counts).into_iter().zip(self.counts) {
            *count = count.saturating_add(more);
        }
        (moved(self.made), Some(self.jwt.again(moved, now_seconds)))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::super::entities::Outcome;
    use super::super::{Config, Keys, header};
    use super::*;
    use crate::time::Timestamp;

    fn judge(keys: &Keys) -> Judge {
        let config = "tenants = [{ name = 'shop', hosts = ['shop'] }]";
        Judge::new(keys, &toml::from_str::<Config>(config).unwrap())
    }

    /// All that comes of a head.
    fn told(
        judge: &mut Judge,
        fields: &[(&str, String)],
        now: u64,
        tenant: Option<&str>,
    ) -> String {
        judge.begin(Timestamp::new(now, 0));
        judge.tokens.turn(Timestamp::new(now, 0), tenant);
        let before = counts(&mut judge.counts).map(|count| *count);
        let mut out = Vec::new();
        let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let sent = header::Sent::of(fields);
        let headers = header::read(judge, &mut out, sent.lines(), header::REQUEST, now);
        let credentials = headers.credentials;
        let shown = judge.entities.credential();
        credentials.write((Some(200), false), shown, &judge.values, &mut out);
        let facts = credentials.jwt.as_ref().map(|jwt| jwt.facts);
        let Judge { entities, values, finds, .. } = judge;
        entities.write(values, Outcome::default(), 16, &mut out);
        finds.write(&mut out);
        let after = counts(&mut judge.counts).map(|count| *count);
        let counts: Vec<_> = after.iter().zip(before).map(|(n, before)| n - before).collect();
        format!("{out:?} {facts:?} {counts:?}")
    }

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("Bearer {}.{}.c2ln", part(header), part(claims))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn what_is_remembered_is_what_is_told(
            tokens in prop::collection::vec(
                (
                    r#"\{"alg":"(HS256|none)"(,"kid":"(k1|kim@example.com|4111111111111111)")?\}"#,
                    r#"\{"sub":"(kim|7|kim@example.com)"(,"exp":(1500|2500))?(,"(email|sid|azp|x)":"(kim|a@b.example|010-1234-5678)")?(,"iss":"(https://id.example|4111111111111111)")?(,"aud":\["a","b"\])?(,"jti":"z9")?(,"scope":"a:b c")?\}"#,
                ),
                1..4,
            ),
            calls in prop::collection::vec((0..4_usize, 0..3_usize, 0..3_u64, 0..6_u8), 2..14),
        ) {
            let keys = Keys::ephemeral().unwrap();
            let mut remembers = judge(&keys);
            for (nth, place, now, kind) in calls {
                let (header, claims) = tokens.get(nth % tokens.len()).unwrap();
                let name = ["Authorization", "X-Auth", "Proxy-Authorization"][place];
                let mut fields = vec![(name, token(header, claims))];
                if kind == 1 {
                    fields.insert(0, ("X-User-Id", "kim".to_owned()));
                }
                if kind == 2 {
                    fields.push(("X-Authorization", token(header, claims)));
                }
                let tenant = (kind == 3).then_some("shop");
                let (now, fresh) = (1000 + now * 1000, &mut judge(&keys));
                let plain = told(fresh, &fields, now, tenant);
                prop_assert_eq!(told(&mut remembers, &fields, now, tenant), plain);
            }
            prop_assert!(remembers.bearers.slots.iter().flatten().count() > 0);
        }
    }
}
