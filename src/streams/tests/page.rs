//! `docs/streams.md` is made from the table of streams and their schemas.
//!
//! `UPDATE_DOCS=1 cargo test --lib streams::tests::page` writes the page anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/streams.md");
const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn the_page_of_streams_is_made_from_the_table() {
    let path = Path::new(PAGE);
    let before = fs::read_to_string(path).expect("docs/streams.md is there");
    let mut after = before.clone();
    for (name, text) in [
        ("lists", lists()),
        ("children", children()),
        ("documents", documents()),
        ("reports", reports()),
        ("fields", fields()),
    ] {
        after = with_part(&after, name, &text);
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path, &after).expect("docs/streams.md is writable");
        return;
    }
    let mut lines = before.lines().zip(after.lines());
    let differing = lines.find(|(before, after)| before != after);
    assert!(
        before == after,
        "docs/streams.md is stale: set {UPDATE}=1 and run this test. {differing:?}"
    );
}

/// Every list says in the page's own words how a deletion shows.
#[test]
fn the_page_says_of_every_list_how_a_deletion_shows() {
    let page = fs::read_to_string(PAGE).expect("docs/streams.md is there");
    let section = page.split("## Deletions").nth(1);
    let section = section.and_then(|rest| rest.split("\n## ").next());
    let section = section.expect("there is a section on deletions");
    let mut named: Vec<_> = section.split('`').skip(1).step_by(2).collect();
    named.retain(|word| find(word).is_some());
    named.sort_unstable();
    let lists: Vec<_> = lists::STREAMS.iter().map(|stream| stream.name).collect();
    assert_eq!(named, lists);
}

/// The page with new text between the two comments that enclose a part.
fn with_part(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (
        format!("<!-- generated: {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (head, rest) = page.split_once(&begin).expect(&begin);
    let (_, tail) = rest.split_once(&end).expect(&end);
    format!("{head}{begin}\n{text}\n{end}{tail}")
}

/// A table in Markdown.
fn rows<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| {
        let cells = cells.iter().map(|cell| match cell.as_str() {
            "" => " |".to_owned(),
            cell => format!(" {cell} |"),
        });
        format!("|{}\n", cells.collect::<String>())
    };
    let mut text = line(&head.map(str::to_owned));
    text.push_str(&line(&head.map(|_| "---".to_owned())));
    text.extend(rows.map(|cells| line(&cells)));
    text
}

fn link(stream: &Stream) -> String {
    format!("[{0}](#{0})", stream.name)
}

fn scopes(stream: &Stream) -> String {
    stream.endpoint().scopes.join(", ")
}

fn path(stream: &Stream) -> String {
    stream.endpoint().path.to_owned()
}

fn key(stream: &Stream) -> String {
    stream.key.join(", ")
}

fn cursor(stream: &Stream) -> String {
    stream.cursor.unwrap_or_default().to_owned()
}

fn lists() -> String {
    rows(
        ["Stream", "Endpoint", "Key", "Cursor", "Scope, any one of"],
        lists::STREAMS
            .iter()
            .map(|it| [link(it), path(it), key(it), cursor(it), scopes(it)]),
    )
}

fn children() -> String {
    let row = |stream: &Stream| {
        let Source::Child(cut) = &stream.source else {
            unreachable!("{} has no parent", stream.name)
        };
        let from = format!("{} `{}`", cut.parent.name, cut.arrays.join("."));
        [link(stream), from, key(stream), cursor(stream)]
    };
    rows(
        ["Stream", "Taken from", "Key", "Cursor"],
        children::STREAMS.iter().map(row),
    )
}

fn documents() -> String {
    let row = |stream: &Stream| {
        let Source::Document(sub) = &stream.source else {
            unreachable!("{} belongs to no document", stream.name)
        };
        let parents: Vec<_> = sub.parents.iter().map(|parent| parent.name).collect();
        [
            link(stream),
            path(stream),
            key(stream),
            scopes(stream),
            parents.join(", "),
        ]
    };
    rows(
        [
            "Stream",
            "Path below the document",
            "Key",
            "Scope, any one of",
            "Documents of",
        ],
        documents::STREAMS.iter().map(row),
    )
}

fn reports() -> String {
    rows(
        ["Stream", "Endpoint", "Key", "Cursor", "Scope, any one of"],
        super::super::reports::STREAMS
            .iter()
            .map(|it| [link(it), path(it), key(it), cursor(it), scopes(it)]),
    )
}

/// One section for each stream: how it syncs, and each field of its rows.
fn fields() -> String {
    let mut text = String::new();
    for stream in all() {
        let schema: Value = serde_json::from_str(stream.schema).expect(stream.name);
        let modes = match stream.cursor {
            Some(cursor) => format!("incremental (cursor `{cursor}`), full refresh"),
            None => "full refresh".to_owned(),
        };
        writeln!(text, "### {}\n", stream.name).expect("a text takes all");
        writeln!(text, "Key: `{}`. Sync modes: {modes}.\n", key(stream)).expect("a text takes all");
        // Sorted, because the order of a JSON object depends on the features of serde_json.
        let fields: BTreeMap<_, _> = schema["properties"]
            .as_object()
            .expect(stream.name)
            .iter()
            .collect();
        let row = |(name, field): (&&String, &&Value)| {
            let about = field["description"].as_str().unwrap_or_default();
            let about = about.replace('|', "\\|").replace('<', "&lt;");
            [format!("`{name}`"), type_of(field), about]
        };
        text.push_str(&rows(["Field", "Type", "Meaning"], fields.iter().map(row)));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The format if there is one, else the type without its null.
fn type_of(field: &Value) -> String {
    if let Some(format) = field["format"].as_str() {
        return format.to_owned();
    }
    let types = field["type"].as_array().into_iter().flatten();
    let types = types.chain([&field["type"]]).filter_map(Value::as_str);
    let types: Vec<_> = types.filter(|name| *name != "null").collect();
    types.join(" or ")
}
