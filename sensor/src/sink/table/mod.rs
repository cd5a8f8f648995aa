//! A table for people: one line a call, as wide as the terminal.
//!
//! It streams: column widths depend on the terminal alone. An unseen request shows `?`, an unseen response
//! `–`; a side seen in part is named in the last column.

mod cells;
mod text;

use apitap_proto::v1;
use jiff::civil::Date;
use text::{cut_end, cut_middle, width};

use self::cells::{Cells, Note, Tone};
use super::{Encode, Format, SinkError, Style};

pub(super) const FORMAT: Format = Format {
    name: "table",
    about: "a readable table, one line a call",
    records: super::tail::Records::Lines,
    encoder: |style| {
        Box::new(Table { style: style.clone(), columns: Columns::of(style.width), day: None })
    },
};

const GAP: &str = "  ";
const ARROW: &str = " → ";

/// Column widths; a column of width 0 is left out.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: usize,
    client: usize,
    server: usize,
    method: usize,
    call: usize,
    status: usize,
    size: usize,
    latency: usize,
    /// `None`: as wide as it gets.
    found: Option<usize>,
    /// Whether long cells are shortened.
    cut: bool,
}

impl Columns {
    /// An IPv4 address with its port.
    const END: usize = 21;
    /// Below this, both ends do not fit beside a call.
    const WIDE: usize = 150;
    /// Below this, not even the client fits.
    const MEDIUM: usize = 100;

    fn of(terminal: Option<usize>) -> Self {
        let total = terminal.unwrap_or(Self::WIDE);
        let (client, server) = match total {
            Self::WIDE.. => (Self::END, Self::END),
            Self::MEDIUM.. => (Self::END, 0),
            _ => (0, 0),
        };
        let mut columns = Self {
            time: 12,
            client,
            server,
            method: 7,
            call: 0,
            status: 3,
            size: 6,
            latency: 6,
            found: None,
            cut: terminal.is_some(),
        };
        let flexible = total.saturating_sub(columns.fixed());
        columns.call = (flexible.saturating_mul(3) / 5).max(10);
        columns.found = terminal.map(|_| flexible.saturating_sub(columns.call).max(4));
        columns
    }

    /// Columns taken by all but `call` and `found`.
    fn fixed(&self) -> usize {
        let ends = match (self.client, self.server) {
            (0, _) => 0,
            (client, 0) => client.saturating_add(GAP.len()),
            (client, server) => {
                client.saturating_add(server).saturating_add(width(ARROW)).saturating_add(GAP.len())
            }
        };
        let others = [self.time, self.method, self.status, self.size, self.latency];
        // A gap follows each of the five, and the call.
        others
            .iter()
            .sum::<usize>()
            .saturating_add(ends)
            .saturating_add(GAP.len().saturating_mul(6))
    }
}

struct Table {
    style: Style,
    columns: Columns,
    /// Day of the last line, once the header is written.
    day: Option<Option<Date>>,
}

impl Encode for Table {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        let cells = Cells::of(record, &self.style.zone);
        let mut line = String::with_capacity(256);
        if self.day.is_none() {
            self.row(&Cells::header(), &mut line);
        }
        if self.day != Some(cells.day) {
            // Times of day alone would be read as one day's.
            if let Some(day) = cells.day {
                self.paint(&format!("{day} {}", cells.zone), Tone::Dim, &mut line);
                line.push('\n');
            }
            self.day = Some(cells.day);
        }
        self.row(&cells, &mut line);
        out.extend_from_slice(line.as_bytes());
        Ok(())
    }
}

impl Table {
    fn row(&self, cells: &Cells, line: &mut String) {
        let columns = self.columns;
        let tone = cells.tone;
        self.cell(&cells.time, columns.time, tone.or(Tone::Dim), line);
        line.push_str(GAP);
        if columns.client > 0 {
            self.cell(&cells.client, columns.client, tone, line);
            if columns.server > 0 {
                line.push_str(ARROW);
                self.cell(&cells.server, columns.server, tone, line);
            }
            line.push_str(GAP);
        }
        self.cell(&cells.method, columns.method, tone, line);
        line.push_str(GAP);
        self.cell(&cells.call, columns.call, tone, line);
        line.push_str(GAP);
        self.cell(&cells.status, columns.status, cells.status_tone, line);
        line.push_str(GAP);
        self.right(&cells.size, columns.size, tone, line);
        line.push_str(GAP);
        self.right(&cells.latency, columns.latency, tone, line);
        line.push_str(GAP);
        self.notes(&cells.notes, line);
        let end = line.trim_end().len();
        line.truncate(end);
        line.push('\n');
    }

    fn cell(&self, text: &str, columns: usize, tone: Tone, line: &mut String) {
        let shown = if self.columns.cut { cut_middle(text, columns) } else { text.to_owned() };
        self.paint(&shown, tone, line);
        pad(columns.saturating_sub(width(&shown)), line);
    }

    fn right(&self, text: &str, columns: usize, tone: Tone, line: &mut String) {
        pad(columns.saturating_sub(width(text)), line);
        self.paint(text, tone, line);
    }

