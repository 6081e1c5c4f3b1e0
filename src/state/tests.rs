//! Tests the reading and writing of states.

use super::*;
use crate::rows::rewrite::instant;
use crate::streams::find;
use crate::walk::{Checkpoint, Gap, Gaps, Span};

const MAY: i64 = 1747671552000; // 2025-05-19T16:19:12Z

fn positions(stream: &str, text: &str) -> Result<StreamState<ListProgress>, Failure> {
    let mut positions = StateFile::parse(text.as_bytes())?.of(find(stream).unwrap())?;
    positions.settle(["t-1", "t-2"].into_iter());
    Ok(positions)
}

/// Records the checkpoint of a walk.
fn note(states: &mut StreamState<ListProgress>, tenant: &str, checkpoint: Option<Checkpoint>) {
    let progress = ListProgress::moved(states.stream, states.of(tenant), checkpoint);
    states.set(tenant, progress);
}

fn checkpoint<'s>(states: &'s StreamState<ListProgress>, tenant: &str) -> Option<&'s Checkpoint> {
    states.of(tenant).map(|progress| &progress.checkpoint)
}

fn message(state: &str) -> String {
    format!(
        r#"[{{"type":"STREAM","stream":{{"stream_descriptor":{{"name":"invoices","namespace":null}},"stream_state":{state}}},"global_":null}}]"#
    )
}

