//! Computes how long a sync takes under Xero's limits. Pure.

use std::time::Duration;

use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::xero::rate_limit::budget::{CALLS_A_MINUTE, CALLS_AT_ONCE, CALLS_OF_APP_A_MINUTE};

/// Calls a day and organisation of an app on the tier Starter, and on all other tiers.
const CALLS_A_DAY: [u64; 2] = [1_000, 5_000];

/// What a sync requests of one organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Load {
    pub(crate) calls: u64,
    /// Duration of a call, as far as it was measured.
    pub(crate) latency: Duration,
    /// Calls that the day has left for the connector. `None` if Xero did not say.
    pub(crate) left_today: Option<u64>,
    /// `daily_call_reserve`.
    pub(crate) reserve: u64,
}

/// How long a sync takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// The least duration in minutes, without the nights between its days.
    pub(crate) minutes: f64,
    /// The number of Xero's days over which the calls are spread. `None` if it is unknown.
    pub(crate) days: Option<u64>,
    /// The limit that decides.
    pub(crate) bottleneck: Bottleneck,
}

/// The limit that decides how long a sync takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bottleneck {
    /// No limit delays the calls: only their own duration counts.
    None,
    /// 60 calls a minute and organisation.
    Minute,
    /// 10,000 calls a minute of the app.
    AppMinute,
    /// 5 calls at once and organisation, or `max_concurrent_calls`.
    AtOnce,
    /// The calls of the day.
    Day,
}

impl Bottleneck {
    /// Names the limit in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Bottleneck::None => "no limit delays it",
            Bottleneck::Minute => "60 calls a minute per organisation",
            Bottleneck::AppMinute => "10,000 calls a minute of the app",
            Bottleneck::AtOnce => "the number of calls at once",
            Bottleneck::Day => "the calls of the day",
        }
    }

    /// Names the limit in JSON.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Bottleneck::None => None,
            Bottleneck::Minute => Some("calls_per_minute"),
            Bottleneck::AppMinute => Some("app_calls_per_minute"),
            Bottleneck::AtOnce => Some("calls_at_once"),
            Bottleneck::Day => Some("calls_per_day"),
        }
    }
}

impl Load {
    /// Schedules the calls of one organisation.
    pub(crate) fn schedule(&self) -> Schedule {
        let minute = waits(self.calls, CALLS_A_MINUTE);
        let at_once = minutes_at_once(self.calls, self.latency, CALLS_AT_ONCE);
        longest(
            &[(minute, Bottleneck::Minute), (at_once, Bottleneck::AtOnce)],
            self.days(),
        )
    }

    /// The number of Xero's days that the calls need. The calls of today are those that are left.
    fn days(&self) -> Option<u64> {
        let left = self.left_today?;
        let [starter, others] = CALLS_A_DAY;
        // An app with more calls left than a day of Starter has is on another tier.
        let day = match left + self.reserve > starter {
            true => others,
            false => starter,
        };
        let rest = self.calls.saturating_sub(left);
        Some(1 + rest.div_ceil(day.saturating_sub(self.reserve).max(1)))
    }
}

/// Schedules the calls of all organisations, which are read side by side. `max_at_once` is
/// `max_concurrent_calls`.
pub(crate) fn schedule(loads: &[Load], max_at_once: usize) -> Schedule {
    let own: Vec<_> = loads.iter().map(Load::schedule).collect();
    let calls: u64 = loads.iter().map(|load| load.calls).sum();
    let at_once: f64 = loads
        .iter()
        .map(|load| minutes_at_once(load.calls, load.latency, max_at_once))
        .sum();
    let in_turn: f64 = own.iter().map(|it| it.minutes).sum();
    let in_turn = in_turn / ORGANISATIONS_AT_ONCE as f64;
    let mut limits = vec![
        (waits(calls, CALLS_OF_APP_A_MINUTE), Bottleneck::AppMinute),
        (at_once, Bottleneck::AtOnce),
        (in_turn, Bottleneck::Minute),
    ];
    limits.extend(own.iter().map(|it| match it.bottleneck {
        Bottleneck::Day => (it.minutes, Bottleneck::Minute),
        bottleneck => (it.minutes, bottleneck),
    }));
    let days = own.iter().map(|it| it.days).collect::<Option<Vec<_>>>();
    longest(&limits, days.and_then(|days| days.into_iter().max()))
}

