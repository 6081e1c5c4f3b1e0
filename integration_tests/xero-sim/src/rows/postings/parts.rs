//! Where a document's total belongs: to the accounts of its lines, and to the tax.

use super::{Books, chart_of_accounts};
use crate::rows::currencies;
use crate::rows::document::Document;
use crate::rows::document_kind::AmountTypes;
use crate::rows::tracking_categories::Choice;

/// A part of a document's total.
pub(super) struct Part {
    /// The account's number.
    pub(super) account: u64,
    /// In the books' currency, before debit or credit is decided.
    pub(super) amount: i64,
    /// Ids of the tracking options.
    pub(super) options: [Option<u128>; 2],
}

/// The net amounts of the lines, and the tax. Each is rounded for itself: their sum can
/// miss the total by some units of the last place.
pub(super) fn parts(document: &Document<'_>, books: &dyn Books) -> Vec<Part> {
    let in_base = |amount| currencies::in_base(amount, document.currency, document.rate, books);
    let lines = document.lines.iter().map(|line| {
        let net = match document.types {
            AmountTypes::Inclusive => line.amount - line.tax_amount,
            AmountTypes::Exclusive | AmountTypes::NoTax => line.amount,
        };
        let option = |choice: &Option<Choice>| choice.as_ref().map(Choice::id);
        Part {
            account: line.account.number,
            amount: in_base(net),
            options: line.tracking.each_ref().map(option),
        }
    });
    let tax = Part {
        account: chart_of_accounts::TAX,
        amount: in_base(document.total_tax),
        options: [None; 2],
    };
    lines.chain([tax]).collect()
}
