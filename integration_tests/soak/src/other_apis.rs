//! Compares the lists of Assets, Projects, Files and Payroll with what these APIs answer.

use std::collections::{BTreeMap, BTreeSet};

use xero_sim::TenantId;

use crate::destination::{Mode, Table, key_of};
use crate::json::Json;
use crate::organisations::Deeds;
use crate::streams::{OTHER_APIS, Rows};
use crate::truth::{Auditor, typed};

/// The parameter without which Xero refuses the list of assets, and its values.
const STATUSES: [&str; 3] = ["DRAFT", "REGISTERED", "DISPOSED"];

/// The length of `payroll_nz_`.
const PAYROLL: usize = 11;

/// Whether a stream is of one of these APIs.
pub(crate) fn has(stream: &str) -> bool {
    OTHER_APIS.contains_key(stream)
}

/// Whether a stream takes a call for each row of another list, for itself or for the rows that hold its
/// own.
pub(crate) fn is_per_row(stream: &str) -> bool {
    match OTHER_APIS.get(stream) {
        Some(Rows::PerRow) => true,
        Some(Rows::Nested(holder)) => is_per_row(holder),
        _ => false,
    }
}

/// Whether a stream is not one of the payroll of other countries than those whose tables there are.
pub(crate) fn exists(stream: &str, tables: &BTreeSet<&str>) -> bool {
    let country = country(stream).map(|_| &stream[..PAYROLL]);
    country.is_none_or(|prefix| tables.iter().any(|table| table.starts_with(prefix)))
}

/// The country of a payroll stream.
pub(crate) fn country(stream: &str) -> Option<&'static str> {
    match stream.strip_prefix("payroll_")?.split('_').next()? {
        "au" => Some("AU"),
        "nz" => Some("NZ"),
        "uk" => Some("GB"),
        _ => None,
    }
}

/// Whether the soak compares a stream: a list whose rows have a key of their own.
fn is_compared(table: &Table) -> bool {
    let is_list = matches!(OTHER_APIS.get(&*table.stream.name), Some(Rows::List(_)));
    is_list && table.stream.key.iter().all(|field| field != "TenantID")
}

/// The number of rows that Xero has, and how a table differs from them.
pub(crate) fn differences(
    table: &Table,
    auditor: &Auditor,
    countries: &BTreeMap<TenantId, String>,
    deeds: &Deeds,
    start: &str,
) -> (usize, Vec<String>) {
    let name = &*table.stream.name;
    let Some(Rows::List(path)) = OTHER_APIS.get(name).filter(|_| is_compared(table)) else {
        return (0, Vec::new());
    };
    let mut expected = BTreeMap::new();
    for (tenant, its) in countries {
        if country(name).is_some_and(|country| country != its) {
            continue;
        }
        for mut row in list(auditor, tenant, name, path) {
            row.set("TenantID", Json::Text(tenant.as_str().to_owned()));
            let row = days(&typed(row, &table.stream.catalog["json_schema"]));
            expected.insert(key_of(&row, &table.stream.key), row);
        }
    }
    let mut found = Vec::new();
    for (key, row) in &expected {
        match table.rows.get(key).map(|version| days(&version.row)) {
            // "The first sync reads rows created or changed at or after this moment".
            None if is_before(row, start) => {}
            None => found.push(format!("{name}: the row {key} is missing")),
            Some(there) if there != *row => found.push(format!(
                "{name} {key}: {} instead of {}",
                there.canonical(),
                row.canonical()
            )),
            Some(_) => {}
        }
    }
    for key in table.rows.keys().filter(|key| !expected.contains_key(*key)) {
        // Only the next full refresh shows that a row was removed.
        let is_removed = deeds.removed_of_other_apis.contains(key.trim_matches('"'));
        if table.mode != Mode::Deduplicated || !is_removed {
            found.push(format!("{name}: the row {key} is not in Xero"));
        }
    }
    (expected.len(), found)
}

/// Whether a row was last changed before the start date or on its day.
fn is_before(row: &Json, start: &str) -> bool {
    let day = row.get("UpdatedDateUTC").text();
    !day.is_empty() && day <= &start[..10]
}

