//! Payment services.

use super::draw::Versioned;
use super::{Row, View};
use crate::json::Json;

pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    out.key("PaymentServiceID").guid(row.id);
    out.key("PaymentServiceName")
        .display(format_args!("PayUpNow {}", row.number));
    out.key("PaymentServiceUrl")
        .string("https://www.payupnow.example/pay?amount=[AMOUNTDUE]");
    out.key("PaymentServiceType").string("Custom");
    out.key("PayNowText")
        .display(Versioned("Utua ināianei", row.version));
}
