//! Path templates against public API descriptions: how many are recovered exactly, by number of calls seen.
//!
//! `tests/endpoints/documents.py` takes the descriptions from packages that ship them, into `.cache/endpoints`. From
//! their paths come concrete ones: parameters as numbers, UUIDs, slugs, names, addresses and so on, from pools of
//! different sizes; endpoints are called as often as their rank allows (Zipf), 10 % of calls fail, and 5 % more are
//! a scanner's. `UPDATE=1` writes the table into `docs/endpoints.md`, `MISSES=1` tells the templates that are not exact, `SEED=1` makes other values and other orders.

mod calls;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use apitap::redact::measure::Templates;
use apitap_tests::{input, path, records, run, skip, update};
use calls::{Api, Random};

/// Calls of a template at which it is looked at.
const LEVELS: [usize; 5] = [0, 1, 10, 50, 200];
/// Calls of an API for each of its templates.
const CALLS: usize = 120;
/// Templates of one API that are taken.
const TEMPLATES_MAX: usize = 250;

const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

/// Descriptions that learning was not tuned with.
const HELD_OUT: [&str; 4] = ["openai", "azure-openai", "anthropic", "cohere"];

/// What was found at one level.
#[derive(Default, Clone, Copy)]
struct Found {
    /// Exact also beside templates that were called less often, which could not be known yet.
    alone: usize,
    templates: usize,
    exact: usize,
    over: usize,
    under: usize,
}

