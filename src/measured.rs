//! The functions that `benches/pages` measures. Nothing else uses them.

use std::hint::black_box;

use crate::rows::envelope::Envelope;
use crate::rows::page::Page;
use crate::rows::rewrite::{self, KeyFields};
use crate::streams::{self, Family, TENANT};
use crate::xero::api::ACCOUNTING;

/// Splits a response of `/Invoices` into its rows. Returns `None` if it is not such a response.
#[inline(never)]
pub fn split(body: &[u8]) -> Option<Vec<&[u8]>> {
    let envelope = Envelope::parse(body, Some("Invoices")).ok()?;
    let rows = envelope.rows.into_iter();
    Some(rows.map(|row| row.get().as_bytes()).collect())
}

/// Rewrites the rows of a response, as [`split`] returns them, into `out`. Returns how many have a
/// key and a cursor.
#[inline(never)]
pub fn rewrite(rows: &[&[u8]], out: &mut Vec<u8>) -> usize {
    let fields = KeyFields {
        key: "InvoiceID",
        cursor: Some("UpdatedDateUTC"),
        ours: &[TENANT],
        dates: ACCOUNTING.dates,
    };
    let keys = rows
        .iter()
        .filter_map(|row| rewrite::append(row, fields, out).ok());
    keys.filter(|it| it.key.is_some() && it.cursor.is_some())
        .count()
}

/// Parses a response into the lines of these streams, which are read from one list. Returns the
/// number of rows, or `None` if it is no response of that list.
#[inline(never)]
pub fn page(body: &[u8], names: &[&str]) -> Option<usize> {
    let streams = names.iter().filter_map(|name| streams::find(name));
    let family = Family::group(streams).pop()?;
    let page = Page::parse(body, &family, "c5fc598e-707e-4291-b8f4-d74b451e8c20").ok()?;
    Some(black_box(page).facts.rows.len())
}
