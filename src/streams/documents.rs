//! The document streams, one line each: data that needs one call per document.

use super::lists::*;
use super::{
    Address, DocumentChild, DocumentFilter, Endpoint, ExistsIn, FileAddress, FileFields,
    NamesDocument, POSITION, Paging, QuerySupport, Source, Stream, TENANT,
};
use crate::xero::api::ACCOUNTING;

/// The time of the document's last change. It decides which documents the next sync fetches.
const STAMP: Option<&str> = Some("UpdatedDateUTC");

const ATTACHMENTS: &[&str] = &["accounting.attachments.read"];
/// The history of a document needs the scope of the document.
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
    "the scope accounting.contacts.read for the contacts of organisations in the United Kingdom",
);

// Every key contains the document: one file may be attached to several documents, and history
// entries have no id.
const FILE: &[&str] = &["ParentID", "AttachmentID"];
const ENTRY: &[&str] = &["ParentID", "DateUTC", POSITION];
const ONE_EACH: &[&str] = &["ParentID"];
const OF_TENANT: &[&str] = &[TENANT, "ParentID"];

const ATTACHMENT: FileFields = FileFields {
    id: "AttachmentID",
    name: "FileName",
    media_type: "MimeType",
    length: "ContentLength",
    address: FileAddress::Listed,
};

/// Only the attachments are files.
const fn files_of(filter: DocumentFilter) -> Option<FileFields> {
    match filter {
        DocumentFilter::WithAttachments => Some(ATTACHMENT),
        DocumentFilter::All | DocumentFilter::Online => None,
    }
}

macro_rules! streams {
    ($($name:ident $path:literal $envelope:literal, $key:expr, $scopes:expr, $also_requires:expr, $filter:ident, $rare:expr, $exists_in:ident, [$($parent:ident),+];)*) => {
        /// The document streams, sorted by name.
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
                    query_support: QuerySupport::NONE,
                    params: &[],
                    required_filter: None,
                    scopes: $scopes,
                    also_requires: $also_requires,
                    quirks: &[],
                },
                address: Address::Below,
                names_document: NamesDocument::TypeAndId,
                items: None,
                parents: &[$(&$parent),+],
                filter: DocumentFilter::$filter,
                files: files_of(DocumentFilter::$filter),
                is_rare: $rare,
                exists_in: ExistsIn::$exists_in,
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        }),*];
    };
}

#[rustfmt::skip]
streams! {
    attachments     "/Attachments"   "Attachments",    FILE,      ATTACHMENTS, None,     WithAttachments, false, Every,         [accounts, bank_transactions, bank_transfers, contacts, credit_notes, invoices, manual_journals, purchase_orders, quotes, receipts, repeating_invoices];
    cis_settings    "/CISSettings"   "CISSettings",    OF_TENANT, SETTINGS,    CONTACTS, All,             true,  CisContractor, [contacts];
    history         "/History"       "HistoryRecords", ENTRY,     OF_PARENTS,  None,     All,             false, Every,         [bank_transactions, bank_transfers, batch_payments, contacts, credit_notes, expense_claims, invoices, items, manual_journals, overpayments, payments, prepayments, purchase_orders, quotes, receipts, repeating_invoices];
    online_invoices "/OnlineInvoice" "OnlineInvoices", ONE_EACH,  INVOICES,    None,     Online,          true,  Every,         [invoices];
}
