//! Streams that need calls for each row of another list: tasks and time of projects, associations of
//! files.

use serde_json::json;

use crate::apis::lists::{read, scene, truth, undocumented};
use crate::support::scene::Scene;

const STREAMS: [&str; 3] = ["project_tasks", "project_time", "file_associations"];

fn calls(scene: &Scene, end: &str) -> usize {
    let requests = scene.sim.requests();
    requests.iter().filter(|it| it.path.ends_with(end)).count()
}

#[test]
fn all_rows_below_all_projects_and_files_are_read() {
    let scene = scene(|_, _| {});
    let run = scene.read(&scene.flat(), &STREAMS, None);
    for (stream, id) in [
        ("project_tasks", "taskId"),
        ("project_time", "timeEntryId"),
        ("file_associations", "ObjectId"),
    ] {
        assert_eq!(run.status(stream), "COMPLETE", "{:?}", run.errors());
        let found = read(&run, stream, id);
        assert!(!found.is_empty(), "{stream}");
        assert_eq!(found, truth(&scene, stream, id), "{stream}");
    }
    let projects = truth(&scene, "projects", "projectId");
    let of = read(&run, "project_time", "projectId");
    assert!(of.is_subset(&projects), "{of:?}");
    assert_eq!(undocumented(&scene), [""; 0]);
}

#[test]
fn a_project_with_several_pages_of_time_is_read_whole_and_confirmed() {
    let scene = scene(|world, tenant| {
        world.fill_api(tenant, "projects", 1);
        let project = world.api_rows(tenant, "projects")[0].number;
        world.add_api_rows_below(tenant, "project_time", project, 1_100);
    });
    let run = scene.read(&scene.flat(), &["project_time"], None);
    assert_eq!(run.status("project_time"), "COMPLETE", "{:?}", run.errors());
    assert_eq!(
        read(&run, "project_time", "timeEntryId"),
        truth(&scene, "project_time", "timeEntryId")
    );
    assert_eq!(calls(&scene, "/Time"), 6, "two passes of three pages");
}

#[test]
fn projects_are_asked_once_a_day() {
    let scene = scene(|_, _| {});
    let first = scene.read(&scene.flat(), &["project_tasks"], None);
    let asked = calls(&scene, "/Tasks");
    let states = first.last_states();
    let second = scene.read(&scene.flat(), &["project_tasks"], Some(&states));
    assert_eq!(
        second.status("project_tasks"),
        "COMPLETE",
        "{:?}",
        second.errors()
    );
    assert_eq!(
        calls(&scene, "/Tasks"),
        asked,
        "nothing is asked again on the same day"
    );
    assert_eq!(asked, truth(&scene, "projects", "projectId").len());
}

#[test]
fn the_quota_limits_the_calls_and_later_syncs_go_on() {
    let scene = scene(|world, tenant| world.fill_api(tenant, "projects", 9));
    let mut config = scene.flat();
    config["max_calls_per_sync"] = json!(4);
    let mut states = None;
    let mut found = std::collections::BTreeSet::new();
    for sync in 1..=3 {
        let run = scene.read(&config, &["project_tasks"], states.as_ref());
        assert_eq!(
            run.status("project_tasks"),
            "COMPLETE",
            "{:?}",
            run.errors()
        );
        found.extend(read(&run, "project_tasks", "taskId"));
        assert_eq!(calls(&scene, "/Tasks"), (4 * sync).min(9));
        states = Some(run.last_states());
    }
    assert_eq!(found, truth(&scene, "project_tasks", "taskId"));
}
