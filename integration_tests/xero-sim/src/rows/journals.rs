//! Journals: the general ledger as posted. Debits are positive and equal the credits;
//! all amounts are in the currency of the books.

use fastrand::Rng;

use super::accounts::{self, AccountCode, AccountName};
use super::document_kind::{AmountTypes, Side};
use super::draw::{self, Aspect, Versioned};
use super::sample_texts::{DESCRIPTIONS, REFERENCES};
use super::tax_rates::{self, TaxRate};
use super::{
    Books, Row, View, chart_of_accounts, common_fields, currencies, payment_targets,
    tracking_categories,
};
use crate::entity::Entity;
use crate::json::Json;

/// Xero's SourceType, the table of what was posted and the side it is on.
type Source = (&'static str, Entity, Side);

#[rustfmt::skip]
const CASH: &[Source] = &[
    ("ACCRECPAYMENT", Entity::Payments,         Side::Sales),
    ("ACCPAYPAYMENT", Entity::Payments,         Side::Purchases),
    ("CASHREC",       Entity::BankTransactions, Side::Sales),
    ("CASHPAID",      Entity::BankTransactions, Side::Purchases),
    ("TRANSFER",      Entity::BankTransfers,    Side::Purchases),
];

#[rustfmt::skip]
const ACCRUAL: &[Source] = &[
    ("ACCREC",        Entity::Invoices,         Side::Sales),
    ("ACCREC",        Entity::Invoices,         Side::Sales),
    ("ACCPAY",        Entity::Invoices,         Side::Purchases),
    ("ACCRECCREDIT",  Entity::CreditNotes,      Side::Sales),
    ("ACCPAYCREDIT",  Entity::CreditNotes,      Side::Purchases),
    ("MANJOURNAL",    Entity::ManualJournals,   Side::Purchases),
    ("ARPREPAYMENT",  Entity::Prepayments,      Side::Sales),
    ("APOVERPAYMENT", Entity::Overpayments,     Side::Purchases),
    ("EXPCLAIM",      Entity::ExpenseClaims,    Side::Purchases),
];

/// Whether a journal is of the cash-basis set, which `paymentsOnly=true` asks for: one in
/// three is.
pub(crate) fn is_cash_basis(row: &Row) -> bool {
    row.seed.is_multiple_of(3)
}

/// The document that was posted.
fn posted(table: Entity, side: Side, books: &dyn Books, rng: &mut Rng) -> Row {
    let on_side = |row: &Row| match table {
        Entity::BankTransfers | Entity::ExpenseClaims | Entity::ManualJournals => true,
        Entity::Payments => {
            payment_targets::target(row) == Entity::Invoices
                && Side::of(&payment_targets::paid(row, books)) == side
        }
        _ => Side::of(row) == side,
    };
    draw::any_that(books, table, rng, on_side)
}

/// One side of a posting.
struct Posting {
    account: Row,
    net: i64,
    tax: Option<(i64, &'static TaxRate)>,
    description: &'static str,
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let sources = if is_cash_basis(row) { CASH } else { ACCRUAL };
    let (source_type, table, side) = sources[rng.usize(..sources.len())];
    out.key("JournalID").guid(row.id);
    out.key("JournalDate")
        .date(common_fields::midnight(row.created));
    out.key("JournalNumber").integer(row.number.cast_signed());
    out.key("CreatedDateUTC").date(row.created);
    out.key("Reference")
        .display(Versioned(draw::one_of(&mut rng, REFERENCES), row.version));
    let document = posted(table, side, view.books, &mut rng);
    // A journal fetched by its id does not say where it comes from.
    if !view.is_single() {
        out.key("SourceID").guid(document.id);
        out.key("SourceType").string(source_type);
    }
    out.key("JournalLines").open_array();
    for (at, posting) in postings(row, side, view, &mut rng).iter().enumerate() {
        posting.write(draw::child_id(row.id, at as u64), view, &mut rng, out);
    }
    out.close_array();
}

/// What is owed (or was paid at once) against what was sold or bought, line by line, and
/// the tax.
fn postings(row: &Row, side: Side, view: View<'_>, rng: &mut Rng) -> Vec<Posting> {
    let sign = side.choose(-1, 1);
    let group = side.choose(chart_of_accounts::SALES, chart_of_accounts::EXPENSES);
    let mut lines = Vec::with_capacity(6);
    let (mut net_sum, mut tax_sum) = (0, 0);
    for _ in 0..rng.u8(1..=4) {
        let net = sign * rng.i64(100..500_000);
        let rate = tax_rates::any(view.books, side, rng);
        let tax = rate.on(net, AmountTypes::Exclusive);
        net_sum += net;
        tax_sum += tax;
        lines.push(Posting {
            account: accounts::any(view.books, group.clone(), rng),
            net,
            tax: Some((tax, rate)),
            description: draw::one_of(rng, DESCRIPTIONS),
        });
    }
    let control = |number, net| Posting {
        account: draw::numbered(view.books, Entity::Accounts, number),
        net,
        tax: None,
        description: "",
    };
    let owed = side.choose(chart_of_accounts::RECEIVABLE, chart_of_accounts::PAYABLE);
    let paid = *chart_of_accounts::BANK.start();
    let against = if is_cash_basis(row) { paid } else { owed };
    lines.insert(0, control(against, -net_sum - tax_sum));
    if tax_sum != 0 {
        lines.push(control(chart_of_accounts::TAX, tax_sum));
    }
    lines
}

impl Posting {
    fn write(&self, id: u128, view: View<'_>, rng: &mut Rng, out: &mut Json) {
        let decimals = currencies::base(view.books).decimals;
        let tax = self.tax.map_or(0, |(tax, _)| tax);
        out.open_object();
        out.key("JournalLineID").guid(id);
        out.key("AccountID").guid(self.account.id);
        out.key("AccountCode").display(AccountCode(&self.account));
        out.key("AccountType")
            .string(accounts::entry(&self.account).kind);
        out.key("AccountName").display(AccountName(&self.account));
        out.key("Description").string(self.description);
        out.key("NetAmount").decimal(self.net, decimals);
        out.key("GrossAmount").decimal(self.net + tax, decimals);
        out.key("TaxAmount").decimal(tax, decimals);
        if let Some((_, rate)) = self.tax {
            out.key("TaxType").string(rate.code);
            out.key("TaxName").string(rate.name);
        }
        let choices: Vec<_> = tracking_categories::any(view, rng).collect();
        let tracked = choices.iter().filter(|_| self.tax.is_some());
        tracking_categories::write("TrackingCategories", tracked, out);
        out.close_object();
    }
}
