//! From arguments to files: patterns, standard input, repetitions.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Warning;
use crate::capture::CaptureError;
use crate::capture::source::{Raw, Source};

/// How standard input is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// A file to read.
pub(super) struct Input {
    /// As given or matched; [`STANDARD_INPUT`] for standard input.
    pub(super) path: Arc<str>,
    /// Bytes in it; `None` for what can only be opened once.
    pub(super) size: Option<u64>,
    /// Whether a pattern found it.
    pub(super) matched: bool,
    file: PathBuf,
}

impl Input {
    /// Standard input has no file.
    fn is_standard_input(&self) -> bool {
        self.file.as_os_str().is_empty()
    }

    /// The path without folders.
    pub(super) fn name(&self) -> &str {
        if self.is_standard_input() {
            return "stdin";
        }
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Opens it.
    pub(super) fn open(&self) -> Result<Source, CaptureError> {
        let file = if self.is_standard_input() {
            io::stdin().as_fd().try_clone_to_owned().map(File::from)
        } else {
            File::open(&self.file)
        };
        let source = file.and_then(Raw::new).and_then(Source::new);
        source.map_err(|error| from_io(&self.path, error))
    }
}

/// The files `paths` stand for, each once.
pub(super) fn expand(
    paths: &[String],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Input>, CaptureError> {
    if paths.is_empty() {
        return Err(CaptureError::NoPath);
    }
    let mut inputs = Vec::new();
    let mut seen = hashbrown::HashSet::new();
    for path in paths {
        if path == "-" {
            if seen.insert(PathBuf::from("-")) {
                inputs.push(Input {
                    path: STANDARD_INPUT.into(),
                    size: None,
                    matched: false,
                    file: PathBuf::new(),
                });
            } else {
                warnings.push(Warning::Repeated { file: STANDARD_INPUT.into() });
            }
            continue;
        }
        let is_pattern = path.contains(['*', '?', '[']) && fs::symlink_metadata(path).is_err();
        let files = if is_pattern { matches(path)? } else { vec![PathBuf::from(path)] };
        for file in files {
            let name = file.to_string_lossy();
            let meta = fs::metadata(&file).map_err(|error| from_io(&name, error))?;
            if meta.is_dir() {
                return Err(CaptureError::Directory {
                    path: name.trim_end_matches('/').to_owned(),
                });
            }
            let size = meta.is_file().then_some(meta.len());
            if size.is_some()
                && !seen.insert(fs::canonicalize(&file).unwrap_or_else(|_| file.clone()))
            {
                warnings.push(Warning::Repeated { file: name.into() });
                continue;
            }
            inputs.push(Input { path: name.into(), size, matched: is_pattern, file });
        }
    }
    Ok(inputs)
}

/// Files that match, sorted; folders are left out.
fn matches(pattern: &str) -> Result<Vec<PathBuf>, CaptureError> {
    let found = glob::glob(pattern)
        .map_err(|e| CaptureError::Pattern { pattern: pattern.to_owned(), what: e.msg })?;
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|e| {
            let path = e.path().to_string_lossy().into_owned();
            from_io(&path, e.into())
        })?;
        if !Path::is_dir(&file) {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(CaptureError::NoMatch { pattern: pattern.to_owned() });
    }
    Ok(files)
}

/// The error with its cause told apart.
pub(super) fn from_io(path: &str, error: io::Error) -> CaptureError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::NotFound => CaptureError::NotFound { path },
        ErrorKind::PermissionDenied => CaptureError::Permission { path },
        ErrorKind::IsADirectory => CaptureError::Directory { path },
        _ => CaptureError::Io { path, error },
    }
}
