//! The streams of endpoints: one line a stream, to be read across.

use super::{Clauses, Endpoint, Order, Paging, Quirk, Source, Stream, TENANT};
use crate::xero::api::{ACCOUNTING, IDENTITY};

const MODIFIED: Option<&str> = Some("UpdatedDateUTC");
const NUMBER: Option<&str> = Some("JournalNumber");

/// Without it Xero rounds unit amounts to two decimals in its answers.
const EXACT: (&str, &str) = ("unitdp", "4");
/// Without them Xero hides archived rows and deleted ones.
const ARCHIVED: (&str, &str) = ("includeArchived", "true");
const DELETED: (&str, &str) = ("includeDeleted", "true");
/// The ledger on a cash basis instead of the one on an accrual basis.
const CASH: (&str, &str) = ("paymentsOnly", "true");

// What Xero's OpenAPI and its page on requests say of `order` and `where`.
const NEITHER: Clauses = Clauses::NONE;
/// Both, and the order without `order` is documented.
const SORTED: Clauses = Clauses {
    order: Order::Documented,
    filter: true,
};
/// Both.
const BOTH: Clauses = Clauses {
    order: Order::Undocumented,
    filter: true,
};
/// `order` only.
const ORDER: Clauses = Clauses {
    order: Order::Undocumented,
    filter: false,
};
/// `where` only.
const WHERE: Clauses = Clauses {
    order: Order::Refused,
    filter: true,
};

// The granular scopes of March 2026 first, the broad ones that they replace behind them.
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
/// Closed to apps made since March 2026.
const EXPENSES: &[&str] = &[
    "accounting.classicexpenses.read",
    "accounting.transactions.read",
];
const ITEMS: &[&str] = &[
    "accounting.settings.read",
    "accounting.invoices.read",
    "accounting.transactions.read",
];
/// Any token will do.
const ANY: &[&str] = &[];
const BUDGETS: &[&str] = &["accounting.budgets.read"];
const JOURNALS: &[&str] = &["accounting.journals.read"];
/// Xero has no narrower one for reading.
const SERVICES: &[&str] = &["paymentservices"];

const ADVANCED: Option<&str> =
    Some("an app on Xero's Advanced tier with its security assessment passed");

/// The response is the list itself, without an envelope.
const BARE: &str = "";

