//! Messages that a descriptor set describes: read with the names and types of their fields.
//!
//! Octets are looked at first: a message that is not as described (a field of another wire type, a text that is
//! no UTF-8) is read without the description. Fields that are not described stay numbers: clients may be newer.

use apitap_proto::v1::ValueType;

use super::{
    DEPTH_MAX, Field, Guess, Value, guess, integer, next, number, take, undescribed, varint,
};
use crate::redact::body::{End, Visit};
use crate::redact::descriptors::{Descriptors, Kind, Message, Shape};

/// What is described of a message.
#[derive(Clone, Copy)]
pub(crate) struct Described<'a> {
    pub(crate) descriptors: &'a Descriptors,
    pub(crate) message: u32,
}

/// A field as it is described.
#[derive(Clone, Copy)]
struct Known<'a> {
    name: &'a str,
    kind: Kind,
    repeated: bool,
}

/// Reads one message as described, else by the wire alone; of a cut one, as far as it goes.
pub(crate) fn read_described(
    octets: &[u8],
    cut: bool,
    described: Option<Described<'_>>,
    visit: &mut impl Visit,
) -> End {
    let Some(Described { descriptors, message }) = described else {
        return super::read(octets, cut, visit);
    };
    let message = descriptors.message(message);
    let look = Look { descriptors };
    let fits = look.fits(&mut &*octets, message, None, cut, 0);
    visit.described(fits);
    if !fits {
        return super::read(octets, cut, visit);
    }
    let mut reader = Reader { look, cut: false, visit };
    reader.message(&mut &*octets, message, None, 0);
    End { roots: 1, cut: cut && reader.cut, ..End::default() }
}

/// What messages are, and whether octets are one.
#[derive(Clone, Copy)]
struct Look<'a> {
    descriptors: &'a Descriptors,
}

impl<'a> Look<'a> {
    /// The message that an `Any` holds.
    fn inside(self, message: Option<&Message>, octets: &[u8]) -> Option<u32> {
        message.filter(|message| message.shape == Shape::Any)?;
        let mut rest = octets;
        let url = std::iter::from_fn(|| next(&mut rest)).find_map(|field| match field {
            Field { number: 1, value: Value::Bytes(url) } => Some(url),
            _ => None,
        });
        self.descriptors.by_url(url?)
    }

    fn field(message: Option<&'a Message>, inside: Option<u32>, number: u64) -> Option<Known<'a>> {
        let field = message?.field(number)?;
        let kind = match inside {
            Some(inside) if number == 2 => Kind::Message(inside),
            _ => field.kind,
        };
        Some(Known { name: &field.name, kind, repeated: field.repeated })
    }

    /// Takes a message, or a group to its end, and says whether it is as described. Of a message that nothing is
    /// known of, whether it follows the rules of the wire.
    fn fits(
        self,
        rest: &mut &[u8],
        message: Option<&'a Message>,
        group: Option<u64>,
        cut: bool,
        depth: u32,
    ) -> bool {
        if depth > DEPTH_MAX {
            // Told as octets; a group that deep cannot be.
            return group.is_none();
        }
        let inside = self.inside(message, rest);
        let deeper = depth.saturating_add(1);
        while !rest.is_empty() {
            let Some(Field { number, value }) = next(rest) else { return cut };
            let known = Self::field(message, inside, number);
            let suits = match (value, known) {
                (Value::Close, _) => return group == Some(number),
                (Value::Open, Some(Known { kind: Kind::Group(inner), .. })) => {
                    let inner = self.descriptors.message(inner);
                    self.fits(rest, inner, Some(number), cut, deeper)
                }
                (Value::Open, None) => self.fits(rest, None, Some(number), cut, deeper),
                (Value::Open, Some(_)) => false,
                (_, None) => cut || !matches!(value, Value::Cut(_)),
                (_, Some(known)) => self.suits(known, value, cut, deeper),
            };
            if !suits {
                return false;
            }
        }
        cut || group.is_none()
    }

    /// Whether a value can be one of a field.
    fn suits(self, known: Known<'a>, value: Value<'_>, cut: bool, depth: u32) -> bool {
        let message = |inner| self.descriptors.message(inner);
        match (value, known.kind) {
            (Value::Varint(value), Kind::Bool) => value <= 1,
            (Value::Varint(_), Kind::Int | Kind::Uint | Kind::Sint | Kind::Enum(_))
            | (Value::Fixed64(_), Kind::Double | Kind::Fixed64 { .. })
            | (Value::Fixed32(_), Kind::Float | Kind::Fixed32 { .. })
            | (Value::Bytes(_), Kind::Bytes) => true,
            (Value::Bytes(octets), Kind::String) => std::str::from_utf8(octets).is_ok(),
            (Value::Bytes(octets), Kind::Message(inner)) => {
                self.fits(&mut &*octets, message(inner), None, false, depth)
            }
            (Value::Bytes(octets), kind) if known.repeated && is_packed(kind) => {
                let mut rest = octets;
                while !rest.is_empty() {
                    if unpack(kind, &mut rest).is_none() {
                        return false;
                    }
                }
                true
            }
            (Value::Cut(octets), Kind::Message(inner)) => {
                cut && self.fits(&mut &*octets, message(inner), None, true, depth)
            }
            (Value::Cut(_), Kind::String | Kind::Bytes | Kind::Unresolved) => cut,
            (Value::Cut(_), kind) => cut && known.repeated && is_packed(kind),
            (_, Kind::Unresolved) => true,
            _ => false,
        }
    }
}

/// Whether several values may stand in one field, without tags of their own.
const fn is_packed(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_) | Kind::Unresolved
    )
}

