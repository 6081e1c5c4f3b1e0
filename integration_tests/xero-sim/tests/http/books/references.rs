//! Every id in every row names a row that exists.

use std::collections::HashSet;

use serde_json::Value;

use super::fields::{list, text};
use super::findings::{Findings, prove};
use super::reader::{Books, id_of, name};

/// Where the rows are that a field names.
enum Named {
    /// In one of these streams.
    In(&'static [&'static str]),
    /// The options of the tracking categories.
    Options,
    /// The lines of any document.
    Lines,
    /// In no list.
    Nowhere,
}

use Named::{In, Lines, Nowhere, Options};

/// The streams whose rows carry their own id again as `ID`.
const WITH_ID: &[&str] = &[
    "credit_notes",
    "overpayments",
    "prepayments",
    "receipts",
    "repeating_invoices",
];

#[rustfmt::skip]
const FIELDS: &[(&str, Named)] = &[
    ("AccountID",             In(&["accounts"])),
    ("BankTransactionID",     In(&["bank_transactions"])),
    ("FromBankTransactionID", In(&["bank_transactions"])),
    ("ToBankTransactionID",   In(&["bank_transactions"])),
    ("BankTransferID",        In(&["bank_transfers"])),
    ("BatchPaymentID",        In(&["batch_payments"])),
    ("BrandingThemeID",       In(&["branding_themes"])),
    ("BudgetID",              In(&["budgets"])),
    ("ContactGroupID",        In(&["contact_groups"])),
    ("ContactID",             In(&["contacts"])),
    ("MergedToContactID",     In(&["contacts"])),
    ("CreditNoteID",          In(&["credit_notes"])),
    ("ExpenseClaimID",        In(&["expense_claims"])),
    ("ID",                    In(WITH_ID)),
    // A refund of a credit note names the credit note as its invoice.
    ("InvoiceID",             In(&["invoices", "credit_notes"])),
    ("ItemID",                In(&["items"])),
    ("JournalID",             In(&["journals", "journals_cash"])),
    ("LinkedTransactionID",   In(&["linked_transactions"])),
    ("ManualJournalID",       In(&["manual_journals"])),
    ("OrganisationID",        In(&["organisations"])),
    ("OverpaymentID",         In(&["overpayments"])),
    ("PaymentID",             In(&["payments"])),
    ("PaymentServiceID",      In(&["payment_services"])),
    ("PrepaymentID",          In(&["prepayments"])),
    ("PurchaseOrderID",       In(&["purchase_orders"])),
    ("QuoteID",               In(&["quotes"])),
    ("ReceiptID",             In(&["receipts"])),
    ("RepeatingInvoiceID",    In(&["repeating_invoices"])),
    ("SourceTransactionID",   In(&["invoices", "bank_transactions", "receipts"])),
    ("TargetTransactionID",   In(&["invoices"])),
    ("TrackingCategoryID",    In(&["tracking_categories"])),
    ("UserID",                In(&["users"])),
    // Its list depends on SourceType: the proofs of journals join it.
    ("SourceID",              Nowhere),
    ("TrackingOptionID",      Options),
    ("SourceLineItemID",      Lines),
    ("TargetLineItemID",      Lines),
    // The line's own id.
    ("LineItemID",            Nowhere),
    // The line's own id.
    ("JournalLineID",         Nowhere),
    // The allocation's own id: no list has allocations.
    ("AllocationID",          Nowhere),
    // The file's own id: files are listed by document.
    ("AttachmentID",          Nowhere),
    // The person's id in Xero, outside the organisation.
    ("GlobalUserID",          Nowhere),
];

/// The ids that are no row of a stream.
struct Inner<'a> {
    options: HashSet<&'a str>,
    lines: HashSet<&'a str>,
    /// Payments of expense claims: the Payments endpoint is for invoices and credit only.
    claim_payments: HashSet<&'a str>,
}

