//! The payroll of Australia, New Zealand and the United Kingdom.

use std::collections::BTreeSet;

use serde_json::json;

use crate::apis::lists::{read, truth, undocumented};
use crate::apis::nested::assert_nested;
use crate::support::scene::Scene;
use crate::support::streams;
use crate::support::sync_folder::SyncFolder;

const SCOPES: &str = "openid offline_access accounting.settings.read accounting.contacts.read payroll.employees.read payroll.payruns.read payroll.payslip.read payroll.settings.read payroll.timesheets.read";

/// The payroll streams of a country, with rows for each.
fn streams_of(country: &str) -> Vec<&'static str> {
    let prefix = format!("payroll_{country}_");
    let all = streams::of_other_apis().iter().copied();
    let found: Vec<_> = all.filter(|name| name.starts_with(&prefix)).collect();
    assert!(found.len() > 15, "{found:?}");
    found
}

/// An organisation with this number of employees, and few timesheets: Xero allows 60 calls a minute.
pub(crate) fn scene(currency: &str, employees: usize) -> Scene {
    let scene = Scene::of_country(SCOPES, currency);
    let country = match currency {
        "AUD" => "au",
        "GBP" => "uk",
        _ => "nz",
    };
    scene.sim.world(|world| {
        for (table, rows) in [("employees", employees), ("timesheets", 3)] {
            let table = format!("payroll_{country}_{table}");
            world.fill_api(&scene.tenant, &table, rows);
        }
        if country == "au" {
            world.fill_api(&scene.tenant, "payroll_au_timesheets_v2", 3);
        }
    });
    scene
}

/// Asserts that a stream brought all rows of a table.
fn has_all_rows(scene: &Scene, run: &crate::support::connector::Run, stream: &str, table: &str) {
    assert_eq!(
        run.status(stream),
        "COMPLETE",
        "{stream}: {:?}",
        run.errors()
    );
    let rows = run.records(stream).len();
    let there = scene
        .sim
        .world(|world| world.api_rows(&scene.tenant, table).len());
    assert_eq!(rows, there, "{stream}");
    assert!(rows > 0, "{stream}");
}

#[test]
fn every_stream_of_a_country_is_read_whole_with_documented_requests() {
    for (country, currency) in [("au", "AUD"), ("nz", "NZD"), ("uk", "GBP")] {
        let scene = scene(currency, 3);
        let mut config = scene.flat();
        config["max_calls_per_sync"] = json!(1_000);
        let names = streams_of(country);
        let run = scene.read(&config, &names, None);
        for stream in names {
            let table = stream.replace("employee_details", "employees");
            let table = table.replace("timesheet_details", "timesheets");
            match streams::nested_in(stream) {
                Some(_) => assert_nested(&run, stream),
                None => has_all_rows(&scene, &run, stream, &table),
            }
        }
        assert_eq!(undocumented(&scene), [""; 0], "{country}");
    }
}

#[test]
fn details_and_lines_come_with_the_single_row() {
    let au = scene("AUD", 5);
    let run = au.read(
        &au.flat(),
        &[
            "payroll_au_employees",
            "payroll_au_employee_details",
            "payroll_au_payslips",
        ],
        None,
    );
    let listed = run.records("payroll_au_employees");
    assert!(listed.iter().all(|row| row["HomeAddress"].is_null()));
    let detailed = run.records("payroll_au_employee_details");
    assert!(detailed.iter().all(|row| row["HomeAddress"].is_object()));
    assert!(
        detailed
            .iter()
            .all(|row| row["ParentUpdatedDateUTC"].is_string())
    );
    for slip in run.records("payroll_au_payslips") {
        let line = &slip["EarningsLines"][0];
        let number = |value: &serde_json::Value| value.as_f64().expect("a number");
        let earned = number(&line["RatePerUnit"]) * number(&line["NumberOfUnits"]);
        assert!((earned - number(&slip["Wages"])).abs() < 0.01, "{slip}");
        assert!(slip["PayRunID"].is_string(), "{slip}");
    }
    let nz = scene("NZD", 5);
    let names = ["payroll_nz_timesheets", "payroll_nz_timesheet_details"];
    let run = nz.read(&nz.flat(), &names, None);
    let lines = |stream| {
        run.records(stream)
            .iter()
            .filter(|it| it["timesheetLines"].is_array())
            .count()
    };
    assert_eq!(lines(names[0]), 0);
    assert_eq!(lines(names[1]), run.records(names[1]).len());
}

