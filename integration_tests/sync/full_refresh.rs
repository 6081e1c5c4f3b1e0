//! Streams that are read in full keep their old files until the new ones are complete.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use xero_sim::{Answer, Entity};

use crate::support::scene::{SCOPES, Scene};
use crate::support::sync_folder::SyncFolder;

/// A list with a cursor and a list without one.
const STREAMS: [&str; 2] = ["payments", "repeating_invoices"];
const KEY: &[&str] = &["PaymentID"];

fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, 2_500);
        world.fill(tenant, Entity::RepeatingInvoices, 20);
        world.unlimited();
    })
}

#[test]
fn a_full_refresh_replaces_the_files_and_the_next_sync_goes_on_from_it() {
    let scene = scene();
    let folder = SyncFolder::new(&scene, &scene.flat());
    folder.completed(&STREAMS, &[]);
    let before = folder.files();
    scene
        .sim
        .world(|world| world.touch(&scene.tenant, Entity::Payments, 7));
    folder.completed(&STREAMS, &["--full-refresh"]);
    let after = folder.files();
    let shared: Vec<_> = before.intersection(&after).collect();
    assert_eq!(shared, [".xero-source.lock", "manifest.json", "state.json"]);
    assert_eq!(folder.newest("payments", KEY).len(), 2_500);
    assert_eq!(
        folder.manifest()["streams"]["payments"]["mode"],
        "overwrite"
    );
    let before = scene.calls().len();
    folder.completed(&["payments"], &[]);
    let calls = &scene.calls()[before..];
    assert!(calls.len() < 4, "{calls:?}");
    folder.has_no_other_files();
}

#[test]
fn a_full_refresh_that_fails_or_is_killed_leaves_the_old_files() {
    for is_killed in [false, true] {
        let scene = scene();
        let folder = SyncFolder::new(&scene, &scene.flat());
        folder.completed(&STREAMS, &[]);
        let (before, rows) = (folder.files(), folder.newest("payments", KEY));
        let (reached, reaching) = mpsc::channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let mut pages = 0;
        scene.sim.intercept(move |request, _| {
            pages += usize::from(request.path.ends_with("/Payments"));
            let is_hit = pages > 1 || request.path.ends_with("/RepeatingInvoices");
            (is_hit && !over.load(Ordering::SeqCst)).then(|| {
                let _ = reached.send(());
                match is_killed {
                    true => Answer::silent(),
                    false => Answer::not_permitted(),
                }
            })
        });
        let mut child = folder
            .command(&STREAMS, &["--full-refresh"])
            .env_remove("XERO_SOURCE_TIMEOUT_CAP_MS")
            .spawn()
            .expect("the binary starts");
        if is_killed {
            reaching.recv().expect("a later page is requested");
            child.kill().expect("the child was started here");
        }
        let output = child.wait_with_output().expect("it was started here");
        let expected = (!is_killed).then_some(1);
        assert_eq!(output.status.code(), expected, "{output:?}");
        assert_eq!(folder.newest("payments", KEY), rows);
        let files = folder.files();
        assert!(before.is_subset(&files), "{files:?}");
        assert!(is_killed || before == files, "{files:?}");
        let manifest = folder.manifest();
        assert_eq!(manifest["streams"]["payments"]["complete"], is_killed);
        assert_eq!(manifest["streams"]["payments"]["rows"], 2_500);
        is_over.store(true, Ordering::SeqCst);
        folder.completed(&STREAMS, &["--full-refresh"]);
        assert_eq!(folder.newest("payments", KEY), rows);
        folder.has_no_other_files();
    }
}
