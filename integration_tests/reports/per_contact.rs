//! Reports that cost one call per contact or tax return. Only relevant ones are requested, within the calls of a
//! sync, and the next sync continues.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{Datelike, Days, Months, Utc};
use serde_json::{Value, json};
use xero_sim::{Answer, Request};

use crate::support::conformance::Conformance;
use crate::support::connector::Run;
use crate::support::counted_days;
use crate::support::organisations::Organisations;
use crate::support::scene::{SCOPES, Scene};

const RECEIVABLE: &str = "report_aged_receivables_by_contact";
const PAYABLE: &str = "report_aged_payables_by_contact";

/// Contacts `c-0` and on. Each of them owes money, and the organisation owes money to every second
/// one.
fn scene(contacts: usize) -> Scene {
    scene_where(contacts, |_| false)
}

/// The same, with an outage for the reports of some contacts.
fn scene_where(contacts: usize, is_broken: impl FnMut(&str) -> bool + Send + 'static) -> Scene {
    let scene = Scene::with(SCOPES, |_, _| ());
    answer_contacts(&scene, contacts, is_broken);
    scene
}

/// Answers the requests for contacts and their reports, in every organisation.
fn answer_contacts(
    scene: &Scene,
    contacts: usize,
    mut is_broken: impl FnMut(&str) -> bool + Send + 'static,
) {
    scene.sim.intercept(move |request, _| {
        let name = request.path.strip_prefix("/api.xro/2.0/")?;
        match name {
            "Contacts" => Some(contact_list(contacts)),
            "Reports/AgedReceivablesByContact" | "Reports/AgedPayablesByContact" => {
                request.param("date").expect("a date is asked for");
                let contact = request.param("contactId").expect("a contact is asked for");
                Some(match is_broken(contact) {
                    true => Answer::server_error(),
                    false => aged(contact),
                })
            }
            _ => None,
        }
    });
}

fn contact_list(contacts: usize) -> Answer {
    let stamp = Utc::now().timestamp_millis() - 7 * 24 * 60 * 60 * 1000;
    let contact = |at: usize| {
        json!({"ContactID": format!("c-{at}"), "Name": format!("Contact {at}"),
            "UpdatedDateUTC": format!("/Date({})/", stamp + at as i64 * 5000),
            "Balances": balances(at.is_multiple_of(2))})
    };
    let mut list: Vec<Value> = (0..contacts).map(contact).collect();
    let stamp = format!("/Date({})/", stamp + contacts as i64 * 5000);
    list.push(json!({"ContactID": "c-quits", "Name": "Quits", "UpdatedDateUTC": stamp}));
    let counts = json!({"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": list.len()});
    Answer::json(
        200,
        json!({"pagination": counts, "Contacts": list}).to_string(),
    )
}

/// The balances of a contact that owes money. The organisation may also owe it money.
fn balances(is_owed: bool) -> Value {
    let sums = |open: bool| json!({"Outstanding": if open { 10.5 } else { 0.0 }, "Overdue": 0.0});
    json!({"AccountsReceivable": sums(true), "AccountsPayable": sums(is_owed)})
}

fn aged(contact: &str) -> Answer {
    let cells = |texts: [&str; 8]| texts.map(str::to_owned);
    let document = format!("i-{contact}");
    counted_days::answer(
        "AgedReceivablesByContact",
        json!([
            counted_days::row("Header", &cells(["Date", "Number", "Due Date", "", "Total", "Paid", "Credited", "Due"]), None),
            {"RowType": "Section", "Title": "", "Rows": [
                counted_days::row("Row", &cells(["2026-01-02T00:00:00", "17", "2026-02-02T00:00:00", "", "10.50", "0.00", "0.00", "10.50"]), Some(("invoiceID", &document))),
            ]},
        ]),
    )
}

/// The contacts with rows, in order.
fn contacts(run: &Run, stream: &str) -> Vec<String> {
    let mut contacts: Vec<_> = run
        .column(stream, "ContactID")
        .into_iter()
        .map(str::to_owned)
        .collect();
    contacts.dedup();
    contacts
}

