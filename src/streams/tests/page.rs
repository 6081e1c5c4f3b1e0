//! The generated parts of `docs/streams.md` agree with the table of streams and their schemas.
//!
//! `UPDATE_DOCS=1 cargo test --lib streams::tests::page` updates them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::*;
use crate::xero::api::{ACCOUNTING, IDENTITY};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/streams.md");
const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn the_generated_parts_of_the_streams_page_are_current() {
    let path = Path::new(PAGE);
    let before = fs::read_to_string(path).expect("docs/streams.md exists");
    let mut after = before.clone();
    for (name, text) in [
        ("lists", lists()),
        ("deletions", deletions()),
        ("children", children()),
        ("documents", documents()),
        ("reports", reports()),
        ("counts", counts()),
        ("other APIs", other_apis()),
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

/// Replaces the text between the two comments that enclose a part of the page.
fn with_part(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (
        format!("<!-- generated: {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (head, rest) = page.split_once(&begin).expect(&begin);
    let (_, tail) = rest.split_once(&end).expect(&end);
    format!("{head}{begin}\n{text}\n{end}{tail}")
}

/// Formats a Markdown table.
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

/// The lists, grouped by the way in which a deletion shows.
fn deletions() -> String {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let tables = [
        lists::DELETIONS,
        assets::DELETIONS,
        files::DELETIONS,
        payroll_au::DELETIONS,
        payroll_nz::DELETIONS,
        payroll_uk::DELETIONS,
        projects::DELETIONS,
    ];
    for (name, deletion) in tables.concat() {
        let group = groups.entry(deletion).or_default();
        group.push(format!("`{name}`"));
    }
    rows(
        ["A deletion shows as", "Streams"],
        groups
            .into_iter()
            .map(|(deletion, names)| [deletion.to_owned(), names.join(", ")]),
    )
}

fn children() -> String {
    let row = |stream: &Stream| {
        let Source::Child(child) = &stream.source else {
            unreachable!("{} is no child stream", stream.name)
        };
        let from = format!("{} `{}`", child.parent.name, child.arrays.join("."));
        [link(stream), from, key(stream), cursor(stream)]
    };
    rows(
        ["Stream", "Taken from", "Key", "Cursor"],
        children::CHILDREN.iter().map(row),
    )
}

fn documents() -> String {
    let row = |stream: &'static Stream| {
        let document = stream.document().expect("a per-document stream");
        let parents: Vec<_> = document.parents.iter().map(|parent| parent.name).collect();
        let from = match &stream.source {
            Source::Child(child) => format!("{} `{}`", child.parent.name, child.arrays.join(".")),
            _ if stream.endpoint().path.is_empty() => "the document itself".to_owned(),
            _ => path(stream),
        };
        [
            link(stream),
            from,
            key(stream),
            scopes(stream),
            parents.join(", "),
        ]
    };
    let claims = [expense_claims::DOCUMENTS, expense_claims::CHILDREN].into_iter();
    rows(
        [
            "Stream",
            "Path below the document, or rows in",
            "Key",
            "Scope, any one of",
            "Documents of",
        ],
        documents::STREAMS.iter().chain(claims.flatten()).map(row),
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

/// The stream of counts, and the lists that it counts.
fn counts() -> String {
    let counted = all().filter(|stream| stream.is_counted());
    let counted: Vec<_> = counted.map(|list| format!("`{}`", list.name)).collect();
    let row = |stream: &Stream| [link(stream), key(stream), counted.join(", ")];
    rows(
        ["Stream", "Key", "Lists that it counts"],
        super::super::counts::STREAMS.iter().map(row),
    )
}

/// The streams of all APIs but Accounting and Identity, one table for each API.
fn other_apis() -> String {
    let mut text = String::new();
    let mut apis: Vec<&Api> = Vec::new();
    for api in all().map(|stream| stream.endpoint().api) {
        if ![&ACCOUNTING, &IDENTITY].contains(&api) && !apis.contains(&api) {
            apis.push(api);
        }
    }
    for api in apis {
        writeln!(text, "### {}\n", api.name).expect("writing to a string succeeds");
        let streams = all().filter(|stream| stream.endpoint().api == api);
        let row = |stream: &'static Stream| {
            let path = format!("{}{}", api.base_path, path(stream));
            let (path, of) = match &stream.source {
                Source::Child(child) => {
                    let from = [child.arrays.join("."), child.objects.join(", ")].concat();
                    (String::new(), format!("`{from}` of {}", child.parent.name))
                }
                Source::Document(document) => {
                    let parent = document.parents[0];
                    let path = match document.address {
                        Address::Below => {
                            let of = parent.endpoint().path;
                            format!("{}{of}/{{id}}{}", api.base_path, stream.endpoint().path)
                        }
                        Address::Parameter(name) => format!("{path}?{name}={{id}}"),
                    };
                    (path, format!("a call for each row of {}", parent.name))
                }
                _ => (path, String::new()),
            };
            [
                link(stream),
                path,
                of,
                key(stream),
                cursor(stream),
                scopes(stream),
            ]
        };
        let head = ["Stream", "Endpoint", "Rows of", "Key", "Cursor", "Scope"];
        text.push_str(&rows(head, streams.map(row)));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Writes one section per stream: its key, its sync modes and the fields of its rows.
fn fields() -> String {
    let mut text = String::new();
    for stream in all() {
        let schema: Value = serde_json::from_str(stream.schema).expect(stream.name);
        let modes = match stream.cursor {
            Some(cursor) => format!("incremental (cursor `{cursor}`), full refresh"),
            None => "full refresh".to_owned(),
        };
        writeln!(text, "### {}\n", stream.name).expect("writing to a string succeeds");
        writeln!(text, "Key: `{}`. Sync modes: {modes}.\n", key(stream))
            .expect("writing to a string succeeds");
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

/// Returns the format of a field, or its type without `null` if it has no format.
fn type_of(field: &Value) -> String {
    if let Some(format) = field["format"].as_str() {
        return format.to_owned();
    }
    let types = field["type"].as_array().into_iter().flatten();
    let types = types.chain([&field["type"]]).filter_map(Value::as_str);
    let types: Vec<_> = types.filter(|name| *name != "null").collect();
    types.join(" or ")
}