/// All rows of a list.
fn list(auditor: &Auditor, tenant: &TenantId, name: &str, path: &str) -> Vec<Json> {
    if name != "assets" {
        return pages(auditor, tenant, &format!("{path}?"));
    }
    let walks = STATUSES.map(|status| format!("{path}?status={status}&"));
    let rows = walks.iter().flat_map(|walk| pages(auditor, tenant, walk));
    rows.collect()
}

/// All rows of one walk. Lists without pages answer every page with the same rows.
fn pages(auditor: &Auditor, tenant: &TenantId, start: &str) -> Vec<Json> {
    let mut rows: Vec<Json> = Vec::new();
    for page in 1.. {
        let path = format!("{start}page={page}");
        let (status, body) = auditor.request(&path, tenant);
        assert_eq!(status, 200, "{path}: {body}");
        let found = elements(&Json::parse(&body).expect("the simulator writes JSON"));
        if found.is_empty() || rows.contains(&found[0]) {
            break;
        }
        rows.extend(found);
    }
    rows
}

/// The rows of an answer: its array of objects, or the answer itself if it has no array.
fn elements(body: &Json) -> Vec<Json> {
    let is_rows = |it: &&Json| matches!(it.list().first(), Some(Json::Object(_)));
    let is_list = |it: &Json| matches!(it, Json::List(_));
    match body {
        Json::Object(members) if members.values().any(is_list) => {
            let rows = members.values().find(is_rows);
            rows.map_or(Vec::new(), |rows| rows.list().to_vec())
        }
        Json::Object(_) => vec![body.clone()],
        rows => rows.list().to_vec(),
    }
}

/// A value with the day of each date. The APIs write dates in several forms, which the connector makes one.
fn days(value: &Json) -> Json {
    match value {
        Json::Text(text) => Json::Text(day(text).unwrap_or_else(|| text.clone())),
        Json::List(elements) => Json::List(elements.iter().map(days).collect()),
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(members.map(|(name, it)| (name.clone(), days(it))).collect())
        }
        other => other.clone(),
    }
}

fn day(text: &str) -> Option<String> {
    if let Some(day) = crate::truth::date(text, "") {
        return Some(day);
    }
    let day = text.get(..10)?;
    let rest = text[10..].bytes().next();
    let is_day = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    (is_day && matches!(rest, None | Some(b'T'))).then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_rows_cost_the_calls_of_the_rows_that_hold_them() {
        for (stream, expected) in [
            ("payroll_au_payslips", true),
            ("payroll_au_payslip_tax_lines", true),
            ("payroll_au_timesheet_lines", false),
            ("payroll_au_pay_runs", false),
        ] {
            assert_eq!(is_per_row(stream), expected, "{stream}");
        }
    }

    #[test]
    fn rows_are_found_in_every_kind_of_answer() {
        for (body, count) in [
            (r#"{"pagination":{"page":1},"items":[{"a":1},{"a":2}]}"#, 2),
            (r#"{"Status":"OK","Employees":[{"a":1}]}"#, 1),
            (r#"[{"a":1},{"a":2},{"a":3}]"#, 3),
            (r#"{"problem":null,"employees":[]}"#, 0),
            (r#"{"id":"1","problem":null,"benefits":[]}"#, 0),
            (r#"{"Id":"1","Name":"Inbox"}"#, 1),
            ("null", 0),
        ] {
            let body = Json::parse(body).expect("the test writes JSON");
            assert_eq!(elements(&body).len(), count, "{body:?}");
        }
    }

    #[test]
    fn dates_of_all_forms_are_days() {
        for (text, expected) in [
            ("2026-03-02T00:00:00", Some("2026-03-02")),
            ("2026-03-02T09:30:00.1234567Z", Some("2026-03-02")),
            ("2026-03-02", Some("2026-03-02")),
            ("/Date(1772409600000+0000)/", Some("2026-03-02")),
            ("2026-03-02 and more", None),
            ("INV-0001", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
    }
}
