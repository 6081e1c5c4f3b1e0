//! Accounts, and how documents name them.

use std::fmt;
use std::ops::RangeInclusive;

use fastrand::Rng;

use super::chart_of_accounts::{CHART, ChartAccount};
use super::currencies;
use super::draw::{self, Aspect, Versioned};
use super::{Books, Row, View, tax_rates};
use crate::entity::Entity;
use crate::json::Json;

/// Any account of a group of the chart.
pub(super) fn any(books: &dyn Books, group: RangeInclusive<u64>, rng: &mut Rng) -> Row {
    draw::numbered(books, Entity::Accounts, rng.u64(group))
}

/// What the chart says about an account. Organisations with more accounts than the chart
/// have several of a kind.
pub(super) fn entry(row: &Row) -> &'static ChartAccount {
    &CHART[(row.number as usize).saturating_sub(1) % CHART.len()]
}

/// Whether an account has a code. A bank account can do without.
pub(super) fn has_code(row: &Row) -> bool {
    !entry(row).code.is_empty()
}

/// An account's code, distinct for each number that has one.
pub(super) struct AccountCode<'a>(pub(super) &'a Row);

impl fmt::Display for AccountCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !has_code(self.0) {
            return Ok(());
        }
        f.write_str(entry(self.0).code)?;
        more(self.0, f)
    }
}

/// An account's name, distinct for each number.
pub(super) struct AccountName<'a>(pub(super) &'a Row);

impl fmt::Display for AccountName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(entry(self.0).name)?;
        more(self.0, f)
    }
}

/// Tells the accounts beyond the chart from those within.
fn more(row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match row.number.saturating_sub(1) / CHART.len() as u64 {
        0 => Ok(()),
        round => write!(f, "-{round}"),
    }
}

/// Writes `Code`, if the account has one.
pub(super) fn write_code(row: &Row, out: &mut Json) {
    if has_code(row) {
        out.key("Code").display(AccountCode(row));
    }
}

/// Writes `{AccountID, Code, Name}`, as a bank account is named.
pub(super) fn write_stub(key: &str, row: &Row, out: &mut Json) {
    out.key(key).open_object();
    out.key("AccountID").guid(row.id);
    write_code(row, out);
    out.key("Name").display(AccountName(row));
    out.close_object();
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let account = entry(row);
    let mut rng = draw::rng_of(row, Aspect::Head);
    out.key("AccountID").guid(row.id);
    write_code(row, out);
    out.key("Name").display(AccountName(row));
    out.key("Status").string(row.status);
    out.key("Type").string(account.kind);
    let tax = tax_rates::of_account(account.tax, view.books);
    out.key("TaxType").string(tax.code);
    // Bank accounts have none until somebody writes one.
    if account.kind != "BANK" || row.version > 1 {
        let description = format_args!("{}: {}", account.class(), account.name);
        out.key("Description")
            .display(Versioned(description, row.version));
    }
    out.key("Class").string(account.class());
    if !account.system.is_empty() {
        out.key("SystemAccount").string(account.system);
    }
    out.key("EnablePaymentsToAccount")
        .bool(account.kind == "EQUITY");
    out.key("ShowInExpenseClaims")
        .bool(account.class() == "EXPENSE" && rng.bool());
    if account.kind == "BANK" {
        write_bank_details(account, view, &mut rng, out);
    } else {
        out.key("BankAccountType").string("");
    }
    out.key("ReportingCode")
        .display(format_args!("{:.3}", account.class()));
    if account.system.is_empty() {
        out.key("ReportingCodeName").string(account.class());
    }
    out.key("HasAttachments")
        .bool(row.attached.as_ref().is_some_and(|files| !files.is_empty()));
    out.key("UpdatedDateUTC").date(row.updated);
    out.key("AddToWatchlist").bool(rng.bool());
}

fn write_bank_details(account: &ChartAccount, view: View<'_>, rng: &mut Rng, out: &mut Json) {
    let card = account.name.ends_with("Card");
    out.key("BankAccountNumber")
        .display(format_args!("{:016}", rng.u64(..10_000_000_000_000_000)));
    out.key("BankAccountType")
        .string(if card { "CREDITCARD" } else { "BANK" });
    out.key("CurrencyCode")
        .string(currencies::base(view.books).code);
}
