//! Computes what a later start date saves.

use chrono::{DateTime, Months, Utc};

use super::count::Count;
use super::facts::OrganisationFacts;
use super::list_cost::{self, Bytes};
use super::list_sample::ListSample;
use super::wanted::Wanted;
use crate::config::Config;
use crate::sync::reports::{self, PeriodSettings};

/// How many years later the start dates are.
const YEARS: [u32; 3] = [1, 2, 3];

/// What a later start date saves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Saving {
    pub(crate) start_date: DateTime<Utc>,
    pub(crate) calls: Count,
    pub(crate) bytes: Bytes,
}

/// Returns the dates one, two and three years after the start date that are in the past.
pub(crate) fn later_dates(start: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let dates = YEARS.iter();
    let dates = dates.filter_map(|years| start.checked_add_months(Months::new(12 * years)));
    dates.filter(|date| *date < now).collect()
}

/// Returns the date about which long lists are asked: the middle one. The rows since the other dates
/// follow from it, as if the changes were spread evenly.
pub(crate) fn asked_date(dates: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
    dates.get(dates.len().saturating_sub(1) / 2).copied()
}

/// Computes what each date saves. Only lists that Xero counts, and reports by period, are cheaper.
pub(crate) fn of(
    wanted: &Wanted,
    config: &Config,
    facts: &[OrganisationFacts],
    dates: &[DateTime<Utc>],
) -> Vec<Saving> {
    let now = Utc::now();
    let saving = |date: &DateTime<Utc>| {
        let mut saving = Saving {
            start_date: *date,
            calls: Count::default(),
            bytes: Bytes::default(),
        };
        for facts in facts {
            for family in &wanted.families {
                let sample = facts.lists.get(family.parent.name);
                if let Some(Ok(sample)) = sample
                    && let Some(rows) = rows_since(sample, config.start_date, *date, now)
                {
                    let calls = list_cost::calls(family.parent.endpoint(), rows, None).first;
                    saving.calls = saving.calls
                        + rows.map(|_| sample.calls.number.saturating_sub(calls.number));
                    let saved = sample.rows.number.saturating_sub(rows.number);
                    saving.bytes = saving.bytes + sample.bytes.scaled(saved, sample.rows.number);
                }
            }
            let Some(Ok(organisation)) = &facts.organisation else {
                continue;
            };
            for (_, report) in &wanted.periodic {
                let is_split = config.report_tracking_category.is_some();
                let settings = PeriodSettings::of(report.kind, config, is_split);
                let later = PeriodSettings {
                    start_date: date.date_naive(),
                    ..settings
                };
                let [before, after] =
                    [settings, later].map(|settings| reports::calls(settings, organisation)[0]);
                saving.calls = saving.calls + Count::exactly(before.saturating_sub(after));
            }
        }
        saving
    };
    dates.iter().map(saving).collect()
}

/// Returns the number of rows since `date`. `None` if the list was not asked about a later date.
fn rows_since(
    sample: &ListSample,
    start: DateTime<Utc>,
    date: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Count> {
    let (asked, rows) = sample.since?;
    if date == asked {
        return Some(Count::exactly(rows));
    }
    // Between two known numbers: at the start and at the date that was asked, or at that date and now.
    let (from, to, more, less) = match date < asked {
        true => (start, asked, sample.rows.number, rows),
        false => (asked, now, rows, 0),
    };
    let part = (date - from).as_seconds_f64() / (to - from).as_seconds_f64();
    let rows = more as f64 - (more as f64 - less as f64) * part.clamp(0.0, 1.0);
    Some(Count::about(rows.round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> DateTime<Utc> {
        let text = format!("{text}T00:00:00Z");
        text.parse().expect("a date")
    }

    #[test]
    fn the_dates_are_in_the_past_and_the_middle_one_is_asked() {
        let now = date("2026-06-01");
        for (start, dates, asked) in [
            (
                "2020-01-01",
                &["2021-01-01", "2022-01-01", "2023-01-01"][..],
                Some("2022-01-01"),
            ),
            (
                "2024-02-29",
                &["2025-02-28", "2026-02-28"],
                Some("2025-02-28"),
            ),
            ("2025-01-01", &["2026-01-01"], Some("2026-01-01")),
            ("2026-01-01", &[], None),
        ] {
            let found = later_dates(date(start), now);
            let expected: Vec<_> = dates.iter().map(|text| date(text)).collect();
            assert_eq!(found, expected);
            assert_eq!(asked_date(&found), asked.map(date), "{start}");
        }
    }

    #[test]
    fn rows_between_known_dates_are_spread_evenly() {
        let sample = ListSample {
            rows: Count::exactly(10_000),
            calls: Count::exactly(10),
            later_calls: 1,
            bytes: Bytes::default(),
            since: Some((date("2022-01-01"), 6_000)),
            seen: Default::default(),
            ids: Vec::new(),
        };
        let since = |text| rows_since(&sample, date("2020-01-01"), date(text), date("2024-01-01"));
        assert_eq!(since("2022-01-01"), Some(Count::exactly(6_000)));
        for (text, rows) in [("2021-01-01", 7_998), ("2023-01-01", 3_000)] {
            let found = since(text).expect("the list was asked").number;
            assert!(found.abs_diff(rows) < 10, "{text}: {found}");
        }
    }
}
