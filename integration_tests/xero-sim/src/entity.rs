//! The endpoints of the Accounting API as a table: what each is called, how it
//! pages, which filter and scope it honours. Source: Xero's OpenAPI 16.1.0.

/// A table of an organisation's books, and the endpoint that lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// The chart of accounts, bank accounts among them.
    Accounts,
    /// Money spent or received straight from a bank account.
    BankTransactions,
    /// Money moved between two bank accounts.
    BankTransfers,
    /// Many payments under one bank line.
    BatchPayments,
    /// The looks of printed documents.
    BrandingThemes,
    /// Planned amounts by account and month.
    Budgets,
    /// Labels for contacts.
    ContactGroups,
    /// Customers and suppliers.
    Contacts,
    /// Credit given to a customer or by a supplier.
    CreditNotes,
    /// Currencies that the organisation uses.
    Currencies,
    /// Receipts that an employee claims back. Closed to new apps.
    ExpenseClaims,
    /// Whether reminders are sent at all: one row without an id.
    InvoiceReminders,
    /// Sales invoices and bills.
    Invoices,
    /// Things that are bought and sold.
    Items,
    /// The general ledger as posted. Needs the Advanced tier.
    Journals,
    /// Billable expenses: a line of a bill that is passed on to a customer.
    LinkedTransactions,
    /// Journals entered by hand.
    ManualJournals,
    /// What the token's user may do: names of API actions.
    OrganisationActions,
    /// The organisation itself: one row.
    Organisations,
    /// Money paid beyond what was owed.
    Overpayments,
    /// Ways to pay an invoice online.
    PaymentServices,
    /// Payments of invoices, credit notes, prepayments and overpayments.
    Payments,
    /// Money paid before the invoice.
    Prepayments,
    /// Orders to suppliers.
    PurchaseOrders,
    /// Offers to customers.
    Quotes,
    /// Receipts of an expense claim. Closed to new apps.
    Receipts,
    /// Templates from which invoices are made by a schedule.
    RepeatingInvoices,
    /// Tax rates; their key is the TaxType.
    TaxRates,
    /// Up to two active categories with their options.
    TrackingCategories,
    /// People with access to the organisation.
    Users,
}

impl Entity {
    /// How this table is listed.
    pub fn endpoint(self) -> &'static Endpoint {
        &ENDPOINTS[self as usize]
    }
}

/// How an endpoint's list is cut into answers.
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
    /// Below `/api.xro/2.0`, such as `/Invoices`.
    pub path: &'static str,
    /// The envelope's key, such as `Invoices`.
    pub key: &'static str,
    /// The field that holds the id (or natural key); empty where rows have none.
    pub id: &'static str,
    /// How the list is cut.
    pub paging: Paging,
    /// Whether `If-Modified-Since` is honoured.
    pub modified_since: bool,
    /// Scopes of which one suffices, without `.read`: granular ones first, then the broad
    /// one that they replace.
    pub scopes: &'static [&'static str],
    /// A status that is left out unless the parameter is `true`, such as
    /// `("ARCHIVED", "includeArchived")`.
    pub hidden: Option<(&'static str, &'static str)>,
}

const WHOLE: Paging = Paging::Whole;
const PAGES: Paging = Paging::Pages { enforced: false };
const PAGES_ENFORCED: Paging = Paging::Pages { enforced: true };
const FIXED: Paging = Paging::Fixed { enforced: false };
const FIXED_ENFORCED: Paging = Paging::Fixed { enforced: true };
const OFFSET: Paging = Paging::Offset;

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

/// Writes a row of [`ENDPOINTS`]; the path is the key's unless `at` names another.
macro_rules! endpoint {
    ($entity:ident, $id:literal, $paging:expr, $since:literal, $scopes:expr, $hidden:expr) => {
        endpoint!(
            $entity,
            $id,
            $paging,
            $since,
            $scopes,
            $hidden,
            concat!("/", stringify!($entity)),
            stringify!($entity)
        )
    };
    ($entity:ident, $id:literal, $paging:expr, $since:literal, $scopes:expr, $hidden:expr, $path:expr, $key:expr) => {
        Endpoint {
            entity: Entity::$entity,
            path: $path,
            key: $key,
            id: $id,
            paging: $paging,
            modified_since: $since,
            scopes: $scopes,
            hidden: $hidden,
        }
    };
}

