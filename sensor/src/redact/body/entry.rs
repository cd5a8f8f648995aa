//! A field of a body, as far as it was seen, and how it is written.

use super::paths::NONE;
use crate::redact::made::{Made, Values};
use crate::redact::{schema, wire};

/// Most distinct values kept of one path.
const SEEN_MAX: usize = 8;
/// Types a leaf can have.
const TYPES_MAX: usize = 9;

/// A field, as far as it was seen. Small: a body has fifty.
pub(super) struct Entry {
    pub(super) path: Where,
    pub(super) count: u32,
    /// In the order they were met.
    types: [u8; TYPES_MAX],
    types_count: u8,
    /// How many values were kept, and what is known of the first.
    pub(super) seen_count: u8,
    seen: First,
    /// The first value.
    value: Made,
    /// Where among the values it is written as a whole; [`NONE`] when it has to be written yet.
    pub(super) written: u32,
    /// Position of what there is only of items of arrays; [`NONE`] when there is nothing.
    extra: u32,
    pub(super) objects: u32,
}

/// The first value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// By its place in the body, as nearly always no other comes.
    Text(u32, u32),
    /// By a hash.
    Hash(u64),
}

/// The path of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// By its number among all that were met.
    Number(u32),
    /// By its place among those of this body that have none.
    Here(u32),
}

/// Values of a field beyond the first.
pub(super) struct Extra {
    pub(super) more: [Option<Made>; SEEN_MAX],
    pub(super) more_count: usize,
    /// Hashes of the values kept, so that `more` holds distinct ones. The first is in the entry.
    pub(super) seen: [u64; SEEN_MAX],
}

impl Entry {
    /// A field whose first leaf is of this type, with what leaves of it.
    #[inline]
    pub(super) const fn new(path: Where, kind: u8, value: Made) -> Self {
        let mut types = [0; TYPES_MAX];
        types[0] = kind;
        Self {
            path,
            count: 1,
            types,
            types_count: 1,
            seen_count: 0,
            seen: First::Hash(0),
            value,
            written: NONE,
            extra: NONE,
            objects: 0,
        }
    }

    /// Remembers that the first value was kept.
    #[inline]
    pub(super) const fn see_first(&mut self, first: First) {
        self.seen = first;
        self.seen_count = 1;
    }

    /// Whether a value with this hash was kept. `hash_of` makes the hash of a text in the body.
    pub(super) fn has_seen(
        &mut self,
        extras: &[Extra],
        hash: u64,
        hash_of: impl FnOnce(u32, u32) -> u64,
    ) -> bool {
        if self.seen_count == 0 {
            return false;
        }
        let first = match self.seen {
            First::Hash(first) => first,
            First::Text(start, len) => hash_of(start, len),
        };
        self.seen = First::Hash(first);
        let later =
            || get(extras, self.extra).and_then(|extra| extra.seen.get(1..self.seen_count.into()));
        first == hash || later().is_some_and(|s| s.contains(&hash))
    }

    /// Remembers that a value with this hash was kept.
    pub(super) fn see(&mut self, extras: &mut Vec<Extra>, hash: u64) {
        if self.seen_count == 0 {
            self.see_first(First::Hash(hash));
        } else if usize::from(self.seen_count) < SEEN_MAX {
            let at = usize::from(self.seen_count);
            self.seen_count = self.seen_count.saturating_add(1);
            if let Some(slot) = self.extra(extras).and_then(|extra| extra.seen.get_mut(at)) {
                *slot = hash;
            }
        }
    }

