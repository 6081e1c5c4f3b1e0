//! The 1099 reports of the United States: who was paid how much in a calendar year.

use std::collections::BTreeMap;

use super::Body;
use super::parameters::{Invalid, ReportCall, short};
use crate::books::{Basis, Day, Group, Span};
use crate::guid::Guid;
use crate::json::Json;
use crate::rows::{self, Books, Row};

/// Boxes of each form; the amount of a contact stands in the first.
const NEC: &[u8] = &[1, 2, 4];
const MISC: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14];
/// The account whose payments are rents, box 1 of the second form.
const RENT: &str = "Rent";
/// Smaller amounts per year, in cents, need no report.
const LEAST: i64 = 60_000;

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    // What Xero answers elsewhere is not documented; a client must take any refusal.
    if call.tenant.base_currency() != "USD" {
        let text = "The 1099 report is only available to organisations in the US";
        return Err(Invalid(text.to_owned()));
    }
    year(call)?;
    Ok(Body::Other(write))
}

/// The calendar year of `reportYear`, by itself the last one that is over.
fn year(call: &ReportCall<'_>) -> Result<Span, Invalid> {
    let invalid = || Invalid("The reportYear is not a valid year".to_owned());
    let year = match call.text("reportYear") {
        Some(text) => text.parse().map_err(|_| invalid())?,
        None => chrono::Datelike::year(&call.today) - 1,
    };
    let day = |month, day| Day::from_ymd_opt(year, month, day).ok_or_else(invalid);
    Ok(Span {
        first: day(1, 1)?,
        last: day(12, 31)?,
    })
}

fn write(call: &ReportCall<'_>, out: &mut Json) {
    let Ok(span) = year(call) else {
        return;
    };
    for (name, boxes, rents) in [
        ("1099-NEC report", NEC, false),
        ("1099-MISC report", MISC, true),
    ] {
        out.open_object();
        out.key("ReportName").string(name);
        out.key("ReportDate")
            .string(&format!("{} to {}", short(span.first), short(span.last)));
        out.key("Fields").empty_array();
        out.key("Contacts").open_array();
        for (contact, amount) in paid(call, span, rents) {
            if let Some((row, name)) = rows::contact(call.tenant, contact) {
                write_contact(row, &name, boxes, amount, out);
            }
        }
        out.close_array();
        out.close_object();
    }
}

/// What contacts were paid for what the organisation bought.
fn paid(call: &ReportCall<'_>, span: Span, rents: bool) -> Vec<(u128, i64)> {
    use Group::*;
    let ledger = call.tenant.ledger(Basis::Cash);
    let accounts = ledger.accounts_of(&[CostOfSales, Expenses, Overheads]);
    let accounts = accounts.into_iter().filter(|it| (it.name == RENT) == rents);
    let accounts: Vec<u128> = accounts.map(|account| account.id).collect();
    let mut contacts = BTreeMap::<u128, i64>::new();
    for posting in ledger.within(span) {
        if let Some(contact) = posting
            .contact
            .filter(|_| accounts.contains(&posting.account))
        {
            *contacts.entry(contact).or_default() += posting.amount;
        }
    }
    contacts.retain(|_, amount| *amount >= LEAST);
    contacts.into_iter().collect()
}

fn write_contact(row: &Row, name: &str, boxes: &[u8], amount: i64, out: &mut Json) {
    out.open_object();
    for number in boxes {
        let value = if *number == 1 { amount } else { 0 };
        out.key(&format!("Box{number}")).decimal(value, 2);
    }
    out.key("Name").string(name);
    out.key("FederalTaxIDType").string("EIN");
    out.key("City").string("Oaktown");
    out.key("Zip").string("45123");
    out.key("State").string("NY");
    out.key("Email")
        .display(format_args!("accounts@contact{}.example", row.number));
    out.key("StreetAddress")
        .string("100 Rusty Ridge Road\r\nSuite 100\r\n\r\n\r\n");
    out.key("TaxID")
        .display(format_args!("33-{:07}", row.number));
    out.key("ContactId").display(Guid(row.id));
    out.key("LegalName").string(name);
    out.key("BusinessName").string(name);
    out.key("FederalTaxClassification").string("C_CORP");
    out.close_object();
}
