//! Where a document's total belongs: to the accounts of its lines, and to the tax.

use super::entry::{Entry, EntryLine};
use super::{Books, chart_of_accounts};
use crate::rows::currencies::{self, rounded_ratio};
use crate::rows::document::Document;
use crate::rows::document_kind::AmountTypes;
use crate::rows::settlements::Part;

/// The parts of a document's total in the books' currency, before debit or credit is decided: the net
/// amounts of the lines, and the tax. Each is rounded for itself, so their sum can miss the total by
/// some units of the last place.
pub(super) fn parts(document: &Document<'_>, books: &dyn Books) -> Vec<EntryLine> {
    let in_base = |amount| currencies::in_base(amount, document.currency, document.rate, books);
    let lines = document.lines.iter().map(|line| {
        let net = match document.types {
            AmountTypes::Inclusive => line.amount - line.tax_amount,
            AmountTypes::Exclusive | AmountTypes::NoTax => line.amount,
        };
        EntryLine {
            account: line.account.number,
            net: in_base(net),
            tax: Some((in_base(line.tax_amount), line.tax)),
            description: line.description.unwrap_or_default(),
            tracking: line.tracking,
        }
    });
    let tax = EntryLine {
        account: chart_of_accounts::TAX,
        net: in_base(document.total_tax),
        tax: None,
        description: "",
        tracking: [None; 2],
    };
    lines.chain([tax]).collect()
}

/// Posts all parts of a document, debited if `sign` is 1.
pub(super) fn post_all(entry: &mut Entry, document: &Document<'_>, books: &dyn Books, sign: i64) {
    for line in parts(document, books) {
        entry.post_line(scaled(line, |amount| sign * amount));
    }
}

/// Posts the share of a document's lines that belongs to a part of its total, debited if `sign` is 1.
pub(super) fn post_share(
    entry: &mut Entry,
    document: &Document<'_>,
    (from, to): Part,
    books: &dyn Books,
    sign: i64,
) {
    let until = |amount: i64, sum: i64| {
        let share = i128::from(amount) * i128::from(sum);
        rounded_ratio(share, document.total.max(1).into())
    };
    for line in parts(document, books) {
        entry.post_line(scaled(line, |amount| {
            sign * (until(amount, to) - until(amount, from))
        }));
    }
}

fn scaled(line: EntryLine, scale: impl Fn(i64) -> i64) -> EntryLine {
    EntryLine {
        net: scale(line.net),
        tax: line.tax.map(|(amount, rate)| (scale(amount), rate)),
        ..line
    }
}
