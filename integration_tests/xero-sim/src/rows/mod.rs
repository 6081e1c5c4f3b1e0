//! The documents of an organisation as JSON. One file renders one table, or what several tables share.
//! The values of a document follow from the seed of its row, so no document is stored.

pub use crate::books::DocumentKey;
use crate::books::Owed;
use crate::clock::Millis;
use crate::entity::{Entity, generator_of};
use crate::guid::Guid;
use crate::json::Json;

mod accounts;
pub(crate) mod attachments;
mod bank_transactions;
mod bank_transfers;
mod batch_payments;
mod branding_themes;
mod budgets;
mod chart_of_accounts;
mod cis_deduction;
mod common_fields;
mod contact_details;
mod contact_groups;
mod contact_stub;
mod contacts;
mod country;
mod credit_documents;
mod credit_notes;
mod credits;
mod currencies;
mod document;
mod document_kind;
mod draw;
mod expense_claims;
mod generate;
pub(crate) mod history_records;
mod invoice_reminders;
mod invoice_stub;
mod invoices;
mod items;
mod journals;
mod line_items;
mod linked_transactions;
mod made_for;
mod manual_journals;
mod organisation_actions;
mod organisations;
mod overpayments;
mod payment_amounts;
mod payment_services;
mod payments;
mod postings;
mod prepayments;
mod purchase_orders;
mod quotes;
mod receipts;
mod repeating_invoices;
mod report_input;
pub(crate) mod sample_texts;
mod settle;
mod settlements;
mod statuses;
mod tax_rates;
mod tax_tables;
mod tracking_categories;
mod us_sales_tax;
mod users;

pub use attachments::{Attachment, File};
pub use country::Country;
pub(crate) use draw::named_id;
pub use generate::generate;
pub(crate) use made_for::{made_for, status as status_made_for};
pub(crate) use postings::{
    Entry, Event, POSTING, PostedEntry, entries, events, items, ledger, options, owing, wages,
};
pub(crate) use report_input::{budget, contact, decimals};
pub(crate) use settle::{
    Change, Fresh, SETTLED, can_share_a_batch, date_of, linked_statuses, origins, remaining,
    seed_beside, settle,
};
pub(crate) use settlements::{Settlement, Settlements};
pub(crate) use statuses::status_after_deletion;

/// One document of one organisation. A row stores only what can change. All other values follow from
/// `seed`, so a world of 300,000 invoices stays small.
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
    /// Number of line items that were removed from the end of the document.
    pub lines_removed: u32,
    /// The files of the document. `None` draws them at random from the seed.
    pub attached: Option<Vec<Attachment>>,
    /// The status as Xero writes it, such as `AUTHORISED` or `VOIDED`; empty where the entity has none.
    pub status: &'static str,
    /// The row that it was made from or for: the batch of a payment, the transfer of a bank
    /// transaction, the template of an invoice, the invoice that a credit note corrects.
    pub of: Option<DocumentKey>,
    /// The versions before this one, oldest first: its history shows them.
    pub past: Vec<Past>,
}

/// A version of a document that an edit has replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its UpdatedDateUTC.
    pub updated: Millis,
    /// Its status.
    pub status: &'static str,
}

impl Row {
    /// Whether it is approved, and neither voided nor deleted: an invoice that can be paid, credit that can
    /// be used.
    pub(crate) fn stands(&self) -> bool {
        matches!(self.status, "AUTHORISED" | "PAID")
    }

    /// The id as documents show it.
    pub fn guid(&self) -> String {
        Guid(self.id).to_string()
    }

    /// Changes the row. A new version, or a new stamp, keeps the stamp and the status before.
    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut Row)) {
        let (version, updated, status) = (self.version, self.updated, self.status);
        edit(self);
        if (self.version, self.updated) != (version, updated) {
            self.past.push(Past { updated, status });
        }
    }
}

/// How much of a document an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// Options of rendering.
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
    /// A row by its number, also if it was removed from its table: documents still name it.
    fn row(&self, entity: Entity, number: u64) -> Option<&Row>;
    /// Whether the row of a number was removed from its table.
    fn is_removed(&self, entity: Entity, number: u64) -> bool;
    /// The rows that were made for a row, see [`Row::of`], in the order of their numbers.
    fn made_for(&self, document: DocumentKey) -> &[DocumentKey];
    /// What settles what.
    fn settlements(&self) -> &Settlements;
    /// What a journal posts.
    fn entry(&self, journal: &Row) -> Option<&PostedEntry>;
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
    /// What is open with a contact now, in the last place of the base currency.
    fn owed(&self, contact: &Row) -> Owed;
}

/// The books and the options with which a document is rendered.
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
    document_kind::Side::of(invoice) == document_kind::Side::Sales
}

/// Writes one row as Xero shows it, a JSON object.
pub fn render(entity: Entity, row: &Row, books: &dyn Books, options: Options, out: &mut Json) {
    let view = View {
        books,
        detail: options.detail,
        unitdp: options.unitdp,
    };
    let write = generator_of!(entity);
    out.open_object();
    write(row, view, out);
    out.close_object();
}

#[cfg(test)]
mod tests;
