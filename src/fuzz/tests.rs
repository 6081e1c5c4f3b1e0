//! Runs the fuzz targets over their corpora, and over changed inputs of the corpora.
//!
//! `FUZZ_SECONDS` sets the time for all targets together. Without it each target runs a fixed number
//! of cases. The random numbers are always the same, so that a change does not fail for a mistake
//! that it did not make; `FUZZ_SEED` sets where they begin.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRunner};

use super::mutation::{Mutation, tokens};
use super::{TARGETS, Target};
use crate::cases::cases;

/// Cases of each target in an ordinary run.
const CASES: u32 = 600;

/// Largest number of changes of one input.
const MAX_CHANGES: usize = 8;

/// Largest file of a corpus, in bytes.
const MAX_FILE: u64 = 2_000;

/// Largest number of files in a corpus.
const MAX_FILES: usize = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let names = entries.map(|entry| entry.expect("the folder is readable").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Returns the inputs in the corpus of a target.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = root().join("corpus").join(name);
    let files = names(&folder).into_iter().map(|file| folder.join(file));
    files
        .map(|file| fs::read(file).expect("the file is readable"))
        .collect()
}

fn change() -> impl Strategy<Value = Mutation> {
    (any::<u8>(), any::<u32>(), any::<u32>()).prop_map(|(kind, at, with)| Mutation {
        kind,
        at,
        with,
    })
}

/// Runs a target over its corpus and over `cases` changed inputs, and again until `end`.
fn run(name: &str, target: Target, end: Option<Instant>) {
    let inputs = corpus(name);
    for input in &inputs {
        target(input);
    }
    let input = (0..inputs.len(), 0..inputs.len());
    let changes = prop::collection::vec(change(), 1..=MAX_CHANGES);
    let changed = (input, changes).prop_map(|((at, donor), changes)| {
        let start = inputs[at].clone();
        changes
            .iter()
            .fold(start, |input, change| change.apply(&input, &inputs[donor]))
    });
    let check = |input: Vec<u8>| {
        target(&input);
        Ok(())
    };
    for seed in setting("FUZZ_SEED").unwrap_or_default().. {
        let mut config = cases(CASES);
        config.rng_seed = RngSeed::Fixed(seed);
        let mut runner = TestRunner::new(config);
        if let Err(TestError::Fail(why, input)) = runner.run(&changed, check) {
            let shown = input.escape_ascii();
            panic!(
                "{name}, FUZZ_SEED={seed}: {why}\nInput, which belongs into the corpus when this is mended:\n{shown}"
            );
        }
        if end.is_none_or(|end| Instant::now() >= end) {
            return;
        }
    }
}

/// Returns the number in an environment variable.
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a whole number"))
}

/// Returns when a target ends, if `FUZZ_SECONDS` sets a time for all targets together.
fn end() -> Option<Instant> {
    let time = Duration::from_secs(setting("FUZZ_SECONDS")?);
    Some(Instant::now() + time / TARGETS.len() as u32)
}

macro_rules! targets {
    ($($name:ident)*) => {
        /// The targets that have a test.
        const TESTED: &[&str] = &[$(stringify!($name)),*];

        $(#[test]
        fn $name() {
            run(stringify!($name), super::$name, end());
        })*
    };
}

targets! {
    catalog child_rows claims compressed_body config connections consent_answer differential
    document_rows envelope error_body page rate_limit_headers reports rewriting state token_response
}

#[test]
fn every_target_has_a_program_and_a_small_corpus() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("fuzz has a manifest");
    let mut expected = BTreeSet::new();
    assert_eq!(TESTED, TARGETS.map(|(name, _)| name));
    for (name, _) in TARGETS {
        let program = fs::read_to_string(root().join(format!("fuzz_targets/{name}.rs")));
        let program = program.expect("the target has a program");
        assert!(program.contains(&format!("target!({name});")), "{program}");
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
        let folder = root().join("corpus").join(name);
        let files = names(&folder);
        assert!(
            (1..=MAX_FILES).contains(&files.len()),
            "{name} has {} files",
            files.len()
        );
        for file in files {
            let size = fs::metadata(folder.join(&file))
                .expect("the file is there")
                .len();
            assert!(size <= MAX_FILE, "{name}/{file} has {size} bytes");
        }
        expected.insert(name.to_owned());
    }
    assert_eq!(names(&root().join("corpus")), expected);
    assert_eq!(names(&root().join("fuzz_targets")).len(), expected.len());
}

#[test]
fn every_change_is_defined_and_most_keep_json_valid() {
    let inputs = corpus("page");
    let (mut valid, mut all) = (0, 0);
    for seed in 0..2_000 {
        let input = &inputs[seed as usize % inputs.len()];
        let changed = super::mutate(input, seed);
        let parts = tokens(&changed).into_iter();
        assert!(
            parts
                .flat_map(|it| changed[it].to_vec())
                .eq(changed.iter().copied())
        );
        if serde_json::from_slice::<&serde_json::value::RawValue>(input).is_ok() {
            all += 1;
            valid +=
                u32::from(serde_json::from_slice::<&serde_json::value::RawValue>(&changed).is_ok());
        }
    }
    assert!(valid * 2 > all, "{valid} of {all}");
}
