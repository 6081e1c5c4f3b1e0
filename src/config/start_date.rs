//! Checks `start_date`.

use chrono::{DateTime, Utc};

use super::errors::{ConfigErrors, quoted};
use super::settings::Settings;
use crate::dates;

/// Reads `start_date`. It must be a valid date that is not later than `now`.
pub(super) fn read(
    settings: &Settings,
    now: DateTime<Utc>,
    errors: &mut ConfigErrors,
) -> Option<DateTime<Utc>> {
    let text = settings.text("start_date")?;
    let fault = match dates::parse(text) {
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
