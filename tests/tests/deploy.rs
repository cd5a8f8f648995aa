//! What is deployed with: the systemd unit by systemd's own tools, and the scripts by a shell.

use std::fs;
use std::process::{Command, Output};

use apitap_tests::{path, skip};

/// Exposure by `systemd-analyze security`, in tenths: docs/deploy/systemd.md quotes it.
const EXPOSURE_MAX: &str = "20";

fn systemd_analyze(arguments: &[&str]) -> Option<Output> {
    match Command::new("systemd-analyze").args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            skip("the systemd unit", &format!("systemd-analyze: {error}"));
            None
        }
    }
}

/// The unit in a folder of its own, with programs and pages that are here.
fn unit(folder: &tempfile::TempDir) -> String {
    let text = fs::read_to_string(path("deploy/systemd/apitap.service")).unwrap();
    assert!(text.contains("\nExecStart=/usr/bin/apitap run "));
    let text = text.replace("=/usr/bin/apitap run", "=/bin/true run");
    let text = text.replace("Documentation=man:apitap(1)\n", "");
    let unit = folder.path().join("apitap.service");
    fs::write(&unit, text).unwrap();
    unit.display().to_string()
}

#[test]
fn the_unit_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let Some(output) = systemd_analyze(&["verify", &unit(&folder)]) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_unit_exposes_little() {
    let folder = tempfile::tempdir().unwrap();
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let arguments = ["security", "--offline=yes", &threshold, "--no-pager", &unit(&folder)];
    let Some(output) = systemd_analyze(&arguments) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("offline") {
        return skip("the unit's exposure", "this systemd-analyze has no --offline");
    }
    assert!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn scripts_are_valid() {
    let scripts = [
        "deploy/docker/stage.sh",
        "deploy/packages/build.sh",
        "deploy/packages/debian/postinst",
        "deploy/packages/debian/postrm",
        "deploy/packages/debian/prerm",
        "deploy/packages/rpm/post.sh",
        "deploy/packages/rpm/postun.sh",
        "deploy/packages/rpm/pre.sh",
        "deploy/packages/rpm/preun.sh",
    ];
    for script in scripts {
        let shell = if script.ends_with("build.sh") { "bash" } else { "sh" };
        let output = Command::new(shell).arg("-n").arg(path(script)).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Files that the packages name, in `sensor/Cargo.toml`.
#[test]
fn packages_name_files_that_exist() {
    let manifest = fs::read_to_string(path("sensor/Cargo.toml")).unwrap();
    let quoted = manifest.split('"').skip(1).step_by(2);
    let named: Vec<&str> = quoted
        .map(|name| name.strip_prefix("../").unwrap_or(name))
        .filter(|name| name.starts_with("deploy/") || name.starts_with("docs/"))
        .filter(|name| !name.contains(['*']) && !name.starts_with("deploy/packages/staged/"))
        .collect();
    assert!(named.len() > 8, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !path(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
