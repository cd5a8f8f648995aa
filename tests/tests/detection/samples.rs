//! Test values that public packages ship: python-stdnum's, phonenumbers', Presidio's. Installed where they are not yet.

use std::path::PathBuf;
use std::process::Command;

use apitap_tests::{path, skip};

use crate::random::Labelled;

/// Packages, without what they depend on: only their data is read.
const PACKAGES: [&str; 3] =
    ["python-stdnum==2.2", "phonenumbers==9.0.43", "presidio-analyzer==2.2.366"];

/// The values, labelled; `None`, with the reason said, where the packages cannot be installed.
pub(crate) fn labelled() -> Option<Vec<Labelled>> {
    let python = installed()?;
    let output = Command::new(python).arg(path("tests/detection/samples.py")).output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).unwrap();
    let values = text.lines().map(|line| {
        let mut columns = line.splitn(4, '\t');
        let mut next = || columns.next().expect("four columns").to_owned();
        Labelled { class: next().leak(), name: next(), by_form: next() == "1", text: next() }
    });
    Some(values.collect())
}

fn installed() -> Option<PathBuf> {
    let folder = path(".cache/detection");
    let python = folder.join("bin/python");
    let works = || {
        let known = Command::new(&python).args(["-c", "import stdnum, phonenumbers"]).output();
        known.is_ok_and(|output| output.status.success())
    };
    if works() {
        return Some(python);
    }
    let run = |program: &PathBuf, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    let made = run(&PathBuf::from("python3"), &["-m", "venv", &folder.display().to_string()]);
    let pip = [&["-m", "pip", "-q", "install", "--no-deps"], PACKAGES.as_slice()].concat();
    if made && run(&python, &pip) && works() {
        return Some(python);
    }
    skip("detection of public test values", "their packages cannot be installed here");
    None
}
