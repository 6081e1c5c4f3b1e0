//! Reports over HTTP: access and envelope.

use xero_sim::{App, Entity, Sim, World};

use crate::client::{self, Fixture, get};

/// An organisation whose app was given these scopes.
fn with_scopes(scopes: &str) -> Fixture {
    let mut world = World::new(7);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    world.fill(&demo, Entity::Invoices, 50);
    let app = world.add_app(App::web("web", "secret"));
    let tokens = world.consent(&app, std::slice::from_ref(&demo), scopes);
    Fixture {
        sim: Sim::start(world),
        demo,
        app,
        tokens,
    }
}

#[test]
fn each_report_has_a_scope_of_its_own_and_a_broad_one() {
    const REPORTS: &[(&str, &str, u16)] = &[
        ("/Reports/ProfitAndLoss", "profitandloss", 200),
        ("/Reports/BalanceSheet", "balancesheet", 200),
        ("/Reports/TrialBalance", "trialbalance", 200),
        ("/Reports/BankSummary", "banksummary", 200),
        ("/Reports/BudgetSummary", "budgetsummary", 200),
        ("/Reports/ExecutiveSummary", "executivesummary", 200),
        ("/Reports", "taxreports", 200),
        // No contact is named, and New Zealand has no such form.
        ("/Reports/AgedPayablesByContact", "aged", 400),
        ("/Reports/TenNinetyNine", "tenninetynine", 400),
    ];
    let broad = with_scopes("accounting.reports.read");
    for (path, scope, opened) in REPORTS {
        assert_eq!(broad.get(path).status, *opened, "{path}");
        let granular = with_scopes(&format!("accounting.reports.{scope}.read"));
        for (other, ..) in REPORTS {
            let expected = if other == path { *opened } else { 401 };
            assert_eq!(granular.get(other).status, expected, "{scope}: {other}");
        }
    }
    let refused = with_scopes("accounting.transactions.read").get("/Reports/BalanceSheet");
    assert_eq!(refused.json()["Detail"], "AuthorizationUnsuccessful");
}

#[test]
fn a_report_stands_in_the_envelope() {
    let fixture = with_scopes("accounting.reports.read");
    let answer = fixture.get("/Reports/TrialBalance");
    let body = answer.json();
    assert_eq!(body["Status"], "OK");
    assert!(body["DateTimeUTC"].is_string());
    assert_eq!(body["Reports"][0]["ReportName"], "Trial Balance");
    assert!(answer.header("X-DayLimit-Remaining").is_some());
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    let path = "/api.xro/2.0/Reports/TrialBalance";
    let xml = get(&fixture.sim, path, &[&token, &tenant]);
    assert!(xml.text().starts_with("<Response"), "{}", xml.text());
}

#[test]
fn a_user_without_permission_for_reports_gets_no_reports_and_no_journals() {
    let fixture = with_scopes("accounting.reports.read accounting.settings.read");
    let show = |shown| {
        let demo = &fixture.demo;
        fixture.sim.world(|world| world.show_reports(demo, shown));
    };
    show(false);
    let refused = fixture.get("/Reports/ProfitAndLoss");
    assert_eq!(refused.status, 403);
    let detail = refused.json()["detail"].to_string();
    assert!(detail.contains("role"), "{detail}");
    assert_eq!(fixture.get("/Accounts").status, 200);
    show(true);
    assert_eq!(fixture.get("/Reports/ProfitAndLoss").status, 200);

    let journals = client::fixture(|world, demo| world.show_reports(demo, false));
    assert_eq!(journals.get("/Journals").status, 403);
}

#[test]
fn bad_parameters_and_unknown_reports_are_refused() {
    let fixture = with_scopes("accounting.reports.read");
    let invalid = fixture.get("/Reports/AgedReceivablesByContact");
    assert_eq!(invalid.status, 400);
    let body = invalid.json();
    assert_eq!(body["Type"], "ValidationException");
    let message = &body["Elements"][0]["ValidationErrors"][0]["Message"];
    assert!(message.is_string(), "{body}");
    assert_eq!(fixture.get("/Reports/BankStatement").status, 404);
}

#[test]
fn a_change_in_a_closed_month_shows() {
    let fixture = with_scopes("accounting.reports.read");
    let profit = || {
        let body = fixture.get("/Reports/TrialBalance?date=2099-01-31").json();
        body["Reports"][0]["Rows"].to_string()
    };
    let before = profit();
    assert_eq!(profit(), before);
    let demo = &fixture.demo;
    fixture.sim.world(|world| {
        let (entity, number) = world.posted(demo, "1900-01-01", "2099-01-31")[0];
        world.set_status(demo, entity, number, "VOIDED");
    });
    assert_ne!(profit(), before);
}
