//! Literals of types that have no sign of their own: `guid("...")` and `DateTime(2020, 1, 31)`.

use chrono::{NaiveDate, NaiveDateTime};

use super::tokens::Token;
use super::value::Value;
use crate::clock::Millis;
use crate::guid::Guid;

/// The largest year of a `DateTime` of .NET.
const LAST_YEAR: u32 = 9_999;

/// Reads the argument of `guid`.
pub(super) fn guid(arguments: &[Token]) -> Result<Value, String> {
    let guid = match arguments {
        [Token::Text(text)] => Guid::parse(text.trim()),
        _ => None,
    };
    let guid = guid.ok_or("Guid should contain 32 digits with 4 dashes")?;
    Ok(Value::Guid(guid.0))
}

/// Reads the arguments of `DateTime`: year, month and day, and perhaps hour, minute and second.
pub(super) fn date_time(arguments: &[Token]) -> Result<Value, String> {
    let whole = |token: &Token| match token {
        Token::Number(number) if number.fract() == 0.0 => whole_number(*number),
        _ => None,
    };
    let parts: Option<Vec<u32>> = arguments.iter().map(whole).collect();
    let time = match parts.as_deref() {
        Some([year, month, day]) => time([*year, *month, *day, 0, 0, 0]),
        Some(&[year, month, day, hour, minute, second]) => {
            time([year, month, day, hour, minute, second])
        }
        _ => None,
    };
    let error = "Year, Month, and Day parameters describe an un-representable DateTime";
    time.ok_or_else(|| error.to_owned())
}

/// Reads the argument of `DateTime.Parse`, which Xero does not document but takes.
pub(super) fn parsed_date_time(arguments: &[Token]) -> Result<Value, String> {
    let moment = match arguments {
        [Token::Text(text)] => moment(text),
        _ => None,
    };
    let moment = moment.ok_or("String was not recognized as a valid DateTime")?;
    Ok(Value::Date(moment))
}

/// Reads a day, or a moment of it, as ISO 8601 has them.
pub(super) fn moment(text: &str) -> Option<Millis> {
    let text = text.trim();
    let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let moment = midnight
        .map(|day| day.and_time(Default::default()))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"));
    Some(moment.ok()?.and_utc().timestamp_millis())
}

/// A whole number that is not too large for a year.
fn whole_number(number: f64) -> Option<u32> {
    let last = f64::from(LAST_YEAR);
    (0.0..=last).contains(&number).then_some(number as u32)
}

fn time([year, month, day, hour, minute, second]: [u32; 6]) -> Option<Value> {
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    let time = day.and_hms_opt(hour, minute, second)?;
    Some(Value::Date(time.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_time_is_one_of_the_calendar() {
        let read = |parts: &[f64]| {
            let parts: Vec<_> = parts.iter().map(|part| Token::Number(*part)).collect();
            date_time(&parts).ok()
        };
        for (parts, expected) in [
            (&[2020.0, 1.0, 31.0][..], Some(1_580_428_800_000)),
            (
                &[2020.0, 1.0, 31.0, 13.0, 5.0, 59.0],
                Some(1_580_475_959_000),
            ),
            (&[1.0, 1.0, 1.0], Some(-62_135_596_800_000)),
            (&[9999.0, 12.0, 31.0], Some(253_402_214_400_000)),
            (&[0.0, 1.0, 1.0], None),
            (&[10_000.0, 1.0, 1.0], None),
            (&[-2020.0, 1.0, 1.0], None),
            (&[1e300, 1.0, 1.0], None),
            (&[f64::INFINITY, 1.0, 1.0], None),
            (&[2020.5, 1.0, 1.0], None),
            (&[2020.0, 13.0, 1.0], None),
            (&[2020.0, 2.0, 30.0], None),
            (&[2020.0, 1.0, 31.0, 24.0, 0.0, 0.0], None),
            (&[2020.0, 1.0, 31.0, 13.0], None),
            (&[2020.0, 1.0], None),
            (&[], None),
        ] {
            assert_eq!(read(parts), expected.map(Value::Date), "{parts:?}");
        }
        let text = [Token::Text("2020".to_owned())];
        assert!(date_time(&text).is_err());
    }

    #[test]
    fn a_guid_is_one_text() {
        let text = |text: &str| Token::Text(text.to_owned());
        let one = "00000000-0000-0000-0000-000000000001";
        assert_eq!(guid(&[text(one)]), Ok(Value::Guid(1)));
        for wrong in [
            vec![],
            vec![text("1")],
            vec![text(one), text(one)],
            vec![Token::Number(1.0)],
        ] {
            assert!(guid(&wrong).is_err(), "{wrong:?}");
        }
    }
}
