//! The endpoints of the Accounting API as a table: what each is called, how it
//! pages, which filter and scope it honours. Source: Xero's OpenAPI 16.1.0.

/// A table of an organisation's books, and the endpoint that lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    Accounts, BankTransactions, BankTransfers, BatchPayments, BrandingThemes, Budgets,
    ContactGroups, Contacts, CreditNotes, Currencies, ExpenseClaims, InvoiceReminders,
    Invoices, Items, Journals, LinkedTransactions, ManualJournals, OrganisationActions,
    Organisations, Overpayments, PaymentServices, Payments, Prepayments, PurchaseOrders,
    Quotes, Receipts, RepeatingInvoices, TaxRates, TrackingCategories, Users,
}

/// How an endpoint's list is cut into answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// Everything in one answer; `page` is ignored.
    Whole,
    /// `page` and `pageSize` (1 to 1,000, default 100, clamped); without `page` everything in short form,
    /// unless `enforced`, then page 1.
    Pages { enforced: bool },
    /// `page` of 100 rows, no `pagination` object.
    Fixed { enforced: bool },
    /// `offset` by JournalNumber, at most 100 rows, pages may be shorter.
    Offset,
}

/// One endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub entity: Entity,
    /// Below `/api.xro/2.0`, such as `/Invoices`.
    pub path: &'static str,
    /// The envelope's key, such as `Invoices`.
    pub key: &'static str,
    /// The field that holds the id (or natural key).
    pub id: &'static str,
    pub paging: Paging,
    /// Whether `If-Modified-Since` is honoured.
    pub modified_since: bool,
    /// Scopes of which one suffices, without `.read`.
    pub scopes: &'static [&'static str],
    /// Statuses that are left out unless the parameter is `true`.
    pub hidden: Option<(&'static str, &'static str)>,
}

/// Every endpoint.
pub const ENDPOINTS: &[Endpoint] = &[];
