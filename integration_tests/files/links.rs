//! Symbolic links, pipes and files of other users in the directory for files do not redirect or block the
//! connector, and do not count as downloaded.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use xero_sim::{Answer, Entity};

use crate::files::downloads::read_staged;
use crate::support::connector::{self, Run, read_arguments};
use crate::support::file_scene::{FileScene, pdf, sha256, skipped, statuses};
use crate::support::scene::catalog;

const LENGTH: u64 = 1_000;

/// One invoice with one file, and where that file goes.
struct Target {
    file_scene: FileScene,
    /// The folder of the invoice's files.
    folder: PathBuf,
    /// The file in its place.
    file: PathBuf,
    /// Somewhere else, with a file of the same length in it.
    elsewhere: tempfile::TempDir,
}

impl Target {
    fn new() -> Target {
        let file_scene = FileScene::new(&[vec![pdf(LENGTH)]]);
        let invoice = file_scene.scene.ids(Entity::Invoices).remove(0);
        let folder = file_scene.path().join("attachments").join(invoice);
        let elsewhere = tempfile::tempdir().expect("there is room for temporary files");
        let victim = "x".repeat(LENGTH as usize);
        fs::write(elsewhere.path().join("victim"), victim).expect("it is writable");
        Target {
            file: folder.join(format!("{}.pdf", file_scene.files(1)[0].id())),
            folder,
            file_scene,
            elsewhere,
        }
    }

    /// The same, its folder made.
    fn with_folder() -> Target {
        let target = Target::new();
        fs::create_dir_all(&target.folder).expect("it is writable");
        target
    }

    fn victim(&self) -> PathBuf {
        self.elsewhere.path().join("victim")
    }

    /// Where earlier versions kept the file before it was whole.
    fn part(&self) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".part");
        name.into()
    }

    /// Reads, for 30 s at most.
    fn read(&self) -> Run {
        let config = self
            .file_scene
            .scene
            .file("config.json", &self.file_scene.config());
        let catalog = self
            .file_scene
            .scene
            .file("catalog.json", &catalog(&["attachments"]));
        let connector = connector::command(&read_arguments(&config, &catalog));
        let variables = connector.get_envs();
        let mut command = Command::new("timeout");
        command
            .args(["--signal=KILL", "30"])
            .arg(connector.get_program())
            .args(connector.get_args())
            .envs(variables.filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::null());
        Run::of(command.output().expect("timeout starts"))
    }

    /// Reads; the file must come from Xero into its place, and nothing may go elsewhere.
    fn is_downloaded(&self, name: &str) {
        let run = self.read();
        assert_eq!(run.code, Some(0), "{name}: {:?}", run.errors());
        let asked: usize = self.file_scene.asked().values().sum();
        assert_eq!(asked, 1, "{name}: it counted as downloaded");
        let content = self.file_scene.files(1)[0].bytes();
        let found = fs::symlink_metadata(&self.file).expect("the file is there");
        assert!(found.is_file(), "{name}");
        assert_eq!(
            fs::read(&self.file).expect("it can be read"),
            content,
            "{name}"
        );
        assert_eq!(
            run.column("attachments", "FileSHA256"),
            [sha256(&content)],
            "{name}"
        );
        self.is_left_alone();
    }

    fn is_left_alone(&self) {
        let victim = fs::read(self.victim()).expect("the victim is there");
        assert!(victim == "x".repeat(LENGTH as usize).as_bytes());
        let others = fs::read_dir(self.elsewhere.path()).expect("it can be listed");
        assert_eq!(others.count(), 1, "something was written elsewhere");
    }
}