    fn notes(&self, notes: &[Note], line: &mut String) {
        let mut room = self.columns.found.unwrap_or(usize::MAX);
        for (index, note) in notes.iter().enumerate() {
            if index > 0 {
                line.push(' ');
                room = room.saturating_sub(1);
            }
            let shown = cut_end(&note.text, room);
            self.paint(&shown, note.tone, line);
            room = room.saturating_sub(width(&shown));
            if room <= 1 {
                return;
            }
        }
    }

    fn paint(&self, text: &str, tone: Tone, line: &mut String) {
        let code = tone.code();
        if !self.style.color || code.is_empty() || text.is_empty() {
            line.push_str(text);
            return;
        }
        for part in ["\x1b[", code, "m", text, "\x1b[0m"] {
            line.push_str(part);
        }
    }
}

fn pad(columns: usize, line: &mut String) {
    line.extend(std::iter::repeat_n(' ', columns));
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use v1::signal::Severity;

    use super::super::stream::tests::stream;
    use super::*;
    use crate::call::MessageFacts;
    use crate::http::Completeness;
    use crate::record::{Record, sample};
    use crate::sink::Sink as _;

    fn table(style: &Style, records: &[Record]) -> Vec<String> {
        let (mut stream, written) = stream("table", style);
        for record in records {
            stream.write(record).unwrap();
        }
        stream.finish().unwrap();
        String::from_utf8(written.take()).unwrap().lines().map(str::to_owned).collect()
    }

    fn on_terminal(width: usize) -> Style {
        Style { width: Some(width), ..Style::plain() }
    }

    #[test]
    fn a_call_is_a_line_under_one_header() {
        let lines = table(&Style::plain(), &[sample::record(), sample::record()]);
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with("TIME          CLIENT"), "{}", lines[0]);
        assert_eq!(lines[1], "2026-01-01 UTC");
        assert_eq!(
            lines[2],
            "00:00:00.123  10.0.0.7:51234        → 192.0.2.80:8080        POST     \
             shop.example/v1/orders/{id}         201  1.9 kB   12 ms  pan×2"
        );
        assert_eq!(lines[2], lines[3]);
    }

    #[test]
    fn one_side_and_holes_are_marked() {
        let mut alone = sample::parts();
        (alone.request, alone.request_facts) = (None, None);
        let mut asked = sample::parts();
        (asked.response, asked.response_facts) = (None, None);
        let mut gap = sample::parts();
        let facts = gap.response_facts.unwrap();
        gap.response_facts =
            Some(MessageFacts { completeness: Completeness::Gap, missing_bytes: 1460, ..facts });
        let lines = table(&Style::plain(), &[alone, asked, gap].map(sample::record_of));
        assert!(lines[2].contains("  ?        ?  ") && lines[2].contains(" 201 "), "{}", lines[2]);
        assert!(lines[3].contains("  –         –       –  "), "{}", lines[3]);
        assert!(lines[4].contains("resp:gap(1.4 kB) pan×2"), "{}", lines[4]);
    }

    #[test]
    fn lines_fit_the_terminal() {
        let mut parts = sample::parts();
        let signal = |id: &str, severity: Severity| v1::Signal {
            id: id.into(),
            severity: severity.into(),
            ..v1::Signal::default()
        };
        parts.signals.push(signal("header.version_banner", Severity::Info));
        parts.signals.push(signal("framing.cl_te", Severity::High));
        parts.request.as_mut().unwrap().host = "very.long.host.name.shop.example".into();
        parts.operation = "POST /v1/customers/{id}/orders/{id}/items/{id}/refunds".into();
        let record = [sample::record_of(parts)];
        for width in [80, 100, 120, 150, 220] {
            for line in table(&on_terminal(width), &record) {
                assert!(text::width(&line) <= width, "{width}: {line}");
            }
        }
        let narrow = table(&on_terminal(80), &record);
        assert!(narrow[2].contains("…") && narrow[2].contains("!framing"), "{}", narrow[2]);
        assert!(!narrow[2].contains("banner"), "what is no risk is left to the record");
    }

    #[test]
    fn color_only_when_asked_and_always_reset() {
        assert!(!table(&on_terminal(120), &[sample::record()]).concat().contains('\x1b'));
        let color = Style { color: true, ..on_terminal(120) };
        let text = table(&color, &[sample::record()]).concat();
        assert_eq!(text.matches("\x1b[0m").count() * 2, text.matches("\x1b[").count());
    }

    #[test]
    fn times_are_of_the_zone_and_days_are_told_apart() {
        let style = Style { zone: TimeZone::fixed(Offset::constant(9)), ..Style::plain() };
        let mut next = sample::parts();
        let facts = next.request_facts.as_mut().unwrap();
        facts.start_time = facts.start_time.plus(std::time::Duration::from_secs(86_400));
        let lines = table(&style, &[sample::record(), sample::record_of(next)]);
        assert_eq!((lines[1].as_str(), lines[3].as_str()), ("2026-01-01 +09", "2026-01-02 +09"));
        assert!(lines[2].starts_with("09:00:00.123"), "{}", lines[2]);
    }
}
