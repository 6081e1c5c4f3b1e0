//! The documents are correct: links have targets, and every setting and every message is explained.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::{App, Entity};

use crate::support::connector::{BINARY, hasty};
use crate::support::scene::Scene;
use crate::support::streams;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MOST_LINES_OF_README: usize = 200;

fn text(path: impl AsRef<Path>) -> String {
    let path = Path::new(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut found: Vec<PathBuf> = paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path, extension),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    found.sort();
    found
}

/// The pages for people, by their path from the root.
fn pages() -> Vec<String> {
    let root = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let docs = files(&Path::new(ROOT).join("docs"), "md").into_iter();
    let docs = docs.map(|path| {
        let name = path.file_name().expect("a file has a name");
        format!("docs/{}", name.to_string_lossy())
    });
    root.map(str::to_owned).into_iter().chain(docs).collect()
}

/// The text outside of fenced blocks.
fn prose(page: &str) -> String {
    let parts = page.split("```").step_by(2);
    parts.collect::<Vec<_>>().join("")
}

/// The anchors that a page's headings make, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// The targets of a page's links.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let targets = prose.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

#[test]
fn every_link_between_pages_leads_to_a_heading_or_a_file() {
    let mut seen = 0;
    for name in pages() {
        let page = text(&name);
        let folder = Path::new(&name).parent().expect("a page has a folder");
        for link in links(&page) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => PathBuf::from(&name),
                file => folder.join(file),
            };
            assert!(
                Path::new(ROOT).join(&target).exists(),
                "{name} links to {link}"
            );
            if !anchor.is_empty() {
                let there = anchors(&text(&target));
                assert!(there.contains(anchor), "{name} links to {link}");
            }
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} links were found");
}

#[test]
fn every_page_of_docs_is_linked_from_the_readme() {
    let linked = links(&text("README.md"));
    for page in pages().iter().filter(|page| page.starts_with("docs/")) {
        let found = linked.iter().any(|link| link.starts_with(page.as_str()));
        assert!(found, "README.md does not link to {page}");
    }
}

/// With `UPDATE_DOCS=1` this test writes the numbers into the README.
#[test]
fn the_readme_counts_the_streams_of_each_group() {
    let before = text("README.md");
    let mut after = before.clone();
    for (group, anchor, streams) in [
        ("Lists", "lists", streams::lists()),
        ("Child rows", "child-rows", streams::children()),
        (
            "Per-document streams",
            "per-document-streams",
            streams::per_document(),
        ),
        ("Reports", "reports", streams::reports()),
    ] {
        let start = format!("| [{group}](docs/streams.md#{anchor}) | ");
        let (head, rest) = after.split_once(&start).expect(&start);
        let (_, tail) = rest.split_once(" |").expect(&start);
        after = format!("{head}{start}{} |{tail}", streams.len());
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(ROOT).join("README.md"), &after).expect("README.md is writable");
        return;
    }
    assert!(
        before == after,
        "README.md has stale numbers of streams: set UPDATE_DOCS=1 and run this test"
    );
}

/// The fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect()
}

const CUSTOM_ID: &str = "CUSTOMID01";
const CUSTOM_SECRET: &str = "cust0m-s3cret!";

/// A scene with a web app and a Custom Connection.
fn scene() -> Scene {
    let scene = Scene::new();
    let tenant = scene.tenant.clone();
    let custom = App::custom_connection(CUSTOM_ID, CUSTOM_SECRET, &tenant);
    scene.sim.world(|world| {
        world.unlimited();
        world.add_app(custom);
    });
    scene
}

/// A config of the documents with the simulator's values in the places of `...`.
fn filled(scene: &Scene, block: &str) -> Value {
    let mut config: Value = serde_json::from_str(block).expect("a config is JSON");
    let web = scene.flat();
    let nested = config.get("credentials").is_some();
    let object = match nested {
        true => &mut config["credentials"],
        false => &mut config,
    };
    let is_custom = object.get("refresh_token").is_none();
    for (key, value) in object.as_object_mut().expect("a config is an object") {
        match key.as_str() {
            "client_id" if is_custom => *value = json!(CUSTOM_ID),
            "client_secret" if is_custom => *value = json!(CUSTOM_SECRET),
            key if value == "..." => *value = web[key].clone(),
            _ => {}
        }
    }
    if config.get("tenant_id").is_some() {
        config["tenant_id"] = web["tenant_id"].clone();
    }
    config["api_url"] = web["api_url"].clone();
    config["identity_url"] = web["identity_url"].clone();
    config
}

