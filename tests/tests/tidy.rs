//! Rules about the source itself that no compiler checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use apitap_tests::{path, root, skip};

const LINES_MAX: usize = 700;

/// The line, with what each stage may import besides itself, `time`, and modules every stage shares.
const STAGES: [(&str, &[&str]); 10] = [
    ("capture", &[]),
    ("decap", &["capture"]),
    ("reassembly", &["decap"]),
    ("tls", &["reassembly", "decap"]),
    ("http", &["reassembly"]),
    // A call carries what it is about from the stages before: end points, the connection, flags.
    ("call", &["http", "tls", "reassembly", "decap"]),
    ("redact", &["call", "http", "tls"]),
    // Beside the line: redaction follows its rules, what it learns from passes with records.
    ("endpoints", &[]),
    ("record", &["redact", "call", "http", "tls", "reassembly", "decap", "capture"]),
    // Changes of the inventory are made of records, and go where they go.
    ("sink", &["record", "inventory"]),
];

const SHARED: [&str; 5] = ["time", "bounded", "filter", "registry", "endpoints"];

/// Stages without clock, thread, file or socket.
const PURE: [&str; 8] =
    ["decap", "reassembly", "tls", "http", "call", "redact", "endpoints", "record"];

const IMPURE: [&str; 11] = [
    "std::fs",
    "std::thread",
    "std::process",
    "std::env",
    "std::time::Instant",
    "Instant::now",
    "SystemTime",
    "TcpStream",
    "UdpSocket",
    "File::open",
    "crossbeam_channel",
];

/// Files of the repository, tracked or about to be.
fn files() -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let listed = git.output().ok().filter(|output| output.status.success());
    let Some(listed) = listed else {
        skip("tidiness", "this is no Git repository, so its files are not known");
        return None;
    };
    let files = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect::<BTreeSet<_>>();
    Some(files.into_iter().filter(|file| path(file).is_file()).collect())
}

fn rust(files: &[String]) -> impl Iterator<Item = &String> {
    files.iter().filter(|file| file.ends_with(".rs") && !file.contains("/generated/"))
}

