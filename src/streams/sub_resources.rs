//! The streams of what hangs on documents: one line a stream, to be read across.
//! Each costs a call for each document.

use super::table::*;
use super::{
    Clauses, DocumentChild, DocumentFilter, Endpoint, ExistsIn, POSITION, Paging, Source, Stream,
    TENANT,
};
use crate::xero::api::ACCOUNTING;

/// The last change of the document: it tells which documents are to be asked again.
const STAMP: Option<&str> = Some("UpdatedDateUTC");

const ATTACHMENTS: &[&str] = &["accounting.attachments.read"];
/// History needs the scope of the document that it is about.
const OF_PARENTS: &[&str] = &[
    "accounting.invoices.read",
    "accounting.payments.read",
    "accounting.banktransactions.read",
    "accounting.manualjournals.read",
    "accounting.contacts.read",
    "accounting.settings.read",
    "accounting.transactions.read",
];
const INVOICES: &[&str] = &["accounting.invoices.read", "accounting.transactions.read"];
const SETTINGS: &[&str] = &["accounting.settings.read"];

const CONTACTS: Option<&str> = Some(
    "the scope accounting.contacts.read, to know the contacts, for an organisation of the United Kingdom",
);

/// Why each file, and each entry, has its document in its key: one file may hang
/// on several documents, and entries have no id.
const FILE: &[&str] = &["ParentID", "AttachmentID"];
const ENTRY: &[&str] = &["ParentID", "DateUTC", POSITION];
const ONE_EACH: &[&str] = &["ParentID"];
const OF_TENANT: &[&str] = &[TENANT, "ParentID"];

macro_rules! sub_resources {
    ($($name:ident $path:literal $envelope:literal, $key:expr, $scopes:expr, $tier:expr, $wanted:ident, $rare:expr, $exists_in:ident, [$($parent:ident),+];)*) => {
        /// The streams, by name.
        #[rustfmt::skip]
        pub(super) const STREAMS: &[Stream] = &[$(Stream {
            name: stringify!($name),
            key: $key,
            cursor: STAMP,
            source: Source::Document(DocumentChild {
                endpoint: Endpoint {
                    api: &ACCOUNTING,
                    path: $path,
                    envelope: Some($envelope),
                    paging: Paging::Whole,
                    clauses: Clauses::NONE,
                    params: &[],
                    scopes: $scopes,
                    tier: $tier,
                    quirks: &[],
                },
                parents: &[$(&$parent),+],
                wanted: DocumentFilter::$wanted,
                is_rare: $rare,
                exists_in: ExistsIn::$exists_in,
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        }),*];
    };
}

#[rustfmt::skip]
sub_resources! {
    attachments     "/Attachments"   "Attachments",    FILE,      ATTACHMENTS, None,     WithAttachments, false, Every,         [accounts, bank_transactions, bank_transfers, contacts, credit_notes, invoices, manual_journals, purchase_orders, quotes, receipts, repeating_invoices];
    cis_settings    "/CISSettings"   "CISSettings",    OF_TENANT, SETTINGS,    CONTACTS, All,             true,  CisContractor, [contacts];
    history         "/History"       "HistoryRecords", ENTRY,     OF_PARENTS,  None,     All,             false, Every,         [bank_transactions, bank_transfers, batch_payments, contacts, credit_notes, expense_claims, invoices, items, manual_journals, overpayments, payments, prepayments, purchase_orders, quotes, receipts, repeating_invoices];
    online_invoices "/OnlineInvoice" "OnlineInvoices", ONE_EACH,  INVOICES,    None,     Online,          true,  Every,         [invoices];
}
