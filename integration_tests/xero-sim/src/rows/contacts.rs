//! Contacts: customers and suppliers.

use fastrand::Rng;

use super::contact_stub::{self, ContactName, Person};
use super::draw::{self, Aspect, Versioned};
use super::{
    Books, Detail, Row, View, attachments, common_fields, contact_details, currencies, tax_rates,
};
use crate::json::Json;

/// Writes the contact of a document: trimmed to its name in lists, in full when the
/// document was fetched by its id.
pub(super) fn write_of_document(contact: &Row, view: View<'_>, out: &mut Json) {
    if view.is_single() {
        write_full(contact, view, out);
    } else {
        contact_stub::write(contact, out);
    }
}

/// Writes a document's contact in full, as purchase orders do also in lists.
pub(super) fn write_full(contact: &Row, view: View<'_>, out: &mut Json) {
    let short = View {
        detail: Detail::Summary,
        ..view
    };
    out.key("Contact").open_object();
    render(contact, short, out);
    out.close_object();
}

/// Writes the contact of a quote, which has fields of its own choice.
pub(super) fn write_of_quote(contact: &Row, out: &mut Json) {
    let mut rng = draw::rng_of(contact, Aspect::Head);
    out.key("Contact").open_object();
    out.key("ContactID").guid(contact.id);
    out.key("Name").display(ContactName(contact));
    Person::any(&mut rng).write("info", contact, out);
    out.close_object();
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let person = Person::any(&mut rng);
    out.key("ContactID").guid(row.id);
    if row.number.is_multiple_of(3) {
        out.key("ContactNumber")
            .display(format_args!("ID{:06}", row.number));
    }
    // An edit gives it to those without.
    if row.number.is_multiple_of(2) || row.version > 1 {
        let account = format_args!("AC/{:05}", row.number);
        out.key("AccountNumber")
            .display(Versioned(account, row.version));
    }
    out.key("ContactStatus").string(row.status);
    out.key("Name").display(ContactName(row));
    person.write("info", row, out);
    write_registrations(view.books, &mut rng, out);
    if view.detail != Detail::SummaryOnly {
        contact_details::addresses(&person, None, &mut rng, out);
    }
    contact_details::phones(view.books, &mut rng, out);
    common_fields::updated(row, out);

    if view.detail != Detail::SummaryOnly {
        contact_details::groups(row, view, out);
        // The first bill or invoice makes it one, without a stamp.
        let (dealt, owed) = (row.silent_edits > 0, view.books.owed(row));
        out.key("IsSupplier").bool(dealt || owed.is_supplier);
        out.key("IsCustomer").bool(dealt || owed.is_customer);
    }
    if draw::one_in(&mut rng, 4) {
        let currency = currencies::any(view.books, &mut rng);
        out.key("DefaultCurrency").string(currency.code);
    }
    if view.is_long() {
        contact_details::defaults(row, view, out);
        contact_details::balances(row, view, out);
    }
    if view.detail != Detail::SummaryOnly {
        contact_details::persons(row, view, out);
    }
    if view.is_long() {
        attachments::write("contact", row, view, out);
    }
    out.key("HasValidationErrors").bool(false);
}

/// Writes what authorities and banks know the contact by.
fn write_registrations(books: &dyn Books, rng: &mut Rng, out: &mut Json) {
    let digits = rng.u32(100_000..1_000_000);
    if draw::one_in(rng, 2) {
        out.key("CompanyNumber")
            .display(format_args!("NZBN{digits}"));
    }
    let bank_account = rng.u64(..10_000_000_000);
    match draw::one_in(rng, 3) {
        true => out.key("BankAccountDetails").string(""),
        false => out
            .key("BankAccountDetails")
            .display(format_args!("01-0123-{bank_account:010}-00")),
    }
    out.key("TaxNumber")
        .display(format_args!("{:03}-{:03}", digits / 1000, digits % 1000));
    match rng.u8(..20) {
        // In no list of Xero's, but seen.
        0 => out.key("TaxNumberType").string("TAXNUMBERTYPE/SSN"),
        1 => out.key("TaxNumberType").string("EIN"),
        _ => {}
    }
    if draw::one_in(rng, 3) {
        for (key, code) in [
            ("AccountsReceivableTaxType", "OUTPUT2"),
            ("AccountsPayableTaxType", "INPUT2"),
        ] {
            out.key(key).string(tax_rates::of_account(code, books).code);
        }
    }
}
