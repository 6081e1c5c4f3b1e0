//! What only organisations in the United States have: sales tax by jurisdiction, and the
//! addresses that decide which one it is.

use super::country::Country;
use super::{Row, View, draw};
use crate::json::Json;

/// Whether the books are those of an organisation in the United States.
fn applies(view: View<'_>) -> bool {
    Country::of(view.books) == Some(Country::UnitedStates)
}

/// Type of the jurisdiction, its name and its percentage in four decimals.
const COMPONENTS: &[(&str, &str, i64)] = &[
    ("SYSGST/USSTATE", "State \"NY\"", 40_000),
    ("SYSGST/USCITY", "New York City", 45_000),
];

/// Whether Xero looked up the tax of a line of a sale.
pub(super) fn is_looked_up(line: u128, view: View<'_>) -> bool {
    applies(view) && line.is_multiple_of(2)
}

/// Writes how the tax of a line came about.
pub(super) fn write_taxability(
    line: u128,
    amount: i64,
    tax_amount: i64,
    decimals: u8,
    out: &mut Json,
) {
    let taxed = tax_amount != 0;
    out.key("Taxability")
        .string(if taxed { "TAXABLE" } else { "EXEMPT" });
    out.key("SalesTaxCodeId").integer(if taxed { 4 } else { 1 });
    out.key("TaxBreakdown").open_array();
    // The last jurisdiction gets what rounding leaves.
    let mut rest = tax_amount;
    for (at, &(kind, name, percent)) in COMPONENTS.iter().enumerate() {
        let last = at + 1 == COMPONENTS.len();
        let tax = if last { rest } else { tax_amount / 2 };
        rest -= tax;
        let [taxable, exempt] = if taxed { [amount, 0] } else { [0, amount] };
        out.open_object();
        out.key("TaxComponentId")
            .guid(draw::child_id(line, at as u64));
        out.key("Type").string(kind);
        out.key("Name").string(name);
        out.key("TaxPercentage").decimal(percent, 4);
        out.key("TaxAmount").decimal(tax, decimals);
        out.key("TaxableAmount").decimal(taxable, decimals);
        out.key("NonTaxableAmount").decimal(0, decimals);
        out.key("ExemptAmount").decimal(exempt, decimals);
        out.key("StateAssignedNo").string("NE 8081");
        out.key("JurisdictionRegion").string("NY");
        out.close_object();
    }
    out.close_array();
}

/// Whether Xero computed the tax of a document from addresses: not where users chose a rate.
pub(super) fn has_addresses(document: &Row, view: View<'_>) -> bool {
    view.is_long() && applies(view) && document.seed >> 40 & 1 == 1
}

/// Writes where a sale came from and where it went, or `[]` if Xero needed no addresses.
pub(super) fn write_addresses(document: &Row, view: View<'_>, out: &mut Json) {
    out.key("InvoiceAddresses").open_array();
    let addresses = [
        ("FROM", "123 Main/1st Street", "New York"),
        ("TO", "7 \"Old\" Mill Road", "Buffalo"),
    ];
    let shown = if has_addresses(document, view) {
        &addresses[..]
    } else {
        &[]
    };
    for (kind, street, city) in shown {
        out.open_object();
        out.key("InvoiceAddressType").string(kind);
        out.key("AddressLine1").string(street);
        out.key("City").string(city);
        out.key("Region").string("NY");
        out.key("PostalCode").string("10101");
        out.key("Country").string("USA");
        out.close_object();
    }
    out.close_array();
}
