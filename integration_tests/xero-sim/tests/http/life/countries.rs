//! What an organisation's country decides.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use xero_sim::{App, Country, Entity, Sim, World};

use crate::client::{Answer, get};

const SCOPES: &str = "accounting.settings.read accounting.invoices.read accounting.contacts.read \
    accounting.reports.tenninetynine.read";

/// An organisation of a country, being served, and a way to call it.
struct Organisation {
    sim: Sim,
    headers: [String; 3],
}

impl Organisation {
    fn of(country: Country) -> Self {
        let mut world = World::new(7);
        world.unlimited();
        world.history_ends(1_782_864_000_000); // 2026-07-01
        world.fix_clock(1_782_864_000_000);
        let name = format!("Demo Company ({})", country.edition());
        let tenant = world.add_tenant_in(&name, country);
        assert_eq!(world.country(&tenant), Some(country));
        for entity in [
            Entity::Contacts,
            Entity::Items,
            Entity::Invoices,
            Entity::Payments,
        ] {
            world.fill(&tenant, entity, 300);
        }
        let app = world.add_app(App::web("web", "secret"));
        let tokens = world.consent(&app, std::slice::from_ref(&tenant), SCOPES);
        let headers = [
            format!("Authorization: Bearer {}", tokens.access_token),
            format!("xero-tenant-id: {tenant}"),
            "Accept: application/json".to_owned(),
        ];
        Self {
            sim: Sim::start(world),
            headers,
        }
    }

    fn get(&self, path: &str) -> Answer {
        let headers = self.headers.each_ref().map(String::as_str);
        get(&self.sim, &format!("/api.xro/2.0{path}"), &headers)
    }

    fn rows(&self, path: &str, key: &str) -> Vec<Value> {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.json()[key].as_array().expect("a list").clone()
    }
}

/// A text, or that it is missing.
fn text<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row[key].as_str()
}

#[test]
fn the_organisation_says_where_it_is() {
    for (country, code, currency, version, zone, year_end, basis) in [
        (
            Country::NewZealand,
            "NZ",
            "NZD",
            "NZ",
            "NEWZEALANDSTANDARDTIME",
            [3, 31],
            Some("PAYMENTS"),
        ),
        (
            Country::Australia,
            "AU",
            "AUD",
            "AU",
            "AUSEASTERNSTANDARDTIME",
            [6, 30],
            Some("CASH"),
        ),
        (
            Country::UnitedKingdom,
            "GB",
            "GBP",
            "UK",
            "GMTSTANDARDTIME",
            [3, 31],
            Some("ACCRUAL"),
        ),
        (
            Country::UnitedStates,
            "US",
            "USD",
            "US",
            "PACIFICSTANDARDTIME",
            [12, 31],
            None,
        ),
    ] {
        let shown = &Organisation::of(country).rows("/Organisation", "Organisations")[0];
        for (key, expected) in [
            ("CountryCode", Some(code)),
            ("BaseCurrency", Some(currency)),
            ("Version", Some(version)),
            ("Timezone", Some(zone)),
            ("SalesTaxBasis", basis),
            ("Edition", Some("BUSINESS")),
        ] {
            assert_eq!(text(shown, key), expected, "{country} {key}");
        }
        let [month, day] = year_end;
        assert_eq!(shown["FinancialYearEndMonth"], month, "{country}");
        assert_eq!(shown["FinancialYearEndDay"], day, "{country}");
        let in_states = country == Country::UnitedStates;
        let employer = text(shown, "EmployerIdentificationNumber").map(str::len);
        assert_eq!(employer, in_states.then_some(9), "{country}");
        assert_eq!(shown.get("TaxNumber").is_some(), !in_states, "{country}");
    }
}

