//! The actions that the token's user may perform.

use super::{Row, View};
use crate::json::Json;

/// What a user may do, the allowed ones first.
pub(super) const ACTIONS: &[&str] = &[
    "CreateApprovedInvoice",
    "CreateDraftPurchaseOrder",
    "CreateDraftInvoice",
    "UseMulticurrency",
    "CreateRepeatingInvoice",
    "AttachFilesToInvoices",
    "CreateApprovedBill",
    "SendPurchaseOrders",
    "ReconcileBankTransactions",
    "UpdateOrganisationSettings",
];

/// Writes the name and the status. An edit is visible only if it changes the status.
pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    let at = (row.number as usize).saturating_sub(1);
    match ACTIONS.get(at) {
        Some(name) => out.key("Name").string(name),
        None => out
            .key("Name")
            .display(format_args!("FurtherAction{}", row.number)),
    }
    out.key("Status").string(row.status);
}
