//! The organisation itself.

use super::common_fields::midnight;
use super::contact_details;
use super::contact_stub::Person;
use super::draw::{self, Aspect, Versioned};
use super::{Row, View};
use crate::json::Json;

/// Edition of Xero, country and time zone that go with a base currency.
fn home(currency: &str) -> [&'static str; 3] {
    match currency {
        "NZD" => ["NZ", "NZ", "NEWZEALANDSTANDARDTIME"],
        "AUD" => ["AU", "AU", "AUSEASTERNSTANDARDTIME"],
        "GBP" => ["UK", "GB", "GMTSTANDARDTIME"],
        "USD" => ["US", "US", "PACIFICSTANDARDTIME"],
        "JPY" => ["GLOBAL", "JP", "TOKYOSTANDARDTIME"],
        "BHD" => ["GLOBAL", "BH", "ARABSTANDARDTIME"],
        _ => ["GLOBAL", "SG", "SINGAPORESTANDARDTIME"],
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let mut rng = draw::rng_of(row, Aspect::Head);
    let name = view.books.name();
    let demo = name.starts_with("Demo Company");
    let [edition, country, time_zone] = home(view.books.base_currency());
    let lock_date = midnight(row.created);
    let key = rng.u64(..);
    out.key("APIKey")
        .display(format_args!("{key:016X}{key:014X}"));
    out.key("Name").string(name);
    out.key("LegalName").string(name);
    out.key("PaysTax").bool(true);
    out.key("Version").string(edition);
    out.key("OrganisationType").string("COMPANY");
    out.key("BaseCurrency").string(view.books.base_currency());
    out.key("CountryCode").string(country);
    out.key("IsDemoCompany").bool(demo);
    out.key("OrganisationStatus").string(row.status);
    out.key("RegistrationNumber")
        .display(format_args!("{:07}", rng.u32(..10_000_000)));
    out.key("TaxNumber").string("071-138-054");
    let (month, day) = view.books.year_end();
    out.key("FinancialYearEndDay").integer(day.into());
    out.key("FinancialYearEndMonth").integer(month.into());
    out.key("SalesTaxBasis").string("PAYMENTS");
    out.key("SalesTaxPeriod").string("TWOMONTHS");
    out.key("DefaultSalesTax").string("Tax Exclusive");
    out.key("DefaultPurchasesTax").string("Tax Exclusive");
    out.key("PeriodLockDate").date(lock_date);
    out.key("EndOfYearLockDate").date(lock_date);
    out.key("CreatedDateUTC").date_plain(row.created);
    out.key("OrganisationEntityType").string("COMPANY");
    out.key("Timezone").string(time_zone);
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
    contact_details::addresses(&Person::any(&mut rng), &mut rng, out);
    contact_details::phones(&mut rng, out);
    write_links(out);
    contact_details::payment_terms(&mut rng, out);
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
