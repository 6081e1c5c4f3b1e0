//! What the documents of an organisation look like. One file holds one family of
//! tables; what a row shows follows from its seed, so a document is never stored.

use crate::entity::Entity;
use crate::guid::Guid;
use crate::json::Json;

mod accounts;
pub(crate) mod attachments;
mod bank_transactions;
mod bank_transfers;
mod batch_payments;
mod budgets;
mod chart;
mod contact_details;
mod contact_groups;
mod contacts;
mod credit_notes;
mod credits;
mod currencies;
mod document;
mod expenses;
mod fields;
mod generate;
mod invoices;
mod items;
mod journals;
mod line_items;
mod linked_transactions;
mod manual_journals;
mod organisation;
mod payments;
mod pick;
mod posted;
mod prepaid;
mod purchase_orders;
mod quotes;
mod repeating_invoices;
mod reported;
mod settings;
mod settlement;
mod tax_rates;
mod tracking;
mod united_kingdom;
mod united_states;
mod users;
mod words;

pub use attachments::{Attachment, File};
pub use generate::{fixed_count, generate};
pub(crate) use journals::is_cash_basis;
pub(crate) use payments::{is_part_paid, paid_number};
pub(crate) use posted::{items, ledger, options, owing};
pub(crate) use reported::{budget, contact, decimals};

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// One document of one organisation. Only what can change is stored; all that a
/// row shows follows from `seed`, so that a world of 300,000 invoices stays small.
#[derive(Clone, Debug)]
pub struct Row {
    /// The document's id, shown as a lower-case hyphenated GUID.
    pub id: u128,
    /// 1-based position in its table: document numbers and journal numbers come from it.
    pub number: u64,
    /// The source of every generated value.
    pub seed: u64,
    /// When the document was made.
    pub created: Millis,
    /// Xero's UpdatedDateUTC. Not every edit moves it, see [`Row::silent_edits`].
    pub updated: Millis,
    /// Counts the edits, from 1; a field of the document shows it (`Reference` ends in `v2`),
    /// so that a reader sees which version it got.
    pub version: u32,
    /// Counts the edits that Xero does not stamp, from 0; only what such an edit can reach
    /// shows them: due dates and SentToContact of invoices, balances and roles of contacts.
    pub silent_edits: u32,
    /// Line items that were taken out, from 0: the last ones of a document.
    pub lines_removed: u32,
    /// How many files hang on the document; if nobody has said, chance decides.
    pub attached: Option<Vec<Attachment>>,
    /// The status as Xero writes it, such as `AUTHORISED` or `VOIDED`; empty where the entity has none.
    pub status: &'static str,
}

impl Row {
    /// The id as documents show it.
    pub fn guid(&self) -> String {
        Guid(self.id).to_string()
    }
}

/// How much of a document an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// In a paged list: line items, payments, allocations included.
    Paged,
    /// In a list without `page`: the short form, `LineItems` and the like are `[]`.
    Summary,
    /// `summaryOnly=true`: the short form without the fields that Xero's docs name.
    SummaryOnly,
    /// Fetched by its id.
    Single,
}

/// What rendering may depend on besides the row.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much to show.
    pub detail: Detail,
    /// Decimals of unit amounts: 2, or 4 with `unitdp=4`.
    pub unitdp: u8,
}

/// An organisation's books: its tables, for rows that name other rows.
pub trait Books {
    /// The rows of one table in the order of their numbers.
    fn rows(&self, entity: Entity) -> &[Row];
    /// The last number of a table that documents name when they name any row of it. Rows
    /// that come later are named by none, so that they change no document that is there.
    fn named(&self, entity: Entity) -> u64 {
        self.rows(entity).last().map_or(0, |row| row.number)
    }
    /// The organisation's name.
    fn name(&self) -> &str;
    /// Base currency, such as `NZD`.
    fn base_currency(&self) -> &str;
    /// The month and the day on which fiscal years end.
    fn year_end(&self) -> (u32, u32);
    /// What a contact owes, and what it is owed, for documents that are there, in the last
    /// place of the base currency.
    fn owed(&self, contact: &Row) -> (i64, i64);
}

/// What a document is seen with: the books around it and how much is asked for.
#[derive(Clone, Copy)]
struct View<'a> {
    books: &'a dyn Books,
    detail: Detail,
    unitdp: u8,
}

impl View<'_> {
    /// Whether line items, payments, allocations and the like are filled.
    fn is_long(self) -> bool {
        matches!(self.detail, Detail::Paged | Detail::Single)
    }

    /// Whether the document was fetched by its id.
    fn is_single(self) -> bool {
        self.detail == Detail::Single
    }
}

/// Whether an invoice is one to a customer.
pub(crate) fn is_sale(invoice: &Row) -> bool {
    document::Side::of(invoice) == document::Side::Sales
}

/// Writes one row as Xero shows it, a JSON object.
pub fn render(entity: Entity, row: &Row, books: &dyn Books, options: Options, out: &mut Json) {
    let view = View {
        books,
        detail: options.detail,
        unitdp: options.unitdp,
    };
    let write = match entity {
        Entity::Accounts => accounts::render,
        Entity::BankTransactions => bank_transactions::render,
        Entity::BankTransfers => bank_transfers::render,
        Entity::BatchPayments => batch_payments::render,
        Entity::BrandingThemes => settings::branding_theme,
        Entity::Budgets => budgets::render,
        Entity::ContactGroups => contact_groups::render,
        Entity::Contacts => contacts::render,
        Entity::CreditNotes => credit_notes::render,
        Entity::Currencies => currencies::render,
        Entity::ExpenseClaims => expenses::claim,
        Entity::InvoiceReminders => settings::invoice_reminders,
        Entity::Invoices => invoices::render,
        Entity::Items => items::render,
        Entity::Journals => journals::render,
        Entity::LinkedTransactions => linked_transactions::render,
        Entity::ManualJournals => manual_journals::render,
        Entity::OrganisationActions => settings::organisation_action,
        Entity::Organisations => organisation::render,
        Entity::Overpayments => prepaid::overpayment,
        Entity::PaymentServices => settings::payment_service,
        Entity::Payments => payments::render,
        Entity::Prepayments => prepaid::prepayment,
        Entity::PurchaseOrders => purchase_orders::render,
        Entity::Quotes => quotes::render,
        Entity::Receipts => expenses::receipt,
        Entity::RepeatingInvoices => repeating_invoices::render,
        Entity::TaxRates => tax_rates::render,
        Entity::TrackingCategories => tracking::render,
        Entity::Users => users::render,
    };
    out.open_object();
    write(row, view, out);
    out.close_object();
}

#[cfg(test)]
mod tests;
