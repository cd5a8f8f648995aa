//! Dates and times, strictly: what only looks like one may be somebody's number.

/// Years before the call in which a date is no one's birth, as far as a date alone can tell.
const YEARS_MAX: u32 = 10;

/// Length of the day at the start of an ISO 8601 date or time (`2026-01-31`, `2026-01-31T10:00:00.5+09:00`, `/` or
/// `.` for `-`), or of `20260131` with or without a time where `compact` says that a name tells so. `None` when
/// `text` is none, or when the day lies more than ten years before `year`: then it may be a birth date under a name
/// that nobody knows.
pub(crate) fn day(text: &[u8], compact: bool, year: u32) -> Option<usize> {
    let (date, rest) = match text {
        [y1, y2, y3, y4, s1 @ (b'-' | b'/' | b'.'), m1, m2, s2, d1, d2, rest @ ..] if s1 == s2 => {
            ([*y1, *y2, *y3, *y4, *m1, *m2, *d1, *d2], rest)
        }
        [y1, y2, y3, y4, m1, m2, d1, d2, rest @ ..] if compact => {
            ([*y1, *y2, *y3, *y4, *m1, *m2, *d1, *d2], rest)
        }
        _ => return None,
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |n, b| {
            b.is_ascii_digit().then(|| n.saturating_mul(10).saturating_add(u32::from(b - b'0')))
        })
    };
    let (told, month, of_month) =
        (number(date.get(..4)?)?, number(date.get(4..6)?)?, number(date.get(6..)?)?);
    let recent = told.saturating_add(YEARS_MAX) >= year && (1900..2200).contains(&told);
    let real = (1..=12).contains(&month) && (1..=31).contains(&of_month);
    let length = text.len().saturating_sub(rest.len());
    let timed = if length == 8 { digits_alone(rest) } else { time(rest) };
    (recent && real && timed).then_some(length)
}

/// `hhmm`, `hhmmss` or `hhmmssmmm`, or nothing.
fn digits_alone(rest: &[u8]) -> bool {
    matches!(rest.len(), 0 | 4 | 6 | 9) && rest.iter().all(u8::is_ascii_digit)
}

/// Nothing, or a time of day with an offset or without.
fn time(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b"T").or_else(|| rest.strip_prefix(b" ")) else {
        return rest.is_empty();
    };
    let pair = |rest: &[u8], at: usize| {
        rest.get(at..at.saturating_add(2)).is_some_and(|two| two.iter().all(u8::is_ascii_digit))
    };
    let colon = |rest: &[u8], at: usize| rest.get(at) == Some(&b':');
    if !(pair(rest, 0) && colon(rest, 2) && pair(rest, 3)) {
        return false;
    }
    let mut rest = rest.get(5..).unwrap_or_default();
    if colon(rest, 0) && pair(rest, 1) {
        rest = rest.get(3..).unwrap_or_default();
        if let [b'.' | b',', fraction @ ..] = rest {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            rest = fraction.get(digits..).unwrap_or_default();
        }
    }
    match rest {
        [] | [b'Z'] => true,
        [b'+' | b'-', offset @ ..] => match offset.len() {
            2 => pair(offset, 0),
            4 => pair(offset, 0) && pair(offset, 2),
            5 => pair(offset, 0) && colon(offset, 2) && pair(offset, 3),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_strictly() {
        for (text, compact, length) in [
            ("2026-01-31", false, Some(10)),
            ("2026/01/31", false, Some(10)),
            ("2026-01-31T10:00:00+09:00", false, Some(10)),
            ("2026-01-31 10:00", false, Some(10)),
            ("2026-01-31T10:00:00.123456789Z", false, Some(10)),
            ("20260131", true, Some(8)),
            ("20260131100000", true, Some(8)),
            ("20260131", false, None),
            ("2026-13-31", false, None),
            ("2026-01/31", false, None),
            ("2019-12345", false, None),
            ("2026-01-31T10:00:00 kim", false, None),
            ("2026-01-31T10:00:00.1234567890", false, None),
            ("2026-01-31-1234567", false, None),
            ("20269931", true, None),
            ("2026013110000", true, None),
            ("1985-03-02", false, None),
            ("2015-12-31", false, None),
            ("2016-01-01", false, Some(10)),
        ] {
            assert_eq!(day(text.as_bytes(), compact, 2026), length, "{text}");
        }
    }
}
