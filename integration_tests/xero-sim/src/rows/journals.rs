//! Journals: the general ledger as posted. Debits are positive and equal the credits; all amounts are
//! in the currency of the books.

use super::accounts::{self, AccountCode, AccountName};
use super::draw;
use super::postings::{self, EntryLine};
use super::{Row, View, currencies, tracking_categories};
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    out.key("JournalID").guid(row.id);
    let Some(posted) = view.books.entry(row) else {
        return;
    };
    let entry = &posted.entry;
    out.key("JournalDate").date(entry.date);
    out.key("JournalNumber").integer(row.number.cast_signed());
    out.key("CreatedDateUTC").date(row.created);
    out.key("Reference").display(entry.reference);
    // A journal fetched by its id does not say where it comes from.
    if let Some((kind, id)) = entry.source.filter(|_| !view.is_single()) {
        out.key("SourceID").guid(id);
        out.key("SourceType").string(kind);
    }
    out.key("JournalLines").open_array();
    for (at, line) in entry.lines.iter().enumerate() {
        let id = draw::child_id(row.id, at as u64);
        write_line(line, posted.sign(), id, view, out);
    }
    out.close_array();
}

fn write_line(line: &EntryLine, sign: i64, id: u128, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    let account = postings::account(line, view.books);
    let net = sign * line.net;
    let tax = line.tax.map_or(0, |(tax, _)| sign * tax);
    out.open_object();
    out.key("JournalLineID").guid(id);
    out.key("AccountID").guid(account.id);
    if accounts::has_code(&account) {
        out.key("AccountCode").display(AccountCode(&account));
    }
    out.key("AccountType")
        .string(accounts::entry(&account).kind);
    out.key("AccountName").display(AccountName(&account));
    out.key("Description").string(line.description);
    out.key("NetAmount").decimal(net, decimals);
    out.key("GrossAmount").decimal(net + tax, decimals);
    out.key("TaxAmount").decimal(tax, decimals);
    if let Some((_, rate)) = line.tax {
        out.key("TaxType").string(rate.code);
        out.key("TaxName").string(rate.name);
    }
    let tracking = line.tracking.iter().flatten();
    tracking_categories::write("TrackingCategories", tracking, out);
    out.close_object();
}
