//! Ratios as the executive summary shows them: percentages of one decimal, and quotients
//! with all the digits that Xero's decimals have.

/// Significant digits of a quotient.
const DIGITS: usize = 28;

/// A part of a whole as in `-21.8%`, rounded half away from zero. Of nothing it is `0.0%`.
pub(super) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "0.0%".to_owned();
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    let sign = if (part < 0) == (whole < 0) { 1 } else { -1 };
    let doubled = part.abs() * 2000 / whole.abs();
    let tenths = (doubled + 1) / 2 * sign;
    let minus = if tenths < 0 { "-" } else { "" };
    format!("{minus}{}.{}%", tenths.abs() / 10, tenths.abs() % 10)
}

/// How much of an earlier value a later one is more, as a percentage.
pub(super) fn variance(now: i64, before: i64) -> String {
    percent(now - before, before.abs())
}

/// A quotient with as many decimals as it needs, at most as many digits as the decimals
/// of the server hold them.
pub(super) fn quotient(dividend: i64, divisor: i64) -> Option<String> {
    if divisor == 0 {
        return None;
    }
    let minus = (dividend < 0) != (divisor < 0) && dividend != 0;
    let (dividend, divisor) = (dividend.unsigned_abs(), divisor.unsigned_abs());
    let mut text = format!("{}{}", if minus { "-" } else { "" }, dividend / divisor);
    let mut rest = u128::from(dividend % divisor);
    let mut digits = text.trim_start_matches(['-', '0']).len();
    if rest > 0 {
        text.push('.');
    }
    while rest > 0 && digits < DIGITS {
        rest *= 10;
        let digit = rest / u128::from(divisor);
        rest %= u128::from(divisor);
        digits += usize::from(digits > 0 || digit > 0);
        text.push_str(&digit.to_string());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_one_decimal() {
        for (now, before, expected) in [
            (59_000, 55_000, "7.3%"),
            (59_416, 75_956, "-21.8%"),
            (4_000, 0, "0.0%"),
            (0, 0, "0.0%"),
            (100, -100, "200.0%"),
            (-200, -100, "-100.0%"),
        ] {
            assert_eq!(variance(now, before), expected, "{now} {before}");
        }
        assert_eq!(percent(-16_540, 4_000), "-413.5%");
    }

    #[test]
    fn quotients_end_where_they_do_or_after_28_digits() {
        for (dividend, divisor, expected) in [
            (59_000 * 30, 4_000, Some("442.5")),
            (-2_200, 10_270, Some("-0.2142161635832521908471275559")),
            (10, 5, Some("2")),
            (0, -5, Some("0")),
            (1, 0, None),
        ] {
            assert_eq!(quotient(dividend, divisor).as_deref(), expected);
        }
    }
}