/// The next of values that stand in one field.
fn unpack(kind: Kind, rest: &mut &[u8]) -> Option<Value<'static>> {
    Some(match kind {
        Kind::Double | Kind::Fixed64 { .. } => Value::Fixed64(take(rest)?),
        Kind::Float | Kind::Fixed32 { .. } => Value::Fixed32(take(rest)?),
        _ => Value::Varint(varint(rest)?),
    })
}

/// Tells of messages that are known to be as described.
struct Reader<'a, 'v, V> {
    look: Look<'a>,
    /// Whether a value was cut.
    cut: bool,
    visit: &'v mut V,
}

impl<'a, V: Visit> Reader<'a, '_, V> {
    fn message(
        &mut self,
        rest: &mut &[u8],
        message: Option<&'a Message>,
        group: Option<u64>,
        depth: u32,
    ) {
        let inside = self.look.inside(message, rest);
        let deeper = depth.saturating_add(1);
        while !rest.is_empty() {
            let Some(Field { number, value }) = next(rest) else {
                self.cut = true;
                return;
            };
            let known = Look::field(message, inside, number);
            match (value, known) {
                (Value::Close, _) if group.is_some() => return,
                (_, Some(known)) => self.field(known, value, rest, number, deeper),
                (_, None) => {
                    self.visit.number(number);
                    if let Value::Open = value {
                        self.message(rest, None, Some(number), deeper);
                    } else {
                        self.cut |= matches!(value, Value::Cut(_));
                        undescribed(value, depth, self.visit);
                    }
                    self.visit.leave();
                }
            }
        }
    }

    /// Tells of one field. `rest`: where the inside of a group is.
    fn field(
        &mut self,
        known: Known<'a>,
        value: Value<'_>,
        rest: &mut &[u8],
        number: u64,
        depth: u32,
    ) {
        let Known { name, kind, repeated } = known;
        let message = |look: Look<'a>, inner| look.descriptors.message(inner);
        self.visit.enter(name.as_bytes());
        match (value, kind) {
            (Value::Bytes(octets), Kind::Message(inner))
                if message(self.look, inner).is_some_and(|inner| inner.shape == Shape::Entry) =>
            {
                self.entry(octets, message(self.look, inner), depth);
            }
            (Value::Bytes(octets), kind) if repeated && is_packed(kind) => {
                let mut values = octets;
                while let Some(value) = unpack(kind, &mut values) {
                    self.item(true, |reader| reader.value(kind, value, depth));
                }
            }
            (Value::Open, Kind::Group(inner)) => {
                let inner = message(self.look, inner);
                self.item(repeated, |reader| reader.message(rest, inner, Some(number), depth));
            }
            _ => self.item(repeated, |reader| reader.value(kind, value, depth)),
        }
        self.visit.leave();
    }

    /// Tells of what may be an item of an array.
    fn item(&mut self, repeated: bool, tell: impl FnOnce(&mut Self)) {
        if repeated {
            self.visit.item();
        }
        tell(self);
        if repeated {
            self.visit.leave();
        }
    }

    /// Tells of an entry of a map: its key is a name.
    fn entry(&mut self, octets: &[u8], entry: Option<&'a Message>, depth: u32) {
        let (mut key, mut value) = (None, None);
        let mut rest = octets;
        while let Some(field) = next(&mut rest) {
            match field.number {
                1 => key = Some(field.value),
                2 => value = Some(field.value),
                _ => {}
            }
        }
        let kind = |number| Look::field(entry, None, number).map(|known| known.kind);
        let text;
        let key = match (key, kind(1)) {
            (Some(Value::Bytes(key)), _) => key,
            (Some(key), Some(kind)) => {
                text = scalar(kind, key).unwrap_or_default();
                text.as_bytes()
            }
            _ => b"",
        };
        self.visit.enter(key);
        if let (Some(value), Some(kind)) = (value, kind(2)) {
            self.value(kind, value, depth);
        }
        self.visit.leave();
    }

    /// Tells of one value.
    fn value(&mut self, kind: Kind, value: Value<'_>, depth: u32) {
        match (value, kind) {
            (Value::Bytes(b""), Kind::Message(_)) => self.visit.leaf(ValueType::Object, b""),
            (Value::Bytes(octets), Kind::Message(_)) if depth > DEPTH_MAX => {
                self.visit.leaf(ValueType::Binary, octets);
            }
            (Value::Cut(_), Kind::Message(_)) if depth > DEPTH_MAX => {
                self.cut = true;
                self.visit.cut(ValueType::Binary);
            }
            (Value::Bytes(octets) | Value::Cut(octets), Kind::Message(inner)) => {
                self.cut |= matches!(value, Value::Cut(_));
                let inner = self.look.descriptors.message(inner);
                self.message(&mut &*octets, inner, None, depth);
            }
            (Value::Bytes(octets), Kind::String) => self.visit.leaf(ValueType::String, octets),
            // Octets may have anything in them: a text, a message.
            (Value::Bytes(octets), _) => match guess(octets, depth) {
                Guess::Octets => self.visit.leaf(ValueType::Binary, octets),
                Guess::Text | Guess::Message => undescribed(value, depth, self.visit),
            },
            (Value::Cut(_), kind) => {
                self.cut = true;
                let text = kind == Kind::String;
                self.visit.cut(if text { ValueType::String } else { ValueType::Binary });
            }
            (Value::Varint(value), Kind::Bool) => {
                let text: &[u8] = if value == 0 { b"false" } else { b"true" };
                self.visit.leaf(ValueType::Boolean, text);
            }
            (Value::Varint(value), Kind::Enum(enumeration)) => {
                let descriptors = self.look.descriptors;
                let signed = i32::try_from(value.cast_signed()).ok();
                match signed.and_then(|value| descriptors.value_name(enumeration, value)) {
                    Some(name) => self.visit.word(name),
                    None => integer(value, self.visit),
                }
            }
            (value, Kind::Double | Kind::Float) => {
                if let Some(text) = scalar(kind, value) {
                    number(&text, self.visit);
                }
            }
            (value, kind) => match scalar(kind, value) {
                Some(text) => self.visit.leaf(ValueType::Integer, text.as_bytes()),
                None => undescribed(value, depth, self.visit),
            },
        }
    }
}

