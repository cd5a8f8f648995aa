//! The inventory as a table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::report::{BlindSpot, Report, Row};
use super::risk::Standing;
use crate::sink::Style;

/// Narrowest path column on a terminal.
const PATH_MIN: usize = 24;
/// Servers shown that cannot be read.
const BLIND_SHOWN_MAX: usize = 30;
/// Differences shown.
const SHOWN_MAX: usize = 50;

const HEADER: [&str; 9] =
    ["RISK", "CALLS", "METHOD", "ENDPOINT", "STATUS", "AUTH", "OUT", "P50", "SIGNALS"];

/// The inventory as a table, and what a specification says of it.
#[must_use]
pub fn text(report: &Report<'_>, style: &Style) -> String {
    let rows: Vec<[String; 9]> = report.endpoints.iter().map(cells).collect();
    let mut widths = HEADER.map(width);
    for row in &rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    fit(&mut widths, style);
    let mut out = String::new();
    line(&mut out, &HEADER.map(str::to_owned), &widths);
    for row in &rows {
        line(&mut out, row, &widths);
    }
    blind_spots(report, style, &mut out);
    summary(report, &mut out);
    out
}

/// Takes what is too much for the terminal from the widest columns that can spare it.
fn fit(widths: &mut [usize; 9], style: &Style) {
    let Some(room) = style.width else { return };
    let gaps = widths.len().saturating_sub(1).saturating_mul(2);
    let total = widths.iter().fold(gaps, |sum, width| sum.saturating_add(*width));
    let mut over = total.saturating_sub(room);
    for (column, least) in [(8, 7), (6, 12), (5, 8), (3, PATH_MIN)] {
        if let Some(width) = widths.get_mut(column) {
            let spare = width.saturating_sub(least).min(over);
            *width = width.saturating_sub(spare);
            over = over.saturating_sub(spare);
        }
    }
}

fn cells(row: &Row<'_>) -> [String; 9] {
    let mark = match row.standing {
        Some(Standing::Shadow) => " [shadow]",
        Some(Standing::Zombie) => " [zombie]",
        Some(Standing::Probe) => " [probe]",
        Some(Standing::Documented) | None => "",
    };
    let out: Vec<&str> = row
        .classes
        .iter()
        .filter(|(_, class)| class.calls_out > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    let signals: Vec<&str> = row.signals.keys().map(String::as_str).collect();
    let schemes: Vec<&str> = row.auth.schemes.counts.keys().map(String::as_str).collect();
    let endpoint = format!("{}{}{mark}", row.host, row.path);
    [
        format!("{} {}", row.risk.score, row.risk.level),
        row.calls.to_string(),
        clean(row.method),
        clean(&endpoint),
        statuses(row.statuses, row.unanswered),
        clean(&schemes.join(",")),
        clean(&out.join(",")),
        if row.latency.count == 0 { String::new() } else { duration(row.latency.p50_us) },
        clean(&signals.join(",")),
    ]
}

/// `2xx 95% 404 5%`: classes, and single codes that stand out.
fn statuses(statuses: &BTreeMap<u32, u64>, unanswered: u64) -> String {
    let all = statuses.values().fold(unanswered, |sum, count| sum.saturating_add(*count)).max(1);
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for (status, count) in statuses {
        let name = match status {
            401 | 403 | 404 | 429 => status.to_string(),
            status => format!("{}xx", status / 100),
        };
        let sum = classes.entry(name).or_default();
        *sum = sum.saturating_add(*count);
    }
    if unanswered > 0 {
        classes.insert("none".into(), unanswered);
    }
    let mut parts: Vec<(String, u64)> = classes.into_iter().collect();
    parts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let percent = |count: u64| count.saturating_mul(100).div_ceil(all).min(100);
    let shown = parts.iter().take(3);
    let shown: Vec<String> = shown.map(|(name, n)| format!("{name} {}%", percent(*n))).collect();
    shown.join(" ")
}

fn duration(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros}µs"),
        1000..10_000 => format!("{}.{:01}ms", micros / 1000, micros % 1000 / 100),
        10_000..10_000_000 => format!("{}ms", micros / 1000),
        _ => format!("{}s", micros / 1_000_000),
    }
}

