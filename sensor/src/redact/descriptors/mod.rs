//! What protobuf messages are made of, by descriptor sets (`protoc --descriptor_set_out`, `buf build -o`).
//!
//! An index for reading: methods to the messages they take and give, messages to their fields by number. Holds
//! names of an API description, which the operator gave, and nothing of traffic.
//!
//! Source: [descriptor.proto](https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto).

mod build;

use hashbrown::HashMap;

pub use build::DescriptorError;

/// Most messages, enumerations and methods that are kept of all sets, each.
const ITEMS_MAX: usize = 100_000;

/// The type of a field, as far as it says how to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Double,
    Float,
    /// `int32`, `int64`.
    Int,
    /// `uint32`, `uint64`.
    Uint,
    /// `sint32`, `sint64`.
    Sint,
    /// `fixed32`, `sfixed32`.
    Fixed32 {
        signed: bool,
    },
    /// `fixed64`, `sfixed64`.
    Fixed64 {
        signed: bool,
    },
    Bool,
    String,
    Bytes,
    Enum(u32),
    Message(u32),
    Group(u32),
    /// Of a type that no set describes.
    Unresolved,
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) repeated: bool,
}

/// What a message is besides its fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    #[default]
    Plain,
    /// An entry of a map.
    Entry,
    /// `google.protobuf.Any`.
    Any,
}

/// A message.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) shape: Shape,
    /// By number.
    fields: Box<[Field]>,
}

impl Message {
    /// The field with this number.
    pub(crate) fn field(&self, number: u64) -> Option<&Field> {
        let number = u32::try_from(number).ok()?;
        // Most messages number their fields from 1 without holes.
        let guess = usize::try_from(number).ok()?.wrapping_sub(1);
        if let Some(field) = self.fields.get(guess).filter(|field| field.number == number) {
            return Some(field);
        }
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(at)
    }
}

/// The messages that a method takes and gives; absent where no set describes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) input: Option<u32>,
    pub(crate) output: Option<u32>,
}

/// What was found in one descriptor set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetFacts {
    /// Files described.
    pub files: usize,
    /// Messages that no set before describes.
    pub messages: usize,
    /// Enumerations that no set before describes.
    pub enumerations: usize,
    /// Methods that no set before describes, as `package.Service/Method`, with what they take and give.
    pub methods: Vec<(String, String, String)>,
}

/// Names of the values of an enumeration, by number.
type Words = Box<[(i32, Box<str>)]>;

/// All descriptor sets in force.
#[derive(Debug, Default)]
pub struct Descriptors {
    messages: Vec<Message>,
    /// Names by number, for each enumeration.
    enumerations: Vec<Words>,
    /// By `package.Message`.
    by_name: HashMap<Box<str>, u32, foldhash::fast::RandomState>,
    /// By `package.Service/Method`.
    methods: HashMap<Box<[u8]>, Method, foldhash::fast::RandomState>,
    sets: Vec<SetFacts>,
    missing: Vec<String>,
}

impl Descriptors {
    /// Reads descriptor sets. Where two describe one thing, the first holds.
    ///
    /// # Errors
    ///
    /// [`DescriptorError`] with the position of the set that cannot be used.
    pub fn read<'a>(
        sets: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, (usize, DescriptorError)> {
        build::read(sets)
    }

    /// What was found in each set, in order.
    #[must_use]
    pub fn sets(&self) -> &[SetFacts] {
        &self.sets
    }

    /// Types that are used and that no set describes: their fields are read by number. Sorted, the first 16.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The method that a path ends with: `/package.Service/Method`. Some servers put a prefix before it.
    pub(crate) fn method(&self, path: &[u8]) -> Option<Method> {
        if self.methods.is_empty() {
            return None;
        }
        let path = path.split(|&b| b == b'?').next().unwrap_or_default();
        let method = memchr::memrchr(b'/', path)?;
        let before = path.get(..method)?;
        let service = memchr::memrchr(b'/', before).map_or(0, |slash| slash.saturating_add(1));
        self.methods.get(path.get(service..)?).copied()
    }

    pub(crate) fn message(&self, number: u32) -> Option<&Message> {
        self.messages.get(usize::try_from(number).ok()?)
    }

    /// The message that the type URL of an `Any` names.
    pub(crate) fn by_url(&self, url: &[u8]) -> Option<u32> {
        let slash = memchr::memrchr(b'/', url)?;
        let name = std::str::from_utf8(url.get(slash.saturating_add(1)..)?).ok()?;
        self.by_name.get(name).copied()
    }

    /// The name of a value of an enumeration.
    pub(crate) fn value_name(&self, enumeration: u32, value: i32) -> Option<&str> {
        let names = self.enumerations.get(usize::try_from(enumeration).ok()?)?;
        let at = names.binary_search_by_key(&value, |(number, _)| *number).ok()?;
        names.get(at).map(|(_, name)| &**name)
    }
}
