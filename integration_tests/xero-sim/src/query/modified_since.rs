//! The header `If-Modified-Since`.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::clock::{Millis, SECOND};

/// Reads the header in the forms that clients send, to the second. `None` means that Xero
/// answers as if there were no header.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let text = text.trim();
    let instant = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|time| time.timestamp());
    // Without a zone it is UTC.
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    let day =
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(Default::default()));
    let seconds = instant
        .or_else(|_| {
            plain()
                .or_else(|_| day())
                .map(|time| time.and_utc().timestamp())
        })
        .ok()?;
    Some(seconds * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_to_the_second() {
        let second = 1_580_994_000_000;
        for (text, expected) in [
            ("2020-02-06T13:00:00", Some(second)),
            ("2020-02-06T13:00:00.999", Some(second)),
            ("2020-02-06T13:00:00Z", Some(second)),
            ("2020-02-06T05:00:00.500-08:00", Some(second)),
            ("Thu, 06 Feb 2020 13:00:00 GMT", Some(second)),
            ("2020-02-06", Some(second - 13 * 3_600_000)),
            ("06/02/2020 13:00:00", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
