//! Streams whose rows are nested in rows that need a call each: lines of payslips and timesheets,
//! details of employees. They come with the calls of the stream that holds them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use xero_sim::Answer;

use crate::apis::lists;
use crate::apis::payroll::scene;
use crate::support::connector::Run;
use crate::support::scene::Scene;
use crate::support::streams;

const SLIPS: &str = "payroll_au_payslips";
const LINES: &str = "payroll_au_payslip_deduction_lines";

/// The elements of the nested array in a row, by their positions.
fn elements<'v>(row: &'v Value, path: &[&str]) -> Vec<(usize, &'v Value)> {
    let array = path.iter().fold(row, |value, name| &value[name]);
    array.as_array().into_iter().flatten().enumerate().collect()
}

/// Asserts that a nested stream has each element of the rows that hold them, with all its fields and
/// the fields that tell it from other rows.
pub(crate) fn assert_nested(run: &Run, stream: &str) {
    assert_eq!(run.status(stream), "COMPLETE", "{stream}");
    let (path, parent) = streams::nested_in(stream).expect("the rows are nested");
    let holders = run.records(parent);
    let expected = holders.iter().flat_map(|holder| {
        let elements = elements(holder, &path).into_iter();
        elements.map(move |(position, element)| (holder, position, element))
    });
    let rows = run.records(stream);
    let mut count = 0;
    for ((holder, position, element), row) in expected.zip(&rows) {
        let same = |name: &str| row[name] == holder[name];
        assert_eq!(row["Position"], position, "{stream}: {row}");
        assert!(same("TenantID"), "{stream}: {row}");
        // What the row inherits is what the row that holds it has.
        for name in [
            "PayslipID",
            "PayRunID",
            "EmployeeID",
            "ParentUpdatedDateUTC",
        ] {
            assert!(
                row[name].is_null() || same(name),
                "{stream}: {name} of {row}"
            );
        }
        for (name, value) in element.as_object().expect("an element is an object") {
            // The row that holds it has the stamp that counts.
            let is_own = name != "UpdatedDateUTC";
            assert!(!is_own || row[name] == *value, "{stream}: {name} of {row}");
        }
        count += 1;
    }
    assert_eq!(count, rows.len(), "{stream}");
    assert!(count > 0, "{stream}");
    let keys = streams::key_of_other_api(stream);
    let key_of = |row: &&Value| keys.iter().map(|it| row[it].to_string()).collect();
    let distinct: BTreeSet<Vec<String>> = rows.iter().map(key_of).collect();
    assert_eq!(distinct.len(), rows.len(), "{stream}: {keys:?}");
}

/// The number of requests so far.
fn requests(scene: &Scene) -> usize {
    scene.sim.requests().len()
}

/// The ids of the payslips that a stream brought rows of.
fn slips(run: &Run, stream: &str) -> BTreeSet<String> {
    let ids = run.column(stream, "PayslipID").into_iter();
    ids.map(str::to_owned).collect()
}

fn pay_runs(run: &Run, stream: &str) -> BTreeSet<String> {
    let ids = run.column(stream, "PayRunID").into_iter();
    ids.map(str::to_owned).collect()
}

#[test]
fn nested_rows_alone_cost_the_calls_of_the_stream_that_holds_them() {
    for (currency, holder, nested) in [
        ("AUD", SLIPS, LINES),
        (
            "AUD",
            "payroll_au_employee_details",
            "payroll_au_pay_template_super_lines",
        ),
        (
            "GBP",
            "payroll_uk_payslips",
            "payroll_uk_payslip_employee_tax_lines",
        ),
        (
            "NZD",
            "payroll_nz_timesheet_details",
            "payroll_nz_timesheet_lines",
        ),
    ] {
        let scene = scene(currency, 3);
        scene.sim.world(|world| world.unlimited());
        let mut before = 0;
        let sync = |streams: &[&str]| {
            let run = scene.read(&scene.flat(), streams, None);
            assert_eq!(run.code, Some(0), "{streams:?}: {:?}", run.errors());
            let calls = requests(&scene) - std::mem::replace(&mut before, requests(&scene));
            (run, calls)
        };
        let [holding, alone, both] = [&[holder][..], &[nested], &[nested, holder]].map(sync);
        assert_eq!([alone.1, both.1], [holding.1; 2], "{nested}");
        let [alone, both] = [alone.0, both.0];
        assert_nested(&both, nested);
        assert_eq!(alone.records(nested), both.records(nested), "{nested}");
        assert!(alone.records(holder).is_empty());
    }
}

