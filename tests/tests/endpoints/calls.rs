//! Calls of an API, made of its description.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Random numbers, the same on every run (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn of(name: &str) -> Self {
        let step = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
        let seed = std::env::var("SEED").unwrap_or_default();
        Self(name.bytes().chain(seed.bytes()).fold(0xcbf2_9ce4_8422_2325, step))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// A rank below `n`, the first the likeliest (Zipf, by its continuous form).
    pub(super) fn zipf(&mut self, n: usize, exponent: f64) -> usize {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let a = 1.0 - exponent;
        let x = (((n as f64 + 1.0).powf(a) - 1.0) * unit + 1.0).powf(1.0 / a) - 1.0;
        (x as usize).min(n - 1)
    }

    pub(super) fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// A segment of a documented path.
enum Segment {
    Word(String),
    /// Name, and what stands before and behind the value.
    Parameter(String, String, String),
}

/// A documented path.
pub(super) struct Template {
    segments: Vec<Segment>,
    /// Method, and fields of a good answer.
    operations: Vec<(String, Vec<String>)>,
}

/// A documented API.
pub(super) struct Api {
    pub(super) name: String,
    pub(super) templates: Vec<Template>,
    /// Values by name of parameter.
    pools: BTreeMap<String, Vec<String>>,
    noise: Vec<String>,
}

/// A call.
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) fields: Vec<String>,
}

impl Api {
    /// Reads a table of `documents.py`; at most `max` templates, spread over it.
    pub(super) fn read(table: &Path, max: usize) -> Self {
        let name = table.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(table).unwrap();
        let mut found: BTreeMap<String, Template> = BTreeMap::new();
        for line in text.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [method, path, fields] = columns[..] else { continue };
            if !path.starts_with('/') || path.contains([' ', '*']) {
                continue;
            }
            let segments: Vec<Segment> = path[1..].split('/').map(segment).collect();
            let skeleton: String = segments.iter().map(skeleton).collect();
            let template = found
                .entry(skeleton)
                .or_insert_with(|| Template { segments, operations: Vec::new() });
            let mut fields: Vec<String> =
                fields.split(' ').filter(|f| !f.is_empty()).map(str::to_owned).collect();
            if fields.is_empty() && method == "GET" {
                // What is got is something, documented or not.
                fields = (0..4).map(|n| format!("$.{n}{path}")).collect();
            }
            template.operations.push((method.to_owned(), fields));
        }
        let step = found.len().div_ceil(max).max(1);
        let templates: Vec<Template> = found.into_values().step_by(step).collect();
        let mut pools = BTreeMap::new();
        for segment in templates.iter().flat_map(|template| &template.segments) {
            if let Segment::Parameter(key, ..) = segment {
                pools.entry(key.clone()).or_insert_with(|| pool(&name, key));
            }
        }
        let mut random = Random::of("noise");
        let noise = (0..3000).map(|n| match SCANNED.get(n) {
            Some(word) => (*word).to_owned(),
            None => value(["name", "slug"][n % 2], &mut random),
        });
        Self { name, templates, pools, noise: noise.collect() }
    }

    pub(super) fn concrete(&self, template: &Template, random: &mut Random) -> String {
        let mut path = String::new();
        for segment in &template.segments {
            path.push('/');
            match segment {
                Segment::Word(word) => path.push_str(word),
                Segment::Parameter(key, before, behind) => {
                    let pool = &self.pools[key];
                    let value = &pool[random.zipf(pool.len(), 0.9)];
                    path.extend([before.as_str(), value, behind]);
                }
            }
        }
        path
    }

    /// A call of a template: one in ten is answered with an error.
    pub(super) fn call(&self, nth: usize, random: &mut Random) -> Call {
        let template = &self.templates[nth];
        let (method, fields) = &template.operations[random.below(template.operations.len())];
        let status = match random.below(100) {
            0..90 => 200,
            90..96 => 404,
            96..98 => 400,
            _ => 500,
        };
        let fields = fields.iter().filter(|_| random.below(10) > 0).cloned().collect();
        Call { method: method.clone(), path: self.concrete(template, random), status, fields }
    }

    /// A scanner's path, and the answer to it.
    pub(super) fn noise(&self, random: &mut Random) -> (String, u16) {
        let word = &self.noise[random.zipf(self.noise.len(), 0.5)];
        let nth = random.below(self.templates.len());
        let path = self.concrete(&self.templates[nth], random);
        let keep = random.below(3).min(path.matches('/').count());
        let head: String = path.split('/').skip(1).take(keep).map(|s| format!("/{s}")).collect();
        let status = [404, 404, 404, 404, 403, 400, 405][random.below(7)];
        (format!("{head}/{word}"), status)
    }

    /// Other templates that could be taken for this one: of the same length, with another word at some place.
    pub(super) fn others(&self, nth: usize) -> impl Iterator<Item = (usize, &Template)> {
        let one = &self.templates[nth];
        let differs = |(a, b): (&Segment, &Segment)| match (a, b) {
            (Segment::Word(a), Segment::Word(b)) => a != b,
            (Segment::Parameter(..), Segment::Parameter(..)) => false,
            _ => true,
        };
        self.templates.iter().enumerate().filter(move |(other, found)| {
            let same = found.segments.len() == one.segments.len();
            let far =
                found.segments.iter().zip(&one.segments).filter(|pair| differs(*pair)).count();
            *other != nth && same && (1..=2).contains(&far)
        })
    }
}

