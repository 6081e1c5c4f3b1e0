//! The nested parts of a contact.

use fastrand::Rng;

use super::accounts::{self, AccountCode};
use super::contact_stub::Person;
use super::country::Facts;
use super::draw::{self, Aspect};
use super::sample_texts::{PLACES, STREETS};
use super::{
    Books, Row, View, branding_themes, chart_of_accounts, contact_groups, currencies,
    tracking_categories,
};
use crate::books::BROUGHT_OVER;
use crate::entity::Entity;
use crate::guid::Guid;
use crate::json::Json;

/// City, region, postal code and country.
type Place = [&'static str; 4];

/// Writes both addresses that every contact has, the second mostly blank. They are anywhere in the
/// world, unless a place is given.
pub(super) fn addresses(person: &Person, at: Option<Place>, rng: &mut Rng, out: &mut Json) {
    out.key("Addresses").open_array();
    for kind in ["STREET", "POBOX"] {
        let filled = kind == "STREET" || draw::one_in(rng, 4);
        let anywhere = PLACES[rng.usize(..PLACES.len())];
        let place = at.unwrap_or(anywhere);
        let [city, region, code, country] = if filled { place } else { [""; 4] };
        out.open_object();
        out.key("AddressType").string(kind);
        if filled {
            let (number, street) = (rng.u8(1..200), draw::one_of(rng, STREETS));
            out.key("AddressLine1")
                .display(format_args!("{number} {street}"));
            // Once somebody has edited the address, its other lines are there, mostly empty.
            let lines = [["", "", ""], ["Level 2", "", ""]];
            if number.is_multiple_of(4) {
                continue_address(lines[usize::from(number.is_multiple_of(8))], out);
            }
        }
        out.key("City").string(city);
        out.key("Region").string(region);
        out.key("PostalCode").string(code);
        out.key("Country").string(country);
        out.key("AttentionTo")
            .string(if filled { person.first } else { "" });
        out.close_object();
    }
    out.close_array();
}

fn continue_address(lines: [&str; 3], out: &mut Json) {
    for (key, line) in ["AddressLine2", "AddressLine3", "AddressLine4"]
        .iter()
        .zip(lines)
    {
        out.key(key).string(line);
    }
}

/// Writes the four telephone numbers that every contact has, most of them blank.
pub(super) fn phones(books: &dyn Books, rng: &mut Rng, out: &mut Json) {
    let [area, country] = Facts::of(books).phone;
    out.key("Phones").open_array();
    for kind in ["DDI", "DEFAULT", "FAX", "MOBILE"] {
        let filled = kind == "DEFAULT" || draw::one_in(rng, 4);
        out.open_object();
        out.key("PhoneType").string(kind);
        let number = rng.u32(2_000_000..10_000_000);
        match filled {
            true => out.key("PhoneNumber").display(number),
            false => out.key("PhoneNumber").string(""),
        }
        out.key("PhoneAreaCode")
            .string(if filled { area } else { "" });
        out.key("PhoneCountryCode")
            .string(if filled { country } else { "" });
        out.close_object();
    }
    out.close_array();
}

/// Writes the groups of the contact. Short forms have none.
pub(super) fn groups(row: &Row, view: View<'_>, out: &mut Json) {
    out.key("ContactGroups").open_array();
    if view.is_long()
        && let Some(group) = contact_groups::of(row, view.books)
    {
        out.open_object();
        contact_groups::write_head(&group, out);
        out.close_object();
    }
    out.close_array();
}

/// Writes the people at the contact. Short forms have none.
pub(super) fn persons(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Links);
    let count = rng.u8(..6).saturating_sub(3);
    out.key("ContactPersons").open_array();
    if view.is_long() {
        for mailbox in ["accounts", "sales", "office"].iter().take(count.into()) {
            out.open_object();
            Person::any(&mut rng).write(mailbox, row, out);
            out.key("IncludeInEmails").bool(rng.bool());
            out.close_object();
        }
    }
    out.close_array();
}