#[test]
fn every_config_of_the_documents_passes_the_check() {
    let configs = blocks(&text("docs/configuration.md"), "json");
    assert_eq!(configs.len(), 2);
    for config in configs {
        let scene = scene();
        let run = scene.check(&filled(&scene, &config));
        run.checked("SUCCEEDED");
        let spent = "this check exchanged the refresh token";
        let warnings = run.logs("WARN").into_iter();
        let others: Vec<_> = warnings.filter(|log| !log.starts_with(spent)).collect();
        assert!(others.is_empty(), "{config}: {others:?}");
    }
}

/// Runs a block of a page as a shell would, in a folder with the program and this config, and
/// returns the folder.
fn run_block(block: &str, config: &Value, catalog: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("target/release")).expect("the folder is new");
    symlink(BINARY, path("target/release/xero-source")).expect("the folder is new");
    fs::write(path("config.json"), config.to_string()).expect("the folder is writable");
    if let Some(catalog) = catalog {
        fs::write(path("catalog.json"), catalog).expect("the folder is writable");
    }
    // The program is built and on the path, the config is that of a login, and only a person has a
    // browser and DuckDB.
    let others = ["cargo build", "alias ", "xero-source login", "duckdb "];
    let lines = block
        .lines()
        .filter(|line| !others.iter().any(|other| line.starts_with(other)));
    let script = format!("set -e\n{}\n", lines.collect::<Vec<_>>().join("\n"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder.path());
    let others = std::env::var("PATH").unwrap_or_default();
    let program = path("target/release").display().to_string();
    command.env("PATH", format!("{program}:{others}"));
    let output = hasty(&mut command).output().expect("there is a shell");
    assert!(output.status.success(), "{block}\n{output:?}");
    folder
}

/// The only block of a page that holds this text.
fn block_with(page: &str, words: &str) -> String {
    let blocks = blocks(&text(page), "sh");
    let mut found = blocks.into_iter().filter(|block| block.contains(words));
    let block = found.next().expect("there is such a block");
    assert_eq!(found.next(), None, "{page} has two of them");
    block
}

#[test]
fn the_first_sync_of_the_readme_brings_invoices() {
    let scene = scene();
    let block = block_with("README.md", "xero-source sync");
    let folder = run_block(&block, &scene.flat(), None);
    let files = fs::read_dir(folder.path().join("xero/invoices"));
    let files = files.expect("the sync has left a folder");
    let rows = files.map(|file| {
        let path = file.expect("the folder can be read").path();
        let text = fs::read_to_string(path).expect("the file is text");
        text.lines().count()
    });
    assert_eq!(rows.sum::<usize>(), scene.ids(Entity::Invoices).len());
}

#[test]
fn the_verbs_for_platforms_run_as_the_readme_has_them() {
    let scene = scene();
    let block = block_with("README.md", "xero-source check");
    let folder = run_block(&block, &scene.flat(), None);
    let messages = fs::read_to_string(folder.path().join("messages.jsonl"));
    let messages = messages.expect("the read has left its messages");
    let rows = messages
        .matches("\"stream\":\"invoices\",\"emitted_at\"")
        .count();
    assert_eq!(rows, scene.ids(Entity::Invoices).len());
}

#[test]
fn the_four_verbs_run_as_the_page_for_shells_has_them() {
    let scene = scene();
    let page = "docs/other-clients.md";
    let text = text(page);
    let smallest = text
        .split('`')
        .find(|code| code.starts_with("{\"streams\""));
    let catalog = smallest.expect("the page has the smallest catalog");
    let block = block_with(page, "xero-source discover");
    let folder = run_block(&block, &scene.flat(), Some(catalog));
    let messages = fs::read_to_string(folder.path().join("messages.jsonl"));
    let messages = messages.expect("the read has left its messages");
    assert!(messages.contains("\"stream\":\"invoices\""), "{messages}");
}

