//! Reads the rate limit headers of a response.
//!
//! Source: developer.xero.com, OAuth 2.0 API limits (2026).

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The rate limit headers of one response. Each of them may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitHeaders {
    /// `X-MinLimit-Remaining`: number of calls left in this minute for the organisation.
    pub(crate) minute_remaining: Option<u32>,
    /// `X-DayLimit-Remaining`: number of calls left today for the organisation.
    pub(crate) day_remaining: Option<u32>,
    /// `X-AppMinLimit-Remaining`: number of calls left in this minute for the app over all
    /// organisations.
    pub(crate) app_minute_remaining: Option<u32>,
    /// `Retry-After`, which Xero may send as seconds or as a date.
    pub(crate) retry_after: Option<Duration>,
    /// The limit that caused a 429. `None` for every other status.
    pub(crate) refused_by: Option<Limit>,
}

/// One of Xero's rate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limit {
    /// 60 calls a minute for an app and organisation.
    Minute,
    /// 1,000 or 5,000 calls a day for an app and organisation.
    Day,
    /// 5 calls at once for an app and organisation.
    Concurrent,
    /// 10,000 calls a minute for an app over all organisations.
    AppMinute,
}

/// What a limit applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The calls of an app to one organisation.
    Organisation,
    /// The calls of an app to all organisations.
    App,
}

impl LimitHeaders {
    /// Reads the headers of a response. A header that cannot be read counts as missing.
    pub(crate) fn read(status: u16, headers: &HeaderMap) -> LimitHeaders {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let number = |name: &str| text(name).and_then(|left| left.parse().ok());
        let mut limits = LimitHeaders {
            minute_remaining: number("x-minlimit-remaining"),
            day_remaining: number("x-daylimit-remaining"),
            app_minute_remaining: number("x-appminlimit-remaining"),
            retry_after: retry_after(headers),
            refused_by: None,
        };
        if status == 429 {
            let named = text("x-rate-limit-problem").and_then(Limit::named);
            limits.refused_by = Some(limits.refused_by(named));
        }
        limits
    }

    /// Decides which limit caused a 429. `named` is the limit that the response names.
    fn refused_by(&self, named: Option<Limit>) -> Limit {
        match named {
            _ if self.retry_after.is_some_and(|after| after > LONGEST_MINUTE) => Limit::Day,
            None if self.day_remaining == Some(0) => Limit::Day,
            named => named.unwrap_or(Limit::Minute),
        }
    }
}

impl Limit {
    /// Returns what the limit applies to.
    pub(crate) fn scope(self) -> Scope {
        match self {
            Limit::Minute | Limit::Day | Limit::Concurrent => Scope::Organisation,
            Limit::AppMinute => Scope::App,
        }
    }

    /// Returns which calls it limits.
    pub(crate) fn calls(self) -> &'static str {
        match self {
            Limit::Minute => "calls a minute",
            Limit::Day => "calls a day",
            Limit::Concurrent => "calls at once",
            Limit::AppMinute => "the app's calls a minute",
        }
    }

    /// Reads `X-Rate-Limit-Problem`. Xero has spelled it "minute", "Minute", "Daily" and "day".
    fn named(problem: &str) -> Option<Limit> {
        let problem = problem.to_lowercase();
        [
            ("app", Limit::AppMinute),
            ("concurrent", Limit::Concurrent),
            ("minute", Limit::Minute),
            ("da", Limit::Day),
        ]
        .into_iter()
        .find_map(|(word, limit)| problem.contains(word).then_some(limit))
    }
}

/// A longer `Retry-After` belongs to the daily limit, whatever limit the response names.
const LONGEST_MINUTE: Duration = Duration::from_secs(120);

/// The longest possible wait. A longer `Retry-After` is shortened to this.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds).min(DAY));
    }
    // Compares the date with the server's clock, because ours may be wrong.
    let now = DateTime::parse_from_rfc2822(headers.get(DATE)?.to_str().ok()?).ok()?;
    let then = DateTime::parse_from_rfc2822(text).ok()?;
    let wait = (then - now).to_std().ok()?;
    Some(wait.min(DAY))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn problems_are_known_in_every_spelling() {
        for (text, limit) in [
            ("minute", Some(Limit::Minute)),
            ("Minute", Some(Limit::Minute)),
            ("day", Some(Limit::Day)),
            ("Daily", Some(Limit::Day)),
            ("concurrent", Some(Limit::Concurrent)),
            ("appminute", Some(Limit::AppMinute)),
            ("app minute", Some(Limit::AppMinute)),
            ("moon", Some(Limit::Minute)),
        ] {
            let headers = headers(&[("X-Rate-Limit-Problem", text)]);
            assert_eq!(
                LimitHeaders::read(429, &headers).refused_by,
                limit,
                "{text}"
            );
            assert_eq!(LimitHeaders::read(503, &headers).refused_by, None, "{text}");
        }
    }

    #[test]
    fn a_429_that_names_no_limit_is_known_by_its_other_headers() {
        for (pairs, limit) in [
            (&[][..], Limit::Minute),
            (&[("retry-after", "37")], Limit::Minute),
            (&[("retry-after", "66975")], Limit::Day),
            (
                &[
                    ("retry-after", "66975"),
                    ("x-rate-limit-problem", "appminute"),
                ],
                Limit::Day,
            ),
            (&[("x-daylimit-remaining", "0")], Limit::Day),
            (
                &[
                    ("x-daylimit-remaining", "0"),
                    ("x-rate-limit-problem", "minute"),
                ],
                Limit::Minute,
            ),
        ] {
            let limits = LimitHeaders::read(429, &headers(pairs));
            assert_eq!(limits.refused_by, Some(limit), "{pairs:?}");
        }
    }

    #[test]
    fn numbers_and_dates_are_read_and_nonsense_is_missing() {
        let date = "Tue, 24 Nov 2026 10:00:00 GMT";
        for (pairs, seconds) in [
            (&[("retry-after", "66975")][..], Some(66975)),
            (
                &[
                    ("retry-after", "Tue, 24 Nov 2026 10:00:37 GMT"),
                    ("date", date),
                ],
                Some(37),
            ),
            (
                &[
                    ("retry-after", "Tue, 24 Nov 2026 09:00:00 GMT"),
                    ("date", date),
                ],
                None,
            ),
            (&[("retry-after", "18446744073709551615")], Some(86_400)),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            let limits = LimitHeaders::read(200, &headers(pairs));
            assert_eq!(
                limits.retry_after,
                seconds.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
        let limits = LimitHeaders::read(
            200,
            &headers(&[
                ("X-MinLimit-Remaining", "59"),
                ("X-DayLimit-Remaining", "-1"),
                ("X-AppMinLimit-Remaining", "9999"),
            ]),
        );
        assert_eq!(
            (
                limits.minute_remaining,
                limits.day_remaining,
                limits.app_minute_remaining
            ),
            (Some(59), None, Some(9999))
        );
    }
}
