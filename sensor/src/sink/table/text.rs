//! Text in columns: what fits, what is shortened, what a terminal may be shown.

/// Stands for characters that could steer a terminal.
const REPLACED: char = '\u{fffd}';
const ELLIPSIS: char = '…';

/// `text` without control characters and those that hide or reorder text: traffic must not steer a terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) { REPLACED } else { c }).collect()
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Columns a terminal takes for `text`.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Columns of a character: two for East Asian wide ones and emoji, none for combining marks.
fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// `text` in at most `columns`, shortened at the end.
pub(super) fn cut_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short = head(text, columns.saturating_sub(1));
    if columns > 0 {
        short.push(ELLIPSIS);
    }
    short
}

/// `text` in at most `columns`, shortened in the middle: both ends of a path tell most.
pub(super) fn cut_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(1);
    let tail_reversed: String = text.chars().rev().collect();
    let tail = head(&tail_reversed, room.saturating_sub(room / 2));
    let mut short = head(text, room.saturating_sub(width(&tail)));
    if columns > 0 {
        short.push(ELLIPSIS);
    }
    short.extend(tail.chars().rev());
    short
}

fn head(text: &str, columns: usize) -> String {
    let mut used = 0_usize;
    let fits = |c: &char| {
        used = used.saturating_add(char_width(*c));
        used <= columns
    };
    text.chars().take_while(fits).collect()
}

/// A number of bytes in at most 6 columns: `999 B`, `1.9 kB`, `12 MB`.
pub(super) fn bytes(count: u64) -> String {
    scaled(count, 1000, &["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

/// A duration in at most 6 columns: `850 µs`, `1.2 ms`, `95 s`.
pub(super) fn duration(nanos: u64) -> String {
    if nanos >= 1_000_000_000_000 {
        return format!("{} s", nanos / 1_000_000_000);
    }
    scaled(nanos, 1000, &["ns", "µs", "ms", "s"])
}

/// `count` in the largest unit that leaves at least 1, with one decimal below 10.
fn scaled(count: u64, step: u64, units: &[&str]) -> String {
    let (mut value, mut below, mut unit) = (count, 0, "");
    for (index, name) in units.iter().enumerate() {
        if index > 0 {
            if value < step {
                break;
            }
            below = value % step;
            value /= step;
        }
        unit = name;
    }
    let tenth = below.saturating_mul(10) / step.max(1);
    if value < 10 && count >= step {
        format!("{value}.{tenth} {unit}")
    } else {
        format!("{value} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_keep_both_ends() {
        assert_eq!(cut_middle("/v1/users/{id}/orders/{id}", 15), "/v1/use…rs/{id}");
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!(cut_middle("/주문/결제/내역", 9), "/주…내역");
        assert_eq!(cut_end("pan×2 email", 8), "pan×2 e…");
    }

    #[test]
    fn traffic_cannot_steer_the_terminal() {
        assert_eq!(
            clean("a\x1b[2J\r\n\u{202e}b\u{9b}"),
            "a\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}b\u{fffd}"
        );
    }

    #[test]
    fn sizes_and_times_fit_their_columns() {
        let sizes = [0, 999, 1000, 1999, 12_345, 999_999, 1_500_000, u64::MAX].map(bytes);
        assert_eq!(
            sizes,
            ["0 B", "999 B", "1.0 kB", "1.9 kB", "12 kB", "999 kB", "1.5 MB", "18 EB"]
        );
        let times =
            [0, 850_000, 1_250_000, 12_000_000, 1_230_000_000, 95_000_000_000].map(duration);
        assert_eq!(times, ["0 ns", "850 µs", "1.2 ms", "12 ms", "1.2 s", "95 s"]);
        assert_eq!(duration(3_600_000_000_000), "3600 s");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn what_is_cut_fits(text in "\\PC{0,40}", columns in 0..30_usize) {
            prop_assert!(width(&cut_end(&text, columns)) <= columns);
            prop_assert!(width(&cut_middle(&text, columns)) <= columns);
            prop_assert!(bytes(u64::try_from(columns).unwrap()).len() <= 6);
        }

        #[test]
        fn numbers_stay_narrow(count in any::<u64>()) {
            prop_assert!(width(&bytes(count)) <= 6);
        }
    }
}