fn segment(text: &str) -> Segment {
    match (text.find('{'), text.rfind('}')) {
        (Some(start), Some(end)) if start < end => Segment::Parameter(
            text[start + 1..end].to_owned(),
            text[..start].to_owned(),
            text[end + 1..].to_owned(),
        ),
        _ => Segment::Word(text.to_owned()),
    }
}

impl Template {
    /// As documented.
    pub(super) fn text(&self) -> String {
        self.segments.iter().map(skeleton).collect()
    }
}

fn skeleton(segment: &Segment) -> String {
    match segment {
        Segment::Word(word) => format!("/{word}"),
        Segment::Parameter(_, before, behind) => format!("/{before}{{}}{behind}"),
    }
}

const SCANNED: [&str; 20] = [
    "wp-admin",
    "wp-login.php",
    "admin",
    "backup",
    ".env",
    ".git",
    "config",
    "phpmyadmin",
    "manager",
    "actuator",
    "health",
    "console",
    "old",
    "shell",
    "cgi-bin",
    "vendor",
    "setup",
    "debug",
    "server-status",
    "index.php",
];
const NAMES: [&str; 32] = [
    "james",
    "mary",
    "robert",
    "patricia",
    "john",
    "jennifer",
    "michael",
    "linda",
    "david",
    "elizabeth",
    "william",
    "barbara",
    "susan",
    "joseph",
    "thomas",
    "sarah",
    "karen",
    "daniel",
    "nancy",
    "steven",
    "octocat",
    "quellborn",
    "minjun",
    "seoyeon",
    "hyunwoo",
    "jiwoo",
    "kimcs",
    "leeyh",
    "parkjh",
    "alice",
    "mallory",
    "gopher",
];
const WORDS: [&str; 48] = [
    "summer", "winter", "red", "blue", "coffee", "shirt", "phone", "laptop", "camera", "garden",
    "kitchen", "music", "travel", "starter", "hello", "world", "demo", "website", "infra",
    "mobile", "pipeline", "tools", "staging", "alpha", "delta", "river", "mountain", "forest",
    "ocean", "thunder", "falcon", "tiger", "panda", "banana", "cherry", "lemon", "mango", "lazy",
    "brown", "fox", "silver", "copper", "stone", "cotton", "silk", "north", "upper", "inner",
];
const LISTS: [&[&str]; 4] = [
    &["us-east", "us-west", "eu-west", "ap-south", "sa-east"],
    &["ko", "en", "ja", "fr", "de", "zh"],
    &["usd", "krw", "eur", "jpy"],
    &["linux", "windows", "darwin"],
];

/// Values of a parameter: of one kind, few or many.
fn pool(api: &str, key: &str) -> Vec<String> {
    let mut random = Random::of(&format!("{api}/{key}"));
    let name = key.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let id = has(&["id", "sid"]);
    if has(&["lang", "locale", "currency", "region", "platform"]) {
        return LISTS[random.below(LISTS.len())].iter().map(|s| (*s).to_owned()).collect();
    }
    let kinds: &[&str] = if has(&["email"]) {
        &["email"]
    } else if has(&["date", "day"]) {
        &["date"]
    } else if has(&["uuid", "guid"]) {
        &["uuid"]
    } else if !id && has(&["user", "login", "owner", "assignee", "member"]) {
        &["name"]
    } else if !id && has(&["name", "slug", "repo", "org", "branch", "tag", "path", "key", "type"]) {
        &["slug"]
    } else {
        &["number", "number", "number", "uuid", "uuid", "hex", "prefixed", "slug", "name", "email"]
    };
    let kind = random.one(kinds);
    let size = [5, 20, 100, 100, 100, 1000, 1000][random.below(7)];
    let mut seen = BTreeSet::new();
    (0..size).map(|_| value(kind, &mut random)).filter(|v| seen.insert(v.clone())).collect()
}

fn syllable(random: &mut Random) -> String {
    let begin =
        ["b", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "br"];
    let middle = ["a", "e", "i", "o", "u", "ia", "ea"];
    let end = ["", "n", "r", "l", "s", "t"];
    [random.one(&begin), random.one(&middle), random.one(&end)].concat()
}

fn value(kind: &str, random: &mut Random) -> String {
    match kind {
        "number" => (1 + random.below(10_000_000)).to_string(),
        "uuid" => {
            let (a, b) = (random.next(), random.next());
            let parts = (a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff);
            format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                parts.0, parts.1, parts.2, parts.3, parts.4
            )
        }
        "hex" => format!("{:016x}{:08x}", random.next(), random.next() >> 32),
        "prefixed" => {
            let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
            let tail = (0..14).map(|_| char::from(letters[random.below(letters.len())]));
            let tail: String = tail.collect();
            format!("{}_{tail}", random.one(&["cus", "acct", "ord", "usr", "inv"]))
        }
        "slug" => {
            let words: Vec<_> = (0..2 + random.below(2)).map(|_| random.one(&WORDS)).collect();
            let tail = if random.below(4) == 0 {
                format!("-{}", 2000 + random.below(30))
            } else {
                String::new()
            };
            words.join("-") + &tail
        }
        "name" if random.below(2) == 0 => random.one(&NAMES).to_owned(),
        "name" => syllable(random) + &syllable(random),
        "email" => format!("{}.{}@example.com", random.one(&NAMES), random.one(&NAMES)),
        _ => format!(
            "20{:02}-{:02}-{:02}",
            20 + random.below(7),
            1 + random.below(12),
            1 + random.below(28)
        ),
    }
}