#[test]
fn every_form_of_state_is_parsed() {
    let airbytes = r#"{"UpdatedDateUTC": "2025-05-19T16:19:12"}"#;
    let line = |cursor: &str| {
        let state = message(&format!(r#"{{"UpdatedDateUTC": "{cursor}"}}"#));
        format!(
            "{{\"type\":\"STATE\",\"state\":{}}}\n",
            &state[1..state.len() - 1]
        )
    };
    let lines = line("2020-01-01T00:00:00Z") + &line("2025-05-19T16:19:12Z");
    for (text, cursor) in [
        ("[]", None),
        ("{}", None),
        ("null", None),
        (&message("null"), None),
        (&message("{}"), None),
        (&message(airbytes), Some(MAY)),
        (
            &message(r#"{"UpdatedDateUTC": "2025-05-19T16:19:12.000Z"}"#),
            Some(MAY),
        ),
        (
            &message(r#"{"UpdatedDateUTC": null, "tenants": null}"#),
            None,
        ),
        (
            &message(
                r#"{"use_global_cursor": false, "states": [{"partition": {}, "cursor": {"UpdatedDateUTC": "2025-05-19T16:19:12"}}]}"#,
            ),
            Some(MAY),
        ),
        (
            &message(
                r#"{"slices": [{"partition": {}, "cursor": {"UpdatedDateUTC": "2025-05-19T16:19:12"}}]}"#,
            ),
            Some(MAY),
        ),
        (&message(r#"{"unknown": 1}"#), None),
        (
            &message(r#"{"tenants": {"T-1": {"UpdatedDateUTC": "2025-05-19T16:19:12Z"}}}"#),
            Some(MAY),
        ),
        (
            &message(
                r#"{"UpdatedDateUTC": "2020-01-01", "tenants": {"other": {"UpdatedDateUTC": "2025-05-19T16:19:12Z"}}}"#,
            ),
            None,
        ),
        (
            &format!(
                r#"[{{"type":"STATE","state":{}}}]"#,
                &message(airbytes)[1..message(airbytes).len() - 1]
            ),
            Some(MAY),
        ),
        (
            r#"[{"type":"GLOBAL","global":{"shared_state":null,"stream_states":[{"stream_descriptor":{"name":"invoices"},"stream_state":{"UpdatedDateUTC":"2025-05-19T16:19:12"}}]}}]"#,
            Some(MAY),
        ),
        (
            r#"[{"type":"LEGACY","data":{"invoices":{"UpdatedDateUTC":"2025-05-19T16:19:12"}}}]"#,
            Some(MAY),
        ),
        (
            r#"{"invoices":{"UpdatedDateUTC":"2025-05-19T16:19:12"},"x":3}"#,
            Some(MAY),
        ),
        (r#"[1, null, {"stream":7}]"#, None),
        (&lines, Some(MAY)),
    ] {
        let found = positions("invoices", text).expect(text);
        let position = checkpoint(&found, "t-1").map(|position| position.from);
        assert_eq!(position, cursor, "{text}");
    }
}

#[test]
fn an_invalid_state_is_an_error() {
    for (text, words) in [
        ("", "not valid JSON"),
        ("[{\"type\":", "not valid JSON"),
        ("7", "neither a list nor an object"),
        (
            &message(r#"{"UpdatedDateUTC": 12}"#),
            "state of invoices is invalid",
        ),
        (
            &message(r#"{"UpdatedDateUTC": "yesterday"}"#),
            "state of invoices is invalid",
        ),
        (
            &message(r#"{"tenants": {"t-1": {"UpdatedDateUTC": []}}}"#),
            "state of invoices is invalid",
        ),
    ] {
        let failure = positions("invoices", text).unwrap_err();
        assert!(failure.to_string().contains(words), "{text}: {failure}");
    }
}

#[test]
fn positions_are_written_by_organisation_and_the_oldest_at_the_top() {
    let mut found = positions("invoices", "[]").unwrap();
    note(&mut found, "b", Some(Checkpoint::at(MAY + 1)));
    note(&mut found, "a", Some(Checkpoint::at(MAY)));
    assert_eq!(
        found.state().to_string(),
        r#"{"UpdatedDateUTC":"2025-05-19T16:19:12.000Z","tenants":{"a":{"UpdatedDateUTC":"2025-05-19T16:19:12.000Z"},"b":{"UpdatedDateUTC":"2025-05-19T16:19:12.001Z"}}}"#
    );
    let text = message(&found.state().to_string());
    let found = positions("invoices", &text).unwrap();
    assert_eq!(checkpoint(&found, "b"), Some(&Checkpoint::at(MAY + 1)));
}

#[test]
fn a_position_that_did_not_move_keeps_its_form() {
    let mut found = positions(
        "invoices",
        &message(r#"{"UpdatedDateUTC": "2099-01-01T00:00:00"}"#),
    )
    .unwrap();
    let future = checkpoint(&found, "t-1").cloned();
    note(&mut found, "t-1", future);
    note(&mut found, "t-2", Some(Checkpoint::at(MAY)));
    assert_eq!(
        found.state().to_string(),
        r#"{"UpdatedDateUTC":"2025-05-19T16:19:12.000Z","tenants":{"t-1":{"UpdatedDateUTC":"2099-01-01T00:00:00"},"t-2":{"UpdatedDateUTC":"2025-05-19T16:19:12.000Z"}}}"#
    );
}

#[test]
fn ranges_and_times_of_full_reads_are_read_back() {
    let text = message(
        r#"{"tenants": {"t-1": {"UpdatedDateUTC": "2025-05-19T16:19:12Z", "ranges": [{"from": "2025-05-19T16:19:12.000Z", "to": "2025-06-01T00:00:00.000Z"}, {"from": "2025-07-01T00:00:00.000Z"}], "reconciled": "2025-05-01T00:00:00.000Z"}, "t-2": {"UpdatedDateUTC": "2025-05-19T16:19:12Z", "reconciled": "soon"}}}"#,
    );
    let found = positions("invoices", &text).unwrap();
    assert_eq!(checkpoint(&found, "t-1").unwrap().open.len(), 2);
    let reconciled = |tenant| found.of(tenant).unwrap().reconciled;
    let at = reconciled("t-1").unwrap();
    assert_eq!(
        (instant(at).as_str(), reconciled("t-2")),
        ("2025-05-01T00:00:00.000Z", None)
    );
    let again = positions("invoices", &message(&found.state().to_string())).unwrap();
    assert_eq!(again.of("t-1"), found.of("t-1"));
    assert_eq!(again.state(), found.state());
}

#[test]
fn ranges_of_journals_are_numbers() {
    let memory = r#""JournalNumber":12,"gaps":[{"from":30,"seen":"2026-11-01T00:00:00.000Z","to":31}],"ranges":[{"from":12,"to":20},{"from":40,"to":60},{"from":70}]"#;
    let text = format!(r#"{{"journals":{{"tenants":{{"t-1":{{{memory}}}}}}}}}"#);
    let found = positions("journals", &text).unwrap();
    let span = |from, to| Span { from, to };
    let open = [span(12, Some(20)), span(40, Some(60)), span(70, None)];
    let at = checkpoint(&found, "t-1").unwrap();
    assert_eq!((at.from, &at.open[..]), (12, &open[..]));
    assert_eq!(at.gaps.iter().len(), 1);
    assert!(
        found.state().to_string().contains(memory),
        "{}",
        found.state()
    );
    for ranges in [
        r#"[{"from":"12","to":"20"},{"from":"40"}]"#,
        r#"[{"from":12.5,"to":20},{"from":40}]"#,
        r#"[{"from":13,"to":20},{"from":40}]"#,
        r#"[{"from":12,"to":20},{"from":40,"to":60}]"#,
        r#"[{"from":12,"to":20},{"from":19}]"#,
        r#"[{"from":12,"to":12},{"from":40}]"#,
        r#"[{"from":"2020-01-01T00:00:00Z"}]"#,
    ] {
        let entry = format!(r#"{{"JournalNumber":12,"ranges":{ranges}}}"#);
        let text = format!(r#"{{"journals":{{"tenants":{{"t-1":{entry}}}}}}}"#);
        let found = positions("journals", &text).unwrap();
        assert_eq!(
            checkpoint(&found, "t-1"),
            Some(&Checkpoint::at(12)),
            "{ranges}"
        );
    }
}

#[test]
fn gaps_of_journals_and_snapshots_of_lists_are_read_back() {
    for (stream, memory) in [
        (
            "journals",
            r#""JournalNumber":12,"gaps":[{"from":3,"seen":"2026-11-01T00:00:00.000Z","to":3},{"from":7,"seen":"2026-11-01T10:00:00.000Z","to":9}]"#,
        ),
        (
            "journals",
            r#""JournalNumber":12,"gaps":[{"from":3,"searched":"2026-11-01T10:00:00.000Z","seen":"2026-11-01T00:00:00.000Z","to":3}]"#,
        ),
        (
            "linked_transactions",
            r#""UpdatedDateUTC":"2025-05-19T16:19:12.000Z","list":{"digest":"00c0ffee00c0ffee","pages":11,"rows":1050}"#,
        ),
    ] {
        let text = format!(r#"{{"{stream}":{{"tenants":{{"t-1":{{{memory}}}}}}}}}"#);
        let mut found = positions(stream, &text).unwrap();
        assert!(
            found.state().to_string().contains(memory),
            "{}",
            found.state()
        );
        // A position that moves without a snapshot drops it.
        note(&mut found, "t-1", Some(Checkpoint::at(20)));
        let state = found.state().to_string();
        assert!(
            !state.contains("gaps") && !state.contains("list"),
            "{state}"
        );
    }
    for (stream, memory) in [
        (
            "journals",
            r#""JournalNumber":12,"gaps":[{"from":3,"to":2,"seen":"2026-11-01"}]"#,
        ),
        ("journals", r#""JournalNumber":12,"gaps":{"from":3}"#),
        (
            "journals",
            r#""JournalNumber":12,"gaps":[{"from":3,"searched":7,"seen":"2026-11-01T00:00:00.000Z","to":3}]"#,
        ),
        (
            "journals",
            r#""JournalNumber":12,"gaps":[{"from":3,"to":4}]"#,
        ),
        (
            "linked_transactions",
            r#""UpdatedDateUTC":"2025-05-19","list":{"pages":1,"rows":2,"digest":"?"}"#,
        ),
        (
            "linked_transactions",
            r#""UpdatedDateUTC":"2025-05-19","list":[]"#,
        ),
    ] {
        let text = format!(r#"{{"{stream}":{{"tenants":{{"t-1":{{{memory}}}}}}}}}"#);
        let found = positions(stream, &text).unwrap();
        let at = checkpoint(&found, "t-1").expect("the position holds all the same");
        assert_eq!(*at, Checkpoint::at(at.from), "{memory}");
    }
}

#[test]
fn many_gaps_of_journals_are_written_in_runs() {
    let gap = |first, last, searched| Gap {
        first,
        last,
        seen: 1_793_491_200_000,
        searched,
    };
    let mut gaps: Vec<_> = (0..100)
        .map(|at| gap(10 + at * 3, 11 + at * 3, None))
        .collect();
    gaps.push(gap(400, 400, None));
    gaps.push(gap(500, 502, Some(1_793_494_800_000)));
    let gaps = Gaps::of(gaps).expect("they ascend");
    let runs = format!("2,{}91,1", "1,2,".repeat(99));
    let memory = format!(
        r#""gaps":[{{"from":10,"runs":[{runs}],"seen":"2026-11-01T00:00:00.000Z","to":400}},{{"from":500,"searched":"2026-11-01T01:00:00.000Z","seen":"2026-11-01T00:00:00.000Z","to":502}}]"#
    );
    let at = Checkpoint {
        gaps,
        ..Checkpoint::at(600)
    };
    let mut found = positions("journals", "{}").unwrap();
    note(&mut found, "t-1", Some(at.clone()));
    let state = found.state().to_string();
    assert!(state.contains(&memory), "{state}");
    let again = positions("journals", &format!(r#"{{"journals":{state}}}"#)).unwrap();
    assert_eq!(checkpoint(&again, "t-1"), Some(&at));
    let text = |entry: &str| {
        format!(
            r#"{{"journals":{{"tenants":{{"t-1":{{"JournalNumber":600,"gaps":[{{"seen":"2026-11-01T00:00:00.000Z",{entry}}}]}}}}}}}}"#
        )
    };
    for (runs, count) in [
        ("[2,1,3]", Some(2)),
        ("[6]", Some(1)),
        ("[2,1,4]", None),
        ("[2,1,2,1]", None),
        ("[2,4]", None),
        ("[2,0,4]", None),
        ("[-2,1,7]", None),
        ("[9223372036854775807,1,7]", None),
        ("[2.5,0.5,3]", None),
        ("[]", None),
        ("7", None),
        ("null", None),
    ] {
        let entry = format!(r#""from":3,"to":8,"runs":{runs}"#);
        let found = positions("journals", &text(&entry)).unwrap();
        let gaps = &checkpoint(&found, "t-1").expect("the position holds").gaps;
        assert_eq!(gaps.iter().len(), count.unwrap_or(0), "{runs}");
    }
}

#[test]
fn a_state_with_the_most_gaps_has_a_bounded_size() {
    let gap = |at: i64| Gap {
        first: 10_000_000 + at * 150,
        last: 10_000_098 + at * 150,
        seen: 1_793_491_200_000,
        searched: Some(1_793_491_200_000),
    };
    for (gaps, bytes) in [
        ((0..4_000).map(gap).collect::<Vec<_>>(), 24_000),
        (
            (0..4_000)
                .map(|at| Gap {
                    first: at * 3 + 1,
                    last: at * 3 + 2,
                    ..gap(at)
                })
                .collect(),
            16_000,
        ),
    ] {
        let mut found = positions("journals", "{}").unwrap();
        let at = Checkpoint {
            gaps: Gaps::of(gaps).expect("they are not too many"),
            ..Checkpoint::at(20_000_000)
        };
        note(&mut found, "t-1", Some(at));
        let size = found.state().to_string().len();
        assert!((bytes..bytes + 300).contains(&size), "{size} bytes");
    }
}

#[test]
fn journals_have_numbers_and_streams_without_cursor_only_complete() {
    let mut journals = positions("journals", r#"{"journals":{"JournalNumber":7}}"#).unwrap();
    assert_eq!(checkpoint(&journals, "t-2"), Some(&Checkpoint::at(7)));
    note(&mut journals, "t-1", Some(Checkpoint::at(12)));
    assert_eq!(
        journals.state().to_string(),
        r#"{"JournalNumber":7,"tenants":{"t-1":{"JournalNumber":12},"t-2":{"JournalNumber":7}}}"#
    );
    assert!(positions("journals", r#"{"journals":{"JournalNumber":"2020-01-01"}}"#).is_err());
    let mut currencies = positions("currencies", r#"{"currencies":{"complete":"x"}}"#).unwrap();
    assert_eq!(currencies.of("a"), None);
    note(&mut currencies, "a", None);
    assert_eq!(
        currencies.state().to_string(),
        r#"{"complete":true,"tenants":{"a":{"complete":true}}}"#
    );
}
