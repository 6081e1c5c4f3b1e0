//! Finds the headings above each row of a report.
//!
//! Xero does not nest sections. A heading such as "Assets" is a section without rows. Its parts
//! follow as separate sections, and a later row "Total Assets" ends the heading.

use super::answer::Row;

/// Separator between the headings of a path. Inside a heading it is escaped as `\/`.
const SEPARATOR: &str = "/";

/// A heading that covers several sections.
struct Heading {
    title: String,
    /// Index of the last section under the heading.
    last: usize,
}

/// Returns the headings of each top-level row of a report, outermost first.
pub(crate) fn paths(rows: &[Row<'_>]) -> Vec<Vec<String>> {
    let mut open: Vec<Heading> = Vec::new();
    let mut paths = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        open.retain(|heading| heading.last >= at);
        let title = row.heading().trim();
        let mut path: Vec<_> = open.iter().map(|heading| heading.title.clone()).collect();
        if !title.is_empty() {
            path.push(title.to_owned());
        }
        paths.push(path);
        let is_empty = row.is_section() && row.rows().is_empty();
        if is_empty && !title.is_empty() {
            let last = total_of(title, rows, at).or_else(|| indented(rows, at));
            let outer = open.last().map_or(usize::MAX, |heading| heading.last);
            open.extend(last.map(|last| Heading {
                title: title.to_owned(),
                last: last.min(outer),
            }));
        }
    }
    paths
}

/// Whether a row with this label is the total of the heading.
pub(crate) fn is_total(label: &str, heading: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    let heading = plain(heading);
    // The total of "Less Operating Expenses" is "Total Operating Expenses".
    let heading = heading
        .strip_prefix("less ")
        .or_else(|| heading.strip_prefix("plus "))
        .unwrap_or(&heading);
    let label = plain(label);
    let sum = label.strip_prefix("total ");
    sum.is_some_and(|sum| sum.trim() == heading.trim())
}

/// Joins headings to one string. Warehouses can filter and split it, and many lack string arrays.
pub(crate) fn joined(path: &[String]) -> String {
    let escaped = path.iter().map(|title| title.replace(SEPARATOR, "\\/"));
    escaped.collect::<Vec<_>>().join(SEPARATOR)
}

/// Returns the section after `at` that holds the total of `title`.
fn total_of(title: &str, rows: &[Row<'_>], at: usize) -> Option<usize> {
    let following = rows.iter().enumerate().skip(at + 1);
    // A second heading with the same name ends the first one.
    let mut following = following.take_while(|(_, row)| {
        row.heading().trim() != title || !row.rows().is_empty() || !row.is_section()
    });
    let found = following.find(|(_, row)| {
        let own = std::iter::once(*row).chain(row.rows());
        own.into_iter().any(|row| is_total(&row.label(), title))
    });
    // A later section with the same name holds its own total, not that of the heading.
    found
        .filter(|(_, row)| row.heading().trim() != title)
        .map(|(at, _)| at)
}

/// Returns the last of the sections after `at` that are indented deeper than the heading at `at`.
fn indented(rows: &[Row<'_>], at: usize) -> Option<usize> {
    let depth = |row: &Row<'_>| {
        let heading = row.heading();
        heading.len() - heading.trim_start().len()
    };
    let own = depth(rows.get(at)?);
    let following = rows.iter().enumerate().skip(at + 1);
    let is_blank = |row: &Row<'_>| row.heading().trim().is_empty();
    let inside = following
        .skip_while(|(_, row)| is_blank(row) && row.rows().is_empty())
        .take_while(|(_, row)| !is_blank(row) && depth(row) > own);
    inside.last().map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::reports::answer;

    /// Sections as `title: row, row`, a heading as `title`.
    fn paths_of(sections: &[&str]) -> Vec<String> {
        let section = |text: &&str| {
            let (title, rows) = text.split_once(':').unwrap_or((text, ""));
            let labels = rows.split(',').map(str::trim);
            let labels = labels.filter(|label| !label.is_empty());
            let rows: Vec<_> = labels
                .map(|label| serde_json::json!({"RowType": "Row", "Cells": [{"Value": label}]}))
                .collect();
            serde_json::json!({"RowType": "Section", "Title": title, "Rows": rows})
        };
        let rows: Vec<_> = sections.iter().map(section).collect();
        let body = serde_json::json!({"Reports": [{"Rows": rows}]}).to_string();
        let reports = answer::parse(body.as_bytes()).unwrap();
        let paths = paths(reports[0].rows.as_ref().unwrap());
        paths.iter().map(|path| joined(path)).collect()
    }

    #[test]
    fn headings_reach_to_their_totals() {
        let found = paths_of(&[
            "Assets",
            "Bank: A, Total Bank",
            "",
            "Fixed Assets",
            " Plant: B, Total Plant",
            ": Total Fixed Assets",
            ": Total Assets",
            "Liabilities",
            "Current Liabilities: C, Total Current Liabilities",
            ": Total Liabilities",
            ": Net Assets",
            "Equity: D, Total Equity",
        ]);
        let expected = [
            "Assets",
            "Assets/Bank",
            "Assets",
            "Assets/Fixed Assets",
            "Assets/Fixed Assets/Plant",
            "Assets/Fixed Assets",
            "Assets",
            "Liabilities",
            "Liabilities/Current Liabilities",
            "Liabilities",
            "",
            "Equity",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_empty_section_without_a_total_covers_no_other_section() {
        let found = paths_of(&[
            "Income",
            "Less Cost of Sales",
            ": Gross Profit",
            "Less Operating Expenses: Rent, Total Operating Expenses",
            ": NET PROFIT",
        ]);
        let expected = [
            "Income",
            "Less Cost of Sales",
            "",
            "Less Operating Expenses",
            "",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn indented_sections_belong_to_the_heading_above() {
        let found = paths_of(&[
            "Trading",
            "",
            "  Income: Sales",
            "  Costs and/or fees: Fees",
            ": Gross Profit",
            "Other: Interest",
        ]);
        let expected = [
            "Trading",
            "Trading",
            "Trading/Income",
            "Trading/Costs and\\/or fees",
            "",
            "Other",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_heading_and_its_section_may_share_a_name() {
        let found = paths_of(&["Equity", "Equity: Capital, Total Equity", "Notes: A"]);
        assert_eq!(found, ["Equity", "Equity", "Notes"]);
    }
}