fn text(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// A file's code without comments and without its tests, which stand last; nothing, if the file is tests alone.
fn code(file: &str) -> String {
    if for_tests(file) {
        return String::new();
    }
    let text = text(file);
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether a file's module is declared for tests or fuzzing alone, by its parent.
fn for_tests(file: &str) -> bool {
    let file = Path::new(file);
    let (Some(name), Some(folder)) = (file.file_stem().and_then(|n| n.to_str()), file.parent())
    else {
        return false;
    };
    let parents = [folder.join("mod.rs"), folder.with_extension("rs")];
    parents.iter().filter_map(|parent| fs::read_to_string(root().join(parent)).ok()).any(|parent| {
        let lines: Vec<&str> = parent.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| {
            let marked = pair[0].starts_with("#[cfg(test)]") || pair[0] == "#[doc(hidden)]";
            marked && pair[1].ends_with(&format!("mod {name};"))
        })
    })
}

/// The stage a file belongs to.
fn stage(file: &str) -> Option<&str> {
    let inside = file.strip_prefix("sensor/src/")?;
    let name = inside.split(['/', '.']).next()?;
    STAGES.iter().any(|(stage, _)| *stage == name).then_some(name)
}

/// Modules of the crate that code names, as `crate::x` or in `use crate::{x, …}`.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                // Only the first name of each entry of the outer list is a module of the crate.
                let mut depth = 0;
                let mut entry = String::new();
                for c in list.chars() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.extend([word(std::mem::take(&mut entry).trim())])
                        }
                        _ if depth == 0 => entry.push(c),
                        _ => {}
                    }
                }
                found.extend([word(entry.trim())]);
            }
            None => found.extend([word(rest)]),
        }
    }
    found.remove("");
    found
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn files_are_short() {
    let Some(files) = files() else { return };
    let written = |file: &&String| {
        let kind = Path::new(file).extension().and_then(|e| e.to_str()).unwrap_or_default();
        ["rs", "py", "sh", "proto", "yaml", "toml"].contains(&kind) && !file.contains("/generated/")
    };
    let lines = files.iter().filter(written).map(|file| (file, text(file).lines().count()));
    let long: Vec<_> = lines.filter(|(_, lines)| *lines > LINES_MAX).collect();
    report(
        &long
            .iter()
            .map(|(file, lines)| format!("{file}: {lines} lines, at most {LINES_MAX}"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn nothing_is_left_to_do() {
    let Some(files) = files() else { return };
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    let mut problems = Vec::new();
    for file in rust(&files) {
        let text = text(file);
        problems.extend(
            marks.iter().filter(|m| text.contains(*m)).map(|mark| format!("{file}: {mark}…)")),
        );
    }
    report(&problems);
}

#[test]
fn pure_stages_touch_nothing_outside() {
    let Some(files) = files() else { return };
    let mut problems = Vec::new();
    for file in rust(&files).filter(|file| stage(file).is_some_and(|stage| PURE.contains(&stage))) {
        let code = code(file);
        problems.extend(
            IMPURE.iter().filter(|word| code.contains(*word)).map(|word| format!("{file}: {word}")),
        );
    }
    report(&problems);
}

#[test]
fn stages_import_only_what_is_left_of_them() {
    let Some(files) = files() else { return };
    let mut problems = Vec::new();
    for file in rust(&files) {
        let Some(stage) = stage(file) else { continue };
        let (_, left) = STAGES.iter().find(|(name, _)| *name == stage).unwrap();
        for module in imports(&code(file)) {
            let known = STAGES.iter().any(|(name, _)| *name == module)
                || module == "pipeline"
                || module == "cli";
            if known
                && module != stage
                && !left.contains(&module.as_str())
                && !SHARED.contains(&module.as_str())
            {
                problems.push(format!("{file}: {stage} imports {module}"));
            }
        }
    }
    report(&problems);
}

/// The one file with unsafe code: socket options that no safe library offers.
const UNSAFE: &str = "sensor/src/capture/live/fanout.rs";

#[test]
fn one_file_alone_is_unsafe() {
    let Some(files) = files() else { return };
    // Joined here, so that this file does not name them.
    let marks = [["unsafe", " {"], ["unsafe", " fn"], ["unsafe", " impl"], ["unsafe", "_code"]];
    let marks = marks.map(|parts| parts.concat());
    let found: BTreeSet<_> = rust(&files)
        .filter(|file| {
            let text = text(file);
            text.lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| marks.iter().any(|mark| line.contains(mark)))
        })
        .collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [UNSAFE]);
}

/// What deny.toml says as well, for those who do not have cargo-deny.
#[test]
fn the_product_has_no_async_runtime() {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.args(["tree", "--locked", "--offline", "--package", "apitap", "--all-features"]);
    cargo.args(["--edges", "normal,build", "--prefix", "none"]).current_dir(root());
    let output = cargo.output().expect("cargo runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return skip("the product's dependencies", "cargo tree cannot tell them here");
    }
    assert!(tree.contains("httparse "), "{tree}");
    for name in ["tokio ", "h2 ", "async-std ", "smol "] {
        assert!(!tree.lines().any(|line| line.starts_with(name)), "the product depends on {name}");
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::time::Timestamp;\nuse crate::{call::{Call, x}, http, decap::Flow};\nfn f(_: crate::sink::S) {}";
    let want = ["call", "decap", "http", "sink", "time"].map(str::to_owned);
    assert_eq!(imports(code), BTreeSet::from(want));
}

/// Paths of the repository that a page names, in backticks or as link targets.
fn named(page: &str) -> impl Iterator<Item = &str> {
    let ticks = page.split('`').skip(1).step_by(2);
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    ticks.chain(links).map(|name| name.split(['#', ':']).next().unwrap_or(name)).filter(|name| {
        let roots = ["sensor/", "proto/", "deploy/", "tests/", "fixtures/", "docs/", ".ci/"];
        roots.iter().any(|root| name.starts_with(root))
            && !name.contains(['<', '*', '{', ' ', '…', '$'])
    })
}

#[test]
fn files_named_in_pages_exist() {
    let Some(files) = files() else { return };
    let mut problems = Vec::new();
    for page in files.iter().filter(|file| file.ends_with(".md")) {
        let text = text(page);
        let missing = named(&text).filter(|name| !path(name).exists());
        problems.extend(missing.map(|name| format!("{page}: {name} does not exist")));
    }
    report(&problems);
}

#[test]
fn the_readme_has_the_doors() {
    let Ok(readme) = fs::read_to_string(path("README.md")) else {
        return skip("the README", "there is none yet");
    };
    for door in ["make demo", "make test"] {
        assert!(readme.contains(door), "README.md does not name `{door}`");
    }
}

#[test]
fn files_are_formatted() {
    let Some(files) = files() else { return };
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "-l"]).args(rust(&files)).current_dir(root());
    match rustfmt.output() {
        Ok(output) => {
            let listed = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "run make fmt:\n{listed}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Err(error) => skip("formatting", &format!("rustfmt: {error}")),
    }
}
