//! `kill -9` during a download: the next sync resumes and does not download complete files again.

use std::time::Duration;

use crate::documents::kills::killed;
use crate::support::file_scene::{FileScene, pdf};

const DOCUMENTS: usize = 60;
/// Files of one document, which may all be under way when it is killed.
const FILES: usize = 2;

#[test]
fn a_download_resumes_after_a_kill() {
    let files = vec![pdf(40_000); FILES];
    let file_scene = FileScene::new(&vec![files; DOCUMENTS]);
    let latency = Duration::from_millis(3);
    file_scene.scene.sim.world(|world| world.latency(latency));
    let config = file_scene.config();
    let (mut state, mut kills) = (None, 0);
    loop {
        let what = (&config, "attachments");
        let (last, is_over) = killed(&file_scene.scene, what, state.as_ref(), 9);
        state = last.or(state);
        // A sync that may make 100 calls leaves some documents to the next one.
        if is_over && file_scene.found().len() == DOCUMENTS * FILES {
            break;
        }
        kills += usize::from(!is_over);
        assert!(kills < DOCUMENTS, "it never comes to an end");
    }
    assert!(kills >= 3, "it was killed {kills} times");
    for number in 1..=DOCUMENTS as u64 {
        for file in file_scene.files(number) {
            let is_it = |(path, bytes): (&String, &Vec<u8>)| {
                path.contains(&file.id()) && *bytes == file.bytes()
            };
            assert!(file_scene.found().iter().any(is_it), "{}", file.id());
        }
    }
    let calls: usize = file_scene.asked().values().sum();
    let most = DOCUMENTS * FILES + kills * FILES;
    assert!(calls <= most, "{calls} downloads after {kills} kills");
}
