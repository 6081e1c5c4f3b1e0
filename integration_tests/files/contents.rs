//! The contents of the files of the Files API are downloaded as attachments are: whole, once, under safe
//! names, within the calls of a sync.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::{Answer, World};

use crate::support::conformance::Conformance;
use crate::support::connector::Run;
use crate::support::file_scene::{MEGABYTE, sha256};
use crate::support::scene::Scene;

const STREAM: &str = "file_contents";
const SCOPES: &str = "openid offline_access accounting.settings.read files.read";
const FILES: usize = 6;

/// An organisation with some files, and a directory for them.
struct Contents {
    scene: Scene,
    folder: TempDir,
}

impl Contents {
    fn new() -> Contents {
        let scene = Scene::with(SCOPES, |world, tenant| {
            world.unlimited();
            world.fill_api(tenant, "files", FILES);
        });
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        Contents { scene, folder }
    }

    fn config(&self) -> Value {
        let mut config = self.scene.flat();
        config["download_attachments"] = true.into();
        config["attachments_directory"] = self.folder.path().display().to_string().into();
        config
    }

    fn read(&self, config: &Value, state: Option<&Value>) -> Run {
        let run = self.scene.read(config, &[STREAM], state);
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        run
    }

    /// Gives a file other values.
    fn edit(&self, number: u64, change: impl FnOnce(&mut Value)) {
        self.scene.sim.world(|world| {
            world.edit_api_row(&self.scene.tenant, "files", number, change);
        });
    }

    /// The files as Xero has them, by their ids.
    fn there(&self) -> BTreeMap<String, Value> {
        let rows = |world: &mut World| world.api_rows(&self.scene.tenant, "files").to_vec();
        let rows = self.scene.sim.world(rows).into_iter();
        rows.map(|row| (id(&row.value), row.value)).collect()
    }

    /// The number of requests for contents so far, and for descriptions of files.
    fn calls(&self) -> (usize, usize) {
        let requests = self.scene.sim.requests();
        let paths = requests.iter().map(|it| it.path.as_str());
        let below = paths.filter(|path| path.contains("/Files/"));
        let (contents, others): (Vec<_>, Vec<_>) =
            below.partition(|path| path.ends_with("/Content"));
        (contents.len(), others.len())
    }
}

fn id(row: &Value) -> String {
    row["Id"].as_str().expect("a file has an id").to_owned()
}

/// The bytes that the simulator has for a file.
fn bytes(file: &Value) -> Vec<u8> {
    let size = file["Size"].as_u64().expect("a file has a size");
    let bytes = id(file).into_bytes().into_iter().cycle();
    bytes.take(size as usize).collect()
}

/// Asserts that a row names a file that lies in the folder with the bytes that Xero has.
fn assert_downloaded(row: &Value, file: &Value, folder: &Path) {
    let (path, bytes) = (row["FilePath"].as_str().expect("a path"), bytes(file));
    let id = id(file);
    let base = format!("{STREAM}/{id}/{id}");
    let extension = path.strip_prefix(&base).expect(path);
    assert!(
        ["", ".pdf", ".jpg", ".png", ".xlsx"].contains(&extension),
        "{path}"
    );
    let found = std::fs::read(folder.join(path)).expect("the file is where its row says");
    assert!(found == bytes, "{path} has other bytes");
    let found = (&row["FileStatus"], &row["FileSize"], &row["FileSHA256"]);
    let expected = (
        &json!("downloaded"),
        &json!(bytes.len()),
        &json!(sha256(&bytes)),
    );
    assert_eq!(found, expected);
}

