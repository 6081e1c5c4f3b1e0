//! Reading fields of rows by their names.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;

/// The value at a path such as `Contact.ContactID`.
pub fn at<'a>(row: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(row, |value, name| &value[name])
}

/// A text; empty if the field is absent.
pub fn text<'a>(row: &'a Value, path: &str) -> &'a str {
    at(row, path).as_str().unwrap_or_default()
}

/// A list; empty if the field is absent.
pub fn list<'a>(row: &'a Value, path: &str) -> &'a [Value] {
    at(row, path).as_array().map_or(&[], Vec::as_slice)
}

/// Whether a field is there and not empty.
pub fn has(row: &Value, path: &str) -> bool {
    !text(row, path).is_empty()
}

/// Milliseconds since the epoch, and those that the offset adds.
fn moment(row: &Value, path: &str) -> Option<(i64, i64)> {
    let text = text(row, path);
    if let Ok(time) = text.parse::<NaiveDateTime>() {
        return Some((time.and_utc().timestamp_millis(), 0));
    }
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let Some(at) = inner.rfind(['+', '-']).filter(|at| *at > 0) else {
        return Some((inner.parse().ok()?, 0));
    };
    let (millis, offset) = inner.split_at(at);
    let offset: i64 = offset.parse().ok()?;
    let minutes = offset / 100 * 60 + offset % 100;
    Some((millis.parse().ok()?, minutes * 60_000))
}

/// An instant in milliseconds, from `/Date(..)/` or from ISO text.
pub fn stamp(row: &Value, path: &str) -> Option<i64> {
    moment(row, path).map(|(millis, _)| millis)
}

/// A calendar day. An offset moves it: the day is that of the organisation.
pub fn day(row: &Value, path: &str) -> Option<NaiveDate> {
    let (millis, offset) = moment(row, path)?;
    DateTime::from_timestamp_millis(millis + offset).map(|time| time.date_naive())
}

#[test]
fn days_and_stamps_are_read_in_every_form() {
    let row = serde_json::json!({
        "a": "/Date(1426849200000+1300)/", "b": "/Date(1426849200000)/",
        "c": "2015-09-09T22:13:28", "d": "soon", "e": {"f": "/Date(-86400000+0000)/"},
    });
    let shown = |path: &str| day(&row, path).map(|day| day.to_string());
    assert_eq!(shown("a").as_deref(), Some("2015-03-21"));
    assert_eq!(shown("b").as_deref(), Some("2015-03-20"));
    assert_eq!(shown("c").as_deref(), Some("2015-09-09"));
    assert_eq!(shown("d"), None);
    assert_eq!(shown("e.f").as_deref(), Some("1969-12-31"));
    assert_eq!(stamp(&row, "a"), Some(1_426_849_200_000));
}
