//! Explanations: for each value of a call, which rule decided how it leaves. Never the value.

use std::io::Write as _;
use std::path::Path;

use apitap_proto::v1;
use serde::Serialize;

use crate::record::Record;
use crate::redact::Explanation;
use crate::sink::{Encode, Output, Sink, SinkError, Stream};

/// How explanations are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people: a heading for each call, a line for each decision.
    Table,
    /// A JSON object a decision.
    Jsonl,
}

/// A sink of explanations: a file, or standard output.
///
/// # Errors
///
/// When it cannot be opened.
pub(super) fn open(form: Form, path: Option<&Path>) -> Result<Box<dyn Sink>, SinkError> {
    let output = match path.filter(|path| *path != Path::new("-")) {
        Some(path) => Output::create(path)?,
        None => Output::stdout()?,
    };
    let encoder: Box<dyn Encode> = match form {
        Form::Table => Box::new(Table { begun: false }),
        Form::Jsonl => Box::new(Jsonl),
    };
    Ok(Box::new(Stream::new(encoder, output)))
}

/// A decision with the call it belongs to.
#[derive(Serialize)]
struct Row<'a> {
    /// The call's id, as in its record.
    call: &'a str,
    /// What a person calls the operation.
    operation: &'a str,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

struct Jsonl;

impl Encode for Jsonl {
    fn encode(&mut self, _record: &v1::CallRecord, _out: &mut Vec<u8>) -> Result<(), SinkError> {
        // A message from elsewhere explains nothing.
        Ok(())
    }

    fn encode_record(&mut self, record: &Record, out: &mut Vec<u8>) -> Result<(), SinkError> {
        for explanation in record.explained() {
            let row = Row { call: record.id(), operation: record.operation(), explanation };
            serde_json::to_writer(&mut *out, &row)
                .map_err(|error| SinkError::Encode { format: "JSON", reason: error.to_string() })?;
            out.push(b'\n');
        }
        Ok(())
    }
}

struct Table {
    /// Whether something stands above.
    begun: bool,
}

/// Columns: rule, action, class, confidence, count, location.
type Cells<'a> = [&'a str; 6];

fn line(cells: &Cells<'_>, out: &mut Vec<u8>) {
    let [rule, action, class, confidence, count, location] = cells;
    let _vec = writeln!(
        out,
        "  {rule:<28} {action:<6} {class:<14} {confidence:<10} {count:>5}  {location}"
    );
}

impl Encode for Table {
    fn encode(&mut self, _record: &v1::CallRecord, _out: &mut Vec<u8>) -> Result<(), SinkError> {
        Ok(())
    }

    fn encode_record(&mut self, record: &Record, out: &mut Vec<u8>) -> Result<(), SinkError> {
        let gap = if self.begun { "\n" } else { "" };
        self.begun = true;
        let operation = record.operation();
        let operation = if operation.is_empty() { "(request not seen)" } else { operation };
        let status = match record.status() {
            0 => "(no response)".to_owned(),
            status => status.to_string(),
        };
        let _vec = writeln!(out, "{gap}{operation}  {}  {status}", record.host());
        line(&["RULE", "ACTION", "CLASS", "CONFIDENCE", "COUNT", "LOCATION"], out);
        for Explanation { location, class, action, rule, confidence, count } in record.explained() {
            let count = count.to_string();
            line(&[rule, action, class, confidence, &count, location], out);
        }
        Ok(())
    }
}
