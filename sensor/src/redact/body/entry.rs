//! A field of a body, as far as it was seen, and how it is written.

use apitap_proto::v1::ValueType;

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
    /// How many values were kept, and the hash of the first.
    pub(super) seen_count: u8,
    seen: u64,
    pub(super) value: Option<Made>,
    /// Position of what there is only of items of arrays; [`NONE`] when there is nothing.
    extra: u32,
    pub(super) objects: u32,
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
    pub(super) const fn new(path: Where) -> Self {
        Self {
            path,
            count: 0,
            types: [0; TYPES_MAX],
            types_count: 0,
            seen_count: 0,
            seen: 0,
            value: None,
            extra: NONE,
            objects: 0,
        }
    }

    /// Whether a value with this hash was kept.
    pub(super) fn has_seen(&self, extras: &[Extra], hash: u64) -> bool {
        let later =
            || get(extras, self.extra).and_then(|extra| extra.seen.get(1..self.seen_count.into()));
        self.seen_count > 0 && (self.seen == hash || later().is_some_and(|s| s.contains(&hash)))
    }

    /// Remembers that a value with this hash was kept.
    pub(super) fn see(&mut self, extras: &mut Vec<Extra>, hash: u64) {
        if self.seen_count == 0 {
            self.seen = hash;
            self.seen_count = 1;
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

    /// Counts a leaf of this type.
    #[inline]
    pub(super) fn meet(&mut self, kind: ValueType) {
        self.count = self.count.saturating_add(1);
        // Enumerations of the schema are small.
        let typed = u8::try_from(i32::from(kind)).unwrap_or(0);
        if self.types_count == 1 && self.types.first() == Some(&typed) {
            return;
        }
        self.meet_other(typed);
    }

    fn meet_other(&mut self, typed: u8) {
        if self.types().contains(&typed) {
            return;
        }
        if let Some(slot) = self.types.get_mut(usize::from(self.types_count)) {
            *slot = typed;
            self.types_count = self.types_count.saturating_add(1);
        }
    }

    pub(super) fn types(&self) -> &[u8] {
        self.types.get(..self.types_count.into()).unwrap_or_default()
    }

    /// Writes it, by what its path began with the last time if that is short.
    pub(super) fn write(
        &self,
        path: &str,
        heads: &mut Heads,
        extras: &[Extra],
        values: &Values,
        out: &mut Vec<u8>,
    ) {
        use schema::field;
        let value = self.value.map(|value| values.get(value));
        if let (Some(value), [kind], NONE, Where::Number(number)) =
            (value, self.types(), self.extra, self.path)
            && let Ok(count @ 1..0x80) = u8::try_from(self.count)
            && let Ok(len @ 0..0x80) = u8::try_from(value.len())
            && heads.write(number, path, [*kind, count, len], value, out)
        {
            return;
        }
        let open = wire::open(out, schema::body::FIELDS);
        wire::text(out, field::PATH, path);
        if !self.types().is_empty() {
            wire::octets(out, field::TYPES, self.types());
        }
        wire::number(out, field::COUNT, self.count.into());
        if let Some(value) = value {
            wire::octets(out, field::VALUE, value);
        }
        let more = get(extras, self.extra).map(|extra| extra.more.iter().flatten());
        for value in more.into_iter().flatten() {
            wire::octets(out, field::MORE, values.get(*value));
        }
        wire::close(out, open);
    }
}

const fn tag(field: u32, wire_type: u8) -> u8 {
    let [field, ..] = field.to_le_bytes();
    (field << 3) | wire_type
}

/// What fields of paths with numbers begin with, up to their values, as they were written the last time: most are
/// of the same type, number and length again.
#[derive(Default)]
pub(super) struct Heads {
    octets: Vec<u8>,
    heads: Vec<Head>,
}

/// What a field begins with; nothing yet when it ends at 0.
#[derive(Clone, Copy, Default)]
struct Head {
    start: usize,
    end: usize,
    /// Type, count and length of the value.
    stamp: [u8; 3],
    /// Whether the length of the field takes two octets.
    long: bool,
}

impl Heads {
    /// Forgets all paths.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.heads.clear();
    }

    /// Writes a field of one type and value in two steps, if all of it is short, as nearly always; else nothing, and
    /// says so.
    fn write(
        &mut self,
        number: u32,
        path: &str,
        stamp: [u8; 3],
        value: &[u8],
        out: &mut Vec<u8>,
    ) -> bool {
        let Ok(number) = usize::try_from(number) else { return false };
        if self.heads.len() <= number {
            self.heads.resize(number.saturating_add(1), Head::default());
        }
        let Some(head) = self.heads.get_mut(number) else { return false };
        if head.stamp != stamp && !head.renew(path, stamp, &mut self.octets) {
            return false;
        }
        let begin = head.start.saturating_add(usize::from(!head.long));
        let Some(octets) = self.octets.get(begin..head.end) else { return false };
        out.extend_from_slice(octets);
        out.extend_from_slice(value);
        true
    }
}

