//! Parses dates and times of the config and of states.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Parses a date, or a date and time. The default zone is UTC. The year has four digits, so that the
/// moment can be written in RFC 3339.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    // In milliseconds, a leap second is the first second after it.
    let moment = moment(text).and_then(|it| DateTime::from_timestamp_millis(it.timestamp_millis()));
    moment.filter(is_in_rfc_3339)
}

/// Whether RFC 3339 can express a moment: its year has four digits.
pub(crate) fn is_in_rfc_3339(moment: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&moment.year())
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return Some(zoned.to_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    let moment = day.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"));
    moment.ok().map(|moment| moment.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_parsed_with_and_without_time_and_zone() {
        let cases = [
            ("2020-01-01", Some("2020-01-01T00:00:00+00:00")),
            ("2020-02-29T12:30:01", Some("2020-02-29T12:30:01+00:00")),
            ("2020-01-01T12:30:01Z", Some("2020-01-01T12:30:01+00:00")),
            (
                "2020-01-01T12:30:01.25",
                Some("2020-01-01T12:30:01.250+00:00"),
            ),
            (
                "2020-01-01T12:30:01.25Z",
                Some("2020-01-01T12:30:01.250+00:00"),
            ),
            (
                "2020-01-01T12:30:01+13:00",
                Some("2019-12-31T23:30:01+00:00"),
            ),
            ("2021-02-29", None),
            ("2021-13-01", None),
            ("2021-01-01T25:00:00Z", None),
            ("9999-12-31", Some("9999-12-31T00:00:00+00:00")),
            ("+12345-01-01", None),
            ("-0001-01-01T00:00:00", None),
            ("9999-12-31T23:00:00-02:00", None),
            (
                "2016-12-31T23:59:60.5Z",
                Some("2017-01-01T00:00:00.500+00:00"),
            ),
            ("9999-12-31T23:59:60Z", None),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = parse(text).map(|moment| moment.to_rfc3339());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
