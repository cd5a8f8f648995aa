//! What leaves of values, encoded as the schema's `Value`: one buffer for all values of a call.

use apitap_proto::v1::ValueType;

use super::class::Class;
use super::policy::Shown;
use super::{schema, wire};

/// How a value left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it was.
    Kept,
    /// As a token made under the key of this class.
    Token(Class),
    /// As type and length.
    Shape,
    /// With all but a few characters replaced.
    Masked,
}

/// A value as it leaves, by its place among the [`Values`] of the call.
///
/// Small enough to be passed in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    start: u32,
    /// Where it ends.
    pub(crate) end: u32,
    /// How it left.
    pub(crate) form: Form,
}

impl Made {
    /// Whether the value left as a token.
    pub(crate) const fn is_token(self) -> bool {
        matches!(self.form, Form::Token(_))
    }

    /// Length of its encoding.
    #[inline]
    pub(crate) fn len(self) -> usize {
        usize::try_from(self.end.saturating_sub(self.start)).unwrap_or(usize::MAX)
    }

    /// Whether it begins where `from` ends, or later.
    pub(crate) const fn is_behind(self, from: Self) -> bool {
        self.start >= from.end && self.end >= self.start
    }

    /// The same value where what stood behind `from` now stands behind `to`.
    pub(crate) const fn moved(self, from: Self, to: Self) -> Self {
        let start = self.start.saturating_sub(from.end).saturating_add(to.end);
        let end = self.end.saturating_sub(from.end).saturating_add(to.end);
        Self { start, end, form: self.form }
    }
}

/// The values of a call. Nothing in here is secret: all of it may leave.
#[derive(Default)]
pub(crate) struct Values {
    octets: Vec<u8>,
}

impl Values {
    /// Forgets the values of the call before.
    pub(crate) fn clear(&mut self) {
        self.octets.clear();
    }

    /// Adds a value that is written by `write`.
    #[inline]
    pub(crate) fn add(&mut self, form: Form, write: impl FnOnce(&mut Vec<u8>)) -> Made {
        // A call has no 4 GiB of values; if it had, those beyond would be empty.
        let at = |octets: &Vec<u8>| u32::try_from(octets.len()).unwrap_or(u32::MAX);
        let start = at(&self.octets);
        write(&mut self.octets);
        Made { start, end: at(&self.octets), form }
    }

    /// Puts the first `len` octets of `block` in front of the value that is added next; gives back where they begin.
    #[inline]
    pub(crate) fn front<const N: usize>(&mut self, block: &[u8; N], len: usize) -> u32 {
        let start = self.octets.len();
        // A whole block is copied in a few steps.
        self.octets.extend_from_slice(block);
        self.octets.truncate(start.saturating_add(len));
        u32::try_from(start).unwrap_or(u32::MAX)
    }

    /// What was put in front of a value, from `start`.
    pub(crate) fn front_mut(&mut self, start: u32, made: Made) -> Option<&mut [u8]> {
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(made.start).ok()?);
        self.octets.get_mut(start..end)
    }

    /// The octets from `start` to `end`: values with what was put in front of them.
    pub(crate) fn range(&self, start: u32, end: u32) -> &[u8] {
        let (start, end) = (usize::try_from(start), usize::try_from(end));
        self.octets.get(start.unwrap_or(0)..end.unwrap_or(0)).unwrap_or_default()
    }

    /// An empty value at the end.
    pub(crate) fn end(&mut self) -> Made {
        self.add(Form::Shape, |_| ())
    }

    /// All values behind this one.
    pub(crate) fn since(&self, from: Made) -> &[u8] {
        self.octets.get(usize::try_from(from.end).unwrap_or(usize::MAX)..).unwrap_or_default()
    }

    /// Adds values that were made before; gives back an empty one in front of them.
    pub(crate) fn append(&mut self, values: &[u8]) -> Made {
        let end = self.end();
        self.octets.extend_from_slice(values);
        end
    }

    /// Adds a text that is kept.
    pub(crate) fn kept(&mut self, text: &str) -> Made {
        self.add(Form::Kept, |out| wire::octets(out, schema::value::KEPT, text.as_bytes()))
    }

    /// Adds a text of which only `shown` leaves.
    pub(crate) fn masked(&mut self, text: &str, shown: Shown) -> Made {
        self.add(Form::Masked, |out| {
            let masked = wire::open(out, schema::value::MASKED);
            shown.write(text, out);
            wire::close(out, masked);
        })
    }

    /// Adds type and length.
    #[inline]
    pub(crate) fn shape(&mut self, kind: ValueType, length: u64) -> Made {
        self.add(Form::Shape, |out| {
            let (typed, short) = (u8::try_from(i32::from(kind)), u8::try_from(length));
            if let (Ok(typed @ 1..0x80), Ok(short @ 1..0x80)) = (typed, short) {
                return out.extend_from_slice(&small_shape(typed, short));
            }
            let shape = wire::open(out, schema::value::SHAPE);
            wire::enumeration(out, schema::shape::TYPE, kind);
            wire::number(out, schema::shape::LENGTH, length);
            wire::close(out, shape);
        })
    }

    /// The encoding of a value: a message `Value`.
    pub(crate) fn get(&self, made: Made) -> &[u8] {
        self.range(made.start, made.end)
    }

    /// Length and message of the `Token` in a value that is one.
    pub(crate) fn token(&self, made: Made) -> &[u8] {
        match made.form {
            // Behind the octet that says which form it is.
            Form::Token(_) => self.get(made).get(1..).unwrap_or_default(),
            Form::Kept | Form::Shape | Form::Masked => &[0],
        }
    }

    /// The value as a tree.
    #[cfg(test)]
    pub(crate) fn tree(&self, made: Made) -> apitap_proto::v1::Value {
        prost::Message::decode(self.get(made)).unwrap()
    }
}

