//! 429s, and days whose calls are spent or reserved.

use super::*;

#[test]
fn a_closed_budget_opens_and_a_spent_day_says_when() {
    let (mut budget, start) = budget();
    budget.close(second(start, 37));
    budget.close(second(start, 5));
    assert_eq!(budget.decide(start), Decision::At(second(start, 37)));
    let opened = second(start, 37);
    call(
        &mut budget,
        opened,
        opened,
        &refused(Limit::Day, Some(9000)),
    );
    let spent = Decision::DaySpent(second(start, 9037));
    assert_eq!(budget.decide(second(start, 40)), spent);
}

#[test]
fn retry_after_decides_the_wait_after_a_429() {
    let (mut budget, start) = budget();
    let limits = LimitHeaders {
        minute_remaining: Some(0),
        ..refused(Limit::Minute, Some(37))
    };
    call(&mut budget, start, second(start, 1), &limits);
    budget.close(second(start, 38));
    assert_eq!(
        budget.decide(second(start, 2)),
        Decision::At(second(start, 38))
    );
    // All go at once again: the window is known.
    assert_eq!(budget.decide(second(start, 38)), Decision::Granted);
    assert_eq!(budget.decide(second(start, 38)), Decision::Granted);
    budget.answered(second(start, 38), second(start, 39), &minute(0));
    budget.answered(second(start, 38), second(start, 39), &minute(0));
    assert_eq!(
        budget.decide(second(start, 40)),
        Decision::At(second(start, 99))
    );
}

#[test]
fn after_a_429_without_retry_after_calls_go_one_by_one_until_one_succeeds() {
    for (quota, limit) in [
        (Quota::of_organisation(0), Limit::Minute),
        (Quota::of_app(), Limit::AppMinute),
    ] {
        let (mut budget, start) = (Budget::new(quota), Instant::now());
        let blind = refused(limit, None);
        for _ in 0..3 {
            assert_eq!(budget.decide(start), Decision::Granted);
        }
        budget.answered(start, second(start, 1), &blind);
        budget.answered(start, second(start, 2), &blind);
        assert_eq!(budget.refusals(), 1, "calls under way meet it together");
        assert_eq!(budget.decide(second(start, 2)), Decision::AfterAnswer);
        budget.answered(start, second(start, 3), &LimitHeaders::default());
        budget.close(second(start, 6));
        for (sent, times) in [(6, 2), (16, 3)] {
            let sent = second(start, sent);
            assert_eq!(budget.decide(sent), Decision::Granted);
            assert_eq!(
                budget.decide(sent),
                Decision::AfterAnswer,
                "the others wait"
            );
            budget.answered(sent, sent, &blind);
            assert_eq!(budget.refusals(), times);
        }
        let sent = second(start, 36);
        call(&mut budget, sent, sent, &LimitHeaders::default());
        assert_eq!(budget.refusals(), 0);
        assert_eq!(budget.decide(sent), Decision::Granted);
        assert_eq!(budget.decide(sent), Decision::Granted);
    }
}

#[test]
fn a_429_of_another_scope_neither_closes_nor_opens_a_budget() {
    for (quota, own, other) in [
        (Quota::of_organisation(0), Limit::Minute, Limit::AppMinute),
        (Quota::of_app(), Limit::AppMinute, Limit::Minute),
        (Quota::of_app(), Limit::AppMinute, Limit::Concurrent),
        (Quota::of_app(), Limit::AppMinute, Limit::Day),
    ] {
        let (mut budget, start) = (Budget::new(quota), Instant::now());
        call(&mut budget, start, start, &refused(other, None));
        assert_eq!(budget.refusals(), 0, "{other:?}");
        for _ in 0..2 {
            assert_eq!(budget.decide(start), Decision::Granted, "{other:?}");
            assert!(budget.is_open(start), "{other:?}");
        }
        // The first of them is refused, so the second one must not be sent any more.
        budget.answered(start, second(start, 1), &refused(own, None));
        budget.close(second(start, 2));
        assert!(!budget.is_open(second(start, 1)), "{other:?}");
        budget.unsent();
        let sent = second(start, 2);
        call(&mut budget, sent, sent, &refused(other, None));
        assert_eq!(budget.refusals(), 1, "{other:?}");
        assert_eq!(budget.decide(sent), Decision::Granted, "{other:?}");
        assert!(budget.is_open(sent), "{other:?}");
        assert_eq!(budget.decide(sent), Decision::AfterAnswer, "{other:?}");
        budget.answered(sent, sent, &LimitHeaders::default());
        assert_eq!(budget.refusals(), 0, "{other:?}");
        for _ in 0..2 {
            assert_eq!(budget.decide(sent), Decision::Granted, "{other:?}");
        }
    }
}

#[test]
fn after_a_concurrency_429_four_calls_are_sent_at_once() {
    let (mut budget, start) = budget();
    for _ in 0..5 {
        assert_eq!(budget.decide(start), Decision::Granted);
    }
    budget.answered(start, start, &refused(Limit::Concurrent, None));
    assert_eq!(budget.decide(start), Decision::AfterAnswer);
    budget.answered(start, start, &LimitHeaders::default());
    assert_eq!(budget.decide(start), Decision::Granted);
    assert_eq!(budget.decide(start), Decision::AfterAnswer);
}

#[test]
fn the_reserve_is_not_touched_whatever_is_in_flight() {
    let (mut budget, start) = (Budget::new(Quota::of_organisation(100)), Instant::now());
    call(&mut budget, start, start, &day(103));
    for _ in 0..3 {
        assert_eq!(budget.decide(start), Decision::Granted);
    }
    assert_eq!(budget.decide(start), Decision::AfterAnswer);
    // The first two are answered in another order than they were counted in.
    budget.answered(start, second(start, 1), &day(101));
    budget.answered(start, second(start, 1), &day(102));
    assert_eq!(budget.decide(second(start, 1)), Decision::AfterAnswer);
    budget.lost(second(start, 1));
    assert_eq!(budget.decide(second(start, 2)), Decision::Reserved(100));
}

#[test]
fn without_a_reserve_one_call_asks_when_the_calls_of_the_day_return() {
    let (mut budget, start) = budget();
    call(&mut budget, start, start, &day(1));
    assert_eq!(budget.decide(start), Decision::Granted);
    assert_eq!(budget.decide(start), Decision::AfterAnswer);
    budget.answered(start, start, &day(0));
    call(&mut budget, start, start, &refused(Limit::Day, None));
    assert_eq!(
        budget.decide(start),
        Decision::DaySpent(second(start, 86_400))
    );
}
