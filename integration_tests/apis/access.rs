//! The API that proves the access, and the error for a token without a scope.

use crate::apis::lists::SCOPES;
use crate::support::scene::Scene;

fn scene(scopes: &str) -> Scene {
    Scene::with(scopes, |_, _| {})
}

#[test]
fn a_token_for_one_api_alone_is_checked_with_a_list_of_that_api() {
    for (scopes, path) in [
        (SCOPES, "/api.xro/2.0/Currencies"),
        ("projects.read", "/projects.xro/2.0/ProjectsUsers"),
        ("projects", "/projects.xro/2.0/ProjectsUsers"),
        ("assets.read", "/assets.xro/1.0/AssetTypes"),
        ("files.read", "/files.xro/1.0/Inbox"),
    ] {
        let scene = scene(&format!("openid offline_access {scopes}"));
        let check = scene.check(&scene.flat());
        check.checked("SUCCEEDED");
        let requests = scene.sim.requests();
        let paths: Vec<_> = requests.iter().map(|it| it.path.as_str()).collect();
        assert!(paths.contains(&path), "{scopes}: {paths:?}");
    }
}

#[test]
fn a_token_with_a_scope_of_accounting_still_needs_the_settings() {
    let scene = scene("openid offline_access accounting.contacts.read projects.read");
    let check = scene.check(&scene.flat());
    let message = check.checked("FAILED");
    assert!(message.contains("accounting.settings.read"), "{message}");
}

#[test]
fn a_token_for_projects_reads_projects_and_names_the_scope_of_assets() {
    let scene = scene("openid offline_access projects.read");
    let run = scene.read(
        &scene.flat(),
        &["projects", "project_tasks", "assets"],
        None,
    );
    assert_eq!(run.status("projects"), "COMPLETE", "{:?}", run.errors());
    assert_eq!(
        run.status("project_tasks"),
        "COMPLETE",
        "{:?}",
        run.errors()
    );
    assert_eq!(run.status("assets"), "INCOMPLETE");
    let errors = format!("{:?}", run.errors());
    assert!(errors.contains("assets.read"), "{errors}");
}
