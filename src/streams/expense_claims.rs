//! The receipts of expense claims, and their lines: only the claim itself shows them, so each claim costs a
//! call. Source: the examples of `xero_accounting.yaml` of Xero's OpenAPI.

use super::lists::expense_claims;
use super::{
    Address, ChildSpec, DocumentChild, DocumentFilter, Endpoint, ExistsIn, NamesDocument,
    PARENT_STAMP, POSITION, Paging, QuerySupport, Source, Stream,
};
use crate::xero::api::ACCOUNTING;

const SCOPES: &[&str] = &[
    "accounting.classicexpenses.read",
    "accounting.transactions.read",
];

const STATUS: (&str, &str) = ("Status", "ParentStatus");
const CALLED: (&str, &str) = (PARENT_STAMP, PARENT_STAMP);

#[rustfmt::skip]
documents! {
    expense_claim_details of expense_claims ACCOUNTING "" Some("ExpenseClaims"), Address::Below, "ExpenseClaimID" [], Whole, None, SCOPES, None;
}

#[rustfmt::skip]
children! {
    expense_claim_line_items of expense_claim_details ["Receipts", "LineItems"] ["ExpenseClaimID", "ReceiptID", POSITION], [STATUS, CALLED], from ["ReceiptID", "Date", "LineAmountTypes"];
    expense_claim_receipts   of expense_claim_details ["Receipts"]              ["ExpenseClaimID", "ReceiptID"],           [STATUS, CALLED];
}