/// Reduces white space to single spaces.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_row_that_contributors_are_shown_is_one_of_the_table() {
    let rows = blocks(&text("CONTRIBUTING.md"), "text");
    let row = rows.first().expect("there is an example");
    let table = squeezed(&text("src/streams/lists.rs"));
    assert!(
        table.contains(&squeezed(row)),
        "no row of the table is {row}"
    );
}

/// The diffs of the guide for contributors. A diff may add a file to a folder that exists. The rows
/// that it adds to a table have as many columns as the other rows of this table.
#[test]
fn the_diffs_in_the_guide_for_contributors_name_real_files_and_add_rows_with_all_columns() {
    let root = Path::new(ROOT);
    let columns = |row: &str| {
        let quotes = row.split('"').step_by(2);
        quotes.map(|code| code.matches(',').count()).sum::<usize>()
    };
    let is_row = |line: &&str| line.ends_with(';') && line.contains('"') && line.contains(", ");
    let mut rows = 0;
    for diff in blocks(&text("CONTRIBUTING.md"), "diff") {
        for file in diff.split("--- ").skip(1) {
            let (before, after) = file
                .split_once("\n+++ b/")
                .expect("a diff names both files");
            let (path, lines) = after.split_once('\n').expect("a diff adds lines");
            if before == "/dev/null" {
                let folder = root.join(path);
                assert!(folder.parent().is_some_and(Path::is_dir), "{path}");
                continue;
            }
            let table = text(path);
            assert_eq!(before, format!("a/{path}"));
            let added = lines.lines().filter_map(|line| line.strip_prefix('+'));
            for row in added.filter(is_row) {
                let like = |line: &&str| is_row(line) && columns(line) == columns(row);
                let alike = table.lines().filter(like).count();
                assert!(alike >= 10, "{alike} rows of {path} are like {row}");
                rows += 1;
            }
        }
    }
    assert_eq!(rows, 3);
}

#[test]
fn the_page_on_airbyte_names_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let page = text("docs/airbyte.md");
    for words in [
        format!("/xero-source:{version}`"),
        format!("`dev` or `{version}`"),
    ] {
        assert!(page.contains(&words), "docs/airbyte.md lacks {words}");
    }
}

#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= MOST_LINES_OF_README, "README.md has {lines} lines");
}

/// Files and folders that a page names in code style stay where the page says.
#[test]
fn every_path_that_a_page_names_is_there() {
    let mut seen = 0;
    for name in pages() {
        let page = prose(&text(&name));
        let named = page.split('`').skip(1).step_by(2);
        let roots = ["src/", "integration_tests/", "docs/", ".ci/"];
        let paths = named.filter(|code| roots.iter().any(|root| code.starts_with(root)));
        for path in paths.filter(|code| !code.contains(' ')) {
            assert!(Path::new(ROOT).join(path).exists(), "{name} names {path}");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} paths were found");
}

/// `theme::file::test` in the README's table of promises.
#[test]
fn every_test_that_the_readme_names_is_there() {
    the_named_tests_are_there("README.md");
}

#[test]
fn every_test_that_the_page_on_reliability_names_is_there() {
    the_named_tests_are_there("docs/reliability.md");
    // Unit tests are named without their module.
    let page = text("docs/reliability.md");
    let sources = files(&Path::new(ROOT).join("src"), "rs");
    let sources: String = sources.iter().map(text).collect();
    let unit_tests = page.split("unit test `").skip(1);
    let mut seen = 0;
    for test in unit_tests.filter_map(|rest| rest.split('`').next()) {
        assert!(sources.contains(&format!("fn {test}(")), "{test}");
        seen += 1;
    }
    assert!(seen >= 4, "only {seen} unit tests were found");
}

fn the_named_tests_are_there(page: &str) {
    let content = text(page);
    let named = content.split('`').skip(1).step_by(2);
    let named = named.filter(|code| !code.contains(' '));
    let named: Vec<_> = named.filter_map(|code| code.rsplit_once("::")).collect();
    assert!(named.len() >= 10, "{page} names tests: {named:?}");
    for (module, test) in named {
        let source = text(format!(
            "integration_tests/{}.rs",
            module.replace("::", "/")
        ));
        let found = source.contains(&format!("fn {test}("));
        assert!(found, "{page} names {module}::{test}");
    }
}

/// The keys of an object's schema, and of the variants inside it.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    for (key, field) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(key.clone());
        for variant in field["oneOf"].as_array().into_iter().flatten() {
            keys(variant, found);
        }
    }
}