fn line(out: &mut String, cells: &[String], widths: &[usize]) {
    let mut text = String::new();
    for (cell, room) in cells.iter().zip(widths) {
        if !text.is_empty() {
            text.push_str("  ");
        }
        let cell = shorten(cell, *room);
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', room.saturating_sub(width(&cell))));
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// The servers whose connections could not be read.
fn blind_spots(report: &Report<'_>, style: &Style, out: &mut String) {
    if report.blind_spots.is_empty() {
        return;
    }
    let header = ["UNREAD", "SESSIONS", "BYTES", "VERSIONS", "ALPN", "CLIENTS", "NOTES"];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(report.blind_spots.iter().take(BLIND_SHOWN_MAX).map(blind_cells));
    let mut widths = [0; 7];
    for row in &rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    if let (Some(room), [host, ..]) = (style.width, &mut widths) {
        *host = (*host).min((room / 3).max(PATH_MIN));
    }
    out.push('\n');
    for row in &rows {
        line(out, row, &widths);
    }
    let more = report.blind_spots.len().saturating_sub(BLIND_SHOWN_MAX);
    if more > 0 {
        let _written = writeln!(out, "… and {more} more");
    }
}

fn blind_cells(blind: &BlindSpot<'_>) -> [String; 7] {
    let versions: Vec<&str> = blind.versions.keys().map(String::as_str).collect();
    let notes = [
        (blind.client_certificates, "mTLS"),
        (blind.ech, "ECH"),
        (blind.unestablished, "not established"),
    ];
    let notes = notes.into_iter().filter(|(count, _)| *count > 0);
    let notes: Vec<String> = notes.map(|(count, what)| format!("{what} {count}")).collect();
    let clients = u64::try_from(blind.clients.counts.len()).unwrap_or(u64::MAX);
    let more = if blind.clients.other > 0 { "+" } else { "" };
    [
        clean(blind.host),
        blind.sessions.to_string(),
        bytes(blind.client_bytes.saturating_add(blind.server_bytes)),
        clean(&versions.join(",")),
        blind.alpn.most().map(|name| clean(name)).unwrap_or_default(),
        format!("{clients}{more}"),
        notes.join(", "),
    ]
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn shorten(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// Record files come from anywhere: no control characters on the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

fn summary(report: &Report<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    let _written = writeln!(
        out,
        "\n{} endpoints of {} hosts, {} calls, {} to {}",
        report.endpoints.len(),
        report.hosts.len(),
        report.calls,
        report.first_seen,
        report.last_seen,
    );
    let left = &report.left_out;
    for (count, what) in [
        (left.endpoint_calls, "calls of endpoints beyond --endpoints-max are not in the table"),
        (left.unknown_calls, "calls of which only the answer was seen belong to no endpoint"),
        (left.encrypted_sessions, "connections were encrypted: no call of theirs was seen"),
        (left.entity_calls, "appearances of entities beyond the limit have no timeline"),
        (report.not_remembered, "parameters, fields or names had no place"),
    ] {
        if count > 0 {
            let _written = writeln!(out, "{count} {what}");
        }
    }
    let Some(spec) = report.specification else { return };
    let _written = writeln!(
        out,
        "\nAgainst {} {}: {} documented, {} shadow, {} zombie, {} orphan, {} probes, {} differences",
        clean(&spec.title),
        clean(&spec.version),
        spec.documented,
        spec.shadow.len(),
        spec.zombie.len(),
        spec.orphan.len(),
        spec.probes,
        spec.drift.len(),
    );
    for (name, list) in
        [("shadow", &spec.shadow), ("zombie", &spec.zombie), ("orphan", &spec.orphan)]
    {
        for entry in list.iter().take(SHOWN_MAX) {
            let text = format!("  {name}  {} {}{}", entry.method, entry.host, entry.path);
            let why = if entry.why.is_empty() { "" } else { entry.why };
            let _written = writeln!(out, "{} {why}", clean(&text));
        }
    }
    for drift in spec.drift.iter().take(SHOWN_MAX) {
        let (want, got) = (drift.documented.as_str(), drift.observed.as_str());
        let want = if want.is_empty() { "not documented" } else { want };
        let text = format!(
            "  {}  {} {}  {} {}: {want}; seen: {got} ({} messages)",
            drift.kind, drift.method, drift.path, drift.place, drift.name, drift.messages
        );
        let _written = writeln!(out, "{}", clean(&text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_fits() {
        let mix = BTreeMap::from([(200, 90), (201, 5), (404, 4), (500, 1)]);
        assert_eq!(statuses(&mix, 0), "2xx 95% 404 4% 5xx 1%");
        assert_eq!(statuses(&BTreeMap::new(), 3), "none 100%");
        assert_eq!([0, 1500, 45_000, 12_000_000].map(duration), ["0µs", "1.5ms", "45ms", "12s"]);
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(clean("a\u{1b}[2Jb"), "a·[2Jb");
    }
}