impl<'a> Inner<'a> {
    fn of(books: &'a Books) -> Self {
        let nested = |streams: &[&str], key: &'static str, id: &'static str| {
            let rows = streams.iter().flat_map(|stream| books.rows(stream));
            let inner = rows.flat_map(|row| list(row, key));
            inner.map(|it| text(it, id)).collect()
        };
        let documents = ["invoices", "bank_transactions", "receipts"];
        Self {
            options: nested(&["tracking_categories"], "Options", "TrackingOptionID"),
            lines: nested(&documents, "LineItems", "LineItemID"),
            claim_payments: nested(&["expense_claims"], "Payments", "PaymentID"),
        }
    }
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

/// Checks the ids in a value of a row, and in all values below it.
fn walk(
    books: &Books,
    inner: &Inner<'_>,
    case: (&str, &Value),
    value: &Value,
    findings: &mut Findings,
) {
    let fields = value.as_object().into_iter().flatten();
    for (field, id) in fields.filter(|(field, _)| field.ends_with("ID")) {
        let Some(id) = id.as_str().filter(|id| is_guid(id)) else {
            continue;
        };
        let named = FIELDS.iter().find(|(known, _)| known == field);
        let named = named.map(|(_, named)| named);
        let exists = match named {
            None => false,
            Some(Nowhere) => true,
            Some(Options) => inner.options.contains(id),
            Some(Lines) => inner.lines.contains(id),
            Some(In(streams)) => {
                let is_claims = field == "PaymentID";
                streams
                    .iter()
                    .any(|stream| books.find(stream, id).is_some())
                    || is_claims && inner.claim_payments.contains(id)
            }
        };
        findings.check(exists, || {
            let why = if named.is_none() {
                "is in no table of this proof"
            } else {
                "exists nowhere"
            };
            format!("{}: {field} {id} {why}", name(case.0, case.1))
        });
    }
    let below = value
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.values());
    let below = below.chain(value.as_array().into_iter().flatten());
    below.for_each(|value| walk(books, inner, case, value, findings));
}

#[test]
fn every_id_names_a_row_that_exists() {
    prove(|books, findings| {
        let inner = Inner::of(books);
        for stream in books.streams() {
            for row in books.rows(stream) {
                walk(books, &inner, (stream, row), row, findings);
            }
        }
    });
}

#[test]
fn ids_are_distinct_and_id_repeats_them() {
    prove(|books, findings| {
        for stream in books.streams() {
            let mut ids = HashSet::new();
            for row in books.rows(stream) {
                let id = text(row, id_of(stream));
                findings.check(id_of(stream).is_empty() || ids.insert(id), || {
                    format!("{} appears twice", name(stream, row))
                });
                if WITH_ID.contains(&stream) {
                    findings.equal(text(row, "ID"), id, || name(stream, row));
                }
            }
        }
    });
}

#[test]
fn tracking_options_belong_to_the_category_that_they_are_named_with() {
    prove(|books, findings| {
        let streams = [
            "invoices",
            "bank_transactions",
            "credit_notes",
            "manual_journals",
        ];
        for stream in streams {
            for row in books.rows(stream) {
                let lines = [list(row, "LineItems"), list(row, "JournalLines")].concat();
                for choice in lines.iter().flat_map(|line| list(line, "Tracking")) {
                    let id = text(choice, "TrackingCategoryID");
                    let category = books.find("tracking_categories", id);
                    let holds = category.is_some_and(|category| {
                        let mut options = list(category, "Options").iter();
                        options.any(|option| {
                            text(option, "TrackingOptionID") == text(choice, "TrackingOptionID")
                                && text(option, "Name") == text(choice, "Option")
                        })
                    });
                    findings.check(holds, || format!("{}: {choice}", name(stream, row)));
                }
            }
        }
    });
}

#[test]
fn tax_types_and_accounts_of_lines_exist_by_their_codes() {
    prove(|books, findings| {
        let codes = |stream: &str, field: &'static str| -> HashSet<&str> {
            books
                .rows(stream)
                .iter()
                .map(|row| text(row, field))
                .collect()
        };
        let known = [
            ("AccountCode", codes("accounts", "Code")),
            ("TaxType", codes("tax_rates", "TaxType")),
        ];
        for stream in ["invoices", "credit_notes", "bank_transactions", "receipts"] {
            for row in books.rows(stream) {
                for line in list(row, "LineItems") {
                    for (field, codes) in &known {
                        let code = text(line, field);
                        findings.check(code.is_empty() || codes.contains(code), || {
                            format!("{}: {field} {code}", name(stream, row))
                        });
                    }
                    // A line keeps the code of an item that was deleted since.
                    let code = text(line, "ItemCode");
                    if let Some(item) = books.find("items", text(line, "Item.ItemID")) {
                        findings.equal(code, text(item, "Code"), || {
                            format!("{}: ItemCode", name(stream, row))
                        });
                    }
                }
            }
        }
    });
}