#[test]
fn all_tax_types_are_those_of_the_country() {
    for (country, on_sales) in [
        (Country::NewZealand, "OUTPUT2"),
        (Country::Australia, "OUTPUT"),
        (Country::UnitedKingdom, "OUTPUT2"),
        (Country::UnitedStates, "OUTPUT"),
    ] {
        let organisation = Organisation::of(country);
        let rates = organisation.rows("/TaxRates", "TaxRates");
        let known: BTreeSet<_> = rates
            .iter()
            .filter_map(|rate| text(rate, "TaxType"))
            .collect();
        assert_eq!(known.len(), rates.len(), "{country}: TaxType is the key");
        let accounts = organisation.rows("/Accounts", "Accounts");
        let invoices = organisation.rows("/Invoices?page=1&pageSize=300", "Invoices");
        let lines = invoices
            .iter()
            .flat_map(|it| it["LineItems"].as_array())
            .flatten();
        let contacts = organisation.rows("/Contacts?page=1&pageSize=300", "Contacts");
        let defaults = contacts
            .iter()
            .filter_map(|it| text(it, "AccountsReceivableTaxType"));
        let used = accounts
            .iter()
            .chain(lines)
            .filter_map(|it| text(it, "TaxType"));
        let used: BTreeSet<_> = used.chain(defaults).collect();
        assert!(used.is_subset(&known), "{country}: {used:?}");
        assert!(used.contains(on_sales), "{country}: {used:?}");
        let sales = accounts.iter().find(|account| account["Code"] == "200");
        assert_eq!(
            sales.and_then(|it| text(it, "TaxType")),
            Some(on_sales),
            "{country}"
        );
    }
}

#[test]
fn only_britain_has_cis_settings() {
    for country in Country::ALL {
        let organisation = Organisation::of(country);
        let contacts = organisation.rows("/Contacts?page=1&pageSize=12", "Contacts");
        let ids = contacts
            .iter()
            .filter_map(|contact| text(contact, "ContactID"));
        let paths = ids.map(|id| format!("/Contacts/{id}/CISSettings"));
        let answers: Vec<_> = paths.map(|path| organisation.get(&path)).collect();
        let found: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
        assert!(answers.iter().all(|it| [200, 404].contains(&it.status)));
        assert_eq!(
            !found.is_empty(),
            country == Country::UnitedKingdom,
            "{country}"
        );
        for answer in found {
            assert!(answer.json()["CISSettings"][0]["CISEnabled"].is_boolean());
        }
    }
}

#[test]
fn only_the_states_have_a_1099_report() {
    for country in Country::ALL {
        let answer = Organisation::of(country).get("/Reports/TenNinetyNine");
        let in_states = country == Country::UnitedStates;
        assert_eq!(
            answer.status,
            if in_states { 200 } else { 400 },
            "{country}"
        );
        if in_states {
            let body = answer.json();
            let reports = body["Reports"].as_array().expect("reports").iter();
            let contacts = reports.map(|it| it["Contacts"].as_array().map_or(0, Vec::len));
            let contacts: Vec<_> = contacts.collect();
            assert!(contacts.len() == 2 && contacts[0] > 0, "{contacts:?}");
        }
    }
}

#[test]
fn the_program_takes_a_country_and_names_it() {
    for (flags, countries) in [
        (&["--tenants", "2"][..], ["NZ", "AU"]),
        (&["--tenants", "2", "--country", "GB"], ["GB", "GB"]),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_xero-sim"))
            .args(["--rows", "1"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = program.stdout.take().expect("stdout is a pipe");
        let read = BufReader::new(stdout).read_line(&mut line);
        program.kill().expect("the program runs");
        program.wait().expect("the program ends");
        read.expect("a first line");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(ready["countries"], json!(countries), "{flags:?}");
    }
}

#[test]
fn the_program_takes_no_other_country() {
    let program = Command::new(env!("CARGO_BIN_EXE_xero-sim"))
        .args(["--country", "UK"])
        .output()
        .expect("the program ends");
    assert!(!program.status.success());
    let text = String::from_utf8_lossy(&program.stderr);
    assert!(text.contains("'UK' is none of NZ, AU, GB, US"), "{text}");
}
