//! Targets for the rows of lists.

use memchr::memmem;
use serde_json::Value;
use serde_json::value::RawValue;

use super::checks::{data_of, has_once, is_message, object};
use super::mutation::tokens;
use crate::rows::children::ParentRow;
use crate::rows::envelope::Envelope;
use crate::rows::page::Page;
use crate::rows::record_lines::{RecordLines, Row};
use crate::rows::rewrite::reference::{self, Tree};
use crate::rows::rewrite::{self, KeyFields};
use crate::streams::{
    self, Balance, ChildSpec, FIELD, Family, LINE_POSITION, POSITION, ReportKind, Source, Stream,
    TENANT,
};

/// The names of key fields of the lists whose key occurs in a text.
fn key_fields(text: &[u8]) -> Vec<KeyFields<'static>> {
    let lists = streams::all().filter(|stream| matches!(stream.source, Source::Endpoint(_)));
    let mut found: Vec<KeyFields> = Vec::new();
    for stream in lists {
        let fields = KeyFields {
            key: stream.id(),
            cursor: stream.cursor,
            ours: &[TENANT],
            dates: stream.endpoint().api.dates,
        };
        let is_known = |it: &KeyFields| (it.key, it.cursor) == (fields.key, fields.cursor);
        let is_there = memmem::find(text, fields.key.as_bytes()).is_some();
        let is_usual = stream.name == "invoices" || stream.name == "journals";
        if (is_there || is_usual) && !found.iter().any(is_known) {
            found.push(fields);
        }
    }
    found
}

/// The rewriting of a row.
///
/// - A rewritten row does not change when it is rewritten again, and keeps its cursor and flags.
/// - White space between the tokens changes nothing.
/// - The row of a RECORD line is found again by its form.
pub fn rewriting(data: &[u8]) {
    let Some(row) = object(data) else {
        return;
    };
    let row = row.get().as_bytes();
    let parts: Vec<&[u8]> = tokens(row).into_iter().map(|token| &row[token]).collect();
    let spaced = parts.join(&b"\r\n "[..]);
    for fields in key_fields(data) {
        let mut once = Vec::new();
        let first = rewrite::members(row, fields, &mut once);
        let mut other = Vec::new();
        let second = rewrite::members(&spaced, fields, &mut other);
        assert_eq!(first, second, "white space changes the key fields");
        let Ok(first) = first else {
            continue;
        };
        assert_eq!(once, other, "white space changes the row");
        let once = [b"{", &once[..], b"}"].concat();
        let mut twice = Vec::new();
        let second = rewrite::members(&once, fields, &mut twice).expect("the limits hold");
        let twice = [b"{", &twice[..], b"}"].concat();
        assert!(
            once == twice,
            "the row changes again: {}",
            String::from_utf8_lossy(&twice)
        );
        assert_eq!(
            (first.cursor, first.created, first.flags),
            (second.cursor, second.created, second.flags)
        );

        let mut lines = RecordLines::new("invoices", "t", 0);
        let (added, range) = lines.line(|out| rewrite::append(row, fields, out));
        assert!(added.is_ok());
        let data = lines.bytes(range).to_vec();
        lines.end_row();
        let lines = lines.all().lines;
        assert_eq!(data_of(&lines, "invoices").len(), 1);
        let members = Row::of(&lines).expect("a line has a row").members;
        assert_eq!([members, b"}"].concat(), data);
    }
}

/// The rewriting of a row, compared with a second implementation that builds a tree.
///
/// - The rewritten row, the key, the cursor, the time of creation and the flags are the same.
/// - Only a row beyond the limits is rejected.
pub fn differential(data: &[u8]) {
    let Some(row) = object(data) else {
        return;
    };
    for fields in key_fields(data) {
        reference::compared(row, fields);
    }
}