/// A `Value` with a shape whose type and length are one octet each.
const fn small_shape(typed: u8, length: u8) -> [u8; 6] {
    const LEN: u8 = 2;
    const FIELDS: [u32; 3] = [schema::value::SHAPE, schema::shape::TYPE, schema::shape::LENGTH];
    let [[shape, ..], [typed_field, ..], [length_field, ..]] =
        [FIELDS[0].to_le_bytes(), FIELDS[1].to_le_bytes(), FIELDS[2].to_le_bytes()];
    [(shape << 3) | LEN, 4, typed_field << 3, typed, length_field << 3, length]
}

/// Writes a `Parameter` as an element of the list that is field `field` of its message.
pub(crate) fn parameter(out: &mut Vec<u8>, field: u32, name: &str, value: &[u8]) {
    let len = if name.is_empty() { 0 } else { wire::size(name.len()) };
    wire::begin(out, field, len.saturating_add(wire::size(value.len())));
    wire::text(out, schema::parameter::NAME, name);
    wire::octets(out, schema::parameter::VALUE, value);
}

/// The name of a `Parameter`, encoded.
pub(crate) fn name(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_add(2));
    wire::text(&mut out, schema::parameter::NAME, text);
    out
}

/// Writes a `Parameter` whose name was encoded by [`name`].
pub(crate) fn parameter_named(out: &mut Vec<u8>, field: u32, name: &[u8], value: &[u8]) {
    wire::begin(out, field, name.len().saturating_add(wire::size(value.len())));
    out.extend_from_slice(name);
    wire::octets(out, schema::parameter::VALUE, value);
}

/// Writes a `Parameter` whose name was encoded by [`name`], and whose value is a text that is kept.
pub(crate) fn parameter_kept(out: &mut Vec<u8>, field: u32, name: &[u8], text: &[u8]) {
    let value = wire::size(text.len());
    wire::begin(out, field, name.len().saturating_add(wire::size(value)));
    out.extend_from_slice(name);
    wire::begin(out, schema::parameter::VALUE, value);
    wire::octets(out, schema::value::KEPT, text);
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::*;

    proptest::proptest! {
        #[test]
        fn parameters_are_as_prost_writes_them(
            text in "[a-z]{0,4}|[a-z]{120,140}",
            len in proptest::prop_oneof![0..4_usize, 100..140_usize, 16_370..16_400_usize],
        ) {
            let kept = "x".repeat(len);
            let mut values = Values::default();
            let value = values.kept(&kept);
            let value = values.get(value);
            let (mut plain, mut named) = (Vec::new(), Vec::new());
            parameter(&mut plain, schema::request::HEADERS, &text, value);
            parameter_named(&mut named, schema::request::HEADERS, &name(&text), value);
            let form = Some(v1::value::Form::Kept(kept));
            let value = Some(v1::Value { form });
            let parameter = v1::Parameter { name: text, value };
            let request = v1::Request { headers: vec![parameter], ..v1::Request::default() };
            proptest::prop_assert_eq!(&plain, &request.encode_to_vec());
            proptest::prop_assert_eq!(plain, named);
        }
    }
}