#[test]
fn a_stream_that_is_added_later_catches_up_and_the_others_bring_nothing_again() {
    let scene = scene("AUD", 4);
    scene.sim.world(|world| world.unlimited());
    let first = scene.read(&scene.flat(), &[SLIPS], None);
    assert!(!first.records(SLIPS).is_empty());
    let second = scene.read(&scene.flat(), &[SLIPS, LINES], Some(&first.last_states()));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    assert_eq!(slips(&second, LINES), slips(&first, SLIPS));
    assert_eq!(second.records(SLIPS), [&Value::Null; 0]);
    let states = second.last_states();
    let third = scene.read(&scene.flat(), &[SLIPS, LINES], Some(&states));
    assert!(third.records(SLIPS).is_empty() && third.records(LINES).is_empty());
    // A pay run that changes brings its payslips to both.
    scene.sim.world(|world| {
        world.advance(std::time::Duration::from_secs(3_600));
        world.touch_api_row(&scene.tenant, "payroll_au_pay_runs", 2);
    });
    let fourth = scene.read(&scene.flat(), &[LINES, SLIPS], Some(&third.last_states()));
    assert!(!fourth.records(SLIPS).is_empty(), "{:?}", fourth.errors());
    assert_eq!(slips(&fourth, SLIPS), slips(&fourth, LINES));
    assert_eq!(pay_runs(&fourth, LINES).len(), 1);
    assert_nested(&fourth, LINES);
}