/// The envelope of a list, compared with the body as a tree.
///
/// - The rows are the elements of the list, in their order.
/// - A body is rejected only if it is not JSON, has no list or row under the key, or has it twice.
/// - Without a key the body is the list, or the only row.
/// - An error does not quote the body.
pub fn envelope(data: &[u8]) {
    for key in [Some("Invoices"), Some("Reports"), None] {
        let found = Envelope::parse(data, key);
        let tree: Option<Value> = serde_json::from_slice(data).ok();
        let list = match key {
            Some(key) => tree.as_ref().and_then(|tree| tree.get(key)),
            None => tree.as_ref(),
        };
        let rows = match list {
            Some(Value::Array(rows)) => Some(rows.as_slice()),
            Some(row @ Value::Object(_)) => Some(std::slice::from_ref(row)),
            _ => None,
        };
        let names = object(data).map(reference::names).unwrap_or_default();
        let is_twice = names
            .iter()
            .filter(|name| Some(name.as_str()) == key)
            .count()
            > 1;
        match found {
            Ok(envelope) => {
                assert!(!is_twice, "it is unclear which list counts");
                let Some(rows) = rows else {
                    // The tree rejects what the rows may hold: large exponents and deep nesting.
                    assert!(tree.is_none(), "{tree:?} has no list under {key:?}");
                    continue;
                };
                assert_eq!(rows.len(), envelope.rows.len());
                for (row, raw) in rows.iter().zip(envelope.rows) {
                    let raw: Value = serde_json::from_str(raw.get()).expect("a row is JSON");
                    assert_eq!(&raw, row);
                }
            }
            Err(why) => {
                is_message(&why);
                let why_not = [
                    "is not the expected JSON",
                    "has no \"",
                    "has the list twice",
                ];
                assert!(why_not.iter().any(|words| why.contains(words)), "{why}");
                assert!(is_twice || rows.is_none(), "a list is rejected: {why}");
            }
        }
    }
}

/// The families of the lists whose envelope occurs in a body, with all members.
fn families(body: &[u8]) -> Vec<Family> {
    let lists = streams::all().filter(|stream| {
        let key = stream.endpoint().envelope.unwrap_or("[");
        matches!(stream.source, Source::Endpoint(_)) && memmem::find(body, key.as_bytes()).is_some()
    });
    let family = |parent: &'static Stream| {
        let is_member = |stream: &&'static Stream| match &stream.source {
            Source::Child(spec) => spec.parent.name == parent.name,
            Source::Report(report) => {
                let is_of_contacts = report.kind == ReportKind::PerContact(Balance::Receivable);
                is_of_contacts && parent.name == "contacts"
            }
            _ => stream.name == parent.name,
        };
        Family {
            parent,
            members: streams::all().filter(is_member).collect(),
        }
    };
    lists.map(family).collect()
}

/// A page of every list whose envelope occurs in the body, with its child streams.
///
/// - Each line is one RECORD of its stream. The organisation and the fields that the connector adds
///   appear once in it.
/// - Each row of the page has one line of the list, and a key.
/// - Rows that the walk does not want leave no line.
/// - An error does not quote the body.
pub fn page(data: &[u8]) {
    for family in families(data) {
        let parsed = || Page::parse(data, &family, "t-1");
        let page = match parsed() {
            Ok(page) => page,
            Err(error) => {
                is_message(&error.to_string());
                continue;
            }
        };
        let rows = page.facts.rows.len();
        assert!(page.facts.rows.iter().all(|row| row.key.is_some()));
        assert!(
            page.facts
                .counted()
                .is_none_or(|items| items >= rows as u64)
        );
        let with_lines = |it: &&&Stream| !matches!(it.source, Source::Report(_));
        let members: Vec<_> = family.members.iter().filter(with_lines).collect();
        assert_eq!(members.len(), page.lines.len());
        let mut counts = Vec::new();
        for (member, lines) in members.iter().zip(page.lines) {
            let records = lines.all();
            let data = data_of(&records.lines, member.name);
            assert_eq!(data.len() as u64, records.count);
            if member.name == family.parent.name {
                assert_eq!(data.len(), rows, "each row has a line");
            }
            for data in data {
                let ours: &[&str] = match member.source {
                    Source::Child(ref spec) if spec.arrays.is_empty() => &[FIELD],
                    Source::Child(_) => &[POSITION],
                    _ => &[],
                };
                has_once(data, ours);
            }
            counts.push(records.count);
        }
        // The rows at even positions and the others are all rows together.
        let kept = |keep: fn(usize) -> bool| {
            let lines = parsed().expect("the page is the same").lines.into_iter();
            lines.map(move |it| it.select((0..rows).map(keep)).count)
        };
        let halves = kept(|at| at % 2 == 0).zip(kept(|at| at % 2 == 1));
        assert!(counts.into_iter().eq(halves.map(|(even, odd)| even + odd)));
    }
}