#[test]
fn dates_have_no_time_of_day_and_instants_have_a_zone() {
    let scene = scene("NZD", 9);
    let run = scene.read(
        &scene.flat(),
        &["payroll_nz_employees", "payroll_nz_pay_runs"],
        None,
    );
    for row in run.records("payroll_nz_employees") {
        assert_eq!(row["dateOfBirth"].as_str().map(str::len), Some(10), "{row}");
        assert_eq!(row["startDate"].as_str().map(str::len), Some(10), "{row}");
        assert!(
            row["createdDateUTC"]
                .as_str()
                .is_some_and(|it| it.ends_with('Z')),
            "{row}"
        );
    }
    let runs = run.records("payroll_nz_pay_runs");
    let posted: Vec<_> = runs
        .iter()
        .filter_map(|it| it["postedDateTime"].as_str())
        .collect();
    assert!(
        !posted.is_empty() && posted.iter().all(|it| it.ends_with('Z')),
        "{posted:?}"
    );
}

#[test]
fn the_lists_of_australia_bring_only_what_changed() {
    let scene = scene("AUD", 230);
    let stream = "payroll_au_employees";
    let first = scene.read(&scene.flat(), &[stream], None);
    assert_eq!(
        read(&first, stream, "EmployeeID"),
        truth(&scene, stream, "EmployeeID")
    );
    scene.sim.world(|world| {
        world.advance(std::time::Duration::from_secs(3_600));
        world.touch_api_row(&scene.tenant, stream, 3);
        world.add_api_rows(&scene.tenant, stream, 2);
    });
    let states = first.last_states();
    let second = scene.read(&scene.flat(), &[stream], Some(&states));
    assert_eq!(second.status(stream), "COMPLETE", "{:?}", second.errors());
    let both: BTreeSet<_> = [&first, &second]
        .iter()
        .flat_map(|run| read(run, stream, "EmployeeID"))
        .collect();
    assert_eq!(both, truth(&scene, stream, "EmployeeID"));
    assert_eq!(second.records(stream).len(), 3);
}

#[test]
fn the_payroll_of_another_country_is_a_sentence_and_the_other_streams_are_read() {
    let scene = scene("NZD", 3);
    let abroad = [
        "payroll_uk_employees",
        "payroll_uk_payslips",
        "payroll_au_pay_runs",
    ];
    let run = scene.read(&scene.flat(), &abroad, None);
    for stream in abroad {
        assert_eq!(run.status(stream), "INCOMPLETE", "{stream}");
        assert!(run.records(stream).is_empty(), "{stream}");
    }
    let errors = format!("{:?}", run.errors());
    assert_eq!(
        errors.matches("is in the country NZ").count(),
        abroad.len(),
        "{errors}"
    );
    // Without the scope of /Organisation the country is not known.
    let scene = Scene::of_country("openid offline_access payroll.employees.read", "NZD");
    let run = scene.read(
        &scene.flat(),
        &["payroll_au_employees", "payroll_nz_employees"],
        None,
    );
    assert_eq!(
        run.status("payroll_nz_employees"),
        "COMPLETE",
        "{:?}",
        run.errors()
    );
    assert_eq!(run.status("payroll_au_employees"), "INCOMPLETE");
    let errors = format!("{:?}", run.errors());
    assert!(
        errors.contains("a payroll administrator of an organisation in Australia"),
        "{errors}"
    );
    assert!(errors.contains("in another country"), "{errors}");
}

