//! Parses the numbers that reports display, digit by digit and without floating point.
//!
//! Reports may show more digits than a decimal type holds, and every digit must reach the RECORD.

use serde_json::value::RawValue;

/// A number in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    /// A JSON number with every digit that Xero showed.
    pub(crate) digits: String,
    /// Whether a percent sign follows the number. `7.3 %` has the digits `7.3`.
    pub(crate) percent: bool,
}

/// Parses a cell. Accepts brackets or a sign for negative numbers, thousands separators, and a
/// percent sign. Returns `None` for an empty cell, for text, and for a date.
pub(crate) fn amount(text: &str) -> Option<Amount> {
    let mut rest = text.trim();
    let mut negative = false;
    let mut percent = false;
    loop {
        let inner = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        if let Some(inner) = inner.filter(|_| !negative) {
            (rest, negative) = (inner.trim(), true);
        } else if let Some(number) = rest.strip_suffix('%').filter(|_| !percent) {
            (rest, percent) = (number.trim_end(), true);
        } else {
            break;
        }
    }
    // U+2212 is the typographic minus sign.
    if let Some(number) = rest.strip_prefix(['-', '\u{2212}']) {
        (rest, negative) = (number, !negative);
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = match rest.split_once('.') {
        // A fraction may lack the zero before its point.
        Some(("", fraction)) => ("0", Some(fraction)),
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    let whole = ungrouped(whole).filter(|whole| is_number(whole))?;
    let mut digits = match whole.trim_start_matches('0') {
        "" => "0".to_owned(),
        whole => whole.to_owned(),
    };
    if let Some(fraction) = fraction {
        if !is_number(fraction) {
            return None;
        }
        digits = format!("{digits}.{fraction}");
    }
    let is_zero = digits.bytes().all(|it| matches!(it, b'0' | b'.'));
    if negative && !is_zero {
        digits.insert(0, '-');
    }
    Some(Amount { digits, percent })
}

/// Removes thousands separators. Returns `None` if a separator is not between groups of three
/// digits.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split([',', '\'', ' ', '\u{a0}', '\u{202f}']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    let mut grouped = false;
    for group in groups {
        grouped = true;
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    (!grouped || (1..=3).contains(&first.len())).then_some(digits)
}

impl Amount {
    /// Converts the number to JSON.
    pub(crate) fn json(self) -> Option<Box<RawValue>> {
        RawValue::from_string(self.digits).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (text, digits) in [
            ("0.00", "0.00"),
            ("-1850.00", "-1850.00"),
            ("1", "1"),
            ("1,234,567.89", "1234567.89"),
            ("1 234.50", "1234.50"),
            ("1\u{a0}234", "1234"),
            ("(1,234.50)", "-1234.50"),
            (" (12) ", "-12"),
            ("-(12)", ""),
            ("(-12)", "12"),
            ("\u{2212}3.5", "-3.5"),
            ("(0.00)", "0.00"),
            ("-0", "0"),
            (".5", "0.5"),
            ("007", "7"),
            (
                "-6.426484907497565725413826680",
                "-6.426484907497565725413826680",
            ),
            ("", ""),
            ("  ", ""),
            ("-", ""),
            ("5.", ""),
            ("1.2.3", ""),
            ("12,34", ""),
            ("1234,567", ""),
            ("1,234,56", ""),
            (",123", ""),
            ("1e5", ""),
            ("INV-0086", ""),
            ("2018-05-13T00:00:00", ""),
            ("181 days overdue", ""),
            ("()", ""),
        ] {
            let read = amount(text).map(|amount| amount.digits);
            let expected = (!digits.is_empty()).then(|| digits.to_owned());
            assert_eq!(read, expected, "{text:?}");
        }
    }

    #[test]
    fn percents_are_distinct_from_amounts() {
        for (text, digits) in [
            ("7.3%", "7.3"),
            ("-413.5%", "-413.5"),
            ("(21.8)%", "-21.8"),
            ("(21.8%)", "-21.8"),
            ("1,000 %", "1000"),
        ] {
            let percent = Amount {
                digits: digits.to_owned(),
                percent: true,
            };
            assert_eq!(amount(text), Some(percent), "{text}");
        }
        assert_eq!(amount("%"), None);
        assert_eq!(amount("5%%"), None);
    }
}
