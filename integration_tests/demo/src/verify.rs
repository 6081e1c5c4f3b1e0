//! What the demo says is compared with the simulator's own data before it is printed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use xero_sim::{ENDPOINTS, Endpoint, Millis};

use crate::Result;
use crate::organisation::Organisation;
use crate::sync::{Stream, Sync};

/// The profit of one month as the report stream has it.
pub(crate) struct Month {
    /// As `YYYY-MM`.
    pub(crate) month: String,
    pub(crate) profit: String,
    pub(crate) months: usize,
}

/// A file that was downloaded.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Download {
    #[serde(rename = "ParentID")]
    document: String,
    #[serde(rename = "AttachmentID")]
    file: String,
    pub(crate) parent_type: String,
    #[serde(rename = "FileName")]
    pub(crate) name: String,
    file_path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReportRow<'a> {
    #[serde(borrow)]
    row_title: Cow<'a, str>,
    period_start: &'a str,
    period_end: &'a str,
    amount_text: &'a str,
}

/// Every stream is complete, and Xero's limits refused no call.
pub(crate) fn complete(sync: &Sync<'_>) -> Result<()> {
    let incomplete = sync.streams.iter().find(|(_, stream)| !stream.complete);
    if let Some((name, _)) = incomplete {
        return Err(format!("stream {name} is not complete").into());
    }
    if sync.refused > 0 {
        return Err(format!("the rate limits refused {} calls", sync.refused).into());
    }
    Ok(())
}

/// The first sync has each row of each list once, and no other.
pub(crate) fn every_row(organisation: &Organisation, sync: &Sync<'_>) -> Result<()> {
    for endpoint in ENDPOINTS {
        let Some(stream) = sync.streams.get(endpoint.name) else {
            continue;
        };
        let wanted = organisation.ids(endpoint.entity, |_| true);
        if stream.rows.len() != wanted.len() {
            let (rows, path) = (stream.rows.len(), endpoint.path);
            return Err(format!("{rows} rows of {} were read from {path}", wanted.len()).into());
        }
        if has_guids(endpoint) && ids(endpoint, stream)? != wanted {
            return Err(format!("the rows of {} are not those of Xero", endpoint.path).into());
        }
    }
    Ok(())
}

/// The second sync has each row that changed since `work`, for the lists that Xero stamps.
pub(crate) fn every_change(
    organisation: &Organisation,
    work: Millis,
    sync: &Sync<'_>,
) -> Result<()> {
    for endpoint in ENDPOINTS {
        let Some(stream) = sync.streams.get(endpoint.name) else {
            continue;
        };
        let changed = organisation.ids(endpoint.entity, |row| row.updated >= work);
        if has_guids(endpoint) && !ids(endpoint, stream)?.is_superset(&changed) {
            return Err(format!("a change of {} is missing", endpoint.path).into());
        }
    }
    Ok(())
}

/// Every month of the report has the profit of the books. Returns the last month that is over.
pub(crate) fn report(organisation: &Organisation, sync: &Sync<'_>) -> Result<Month> {
    let stream = sync.streams.get("report_profit_and_loss");
    let mut months = BTreeMap::new();
    for row in stream.map(|stream| &stream.rows[..]).unwrap_or_default() {
        let row: ReportRow<'_> = serde_json::from_str(row.get())?;
        if row.row_title != "NET PROFIT" {
            continue;
        }
        let books = organisation.profit(row.period_start, row.period_end);
        if cents(row.amount_text)? != books {
            let (month, text) = (row.period_start, row.amount_text);
            return Err(format!("the report says {text} for the month of {month}").into());
        }
        months.insert(row.period_start, row.amount_text);
    }
    let (first, profit) = months
        .iter()
        .rev()
        .nth(1)
        .ok_or("the report has no month")?;
    Ok(Month {
        month: first.chars().take(7).collect(),
        profit: (*profit).to_owned(),
        months: months.len(),
    })
}

/// Every file that was downloaded has the content that it has in Xero. Returns them.
pub(crate) fn files(
    organisation: &Organisation,
    sync: &Sync<'_>,
    folder: &Path,
) -> Result<Vec<Download>> {
    let stream = sync.streams.get("attachments");
    let mut files = Vec::new();
    for row in stream.map(|stream| &stream.rows[..]).unwrap_or_default() {
        let download: Download = serde_json::from_str(row.get())?;
        let Some(path) = &download.file_path else {
            continue;
        };
        let content = fs::read(folder.join(path))?;
        if organisation.file(&download.document, &download.file) != Some(content) {
            return Err(format!("{path} is not the file that Xero has").into());
        }
        files.push(download);
    }
    if files.is_empty() {
        return Err("no file was downloaded".into());
    }
    Ok(files)
}

/// Whether rows are known by a GUID; others have a name or a code.
fn has_guids(endpoint: &Endpoint) -> bool {
    endpoint.id.ends_with("ID")
}

fn ids(endpoint: &Endpoint, stream: &Stream<'_>) -> Result<BTreeSet<String>> {
    let rows = stream.rows.iter();
    rows.map(|row| {
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(row.get())?;
        let id = fields.get(endpoint.id).ok_or("a row has no id")?;
        Ok(serde_json::from_str(id.get())?)
    })
    .collect()
}

/// `-1234.5` as -123450.
fn cents(text: &str) -> Result<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    Ok(format!("{whole}{part:0<2}").parse()?)
}