impl Endpoint {
    /// Whether the endpoint knows a parameter that not all lists know; who does not
    /// ignores it. Source: the parameters in Xero's OpenAPI.
    pub(crate) fn knows(&self, parameter: &str) -> bool {
        use Entity::*;
        match parameter {
            "IDs" => matches!(self.entity, Budgets | Contacts | Invoices),
            "Statuses" => self.entity == Invoices,
            // LinkedTransactions know it only beside ContactID.
            "Status" => matches!(self.entity, PurchaseOrders | Quotes),
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
            "where" => !matches!(
                self.entity,
                BrandingThemes
                    | Budgets
                    | InvoiceReminders
                    | Journals
                    | LinkedTransactions
                    | OrganisationActions
                    | Organisations
                    | PaymentServices
                    | PurchaseOrders
                    | Quotes
            ),
            _ => true,
        }
    }
}

/// Every endpoint, in the order of [`Entity`].
#[rustfmt::skip]
pub const ENDPOINTS: &[Endpoint] = &[
    //        entity               id                      paging          since  scopes    hidden
    endpoint!(Accounts,            "AccountID",            WHOLE,          true,  SETTINGS, None),
    endpoint!(BankTransactions,    "BankTransactionID",    PAGES,          true,  BANK,     None),
    endpoint!(BankTransfers,       "BankTransferID",       WHOLE,          true,  BANK,     DELETED),
    endpoint!(BatchPayments,       "BatchPaymentID",       WHOLE,          true,  PAYMENTS, None),
    endpoint!(BrandingThemes,      "BrandingThemeID",      WHOLE,          false, SETTINGS, None),
    endpoint!(Budgets,             "BudgetID",             WHOLE,          false, BUDGETS,  None),
    endpoint!(ContactGroups,       "ContactGroupID",       WHOLE,          false, CONTACTS, None),
    endpoint!(Contacts,            "ContactID",            PAGES,          true,  CONTACTS, ARCHIVED),
    endpoint!(CreditNotes,         "CreditNoteID",         PAGES,          true,  INVOICES, None),
    endpoint!(Currencies,          "Code",                 WHOLE,          false, SETTINGS, None),
    endpoint!(ExpenseClaims,       "ExpenseClaimID",       WHOLE,          true,  EXPENSES, None),
    endpoint!(InvoiceReminders,    "",                     WHOLE,          false, SETTINGS, None, "/InvoiceReminders/Settings", "InvoiceReminders"),
    endpoint!(Invoices,            "InvoiceID",            PAGES,          true,  INVOICES, None),
    endpoint!(Items,               "ItemID",               WHOLE,          true,  ITEMS,    None),
    endpoint!(Journals,            "JournalID",            OFFSET,         true,  JOURNALS, None),
    endpoint!(LinkedTransactions,  "LinkedTransactionID",  FIXED_ENFORCED, false, INVOICES, None),
    endpoint!(ManualJournals,      "ManualJournalID",      PAGES,          true,  MANUAL,   None),
    endpoint!(OrganisationActions, "Name",                 WHOLE,          false, SETTINGS, None, "/Organisation/Actions", "Actions"),
    endpoint!(Organisations,       "OrganisationID",       WHOLE,          false, SETTINGS, None, "/Organisation", "Organisations"),
    endpoint!(Overpayments,        "OverpaymentID",        PAGES,          true,  PAYMENTS, None),
    endpoint!(PaymentServices,     "PaymentServiceID",     WHOLE,          false, SERVICES, None),
    endpoint!(Payments,            "PaymentID",            PAGES,          true,  PAYMENTS, None),
    endpoint!(Prepayments,         "PrepaymentID",         PAGES,          true,  PAYMENTS, None),
    endpoint!(PurchaseOrders,      "PurchaseOrderID",      PAGES_ENFORCED, true,  INVOICES, None),
    endpoint!(Quotes,              "QuoteID",              FIXED,          true,  INVOICES, None),
    endpoint!(Receipts,            "ReceiptID",            WHOLE,          true,  EXPENSES, None),
    endpoint!(RepeatingInvoices,   "RepeatingInvoiceID",   WHOLE,          false, INVOICES, None),
    endpoint!(TaxRates,            "TaxType",              WHOLE,          false, SETTINGS, None),
    endpoint!(TrackingCategories,  "TrackingCategoryID",   WHOLE,          false, SETTINGS, ARCHIVED),
    endpoint!(Users,               "UserID",               WHOLE,          true,  SETTINGS, None),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entity_finds_its_own_row() {
        for endpoint in ENDPOINTS {
            assert_eq!(endpoint.entity.endpoint().entity, endpoint.entity);
        }
        assert_eq!(ENDPOINTS.len(), Entity::Users as usize + 1);
    }

    #[test]
    fn paths_and_keys_are_distinct_and_well_formed() {
        let paths: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
        let keys: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.key).collect();
        assert_eq!((paths.len(), keys.len()), (30, 30));
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
        let sized = |endpoint: &&Endpoint| matches!(endpoint.paging, Paging::Pages { .. });
        assert_eq!(ENDPOINTS.iter().filter(sized).count(), 9);
    }
}
