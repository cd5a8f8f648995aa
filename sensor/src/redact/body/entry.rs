//! A field of a body, as far as it was seen, and how it is written.

use apitap_proto::v1::ValueType;

use super::paths::NONE;
use crate::redact::found::Span;
use crate::redact::made::{Made, Values};
use crate::redact::{schema, wire};

/// Most distinct values kept of one path.
const SEEN_MAX: usize = 8;
/// Types a leaf can have.
const TYPES_MAX: usize = 9;

/// A field, as far as it was seen. Small: a body has fifty, and they are passed over twice.
pub(super) struct Entry {
    pub(super) hash: u64,
    /// Number of its path; [`NONE`] when it has none: then `path` says where it is.
    pub(super) number: u32,
    pub(super) path: Span,
    pub(super) count: u32,
    /// In the order they were met.
    pub(super) types: [u8; TYPES_MAX],
    pub(super) types_count: usize,
    pub(super) value: Option<Made>,
    /// Hash of the first value kept, and how many there were.
    pub(super) seen: u64,
    pub(super) seen_count: usize,
    /// Position of what there is only of items of arrays; [`NONE`] when there is nothing.
    pub(super) extra: u32,
    pub(super) objects: u32,
}

/// Values of a field beyond the first.
pub(super) struct Extra {
    pub(super) more: [Option<Made>; SEEN_MAX],
    pub(super) more_count: usize,
    /// Hashes of the values kept, so that `more` holds distinct ones. The first is in the entry.
    pub(super) seen: [u64; SEEN_MAX],
}

impl Entry {
    pub(super) const fn new(hash: u64, number: u32, path: Span) -> Self {
        Self {
            hash,
            number,
            path,
            count: 0,
            types: [0; TYPES_MAX],
            types_count: 0,
            value: None,
            seen: 0,
            seen_count: 0,
            extra: NONE,
            objects: 0,
        }
    }

    /// Whether a value with this hash was kept.
    pub(super) fn has_seen(&self, extras: &[Extra], hash: u64) -> bool {
        let later = || get(extras, self.extra).and_then(|extra| extra.seen.get(1..self.seen_count));
        self.seen_count > 0 && (self.seen == hash || later().is_some_and(|s| s.contains(&hash)))
    }

    /// Remembers that a value with this hash was kept.
    pub(super) fn see(&mut self, extras: &mut Vec<Extra>, hash: u64) {
        if self.seen_count == 0 {
            self.seen = hash;
            self.seen_count = 1;
        } else if self.seen_count < SEEN_MAX {
            let at = self.seen_count;
            self.seen_count = at.saturating_add(1);
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
    pub(super) fn meet(&mut self, kind: ValueType) {
        self.count = self.count.saturating_add(1);
        // Enumerations of the schema are small.
        let typed = u8::try_from(i32::from(kind)).unwrap_or(0);
        if self.types().contains(&typed) {
            return;
        }
        if let Some(slot) = self.types.get_mut(self.types_count) {
            *slot = typed;
            self.types_count = self.types_count.saturating_add(1);
        }
    }

    pub(super) fn types(&self) -> &[u8] {
        self.types.get(..self.types_count).unwrap_or_default()
    }

    pub(super) fn write(&self, path: &str, extras: &[Extra], values: &Values, out: &mut Vec<u8>) {
        use schema::field;
        let value = self.value.map(|value| values.get(value));
        if let (Some(value), [kind], NONE) = (value, self.types(), self.extra)
            && write_plain(path, *kind, self.count, value, out)
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

/// Writes a field of one type and value in four steps, if all of it is short, as nearly always; else nothing, and
/// says so.
fn write_plain(path: &str, kind: u8, count: u32, value: &[u8], out: &mut Vec<u8>) -> bool {
    use schema::field;
    const fn tag(field: u32, wire_type: u8) -> u8 {
        let [field, ..] = field.to_le_bytes();
        (field << 3) | wire_type
    }
    let lens = (u8::try_from(path.len()), u8::try_from(count), u8::try_from(value.len()));
    let (Ok(path_len @ 1..0x80), Ok(count @ 1..0x80), Ok(value_len @ 0..0x80)) = lens else {
        return false;
    };
    let [types, counted] = [tag(field::TYPES, 2), tag(field::COUNT, 0)];
    let middle = [types, 1, kind, counted, count, tag(field::VALUE, 2), value_len];
    // Lengths below 128 take one octet; that of the whole may take two.
    let size = u16::from(path_len) + u16::from(value_len) + 9;
    let (begin, path_tag) = (tag(schema::body::FIELDS, 2), tag(field::PATH, 2));
    out.reserve(usize::from(size).saturating_add(3));
    match u8::try_from(size) {
        Ok(size @ 0..0x80) => out.extend_from_slice(&[begin, size, path_tag, path_len]),
        _ => {
            let [low, high] = ((size & 0x7f) | ((size & 0xff80) << 1)).to_le_bytes();
            out.extend_from_slice(&[begin, low | 0x80, high, path_tag, path_len]);
        }
    }
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(&middle);
    out.extend_from_slice(value);
    true
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
            let mut entry = Entry::new(0, 0, Span::default());
            let types = [ValueType::String, ValueType::Null, ValueType::Integer];
            types.iter().take(kinds).for_each(|kind| entry.meet(*kind));
            entry.count = count;
            entry.value = Some(values.kept(&kept));
            let mut out = Vec::new();
            entry.write(&path, &[], &values, &mut out);
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
