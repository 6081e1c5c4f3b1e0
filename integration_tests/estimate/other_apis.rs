//! The estimate of lists in parts, and of streams that need one or several calls for each row of a list.

use serde_json::{Value, json};

use super::{estimate, streams_of};
use crate::apis::{lists, payroll};
use crate::support::scene::Scene;

/// The calls to Xero that a run of `work` makes.
fn calls_of<T>(scene: &Scene, work: impl FnOnce() -> T) -> (u64, T) {
    let before = scene.sim.requests().len();
    let done = work();
    let after = scene.sim.requests();
    let is_call = |path: &str| path.contains(".xro/");
    let calls = after[before..].iter().filter(|it| is_call(&it.path));
    (calls.count() as u64, done)
}

/// Asserts that the estimate and a read agree in their calls. Returns the estimate.
fn agree(scene: &Scene, streams: &[&str]) -> Value {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = json!(1_000);
    let names = streams.join(",");
    let run = estimate(scene, &config, &["--streams", &names]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let answer = run.answer();
    let (calls, read) = calls_of(scene, || scene.read(&config, streams, None));
    assert_eq!(read.code, Some(0), "{:?}", read.errors());
    assert_eq!(
        answer["first_sync"]["calls"],
        calls,
        "{streams:?}: {:?}",
        read.logs("WARN")
    );
    for stream in streams_of(&answer, 0) {
        let name = stream["name"].as_str().expect("a name");
        if let Some(rows) = stream["rows"].as_u64() {
            assert_eq!(rows, read.records(name).len() as u64, "{name}");
        }
    }
    answer
}

#[test]
fn a_list_in_parts_is_counted_in_all_parts() {
    for rows in [0, 24, 150] {
        let scene = lists::scene(|world, tenant| world.fill_api(tenant, "assets", rows));
        let answer = agree(&scene, &["assets"]);
        assert_eq!(streams_of(&answer, 0)[0]["rows"], rows);
    }
}

#[test]
fn each_project_takes_as_many_calls_as_its_rows_have_pages() {
    let scene = lists::scene(|world, tenant| {
        world.fill_api(tenant, "projects", 1);
        let project = world.api_rows(tenant, "projects")[0].number;
        world.add_api_rows_below(tenant, "project_time", project, 1_100);
    });
    agree(&scene, &["projects", "project_time"]);
    let scene = lists::scene(|world, tenant| world.fill_api(tenant, "projects", 9));
    agree(&scene, &["project_tasks", "file_associations"]);
}

#[test]
fn each_pay_run_takes_a_call_for_each_payslip() {
    let scene = payroll::scene("AUD", 3);
    let answer = agree(&scene, &["payroll_au_pay_runs", "payroll_au_payslips"]);
    let streams = streams_of(&answer, 0);
    // Six pay runs of four payslips each.
    assert_eq!(streams[1]["calls"], 6 * (1 + 4));
    let scene = payroll::scene("GBP", 3);
    agree(&scene, &["payroll_uk_pay_runs", "payroll_uk_payslips"]);
}

#[test]
fn an_estimate_of_everything_leaves_out_the_payroll_of_other_countries() {
    let scene = payroll::scene("NZD", 3);
    let run = estimate(&scene, &scene.flat(), &["--all", "--payroll"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let words = "are for a country in which none of the organisations is: AU, GB";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    let answer = run.answer();
    let named = |prefix: &str| {
        let streams = streams_of(&answer, 0);
        streams.iter().any(|it| {
            it["name"]
                .as_str()
                .is_some_and(|name| name.starts_with(prefix))
        })
    };
    assert!(named("payroll_nz_") && !named("payroll_au_") && !named("payroll_uk_"));
}