/// Returns the minutes that calls wait for the windows of a minute. The first window is free.
fn waits(calls: u64, a_minute: usize) -> f64 {
    (calls.saturating_sub(1) / a_minute as u64) as f64
}

fn minutes_at_once(calls: u64, latency: Duration, at_once: usize) -> f64 {
    calls as f64 * latency.as_secs_f64() / at_once.max(1) as f64 / 60.0
}

fn longest(limits: &[(f64, Bottleneck)], days: Option<u64>) -> Schedule {
    let start = (0.0, Bottleneck::None);
    let (minutes, bottleneck) =
        limits.iter().copied().fold(
            start,
            |one, other| {
                if other.0 > one.0 { other } else { one }
            },
        );
    Schedule {
        minutes,
        days,
        bottleneck: match days {
            Some(2..) => Bottleneck::Day,
            // Calls that need no minute wait for themselves only.
            _ if minutes < 1.0 => Bottleneck::None,
            _ => bottleneck,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Load = Load {
        calls: 0,
        latency: Duration::from_millis(300),
        left_today: Some(4_900),
        reserve: 0,
    };

    #[test]
    fn the_slowest_limit_decides() {
        for (calls, latency, left_today, reserve, minutes, days, bottleneck) in [
            (0, 0, Some(4_900), 0, 0.0, Some(1), Bottleneck::None),
            (60, 300, Some(4_900), 0, 0.06, Some(1), Bottleneck::None),
            (61, 300, Some(4_900), 0, 1.0, Some(1), Bottleneck::Minute),
            (600, 300, Some(4_900), 0, 9.0, Some(1), Bottleneck::Minute),
            (
                600,
                6_000,
                Some(4_900),
                0,
                12.0,
                Some(1),
                Bottleneck::AtOnce,
            ),
            (6_000, 300, Some(4_900), 0, 99.0, Some(2), Bottleneck::Day),
            (600, 300, Some(500), 0, 9.0, Some(2), Bottleneck::Day),
            // 500 today, then 800 a day.
            (2_200, 300, Some(500), 200, 36.0, Some(4), Bottleneck::Day),
            (600, 300, None, 0, 9.0, None, Bottleneck::Minute),
        ] {
            let load = Load {
                calls,
                latency: Duration::from_millis(latency),
                left_today,
                reserve,
            };
            let schedule = load.schedule();
            assert_eq!(
                (schedule.days, schedule.bottleneck),
                (days, bottleneck),
                "{load:?}"
            );
            assert!((schedule.minutes - minutes).abs() < 0.01, "{schedule:?}");
        }
    }

    #[test]
    fn organisations_are_read_side_by_side_until_the_app_is_the_limit() {
        let load = Load { calls: 600, ..LOAD };
        for (organisations, at_once, minutes, bottleneck) in [
            (1, 100, 9.0, Bottleneck::Minute),
            (10, 100, 9.0, Bottleneck::Minute),
            (150, 100, 9.0, Bottleneck::Minute),
            (150, 20, 22.5, Bottleneck::AtOnce),
            (200, 100, 11.0, Bottleneck::AppMinute),
        ] {
            let loads = vec![load; organisations];
            let schedule = schedule(&loads, at_once);
            assert_eq!(schedule.bottleneck, bottleneck, "{organisations}");
            assert!((schedule.minutes - minutes).abs() < 0.01, "{schedule:?}");
        }
    }
}
