//! How well classes are told: precision and recall over labelled values, with their field names and without.
//!
//! The values are generated from the rules of their classes, written down here once more, with as hard near misses
//! as could be thought of; and read from test data that public packages ship. `UPDATE=1` writes the table into
//! `docs/detection.md`.

mod people;
mod random;
mod samples;

mod secrets;
mod things;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use apitap::redact::measure::Classifier;
use apitap_tests::{path, update};
use random::{Labelled, Random};

const PAGE: &str = "docs/detection.md";
const MARKS: [&str; 2] = ["<!-- table -->\n", "<!-- end of table -->\n"];

/// What came of one class.
#[derive(Default)]
struct Score {
    values: u32,
    found: u32,
    /// Values of other classes, or of none, that were taken for this one.
    wrong: u32,
}

impl Score {
    fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from(self.values)
    }

    fn precision(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.wrong).max(1))
    }
}

/// Classes with what came of them.
type Scores = BTreeMap<&'static str, Score>;

/// Classifies all values; `named`: with their field's name, else only those that form can tell.
fn scores(classifier: &mut Classifier, values: &[Labelled], named: bool) -> (Scores, Vec<String>) {
    let mut scores = Scores::new();
    // A few examples of what went wrong: generated values, nobody's.
    let mut examples: BTreeMap<String, u32> = BTreeMap::new();
    for value in values.iter().filter(|value| named || value.by_form) {
        let name = named.then_some(value.name.as_str());
        let class = classifier.class(name, &value.text).unwrap_or_default();
        let right = class == value.class;
        if !value.class.is_empty() {
            let score = scores.entry(value.class).or_default();
            score.values += 1;
            score.found += u32::from(right);
        }
        if !right && !class.is_empty() {
            scores.entry(class).or_default().wrong += 1;
        }
        if !right {
            let line = format!(
                "{:>12} taken for {class:<12} {} = {}",
                value.class, value.name, value.text
            );
            if std::env::var_os("SHOW").is_some() {
                println!("{named} {line}");
            }
            *examples.entry(format!("{} taken for {class}", value.class)).or_default() += 1;
        }
    }
    let mut examples: Vec<_> =
        examples.into_iter().map(|(what, n)| format!("{n:>6} {what}")).collect();
    examples.sort_unstable();
    (scores, examples.split_off(examples.len().saturating_sub(20)))
}

fn table(named: &Scores, alone: &Scores) -> String {
    let mut text = String::from(
        "| Class | Values | Precision | Recall | Values told by form | Precision | Recall |\n|-|-:|-:|-:|-:|-:|-:|\n",
    );
    // Rounded down: a table does not say 1.000 of what was missed once.
    let cut = |share: f64| (share * 1000.0).floor() / 1000.0;
    for (class, score) in named.iter().filter(|(_, score)| score.values > 0) {
        write!(
            text,
            "| `{class}` | {} | {:.3} | {:.3} ",
            score.values,
            cut(score.precision()),
            cut(score.recall())
        )
        .unwrap();
        match alone.get(class).filter(|score| score.values > 0) {
            Some(score) => writeln!(
                text,
                "| {} | {:.3} | {:.3} |",
                score.values,
                cut(score.precision()),
                cut(score.recall())
            ),
            None => writeln!(text, "| by name only | | |"),
        }
        .unwrap();
    }
    text
}

#[test]
fn classes_are_told() {
    let mut random = Random(20_260_131);
    let mut values = people::labelled(&mut random);
    values.extend(secrets::labelled(&mut random));
    values.extend(things::labelled(&mut random));
    let mut classifier = Classifier::new().unwrap();
    let (named, wrong_named) = scores(&mut classifier, &values, true);
    let (alone, wrong_alone) = scores(&mut classifier, &values, false);
    let table = table(&named, &alone);
    println!(
        "{table}\nwith names:\n{}\nwithout:\n{}",
        wrong_named.join("\n"),
        wrong_alone.join("\n")
    );
    let mut low = Vec::new();
    for (scores, precision, recall) in [(&named, 0.98, 0.99), (&alone, 0.95, 0.95)] {
        let known = scores.iter().filter(|(_, score)| score.values > 0);
        let short =
            known.filter(|(_, score)| score.precision() < precision || score.recall() < recall);
        low.extend(short.map(|(class, _)| *class));
    }
    assert!(low.is_empty(), "told too badly: {low:?}");
    // Nobody's values are of no class, hardly ever.
    let wrong: u32 = named.values().map(|score| score.wrong).sum();
    assert!(wrong < 2000, "{wrong} values were taken for something else");
    let page = fs::read_to_string(path(PAGE)).unwrap();
    let (head, rest) = page.split_once(MARKS[0]).unwrap();
    let (held, tail) = rest.split_once(MARKS[1]).unwrap();
    if update() {
        fs::write(path(PAGE), [head, MARKS[0], &table, MARKS[1], tail].concat()).unwrap();
    } else {
        assert_eq!(
            held, table,
            "the table of {PAGE} is not what is measured; UPDATE=1 rewrites it"
        );
    }
}

#[test]
fn public_test_values_are_told() {
    let Some(values) = samples::labelled() else { return };
    assert!(values.len() > 500, "only {} values", values.len());
    let mut classifier = Classifier::new().unwrap();
    for (named, share) in [(true, 0.99), (false, 0.95)] {
        let (scores, wrong) = scores(&mut classifier, &values, named);
        let values: u32 = scores.values().map(|score| score.values).sum();
        let found: u32 = scores.values().map(|score| score.found).sum();
        let taken: u32 = scores.values().map(|score| score.wrong).sum();
        println!("{named}: {found} of {values}, {taken} wrongly\n{}", wrong.join("\n"));
        assert!(f64::from(found) >= share * f64::from(values), "{found} of {values}");
        assert!(f64::from(taken) <= (1.0 - share) * f64::from(values), "{taken} wrongly");
    }
}
