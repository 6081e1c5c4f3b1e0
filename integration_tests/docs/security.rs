//! The page on security is held by tests: each threat has one, and each test that it names exists. So is
//! what the image says of its licences.

use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PAGE: &str = "docs/security.md";
/// Number of threats that the page must have at least.
const FEWEST_THREATS: usize = 40;

/// The threats of the page, each with the tests of its row.
fn threats(page: &str) -> Vec<(String, Vec<String>)> {
    let table = page.split("| Threat |").nth(1).expect("the table is there");
    let rows = table.lines().skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        let [threat, _, tests] = cells[..] else {
            panic!("the row has not three cells: {line}");
        };
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned);
        (threat.trim().to_owned(), tests.collect())
    };
    rows.map(row).collect()
}

/// The files that may hold a module.
fn files(module: &[&str]) -> Vec<PathBuf> {
    let outer = match module.split_last() {
        Some((&"tests", outer)) => outer,
        _ => module,
    };
    let folders = ["src", "integration_tests"].map(|folder| Path::new(ROOT).join(folder));
    let paths = folders
        .iter()
        .flat_map(|folder| [module, outer].map(|module| folder.join(module.join("/"))));
    paths
        .flat_map(|path| [path.with_extension("rs"), path.join("mod.rs")])
        .collect()
}

/// Whether a source has a test with this name. The tests of the fuzz targets come from a macro.
fn has_test(source: &str, name: &str) -> bool {
    let (before, found) = match source.split_once(&format!("fn {name}(")) {
        Some((before, _)) => (before, true),
        None => ("", false),
    };
    let mut lines = before.rsplit('\n').skip(1).map(str::trim);
    let attributes = lines.by_ref().take_while(|line| line.starts_with("#["));
    let mut generated = source.split("\ntargets! {").skip(1);
    let is_generated = generated.any(|list| {
        let list = list.split('}').next().unwrap_or_default();
        list.split_whitespace().any(|word| word == name)
    });
    is_generated || found && attributes.into_iter().any(|it| it.ends_with("test]"))
}

fn exists(test: &str) -> bool {
    let mut path: Vec<&str> = test.split("::").collect();
    let name = path.pop().expect("a name is not empty");
    let sources = files(&path).into_iter();
    sources
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .any(|source| has_test(&source, name))
}

#[test]
fn each_threat_has_a_test_that_exists() {
    let page = std::fs::read_to_string(Path::new(ROOT).join(PAGE)).expect("the page is there");
    let threats = threats(&page);
    assert!(threats.len() >= FEWEST_THREATS, "{} threats", threats.len());
    let mut wrong = Vec::new();
    for (threat, tests) in threats {
        if tests.is_empty() {
            wrong.push(format!("{threat} has no test"));
        }
        let missing = tests.into_iter().filter(|test| !exists(test));
        wrong.extend(missing.map(|test| format!("{test} does not exist")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_test_is_found_by_its_attribute() {
    let source = "#[test]\n#[ignore]\nfn a() {}\nfn b() {}\ntargets! {\n    c d\n}\n";
    let found = ["a", "b", "c", "d", "e"].map(|name| has_test(source, name));
    assert_eq!(found, [true, false, true, true, false]);
}

/// `cargo deny` warns of an allowed licence that no crate has.
#[test]
fn the_label_of_the_image_names_every_licence_of_the_crates() {
    let read = |file| std::fs::read_to_string(Path::new(ROOT).join(file)).expect("it is there");
    let (deny, dockerfile) = (read("deny.toml"), read("Dockerfile"));
    let allowed = deny.split("\nallow = [\n").nth(1).expect("licences");
    let allowed = allowed.lines().take_while(|line| *line != "]");
    let allowed: Vec<_> = allowed.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(allowed.len() > 5, "{allowed:?}");
    let label = dockerfile.split("image.licenses=\"").nth(1);
    let label = label.and_then(|rest| rest.split('"').next());
    let label: Vec<_> = label.expect("the label").split(" AND ").collect();
    for licence in allowed {
        // Every crate with MIT-0 may be taken under another licence.
        assert!(licence == "MIT-0" || label.contains(&licence), "{licence}");
    }
}