#[test]
fn only_contacts_with_a_balance_are_requested_and_the_next_sync_reads_the_rest() {
    let scene = scene(6);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 5.into();
    let streams = [PAYABLE, RECEIVABLE, "currencies"];
    let run = scene.read(&config, &streams, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(contacts(&run, PAYABLE), ["c-0", "c-2", "c-4"]);
    assert_eq!(contacts(&run, RECEIVABLE), ["c-0", "c-1"]);
    // The contacts are read once, and these reports after all cheap streams.
    let calls = scene.calls();
    assert_eq!(
        calls
            .iter()
            .filter(|call| call.starts_with("/Contacts"))
            .count(),
        1
    );
    let first = calls
        .iter()
        .position(|call| call.contains("/Aged"))
        .expect("a report");
    assert!(
        calls[first..].iter().all(|call| call.contains("/Aged")),
        "{calls:?}"
    );
    // The number of calls is logged before the first call.
    let said = run.logs("INFO");
    let words =
        "has 6 contacts with a balance, and each costs one call: 6 are due, 2 of them in this sync";
    assert!(said.iter().any(|line| line.contains(words)), "{said:?}");
    assert!(
        run.logs("WARN")[0].contains("leaves 4 of them for the next syncs"),
        "{:?}",
        run.logs("WARN")
    );
    assert_eq!(run.states(RECEIVABLE).len(), 2);

    let next = scene.read(&config, &[RECEIVABLE], Some(&run.last_states()));
    assert_eq!(contacts(&next, RECEIVABLE), ["c-2", "c-3", "c-4", "c-5"]);
    let state = next.states(RECEIVABLE);
    assert!(state[state.len() - 1]["PeriodEnd"].is_string());
    // A new round begins where the last one ended.
    let after = scene.read(&config, &[RECEIVABLE], Some(&next.last_states()));
    assert_eq!(
        contacts(&after, RECEIVABLE),
        ["c-0", "c-1", "c-2", "c-3", "c-4"]
    );
}

#[test]
fn with_fewer_calls_than_organisations_each_organisation_has_its_turn() {
    let organisations = Organisations::new(3, |_, _, _| ());
    answer_contacts(&organisations.scene, 4, |_| false);
    let mut config = organisations.config();
    config["max_calls_per_sync"] = 2.into();
    let (mut state, mut read) = (None, HashSet::new());
    for _ in 0..16 {
        let run = organisations
            .scene
            .read(&config, &[RECEIVABLE], state.as_ref());
        assert_eq!(run.code, Some(0), "{:?}", run.errors());
        let tenants = run.column(RECEIVABLE, "TenantID").into_iter();
        read.extend(tenants.map(str::to_owned));
        state = Some(run.last_states());
    }
    assert_eq!(read.len(), 3, "organisations with rows after 16 syncs");
}

#[test]
fn a_contact_that_fails_does_not_stop_the_others() {
    let broken = Arc::new(AtomicBool::new(true));
    let is_on = broken.clone();
    let scene = scene_where(6, move |contact| {
        is_on.load(Ordering::Relaxed) && ["c-2", "c-5"].contains(&contact)
    });
    let mut state = None;
    // After the end of a round, the next sync starts with the first contact.
    for _ in 0..2 {
        let run = scene.read(&scene.flat(), &[RECEIVABLE], state.as_ref());
        assert_eq!(contacts(&run, RECEIVABLE), ["c-0", "c-1", "c-3", "c-4"]);
        assert_eq!(run.status(RECEIVABLE), "INCOMPLETE");
        let errors = run.errors();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!((errors[0].0, errors[0].1), ("transient_error", RECEIVABLE));
        let warnings = run.logs("WARN");
        for contact in ["c-2", "c-5"] {
            let said = warnings.iter().filter(|it| it.contains(contact));
            assert_eq!(said.count(), 1, "{warnings:?}");
        }
        state = Some(run.last_states());
    }
    broken.store(false, Ordering::Relaxed);
    let run = scene.read(&scene.flat(), &[RECEIVABLE], state.as_ref());
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    assert_eq!(contacts(&run, RECEIVABLE).len(), 6);
}

#[test]
fn attempts_count_among_the_calls_of_a_sync() {
    // Each attempt for the first contact fails, which takes more attempts than the sync has calls.
    let scene = scene_where(6, |contact| contact == "c-0");
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 3.into();
    let run = scene.read(&config, &[RECEIVABLE], None);
    assert_eq!(run.status(RECEIVABLE), "INCOMPLETE");
    let requests = scene.sim.requests();
    let contacts_asked: Vec<_> = requests
        .iter()
        .filter_map(|it| it.param("contactId"))
        .collect();
    assert!(contacts_asked.len() >= 3, "{contacts_asked:?}");
    assert!(
        contacts_asked.iter().all(|contact| *contact == "c-0"),
        "{contacts_asked:?}"
    );

    // The next sync requests the other contacts.
    config["max_calls_per_sync"] = 6.into();
    let next = scene.read(&config, &[RECEIVABLE], Some(&run.last_states()));
    assert_eq!(contacts(&next, RECEIVABLE)[0], "c-1");
}

#[test]
fn an_outage_ends_a_round_and_keeps_its_progress() {
    let scene = scene_where(30, |contact| contact > "c-15");
    let run = scene.read(&scene.flat(), &[RECEIVABLE], None);
    assert_eq!(run.status(RECEIVABLE), "INCOMPLETE");
    let read = contacts(&run, RECEIVABLE);
    assert_eq!(read.last().map(String::as_str), Some("c-15"));
    let skipped = run.logs("WARN").into_iter();
    let skipped = skipped.filter(|it| it.contains("is skipped, the next sync requests it again"));
    assert_eq!(skipped.count(), 9, "the tenth ends it");
}

#[test]
fn rows_of_aged_reports_name_contact_and_document_and_fit_their_schema() {
    let scene = scene(2);
    let discovered = scene.discover(&scene.flat());
    let catalog = discovered
        .payloads("CATALOG", "catalog")
        .next()
        .expect("a catalog");
    let run = scene.read(&scene.flat(), &[RECEIVABLE], None);
    let rows = run.records(RECEIVABLE);
    assert_eq!(rows.len(), 2 * 7);
    let streams = catalog["streams"].as_array().expect("streams");
    let schema = streams.iter().find(|stream| stream["name"] == RECEIVABLE);
    let conformance = Conformance::new(&schema.expect("it is offered")["json_schema"]);
    for row in &rows {
        assert_eq!(conformance.faults(row), [] as [&str; 0]);
    }
    let due = rows[6];
    for (field, value) in [
        ("ContactID", "c-0"),
        ("ContactName", "Contact 0"),
        ("InvoiceID", "i-c-0"),
        ("ColumnTitle", "Due"),
        ("AmountText", "10.50"),
    ] {
        assert_eq!(due[field], value, "{field}");
    }
    assert!(
        rows[0]["Amount"].is_null(),
        "a number of a document is no amount"
    );
}

#[test]
fn a_quota_of_zero_makes_no_calls() {
    let scene = scene(3);
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 0.into();
    let run = scene.read(&config, &[RECEIVABLE], None);
    assert_eq!((run.code, run.records(RECEIVABLE).len()), (Some(0), 0));
    assert!(!scene.calls().iter().any(|call| call.contains("/Aged")));
    assert!(
        run.logs("WARN")[0].contains("leaves no call"),
        "{:?}",
        run.logs("WARN")
    );
}

#[test]
fn the_contacts_have_a_scope_of_their_own() {
    let scopes = "accounting.settings.read accounting.reports.aged.read";
    let scene = Scene::with(scopes, |_, _| ());
    let run = scene.read(&scene.flat(), &[RECEIVABLE, "currencies"], None);
    assert_eq!(
        (run.status(RECEIVABLE), run.status("currencies")),
        ("INCOMPLETE", "COMPLETE")
    );
    let (_, _, words) = run.errors()[0];
    assert!(words.contains("accounting.contacts.read"), "{words}");
}

#[test]
fn published_returns_are_read_one_by_one() {
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.sim.intercept(|request, _| {
        let name = request.path.strip_prefix("/api.xro/2.0/Reports")?;
        let report = |id: &str| {
            json!({"ReportID": id, "ReportName": "GST Return", "Fields": [
            {"FieldID": "5", "Description": "Total sales", "Value": "1,500.00"}]})
        };
        Some(match name {
            "" => Answer::json(
                200,
                json!({"Reports": [report("r-2"), report("r-1"), report("r-gone")]}).to_string(),
            ),
            "/r-gone" => Answer::not_found(),
            name => Answer::json(200, json!({"Reports": [report(&name[1..])]}).to_string()),
        })
    });
    let run = scene.read(&scene.flat(), &["report_tax"], None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let rows = run.records("report_tax");
    let ids: Vec<_> = rows.iter().map(|row| row["ReportID"].as_str()).collect();
    assert_eq!(ids, [Some("r-1"), Some("r-2")]);
    assert_eq!(rows[0]["LineID"], "r-1/5");
    assert_eq!(
        (&rows[0]["Amount"], &rows[0]["RowTitle"]),
        (&json!(1500.0), &json!("Total sales"))
    );
    assert!(
        run.logs("WARN")[0].contains("was removed in Xero since"),
        "{:?}",
        run.logs("WARN")
    );
}

/// How a server divides its list of contacts into pages.
#[derive(Clone, Copy)]
enum Pages {
    /// Pages of the requested size, up to this size.
    UpTo(usize),
    /// One page, whatever the request says.
    One,
}

/// Contacts that owe money, listed by a server that follows order and filter.
fn debtors(contacts: usize, pages: Pages) -> Scene {
    let scene = Scene::with(SCOPES, |world, _| world.unlimited());
    let first = Utc::now().timestamp_millis() - 7 * 24 * 60 * 60 * 1000;
    let mut lists = 0;
    scene.sim.intercept(move |request, _| {
        let name = request.path.strip_prefix("/api.xro/2.0/")?;
        if name == "Reports/AgedReceivablesByContact" {
            return Some(aged(request.param("contactId").expect("a contact")));
        }
        if name != "Contacts" {
            return None;
        }
        lists += 1;
        assert!(lists < 40, "the contacts are listed again and again");
        Some(debtors_page(request, first, contacts, pages))
    });
    scene
}

fn debtors_page(request: &Request, first: i64, contacts: usize, pages: Pages) -> Answer {
    let since = request.if_modified_since.as_deref();
    let since = since.and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
    let number = |name, other| request.param(name).map_or(Ok(other), str::parse::<usize>);
    let [page, size] = [("page", 1), ("pageSize", 100)]
        .map(|(name, other)| number(name, other).expect("a number"));
    let stamp = |at: usize| first + at as i64 * 5000;
    let changed: Vec<_> = (0..contacts).filter(|at| stamp(*at) >= since).collect();
    let (skip, take) = match pages {
        Pages::UpTo(most) => ((page - 1) * size.min(most), size.min(most)),
        Pages::One => (0, contacts),
    };
    let rows = changed.iter().skip(skip).take(take).map(|at| {
        let stamp = format!("/Date({})/", stamp(*at));
        json!({"ContactID": format!("c-{at:04}"), "UpdatedDateUTC": stamp,
            "Balances": {"AccountsReceivable": {"Outstanding": 10.5}}})
    });
    let mut body = json!({"Contacts": rows.collect::<Vec<_>>()});
    if let Pages::UpTo(_) = pages {
        body["pagination"] = json!({"page": page, "pageSize": take,
            "pageCount": changed.len().div_ceil(take), "itemCount": changed.len()});
    }
    Answer::json(200, body.to_string())
}

/// Reads the report with at most this number of calls. Returns how many contacts were listed.
fn read_debtors(scene: &Scene, calls: u32) -> (Run, usize) {
    let run = scene.read(&with_calls(scene, calls), &[RECEIVABLE], None);
    assert_eq!(run.status(RECEIVABLE), "COMPLETE", "{:?}", run.errors());
    let said = run.logs("INFO").into_iter();
    let mut counts = said.filter_map(|line| {
        let (before, _) = line.split_once(" contacts with a balance")?;
        before.rsplit(' ').next()?.parse().ok()
    });
    let count = counts.next().expect("the number of contacts is said");
    (run, count)
}

/// Returns the number of requests for the list of contacts without repeated ones, because a request
/// may time out on a slow machine.
fn listed(scene: &Scene) -> usize {
    let requests = scene.sim.requests();
    let lists = requests
        .iter()
        .filter(|request| request.path.ends_with("/Contacts"));
    let asked = lists.map(|request| (request.query.clone(), request.if_modified_since.clone()));
    asked.collect::<HashSet<_>>().len()
}

#[test]
fn every_contact_is_requested_with_pages_of_a_hundred() {
    let scene = debtors(250, Pages::UpTo(100));
    let (run, count) = read_debtors(&scene, 1000);
    assert_eq!((count, contacts(&run, RECEIVABLE).len()), (250, 250));
    assert!(listed(&scene) <= 5, "{} lists", listed(&scene));
}

#[test]
fn a_thousand_contacts_cost_one_call_and_those_behind_them_another() {
    let scene = debtors(1200, Pages::UpTo(1000));
    let (_, count) = read_debtors(&scene, 1);
    assert_eq!((count, listed(&scene)), (1200, 2));
}

#[test]
fn a_server_that_ignores_the_page_is_not_requested_without_end() {
    let scene = debtors(1200, Pages::One);
    let (_, count) = read_debtors(&scene, 1);
    assert_eq!(count, 1200);
    assert!(listed(&scene) <= 5, "{} lists", listed(&scene));
}

#[test]
fn an_incomplete_list_of_contacts_fails_the_report() {
    let scene = Scene::with(SCOPES, |_, _| ());
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Contacts");
        // Every page is empty, although the list counts 250 contacts.
        let counts = json!({"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": 250});
        let body = json!({"pagination": counts, "Contacts": []});
        is_list.then(|| Answer::json(200, body.to_string()))
    });
    let run = scene.read(&scene.flat(), &[RECEIVABLE, "currencies"], None);
    assert_eq!(
        (run.status(RECEIVABLE), run.status("currencies")),
        ("INCOMPLETE", "COMPLETE")
    );
    let errors = run.errors();
    assert!(errors[0].2.contains("list of contacts of"), "{errors:?}");
}

