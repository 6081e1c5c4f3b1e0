//! Parses the dates and times of the config.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::errors::{ConfigErrors, quoted};
use super::settings::Settings;

/// Reads `start_date`. It must be a valid date that is not later than `now`.
pub(super) fn start(
    settings: &Settings,
    now: DateTime<Utc>,
    errors: &mut ConfigErrors,
) -> Option<DateTime<Utc>> {
    let text = settings.text("start_date")?;
    let fault = match moment(text) {
        Some(start) if start <= now => return Some(start),
        Some(_) => "is in the future",
        None => "is not a valid date or time",
    };
    let value = quoted("start_date", &text.into());
    errors.add("start_date", format!("start_date{value} {fault}."));
    None
}

/// Whether a text has the form YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, optionally with a fraction and a
/// Z. Does not check that the day and the time exist.
pub(super) fn has_form(text: &str) -> bool {
    if is_like(text, "0000-00-00") {
        return true;
    }
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|it| it.is_ascii_digit());
    is_like(seconds, "0000-00-00T00:00:00") && is_fraction
}

/// Whether a text has a digit at each `0` of the example and otherwise the same characters.
fn is_like(text: &str, example: &str) -> bool {
    let mut pairs = text.bytes().zip(example.bytes());
    text.len() == example.len()
        && pairs.all(|(one, other)| match other {
            b'0' => one.is_ascii_digit(),
            other => one == other,
        })
}

/// Parses a date, or a date and time. The default zone is UTC.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
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
            ("tomorrow", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = moment(text).map(|moment| moment.to_rfc3339());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
