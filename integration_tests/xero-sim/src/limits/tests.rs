//! The four limits, with the time as a plain number.

use super::*;
use crate::app::App;
use crate::guid::Guid;

const NOW: Millis = 1_800_000_000_000;
const SEED: u64 = 3;

fn caller() -> Caller {
    Caller {
        app: App::web("id", "secret").id,
        tenant: TenantId::new(Guid(1)),
    }
}

/// One whole call, answered at once.
fn call(limits: &mut Limits, now: Millis) -> Result<Remaining, Exceeded> {
    let answer = limits.admit(&caller(), Tier::Starter, SEED, now);
    if answer.is_ok() {
        limits.release(&caller());
    }
    answer
}

/// The first moment of the organisation's minute that follows `NOW`.
fn minute_start() -> Millis {
    let mut minute = Counters::new(SEED).minute;
    minute.roll(NOW);
    minute.ends()
}

#[test]
fn the_sixty_first_call_of_a_window_is_refused_until_the_window_ends() {
    let mut limits = Limits::default();
    let start = minute_start();
    let late = start + MINUTE - 1_500;
    for left in (0..60).rev() {
        let remaining = call(&mut limits, late).expect("sixty are free");
        assert_eq!((remaining.minute, remaining.day), (left, 940 + left));
    }
    let refused = call(&mut limits, late).expect_err("the sixty-first");
    assert_eq!(refused.limit, Limit::Minute);
    assert_eq!(refused.retry_after, Some(2), "1.5 s are left, rounded up");
    assert_eq!(refused.remaining.day, 940, "a refused call costs nothing");
    let fresh = call(&mut limits, start + MINUTE).expect("a fixed window is new at once");
    assert_eq!(fresh.minute, 59);
}

#[test]
fn the_day_outlasts_the_minutes() {
    let mut limits = Limits::default();
    limits.spend_day(&caller(), SEED, 999, NOW);
    assert_eq!(call(&mut limits, NOW).map(|left| left.day), Ok(0));
    let refused = call(&mut limits, NOW).expect_err("the day is spent");
    assert_eq!(refused.limit, Limit::Day);
    let wait = refused
        .retry_after
        .expect("the daily limit has a Retry-After");
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert!(call(&mut limits, NOW + wait * SECOND).is_ok());
}

#[test]
fn five_calls_at_once_and_no_hint_when_to_return() {
    let mut limits = Limits::default();
    for _ in 0..5 {
        assert!(limits.admit(&caller(), Tier::Core, SEED, NOW).is_ok());
    }
    let refused = call(&mut limits, NOW).expect_err("the sixth at once");
    assert_eq!(
        (refused.limit, refused.retry_after),
        (Limit::Concurrent, None)
    );
    limits.release(&caller());
    assert!(call(&mut limits, NOW).is_ok());
}

#[test]
fn an_app_shares_its_minute_over_all_organisations() {
    let mut limits = Limits::default();
    for n in 0..10_000 {
        let caller = Caller {
            tenant: TenantId::new(Guid(n % 500)),
            ..caller()
        };
        let admitted = limits.admit(&caller, Tier::Core, SEED, NOW);
        assert!(admitted.is_ok(), "call {n}");
        limits.release(&caller);
    }
    let other = Caller {
        tenant: TenantId::new(Guid(501)),
        ..caller()
    };
    let refused = limits.admit(&other, Tier::Core, SEED, NOW);
    assert_eq!(refused.expect_err("10,001").limit, Limit::AppMinute);
}

#[test]
fn the_minute_of_an_app_has_its_own_phase() {
    let mut limits = Limits::default();
    limits.app_minute(2);
    let other = Caller {
        tenant: TenantId::new(Guid(9)),
        ..caller()
    };
    let mut call = |at| {
        let admitted = limits.admit(&other, Tier::Core, SEED, at);
        if admitted.is_ok() {
            limits.release(&other);
        }
        admitted
    };
    let mut minute = Window::new(MINUTE, app_phase(&other.app));
    minute.roll(NOW);
    let end = minute.ends();
    assert!(
        end % MINUTE != 0,
        "the window does not end with the clock's minute"
    );
    let late = end - 1;
    for left in [1, 0] {
        let remaining = call(late).map(|remaining| remaining.app_minute);
        assert_eq!(remaining, Ok(left));
    }
    let refused = call(late).expect_err("the third call of two");
    assert_eq!(
        (refused.limit, refused.retry_after),
        (Limit::AppMinute, None)
    );
    assert_eq!(refused.remaining.minute, 58, "a refused call costs nothing");
    assert_eq!(call(end).map(|remaining| remaining.app_minute), Ok(1));
    assert_ne!(
        app_phase(&App::web("one", "").id),
        app_phase(&App::web("two", "").id)
    );
}

#[test]
fn without_limits_nothing_is_refused_or_counted() {
    let mut limits = Limits::default();
    limits.disable();
    for _ in 0..100 {
        let left = limits.admit(&caller(), Tier::Starter, SEED, NOW);
        assert_eq!(left.map(|left| left.minute), Ok(60));
    }
}