macro_rules! streams {
    ($($name:ident $api:ident $path:literal $envelope:expr, [$($key:expr),+], $cursor:expr, $paging:ident, $clauses:ident, $params:expr, $scopes:ident, $tier:expr, [$($quirk:ident),*];)*) => {
        $(#[expect(non_upper_case_globals, reason = "called as its stream and its schema, so that none can drift")]
        pub(super) const $name: Stream = Stream {
            name: stringify!($name),
            key: &[$($key),+],
            cursor: $cursor,
            source: Source::Endpoint(Endpoint {
                api: &$api,
                path: $path,
                envelope: if $envelope.is_empty() { None } else { Some($envelope) },
                paging: Paging::$paging,
                clauses: $clauses,
                params: &$params,
                scopes: $scopes,
                tier: $tier,
                quirks: &[$(Quirk::$quirk),*],
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        };)*
        /// The streams of endpoints, by name.
        pub(super) const STREAMS: &[Stream] = &[$($name),*];
    };
}

#[rustfmt::skip]
streams! {
    accounts             ACCOUNTING "/Accounts"                   "Accounts",          ["AccountID"],            MODIFIED, Whole,      BOTH,    [],          SETTINGS, None, [];
    bank_transactions    ACCOUNTING "/BankTransactions"           "BankTransactions",  ["BankTransactionID"],    MODIFIED, Pages,      SORTED,  [EXACT],     BANK,     None, [];
    // Only its creation is stamped, and a deletion does not move that: from a position it would never be seen.
    bank_transfers       ACCOUNTING "/BankTransfers"              "BankTransfers",     ["BankTransferID"],       None,     Whole,      BOTH,    [DELETED],   BANK,     None, [StampedAtCreation];
    batch_payments       ACCOUNTING "/BatchPayments"              "BatchPayments",     ["BatchPaymentID"],       MODIFIED, Whole,      SORTED,  [],          PAYMENTS, None, [];
    branding_themes      ACCOUNTING "/BrandingThemes"             "BrandingThemes",    ["BrandingThemeID"],      None,     Whole,      NEITHER, [],          SETTINGS, None, [];
    // Listed whole whatever is asked, so a position would save no call and would hide what has vanished; lines come with each budget only.
    budgets              ACCOUNTING "/Budgets"                    "Budgets",           ["BudgetID"],             None,     ListThenDetail, NEITHER, [],          BUDGETS,  None, [];
    connections          IDENTITY   "/connections"                BARE,                ["id"]  ,                   None,     Whole,      NEITHER, [],          ANY,      None, [];
    contact_groups       ACCOUNTING "/ContactGroups"              "ContactGroups",     ["ContactGroupID"],       None,     Whole,      BOTH,    [],          CONTACTS, None, [];
    contacts             ACCOUNTING "/Contacts"                   "Contacts",          ["ContactID"],            MODIFIED, Pages,      SORTED,  [ARCHIVED],  CONTACTS, None, [ChangesWithoutStamp];
    credit_notes         ACCOUNTING "/CreditNotes"                "CreditNotes",       ["CreditNoteID"],         MODIFIED, Pages,      SORTED,  [EXACT],     INVOICES, None, [ChangesWithoutStamp];
    currencies           ACCOUNTING "/Currencies"                 "Currencies",        ["Code"],                 None,     Whole,      BOTH,    [],          SETTINGS, None, [Shared];
    expense_claims       ACCOUNTING "/ExpenseClaims"              "ExpenseClaims",     ["ExpenseClaimID"],       MODIFIED, Whole,      BOTH,    [],          EXPENSES, None, [];
    invoice_reminders    ACCOUNTING "/InvoiceReminders/Settings"  "InvoiceReminders",  [TENANT],                 None,     Whole,      NEITHER, [],          SETTINGS, None, [];
    invoices             ACCOUNTING "/Invoices"                   "Invoices",          ["InvoiceID"],            MODIFIED, Pages,      SORTED,  [EXACT],     INVOICES, None, [ChangesWithoutStamp];
    items                ACCOUNTING "/Items"                      "Items",             ["ItemID"],               MODIFIED, Whole,      BOTH,    [EXACT],     ITEMS,    None, [];
    journals             ACCOUNTING "/Journals"                   "Journals",          ["JournalID"],            NUMBER,   Offset,     NEITHER, [],          JOURNALS, ADVANCED, [];
    journals_cash        ACCOUNTING "/Journals"                   "Journals",          ["JournalID"],            NUMBER,   Offset,     NEITHER, [CASH],      JOURNALS, ADVANCED, [];
    linked_transactions  ACCOUNTING "/LinkedTransactions"         "LinkedTransactions",["LinkedTransactionID"],  MODIFIED, UnfilteredPages, NEITHER, [],          INVOICES, None, [];
    // Asked for an order, this list was seen to come whole on every page; its own is documented to be by UpdatedDateUTC.
    manual_journals      ACCOUNTING "/ManualJournals"             "ManualJournals",    ["ManualJournalID"],      MODIFIED, Pages,      WHERE,   [],          MANUAL,   None, [];
    organisation_actions ACCOUNTING "/Organisation/Actions"       "Actions",           [TENANT, "Name"],         None,     Whole,      NEITHER, [],          SETTINGS, None, [];
    organisations        ACCOUNTING "/Organisation"               "Organisations",     ["OrganisationID"],       None,     Whole,      NEITHER, [],          SETTINGS, None, [Shared];
    overpayments         ACCOUNTING "/Overpayments"               "Overpayments",      ["OverpaymentID"],        MODIFIED, Pages,      BOTH,    [EXACT],     PAYMENTS, None, [];
    payment_services     ACCOUNTING "/PaymentServices"            "PaymentServices",   ["PaymentServiceID"],     None,     Whole,      NEITHER, [],          SERVICES, None, [];
    payments             ACCOUNTING "/Payments"                   "Payments",          ["PaymentID"],            MODIFIED, Pages,      SORTED,  [],          PAYMENTS, None, [];
    prepayments          ACCOUNTING "/Prepayments"                "Prepayments",       ["PrepaymentID"],         MODIFIED, Pages,      BOTH,    [EXACT],     PAYMENTS, None, [];
    purchase_orders      ACCOUNTING "/PurchaseOrders"             "PurchaseOrders",    ["PurchaseOrderID"],      MODIFIED, Pages,      ORDER,   [],          INVOICES, None, [];
    quotes               ACCOUNTING "/Quotes"                     "Quotes",            ["QuoteID"],              MODIFIED, FixedPages, ORDER,   [],          INVOICES, None, [];
    receipts             ACCOUNTING "/Receipts"                   "Receipts",          ["ReceiptID"],            MODIFIED, Whole,      BOTH,    [EXACT],     EXPENSES, None, [];
    repeating_invoices   ACCOUNTING "/RepeatingInvoices"          "RepeatingInvoices", ["RepeatingInvoiceID"],   None,     Whole,      BOTH,    [],          INVOICES, None, [];
    // Several rates may share a TaxType, so the name is the key.
    tax_rates            ACCOUNTING "/TaxRates"                   "TaxRates",          ["Name"],                 None,     Whole,      BOTH,    [],          SETTINGS, None, [];
    tracking_categories  ACCOUNTING "/TrackingCategories"         "TrackingCategories",["TrackingCategoryID"],   None,     Whole,      BOTH,    [ARCHIVED],  SETTINGS, None, [Shared];
    users                ACCOUNTING "/Users"                      "Users",             ["UserID"],               MODIFIED, Whole,      BOTH,    [],          SETTINGS, None, [];
}
