//! Messages as a description of a shop's API has them.

use apitap_proto::v1::ValueType;
use proptest::prelude::*;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, FileDescriptorSet, MessageOptions, MethodDescriptorProto,
    ServiceDescriptorProto,
};

use super::super::super::log::{Log, told};
use super::*;

fn field(number: i32, name: &str, kind: Type, named: &str) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.into()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        type_name: (!named.is_empty()).then(|| named.into()),
        ..FieldDescriptorProto::default()
    }
}

fn repeated(field: FieldDescriptorProto) -> FieldDescriptorProto {
    FieldDescriptorProto { label: Some(Label::Repeated.into()), ..field }
}

fn message(name: &str, fields: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.into()), field: fields, ..DescriptorProto::default() }
}

/// A message with a field of every kind.
fn every() -> DescriptorProto {
    let mut every = message(
        "Every",
        vec![
            field(1, "card_number", Type::String, ""),
            field(2, "amount", Type::Int64, ""),
            field(3, "state", Type::Enum, ".shop.State"),
            repeated(field(4, "items", Type::Message, ".shop.Item")),
            repeated(field(5, "sizes", Type::Sint32, "")),
            repeated(field(6, "labels", Type::Message, ".shop.Every.LabelsEntry")),
            field(7, "again", Type::Message, ".shop.Every"),
            field(8, "price", Type::Double, ""),
            field(9, "ratio", Type::Float, ""),
            field(10, "gift", Type::Bool, ""),
            field(11, "photo", Type::Bytes, ""),
            field(12, "old", Type::Group, ".shop.Every.Old"),
            field(13, "far", Type::Message, ".elsewhere.Far"),
            field(14, "detail", Type::Message, ".google.protobuf.Any"),
            field(15, "code", Type::Fixed32, ""),
            field(16, "shift", Type::Sfixed64, ""),
            repeated(field(17, "states", Type::Enum, ".shop.State")),
            repeated(field(18, "counts", Type::Message, ".shop.Every.CountsEntry")),
        ],
    );
    let entry = |name: &str, key, value| DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
        ..message(name, vec![field(1, "key", key, ""), value])
    };
    every.nested_type = vec![
        entry("LabelsEntry", Type::String, field(2, "value", Type::String, "")),
        entry("CountsEntry", Type::Int32, field(2, "value", Type::Message, ".shop.Item")),
        message("Old", vec![field(1, "note", Type::String, "")]),
    ];
    every
}

/// The set of a shop.
fn set() -> FileDescriptorSet {
    let value = |name: &str, number| EnumValueDescriptorProto {
        name: Some(name.into()),
        number: Some(number),
        ..EnumValueDescriptorProto::default()
    };
    let any = vec![field(1, "type_url", Type::String, ""), field(2, "value", Type::Bytes, "")];
    let method = MethodDescriptorProto {
        name: Some("Buy".into()),
        input_type: Some(".shop.Every".into()),
        output_type: Some(".shop.Item".into()),
        ..MethodDescriptorProto::default()
    };
    let file = |package: &str, messages| FileDescriptorProto {
        name: Some(format!("{package}.proto")),
        package: Some(package.into()),
        message_type: messages,
        ..FileDescriptorProto::default()
    };
    let item = message("Item", vec![field(1, "sku", Type::String, "")]);
    let shop = FileDescriptorProto {
        enum_type: vec![EnumDescriptorProto {
            name: Some("State".into()),
            value: vec![value("UNKNOWN", 0), value("PAID", 1), value("LOST", -1)],
            ..EnumDescriptorProto::default()
        }],
        service: vec![ServiceDescriptorProto {
            name: Some("Shop".into()),
            method: vec![method],
            ..ServiceDescriptorProto::default()
        }],
        ..file("shop", vec![every(), item])
    };
    FileDescriptorSet { file: vec![shop, file("google.protobuf", vec![message("Any", any)])] }
}