/// Sets Xero's clock in the answers about the organisation to a number of days ago.
fn set_clock(scene: &Scene) -> Arc<AtomicI64> {
    let days_ago = Arc::new(AtomicI64::new(0));
    let days = days_ago.clone();
    scene.sim.intercept(move |request, _| {
        let is_organisation = request.path.ends_with("/Organisation");
        let day = days.load(Ordering::Relaxed) * 24 * 60 * 60 * 1000;
        let stamp = Utc::now().timestamp_millis() - day;
        is_organisation.then(|| {
            Answer::honest().rewritten(move |body| {
                let mut body: Value =
                    serde_json::from_str(&body).expect("the simulator writes JSON");
                body["DateTimeUTC"] = format!("/Date({stamp})/").into();
                body.to_string()
            })
        })
    });
    days_ago
}

/// The last day of the month a number of months ago.
fn month_end(months: u32) -> String {
    let first = Utc::now().date_naive().with_day(1).expect("a month");
    let next = first - Months::new(months) + Months::new(1);
    (next - Days::new(1)).to_string()
}

/// Days since the middle of the month a number of months ago.
fn days_since(months: u32) -> i64 {
    let today = Utc::now().date_naive();
    let middle = today.with_day(15).expect("a month") - Months::new(months);
    (today - middle).num_days()
}

