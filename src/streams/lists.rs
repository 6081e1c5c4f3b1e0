//! The list streams, one line each.

use super::{Endpoint, Order, Paging, QuerySupport, Quirk, Source, Stream, TENANT};
use crate::xero::api::{ACCOUNTING, IDENTITY};

const MODIFIED: Option<&str> = Some("UpdatedDateUTC");
const NUMBER: Option<&str> = Some("JournalNumber");

/// Requests unit amounts with four decimals. By default Xero rounds them to two.
const EXACT: (&str, &str) = ("unitdp", "4");
/// Requests archived rows, which Xero omits by default.
const ARCHIVED: (&str, &str) = ("includeArchived", "true");
/// Requests deleted rows, which Xero omits by default.
const DELETED: (&str, &str) = ("includeDeleted", "true");
/// Requests the ledger on a cash basis instead of the accrual basis.
const CASH: (&str, &str) = ("paymentsOnly", "true");

// Support for `order` and `where`. Source: Xero's OpenAPI and its page on requests.
const NEITHER: QuerySupport = QuerySupport::NONE;
/// Supports both. Xero documents the sort order without `order`.
const SORTED: QuerySupport = QuerySupport {
    order: Order::Documented,
    filter: true,
};
/// Supports both.
const BOTH: QuerySupport = QuerySupport {
    order: Order::Undocumented,
    filter: true,
};
/// Supports `order` only.
const ORDER: QuerySupport = QuerySupport {
    order: Order::Undocumented,
    filter: false,
};
/// Supports `where` only.
const WHERE: QuerySupport = QuerySupport {
    order: Order::Refused,
    filter: true,
};

// Xero's granular scopes of March 2026 come first, then the broad scopes that they replace.
const SETTINGS: &[&str] = &["accounting.settings.read"];
const CONTACTS: &[&str] = &["accounting.contacts.read"];
const INVOICES: &[&str] = &["accounting.invoices.read", "accounting.transactions.read"];
const PAYMENTS: &[&str] = &["accounting.payments.read", "accounting.transactions.read"];
const BANK: &[&str] = &[
    "accounting.banktransactions.read",
    "accounting.transactions.read",
];
const MANUAL: &[&str] = &[
    "accounting.manualjournals.read",
    "accounting.transactions.read",
];
/// Xero does not grant the granular scope to apps created since March 2026.
const EXPENSES: &[&str] = &[
    "accounting.classicexpenses.read",
    "accounting.transactions.read",
];
const ITEMS: &[&str] = &[
    "accounting.settings.read",
    "accounting.invoices.read",
    "accounting.transactions.read",
];
/// Every token has access.
const ANY: &[&str] = &[];
const BUDGETS: &[&str] = &["accounting.budgets.read"];
const JOURNALS: &[&str] = &["accounting.journals.read"];
/// Xero has no read-only scope for this list.
const SERVICES: &[&str] = &["paymentservices"];

const ADVANCED: Option<&str> =
    Some("an app on Xero's Advanced tier that has passed the security assessment");

/// The response is the list itself, without an envelope.
const BARE: &str = "";

