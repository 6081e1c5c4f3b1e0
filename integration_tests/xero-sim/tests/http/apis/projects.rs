//! Projects, their users, tasks and time.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{call, field, fixture, json, truth, undocumented};
use crate::client::Fixture;

const PROJECTS: &str = "/projects.xro/2.0";

/// The path of a child list of the project of a number.
fn below(fixture: &Fixture, number: usize, list: &str) -> String {
    let ids = truth(fixture, "projects", "projectId");
    let id = ids[number - 1].as_str().expect("an id");
    format!("{PROJECTS}/Projects/{id}/{list}")
}

#[test]
fn pages_have_fifty_rows_or_as_many_as_asked_for() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "projects", 120));
    let mut found = Vec::new();
    for (page, count) in [(1, 50), (2, 50), (3, 20), (4, 0)] {
        let body = json(&fixture, &format!("{PROJECTS}/Projects?page={page}"));
        let ids = field(&body["items"], "projectId");
        assert_eq!(ids.len(), count, "page {page}");
        assert_eq!(body["pagination"]["itemCount"], 120);
        assert_eq!(body["pagination"]["pageCount"], 3);
        found.extend(ids);
    }
    assert_eq!(found, truth(&fixture, "projects", "projectId"));
    let whole = json(&fixture, &format!("{PROJECTS}/Projects?pageSize=500"));
    assert_eq!(field(&whole["items"], "projectId"), found);
    assert_eq!(undocumented(&fixture), Vec::<String>::new());

    for (query, name) in [("pageSize=501", "pageSize"), ("page=-1", "page")] {
        let answer = call(&fixture, &format!("{PROJECTS}/Projects?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["modelState"][name][0].is_string(), "{query}");
    }
    let found = ["pageSize=501 is too large", "page=-1 is malformed"];
    assert_eq!(undocumented(&fixture), found);
}

#[test]
fn projects_are_filtered() {
    let fixture = fixture(|_, _| {});
    let list =
        |query: &str| json(&fixture, &format!("{PROJECTS}/Projects?{query}"))["items"].clone();
    assert_eq!(list("").as_array().map(Vec::len), Some(5));
    assert_eq!(field(&list("states=CLOSED"), "status"), ["CLOSED"]);
    let both = list("states=INPROGRESS,CLOSED");
    assert_eq!(both, list(""));
    let first = list("")[0].clone();
    let id = |name: &str| first[name].as_str().expect("an id").to_owned();
    assert_eq!(
        list(&format!("projectIds={}", id("projectId"))),
        Value::from(vec![first.clone()])
    );
    let contact = id("contactId");
    let of_contact = list(&format!("contactID={contact}"));
    assert!(!field(&of_contact, "contactId").is_empty());
    assert!(
        field(&of_contact, "contactId")
            .iter()
            .all(|it| it == &contact)
    );
}

#[test]
fn tasks_and_time_belong_to_their_project() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "project_time", 200));
    let mut times = 0;
    for number in 1..=5 {
        let tasks = json(&fixture, &below(&fixture, number, "Tasks"))["items"].clone();
        assert_eq!(tasks.as_array().map(Vec::len), Some(3));
        let task_ids = field(&tasks, "taskId");
        let time = json(&fixture, &below(&fixture, number, "Time?pageSize=500"));
        let entries = &time["items"];
        assert!(
            field(entries, "taskId")
                .iter()
                .all(|id| task_ids.contains(id))
        );
        times += field(entries, "timeEntryId").len();
        let first = number == 1;
        assert_eq!(
            time["pagination"]["itemCount"] == 100,
            first,
            "project {number}"
        );

        let duration = |entries: &Value| -> u64 {
            field(entries, "duration")
                .iter()
                .filter_map(Value::as_u64)
                .sum()
        };
        let project = json(&fixture, below(&fixture, number, "").trim_end_matches('/'));
        assert_eq!(project["minutesLogged"], duration(entries));
        let of_tasks = field(&tasks, "totalMinutes");
        let of_tasks: u64 = of_tasks.iter().filter_map(Value::as_u64).sum();
        assert_eq!(of_tasks, duration(entries));
    }
    assert_eq!(times, 200);
    let pages = json(&fixture, &below(&fixture, 1, "Time?page=2"));
    assert_eq!(pages["items"].as_array().map(Vec::len), Some(50));
}

