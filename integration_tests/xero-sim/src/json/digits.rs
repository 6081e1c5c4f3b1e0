//! Writes digits into a buffer without `format!`, which is too slow: a page of 1,000 invoices has
//! 100,000 numbers, dates and ids.

use crate::clock::Millis;

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Maximum number of digits of an `i64`.
const LONGEST: usize = 19;

/// Writes a byte as two hexadecimal digits.
pub(super) fn hex(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
}

/// Writes a GUID with hyphens.
pub(super) fn guid(out: &mut Vec<u8>, id: u128) {
    for (at, byte) in id.to_be_bytes().into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        hex(out, byte);
    }
}

/// Writes an integer.
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    decimal(out, value, 0);
}

/// Writes a number with `decimals` decimals. `places` is the number in units of its last decimal.
pub(super) fn decimal(out: &mut Vec<u8>, places: i64, decimals: u8) {
    let decimals = usize::from(decimals);
    assert!(decimals < LONGEST, "no money has {decimals} decimals");
    if places < 0 {
        out.push(b'-');
    }
    let mut digits = [b'0'; LONGEST];
    let mut first = LONGEST;
    let mut rest = places.unsigned_abs();
    while rest > 0 {
        first -= 1;
        digits[first] = digit(rest);
        rest /= 10;
    }
    let point = LONGEST - decimals;
    // At least one digit stands before the point.
    out.extend_from_slice(&digits[first.min(point - 1)..point]);
    if decimals > 0 {
        out.push(b'.');
        out.extend_from_slice(&digits[point..]);
    }
}

/// Writes an instant in whole seconds: `2018-10-20T13:05:59`.
pub(super) fn seconds(out: &mut Vec<u8>, at: Millis) {
    let seconds = at.div_euclid(1000);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400).unsigned_abs();
    padded(out, year, 4);
    out.push(b'-');
    padded(out, month, 2);
    out.push(b'-');
    padded(out, day, 2);
    out.push(b'T');
    padded(out, of_day / 3600, 2);
    out.push(b':');
    padded(out, of_day / 60 % 60, 2);
    out.push(b':');
    padded(out, of_day % 60, 2);
}

fn padded(out: &mut Vec<u8>, value: u64, width: u32) {
    for place in (0..width).rev() {
        out.push(digit(value / 10_u64.pow(place)));
    }
}

fn digit(value: u64) -> u8 {
    b"0123456789"[(value % 10) as usize]
}

/// Returns the year, month and day of a day number, counted from 1970-01-01.
fn civil(day: i64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that the leap day is the last of its year.
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year.unsigned_abs(),
        month.unsigned_abs(),
        day.unsigned_abs(),
    )
}
