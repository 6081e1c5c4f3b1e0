//! Which table of the simulator each stream reads, and what stands in them.

use xero_sim::Entity;

/// Where each stream's truth lies. `journals_cash` shows a part of its table.
pub(crate) const TABLES: [(&str, Entity); 28] = [
    ("accounts", Entity::Accounts),
    ("bank_transactions", Entity::BankTransactions),
    ("bank_transfers", Entity::BankTransfers),
    ("batch_payments", Entity::BatchPayments),
    ("branding_themes", Entity::BrandingThemes),
    ("budgets", Entity::Budgets),
    ("contact_groups", Entity::ContactGroups),
    ("contacts", Entity::Contacts),
    ("credit_notes", Entity::CreditNotes),
    ("currencies", Entity::Currencies),
    ("expense_claims", Entity::ExpenseClaims),
    ("invoice_reminders", Entity::InvoiceReminders),
    ("invoices", Entity::Invoices),
    ("items", Entity::Items),
    ("journals", Entity::Journals),
    ("manual_journals", Entity::ManualJournals),
    ("organisation_actions", Entity::OrganisationActions),
    ("organisations", Entity::Organisations),
    ("overpayments", Entity::Overpayments),
    ("payment_services", Entity::PaymentServices),
    ("payments", Entity::Payments),
    ("prepayments", Entity::Prepayments),
    ("purchase_orders", Entity::PurchaseOrders),
    ("receipts", Entity::Receipts),
    ("repeating_invoices", Entity::RepeatingInvoices),
    ("tax_rates", Entity::TaxRates),
    ("tracking_categories", Entity::TrackingCategories),
    ("users", Entity::Users),
];

/// Rows of the tables that are empty when an organisation is founded.
pub(crate) const BOOKS: [(Entity, usize); 18] = [
    (Entity::Contacts, 40),
    (Entity::Items, 30),
    (Entity::Invoices, 120),
    (Entity::Payments, 60),
    (Entity::BankTransactions, 50),
    (Entity::Journals, 250),
    (Entity::BankTransfers, 20),
    (Entity::BatchPayments, 20),
    (Entity::Budgets, 3),
    (Entity::ContactGroups, 5),
    (Entity::CreditNotes, 40),
    (Entity::ExpenseClaims, 20),
    (Entity::ManualJournals, 40),
    (Entity::Overpayments, 30),
    (Entity::Prepayments, 30),
    (Entity::PurchaseOrders, 40),
    (Entity::Receipts, 30),
    (Entity::RepeatingInvoices, 20),
];
