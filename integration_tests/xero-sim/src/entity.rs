//! The registry of tables: one row says how a table is listed and which module of `rows`
//! generates its rows. Source: Xero's OpenAPI 16.1.0.

impl Entity {
    /// How this table is listed.
    pub fn endpoint(self) -> &'static Endpoint {
        &ENDPOINTS[self as usize]
    }
}

/// How an endpoint divides its list into answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// Everything in one answer; `page` is ignored.
    Whole,
    /// `page` and `pageSize` (1 to 1,000, default 100, clamped), and a `pagination` object.
    /// Without `page` everything in short form, unless enforced.
    Pages {
        /// Whether a call without `page` gets page 1 instead of everything.
        enforced: bool,
    },
    /// `page` of 100 rows, no `pagination` object.
    Fixed {
        /// Whether a call without `page` gets page 1 instead of everything.
        enforced: bool,
    },
    /// `offset` by JournalNumber, at most 100 rows, pages may be shorter.
    Offset,
}

/// One endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// The table that it lists.
    pub entity: Entity,
    /// The table's name in snake case. The connector's stream has the same name.
    pub name: &'static str,
    /// Below `/api.xro/2.0`, such as `/Invoices`.
    pub path: &'static str,
    /// The envelope's key, such as `Invoices`.
    pub key: &'static str,
    /// The field that holds the id (or natural key); empty where rows have none.
    pub id: &'static str,
    /// How the list is divided.
    pub paging: Paging,
    /// Whether `If-Modified-Since` is honoured.
    pub modified_since: bool,
    /// The scopes, without `.read`. Any one of them grants access. Granular scopes come first, then
    /// the broad one that they replace.
    pub scopes: &'static [&'static str],
    /// A status that is left out unless the parameter is `true`, such as
    /// `("ARCHIVED", "includeArchived")`.
    pub hidden: Option<(&'static str, &'static str)>,
    /// How many rows an organisation has.
    pub size: Size,
}

/// How many rows of a table an organisation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Every organisation has this number of rows from the start.
    Fixed(usize),
    /// A new organisation has none. A usual one has this number of rows, whatever its age.
    Few(usize),
    /// A new organisation has none. The number grows with its age.
    Grows,
}

use Size::{Few, Fixed, Grows};

const WHOLE: Paging = Paging::Whole;
const PAGES: Paging = Paging::Pages { enforced: false };
const PAGES_ENFORCED: Paging = Paging::Pages { enforced: true };
const FIXED: Paging = Paging::Fixed { enforced: false };
const FIXED_ENFORCED: Paging = Paging::Fixed { enforced: true };
const OFFSET: Paging = Paging::Offset;

/// No status is left out.
const ALL: Option<(&str, &str)> = None;
const ARCHIVED: Option<(&str, &str)> = Some(("ARCHIVED", "includeArchived"));
const DELETED: Option<(&str, &str)> = Some(("DELETED", "includeDeleted"));

const SETTINGS: &[&str] = &["accounting.settings"];
const CONTACTS: &[&str] = &["accounting.contacts"];
const INVOICES: &[&str] = &["accounting.invoices", "accounting.transactions"];
const PAYMENTS: &[&str] = &["accounting.payments", "accounting.transactions"];
const BANK: &[&str] = &["accounting.banktransactions", "accounting.transactions"];
const MANUAL: &[&str] = &["accounting.manualjournals", "accounting.transactions"];
const EXPENSES: &[&str] = &["accounting.classicexpenses", "accounting.transactions"];
const ITEMS: &[&str] = &["accounting.invoices", "accounting.settings"];
const BUDGETS: &[&str] = &["accounting.budgets"];
const JOURNALS: &[&str] = &["accounting.journals"];
const SERVICES: &[&str] = &["paymentservices"];

impl Endpoint {
    /// Whether the endpoint supports a parameter that not all lists support. The others ignore it.
    /// The filters of single lists are in `query::filters`. Source: the parameters in Xero's OpenAPI.
    pub(crate) fn knows(&self, parameter: &str) -> bool {
        use Entity::*;
        let has_where = matches!(
            self.entity,
            Accounts
                | BankTransactions
                | BankTransfers
                | BatchPayments
                | ContactGroups
                | Contacts
                | CreditNotes
                | Currencies
                | ExpenseClaims
                | Invoices
                | Items
                | ManualJournals
                | Overpayments
                | Payments
                | Prepayments
                | Receipts
                | RepeatingInvoices
                | TaxRates
                | TrackingCategories
                | Users
        );
        match parameter {
            "where" => has_where,
            "order" => has_where || matches!(self.entity, PurchaseOrders | Quotes),
            "includeArchived" => matches!(self.entity, Contacts | Invoices | TrackingCategories),
            "includeDeleted" => self.entity == BankTransfers,
            "paymentsOnly" => self.entity == Journals,
            "summaryOnly" => matches!(self.entity, Contacts | Invoices),
            "unitdp" => matches!(
                self.entity,
                BankTransactions
                    | CreditNotes
                    | Invoices
                    | Items
                    | Overpayments
                    | Prepayments
                    | Receipts
            ),
            _ => true,
        }
    }
}