/// Writes what documents for the contact start with.
pub(super) fn defaults(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let sales = [
        "SalesDefaultLineAmountType",
        "SalesDefaultAccountCode",
        "SalesTrackingCategories",
    ];
    let purchases = [
        "PurchasesDefaultLineAmountType",
        "PurchasesDefaultAccountCode",
        "PurchasesTrackingCategories",
    ];
    for (keys, group) in [
        (sales, chart_of_accounts::SALES),
        (purchases, chart_of_accounts::EXPENSES),
    ] {
        let [amount_type, code, categories] = keys;
        let amount_types = ["INCLUSIVE", "EXCLUSIVE", "NONE", ""];
        let chosen = draw::one_of(&mut rng, &amount_types);
        if !chosen.is_empty() {
            out.key(amount_type).string(chosen);
        }
        if draw::one_in(&mut rng, 3) {
            let account = accounts::any(view.books, group, &mut rng);
            out.key(code).display(AccountCode(&account));
        }
        let mut choices = tracking_categories::any(view, &mut rng).peekable();
        if choices.peek().is_some() {
            tracking_categories::write_defaults(categories, choices, out);
        }
    }
    if draw::one_in(&mut rng, 3) {
        payment_terms(&mut rng, out);
    }
    if draw::one_in(&mut rng, 3) {
        out.key("Website")
            .display(format_args!("https://contact{}.example/", row.number));
    }
    if draw::one_in(&mut rng, 5) {
        out.key("Discount").decimal(rng.i64(1..30) * 100, 2);
    }
    if draw::one_in(&mut rng, 5) {
        let network_key = Guid::random(&mut rng);
        out.key("XeroNetworkKey").display(network_key);
    }
    if draw::one_in(&mut rng, 4) {
        let theme = draw::any(view.books, Entity::BrandingThemes, &mut rng);
        out.key("BrandingTheme").open_object();
        branding_themes::write_theme_name(&theme, out);
        out.close_object();
    }
    if draw::one_in(&mut rng, 4) {
        batch_payment_details(&mut rng, out);
    }
    if row.status == "ARCHIVED" && draw::one_in(&mut rng, 3) {
        let other = draw::any(view.books, Entity::Contacts, &mut rng);
        out.key("MergedToContactID").guid(other.id);
    }
}

/// Writes when bills and invoices are due.
pub(super) fn payment_terms(rng: &mut Rng, out: &mut Json) {
    out.key("PaymentTerms").open_object();
    for (what, kind) in [
        ("Bills", "OFFOLLOWINGMONTH"),
        ("Sales", "DAYSAFTERBILLDATE"),
    ] {
        out.key(what).open_object();
        out.key("Day").integer(rng.i64(1..31));
        out.key("Type").string(kind);
        out.close_object();
    }
    out.close_object();
}

fn batch_payment_details(rng: &mut Rng, out: &mut Json) {
    out.key("BatchPayments").open_object();
    out.key("BankAccountNumber")
        .display(format_args!("{:08}", rng.u32(..100_000_000)));
    out.key("BankAccountName").string("Citi Bank");
    out.key("Details").string("biz checking");
    out.key("Code").string("ABC");
    out.key("Reference").string("Foobar");
    out.close_object();
}

/// Writes what is owed, if anything is; Xero changes it without moving UpdatedDateUTC.
pub(super) fn balances(row: &Row, view: View<'_>, out: &mut Json) {
    let decimals = currencies::base(view.books).decimals;
    let owed = view.books.owed(row);
    let brought_over = BROUGHT_OVER * i64::from(row.silent_edits);
    let sides = [owed.receivable, owed.payable];
    if sides
        .iter()
        .all(|open| open.outstanding + brought_over == 0)
    {
        return;
    }
    out.key("Balances").open_object();
    for (account, open) in [
        ("AccountsReceivable", owed.receivable),
        ("AccountsPayable", owed.payable),
    ] {
        let outstanding = open.outstanding + brought_over;
        out.key(account).open_object();
        out.key("Outstanding").decimal(outstanding, decimals);
        out.key("Overdue")
            .decimal(open.overdue + brought_over, decimals);
        out.close_object();
    }
    out.close_object();
}