fn descriptors() -> Descriptors {
    Descriptors::read([set().encode_to_vec().as_slice()]).unwrap()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

fn integer(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn bytes(number: u64, value: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// What is told of a message, and whether it was as described.
fn seen(octets: &[u8], cut: bool) -> (Vec<String>, End, bool) {
    let descriptors = descriptors();
    let message = descriptors.method(b"/shop.Shop/Buy").unwrap().input.unwrap();
    let look = Look { descriptors: &descriptors };
    let fits = look.fits(&mut &*octets, descriptors.message(message), None, cut, 0);
    let described = Some(Described { descriptors: &descriptors, message });
    let (seen, end) = told(|log: &mut Log| read_described(octets, cut, described, log));
    (seen, end, fits)
}

#[test]
fn fields_have_names_and_types() {
    let item = bytes(1, b"4711");
    let pair = |key: &[u8], value: &[u8]| [bytes(1, key), bytes(2, value)].concat();
    let octets = [
        bytes(1, b"4111111111111111"),
        integer(2, 5_u64.wrapping_neg()),
        integer(3, 1),
        bytes(4, &item),
        bytes(4, &item),
        bytes(5, &[1, 4]),
        integer(5, 6),
        bytes(6, &pair(b"colour", b"red")),
        bytes(7, &[integer(3, 7), integer(3, u64::MAX)].concat()),
        [&varint(8 << 3 | 1)[..], &1.5_f64.to_le_bytes()].concat(),
        [&varint(9 << 3 | 5)[..], &0.25_f32.to_le_bytes()].concat(),
        integer(10, 1),
        bytes(11, &[0xff, 0xd8]),
        [varint(12 << 3 | 3), bytes(1, b"hi"), varint(12 << 3 | 4)].concat(),
        bytes(13, &integer(1, 9)),
    ]
    .concat();
    let (told, end, fits) = seen(&octets, false);
    assert!(fits);
    assert_eq!(
        told,
        [
            "$.card_number String 4111111111111111",
            "$.amount Integer -5",
            "$.state String PAID",
            "$.items[].sku String 4711",
            "$.items[].sku String 4711",
            "$.sizes[] Integer -1",
            "$.sizes[] Integer 2",
            "$.sizes[] Integer 3",
            "$.labels.colour String red",
            "$.again.state Integer 7",
            "$.again.state String LOST",
            "$.price Number 1.5",
            "$.ratio Number 0.25",
            "$.gift Boolean true",
            "$.photo Binary \u{fffd}\u{fffd}",
            "$.old.note String hi",
            "$.far.1 Integer 9",
        ]
    );
    assert_eq!(end, End { roots: 1, ..End::default() });
}

#[test]
fn what_any_holds_is_known_by_its_name() {
    let held = |url: &[u8]| bytes(14, &[bytes(1, url), bytes(2, &bytes(1, b"4711"))].concat());
    let (told, ..) = seen(&held(b"type.googleapis.com/shop.Item"), false);
    assert_eq!(told[1], "$.detail.value.sku String 4711");
    let (told, _, fits) = seen(&held(b"type.googleapis.com/shop.Other"), false);
    assert_eq!((told[1].as_str(), fits), ("$.detail.value.1 String 4711", true));
}

#[test]
fn fixed_numbers_packed_enumerations_and_keys_are_read() {
    let octets = [
        [&varint(15 << 3 | 5)[..], &u32::MAX.to_le_bytes()].concat(),
        [&varint(16 << 3 | 1)[..], &(-2_i64).to_le_bytes()].concat(),
        bytes(17, &[1, 0]),
        bytes(18, &[integer(1, 12), bytes(2, &bytes(1, b"a1"))].concat()),
        bytes(99, b"newer"),
    ]
    .concat();
    let (told, _, fits) = seen(&octets, false);
    let expected = [
        "$.code Integer 4294967295",
        "$.shift Integer -2",
        "$.states[] String PAID",
        "$.states[] String UNKNOWN",
        "$.counts.12.sku String a1",
        "$.99 String newer",
    ];
    assert_eq!((told.as_slice(), fits), (&expected.map(str::to_owned)[..], true));
}

#[test]
fn what_is_not_as_described_is_read_by_number() {
    let deep = bytes(7, &integer(1, 5));
    for octets in [
        integer(1, 5),
        bytes(1, &[0xff]),
        integer(10, 2),
        bytes(4, b"\x0b"),
        bytes(5, &[0x80]),
        bytes(2, &[1]),
        deep,
        [varint(12 << 3 | 3), varint(11 << 3 | 4)].concat(),
        varint(1 << 3 | 3),
        vec![0x0a, 5, b'x'],
    ] {
        let (described, end, fits) = seen(&octets, false);
        let (plain, plain_end) = told(|log| super::super::read(&octets, false, log));
        assert!(!fits, "{octets:?}");
        assert_eq!((described, end), (plain, plain_end), "{octets:?}");
    }
}

#[test]
fn cut_messages_are_read_with_names_up_to_the_cut() {
    let octets = [integer(2, 9), bytes(4, &bytes(1, b"4711")), bytes(1, b"41111111")].concat();
    let (told, end, fits) = seen(&octets[..octets.len() - 3], true);
    assert_eq!(told, ["$.amount Integer 9", "$.items[].sku String 4711", "$.card_number String …"]);
    assert!(end.cut && fits && end.malformed.is_none());
    let (told, end, _) = seen(&octets[..6], true);
    assert_eq!(told, ["$.amount Integer 9", "$.items[].sku String …"]);
    assert!(end.cut);
}

#[test]
fn messages_inside_themselves_end() {
    let mut octets = integer(2, 1);
    for _ in 0..200 {
        octets = bytes(7, &octets);
    }
    let (told, _, fits) = seen(&octets, false);
    assert!(fits && told.len() == 1 && told[0].matches(".again").count() <= 34, "{told:?}");
    // As deep, and cut: every length promises more than there is.
    let open: Vec<u8> = [7 << 3 | 2, 0xff, 0xff, 0xff, 0x7f].repeat(20_000);
    let (told, end, _) = seen(&open, true);
    assert!(told.len() == 1 && end.cut);
    let groups = varint(12 << 3 | 3).repeat(20_000);
    assert!(!seen(&groups, true).2);
}

proptest! {
    // Of any octets what is described is told, or the same as without a description; and nothing is left open.
    #[test]
    fn any_octets_are_told_in_balance(octets in prop::collection::vec(any::<u8>(), 0..80), cut: bool) {
        let (fields, end, fits) = seen(&octets, cut);
        let (plain, plain_end) = told(|log| super::super::read(&octets, cut, log));
        let same = (fields, end) == (plain, plain_end);
        prop_assert!(same || (fits && end.malformed.is_none()));
    }
}

#[test]
fn kinds_of_leaves_are_those_of_json() {
    let (told, ..) = seen(&[bytes(7, b""), integer(10, 0)].concat(), false);
    assert_eq!(told, [format!("$.again {:?} ", ValueType::Object), "$.gift Boolean false".into()]);
}