/// The tables that are empty in a new organisation, each with a number of rows: those in `sizes`
/// first and in this order, then all others with `usual` rows. A new table therefore comes last
/// and changes no other table, because the seed of a table depends on the tables filled before.
pub fn history(sizes: &[(Entity, usize)], usual: usize) -> impl Iterator<Item = (Entity, usize)> {
    let is_sized = |entity| sizes.iter().any(|(sized, _)| *sized == entity);
    let is_empty = |endpoint: &&Endpoint| !matches!(endpoint.size, Size::Fixed(_));
    let others = ENDPOINTS.iter().filter(is_empty);
    let others = others.map(|endpoint| endpoint.entity);
    let others = others.filter(move |entity| !is_sized(*entity));
    let sized = sizes.iter().copied();
    sized.chain(others.map(move |entity| (entity, usual)))
}

macro_rules! entities {
    ($($(#[$doc:meta])* $entity:ident, $name:ident, $path:literal, $key:literal, $id:literal, $paging:ident, $since:literal, $scopes:ident, $hidden:ident, $size:expr;)*) => {
        /// A table of an organisation's books, and the endpoint that lists it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Entity {
            $($(#[$doc])* $entity,)*
        }

        /// Every endpoint, in the order of [`Entity`].
        pub const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            entity: Entity::$entity,
            name: stringify!($name),
            path: $path,
            key: $key,
            id: $id,
            paging: $paging,
            modified_since: $since,
            scopes: $scopes,
            hidden: $hidden,
            size: $size,
        },)*];

        /// Expands to the function that writes a row: `render` of the module with the
        /// table's name in `rows`.
        macro_rules! generator_of {
            ($value:expr) => {
                match $value {
                    $(Entity::$entity => $name::render,)*
                }
            };
        }
        pub(crate) use generator_of;
    };
}

