//! The committed code is what the schema generates. `UPDATE=1 cargo test -p apitap-proto` rewrites it.

use std::path::Path;
use std::{env, fs};

const GENERATED: [&str; 3] = ["apitap.v1.rs", "apitap.v1.serde.rs", "descriptor.bin"];

/// Files that no other imports.
const ROOTS: [&str; 2] = ["apitap/v1/call.proto", "apitap/v1/inventory.proto"];

fn generate(out: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compiler = protox::Compiler::new([root]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(ROOTS).unwrap();
    let described = compiler.encode_file_descriptor_set();
    prost_build::Config::new()
        .out_dir(out)
        .compile_well_known_types()
        .extern_path(".google.protobuf.Timestamp", "crate::Timestamp")
        .compile_fds(compiler.file_descriptor_set())
        .unwrap();
    pbjson_build::Builder::new()
        .out_dir(out)
        .register_descriptors(&described)
        .unwrap()
        .preserve_proto_field_names()
        .build(&[".apitap"])
        .unwrap();
    let mut compiler = protox::Compiler::new([root]).unwrap();
    compiler.include_imports(true).include_source_info(false);
    compiler.open_files(ROOTS).unwrap();
    fs::write(out.join("descriptor.bin"), compiler.encode_file_descriptor_set()).unwrap();
}

#[test]
fn generated_code_is_fresh() {
    let out = tempfile::tempdir().unwrap();
    generate(out.path());
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated");
    for name in GENERATED {
        let fresh = fs::read(out.path().join(name)).unwrap();
        if env::var_os("UPDATE").is_some() {
            fs::write(committed.join(name), &fresh).unwrap();
        }
        let found = fs::read(committed.join(name)).unwrap_or_default();
        assert!(fresh == found, "{name} is stale: run UPDATE=1 cargo test -p apitap-proto");
    }
}
