//! The smallest tables of an organisation: branding themes, payment services, what the
//! user may do, invoice reminders.

use super::pick::Versioned;
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

const THEMES: &[&str] = &["Standard", "Special Projects / Māori", "Très \"Orange\""];

/// Writes a theme as contacts name it.
pub(super) fn write_theme_name(row: &Row, out: &mut Json) {
    let name = THEMES[(row.number as usize).saturating_sub(1) % THEMES.len()];
    out.key("BrandingThemeID").guid(row.id);
    out.key("Name").display(Versioned(name, row.version));
}

pub(super) fn branding_theme(row: &Row, _: View<'_>, out: &mut Json) {
    write_theme_name(row, out);
    if row.number == 1 {
        out.key("LogoUrl")
            .string("https://in.xero.com/logo?id=ZXlKdmFXUWlPaUl4WTJJMk5EVTNPUzA");
    }
    out.key("Type").string("INVOICE");
    out.key("SortOrder").integer(row.number.cast_signed() - 1);
    out.key("CreatedDateUTC").date(row.created);
}

pub(super) fn payment_service(row: &Row, _: View<'_>, out: &mut Json) {
    out.key("PaymentServiceID").guid(row.id);
    out.key("PaymentServiceName")
        .display(format_args!("PayUpNow {}", row.number));
    out.key("PaymentServiceUrl")
        .string("https://www.payupnow.example/pay?amount=[AMOUNTDUE]");
    out.key("PaymentServiceType").string("Custom");
    out.key("PayNowText")
        .display(Versioned("Utua ināianei", row.version));
}

/// The status says all that there is: an edit shows only where it changes the status.
pub(super) fn organisation_action(row: &Row, _: View<'_>, out: &mut Json) {
    let at = (row.number as usize).saturating_sub(1);
    match ACTIONS.get(at) {
        Some(name) => out.key("Name").string(name),
        None => out
            .key("Name")
            .display(format_args!("FurtherAction{}", row.number)),
    }
    out.key("Status").string(row.status);
}

/// The switch is all that there is: an edit turns it over.
pub(super) fn invoice_reminders(row: &Row, _: View<'_>, out: &mut Json) {
    out.key("Enabled").bool(row.version % 2 == 1);
}