impl Head {
    /// Says what a field like this begins with; `false` where the path is long.
    fn renew(&mut self, path: &str, stamp: [u8; 3], octets: &mut Vec<u8>) -> bool {
        use schema::field;
        let Ok(path_len @ 1..0x60) = u8::try_from(path.len()) else { return false };
        if self.end == 0 {
            self.start = octets.len();
            octets.extend_from_slice(&[0, 0, 0, tag(field::PATH, 2), path_len]);
            octets.extend_from_slice(path.as_bytes());
            octets.extend_from_slice(&[
                tag(field::TYPES, 2),
                1,
                0,
                tag(field::COUNT, 0),
                0,
                tag(field::VALUE, 2),
                0,
            ]);
            self.end = octets.len();
        }
        let [kind, count, value_len] = stamp;
        let size = u16::from(path_len) + u16::from(value_len) + 9;
        let begin = tag(schema::body::FIELDS, 2);
        let Some(head) = octets.get_mut(self.start..self.end) else { return false };
        if let Some(last) = head.last_chunk_mut() {
            *last = [kind, tag(field::COUNT, 0), count, tag(field::VALUE, 2), value_len];
        }
        self.long = size >= 0x80;
        if let Some(first) = head.first_chunk_mut() {
            let [low, high] = ((size & 0x7f) | ((size & 0xff80) << 1)).to_le_bytes();
            *first = if self.long { [begin, low | 0x80, high] } else { [0, begin, low] };
        }
        self.stamp = stamp;
        true
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

    use super::*;

    proptest! {
        // Short and long ones are written in different ways.
        #[test]
        fn fields_of_any_size_are_read_back(path in "[a-z]{0,300}", kept in "[a-z]{0,300}", count in 0..400_u32, kinds in 0..3_usize) {
            let mut values = Values::default();
            let mut entry = Entry::new(Where::Number(0));
            let types = [ValueType::String, ValueType::Null, ValueType::Integer];
            types.iter().take(kinds).for_each(|kind| entry.meet(*kind));
            entry.count = count;
            entry.value = Some(values.kept(&kept));
            let (mut out, mut heads) = (Vec::new(), Heads::default());
            let mut put = |entry: &Entry, values: &Values| {
                out.clear();
                entry.write(&path, &mut heads, &[], values, &mut out);
                out.clone()
            };
            let first = put(&entry, &values);
            prop_assert_eq!(&first, &put(&entry, &values));
            // What was there before does not matter.
            let shape = values.shape(ValueType::String, 3);
            let value = entry.value.replace(shape);
            put(&entry, &values);
            entry.value = value;
            let out = put(&entry, &values);
            prop_assert_eq!(&first, &out);
            entry.path = Where::Here(0);
            prop_assert_eq!(&first, &put(&entry, &values));
            let body = v1::Body::decode(out.as_slice()).unwrap();
            let form = Some(v1::value::Form::Kept(kept));
            let field = v1::Field {
                path,
                types: types.iter().take(kinds).map(|kind| (*kind).into()).collect(),
                count,
                value: Some(v1::Value { form }),
                more: Vec::new(),
            };
            prop_assert_eq!(&body.fields, &[field]);
            prop_assert_eq!(body.encode_to_vec(), out);
        }
    }
}
