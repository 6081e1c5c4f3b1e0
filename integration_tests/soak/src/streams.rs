//! The streams as `discover` offers them, and the child streams as docs/streams.md describes them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// How a stream can be synced.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) key: Vec<String>,
    /// The field of the cursor; empty if the stream is only read in full.
    pub(crate) cursor: String,
    /// The stream as the catalog has it.
    pub(crate) catalog: Value,
}

/// Reads the CATALOG message of `discover`.
pub(crate) fn discovered(lines: &[String]) -> BTreeMap<String, Stream> {
    let mut messages = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let catalog = messages.rfind(|message| message["type"] == "CATALOG");
    let catalog = catalog.unwrap_or_default();
    let streams = catalog["catalog"]["streams"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let streams = streams.into_iter().map(|catalog| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = catalog["source_defined_primary_key"].as_array();
        let key = key
            .into_iter()
            .flatten()
            .map(|path| text(&path[0]))
            .collect();
        let stream = Stream {
            name: text(&catalog["name"]),
            key,
            cursor: text(&catalog["default_cursor_field"][0]),
            catalog,
        };
        (stream.name.clone(), stream)
    });
    streams.collect()
}

/// Where the rows of a child stream come from.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) parent: &'static str,
    /// The array of the parent that holds the rows. If there are two, the second is in each element of the first.
    pub(crate) arrays: Vec<&'static str>,
}

/// The child streams by name.
pub(crate) static CHILDREN: LazyLock<BTreeMap<&'static str, Child>> = LazyLock::new(|| {
    let rows = rows_of("children").map(|(name, cells)| {
        let (parent, arrays) = cells[0].split_once(' ').unwrap_or((cells[0], ""));
        let arrays = arrays.trim_matches('`').split('.').collect();
        (name, Child { parent, arrays })
    });
    rows.collect()
});

/// Whether a stream has the journals of one of the two lists, or parts of them.
pub(crate) fn is_of_journals(name: &str) -> bool {
    let list = CHILDREN.get(name).map_or(name, |child| child.parent);
    matches!(list, "journals" | "journals_cash")
}

/// The path below a document for a per-document stream, and the lists of its documents. The details of
/// expense claims and the rows nested in them are not compared.
pub(crate) static DOCUMENTS: LazyLock<BTreeMap<&'static str, (&'static str, Vec<&'static str>)>> =
    LazyLock::new(|| {
        let rows = rows_of("documents")
            .filter(|(_, cells)| cells[0].starts_with('/'))
            .map(|(name, cells)| (name, (cells[0], cells[3].split(", ").collect())));
        rows.collect()
    });

/// The names of the report streams.
pub(crate) static REPORTS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| rows_of("reports").map(|(name, _)| name).collect());

/// Where the rows of a stream of another API come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// A list at this address.
    List(&'static str),
    /// They are nested in the rows of this stream.
    Nested(&'static str),
    /// A call for each row of a list.
    PerRow,
}

/// The streams of Assets, Projects, Files and Payroll.
pub(crate) static OTHER_APIS: LazyLock<BTreeMap<&'static str, Rows>> = LazyLock::new(|| {
    let rows = rows_of("other APIs").map(|(name, cells)| {
        let rows = match (cells[0], cells[1]) {
            (path, "") => Rows::List(path),
            ("", of) if of.contains("` of ") => {
                Rows::Nested(of.rsplit(' ').next().unwrap_or_default())
            }
            _ => Rows::PerRow,
        };
        (name, rows)
    });
    rows.collect()
});

/// The rows of a generated table of docs/streams.md: the stream and the cells behind it.
fn rows_of(table: &str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    const PAGE: &str = include_str!("../../../docs/streams.md");
    let begin = format!("<!-- generated: {table} -->");
    let end = format!("<!-- end of {table} -->");
    let part = PAGE
        .split_once(&begin)
        .and_then(|(_, rest)| rest.split_once(&end));
    let (part, _) = part.expect("docs/streams.md has the table");
    part.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| [")?.split_once(']')?;
        let cells = rest.split('|').skip(1).map(str::trim).collect();
        Some((name, cells))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_the_documentation_are_read() {
        let child = &CHILDREN["journal_line_tracking"];
        assert_eq!(child.parent, "journals");
        assert_eq!(child.arrays, ["JournalLines", "TrackingCategories"]);
        assert_eq!(
            DOCUMENTS["online_invoices"],
            ("/OnlineInvoice", vec!["invoices"])
        );
        assert!(REPORTS.contains(&"report_tax"));
        let rows = Rows::List("/projects.xro/2.0/Projects");
        assert_eq!(OTHER_APIS["projects"], rows);
        assert_eq!(OTHER_APIS["project_tasks"], Rows::PerRow);
        let nested = Rows::Nested("payroll_au_timesheets");
        assert_eq!(OTHER_APIS["payroll_au_timesheet_lines"], nested);
    }
}
