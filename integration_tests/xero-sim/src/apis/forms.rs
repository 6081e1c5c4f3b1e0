//! The forms of values: of parameters, and of dates in rows.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::clock::Millis;
use crate::guid::Guid;

/// The form that the description gives a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A whole number from 1.
    Number,
    /// A GUID.
    Id,
    /// GUIDs, separated by commas.
    Ids,
    /// `true` or `false`.
    Switch,
    /// A day, such as `2020-02-03`.
    Day,
    /// A moment in ISO 8601.
    Moment,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Several of these, separated by commas.
    SomeOf(&'static [&'static str]),
    Text,
}

impl Form {
    /// Whether a value has this form.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Number => text.parse::<usize>().is_ok_and(|number| number > 0),
            Self::Id => Guid::parse(text).is_some(),
            Self::Ids => text.split(',').all(|id| Guid::parse(id.trim()).is_some()),
            Self::Switch => ["true", "false"].contains(&text.to_ascii_lowercase().as_str()),
            Self::Day => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
            Self::Moment => moment(text).is_some(),
            Self::OneOf(words) => is_one(words, text),
            Self::SomeOf(words) => text.split(',').all(|word| is_one(words, word.trim())),
            Self::Text => true,
        }
    }
}

fn is_one(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Reads a day or a moment of a row or a parameter. Without a zone it is UTC.
pub(crate) fn moment(text: &str) -> Option<Millis> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis());
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    let day =
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(Default::default()));
    let time = with_zone.or_else(|_| {
        plain()
            .or_else(|_| day())
            .map(|time| time.and_utc().timestamp_millis())
    });
    time.ok()
}

/// The form of a date in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// `2020-02-27`.
    Day,
    /// `2020-02-27T00:00:00`, a day.
    Midnight,
    /// `2020-02-27T15:00:00Z`.
    Seconds,
    /// `2020-02-28T03:24:29.2215641Z`.
    Ticks,
    /// `2020-12-03T19:04:58.6970000`, in UTC.
    TicksWithoutZone,
    /// `2020-02-27T15:00:00`, in UTC.
    WithoutZone,
    /// `/Date(1580774400000+0000)/`.
    Epoch,
}

impl Stamp {
    /// Writes a moment.
    pub(crate) fn of(self, at: Millis) -> String {
        let time = DateTime::from_timestamp_millis(at).expect("a year that chrono knows");
        let format = match self {
            Self::Day => "%Y-%m-%d",
            Self::Midnight => "%Y-%m-%dT00:00:00",
            Self::Seconds => "%Y-%m-%dT%H:%M:%SZ",
            // Four digits that are no milliseconds, as Xero's clock has them.
            Self::Ticks => {
                let digits = at.unsigned_abs().wrapping_mul(7_919) % 9_999 + 1;
                let text = time.format("%Y-%m-%dT%H:%M:%S%.3f");
                return format!("{text}{digits:04}Z");
            }
            Self::TicksWithoutZone => "%Y-%m-%dT%H:%M:%S%.3f0000",
            Self::WithoutZone => "%Y-%m-%dT%H:%M:%S",
            Self::Epoch => return format!("/Date({at}+0000)/"),
        };
        time.format(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_forms_of_their_apis() {
        let at = 1_582_815_869_221;
        for (stamp, expected) in [
            (Stamp::Day, "2020-02-27"),
            (Stamp::Midnight, "2020-02-27T00:00:00"),
            (Stamp::Seconds, "2020-02-27T15:04:29Z"),
            (Stamp::TicksWithoutZone, "2020-02-27T15:04:29.2210000"),
            (Stamp::WithoutZone, "2020-02-27T15:04:29"),
            (Stamp::Epoch, "/Date(1582815869221+0000)/"),
        ] {
            assert_eq!(stamp.of(at), expected);
        }
        let ticks = Stamp::Ticks.of(at);
        assert!(ticks.starts_with("2020-02-27T15:04:29.221"), "{ticks}");
        assert_eq!(moment(&ticks), Some(at));
    }

    #[test]
    fn a_value_fits_its_form_or_not() {
        let id = "00000000-0000-4000-8000-000000000001";
        let pair = format!("{id}, {id}");
        for (form, text, fits) in [
            (Form::Number, "1", true),
            (Form::Number, "0", false),
            (Form::Number, "one", false),
            (Form::Id, id, true),
            (Form::Id, "1", false),
            (Form::Ids, &pair, true),
            (Form::Ids, "1,2", false),
            (Form::Switch, "True", true),
            (Form::Switch, "1", false),
            (Form::Day, "2020-02-03", true),
            (Form::Day, "03/02/2020", false),
            (Form::Moment, "2020-02-03T10:00:00Z", true),
            (Form::Moment, "yesterday", false),
            (Form::OneOf(&["DRAFT"]), "draft", true),
            (Form::SomeOf(&["A", "B"]), "A,B", true),
            (Form::SomeOf(&["A", "B"]), "A,C", false),
        ] {
            assert_eq!(form.fits(text), fits, "{form:?} {text}");
        }
    }
}