#[test]
fn a_user_who_is_no_payroll_administrator_gets_one_sentence_for_each_stream() {
    for (currency, country, streams) in [
        (
            "AUD",
            "Australia",
            [
                "payroll_au_employees",
                "payroll_au_employee_details",
                "payroll_au_earnings_rates",
                "payroll_au_payslips",
            ],
        ),
        (
            "GBP",
            "the United Kingdom",
            [
                "payroll_uk_employees",
                "payroll_uk_employee_tax",
                "payroll_uk_settings",
                "payroll_uk_payslips",
            ],
        ),
    ] {
        let scene = scene(currency, 3);
        scene
            .sim
            .world(|world| world.forbid_payroll(&scene.tenant, true));
        let all = [&streams[..], &["accounts"]].concat();
        let run = scene.read(&scene.flat(), &all, None);
        assert_eq!(run.status("accounts"), "COMPLETE", "{:?}", run.errors());
        let errors = run.errors();
        assert_eq!(errors.len(), streams.len(), "{errors:?}");
        for (kind, stream, words) in errors {
            assert_eq!((kind, run.status(stream)), ("config_error", "INCOMPLETE"));
            assert!(words.contains("Xero forbids reading payroll_"), "{words}");
            let user =
                format!("a user who is a payroll administrator of an organisation in {country}");
            assert!(words.contains(&user), "{stream}: {words}");
        }
        // Nobody's name is in the log.
        assert!(!run.stdout.contains("FirstName"), "{}", run.stdout);
        scene
            .sim
            .world(|world| world.forbid_payroll(&scene.tenant, false));
        let next = scene.read(&scene.flat(), &all, Some(&run.last_states()));
        assert_eq!(next.code, Some(0), "{:?}", next.errors());
        assert!(!next.records(streams[0]).is_empty());
    }
}

#[test]
fn organisations_of_other_countries_are_left_out_of_a_payroll_stream() {
    let mut scene = scene("NZD", 3);
    let (app, one) = (scene.app.clone(), scene.tenant.clone());
    let (other, tokens) = scene.sim.world(|world| {
        let other = world.add_tenant("Sydney Imports", "AUD");
        world.fill_api(&other, "payroll_au_employees", 2);
        let tokens = world.consent(&app, &[one.clone(), other.clone()], SCOPES);
        (other, tokens)
    });
    scene.tokens = tokens;
    let mut config = scene.flat();
    config["tenant_id"] = json!(null);
    let streams = [
        "payroll_au_employees",
        "payroll_au_employee_details",
        "payroll_nz_employees",
        "payroll_uk_employees",
    ];
    let run = scene.read(&config, &streams, None);
    for (stream, tenant, rows) in [
        (streams[0], &other, 2),
        (streams[1], &other, 2),
        (streams[2], &one, 3),
    ] {
        assert_eq!(run.status(stream), "COMPLETE", "{:?}", run.errors());
        let expected = vec![tenant.as_str(); rows];
        assert_eq!(run.column(stream, "TenantID"), expected, "{stream}");
    }
    let left_out = "1 of 2 organisations are left out. Demo Company (NZ) has no payroll_au_employees: the organisation is in the country NZ";
    let logs = run.logs("INFO");
    assert!(logs.iter().any(|it| it.contains(left_out)), "{logs:?}");
    assert_eq!(run.status("payroll_uk_employees"), "INCOMPLETE");
    assert_eq!(run.errors().len(), 1, "{:?}", run.errors());
}

#[test]
fn a_token_for_payroll_alone_is_proved_by_its_connections() {
    let scopes = "openid offline_access payroll.employees.read";
    let scene = Scene::of_country(scopes, "NZD");
    scene.check(&scene.flat()).checked("SUCCEEDED");
    let run = scene.read(&scene.flat(), &["payroll_nz_employees"], None);
    assert_eq!(
        run.status("payroll_nz_employees"),
        "COMPLETE",
        "{:?}",
        run.errors()
    );
}

#[test]
fn a_sync_of_everything_leaves_out_the_payroll_of_other_countries() {
    let nz = scene("NZD", 3);
    let mut config = nz.flat();
    config["max_calls_per_sync"] = json!(1_000);
    let folder = SyncFolder::new(&nz, &config);
    nz.sim.world(xero_sim::World::unlimited);
    let output = folder.sync(&[], &["--all", "--payroll"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let manifest = folder.manifest();
    let synced: Vec<_> = manifest["streams"].as_object().unwrap().keys().collect();
    for country in ["au", "uk"] {
        let other = format!("payroll_{country}_");
        assert!(
            !synced.iter().any(|name| name.starts_with(&other)),
            "{synced:?}"
        );
    }
    for name in streams_of("nz") {
        assert!(synced.contains(&&name.to_owned()), "{name}: {said}");
    }
    // A stream that is named is read, and fails.
    let output = folder.sync(&["payroll_uk_employees"], &[]);
    assert_eq!(output.status.code(), Some(1));
}
