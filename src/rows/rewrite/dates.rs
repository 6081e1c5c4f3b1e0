//! Converts Xero's dates to RFC 3339.

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, TimeDelta, Timelike, Utc};

use crate::dates::is_in_rfc_3339;
use crate::xero::api::DateFields;

/// A parsed date.
#[derive(Clone, Copy)]
pub(crate) struct Date {
    /// The time that Xero sent, in milliseconds since the epoch.
    pub(crate) millis: i64,
    /// The time to write.
    shown: DateTime<Utc>,
    is_instant: bool,
}

/// Parses the string under `key`. Returns `None` if it is not a date that RFC 3339 can express.
///
/// Xero sends milliseconds in UTC. Milliseconds under a key that holds no instant are midnight of a
/// calendar date, in the zone of the offset if there is one.
pub(crate) fn read(key: &[u8], text: &[u8], fields: DateFields) -> Option<Date> {
    let is_instant = fields.is_instant(key);
    let (millis, shown) = match ms_date(text) {
        Some((millis, offset)) => {
            let moment = DateTime::from_timestamp_millis(millis)?;
            let midnight = || moment.checked_add_signed(offset);
            let shown = if is_instant { Some(moment) } else { midnight() };
            (millis, shown?)
        }
        None if is_instant || is_iso(text) && fields.is_calendar_date(key) => {
            let moment = iso_without_zone(text)?;
            (moment.timestamp_millis(), moment)
        }
        None => return None,
    };
    let date = Date {
        millis,
        shown,
        is_instant,
    };
    // The milliseconds of a leap second belong to the second after it.
    let counted = DateTime::from_timestamp_millis(millis)?;
    let is_expressed = is_in_rfc_3339(&shown) && (!is_instant || is_in_rfc_3339(&counted));
    is_expressed.then_some(date)
}

impl Date {
    /// Appends the date as a JSON string.
    ///
    /// A page has thousands of dates. The formats of chrono took 2.5 % of the instructions of a read.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let (date, time) = (self.shown.date_naive(), self.shown.time());
        out.push(b'"');
        digits::<4>(date.year().unsigned_abs(), out);
        for part in [date.month(), date.day()] {
            out.push(b'-');
            digits::<2>(part, out);
        }
        if self.is_instant {
            // In a leap second, chrono counts a second of nanoseconds more.
            let millis = time.nanosecond() / 1_000_000;
            let parts = [time.hour(), time.minute(), time.second() + millis / 1000];
            for (before, part) in [b'T', b':', b':'].into_iter().zip(parts) {
                out.push(before);
                digits::<2>(part, out);
            }
            out.push(b'.');
            digits::<3>(millis % 1000, out);
            out.push(b'Z');
        }
        out.push(b'"');
    }
}

/// Appends the last `N` decimal digits of a number.
fn digits<const N: usize>(mut number: u32, out: &mut Vec<u8>) {
    let mut text = [b'0'; N];
    for digit in text.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&text);
}

/// Formats an instant in RFC 3339 with milliseconds and `Z`.
pub(crate) fn instant(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Parses `/Date(1426849200000+1300)/` to milliseconds and offset. Its slashes may be escaped, and
/// the offset is optional.
pub(crate) fn ms_date(text: &[u8]) -> Option<(i64, TimeDelta)> {
    let text = text.strip_prefix(b"\\").unwrap_or(text);
    let inner = text.strip_prefix(b"/Date(")?;
    let inner = inner
        .strip_suffix(b")\\/")
        .or_else(|| inner.strip_suffix(b")/"))?;
    let inner = std::str::from_utf8(inner).ok()?;
    // The first byte may be the sign of the milliseconds.
    let sign = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
    let (millis, offset) = inner.split_at(sign.unwrap_or(inner.len()));
    let offset = match offset {
        "" => TimeDelta::zero(),
        _ => {
            let hhmm: i64 = offset.parse().ok()?;
            TimeDelta::try_minutes(hhmm / 100 * 60 + hhmm % 100)?
        }
    };
    Some((millis.parse().ok()?, offset))
}

/// Whether a text may be a date of ISO 8601 with a time of day. Few texts pass, and names are compared
/// for these only.
fn is_iso(text: &[u8]) -> bool {
    text.len() >= "2015-09-09T22:13:28".len() && text[10] == b'T'
}

/// Parses `2015-09-09T22:13:28`, which some endpoints send for an instant.
fn iso_without_zone(text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?;
    // chrono accepts white space before each number.
    if text.contains(char::is_whitespace) {
        return None;
    }
    let moment = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f");
    Some(moment.ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xero::api::ACCOUNTING;

    #[test]
    fn a_date_is_written_as_chrono_formats_it() {
        let millis = [
            "0",
            "1",
            "-1",
            "999",
            "1426849200000",
            "1582934399999",
            "-62167219200000",
            "253402300799999",
        ];
        let stamps = millis.map(|millis| format!("/Date({millis})/"));
        let iso = ["2016-12-31T23:59:60.5", "2016-12-31T23:59:59.999"].map(str::to_owned);
        for text in stamps.iter().chain(&iso) {
            let date = read(b"UpdatedDateUTC", text.as_bytes(), ACCOUNTING.dates).unwrap();
            let mut out = Vec::new();
            date.write(&mut out);
            let expected = format!("\"{}\"", instant(date.shown));
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
        for text in &stamps {
            let date = read(b"Date", text.as_bytes(), ACCOUNTING.dates).unwrap();
            let mut out = Vec::new();
            date.write(&mut out);
            let expected = format!("\"{}\"", date.shown.date_naive());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
    }
}