#[test]
fn streams_that_share_calls_go_on_together_within_the_quota() {
    let scene = scene("AUD", 2);
    scene.sim.world(|world| world.unlimited());
    let all = scene
        .sim
        .world(|world| world.api_rows(&scene.tenant, SLIPS).len());
    let mut config = scene.flat();
    config["max_calls_per_sync"] = json!(4);
    let (mut states, mut found) = (None, [BTreeSet::new(), BTreeSet::new()]);
    for _ in 0..12 {
        let run = scene.read(&config, &[SLIPS, LINES], states.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        for (found, stream) in found.iter_mut().zip([SLIPS, LINES]) {
            let new = slips(&run, stream);
            assert!(found.is_disjoint(&new), "{stream} brings a payslip again");
            found.extend(new);
        }
        assert_eq!(found[0], found[1]);
        let last = run.last_states();
        let position = |stream: &str| run.states(stream).last().map(|it| it["tenants"].clone());
        assert_eq!(position(SLIPS), position(LINES));
        states = Some(last);
        if found[0].len() == all {
            return;
        }
    }
    panic!("{} of {all} payslips after 12 syncs", found[0].len());
}

#[test]
fn a_call_that_fails_is_repeated_for_each_stream_that_lacks_it() {
    let scene = scene("AUD", 2);
    scene.sim.world(|world| world.unlimited());
    let listed = scene.sim.world(|world| {
        let runs = world.api_rows(&scene.tenant, "payroll_au_pay_runs").iter();
        let ids = runs.map(|run| {
            run.value["PayRunID"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        });
        ids.collect::<Vec<_>>()
    });
    let broken = listed[1].clone();
    let is_broken = Arc::new(AtomicBool::new(true));
    let (switch, id) = (is_broken.clone(), broken.clone());
    scene.sim.intercept(move |request, _| {
        let is_it = switch.load(Ordering::Relaxed) && request.path.ends_with(&id);
        is_it.then(Answer::forbidden)
    });
    let first = scene.read(&scene.flat(), &[SLIPS, LINES], None);
    assert_eq!(first.code, Some(0), "{:?}", first.errors());
    let expected: BTreeSet<_> = listed.iter().filter(|it| **it != broken).cloned().collect();
    for stream in [SLIPS, LINES] {
        assert_eq!(pay_runs(&first, stream), expected, "{stream}");
        let states = first.states(stream);
        let tenant = &states.last().expect("a state")["tenants"][scene.tenant.as_str()];
        let failed = tenant["payroll_au_pay_runs"]["failed"].as_object();
        assert_eq!(
            failed.map(|it| it.keys().collect::<Vec<_>>()),
            Some(vec![&broken])
        );
    }
    // The payslips alone are repaired first, and their lines in the sync after.
    is_broken.store(false, Ordering::Relaxed);
    let mut states = first.last_states();
    let repaired = scene.read(&scene.flat(), &[SLIPS], Some(&states));
    assert_eq!(pay_runs(&repaired, SLIPS), BTreeSet::from([broken.clone()]));
    let messages = states.as_array_mut().expect("states are a list");
    messages.extend(
        repaired
            .last_states()
            .as_array()
            .into_iter()
            .flatten()
            .cloned(),
    );
    let last = scene.read(&scene.flat(), &[SLIPS, LINES], Some(&states));
    assert_eq!(pay_runs(&last, LINES), BTreeSet::from([broken]));
    assert!(last.records(SLIPS).is_empty());
}

#[test]
fn a_refused_stream_is_named_for_each_selected_stream() {
    let scene = scene("NZD", 2);
    let streams = [LINES, SLIPS];
    let run = scene.read(&scene.flat(), &streams, None);
    for stream in streams {
        assert_eq!(run.status(stream), "INCOMPLETE", "{stream}");
    }
    let errors = format!("{:?}", run.errors());
    assert_eq!(
        errors.matches("is in the country NZ").count(),
        2,
        "{errors}"
    );
}

#[test]
fn amounts_of_projects_and_tasks_are_rows_named_by_their_fields() {
    let scene = lists::scene(|_, _| {});
    let pairs = [
        ("project_amounts", "projects", "projectId"),
        ("project_task_amounts", "project_tasks", "taskId"),
    ];
    let alone = scene.read(&scene.flat(), &pairs.map(|(stream, ..)| stream), None);
    let requests = scene.sim.requests();
    let lists = requests.iter().filter(|it| it.path.ends_with("/Projects"));
    assert_eq!(lists.count(), 1, "one walk for both streams");
    let run = scene.read(&scene.flat(), &pairs.map(|(_, holder, _)| holder), None);
    for (stream, holder, id) in pairs {
        assert_eq!(alone.status(stream), "COMPLETE", "{:?}", alone.errors());
        let rows = alone.records(stream);
        let found = rows.iter().map(|row| {
            let field = row["Field"].as_str().expect("a row names its field");
            (row[id].clone(), field, [&row["value"], &row["currency"]])
        });
        let found: Vec<_> = found.collect();
        let holders = run.records(holder);
        let expected = holders.iter().flat_map(|row| {
            let fields = row.as_object().expect("a row is an object").iter();
            let amounts = fields.filter(|(_, it)| it["currency"].is_string());
            amounts.map(|(name, it)| (row[id].clone(), &**name, [&it["value"], &it["currency"]]))
        });
        let expected: Vec<_> = expected.collect();
        assert_eq!(found.len(), expected.len(), "{stream}");
        assert!(!found.is_empty(), "{stream}");
        let other = found.iter().find(|it| !expected.contains(it));
        assert_eq!(other, None, "{stream}");
    }
}