fn mode(path: &Path) -> u32 {
    let found = fs::metadata(path).expect("it is there");
    found.permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_link_in_the_place_of_a_file_is_replaced_and_not_followed() {
    let target = Target::with_folder();
    symlink(target.victim(), &target.file).expect("a link can be made");
    target.is_downloaded("the file");

    let target = Target::with_folder();
    symlink(target.victim(), target.part()).expect("a link can be made");
    target.is_downloaded("its part");
    assert!(!target.part().exists());
}

#[test]
fn a_link_in_the_place_of_a_folder_is_an_error_that_says_so() {
    let target = Target::with_folder();
    fs::remove_dir(&target.folder).expect("it is ours");
    symlink(target.elsewhere.path(), &target.folder).expect("a link can be made");
    let run = target.read();
    assert_eq!(statuses(&run).into_values().collect::<Vec<_>>(), ["failed"]);
    let said = skipped(&run);
    assert!(said[0].contains("links are not followed"), "{said:?}");
    target.is_left_alone();

    let target = Target::new();
    let stream = target.file_scene.path().join("attachments");
    symlink(target.elsewhere.path(), stream).expect("a link can be made");
    let run = target.read();
    let (kind, stream, words) = run.errors()[0];
    assert_eq!((kind, stream), ("config_error", "attachments"));
    assert!(words.contains("links are not followed"), "{words}");
    target.is_left_alone();
}

#[test]
fn the_directory_itself_may_be_a_symbolic_link() {
    let target = Target::new();
    let link = target.elsewhere.path().join("link");
    symlink(target.file_scene.path(), &link).expect("a link can be made");
    let mut config = target.file_scene.config();
    config["attachments_directory"] = link.display().to_string().into();
    let run = target.file_scene.read(&config, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert!(target.file.exists());
}

#[test]
fn a_file_that_others_may_have_planted_does_not_count() {
    for (name, file, folder, stream) in [
        ("a file that others can write", 0o666, 0o755, 0o755),
        ("a file that the group can write", 0o664, 0o755, 0o755),
        ("a folder that others can write", 0o644, 0o777, 0o755),
        (
            "a folder above it that others can write",
            0o644,
            0o755,
            0o777,
        ),
    ] {
        let target = Target::with_folder();
        fs::write(&target.file, "x".repeat(LENGTH as usize)).expect("it is writable");
        set_mode(&target.file, file);
        set_mode(&target.folder, folder);
        set_mode(&target.file_scene.path().join("attachments"), stream);
        target.is_downloaded(name);
        assert_eq!(mode(&target.file), 0o600, "{name}");
    }
}

#[test]
fn a_pipe_in_the_place_of_a_file_does_not_block_the_read() {
    for is_part in [false, true] {
        let target = Target::with_folder();
        let pipe = match is_part {
            true => target.part(),
            false => target.file.clone(),
        };
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo starts").success());
        target.is_downloaded(if is_part { "its part" } else { "the file" });
    }
}

#[test]
fn files_are_private_except_where_airbyte_copies_them() {
    let target = Target::new();
    target.is_downloaded("a new directory");
    let stream = target.file_scene.path().join("attachments");
    let modes = [&stream, &target.folder, &target.file].map(|path| mode(path));
    assert_eq!(modes, [0o700, 0o700, 0o600]);

    // The destination may run as another user.
    let target = Target::new();
    let run = read_staged(
        &target.file_scene,
        Some(true),
        &target.file_scene.path().display().to_string(),
    );
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let stream = target.file_scene.path().join("attachments");
    let modes = [&stream, &target.folder, &target.file].map(|path| mode(path));
    assert_eq!(modes, [0o755, 0o755, 0o644]);
}

#[test]
fn an_id_that_is_spelt_in_several_ways_is_one_file() {
    let target = Target::new();
    let id = target.file_scene.files(1)[0].id();
    let spelt = [id.clone(), id.to_uppercase(), format!("{{{id}}}")];
    let files = spelt.map(|id| json!({"AttachmentID": id, "FileName": "scan.pdf", "MimeType": "application/pdf", "ContentLength": LENGTH}));
    let body = json!({"Attachments": files}).to_string();
    target.file_scene.scene.sim.intercept(move |request, _| {
        let is_list = request.path.ends_with("/Attachments");
        // The simulator knows its ids in lower case only.
        let is_file = request.path.contains("/Attachments/");
        let content = || Answer::text(200, "y".repeat(LENGTH as usize));
        let list = is_list.then(|| Answer::json(200, body.clone()));
        list.or_else(|| is_file.then(content))
    });
    let run = target.read();
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(run.records("attachments").len(), 1);
    assert_eq!(target.file_scene.asked().values().sum::<usize>(), 1);
    assert_eq!(target.file_scene.found().len(), 1);
}