/// The contacts with rows, each with the end of its period, in order.
fn asked(run: &Run) -> Vec<(String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().expect(field).to_owned();
    let rows = run.records(RECEIVABLE).into_iter();
    let mut asked: Vec<_> = rows
        .map(|row| (text(row, "PeriodEnd"), text(row, "ContactID")))
        .collect();
    asked.dedup();
    asked
}

fn of(end: &str, contacts: &[u32]) -> Vec<(String, String)> {
    let contact = |at: &u32| (end.to_owned(), format!("c-{at}"));
    contacts.iter().map(contact).collect()
}

fn with_calls(scene: &Scene, calls: u32) -> Value {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = calls.into();
    config
}

#[test]
fn a_round_that_outlasts_its_period_is_finished_for_that_period() {
    let scene = scene(6);
    let days_ago = set_clock(&scene);
    days_ago.store(days_since(1), Ordering::Relaxed);
    let [old, new] = [1, 0].map(month_end);
    let config = with_calls(&scene, 4);
    let first = scene.read(&config, &[RECEIVABLE], None);
    assert_eq!(asked(&first), of(&old, &[0, 1, 2, 3]));
    days_ago.store(0, Ordering::Relaxed);
    let second = scene.read(&config, &[RECEIVABLE], Some(&first.last_states()));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    let expected = [of(&old, &[4, 5]), of(&new, &[0, 1])].concat();
    assert_eq!(asked(&second), expected);
    // A warning says that the period was not read to its end, because contacts may have paid since.
    let warnings = second.logs("WARN");
    let words =
        format!("the period that ended on {old} was not read to its end: reading the 2 contacts");
    let is_said = warnings.iter().any(|line| line.contains(&words));
    assert!(is_said, "{warnings:?}");
    let third = scene.read(&config, &[RECEIVABLE], Some(&second.last_states()));
    assert_eq!(asked(&third), of(&new, &[2, 3, 4, 5]));
    assert_eq!(third.logs("WARN"), [] as [&str; 0]);
    let states = third.states(RECEIVABLE);
    assert_eq!(states[states.len() - 1]["PeriodEnd"], old);
}

