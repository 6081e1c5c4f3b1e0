//! The lists of Assets, Projects and Files are read whole, also while they change.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use xero_sim::{Request, TenantId, World};

use crate::support::connector::Run;
use crate::support::scene::Scene;

pub(crate) const SCOPES: &str =
    "openid offline_access accounting.settings.read assets.read projects.read files.read";

/// The lists, with the field that is unique in each.
const LISTS: [(&str, &str); 7] = [
    ("assets", "assetId"),
    ("asset_types", "assetTypeId"),
    ("projects", "projectId"),
    ("project_users", "userId"),
    ("files", "Id"),
    ("file_folders", "Id"),
    ("file_inbox", "Id"),
];

pub(crate) fn scene(fill: impl FnOnce(&mut World, &TenantId)) -> Scene {
    Scene::with(SCOPES, fill)
}

/// The values of a field of all rows that the organisation has.
pub(crate) fn truth(scene: &Scene, table: &str, field: &str) -> BTreeSet<String> {
    scene.sim.world(|world| {
        let rows = world.api_rows(&scene.tenant, table).iter();
        rows.map(|row| text(&row.value, field)).collect()
    })
}

/// The values of a field of the rows that a run has read.
pub(crate) fn read(run: &Run, stream: &str, field: &str) -> BTreeSet<String> {
    let rows = run.records(stream).into_iter();
    rows.map(|row| text(row, field)).collect()
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().expect(field).to_owned()
}

/// What Xero's descriptions do not have of the requests so far.
pub(crate) fn undocumented(scene: &Scene) -> Vec<String> {
    let requests = scene.sim.requests().into_iter();
    requests.flat_map(|request| request.undocumented).collect()
}

fn calls(scene: &Scene, end: &str) -> usize {
    let requests = scene.sim.requests();
    requests.iter().filter(|it| it.path.ends_with(end)).count()
}

#[test]
fn every_row_is_read_once_and_every_request_is_documented() {
    for rows in [0, 7, 600] {
        let scene = scene(|world, tenant| {
            for (table, _) in [LISTS[0], LISTS[2], LISTS[4]] {
                world.fill_api(tenant, table, rows);
            }
        });
        let streams: Vec<_> = LISTS.iter().map(|(stream, _)| *stream).collect();
        let run = scene.read(&scene.flat(), &streams, None);
        for (stream, id) in LISTS {
            assert_eq!(run.status(stream), "COMPLETE", "{:?}", run.errors());
            let found = read(&run, stream, id);
            assert_eq!(found.len(), run.records(stream).len(), "{stream}");
            let expected = truth(&scene, stream, id);
            // The inbox is one of the folders.
            let is_whole = match stream {
                "file_inbox" => found.len() == 1,
                _ => found == expected,
            };
            assert!(is_whole, "{stream}: {} of {}", found.len(), expected.len());
        }
        assert_eq!(undocumented(&scene), [""; 0]);
        if rows < 100 {
            assert_eq!(calls(&scene, "/Assets"), 6, "two passes of three statuses");
            assert_eq!(
                calls(&scene, "/Projects"),
                1,
                "its count proves the only page"
            );
        }
    }
}

#[test]
fn settings_are_one_row_of_the_organisation() {
    let scene = scene(|_, _| {});
    let run = scene.read(&scene.flat(), &["asset_settings"], None);
    let rows = run.records("asset_settings");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["TenantID"], json!(scene.tenant.as_str()));
    assert!(rows[0]["assetNumberPrefix"].is_string(), "{}", rows[0]);
}

#[test]
fn dates_are_calendar_dates_or_instants() {
    let scene = scene(|_, _| {});
    let run = scene.read(&scene.flat(), &["assets", "projects", "files"], None);
    let is_date = |value: &Value| value.as_str().is_none_or(|it| it.len() == 10);
    let is_instant = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.len() == "2020-12-03T19:04:58.697Z".len() && text.ends_with('Z')
    };
    let assets = run.records("assets");
    assert!(assets.iter().any(|it| it["purchaseDate"].is_string()));
    assert!(
        assets.iter().all(|it| is_date(&it["purchaseDate"])),
        "{assets:?}"
    );
    let projects = run.records("projects");
    let deadlines: Vec<_> = projects.iter().map(|it| &it["deadlineUtc"]).collect();
    assert!(deadlines.iter().any(|it| it.is_string()), "{deadlines:?}");
    assert!(
        deadlines.iter().all(|it| it.is_null() || is_instant(it)),
        "{deadlines:?}"
    );
    let files = run.records("files");
    assert!(
        !files.is_empty() && files.iter().all(|it| is_instant(&it["UpdatedDateUtc"])),
        "{files:?}"
    );
}

/// Changes the list before each of its first answers, and reads it.
fn read_while(
    scene: &Scene,
    stream: &str,
    path: &'static str,
    mut change: impl FnMut(&mut World, &TenantId, usize) + Send + 'static,
) -> Run {
    let tenant = scene.tenant.clone();
    let mut answers = 0;
    scene.sim.intercept(move |request: &Request, world| {
        if request.path.ends_with(path) {
            answers += 1;
            if answers <= 5 {
                change(world, &tenant, answers);
            }
        }
        None
    });
    scene.read(&scene.flat(), &[stream], None)
}

#[test]
fn no_project_is_missed_when_others_are_deleted_while_the_list_is_read() {
    let scene = scene(|world, tenant| world.fill_api(tenant, "projects", 620));
    let run = read_while(&scene, "projects", "/Projects", |world, tenant, _| {
        let oldest = world.api_rows(tenant, "projects")[0].number;
        world.remove_api_row(tenant, "projects", oldest);
    });
    assert_eq!(run.status("projects"), "COMPLETE", "{:?}", run.errors());
    let (found, there) = (
        read(&run, "projects", "projectId"),
        truth(&scene, "projects", "projectId"),
    );
    assert_eq!(there.difference(&found).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn no_asset_is_missed_when_it_moves_to_a_status_already_read() {
    let scene = scene(|world, tenant| world.fill_api(tenant, "assets", 30));
    let run = read_while(&scene, "assets", "/Assets", |world, tenant, answers| {
        // After the drafts are read, a registered asset becomes a draft again.
        if answers == 2 {
            let rows = world.api_rows(tenant, "assets");
            let registered = rows
                .iter()
                .find(|row| row.value["assetStatus"] == "Registered");
            let number = registered.expect("one is registered").number;
            world.edit_api_row(tenant, "assets", number, |row| {
                row["assetStatus"] = json!("Draft")
            });
        }
    });
    assert_eq!(run.status("assets"), "COMPLETE", "{:?}", run.errors());
    assert_eq!(
        read(&run, "assets", "assetId"),
        truth(&scene, "assets", "assetId")
    );
}
