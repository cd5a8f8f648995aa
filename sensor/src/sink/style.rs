//! How text for people looks: colour, width, time zone.

use std::io::IsTerminal as _;

use jiff::tz::TimeZone;

/// How text for people looks.
#[derive(Debug, Clone)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// Columns of the terminal; `None` when it is no terminal, and then nothing is shortened.
    pub width: Option<usize>,
    /// Zone of the times shown.
    pub zone: TimeZone,
}

impl Style {
    /// For files and pipes: no colour, nothing shortened, UTC.
    #[must_use]
    pub const fn plain() -> Self {
        Self { color: false, width: None, zone: TimeZone::UTC }
    }

    /// For standard output: on a terminal its width, local time, and colour unless `NO_COLOR` is set
    /// (<https://no-color.org>) or `TERM` is `dumb`; otherwise [`plain`](Self::plain).
    #[must_use]
    pub fn of_stdout() -> Self {
        if !std::io::stdout().is_terminal() {
            return Self::plain();
        }
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into());
        Self { color: !dumb && !set("NO_COLOR"), width: Some(width), zone: TimeZone::system() }
    }
}