#[test]
fn periods_that_pass_while_an_older_one_is_read_are_named() {
    let scene = scene(3);
    let days_ago = set_clock(&scene);
    days_ago.store(days_since(3), Ordering::Relaxed);
    let config = with_calls(&scene, 2);
    let first = scene.read(&config, &[RECEIVABLE], None);
    days_ago.store(0, Ordering::Relaxed);
    let second = scene.read(&config, &[RECEIVABLE], Some(&first.last_states()));
    let expected = [of(&month_end(3), &[2]), of(&month_end(0), &[0])].concat();
    assert_eq!(asked(&second), expected);
    let warnings = second.logs("WARN");
    let month = &month_end(2)[..7];
    let words = format!("no sync reads the periods from {month}-01 up to the current one");
    let is_said = warnings.iter().any(|line| line.contains(&words));
    assert!(is_said, "{warnings:?}");
}

#[test]
fn another_interval_starts_over_and_names_the_partial_period() {
    let scene = scene(6);
    let mut config = with_calls(&scene, 4);
    let first = scene.read(&config, &[RECEIVABLE], None);
    assert_eq!(asked(&first), of(&month_end(0), &[0, 1, 2, 3]));
    config["report_interval"] = "year".into();
    let second = scene.read(&config, &[RECEIVABLE], Some(&first.last_states()));
    let contacts = contacts(&second, RECEIVABLE);
    assert_eq!(contacts, ["c-0", "c-1", "c-2", "c-3"]);
    let warnings = second.logs("WARN");
    for words in [
        "its periods are not those of the last sync".to_owned(),
        format!("the period that ends on {} stays partial", month_end(0)),
    ] {
        let said = warnings.iter().filter(|line| line.contains(&words));
        assert_eq!(said.count(), 1, "{words}: {warnings:?}");
    }
}

