//! From descriptor sets to their index.

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use super::{Descriptors, Field, ITEMS_MAX, Kind, Message, Method, SetFacts, Shape};

/// Most types listed that are used and not described.
const MISSING_MAX: usize = 16;

/// Why a descriptor set cannot be used. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptorError {
    /// It is no descriptor set.
    #[error(
        "this is no descriptor set; make one with `protoc --include_imports --descriptor_set_out=FILE …` or `buf build -o FILE.binpb`"
    )]
    Malformed,
    /// There is nothing in it.
    #[error(
        "this descriptor set describes no files; make it from the .proto files of your services"
    )]
    Empty,
    /// There is too much in it.
    #[error(
        "the descriptor sets describe more than {ITEMS_MAX} messages, enumerations or methods; leave some out"
    )]
    TooMany,
}

/// What types are called, in the order of their numbers.
#[derive(Default)]
struct Names {
    enumerations: hashbrown::HashMap<Box<str>, u32, foldhash::fast::RandomState>,
    /// Fields as they are described, for each message, until every type is known.
    fields: Vec<Vec<FieldDescriptorProto>>,
    methods: Vec<(String, String, String)>,
    missing: std::collections::BTreeSet<String>,
}

pub(super) fn read<'a>(
    sets: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Descriptors, (usize, DescriptorError)> {
    let mut index = Descriptors::default();
    let mut names = Names::default();
    for (at, octets) in sets.into_iter().enumerate() {
        let fail = |error| (at, error);
        let set =
            FileDescriptorSet::decode(octets).map_err(|_| fail(DescriptorError::Malformed))?;
        if set.file.iter().all(|file| file.name().is_empty()) {
            let error = if octets.is_empty() || !set.file.is_empty() {
                DescriptorError::Empty
            } else {
                DescriptorError::Malformed
            };
            return Err(fail(error));
        }
        gather(&mut index, &mut names, set);
        let most = index.messages.len().max(index.enumerations.len()).max(names.methods.len());
        if most > ITEMS_MAX {
            return Err(fail(DescriptorError::TooMany));
        }
    }
    resolve(&mut index, names);
    Ok(index)
}

/// Takes the types and methods of a set.
fn gather(index: &mut Descriptors, names: &mut Names, set: FileDescriptorSet) {
    let mut facts = SetFacts { files: set.file.len(), ..SetFacts::default() };
    let mut extensions = Vec::new();
    for file in set.file {
        let scope = file.package.unwrap_or_default();
        for described in file.message_type {
            message(index, names, &mut facts, &scope, described, &mut extensions);
        }
        for described in file.enum_type {
            enumeration(index, names, &mut facts, &scope, &described);
        }
        extensions.extend(file.extension);
        for service in file.service {
            let called = joined(&scope, service.name());
            for method in &service.method {
                let path = format!("{called}/{}", method.name());
                let (input, output) = (bare(method.input_type()), bare(method.output_type()));
                let known = Method { input: None, output: None };
                if index.methods.insert(path.as_bytes().into(), known).is_none() {
                    facts.methods.push((path.clone(), input.clone(), output.clone()));
                    names.methods.push((path, input, output));
                }
            }
        }
    }
    // Fields that are declared elsewhere belong to the message they extend.
    for extension in extensions {
        let at = index.by_name.get(bare(extension.extendee()).as_str());
        let fields = at.and_then(|&at| names.fields.get_mut(usize::try_from(at).ok()?));
        if let Some(fields) = fields {
            fields.push(extension);
        }
    }
    index.sets.push(facts);
}

fn message(
    index: &mut Descriptors,
    names: &mut Names,
    facts: &mut SetFacts,
    scope: &str,
    described: DescriptorProto,
    extensions: &mut Vec<FieldDescriptorProto>,
) {
    let called = joined(scope, described.name());
    let entry = described.options.as_ref().is_some_and(|options| options.map_entry());
    for inner in described.nested_type {
        message(index, names, facts, &called, inner, extensions);
    }
    for inner in &described.enum_type {
        enumeration(index, names, facts, &called, inner);
    }
    extensions.extend(described.extension);
    if index.by_name.contains_key(called.as_str()) {
        return;
    }
    let shape = match called.as_str() {
        _ if entry => Shape::Entry,
        "google.protobuf.Any" => Shape::Any,
        _ => Shape::Plain,
    };
    let number = u32::try_from(index.messages.len()).unwrap_or(u32::MAX);
    index.by_name.insert(called.into(), number);
    index.messages.push(Message { shape, fields: Box::default() });
    names.fields.push(described.field);
    // Entries of maps are no messages to their users.
    facts.messages = facts.messages.saturating_add(usize::from(!entry));
}

