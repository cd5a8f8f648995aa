//! What was found out of a path the last time its field was written: what the field begins with, up to its value, as
//! most are of the same type and length again.

use apitap_proto::v1::ValueType;

use super::paths::{Known, NONE};
use super::shape;
use crate::redact::found::Hint;
use crate::redact::made::{Made, Values};
use crate::redact::schema;

/// Longest beginning of a field that is remembered.
const HEAD_MAX: usize = 96;
/// Octets of a beginning besides the path, if the length of the field takes two.
const HEAD_REST: usize = 12;

/// Plan of a path that has a number. Holds nothing of values but how long the last one was.
pub(super) struct Plan {
    /// The body that met the path last, and its entry there; [`NONE`] beyond the limit.
    pub(super) body: u64,
    pub(super) entry: u32,
    /// What learning is told of the path.
    pub(super) field: u64,
    /// What its field adds to the shape of a body that has types.
    pub(super) shape: u64,
    /// Whether it is in an array.
    pub(super) array: bool,
    /// Where its finding and its object are remembered, in requests and in answers.
    pub(super) asked: Hints,
    pub(super) answered: Hints,
    /// Type of the field that `head` is of; none yet when it is no type.
    kind: u8,
    /// Length of the last value.
    value_len: u8,
    /// Whether the length of the field takes two octets.
    long: bool,
    /// Octets of `head` that are in use; 0 where the path is too long.
    len: u8,
    head: [u8; HEAD_MAX],
}

/// Where what stands at a path is remembered.
#[derive(Default)]
pub(super) struct Hints {
    pub(super) finding: Hint,
    pub(super) object: Hint,
}

/// No type.
const UNKNOWN: u8 = u8::MAX;

impl Default for Plan {
    fn default() -> Self {
        Self {
            body: 0,
            entry: NONE,
            field: 0,
            shape: 0,
            array: false,
            asked: Hints::default(),
            answered: Hints::default(),
            kind: UNKNOWN,
            value_len: 6,
            long: false,
            len: 0,
            head: [0; HEAD_MAX],
        }
    }
}

const fn tag(field: u32, wire_type: u8) -> u8 {
    let [field, ..] = field.to_le_bytes();
    (field << 3) | wire_type
}

/// The octets that tell the length of a field, with what begins it in front: two or three.
const fn lead(size: u16) -> [u8; 3] {
    const BEGIN: u8 = tag(schema::body::FIELDS, 2);
    let [low, high] = ((size & 0x7f) | ((size & 0xff80) << 1)).to_le_bytes();
    if size < 0x80 { [BEGIN, low, 0] } else { [BEGIN, low | 0x80, high] }
}

impl Plan {
    /// Whether it is one for fields of this type.
    #[inline]
    pub(super) const fn is_for(&self, kind: u8) -> bool {
        self.kind == kind
    }

    /// What is remembered of requests, or of answers.
    #[inline]
    pub(super) const fn hints(&mut self, answered: bool) -> &mut Hints {
        if answered { &mut self.answered } else { &mut self.asked }
    }

    /// Makes it one for fields of this type, at the path it is of.
    pub(super) fn renew(&mut self, path: Known<'_>, kind: u8) {
        use schema::field;
        self.kind = kind;
        self.field = path.field;
        self.shape = shape::part(path.marks, &[kind], true);
        self.array = path.marks.array != 0;
        self.len = 0;
        let text = path.text.as_bytes();
        let Ok(path_len @ 1..0x80) = u8::try_from(text.len()) else { return };
        if text.len() > HEAD_MAX - HEAD_REST {
            return;
        }
        let size = u16::from(path_len) + u16::from(self.value_len) + 9;
        self.long = size >= 0x80;
        let [begin, low, high] = lead(size);
        let lead: &[u8] = if self.long { &[begin, low, high] } else { &[begin, low] };
        let tail = [
            tag(field::TYPES, 2),
            1,
            kind,
            tag(field::COUNT, 0),
            1,
            tag(field::VALUE, 2),
            self.value_len,
        ];
        let path = [tag(field::PATH, 2), path_len];
        let octets = lead.iter().chain(&path).chain(text).chain(&tail);
        let mut len = 0_u8;
        for (slot, octet) in self.head.iter_mut().zip(octets) {
            *slot = *octet;
            len = len.saturating_add(1);
        }
        self.len = len;
    }

    /// Puts what the field begins with in front of the value that is made next; gives back where it is, if it is short.
    #[inline]
    pub(super) fn begin(&self, values: &mut Values) -> Option<u32> {
        (self.len > 0).then(|| values.front(&self.head, self.len.into()))
    }

    /// Lets what begins at `start` tell the length of the value behind it; `false` if it has no room for that.
    #[inline]
    pub(super) fn settle(&mut self, start: u32, value: Made, values: &mut Values) -> bool {
        value.len() == usize::from(self.value_len) || self.settle_other(start, value, values)
    }

    fn settle_other(&mut self, start: u32, value: Made, values: &mut Values) -> bool {
        let Ok(value_len @ 0..0x80) = u8::try_from(value.len()) else { return false };
        let len = usize::from(self.len);
        let besides = if self.long { 3 } else { 2 };
        let size = len.saturating_sub(besides).saturating_add(value_len.into());
        let Ok(size) = u16::try_from(size) else { return false };
        self.value_len = value_len;
        if (size >= 0x80) != self.long {
            // Next time, then.
            self.kind = UNKNOWN;
            return false;
        }
        let patch = |head: &mut [u8]| {
            if let Some(slot) = head.last_mut() {
                *slot = value_len;
            }
            for (slot, octet) in head.iter_mut().zip(lead(size)).take(besides) {
                *slot = octet;
            }
        };
        if let Some(head) = self.head.get_mut(..len) {
            patch(head);
        }
        match values.front_mut(start, value) {
            Some(head) if head.len() == len => patch(head),
            _ => return false,
        }
        true
    }
}

/// A type as it is written: enumerations of the schema are small.
#[inline]
pub(super) fn octet(kind: ValueType) -> u8 {
    let [low, ..] = i32::from(kind).to_le_bytes();
    low
}
