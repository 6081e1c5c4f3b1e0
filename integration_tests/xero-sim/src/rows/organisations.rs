//! The organisation itself.

use fastrand::Rng;

use super::common_fields::midnight;
use super::contact_details;
use super::contact_stub::Person;
use super::country::{Country, Facts};
use super::draw::{self, Aspect, Versioned};
use super::{Row, View};
use crate::json::Json;

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let name = view.books.name();
    let demo = name.starts_with("Demo Company");
    let facts = Facts::of(view.books);
    let in_states = Country::of(view.books) == Some(Country::UnitedStates);
    let key = rng.u64(..);
    out.key("APIKey")
        .display(format_args!("{key:016X}{key:014X}"));
    out.key("Name").string(name);
    out.key("LegalName").string(name);
    out.key("PaysTax").bool(true);
    out.key("Version").string(facts.edition);
    out.key("OrganisationType").string("COMPANY");
    out.key("BaseCurrency").string(view.books.base_currency());
    out.key("CountryCode").string(facts.code);
    out.key("IsDemoCompany").bool(demo);
    out.key("OrganisationStatus").string(row.status);
    write_registrations(&facts, &mut rng, out);
    let (month, day) = view.books.year_end();
    out.key("FinancialYearEndDay").integer(day.into());
    out.key("FinancialYearEndMonth").integer(month.into());
    if let Some([basis, period]) = facts.sales_tax {
        out.key("SalesTaxBasis").string(basis);
        out.key("SalesTaxPeriod").string(period);
    }
    out.key("DefaultSalesTax").string("Tax Exclusive");
    out.key("DefaultPurchasesTax").string(match in_states {
        true => "No Tax",
        false => "Tax Exclusive",
    });
    write_lock_dates(row, view, out);
    out.key("CreatedDateUTC").date_plain(row.created);
    out.key("OrganisationEntityType").string("COMPANY");
    out.key("Timezone").string(facts.time_zone);
    out.key("ShortCode")
        .display(format_args!("!{:05x}", rng.u32(..0x10_0000)));
    out.key("OrganisationID").guid(row.id);
    out.key("Edition").string("BUSINESS");
    // Plans come and go; the last of these is in no list of Xero's yet.
    let plans = ["PREMIUM", "ULTIMATE", "GROW", "ULTRA_PLUS"];
    let plan = draw::one_of(&mut rng, &plans);
    out.key("Class").string(if demo { "DEMO" } else { plan });
    out.key("LineOfBusiness")
        .display(Versioned("Ngā toi / arts", row.version));
    contact_details::addresses(&Person::any(&mut rng), facts.place, &mut rng, out);
    contact_details::phones(view.books, &mut rng, out);
    write_links(out);
    contact_details::payment_terms(&mut rng, out);
}

/// Writes what authorities know the organisation by.
fn write_registrations(facts: &Facts, rng: &mut Rng, out: &mut Json) {
    let width = facts.registration_digits;
    let number = rng.u64(..10_u64.pow(width as u32));
    out.key("RegistrationNumber")
        .display(format_args!("{number:0width$}"));
    if facts.code == Country::UnitedStates.code() {
        out.key("EmployerIdentificationNumber")
            .display(format_args!("{:09}", rng.u32(..1_000_000_000)));
    }
    if let Some(number) = facts.tax_number {
        out.key("TaxNumber").string(number);
    }
}

/// Writes the days up to which the books are closed, where somebody has closed them. In New Zealand
/// they are midnights there.
fn write_lock_dates(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Extras);
    let day = midnight(row.created);
    for (key, once_in) in [("PeriodLockDate", 2), ("EndOfYearLockDate", 3)] {
        if !draw::one_in(&mut rng, once_in) {
            continue;
        }
        match Country::of(view.books) {
            Some(Country::NewZealand) => out.key(key).date_in_summer(day),
            _ => out.key(key).date(day),
        }
    }
}

fn write_links(out: &mut Json) {
    out.key("ExternalLinks").open_array();
    for (kind, url) in [
        ("Website", "https://www.xero-sim.example/"),
        ("Twitter", "https://twitter.com/xero-sim"),
    ] {
        out.open_object();
        out.key("LinkType").string(kind);
        out.key("Url").string(url);
        out.close_object();
    }
    out.close_array();
}