/// A number as text.
fn scalar(kind: Kind, value: Value<'_>) -> Option<String> {
    Some(match (value, kind) {
        (Value::Varint(value), Kind::Int | Kind::Enum(_)) => value.cast_signed().to_string(),
        (Value::Varint(value), Kind::Uint) => value.to_string(),
        (Value::Varint(value), Kind::Sint) => {
            // ZigZag: the sign is the lowest bit.
            ((value >> 1).cast_signed() ^ (value & 1).cast_signed().wrapping_neg()).to_string()
        }
        (Value::Varint(value), Kind::Bool) => if value == 0 { "false" } else { "true" }.to_owned(),
        (Value::Fixed64(octets), Kind::Double) => f64::from_le_bytes(octets).to_string(),
        (Value::Fixed32(octets), Kind::Float) => f32::from_le_bytes(octets).to_string(),
        (Value::Fixed64(octets), Kind::Fixed64 { signed: true }) => {
            i64::from_le_bytes(octets).to_string()
        }
        (Value::Fixed64(octets), Kind::Fixed64 { signed: false }) => {
            u64::from_le_bytes(octets).to_string()
        }
        (Value::Fixed32(octets), Kind::Fixed32 { signed: true }) => {
            i32::from_le_bytes(octets).to_string()
        }
        (Value::Fixed32(octets), Kind::Fixed32 { signed: false }) => {
            u32::from_le_bytes(octets).to_string()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