#[test]
fn contents_are_downloaded_whole_under_safe_names_and_once() {
    let contents = Contents::new();
    contents.edit(2, |file| file["Name"] = "../../etc/passwd".into());
    contents.edit(3, |file| file["Size"] = 0.into());
    let discovered = contents.scene.discover(&contents.config());
    let catalog = discovered.payloads("CATALOG", "catalog").next();
    let streams = catalog.and_then(|it| it["streams"].as_array());
    let mut streams = streams.expect("streams").iter();
    let stream = streams
        .find(|it| it["name"] == STREAM)
        .expect("it is offered");
    assert_eq!(stream["is_file_based"], Value::Null);
    let conformance = Conformance::new(&stream["json_schema"]);
    let first = contents.read(&contents.config(), None);
    let there = contents.there();
    let rows = first.records(STREAM);
    assert_eq!(rows.len(), there.len());
    for row in rows {
        let file = &there[row["FileId"].as_str().expect("a file")];
        assert_downloaded(row, file, contents.folder.path());
        assert_eq!(row["Name"], file["Name"]);
        assert_eq!(conformance.faults(row), [""; 0]);
    }
    assert_eq!(contents.calls(), (FILES, FILES));
    let undocumented: Vec<_> = contents.scene.sim.requests();
    let undocumented: Vec<_> = undocumented
        .into_iter()
        .flat_map(|it| it.undocumented)
        .collect();
    assert_eq!(undocumented, [""; 0]);
    // A day later there is one file more, and an old one has left its folder.
    contents.scene.sim.world(|world| {
        world.advance(Duration::from_secs(90_000));
        let folder = |file: &mut Value| file["FolderId"] = Value::Null;
        world.edit_api_row(&contents.scene.tenant, "files", 1, folder);
        world.add_api_rows(&contents.scene.tenant, "files", 1);
    });
    let second = contents.read(&contents.config(), Some(&first.last_states()));
    assert_eq!(
        contents.calls(),
        (FILES + 1, FILES + 1),
        "the content of a file never changes"
    );
    let new = second.records(STREAM);
    assert_eq!(new.len(), 1);
    let file = contents.there()[new[0]["FileId"].as_str().expect("a file")].clone();
    assert_downloaded(new[0], &file, contents.folder.path());
    // Another first sync finds the files in their folder.
    contents.read(&contents.config(), None);
    assert_eq!(contents.calls().0, FILES + 1);
}

#[test]
fn files_that_are_too_large_gone_or_forbidden_have_a_row_that_says_so() {
    let contents = Contents::new();
    contents.edit(1, |file| file["Size"] = (2 * MEGABYTE).into());
    let ids: Vec<_> = contents.scene.sim.world(|world| {
        let rows = world.api_rows(&contents.scene.tenant, "files").iter();
        rows.map(|row| id(&row.value)).collect()
    });
    let (gone, forbidden) = (ids[1].clone(), ids[2].clone());
    contents.scene.sim.intercept(move |request, _| {
        let of = |id: &str| request.path.ends_with(&format!("/{id}/Content"));
        match () {
            () if of(&gone) => Some(Answer::not_found()),
            () if of(&forbidden) => Some(Answer::forbidden()),
            () => None,
        }
    });
    let mut config = contents.config();
    config["attachments_max_megabytes"] = 1.into();
    let run = contents.read(&config, None);
    let rows = run.records(STREAM).into_iter();
    let statuses: BTreeMap<_, _> = rows
        .map(|row| (id(row), row["FileStatus"].clone()))
        .collect();
    for (at, status) in ["too_large", "gone", "forbidden", "downloaded"]
        .iter()
        .enumerate()
    {
        assert_eq!(statuses[&ids[at]], *status);
    }
    let states = run.states(STREAM);
    let tenant = &states.last().expect("a state")["tenants"][contents.scene.tenant.as_str()];
    let failed = tenant["files"]["failed"].as_object().expect("one failed");
    assert_eq!(failed.keys().collect::<Vec<_>>(), [&ids[2]]);
}

#[test]
fn a_download_that_breaks_off_is_continued() {
    let contents = Contents::new();
    contents.edit(1, |file| file["Size"] = 200_000.into());
    contents.scene.sim.world(World::serve_ranges);
    let broken = std::sync::atomic::AtomicBool::new(false);
    contents.scene.sim.intercept(move |request, _| {
        let is_content = request.path.ends_with("/Content");
        let is_first = is_content && !broken.swap(true, std::sync::atomic::Ordering::Relaxed);
        is_first.then(|| Answer::honest().truncated(80_000))
    });
    let run = contents.read(&contents.config(), None);
    let there = contents.there();
    for row in run.records(STREAM) {
        let file = &there[row["FileId"].as_str().expect("a file")];
        assert_downloaded(row, file, contents.folder.path());
    }
    let requests = contents.scene.sim.requests();
    let ranges: Vec<_> = requests
        .iter()
        .filter_map(|it| it.range.as_deref())
        .collect();
    assert_eq!(ranges.len(), 1, "{ranges:?}");
}

#[test]
fn without_downloads_a_file_has_its_description() {
    let contents = Contents::new();
    let run = contents.read(&contents.scene.flat(), None);
    let rows = run.records(STREAM);
    assert_eq!(rows.len(), FILES);
    assert!(
        rows.iter()
            .all(|row| row["FileStatus"].is_null() && row["Size"].is_number())
    );
    assert_eq!(contents.calls(), (0, FILES));
}
