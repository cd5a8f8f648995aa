//! The schema of apitap's records (`apitap/v1/call.proto`) with its generated code.
//!
//! `serde` follows the proto3 JSON mapping with the field names of the schema.

/// Version 1 of the schema.
pub mod v1 {
    // Generated code follows its generator's style.
    #![allow(
        missing_docs,
        unused_qualifications,
        unreachable_pub,
        elided_lifetimes_in_paths,
        clippy::all,
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "generated"
    )]
    include!("generated/apitap.v1.rs");
    include!("generated/apitap.v1.serde.rs");
}

mod timestamp;

pub use timestamp::Timestamp;

/// The compiled schema: a serialized `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!("generated/descriptor.bin");