fn tables() -> Vec<PathBuf> {
    let folder = path(".cache/endpoints");
    let script = path("tests/endpoints/documents.py");
    let done = Command::new("python3").arg(script).arg(&folder).output();
    if let Ok(output) = done {
        print!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> =
        found.filter(|path| path.extension().is_some_and(|end| end == "tsv")).collect();
    found.sort();
    found
}

/// Whether a template is shared with one that was called as often, with any, and whether there are several.
struct Looked {
    over: bool,
    any: bool,
    under: bool,
}

/// Looks at a template of an API: whether its calls have one template of their own.
/// `called`: whether another template was called as often, so that it could be known; else it is the other that is not.
fn look(
    api: &Api,
    nth: usize,
    called: impl Fn(usize) -> bool,
    made: &mut Templates,
    random: &mut Random,
) -> Looked {
    let template = &api.templates[nth];
    let mut of = |template, random: &mut Random| {
        let path = api.concrete(template, random);
        made.template(&api.name, &path)
    };
    let found: BTreeSet<String> = (0..10).map(|_| of(template, random)).collect();
    let others = api.others(nth).filter(|(other, _)| called(*other)).take(40);
    let over = others.into_iter().any(|(_, other)| found.contains(&of(other, random)));
    let any = over || api.others(nth).take(40).any(|(_, other)| found.contains(&of(other, random)));
    Looked { over, any, under: found.len() > 1 }
}

fn learned(api: &Api) -> [Found; LEVELS.len()] {
    let mut made = Templates::new().unwrap();
    let mut found = [Found::default(); LEVELS.len()];
    let mut random = Random::of(&api.name);
    let order = random.shuffled(api.templates.len());
    let mut seen = vec![0; api.templates.len()];
    let mut note = |level: usize, nth: usize, seen: &[usize], made: &mut Templates| {
        let called = |other: usize| seen[other] >= LEVELS[level];
        let looked = look(api, nth, called, made, &mut Random::of(&nth.to_string()));
        let Looked { over, any, under } = looked;
        found[level].alone += usize::from(!any && !under);
        found[level].templates += 1;
        found[level].exact += usize::from(!over && !under);
        found[level].over += usize::from(over);
        found[level].under += usize::from(under);
        if (over || under) && LEVELS[level] >= 50 && std::env::var_os("MISSES").is_some() {
            let kind = if over { "over" } else { "under" };
            let random = &mut Random::of(&nth.to_string());
            let mut of = |_| made.template(&api.name, &api.concrete(&api.templates[nth], random));
            let found: BTreeSet<String> = (0..10).map(&mut of).collect();
            println!("{} {kind} {}: {found:?}", api.name, api.templates[nth].text());
        }
    };
    (0..api.templates.len()).for_each(|nth| note(0, nth, &seen, &mut made));
    for _ in 0..api.templates.len() * CALLS {
        if random.below(100) < 5 {
            let (path, status) = api.noise(&mut random);
            made.call(&api.name, "GET", &path, status, &[]);
            continue;
        }
        let nth = order[random.zipf(order.len(), 0.8)];
        let call = api.call(nth, &mut random);
        let fields: Vec<&str> = call.fields.iter().map(String::as_str).collect();
        made.call(&api.name, &call.method, &call.path, call.status, &fields);
        seen[nth] += 1;
        if let Some(level) = LEVELS.iter().position(|calls| *calls == seen[nth]) {
            note(level, nth, &seen, &mut made);
        }
    }
    found
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

type All = BTreeMap<String, (usize, [Found; LEVELS.len()])>;

/// Sums of some descriptions, with the number of their templates.
fn sums(all: &All, of: impl Fn(&str) -> bool) -> (usize, [Found; LEVELS.len()]) {
    let mut sum = [Found::default(); LEVELS.len()];
    let mut total = 0;
    for (_, (templates, found)) in all.iter().filter(|(name, _)| of(name)) {
        total += templates;
        for (found, sum) in found.iter().zip(&mut sum) {
            sum.templates += found.templates;
            sum.exact += found.exact;
            sum.alone += found.alone;
            sum.over += found.over;
            sum.under += found.under;
        }
    }
    (total, sum)
}

fn table(all: &All) -> String {
    let heads = LEVELS.map(|calls| format!(" {calls} |")).concat();
    let mut text = format!("| API | templates |{heads}\n|-|-|-|-|-|-|-|\n");
    for (name, (templates, found)) in all {
        let cells = found.map(|found| match found.templates {
            0 => " – |".to_owned(),
            n => format!(" {:.3} |", share(found.exact, n)),
        });
        text += &format!("| {name} | {templates} |{}\n", cells.concat());
    }
    let held_out = |name: &str| HELD_OUT.contains(&name);
    let (tuned_total, tuned) = sums(all, |name| !held_out(name));
    let (held_total, held) = sums(all, held_out);
    for (name, total, sum, part) in [
        ("tuned with", tuned_total, tuned, (|f: &Found| f.exact) as fn(&Found) -> usize),
        ("tuned with: exact, beside rarer ones too", tuned_total, tuned, |f| f.alone),
        ("tuned with: shares its template with another", tuned_total, tuned, |f| f.over),
        ("tuned with: has several templates", tuned_total, tuned, |f| f.under),
        ("tuned with: templates called so often", tuned_total, tuned, |f| f.templates),
        ("held out", held_total, held, |f| f.exact),
        ("held out: exact, beside rarer ones too", held_total, held, |f| f.alone),
        ("held out: shares its template with another", held_total, held, |f| f.over),
        ("held out: has several templates", held_total, held, |f| f.under),
        ("held out: templates called so often", held_total, held, |f| f.templates),
    ] {
        let count = name.ends_with("often");
        let cells = sum.map(|found| match part(&found) {
            n if count => format!(" {n} |"),
            n => format!(" {:.3} |", share(n, found.templates)),
        });
        text += &format!("| **{name}** | {total} |{}\n", cells.concat());
    }
    text
}

#[test]
fn templates_of_public_apis_are_recovered() {
    let tables = tables();
    if tables.len() < 20 {
        return skip(
            "templates of public APIs",
            &format!("{} of 20 descriptions are to be had; see above", tables.len()),
        );
    }
    let mut all = BTreeMap::new();
    for table in tables {
        let api = Api::read(&table, TEMPLATES_MAX);
        if api.templates.len() >= 5 {
            all.insert(api.name.clone(), (api.templates.len(), learned(&api)));
        }
    }
    let text = table(&all);
    println!("{text}");
    if update() {
        let page = path("docs/endpoints.md");
        let old = std::fs::read_to_string(&page).unwrap();
        let (head, rest) = old.split_once("<!-- table -->\n").expect("the page has a place for it");
        let (_, tail) = rest.split_once("<!-- /table -->").expect("and an end of it");
        let new = format!("{head}<!-- table -->\n{text}<!-- /table -->{tail}");
        std::fs::write(page, new).unwrap();
    }
    let (_, sum) = sums(&all, |_| true);
    let exact = share(sum[3].exact, sum[3].templates);
    assert!(exact >= EXACT_MIN, "after 50 calls {exact:.3} are exact, {EXACT_MIN} before");
}

/// What was reached after 50 calls; raise it with what learning gains.
const EXACT_MIN: f64 = 0.97;

/// Templates of the `shop` fixture, read with this configuration.
fn shop(config: &str) -> BTreeMap<String, usize> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apitap.toml");
    std::fs::write(&file, config).unwrap();
    let mut command = run::apitap();
    command.args(["read", "--quiet", "--output", "jsonl", "--config"]).arg(&file).arg("--key");
    command.arg(run::key()).arg(input(&path("fixtures/shop")).unwrap());
    let read = run::finish(command, MINUTE).ok("read");
    let mut found = BTreeMap::new();
    for record in records::lines(&read.stdout) {
        let request = &record["request"];
        if let (Some(template), Some(source)) =
            (request["path_template"].as_str(), request["template_source"].as_str())
        {
            *found.entry(format!("{source} {template}")).or_default() += 1;
        }
    }
    found
}

#[test]
fn patterns_and_descriptions_win() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("shop.yaml");
    let text = "openapi: 3.1.0\ninfo: {title: shop, version: '1'}\nservers: [{url: 'https://shop.example/v1'}]\n\
                paths: {'/users/{customer}': {}, '/orders/{order}': {}}\n";
    std::fs::write(&spec, text).unwrap();
    let config = format!(
        "[endpoints]\npatterns = ['shop.example/v1/orders/{{number}}', 'shop.example/v1/carts/{{rest...}}', 'other.example/v1/{{rest...}}']\n\
         specs = ['{}']\n",
        spec.display()
    );
    let (plain, hinted) = (shop(""), shop(&config));
    let count = |name: &str| hinted.get(name).copied().unwrap_or_default();
    assert_eq!(count("SPEC /v1/users/{customer}"), plain["TYPED /v1/users/{user_id}"]);
    assert_eq!(count("SPEC /v1/orders/{number}"), plain["TYPED /v1/orders/{order_id}"]);
    assert!(count("SPEC /v1/carts/{rest...}") > plain["TYPED /v1/carts/{cart_id}"]);
    assert_eq!(count("TYPED /v1/users"), plain["TYPED /v1/users"]);
    assert_eq!(hinted.values().sum::<usize>(), plain.values().sum::<usize>());
}

#[test]
fn hints_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apitap.toml");
    for (config, says) in [
        ("patterns = ['/a/{b']", "endpoints.patterns: \"/a/{b\": braces"),
        ("specs = ['/nowhere.yaml']", "endpoints.specs: /nowhere.yaml: "),
    ] {
        std::fs::write(&file, format!("[endpoints]\n{config}\n")).unwrap();
        let mut command = run::apitap();
        command.arg("read").arg(input(&path("fixtures/shop")).unwrap()).arg("--config").arg(&file);
        let run = run::finish(command, MINUTE);
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert_eq!(run.code, Some(2), "{config}");
    }
}