#[test]
fn the_page_on_configuration_has_a_row_for_every_key_and_for_no_other() {
    let spec: Value = serde_json::from_str(&text("spec.json")).expect("spec.json is JSON");
    let mut expected = BTreeSet::new();
    keys(&spec["connectionSpecification"], &mut expected);
    let page = text("docs/configuration.md");
    let tables = page
        .split("\n## ")
        .filter(|section| section.contains("\n| Key |"));
    let rows = tables.flat_map(|section| section.lines());
    let described: BTreeSet<_> = rows
        .filter_map(|row| row.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(described, expected);
}

#[test]
fn the_page_on_configuration_has_the_defaults_of_the_specification() {
    let spec: Value = serde_json::from_str(&text("spec.json")).expect("spec.json is JSON");
    let page = text("docs/configuration.md");
    let fields = spec["connectionSpecification"]["properties"].as_object();
    for (key, field) in fields.expect("there are settings") {
        let Some(default) = field.get("default") else {
            continue;
        };
        let default = default.as_str().map_or(default.to_string(), str::to_owned);
        let row = format!("| `{key}` | ");
        let cell = page
            .split(&row)
            .nth(1)
            .and_then(|rest| rest.split(" |").next());
        let cell = cell.map(|cell| cell.trim_matches('`'));
        assert_eq!(cell, Some(default.as_str()), "{key}");
    }
}

/// The words of a string in the source, with a gap for each value that is put in.
type Parts = Vec<String>;

/// The strings of a source file outside of comments and its tests, each with what stands
/// before it.
fn strings(source: &str) -> Vec<(String, String)> {
    let source = match source.find("#[cfg(test)]\nmod tests {") {
        Some(tests) => &source[..tests],
        None => source,
    };
    let mut found = Vec::new();
    let mut rest = source;
    let mut code = String::new();
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if let Some(after) = after_char(rest) {
            rest = after;
        } else if next == '"' {
            let end = end_of_string(&rest[1..]);
            found.push((code.clone(), unescaped(&rest[1..=end])));
            code.clear();
            rest = &rest[end + 2..];
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").expect("a raw string ends");
            code.clear();
            rest = &raw[end + 2..];
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    found
}

/// The text after a character literal at its start, if there is one.
fn after_char(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('\'')?;
    let escaped = inside.starts_with('\\');
    let mut chars = inside.char_indices().skip(if escaped { 2 } else { 1 });
    let (end, _) = chars.find(|(_, c)| *c == '\'')?;
    // A lifetime has no end.
    (escaped || inside[..end].chars().count() == 1).then(|| &inside[end + 1..])
}

/// The bytes up to the quote that ends a string.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.expect("a string ends").0
}

fn unescaped(text: &str) -> String {
    let lines = text.split("\\\n").enumerate();
    let lines = lines.map(|(at, line)| if at == 0 { line } else { line.trim_start() });
    let joined = lines.collect::<String>();
    joined.replace("\\\"", "\"").replace("\\n", "\n")
}

/// Splits a format string at its values.
fn parts(format: &str) -> Parts {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for c in format.chars() {
        match c {
            '{' => {
                inside = true;
                parts.push(String::new());
            }
            '}' => inside = false,
            c if !inside => parts.last_mut().expect("there is one").push(c),
            _ => {}
        }
    }
    parts
}

/// Whether the quote, with `…` for what it leaves out, is a part of the message.
fn quotes(quote: &str, message: &Parts) -> bool {
    let mut message = message.join("\u{0}");
    for piece in quote.split('…').map(str::trim).filter(|it| !it.is_empty()) {
        let Some(at) = message.find(piece) else {
            return false;
        };
        message.drain(..at + piece.len());
    }
    true
}

/// Strings of the program that no user reads.
const NO_MESSAGES: [&str; 7] = [
    // The form of a setting, put into a message.
    "month, quarter or year",
    // A text in which secrets are looked for.
    "this is a URL",
    // A command line in JSON.
    "xero-source login --json",
    // Ends of messages.
    " Did you mean",
    "Did you mean",
    // Promises of the code to itself.
    "a config is accepted only if",
    "a vector takes every byte",
];

/// The messages in the sources, with their files: strings of four words and more.
fn messages() -> Vec<(String, Parts)> {
    let source = Path::new(ROOT).join("src");
    let is_test = |path: &Path| {
        let name = path.to_string_lossy();
        let names = [
            "test",
            "differential",
            "properties",
            "trial",
            "model",
            "cases",
            "layers",
            "fuzz",
            "reference",
        ];
        names.iter().any(|part| name.contains(part))
    };
    let mut found = Vec::new();
    for path in files(&source, "rs") {
        let shown = path
            .strip_prefix(ROOT)
            .expect("a file of ours")
            .display()
            .to_string();
        if is_test(Path::new(&shown)) {
            continue;
        }
        for (before, string) in strings(&text(&path)) {
            let parts = parts(&string);
            let words = parts
                .iter()
                .flat_map(|part| part.split_whitespace())
                .count();
            let before = before.trim_end();
            let asserts = ["expect(", "reason =", "unreachable!("];
            // Help texts, prompts, answers and the page in the browser explain themselves.
            let answers = [
                "say(",
                "ask(",
                "ask_secret(",
                "ask(format_args!(",
                "say(format_args!(",
                "writeln!(out,",
            ];
            let is_answer = ["src/cli.rs", "src/terminal", "src/commands/login/page.rs"]
                .iter()
                .any(|place| shown.starts_with(place))
                || answers.iter().any(|end| before.ends_with(end));
            // The last column of the table of lists, which docs/streams.md shows.
            let is_deletion = shown.starts_with("src/streams/")
                && (before.ends_with("],") || string.starts_with("absent from the next"));
            let is_message = words >= 4
                && !is_deletion
                && !is_answer
                && !asserts.iter().any(|end| before.ends_with(end))
                && string.contains(' ')
                && !NO_MESSAGES.iter().any(|other| string.starts_with(other));
            if is_message {
                found.push((shown.clone(), parts));
            }
        }
    }
    found
}

#[test]
fn every_message_of_the_sources_is_explained() {
    let page = text("docs/troubleshooting.md");
    let quoted: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split("` |").next())
        .collect();
    let messages = messages();
    assert!(messages.len() > 100, "only {} were found", messages.len());
    let missing: Vec<_> = messages
        .iter()
        .filter(|(_, parts)| !quoted.iter().any(|quote| quotes(quote, parts)))
        .map(|(file, parts)| format!("{file}: {}", parts.join("…")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/troubleshooting.md does not explain:\n{}",
        missing.join("\n")
    );
}

/// The page has no entry for a message that was reworded.
#[test]
fn every_explained_message_is_in_the_sources() {
    let page = text("docs/troubleshooting.md");
    let source = Path::new(ROOT).join("src");
    let all: Vec<Parts> = files(&source, "rs")
        .iter()
        .flat_map(|path| strings(&text(path)))
        .map(|(_, string)| parts(&string))
        .collect();
    let sections = page.split("\n## ").skip(1);
    let quoted = sections.flat_map(|section| section.lines());
    let stale: Vec<_> = quoted
        .filter_map(|line| line.strip_prefix("| `")?.split("` |").next())
        .filter(|quote| !all.iter().any(|parts| quotes(quote, parts)))
        .collect();
    assert!(
        stale.is_empty(),
        "docs/troubleshooting.md explains what is not said:\n{}",
        stale.join("\n")
    );
}
