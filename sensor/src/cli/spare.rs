//! What is read must not be written over: neither captures, nor keys, nor configurations.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::CliError;
use crate::config::Config;

/// Refuses to write to `out` where it is one of `inputs`, by whatever name; `patterns` are names or globs.
///
/// # Errors
///
/// When it is.
pub(super) fn inputs<'p>(
    out: Option<&Path>,
    patterns: &[String],
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<(), CliError> {
    let Some((out, there)) = out.and_then(|out| Some((out, regular(out)?))) else {
        return Ok(());
    };
    let matched = patterns.iter().flat_map(|name| glob::glob(name).into_iter().flatten().flatten());
    let named = patterns.iter().map(PathBuf::from);
    let inputs = inputs.into_iter().map(Path::to_owned);
    let identity = |file: &Metadata| (file.dev(), file.ino());
    // Whoever named it: a shell.
    let standard = patterns.iter().filter(|name| *name == "-").map(|_| PathBuf::from("/dev/stdin"));
    let same = |input: PathBuf| regular(&input).is_some_and(|i| identity(&i) == identity(&there));
    if named.chain(standard).chain(matched).chain(inputs).any(same) {
        return Err(CliError::usage(format_args!(
            "{} is one of the files to read, and would be written over: choose another name for the output",
            out.display()
        )));
    }
    Ok(())
}

/// The same of a configuration in `file`: its output is none of what a daemon reads.
///
/// # Errors
///
/// When it is.
pub(super) fn configured(config: &Config, file: &Path) -> Result<(), CliError> {
    let out = config.output.file.as_ref().map(|output| output.path.as_path());
    let read = config.sensor.key_file.iter().chain(&config.tls.key_log_files);
    inputs(out, &[], read.map(PathBuf::as_path).chain([file]))
}

/// The file behind a name: devices and pipes are not replaced by writing to them.
fn regular(path: &Path) -> Option<Metadata> {
    std::fs::metadata(path).ok().filter(Metadata::is_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_not_written() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name);
        std::fs::write(file("a.pcap"), "a").unwrap();
        std::fs::write(file("k.key"), "k").unwrap();
        std::fs::write(file("out"), "o").unwrap();
        std::fs::hard_link(file("a.pcap"), file("hard")).unwrap();
        std::os::unix::fs::symlink(file("k.key"), file("soft")).unwrap();
        let patterns = [file("*.pcap").to_str().unwrap().to_owned()];
        let key = file("k.key");
        let refused = |name: &str| inputs(Some(&file(name)), &patterns, [key.as_path()]).is_err();
        for name in ["a.pcap", "hard", "k.key", "soft"] {
            assert!(refused(name), "{name}");
        }
        for name in ["out", "new", "no/such/folder"] {
            assert!(!refused(name), "{name}");
        }
        assert!(inputs(Some(Path::new("/dev/null")), &["/dev/null".to_owned()], []).is_ok());
        assert!(inputs(None, &patterns, []).is_ok());

        let mut config = Config::default();
        config.sensor.key_file = Some(file("k.key"));
        for (out, spared) in [("k.key", false), ("soft", false), ("a.pcap", false), ("out", true)] {
            config.output.file =
                Some(crate::sink::FileConfig { path: file(out), ..Default::default() });
            assert_eq!(configured(&config, &file("hard")).is_ok(), spared, "{out}");
        }
    }
}