#[test]
fn a_state_of_an_older_version_applies_to_the_current_period() {
    let scene = scene(6);
    let state = json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": RECEIVABLE},
        "stream_state": {"tenants": {scene.tenant.as_str(): {"after": "c-3"}}}}}]);
    let run = scene.read(&with_calls(&scene, 4), &[RECEIVABLE], Some(&state));
    assert_eq!(asked(&run), of(&month_end(0), &[4, 5]));
    assert_eq!(run.logs("WARN"), [] as [&str; 0]);
}

/// Six contacts. The report of one of them fails until the flag is cleared.
fn scene_with_one_broken() -> (Scene, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(true));
    let is_on = broken.clone();
    let scene = scene_where(6, move |contact| {
        is_on.load(Ordering::Relaxed) && contact == "c-1"
    });
    (scene, broken)
}

#[test]
fn a_failed_contact_is_retried_before_its_round_is_complete() {
    let (scene, broken) = scene_with_one_broken();
    let config = with_calls(&scene, 3);
    let end = month_end(0);
    // The contact that fails takes eight of these calls, because every attempt counts.
    let first = scene.read(&with_calls(&scene, 10), &[RECEIVABLE], None);
    assert_eq!(first.status(RECEIVABLE), "INCOMPLETE");
    assert_eq!(asked(&first), of(&end, &[0, 2]));
    broken.store(false, Ordering::Relaxed);
    // The failed contact is requested after the new ones and takes at most half of the calls.
    let second = scene.read(&config, &[RECEIVABLE], Some(&first.last_states()));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    assert_eq!(asked(&second), of(&end, &[3, 4, 1]));
    let states = second.states(RECEIVABLE);
    assert!(states[states.len() - 1].get("PeriodEnd").is_none());
    let third = scene.read(&config, &[RECEIVABLE], Some(&second.last_states()));
    assert_eq!(asked(&third), of(&end, &[5]));
    let states = third.states(RECEIVABLE);
    assert_eq!(states[states.len() - 1]["PeriodEnd"], month_end(1));
}

