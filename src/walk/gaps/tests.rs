//! Tests the sets of gaps.

use super::*;

fn gaps(spans: &[(i64, i64)]) -> Gaps {
    let gap = |&(first, last): &(i64, i64)| Gap {
        first,
        last,
        seen: first * 10,
        searched: None,
    };
    Gaps::of(spans.iter().map(gap).collect()).expect("the spans ascend")
}

fn spans(gaps: &Gaps) -> Vec<(i64, i64)> {
    gaps.iter().map(|gap| (gap.first, gap.last)).collect()
}

#[test]
fn a_number_that_is_read_leaves_its_gap() {
    for (number, left) in [
        (4, &[(5, 5), (8, 10)][..]),
        (5, &[(4, 4), (8, 10)]),
        (7, &[(4, 5), (8, 10)]),
        (8, &[(4, 5), (9, 10)]),
        (9, &[(4, 5), (8, 8), (10, 10)]),
        (11, &[(4, 5), (8, 10)]),
    ] {
        let mut found = gaps(&[(4, 5), (8, 10)]);
        found.fill(number);
        assert_eq!(spans(&found), left, "{number}");
        assert!(!found.contains(number));
    }
}

#[test]
fn invalid_gaps_are_rejected() {
    let gap = |first, last| Gap {
        first,
        last,
        seen: 0,
        searched: None,
    };
    for gaps in [
        vec![gap(0, 3)],
        vec![gap(5, 4)],
        vec![gap(5, 8), gap(8, 9)],
        vec![gap(5, 8), gap(1, 2)],
        (1..=4_001).map(|at| gap(at * 2, at * 2)).collect(),
    ] {
        assert_eq!(Gaps::of(gaps.clone()), None, "{gaps:?}");
    }
}

/// Gaps of one number, three numbers apart.
fn many(count: usize) -> Gaps {
    let all = (1..=count as i64).map(|at| (at * 3, at * 3));
    gaps(&all.collect::<Vec<_>>())
}

#[test]
fn the_newest_are_kept_and_the_highest_number_given_up_is_known() {
    let mut all = many(MAX_GAPS);
    assert_eq!(all.limit(), None);
    all.add(vec![Gap {
        first: 100_000,
        last: 100_009,
        seen: 0,
        searched: None,
    }]);
    all.fill(100_005);
    assert_eq!(all.iter().len(), MAX_GAPS + 2);
    assert_eq!(all.limit(), Some(6));
    assert_eq!(all.iter().len(), MAX_GAPS);
    assert_eq!(all.limit(), None);
    assert!(!all.contains(6) && all.contains(9) && all.contains(100_009));
}

#[test]
fn more_than_a_hundred_gaps_share_their_times() {
    for (count, groups) in [(100, 100), (101, 1)] {
        let mut all = many(count);
        assert_eq!(all.limit(), None);
        assert_eq!(all.groups().count(), groups, "{count}");
        assert!(all.iter().all(|gap| gap.seen >= gap.first * 10));
        assert!(all.iter().all(|gap| gap.seen <= gap.first * 10 + ROUND));
    }
    let mut all = many(101);
    all.limit();
    all.mark(
        &[Span {
            from: 29,
            to: Some(60),
        }],
        7,
    );
    let groups: Vec<_> = all.groups().map(<[Gap]>::len).collect();
    assert_eq!(groups, [9, 11, 81]);
}

#[test]
fn a_gap_is_forgotten_once_it_is_old_and_a_search_asked_for_it() {
    let mut all = gaps(&[(1, 1), (3, 5), (8, 8)]);
    all.mark(
        &[
            Span {
                from: 2,
                to: Some(7),
            },
            Span { from: 7, to: None },
        ],
        99,
    );
    assert_eq!(all.expire(80, 99), 3);
    assert_eq!(spans(&all), [(1, 1), (8, 8)]);
    assert_eq!(all.expire(81, 98), 0);
    // Only a whole gap counts as searched.
    all.unmark();
    all.mark(
        &[
            Span { from: 1, to: None },
            Span {
                from: 0,
                to: Some(0),
            },
        ],
        99,
    );
    assert_eq!(all.expire(i64::MAX, 99), 1);
    assert_eq!(spans(&all), [(1, 1)]);
}

#[test]
fn times_of_a_wrong_clock_are_brought_back() {
    let mut all = gaps(&[(1, 1), (2, 2), (8, 8)]);
    assert_eq!(all.latest(), Some(80));
    all.not_after(9);
    assert_eq!((all.latest(), spans(&all)), (Some(9), vec![(1, 2), (8, 8)]));
}

#[test]
fn each_stream_of_a_family_keeps_its_own_gaps() {
    for (one, other, both) in [
        (&[][..], &[(3, 4)][..], &[(3, 4)][..]),
        (&[(3, 4), (9, 9)], &[(3, 4)], &[(3, 4), (9, 9)]),
        (&[(3, 6)], &[(5, 8), (10, 11)], &[(3, 8), (10, 11)]),
    ] {
        assert_eq!(spans(&gaps(one).union(gaps(other))), both);
        assert_eq!(spans(&gaps(other).union(gaps(one))), both);
    }
    let walk = gaps(&[(3, 8), (20, 25)]);
    for (floor, own, left) in [
        (0, &[][..], &[(3, 8), (20, 25)][..]),
        (12, &[], &[(20, 25)]),
        (12, &[(2, 4), (7, 9)], &[(3, 4), (7, 8), (20, 25)]),
        (22, &[(21, 21)], &[(21, 21), (23, 25)]),
        (30, &[(4, 4)], &[(4, 4)]),
    ] {
        let own = gaps(own);
        assert_eq!(spans(&walk.of_member(floor, &own)), left, "{floor}");
    }
}

#[test]
fn one_search_covers_the_gaps_that_one_response_reaches() {
    let searches = |gaps: Gaps| -> Vec<_> {
        let searches = gaps.searches().into_iter();
        searches.map(|it| (it.bottom, it.top, it.known)).collect()
    };
    // 69 journals fit into one answer, and 49 more do not.
    let all = gaps(&[(10, 10), (400, 2_400), (2_450, 2_450), (2_520, 2_521)]);
    let wanted = [(2_449, 2_521, 24_500), (399, 2_400, 4_000), (9, 10, 100)];
    assert_eq!(searches(all), wanted);
    assert_eq!(searches(Gaps::default()), []);
    // Two of three numbers are missing, and 99 journals lie between 100 gaps.
    let all: Vec<_> = (0..1_000).map(|at| (at * 3 + 1, at * 3 + 2)).collect();
    let all = searches(gaps(&all));
    assert_eq!(all.len(), 10);
    assert!(all.iter().all(|(bottom, top, _)| top - bottom == 299));
}
