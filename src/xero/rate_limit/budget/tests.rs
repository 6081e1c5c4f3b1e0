//! One test for each rule of the budget.

mod refusals;

use super::*;

fn budget() -> (Budget, Instant) {
    (Budget::new(Quota::of_organisation(0)), Instant::now())
}

fn minute(left: u32) -> LimitHeaders {
    LimitHeaders {
        minute_remaining: Some(left),
        ..LimitHeaders::default()
    }
}

fn day(left: u32) -> LimitHeaders {
    LimitHeaders {
        day_remaining: Some(left),
        ..LimitHeaders::default()
    }
}

fn refused(limit: Limit, hint: Option<u64>) -> LimitHeaders {
    LimitHeaders {
        refused_by: Some(limit),
        retry_after: hint.map(Duration::from_secs),
        ..LimitHeaders::default()
    }
}

fn second(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

/// Makes one call from `sent` to `answered`, which must be granted.
fn call(budget: &mut Budget, sent: Instant, answered: Instant, limits: &LimitHeaders) {
    assert_eq!(budget.decide(sent), Decision::Granted);
    budget.answered(sent, answered, limits);
}

#[test]
fn sixty_calls_go_at_once_and_the_next_a_minute_after_the_first_answer() {
    let (mut budget, start) = budget();
    for call in 0..60 {
        assert_eq!(budget.decide(start), Decision::Granted, "call {call}");
        budget.answered(start, second(start, 1), &LimitHeaders::default());
    }
    assert_eq!(
        budget.decide(second(start, 2)),
        Decision::At(second(start, 61))
    );
    assert_eq!(budget.decide(second(start, 61)), Decision::Granted);
}

#[test]
fn five_calls_are_in_flight_and_no_more() {
    let (mut budget, start) = budget();
    for _ in 0..5 {
        assert_eq!(budget.decide(start), Decision::Granted);
    }
    assert_eq!(budget.decide(start), Decision::AfterAnswer);
    budget.lost(start);
    assert_eq!(budget.decide(start), Decision::Granted);
}

#[test]
fn calls_of_other_programs_reduce_the_budget() {
    let (mut budget, start) = budget();
    call(&mut budget, start, start, &minute(1));
    assert_eq!(budget.decide(second(start, 1)), Decision::Granted);
    assert_eq!(budget.decide(second(start, 1)), Decision::AfterAnswer);
    budget.answered(second(start, 1), second(start, 2), &minute(0));
    assert_eq!(
        budget.decide(second(start, 2)),
        Decision::At(second(start, 60))
    );
    assert_eq!(budget.decide(second(start, 60)), Decision::Granted);
}

#[test]
fn a_call_without_an_answer_is_one_fewer() {
    let (mut budget, start) = budget();
    call(&mut budget, start, start, &minute(1));
    assert_eq!(budget.decide(second(start, 1)), Decision::Granted);
    budget.lost(second(start, 2));
    assert_eq!(
        budget.decide(second(start, 2)),
        Decision::At(second(start, 60))
    );
}

#[test]
fn a_rise_of_what_is_left_begins_a_new_window() {
    let (mut budget, start) = budget();
    for (at, left) in [(0, 3), (50, 40), (51, 0)] {
        let at = second(start, at);
        call(&mut budget, at, at, &minute(left));
    }
    assert_eq!(
        budget.decide(second(start, 61)),
        Decision::At(second(start, 110))
    );
}

#[test]
fn a_late_response_does_not_raise_the_remaining_calls() {
    let (mut budget, start) = budget();
    for _ in 0..2 {
        assert_eq!(budget.decide(start), Decision::Granted);
    }
    budget.answered(start, second(start, 1), &minute(0));
    budget.answered(start, second(start, 2), &minute(1));
    assert_eq!(
        budget.decide(second(start, 3)),
        Decision::At(second(start, 61))
    );
}

#[test]
fn a_new_window_shows_in_the_first_answer_from_it() {
    let (mut budget, start) = budget();
    for left in (0..60).rev() {
        assert_eq!(budget.decide(start), Decision::Granted);
        budget.answered(
            start,
            second(start, 3 + u64::from(60 - left)),
            &minute(left),
        );
    }
    // By its own count alone, one call could go a second from then on.
    let edge = second(start, 64);
    assert_eq!(budget.decide(edge), Decision::Granted);
    assert_eq!(budget.decide(edge), Decision::At(second(start, 65)));
    budget.answered(edge, second(edge, 0), &minute(59));
    for _ in 0..5 {
        assert_eq!(budget.decide(edge), Decision::Granted);
    }
}

#[test]
fn calls_in_flight_are_not_counted_twice_where_nobody_else_spends() {
    let (mut budget, start) = budget();
    for left in (5..60).rev() {
        call(&mut budget, start, start, &minute(left));
    }
    for _ in 0..4 {
        assert_eq!(budget.decide(start), Decision::Granted);
    }
    // All four were counted before the first of them was answered.
    budget.answered(start, second(start, 1), &minute(1));
    assert_eq!(budget.decide(second(start, 1)), Decision::Granted);
    assert_eq!(
        budget.decide(second(start, 1)),
        Decision::At(second(start, 60))
    );
}

#[test]
fn the_capacity_is_the_number_of_calls_that_need_no_wait() {
    let (mut budget, start) = (Budget::new(Quota::of_organisation(100)), Instant::now());
    let room = |budget: &mut Budget, at| {
        let room = budget.capacity(second(start, at));
        (room.calls_now, room.latency.as_secs())
    };
    assert_eq!(room(&mut budget, 0), (60, 0), "nothing said");
    call(
        &mut budget,
        start,
        second(start, 4),
        &LimitHeaders::default(),
    );
    assert_eq!(room(&mut budget, 4), (59, 4));
    assert_eq!(budget.decide(second(start, 4)), Decision::Granted);
    assert_eq!(room(&mut budget, 4), (58, 4), "one is in flight");
    budget.answered(second(start, 4), second(start, 12), &minute(20));
    assert_eq!(room(&mut budget, 12), (20, 5), "others spend as well");
    call(&mut budget, second(start, 12), second(start, 17), &day(107));
    assert_eq!(room(&mut budget, 17), (7, 5), "and 100 are reserved");
    budget.close(second(start, 30));
    assert_eq!(room(&mut budget, 17), (0, 5));
    assert_eq!(room(&mut budget, 30), (7, 5));
    let sent = second(start, 30);
    call(&mut budget, sent, sent, &refused(Limit::Minute, None));
    assert_eq!(room(&mut budget, 30), (0, 5), "one call asks first");
}