// The registry of tables. A new one stands at the end, because the place of a table is part of
// the seed of its rows.
#[rustfmt::skip]
entities! {
    // entity            name and generator    path                          key                   id                     paging          since  scopes    hidden    rows
    /// The chart of accounts, bank accounts among them.
    Accounts,            accounts,             "/Accounts",                  "Accounts",           "AccountID",           WHOLE,          true,  SETTINGS, ALL,      Fixed(70);
    /// Money spent or received straight from a bank account.
    BankTransactions,    bank_transactions,    "/BankTransactions",          "BankTransactions",   "BankTransactionID",   PAGES,          true,  BANK,     ALL,      Grows;
    /// Money moved between two bank accounts.
    BankTransfers,       bank_transfers,       "/BankTransfers",             "BankTransfers",      "BankTransferID",      WHOLE,          true,  BANK,     DELETED,  Grows;
    /// Many payments under one bank line.
    BatchPayments,       batch_payments,       "/BatchPayments",             "BatchPayments",      "BatchPaymentID",      WHOLE,          true,  PAYMENTS, ALL,      Grows;
    /// The looks of printed documents.
    BrandingThemes,      branding_themes,      "/BrandingThemes",            "BrandingThemes",     "BrandingThemeID",     WHOLE,          false, SETTINGS, ALL,      Fixed(3);
    /// Planned amounts by account and month.
    Budgets,             budgets,              "/Budgets",                   "Budgets",            "BudgetID",            WHOLE,          false, BUDGETS,  ALL,      Few(3);
    /// Labels for contacts.
    ContactGroups,       contact_groups,       "/ContactGroups",             "ContactGroups",      "ContactGroupID",      WHOLE,          false, CONTACTS, ALL,      Few(8);
    /// Customers and suppliers.
    Contacts,            contacts,             "/Contacts",                  "Contacts",           "ContactID",           PAGES,          true,  CONTACTS, ARCHIVED, Grows;
    /// Credit given to a customer or by a supplier.
    CreditNotes,         credit_notes,         "/CreditNotes",               "CreditNotes",        "CreditNoteID",        PAGES,          true,  INVOICES, ALL,      Grows;
    /// Currencies that the organisation uses.
    Currencies,          currencies,           "/Currencies",                "Currencies",         "Code",                WHOLE,          false, SETTINGS, ALL,      Fixed(6);
    /// Receipts that an employee claims back. Closed to new apps.
    ExpenseClaims,       expense_claims,       "/ExpenseClaims",             "ExpenseClaims",      "ExpenseClaimID",      WHOLE,          true,  EXPENSES, ALL,      Grows;
    /// Whether reminders are sent at all: one row without an id.
    InvoiceReminders,    invoice_reminders,    "/InvoiceReminders/Settings", "InvoiceReminders",   "",                    WHOLE,          false, SETTINGS, ALL,      Fixed(1);
    /// Sales invoices and bills.
    Invoices,            invoices,             "/Invoices",                  "Invoices",           "InvoiceID",           PAGES,          true,  INVOICES, ALL,      Grows;
    /// Things that are bought and sold.
    Items,               items,                "/Items",                     "Items",              "ItemID",              WHOLE,          true,  ITEMS,    ALL,      Grows;
    /// The general ledger as posted. Needs the Advanced tier.
    Journals,            journals,             "/Journals",                  "Journals",           "JournalID",           OFFSET,         true,  JOURNALS, ALL,      Grows;
    /// Billable expenses: a line of a bill that is passed on to a customer.
    LinkedTransactions,  linked_transactions,  "/LinkedTransactions",        "LinkedTransactions", "LinkedTransactionID", FIXED_ENFORCED, false, INVOICES, ALL,      Grows;
    /// Journals entered by hand.
    ManualJournals,      manual_journals,      "/ManualJournals",            "ManualJournals",     "ManualJournalID",     PAGES,          true,  MANUAL,   ALL,      Grows;
    /// What the token's user may do: names of API actions.
    OrganisationActions, organisation_actions, "/Organisation/Actions",      "Actions",            "Name",                WHOLE,          false, SETTINGS, ALL,      Fixed(10);
    /// The organisation itself: one row.
    Organisations,       organisations,        "/Organisation",              "Organisations",      "OrganisationID",      WHOLE,          false, SETTINGS, ALL,      Fixed(1);
    /// Money paid beyond what was owed.
    Overpayments,        overpayments,         "/Overpayments",              "Overpayments",       "OverpaymentID",       PAGES,          true,  PAYMENTS, ALL,      Grows;
    /// Ways to pay an invoice online.
    PaymentServices,     payment_services,     "/PaymentServices",           "PaymentServices",    "PaymentServiceID",    WHOLE,          false, SERVICES, ALL,      Fixed(2);
    /// Payments of invoices, credit notes, prepayments and overpayments.
    Payments,            payments,             "/Payments",                  "Payments",           "PaymentID",           PAGES,          true,  PAYMENTS, ALL,      Grows;
    /// Money paid before the invoice.
    Prepayments,         prepayments,          "/Prepayments",               "Prepayments",        "PrepaymentID",        PAGES,          true,  PAYMENTS, ALL,      Grows;
    /// Orders to suppliers.
    PurchaseOrders,      purchase_orders,      "/PurchaseOrders",            "PurchaseOrders",     "PurchaseOrderID",     PAGES_ENFORCED, true,  INVOICES, ALL,      Grows;
    /// Offers to customers.
    Quotes,              quotes,               "/Quotes",                    "Quotes",             "QuoteID",             FIXED,          true,  INVOICES, ALL,      Grows;
    /// Receipts of an expense claim. Closed to new apps.
    Receipts,            receipts,             "/Receipts",                  "Receipts",           "ReceiptID",           WHOLE,          true,  EXPENSES, ALL,      Grows;
    /// Templates from which invoices are made by a schedule.
    RepeatingInvoices,   repeating_invoices,   "/RepeatingInvoices",         "RepeatingInvoices",  "RepeatingInvoiceID",  WHOLE,          false, INVOICES, ALL,      Grows;
    /// Tax rates; their key is the TaxType.
    TaxRates,            tax_rates,            "/TaxRates",                  "TaxRates",           "TaxType",             WHOLE,          false, SETTINGS, ALL,      Fixed(12);
    /// Up to two active categories with their options.
    TrackingCategories,  tracking_categories,  "/TrackingCategories",        "TrackingCategories", "TrackingCategoryID",  WHOLE,          false, SETTINGS, ARCHIVED, Fixed(3);
    /// People with access to the organisation.
    Users,               users,                "/Users",                     "Users",              "UserID",              WHOLE,          true,  SETTINGS, ALL,      Fixed(5);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entity_finds_its_own_row() {
        for endpoint in ENDPOINTS {
            assert_eq!(endpoint.entity.endpoint().entity, endpoint.entity);
        }
    }

    #[test]
    fn paths_and_keys_are_distinct_and_well_formed() {
        let paths: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
        let keys: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.key).collect();
        assert_eq!(
            (paths.len(), keys.len()),
            (ENDPOINTS.len(), ENDPOINTS.len())
        );
        for endpoint in ENDPOINTS {
            assert!(endpoint.path.starts_with('/'), "{}", endpoint.path);
            for scope in endpoint.scopes {
                assert!(!scope.ends_with(".read"), "{}: {scope}", endpoint.path);
            }
        }
    }

    #[test]
    fn paging_is_as_documented() {
        for (entity, paging) in [
            (Entity::Invoices, PAGES),
            (Entity::PurchaseOrders, PAGES_ENFORCED),
            (Entity::LinkedTransactions, FIXED_ENFORCED),
            (Entity::Quotes, FIXED),
            (Entity::Journals, OFFSET),
            (Entity::BatchPayments, WHOLE),
        ] {
            assert_eq!(entity.endpoint().paging, paging, "{entity:?}");
        }
        for entity in [
            Entity::BankTransactions,
            Entity::Contacts,
            Entity::CreditNotes,
            Entity::Invoices,
            Entity::ManualJournals,
            Entity::Overpayments,
            Entity::Payments,
            Entity::Prepayments,
            Entity::PurchaseOrders,
        ] {
            let paging = entity.endpoint().paging;
            assert!(matches!(paging, Paging::Pages { .. }), "{entity:?}");
        }
    }
}