    /// What there is only of items of arrays, made when first asked for.
    pub(super) fn extra<'e>(&mut self, extras: &'e mut Vec<Extra>) -> Option<&'e mut Extra> {
        if self.extra == NONE {
            self.extra = u32::try_from(extras.len()).unwrap_or(NONE);
            extras.push(Extra { more: [None; SEEN_MAX], more_count: 0, seen: [0; SEEN_MAX] });
        }
        extras.get_mut(usize::try_from(self.extra).unwrap_or(usize::MAX))
    }

    /// Counts a leaf more, of this type; whether no leaf before was of it.
    #[inline]
    pub(super) fn meet(&mut self, kind: u8) -> bool {
        self.count = self.count.saturating_add(1);
        self.written = NONE;
        !(self.types_count == 1 && self.types.first() == Some(&kind)) && self.meet_other(kind)
    }

    fn meet_other(&mut self, kind: u8) -> bool {
        if self.types().contains(&kind) {
            return false;
        }
        let Some(slot) = self.types.get_mut(usize::from(self.types_count)) else { return false };
        *slot = kind;
        self.types_count = self.types_count.saturating_add(1);
        true
    }

    pub(super) fn types(&self) -> &[u8] {
        self.types.get(..self.types_count.into()).unwrap_or_default()
    }

    /// Where it is written as a whole, if it is.
    #[inline]
    pub(super) const fn whole(&self) -> Option<(u32, u32)> {
        if self.written == NONE { None } else { Some((self.written, self.value.end)) }
    }

    /// Writes it.
    pub(super) fn write(&self, path: &str, extras: &[Extra], values: &Values, out: &mut Vec<u8>) {
        use schema::field;
        let open = wire::open(out, schema::body::FIELDS);
        wire::text(out, field::PATH, path);
        wire::octets(out, field::TYPES, self.types());
        wire::number(out, field::COUNT, self.count.into());
        wire::octets(out, field::VALUE, values.get(self.value));
        let more = get(extras, self.extra).map(|extra| extra.more.iter().flatten());
        for value in more.into_iter().flatten() {
            wire::octets(out, field::MORE, values.get(*value));
        }
        wire::close(out, open);
    }
}

/// What is at a position; nothing at [`NONE`].
fn get<T>(list: &[T], at: u32) -> Option<&T> {
    list.get(usize::try_from(at).ok()?)
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;
    use prost::Message as _;

    use apitap_proto::v1::ValueType;

    use super::super::paths::Known;
    use super::super::plan::{Plan, octet};
    use super::*;

    proptest! {
        // Short and long ones are written in different ways, by what came before or not.
        #[test]
        fn fields_of_any_size_are_read_back(
            path in "[a-z]{1,100}|[a-z]{80,300}",
            met in prop::collection::vec(("[a-z]{0,40}|[a-z]{0,300}", 0..3_usize, 0..3_usize), 1..8),
        ) {
            let mut plan = Plan::default();
            let types = [ValueType::String, ValueType::Null, ValueType::Integer];
            for (kept, kinds, again) in met {
                let kind = octet(types[kinds]);
                let mut values = Values::default();
                if !plan.is_for(kind) {
                    plan.renew(Known::of(&path), kind);
                }
                let start = plan.begin(&mut values);
                let value = values.kept(&kept);
                let mut entry = Entry::new(Where::Number(0), kind, value);
                if let Some(start) = start.filter(|start| plan.settle(*start, value, &mut values)) {
                    entry.written = start;
                }
                types.iter().take(again).for_each(|kind| { entry.meet(octet(*kind)); });
                let mut out = Vec::new();
                entry.write(&path, &[], &values, &mut out);
                if let Some((start, end)) = entry.whole() {
                    prop_assert_eq!(values.range(start, end), &out);
                }
                prop_assert_eq!(entry.whole().is_some(), start.is_some() && entry.written != NONE);
                let body = v1::Body::decode(out.as_slice()).unwrap();
                let mut told = vec![i32::from(types[kinds])];
                for kind in types.iter().take(again) {
                    if !told.contains(&(*kind).into()) {
                        told.push((*kind).into());
                    }
                }
                let form = Some(v1::value::Form::Kept(kept));
                let field = v1::Field {
                    path: path.clone(),
                    types: told,
                    count: u32::try_from(again).unwrap() + 1,
                    value: Some(v1::Value { form }),
                    more: Vec::new(),
                };
                prop_assert_eq!(&body.fields, &[field]);
                prop_assert_eq!(body.encode_to_vec(), out);
            }
        }
    }
}