/// The child rows of a row, compared with the row as a tree.
///
/// - Each rewritten row can be split into child rows.
/// - Each object in the array of the child stream is one row, at its position.
/// - The organisation, the positions and the inherited fields appear once in each row.
/// - The extraction stops soon after the maximum number of bytes.
pub fn child_rows(data: &[u8]) {
    let Some(row) = object(data) else {
        return;
    };
    for stream in streams::all() {
        let Source::Child(spec) = &stream.source else {
            continue;
        };
        let [first, ..] = spec.arrays else {
            continue;
        };
        let first = first.rsplit('.').next().unwrap_or(first);
        if memmem::find(data, first.as_bytes()).is_none() {
            continue;
        }
        let fields = KeyFields {
            key: spec.parent.id(),
            cursor: spec.parent.cursor,
            ours: &[TENANT],
            dates: spec.parent.endpoint().api.dates,
        };
        let mut parent = br#"{"TenantID":"t""#.to_vec();
        if rewrite::append(row.get().as_bytes(), fields, &mut parent).is_err() {
            continue;
        }
        parent.push(b'}');
        let tree = Tree::parse(serde_json::from_slice(&parent).expect("a row is JSON"));
        let parent = ParentRow::parse(&parent).expect("a rewritten row can be split");
        let extracted = |max_bytes| {
            let mut lines = RecordLines::new(stream.name, "t", 0);
            let key = stream.parent_field();
            let extracted = parent.extract(spec, key, &mut lines, max_bytes);
            extracted.expect("a rewritten row can be split");
            lines.end_row();
            lines.all()
        };
        let all = extracted(usize::MAX);
        let rows = data_of(&all.lines, stream.name);
        assert_eq!(positions(&rows, spec), expected_positions(&tree, spec));
        for row in rows {
            let line: &[&str] = match spec.arrays.len() {
                1 => &[],
                _ => &[LINE_POSITION],
            };
            has_once(row, &[line, &[POSITION]].concat());
        }
        let longest = all.lines.split(|it| *it == b'\n').map(<[u8]>::len).max();
        let longest = longest.unwrap_or_default() + 1;
        for max_bytes in [0, longest, all.lines.len() / 2] {
            let some = extracted(max_bytes);
            assert!(some.lines.len() <= max_bytes + longest);
            assert!(
                all.lines.len() <= max_bytes
                    || some.lines.len() > max_bytes.min(all.lines.len() - 1)
            );
        }
    }
}

/// The positions in child rows: of the line, if the rows are below lines, and of the row.
fn positions(rows: &[&RawValue], spec: &ChildSpec) -> Vec<(u64, u64)> {
    let position = |row: &&RawValue| {
        let tree = Tree::parse(row);
        let number = |name| tree.get(name).and_then(Tree::number);
        let line = match spec.arrays.len() {
            1 => Some(0),
            _ => number(LINE_POSITION),
        };
        line.zip(number(POSITION))
            .expect("a child row has positions")
    };
    rows.iter().map(position).collect()
}

fn expected_positions(parent: &Tree, spec: &ChildSpec) -> Vec<(u64, u64)> {
    let lines = |object: &Tree, name| -> Vec<u64> {
        let list = object.get(name).map(Tree::objects).unwrap_or_default();
        list.into_iter().map(|(at, _)| at).collect()
    };
    match spec.arrays {
        [only] => {
            let (object, array) = only.split_once('.').unwrap_or(("", only));
            let holder = match object {
                "" => Some(parent),
                object => parent.get(object),
            };
            let lines = holder.map(|it| lines(it, array)).unwrap_or_default();
            lines.into_iter().map(|at| (0, at)).collect()
        }
        [first, second] => {
            let outer = parent.get(first).map(Tree::objects).unwrap_or_default();
            let inner = outer.into_iter().flat_map(|(line, object)| {
                lines(object, second).into_iter().map(move |at| (line, at))
            });
            inner.collect()
        }
        other => panic!("{other:?} has no rows"),
    }
}
