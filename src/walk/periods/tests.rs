//! Tests that the plan reads each period once, with the right dates, in the fewest calls.

use proptest::prelude::*;

use super::*;
use crate::cases::cases;

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

/// Counts the calls for the periods from one day to another.
fn calls(interval: Interval, year_end: u32, reach: Reach, from: &str, to: &str) -> usize {
    let calendar = Calendar::new(interval, year_end);
    let [first, last] = [from, to].map(|text| calendar.index(day(text)));
    plan(calendar, reach, first, last).len()
}

#[test]
fn periods_follow_the_calendar_and_the_financial_year() {
    for (interval, year_end, within, start, end) in [
        (Interval::Month, 3, "2024-02-29", "2024-02-01", "2024-02-29"),
        (Interval::Month, 3, "2025-12-31", "2025-12-01", "2025-12-31"),
        (
            Interval::Quarter,
            12,
            "2026-11-25",
            "2026-10-01",
            "2026-12-31",
        ),
        (
            Interval::Quarter,
            3,
            "2026-03-31",
            "2026-01-01",
            "2026-03-31",
        ),
        (
            Interval::Quarter,
            2,
            "2024-02-01",
            "2023-12-01",
            "2024-02-29",
        ),
        (
            Interval::Quarter,
            7,
            "2026-08-01",
            "2026-08-01",
            "2026-10-31",
        ),
        (Interval::Year, 12, "2026-01-01", "2026-01-01", "2026-12-31"),
        (Interval::Year, 3, "2026-04-01", "2026-04-01", "2027-03-31"),
        (Interval::Year, 3, "2026-03-31", "2025-04-01", "2026-03-31"),
        (Interval::Year, 6, "2025-07-01", "2025-07-01", "2026-06-30"),
        (Interval::Year, 2, "2024-02-29", "2023-03-01", "2024-02-29"),
    ] {
        let calendar = Calendar::new(interval, year_end);
        let period = calendar.period(calendar.index(day(within)));
        let expected = Period {
            start: day(start),
            end: day(end),
        };
        assert_eq!(period, expected, "{interval:?} {year_end} {within}");
    }
}

#[test]
fn sixty_one_months_take_six_calls_in_every_month_of_the_year() {
    for month in 1..=12 {
        let to = format!("2026-{month:02}-17");
        let from = format!("2021-{month:02}-17"); // sixty-one months
        for reach in [Reach::Spans, Reach::MonthEnds] {
            let calls = calls(Interval::Month, 3, reach, &from, &to);
            assert_eq!(calls, 6, "{reach:?} to {to}");
        }
    }
    let years = ("2021-01-01", "2025-12-31");
    for reach in [Reach::Spans, Reach::MonthEnds, Reach::Forward] {
        assert_eq!(calls(Interval::Month, 3, reach, years.0, years.1), 5);
    }
    assert_eq!(
        calls(Interval::Month, 3, Reach::Single, years.0, years.1),
        60
    );
}

#[test]
fn comparisons_of_shorter_months_start_from_a_month_of_31_days() {
    let calendar = Calendar::new(Interval::Month, 12);
    for (last, base) in [
        ("2026-11-30", "2026-12-31"),
        ("2026-02-28", "2026-03-31"),
        ("2024-02-29", "2024-03-31"),
        ("2026-10-31", "2026-10-31"),
        ("2026-07-31", "2026-07-31"),
    ] {
        let index = calendar.index(day(last));
        let fetch = plan(calendar, Reach::Spans, index - 8, index)[0];
        assert_eq!(calendar.period(fetch.base).end, day(base), "{last}");
        assert_eq!((fetch.first, fetch.last), (index - 8, index));
    }
    // A single month needs no other month.
    let february = calendar.index(day("2026-02-10"));
    let alone = plan(calendar, Reach::Spans, february, february);
    assert_eq!(alone, [Fetch::single(february)]);
}

#[test]
fn a_base_month_that_is_too_short_shortens_the_compared_months() {
    let calendar = Calendar::new(Interval::Month, 12);
    let index = |text| calendar.index(day(text));
    let cut = moved(calendar, index("2026-02-28"), index("2026-01-31")).unwrap();
    assert_eq!((cut.start, cut.end), (day("2026-01-01"), day("2026-01-28")));
    let years = Calendar::new(Interval::Year, 2);
    assert!(!is_exact(
        years,
        Reach::Spans,
        years.index(day("2025-02-28")),
        years.index(day("2024-02-29"))
    ));
    assert!(is_exact(
        years,
        Reach::Spans,
        years.index(day("2024-02-29")),
        years.index(day("2023-02-28"))
    ));
}

/// Returns the fewest calls, found by trying every base for every period.
fn fewest(calendar: Calendar, reach: Reach, first: i64, last: i64) -> usize {
    let mut fewest = vec![0];
    for top in first..=last {
        let ahead = top + 12 / calendar.interval().months();
        let bases = (top..=ahead).filter(|base| reach == Reach::Spans || *base == top);
        let mut best = usize::MAX;
        for base in bases {
            let mut back = top;
            while back >= first && back > base - COLUMNS && is_exact(calendar, reach, base, back) {
                best = best.min(1 + fewest[(back - first) as usize]);
                back -= 1;
            }
        }
        fewest.push(best);
    }
    *fewest.last().expect("the vector begins with one element")
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_period_comes_once_with_its_own_days_in_the_fewest_calls(
        interval in prop_oneof![Just(Interval::Month), Just(Interval::Quarter), Just(Interval::Year)],
        reach in prop_oneof![Just(Reach::Single), Just(Reach::Spans), Just(Reach::MonthEnds), Just(Reach::Forward)],
        year_end in 1..=12_u32,
        start in 0..12_000_i64,
        length in 0..90_i64,
    ) {
        let calendar = Calendar::new(interval, year_end);
        let first = calendar.index(day("2000-01-01") + chrono::TimeDelta::days(start));
        let last = first + length;
        let fetches = plan(calendar, reach, first, last);
        let mut new_rows = Vec::new();
        for fetch in &fetches {
            let columns = fetch.columns();
            prop_assert!(columns.len() as i64 <= COLUMNS);
            prop_assert_eq!(columns[0], fetch.base);
            for index in fetch.first..=fetch.last {
                prop_assert!(columns.contains(&index));
                prop_assert!(is_exact(calendar, reach, fetch.base, index));
                new_rows.push(index);
            }
        }
        prop_assert_eq!(new_rows, (first..=last).collect::<Vec<_>>());
        if reach != Reach::Forward {
            prop_assert_eq!(fetches.len(), fewest(calendar, reach, first, last));
        }
        for index in first..last {
            let next = calendar.period(index).end.succ_opt().unwrap();
            prop_assert_eq!(next, calendar.period(index + 1).start);
            prop_assert_eq!(calendar.index(next), index + 1);
        }
    }
}
