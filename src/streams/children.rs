//! The child streams, one line each.
//!
//! Each row inherits key, date, status and timestamp from its parent, so that it can be joined and
//! deduplicated on its own. Each row also has its position in the parent's array. The position is
//! the key of rows without an id.

use super::lists::*;
use super::{ChildSpec, LINE_POSITION, POSITION, Source, Stream, TENANT};

type Inherited<const FIELDS: usize> = [(&'static str, &'static str); FIELDS];

const STAMP: (&str, &str) = ("UpdatedDateUTC", "UpdatedDateUTC");
const STATUS: (&str, &str) = ("Status", "ParentStatus");

const DOCUMENT: Inherited<3> = [("Date", "ParentDate"), STATUS, STAMP];
const JOURNAL: Inherited<3> = [
    ("JournalDate", "ParentDate"),
    ("JournalNumber", "JournalNumber"),
    ("CreatedDateUTC", "CreatedDateUTC"),
];
const CONTACT: Inherited<2> = [("ContactStatus", "ParentStatus"), STAMP];
const BUDGET: Inherited<2> = [STATUS, STAMP];
const CLAIM: Inherited<2> = [STATUS, STAMP];
const RATE: Inherited<2> = [("TaxType", "TaxType"), STATUS];
const UNDATED: Inherited<1> = [STATUS];

// Xero sometimes omits the ids of lines of credit notes, receipts, overpayments and prepayments.
#[rustfmt::skip]
children! {
    bank_transaction_line_item_tracking  of bank_transactions   ["LineItems", "Tracking"]              ["BankTransactionID", "LineItemID", "TrackingCategoryID"],  DOCUMENT, from ["LineItemID"];
    bank_transaction_line_items          of bank_transactions   ["LineItems"]                          ["BankTransactionID", "LineItemID"],                        DOCUMENT;
    batch_payment_lines                  of batch_payments      ["Payments"]                           ["BatchPaymentID", "PaymentID"],                            DOCUMENT;
    budget_lines                         of budgets             ["BudgetLines", "BudgetBalances"]      ["BudgetID", "AccountID", "Period"],                        BUDGET, from ["AccountID", "AccountCode"];
    contact_addresses                    of contacts            ["Addresses"]                          ["ContactID", POSITION],                                    CONTACT;
    contact_group_members                of contacts            ["ContactGroups"]                      ["ContactID", "ContactGroupID"],                            CONTACT;
    contact_persons                      of contacts            ["ContactPersons"]                     ["ContactID", POSITION],                                    CONTACT;
    contact_phones                       of contacts            ["Phones"]                             ["ContactID", POSITION],                                    CONTACT;
    credit_note_allocations              of credit_notes        ["Allocations"]                        ["CreditNoteID", POSITION],                                 DOCUMENT;
    credit_note_line_item_tracking       of credit_notes        ["LineItems", "Tracking"]              ["CreditNoteID", LINE_POSITION, "TrackingCategoryID"],      DOCUMENT, from ["LineItemID"];
    credit_note_line_items               of credit_notes        ["LineItems"]                          ["CreditNoteID", POSITION],                                 DOCUMENT;
    expense_claim_payments               of expense_claims      ["Payments"]                           ["ExpenseClaimID", "PaymentID"],                            CLAIM;
    invoice_line_item_tracking           of invoices            ["LineItems", "Tracking"]              ["InvoiceID", "LineItemID", "TrackingCategoryID"],          DOCUMENT, from ["LineItemID"];
    invoice_line_items                   of invoices            ["LineItems"]                          ["InvoiceID", "LineItemID"],                                DOCUMENT;
    journal_cash_line_tracking           of journals_cash       ["JournalLines", "TrackingCategories"] ["JournalID", "JournalLineID", "TrackingCategoryID"],       JOURNAL, from ["JournalLineID"];
    journal_cash_lines                   of journals_cash       ["JournalLines"]                       ["JournalID", "JournalLineID"],                             JOURNAL;
    journal_line_tracking                of journals            ["JournalLines", "TrackingCategories"] ["JournalID", "JournalLineID", "TrackingCategoryID"],       JOURNAL, from ["JournalLineID"];
    journal_lines                        of journals            ["JournalLines"]                       ["JournalID", "JournalLineID"],                             JOURNAL;
    manual_journal_line_tracking         of manual_journals     ["JournalLines", "Tracking"]           ["ManualJournalID", LINE_POSITION, "TrackingCategoryID"],   DOCUMENT;
    manual_journal_lines                 of manual_journals     ["JournalLines"]                       ["ManualJournalID", POSITION],                              DOCUMENT;
    overpayment_allocations              of overpayments        ["Allocations"]                        ["OverpaymentID", POSITION],                                DOCUMENT;
    overpayment_line_item_tracking       of overpayments        ["LineItems", "Tracking"]              ["OverpaymentID", LINE_POSITION, "TrackingCategoryID"],     DOCUMENT, from ["LineItemID"];
    overpayment_line_items               of overpayments        ["LineItems"]                          ["OverpaymentID", POSITION],                                DOCUMENT;
    prepayment_allocations               of prepayments         ["Allocations"]                        ["PrepaymentID", POSITION],                                 DOCUMENT;
    prepayment_line_item_tracking        of prepayments         ["LineItems", "Tracking"]              ["PrepaymentID", LINE_POSITION, "TrackingCategoryID"],      DOCUMENT, from ["LineItemID"];
    prepayment_line_items                of prepayments         ["LineItems"]                          ["PrepaymentID", POSITION],                                 DOCUMENT;
    purchase_order_line_item_tracking    of purchase_orders     ["LineItems", "Tracking"]              ["PurchaseOrderID", "LineItemID", "TrackingCategoryID"],    DOCUMENT, from ["LineItemID"];
    purchase_order_line_items            of purchase_orders     ["LineItems"]                          ["PurchaseOrderID", "LineItemID"],                          DOCUMENT;
    quote_line_item_tracking             of quotes              ["LineItems", "Tracking"]              ["QuoteID", "LineItemID", "TrackingCategoryID"],            DOCUMENT, from ["LineItemID"];
    quote_line_items                     of quotes              ["LineItems"]                          ["QuoteID", "LineItemID"],                                  DOCUMENT;
    receipt_line_item_tracking           of receipts            ["LineItems", "Tracking"]              ["ReceiptID", LINE_POSITION, "TrackingCategoryID"],         DOCUMENT, from ["LineItemID"];
    receipt_line_items                   of receipts            ["LineItems"]                          ["ReceiptID", POSITION],                                    DOCUMENT;
    repeating_invoice_line_item_tracking of repeating_invoices  ["LineItems", "Tracking"]              ["RepeatingInvoiceID", "LineItemID", "TrackingCategoryID"], UNDATED, from ["LineItemID"];
    repeating_invoice_line_items         of repeating_invoices  ["LineItems"]                          ["RepeatingInvoiceID", "LineItemID"],                       UNDATED;
    tax_rate_components                  of tax_rates           ["TaxComponents"]                      [TENANT, "TaxRateName", POSITION],                          RATE;
    tracking_options                     of tracking_categories ["Options"]                            ["TrackingCategoryID", "TrackingOptionID"],                 UNDATED;
}
