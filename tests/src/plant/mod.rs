//! Random calls with random secrets planted in every place, written in every way, cut anywhere: through the line
//! from the HTTP parser on, and looked for in every form of records. `tests/leak_property.rs` runs thousands, a fuzz
//! target as many as it is given.

mod bodies;
mod choices;
mod disguise;
mod heads;
mod line;
mod search;
mod secrets;
mod wire;

pub use choices::Choices;
pub use line::{Line, Stages};

use search::Needles;

/// What came of a case.
pub struct Outcome {
    /// Records made.
    pub records: usize,
    /// Whether a planted text was in what the line was given, as it was planted.
    pub planted: bool,
    /// Findings in the records.
    pub findings: usize,
    /// Where something came out: in which form of records, and what stands there. The secrets are random, so they
    /// may be shown.
    pub leak: Option<String>,
}

/// Makes one case and takes it through the line.
pub fn run(line: &mut Line, choices: &mut Choices<'_>) -> Outcome {
    let (request, response) = (heads::request(choices), heads::response(choices));
    let (client, server) = if choices.one_in(5) {
        let (asked, answered) = (wire::http2(choices, &request), wire::http2(choices, &response));
        ([wire::PREFACE, &asked].concat(), [wire::SETTINGS, &answered].concat())
    } else {
        (wire::http1(choices, &request), wire::http1(choices, &response))
    };
    let arrived = (wire::arrive(choices, &client), wire::arrive(choices, &server));
    let records = line.records(&arrived.0, &arrived.1);
    let needles = Needles::of(choices.planted());
    let findings = records.iter().map(|record| record.message().findings.len()).sum();
    let planted = needles.find(&client).or_else(|| needles.find(&server)).is_some();
    let mut leak = None;
    for (form, octets) in line::outputs(&records) {
        let squeezed = search::squeezed(&octets);
        for octets in [&octets, &squeezed] {
            let found = needles.find(octets).filter(|_| leak.is_none());
            leak = found.map(|at| told(form, octets, at, &[&request, &response])).or(leak);
        }
    }
    Outcome { records: records.len(), planted, findings, leak }
}

/// What came out where, and of what.
fn told(
    form: &str,
    octets: &[u8],
    at: std::ops::Range<usize>,
    messages: &[&heads::Message],
) -> String {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let before = text(&octets[at.start.saturating_sub(160)..at.start]);
    let mut made = format!("{form}: …{before}>>>{}<<<\n", text(&octets[at]));
    for message in messages {
        made += &format!(
            "{} {} {} {:?}\n",
            message.method, message.target, message.host, message.status
        );
        for (name, value) in message.fields.iter().chain(&message.trailers) {
            made += &format!("{name}: {value}\n");
        }
        if let Some(body) = &message.body {
            made += &format!("{}\n{}\n", body.kind, text(&body.octets));
        }
    }
    made
}
