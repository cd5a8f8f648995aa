//! The `[grpc]` table, and the files it names: what protobuf messages are made of.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::redact::{DescriptorError, Descriptors};

/// Longest descriptor set, in bytes.
const SET_BYTES_MAX: u64 = 64 << 20;

/// How gRPC and other protobuf messages are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Descriptor sets of your services, made with `protoc --include_imports --descriptor_set_out=FILE` or
    /// `buf build -o FILE.binpb`: fields then have names and types. 64 MiB each at most; none by default. Read again at
    /// a reload.
    pub descriptor_sets: Vec<PathBuf>,
}

/// Why a descriptor set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptorFileError {
    /// It cannot be read.
    #[error("cannot read descriptor set {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is too long.
    #[error("descriptor set {path} is longer than {} MiB; leave out what your services do not use", SET_BYTES_MAX >> 20)]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is no descriptor set.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DescriptorError,
    },
}

/// Reads the descriptor sets of a configuration.
///
/// # Errors
///
/// When one of them cannot be read, or is none.
pub fn load(config: &Config) -> Result<Descriptors, DescriptorFileError> {
    let paths = &config.descriptor_sets;
    let sets = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    Descriptors::read(sets.iter().map(Vec::as_slice)).map_err(|(at, source)| {
        let path = paths.get(at).cloned().unwrap_or_default();
        DescriptorFileError::Parse { path, source }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, DescriptorFileError> {
    let failed = |source| DescriptorFileError::Read { path: path.to_owned(), source };
    let mut octets = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let length = file.take(SET_BYTES_MAX.saturating_add(1)).read_to_end(&mut octets);
    let length = u64::try_from(length.map_err(failed)?).unwrap_or(u64::MAX);
    if length > SET_BYTES_MAX {
        return Err(DescriptorFileError::TooLong { path: path.to_owned() });
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_said_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("api.binpb");
        let config = Config { descriptor_sets: vec![file.clone()] };
        let said = |octets: &[u8]| {
            std::fs::write(&file, octets).unwrap();
            load(&config).unwrap_err().to_string().replace(&file.display().to_string(), "FILE")
        };
        assert!(said(b"syntax = \"proto3\";").starts_with("FILE: this is no descriptor set; make"));
        assert!(said(b"").starts_with("FILE: this descriptor set describes no files"));
        assert!(said(&[0x0a, 0]).starts_with("FILE: this descriptor set describes no files"));
        // A message of another kind.
        assert!(said(&[0x08, 1]).starts_with("FILE: this is no descriptor set"));
        std::fs::remove_file(&file).unwrap();
        let error = load(&config).unwrap_err().to_string();
        assert!(error.starts_with("cannot read descriptor set "), "{error}");
        assert!(!error.contains('\n'));
        assert_eq!(load(&Config::default()).unwrap().sets().len(), 0);
    }
}