#[test]
fn a_failed_contact_is_retried_for_the_period_that_has_ended() {
    let (scene, broken) = scene_with_one_broken();
    let days_ago = set_clock(&scene);
    days_ago.store(days_since(1), Ordering::Relaxed);
    let [old, new] = [1, 0].map(month_end);
    let first = scene.read(&scene.flat(), &[RECEIVABLE], None);
    assert_eq!(asked(&first), of(&old, &[0, 2, 3, 4, 5]));
    let states = first.states(RECEIVABLE);
    let place = &states[states.len() - 1]["tenants"][scene.tenant.as_str()];
    assert_eq!(place["missed"], json!([{"id": "c-1", "PeriodEnd": old}]));
    days_ago.store(0, Ordering::Relaxed);
    broken.store(false, Ordering::Relaxed);
    let second = scene.read(&scene.flat(), &[RECEIVABLE], Some(&first.last_states()));
    assert_eq!(second.code, Some(0), "{:?}", second.errors());
    let expected = [of(&new, &[0, 1, 2, 3, 4, 5]), of(&old, &[1])].concat();
    assert_eq!(asked(&second), expected);
    let states = second.states(RECEIVABLE);
    let place = &states[states.len() - 1]["tenants"][scene.tenant.as_str()];
    assert!(place.get("missed").is_none(), "{place}");
}

#[test]
fn a_contact_that_fails_for_two_periods_is_dropped_with_a_warning() {
    let (scene, _) = scene_with_one_broken();
    let days_ago = set_clock(&scene);
    let mut state = None;
    for months in [2, 1, 0] {
        days_ago.store(days_since(months), Ordering::Relaxed);
        let run = scene.read(&scene.flat(), &[RECEIVABLE], state.as_ref());
        assert_eq!(asked(&run), of(&month_end(months), &[0, 2, 3, 4, 5]));
        let words = format!("the period that ends on {} stays partial", month_end(2));
        let warnings = run.logs("WARN");
        let said = warnings.iter().filter(|line| line.contains(&words));
        assert_eq!(said.count(), usize::from(months == 0), "{warnings:?}");
        state = Some(run.last_states());
    }
}