fn enumeration(
    index: &mut Descriptors,
    names: &mut Names,
    facts: &mut SetFacts,
    scope: &str,
    described: &EnumDescriptorProto,
) {
    let number = u32::try_from(index.enumerations.len()).unwrap_or(u32::MAX);
    let called: Box<str> = joined(scope, described.name()).into();
    if names.enumerations.try_insert(called, number).is_err() {
        return;
    }
    let values = described.value.iter();
    let mut values: Vec<_> =
        values.map(|value| (value.number(), Box::<str>::from(value.name()))).collect();
    // Of aliases the first holds.
    values.sort_by_key(|(number, _)| *number);
    values.dedup_by_key(|(number, _)| *number);
    index.enumerations.push(values.into());
    facts.enumerations = facts.enumerations.saturating_add(1);
}

/// Turns names of types into their numbers.
fn resolve(index: &mut Descriptors, mut names: Names) {
    for (at, described) in std::mem::take(&mut names.fields).into_iter().enumerate() {
        let fields = described.iter().filter_map(|field| {
            let number = u32::try_from(field.number()).ok().filter(|&number| number > 0)?;
            let kind = kind(index, &mut names, field);
            let repeated = field.label() == Label::Repeated;
            Some(Field { number, name: field.name().into(), kind, repeated })
        });
        let mut fields: Vec<_> = fields.collect();
        fields.sort_by_key(|field| field.number);
        fields.dedup_by_key(|field| field.number);
        if let Some(message) = index.messages.get_mut(at) {
            message.fields = fields.into();
        }
    }
    for (path, input, output) in std::mem::take(&mut names.methods) {
        let mut find = |name: String| {
            let found = index.by_name.get(name.as_str()).copied();
            if found.is_none() {
                names.missing.insert(name);
            }
            found
        };
        let method = Method { input: find(input), output: find(output) };
        index.methods.insert(path.into_bytes().into(), method);
    }
    index.missing = names.missing.into_iter().take(MISSING_MAX).collect();
}

fn kind(index: &Descriptors, names: &mut Names, field: &FieldDescriptorProto) -> Kind {
    let named = bare(field.type_name());
    let message = || index.by_name.get(named.as_str()).copied();
    let enumeration = names.enumerations.get(named.as_str()).copied();
    let found = match field.r#type() {
        Type::Double => Some(Kind::Double),
        Type::Float => Some(Kind::Float),
        Type::Int64 | Type::Int32 => Some(Kind::Int),
        Type::Uint64 | Type::Uint32 => Some(Kind::Uint),
        Type::Sint32 | Type::Sint64 => Some(Kind::Sint),
        Type::Fixed64 => Some(Kind::Fixed64 { signed: false }),
        Type::Sfixed64 => Some(Kind::Fixed64 { signed: true }),
        Type::Fixed32 => Some(Kind::Fixed32 { signed: false }),
        Type::Sfixed32 => Some(Kind::Fixed32 { signed: true }),
        Type::Bool => Some(Kind::Bool),
        Type::String => Some(Kind::String),
        Type::Bytes => Some(Kind::Bytes),
        Type::Enum => enumeration.map(Kind::Enum),
        Type::Message => message().map(Kind::Message),
        Type::Group => message().map(Kind::Group),
    };
    found.unwrap_or_else(|| {
        names.missing.insert(named);
        Kind::Unresolved
    })
}

/// A name inside a scope.
fn joined(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The name of a type, as fields refer to it, without the dot in front.
fn bare(name: &str) -> String {
    name.strip_prefix('.').unwrap_or(name).to_owned()
}