#[test]
fn time_is_filtered() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "project_time", 100));
    let list = |query: &str| {
        let path = below(&fixture, 1, &format!("Time?pageSize=500&{query}"));
        json(&fixture, &path)["items"].clone()
    };
    let all = list("");
    let moments = field(&all, "dateUtc");
    let middle = moments[20].as_str().expect("a moment");
    assert_eq!(
        field(&list(&format!("dateAfterUtc={middle}")), "dateUtc"),
        moments[20..]
    );
    assert_eq!(
        field(&list(&format!("dateBeforeUtc={middle}")), "dateUtc"),
        moments[..=20]
    );
    let locked = list("states=LOCKED");
    let count = field(&all, "status")
        .iter()
        .filter(|it| *it == "LOCKED")
        .count();
    assert!(count > 0);
    assert_eq!(field(&locked, "status").len(), count);

    let free = json(
        &fixture,
        &below(&fixture, 1, "Tasks?chargeType=NON_CHARGEABLE"),
    );
    let free = field(&free["items"], "taskId");
    assert_eq!(free.len(), 1);
    let uncharged = field(&list("isChargeable=false"), "taskId");
    assert!(!uncharged.is_empty() && uncharged.iter().all(|id| id == &free[0]));
    let task = free[0].as_str().expect("an id");
    assert_eq!(field(&list(&format!("taskId={task}")), "taskId"), uncharged);
}

#[test]
fn dates_and_people_are_as_xero_has_them() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "project_time", 100));
    let time = json(&fixture, &below(&fixture, 1, "Time?pageSize=500"))["items"].clone();
    let plain = field(&time, "dateUtc")[0]
        .as_str()
        .expect("text")
        .to_owned();
    assert_eq!(plain.len(), "2020-02-27T15:00:00Z".len());
    let entered = field(&time, "dateEnteredUtc")[0]
        .as_str()
        .expect("text")
        .to_owned();
    assert_eq!(entered.len(), "2020-02-28T03:24:29.2215641Z".len());
    let users = json(&fixture, &format!("{PROJECTS}/ProjectsUsers"));
    assert_eq!(users["pagination"]["itemCount"], 4);
    let text = |id: &Value| id.to_string();
    let users: BTreeSet<_> = field(&users["items"], "userId").iter().map(text).collect();
    let workers: BTreeSet<_> = field(&time, "userId").iter().map(text).collect();
    assert!(workers.difference(&users).count() == 2, "two have left");
    assert!(!workers.is_disjoint(&users));
    let projects = json(&fixture, &format!("{PROJECTS}/Projects"))["items"].clone();
    let deadlines = field(&projects, "deadlineUtc");
    let missing = deadlines.iter().filter(|it| it.is_null()).count();
    assert_eq!(missing, 1, "a project without a deadline");
}

#[test]
fn a_project_that_is_gone_has_no_lists() {
    let fixture = fixture(|_, _| {});
    let path = below(&fixture, 2, "Tasks");
    assert_eq!(call(&fixture, &path).status, 200);
    fixture
        .sim
        .world(|world| world.remove_api_row(&fixture.demo, "projects", 2));
    let answer = call(&fixture, &path);
    assert_eq!(answer.status, 404);
    assert!(answer.json()["message"].is_string());
    let list = json(&fixture, &format!("{PROJECTS}/Projects"));
    assert_eq!(list["pagination"]["itemCount"], 4);
}

#[test]
fn a_new_project_has_tasks_and_no_time() {
    let fixture = fixture(|_, _| {});
    let before = json(&fixture, &below(&fixture, 1, "Tasks"));
    fixture
        .sim
        .world(|world| world.add_api_rows(&fixture.demo, "projects", 1));
    let tasks = json(&fixture, &below(&fixture, 6, "Tasks"));
    assert_eq!(tasks["pagination"]["itemCount"], 3);
    let time = json(&fixture, &below(&fixture, 6, "Time"));
    assert_eq!(time["pagination"]["itemCount"], 0);
    fixture.sim.world(|world| {
        world.add_api_rows_below(&fixture.demo, "project_time", 6, 2);
    });
    let time = json(&fixture, &below(&fixture, 6, "Time"));
    assert_eq!(time["pagination"]["itemCount"], 2);
    assert_eq!(json(&fixture, &below(&fixture, 1, "Tasks")), before);
}