macro_rules! streams {
    ($($name:ident $api:ident $path:literal $envelope:expr, [$($key:expr),+], $cursor:expr, $paging:ident, $query_support:ident, $params:expr, $scopes:ident, $also_requires:expr, [$($quirk:ident),*], $deletion:literal;)*) => {
        $(#[expect(non_upper_case_globals, reason = "each constant has the name of its stream and its schema file")]
        pub(crate) const $name: Stream = Stream {
            name: stringify!($name),
            key: &[$($key),+],
            cursor: $cursor,
            source: Source::Endpoint(Endpoint {
                api: &$api,
                path: $path,
                envelope: if $envelope.is_empty() { None } else { Some($envelope) },
                paging: Paging::$paging,
                query_support: $query_support,
                params: &$params,
                required_filter: None,
                scopes: $scopes,
                also_requires: $also_requires,
                quirks: &[$(Quirk::$quirk),*],
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        };)*
        /// How a deletion shows in each stream, for `docs/streams.md`.
        #[cfg(test)]
        pub(super) const DELETIONS: &[(&str, &str)] = &[$((stringify!($name), $deletion)),*];
        /// The list streams, sorted by name.
        pub(super) const STREAMS: &[Stream] = &[$($name),*];
    };
}

#[rustfmt::skip]
streams! {
    accounts             ACCOUNTING "/Accounts"                   "Accounts",          ["AccountID"],            MODIFIED, Whole,      BOTH,    [],          SETTINGS, None, [], "`Status` ARCHIVED or DELETED";
    bank_transactions    ACCOUNTING "/BankTransactions"           "BankTransactions",  ["BankTransactionID"],    MODIFIED, Pages,      SORTED,  [EXACT],     BANK,     None, [], "`Status` DELETED or VOIDED";
    // Transfers have only a creation time, which a deletion does not change. A cursor would miss deletions.
    bank_transfers       ACCOUNTING "/BankTransfers"              "BankTransfers",     ["BankTransferID"],       None,     Whole,      BOTH,    [DELETED],   BANK,     None, [StampedAtCreation], "`Status` DELETED";
    batch_payments       ACCOUNTING "/BatchPayments"              "BatchPayments",     ["BatchPaymentID"],       MODIFIED, Whole,      SORTED,  [],          PAYMENTS, None, [], "`Status` DELETED";
    branding_themes      ACCOUNTING "/BrandingThemes"             "BrandingThemes",    ["BrandingThemeID"],      None,     Whole,      NEITHER, [],          SETTINGS, None, [], "absent from the next read";
    // Xero always lists all budgets, so a cursor would save no call and would hide deletions. Only a single budget has lines.
    budgets              ACCOUNTING "/Budgets"                    "Budgets",           ["BudgetID"],             None,     ListThenDetail, NEITHER, [],          BUDGETS,  None, [], "absent from the next read";
    connections          IDENTITY   "/connections"                BARE,                ["id"]  ,                   None,     Whole,      NEITHER, [],          ANY,      None, [], "absent from the next read";
    contact_groups       ACCOUNTING "/ContactGroups"              "ContactGroups",     ["ContactGroupID"],       None,     Whole,      BOTH,    [],          CONTACTS, None, [], "absent from the next read";
    contacts             ACCOUNTING "/Contacts"                   "Contacts",          ["ContactID"],            MODIFIED, Pages,      SORTED,  [ARCHIVED],  CONTACTS, None, [ChangesWithoutStamp], "`ContactStatus` ARCHIVED";
    credit_notes         ACCOUNTING "/CreditNotes"                "CreditNotes",       ["CreditNoteID"],         MODIFIED, Pages,      SORTED,  [EXACT],     INVOICES, None, [ChangesWithoutStamp], "`Status` DELETED or VOIDED";
    currencies           ACCOUNTING "/Currencies"                 "Currencies",        [TENANT, "Code"],         None,     Whole,      BOTH,    [],          SETTINGS, None, [Shared], "absent from the next read";
    expense_claims       ACCOUNTING "/ExpenseClaims"              "ExpenseClaims",     ["ExpenseClaimID"],       MODIFIED, Whole,      BOTH,    [],          EXPENSES, None, [], "`Status` DELETED or VOIDED";
    invoice_reminders    ACCOUNTING "/InvoiceReminders/Settings"  "InvoiceReminders",  [TENANT],                 None,     Whole,      NEITHER, [],          SETTINGS, None, [], "no deletion";
    invoices             ACCOUNTING "/Invoices"                   "Invoices",          ["InvoiceID"],            MODIFIED, Pages,      SORTED,  [EXACT],     INVOICES, None, [ChangesWithoutStamp], "`Status` DELETED or VOIDED";
    items                ACCOUNTING "/Items"                      "Items",             ["ItemID"],               MODIFIED, Whole,      BOTH,    [EXACT],     ITEMS,    None, [], "absent from the next full refresh";
    journals             ACCOUNTING "/Journals"                   "Journals",          ["JournalID"],            NUMBER,   Offset,     NEITHER, [],          JOURNALS, ADVANCED, [], "no deletion: a change posts a reversal and a new journal";
    journals_cash        ACCOUNTING "/Journals"                   "Journals",          ["JournalID"],            NUMBER,   Offset,     NEITHER, [CASH],      JOURNALS, ADVANCED, [], "no deletion: a change posts a reversal and a new journal";
    linked_transactions  ACCOUNTING "/LinkedTransactions"         "LinkedTransactions",["LinkedTransactionID"],  MODIFIED, UnfilteredPages, NEITHER, [],          INVOICES, None, [], "`Status` VOIDED if voided; absent from the next full refresh if deleted";
    // With `order`, Xero returned the whole list on every page. Xero documents a sort by UpdatedDateUTC without `order`.
    manual_journals      ACCOUNTING "/ManualJournals"             "ManualJournals",    ["ManualJournalID"],      MODIFIED, Pages,      WHERE,   [],          MANUAL,   None, [], "`Status` DELETED or VOIDED";
    organisation_actions ACCOUNTING "/Organisation/Actions"       "Actions",           [TENANT, "Name"],         None,     Whole,      NEITHER, [],          SETTINGS, None, [], "`Status` NOT-ALLOWED";
    organisations        ACCOUNTING "/Organisation"               "Organisations",     ["OrganisationID"],       None,     Whole,      NEITHER, [],          SETTINGS, None, [Shared], "no deletion";
    overpayments         ACCOUNTING "/Overpayments"               "Overpayments",      ["OverpaymentID"],        MODIFIED, Pages,      BOTH,    [EXACT],     PAYMENTS, None, [], "`Status` VOIDED";
    payment_services     ACCOUNTING "/PaymentServices"            "PaymentServices",   ["PaymentServiceID"],     None,     Whole,      NEITHER, [],          SERVICES, None, [], "absent from the next read";
    payments             ACCOUNTING "/Payments"                   "Payments",          ["PaymentID"],            MODIFIED, Pages,      SORTED,  [],          PAYMENTS, None, [], "`Status` DELETED";
    prepayments          ACCOUNTING "/Prepayments"                "Prepayments",       ["PrepaymentID"],         MODIFIED, Pages,      BOTH,    [EXACT],     PAYMENTS, None, [], "`Status` VOIDED";
    purchase_orders      ACCOUNTING "/PurchaseOrders"             "PurchaseOrders",    ["PurchaseOrderID"],      MODIFIED, Pages,      ORDER,   [],          INVOICES, None, [], "`Status` DELETED";
    quotes               ACCOUNTING "/Quotes"                     "Quotes",            ["QuoteID"],              MODIFIED, FixedPages, ORDER,   [],          INVOICES, None, [], "`Status` DELETED";
    receipts             ACCOUNTING "/Receipts"                   "Receipts",          ["ReceiptID"],            MODIFIED, Whole,      BOTH,    [EXACT],     EXPENSES, None, [], "`Status` DECLINED, DELETED or VOIDED";
    repeating_invoices   ACCOUNTING "/RepeatingInvoices"          "RepeatingInvoices", ["RepeatingInvoiceID"],   None,     Whole,      BOTH,    [],          INVOICES, None, [], "`Status` DELETED, or absent from the next read";
    // Several rates may share a TaxType, so the name is the key.
    tax_rates            ACCOUNTING "/TaxRates"                   "TaxRates",          [TENANT, "Name"],         None,     Whole,      BOTH,    [],          SETTINGS, None, [], "`Status` DELETED or ARCHIVED";
    tracking_categories  ACCOUNTING "/TrackingCategories"         "TrackingCategories",["TrackingCategoryID"],   None,     Whole,      BOTH,    [ARCHIVED],  SETTINGS, None, [Shared], "`Status` ARCHIVED if archived; absent from the next read if deleted";
    users                ACCOUNTING "/Users"                      "Users",             [TENANT, "UserID"],       MODIFIED, Whole,      BOTH,    [],          SETTINGS, None, [], "`OrganisationRole` REMOVED";
}
