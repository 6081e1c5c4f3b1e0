//! Several syncs at once, and the tokens of the config.

use std::collections::HashSet;

use serde_json::Value;

use crate::support::scene::{SCOPES, Scene};
use crate::support::sync_folder::SyncFolder;

/// The refresh tokens that were sent to the token endpoint.
fn spent(scene: &Scene) -> Vec<String> {
    let requests = scene.sim.requests();
    let sent = requests.iter().filter_map(|it| it.field("refresh_token"));
    sent.map(str::to_owned).collect()
}

#[test]
fn a_second_sync_into_the_same_directory_is_refused_at_once() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&["currencies"], &[]);
    let before = (folder.files(), scene.calls());
    let lock = folder.out().join(".xero-source.lock").display().to_string();
    let output = folder.started_by(&["flock", "--no-fork", &lock], &["currencies"]);
    let output = { output }
        .output()
        .expect("flock, of Debian's util-linux, is there");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("Another sync is writing to"), "{errors}");
    assert_eq!((folder.files(), scene.calls()), before);
    folder.completed(&["currencies"], &[]);
}

#[test]
fn syncs_of_one_config_into_two_directories_spend_each_refresh_token_once() {
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.delay_token_answers();
    let config = scene.flat_without_access_token();
    let folders = [(); 3].map(|()| SyncFolder::new(&scene, &config));
    let children = folders.each_ref().map(|folder| {
        let command = folder.command(&["currencies"], &[]).spawn();
        command.expect("the binary starts")
    });
    for child in children {
        let output = child.wait_with_output().expect("it was started here");
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(spent(&scene).len(), 1, "the others take over its tokens");
}

#[test]
fn each_sync_leaves_the_config_with_the_tokens_that_the_next_one_needs() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let folder = SyncFolder::new(&scene, &scene.flat_without_access_token());
    let path = scene.file("config.json", &scene.flat_without_access_token());
    for renewals in 1..=3 {
        folder.completed(&["currencies"], &[]);
        assert_eq!(spent(&scene).len(), renewals);
        let text = std::fs::read(&path).expect("the config is there");
        let mut config: Value = serde_json::from_slice(&text).expect("the config is JSON");
        config["access_token"] = Value::Null; // the next sync finds an expired token
        scene.file("config.json", &config);
    }
    let different: HashSet<_> = spent(&scene).into_iter().collect();
    assert_eq!(different.len(), 3, "a refresh token was spent twice");
}