#[test]
fn a_failed_return_is_retried_before_the_round_is_complete() {
    let scene = Scene::with(SCOPES, |_, _| ());
    let mut is_first = true;
    scene.sim.intercept(move |request, _| {
        let name = request.path.strip_prefix("/api.xro/2.0/Reports")?;
        let report = |id: &str| {
            json!({"ReportID": id, "ReportName": "GST Return", "Fields": [
                {"FieldID": "5", "Description": "Total sales", "Value": "1,500.00"}]})
        };
        let answer = |reports: Value| Answer::json(200, json!({"Reports": reports}).to_string());
        Some(match name {
            "" => answer(["r-1", "r-2", "r-3", "r-4"].map(report).into()),
            "/r-1" if std::mem::take(&mut is_first) => {
                Answer::json(400, r#"{"ErrorNumber":10,"Message":"no"}"#)
            }
            name => answer(json!([report(&name[1..])])),
        })
    });
    let config = with_calls(&scene, 2);
    let mut state = None;
    for (status, returns) in [
        ("INCOMPLETE", &["r-2"][..]),
        ("COMPLETE", &["r-3", "r-1"]),
        ("COMPLETE", &["r-4"]),
    ] {
        let run = scene.read(&config, &["report_tax"], state.as_ref());
        assert_eq!(run.status("report_tax"), status, "{:?}", run.errors());
        assert_eq!(run.column("report_tax", "ReportID"), returns);
        let states = run.states("report_tax");
        let place = &states[states.len() - 1]["tenants"][scene.tenant.as_str()];
        let is_done = returns == ["r-4"];
        assert_eq!(place.get("complete").is_some(), is_done, "{place}");
        state = Some(run.last_states());
    }
}

/// A state in which requests about these contacts failed for the current period.
fn missed_state(scene: &Scene, contacts: impl Iterator<Item = String>) -> Value {
    let end = month_end(0);
    let missed: Vec<_> = contacts
        .map(|id| json!({"id": id, "PeriodEnd": end}))
        .collect();
    json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": RECEIVABLE},
        "stream_state": {"tenants": {scene.tenant.as_str(): {"missed": missed}}}}}])
}

#[test]
fn a_full_state_makes_room_by_requesting_failed_contacts_again() {
    let scene = scene_where(2, |contact| contact == "c-0");
    // The state records a hundred contacts at most. These are answered again.
    let state = missed_state(&scene, (0..100).map(|at| format!("b-{at}")));
    let first = scene.read(&scene.flat(), &[RECEIVABLE], Some(&state));
    let errors = first.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].2.contains("records no more"), "{errors:?}");
    let again = contacts(&first, RECEIVABLE);
    assert!(
        again.len() > 50 && again.iter().all(|it| it.starts_with("b-")),
        "{again:?}"
    );
    // The position has not passed the contact that the state could not record.
    let second = scene.read(&scene.flat(), &[RECEIVABLE], Some(&first.last_states()));
    assert_eq!(contacts(&second, RECEIVABLE)[0], "c-1");
    let states = second.states(RECEIVABLE);
    let place = &states[states.len() - 1]["tenants"][scene.tenant.as_str()];
    let left = json!([{"id": "c-0", "PeriodEnd": month_end(0)}]);
    assert_eq!(place["missed"], left);
}

#[test]
fn attempts_for_new_contacts_leave_the_calls_of_failed_ones() {
    let mut seen = HashSet::new();
    // The first attempt for each contact fails.
    let scene = scene_where(6, move |contact| {
        contact.starts_with("c-") && seen.insert(contact.to_owned())
    });
    let state = missed_state(&scene, ["b-0", "b-1"].map(str::to_owned).into_iter());
    let run = scene.read(&with_calls(&scene, 4), &[RECEIVABLE], Some(&state));
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    let mut read = contacts(&run, RECEIVABLE);
    read.sort();
    assert_eq!(read, ["b-0", "b-1", "c-0"]);
}
