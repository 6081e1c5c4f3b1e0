//! Servers that do not follow the request for a list: they refuse long lists, ignore order or filter, or fix
//! the page size.

use std::collections::HashSet;

use serde_json::json;
use xero_sim::{Answer, Entity};

use crate::lists::ranges::{ids, payments};
use crate::support::scene::{SCOPES, Scene};

#[test]
fn a_list_with_too_many_rows_is_requested_in_narrower_ranges() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let scene = payments(400, DAY);
    // Xero counts all rows that match a query, not those of one page.
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |request, world| {
        let since = request.if_modified_since.as_deref()?;
        let since = chrono::DateTime::parse_from_rfc3339(since).ok()?;
        let before = request.param("where").and_then(|filter| {
            let date = filter.strip_prefix("UpdatedDateUTC<DateTime(")?;
            chrono::NaiveDate::parse_from_str(date.strip_suffix(')')?, "%Y,%m,%d").ok()
        });
        let before = before.map(|date| date.and_time(Default::default()).and_utc());
        let before = before.map_or(i64::MAX, |before| before.timestamp_millis());
        let span = since.timestamp_millis()..before;
        let rows = world.rows(&tenant, Entity::Payments).iter();
        let count = rows.filter(|row| span.contains(&row.updated)).count();
        (request.path.ends_with("/Payments") && count > 60).then(Answer::high_volume)
    });
    let run = scene.read(&scene.flat(), &["payments"], None);
    assert_eq!(run.status("payments"), "COMPLETE", "{:?}", run.errors());
    assert_eq!((run.records("payments").len(), ids(&run).len()), (400, 400));
    assert!(run.logs("WARN")[0].contains("requesting shorter ranges"));
}

#[test]
fn a_server_that_ignores_order_and_filter_is_read_whole_with_a_warning() {
    for (name, said) in [
        ("order", "not in the order of UpdatedDateUTC"),
        ("filter", "older than requested"),
    ] {
        let scene = payments(2500, 20_000);
        let descends = name == "order";
        scene.sim.intercept(move |request, _| {
            let mut altered = request.clone();
            if descends {
                altered.query.retain(|(key, _)| key != "order");
                let order = ("order".to_owned(), "UpdatedDateUTC DESC".to_owned());
                altered.query.push(order);
            } else {
                altered.if_modified_since = None;
            }
            let is_list = request.path.ends_with("/Payments");
            is_list.then(|| Answer::honest_to(altered))
        });
        let mut config = scene.flat();
        if !descends {
            config["start_date"] = json!("2026-11-01");
        }
        let run = scene.read(&config, &["payments"], None);
        assert_eq!(run.status("payments"), "COMPLETE", "{:?}", run.errors());
        assert!(run.logs("WARN")[0].contains(said), "{:?}", run.logs("WARN"));
        let rows = run.records("payments");
        let from = config["start_date"].as_str().expect("a text");
        let stamps = run.column("payments", "UpdatedDateUTC");
        assert!(stamps.iter().all(|stamp| *stamp >= from), "{name}");
        let all = scene.read(&scene.flat(), &["payments"], None);
        let wanted = all.column("payments", "UpdatedDateUTC");
        let wanted = wanted.iter().filter(|stamp| **stamp >= from).count();
        assert_eq!(rows.len(), wanted, "{name}");
    }
}

/// An organisation with this number of rows of one stamp, listed in another order at each request.
fn shuffled(entity: Entity, rows: usize) -> Scene {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, entity, rows);
        let stamp = world.now() - 90_000_000;
        world.restamp(tenant, entity, |_| stamp);
    });
    let tenant = scene.tenant.clone();
    scene.sim.intercept(move |_, world| {
        world.shuffle_ties(&tenant, entity);
        None
    });
    scene
}

#[test]
fn rows_of_one_stamp_in_changing_order_are_read_by_id_or_in_several_passes() {
    for (stream, entity, rows, id, by_id) in [
        ("payments", Entity::Payments, 1050, "PaymentID", true),
        ("quotes", Entity::Quotes, 120, "QuoteID", true),
        (
            "manual_journals",
            Entity::ManualJournals,
            1050,
            "ManualJournalID",
            false,
        ),
    ] {
        let scene = shuffled(entity, rows);
        let run = scene.read(&scene.flat(), &[stream], None);
        assert_eq!(run.status(stream), "COMPLETE", "{:?}", run.errors());
        let ids: HashSet<_> = run.column(stream, id).into_iter().collect();
        assert_eq!(ids.len(), rows, "{stream}");
        let requests = scene.sim.requests();
        let order = format!("{id} ASC");
        let asked = requests
            .iter()
            .any(|request| request.param("order") == Some(&order));
        assert_eq!(asked, by_id, "{stream}");
        // Complete ranges are not requested again.
        let next = scene.read(&scene.flat(), &[stream], Some(&run.last_states()));
        assert_eq!(
            (next.status(stream), next.records(stream).len()),
            ("COMPLETE", 0)
        );
    }
}

#[test]
fn rows_of_one_stamp_in_changing_order_lose_no_edit_and_no_new_row() {
    let scene = shuffled(Entity::Payments, 2100);
    let tenant = scene.tenant.clone();
    let mut call = 0;
    scene.sim.intercept(move |request, world| {
        world.shuffle_ties(&tenant, Entity::Payments);
        if request.path.ends_with("/Payments") && call < 30 {
            call += 1;
            world.touch(&tenant, Entity::Payments, call * 60);
            world.create(&tenant, Entity::Payments, 1);
        }
        None
    });
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let first = scene.read(&config, &["payments"], None);
    assert_eq!(first.status("payments"), "COMPLETE", "{:?}", first.errors());
    let next = scene.read(&config, &["payments"], Some(&first.last_states()));
    let (first, next) = (ids(&first), ids(&next));
    let wanted = scene.ids(Entity::Payments);
    let lost = wanted
        .iter()
        .filter(|id| !first.contains(id.as_str()) && !next.contains(id.as_str()));
    assert_eq!(lost.count(), 0, "of {} rows", wanted.len());
}

#[test]
fn an_empty_first_page_of_several_fails_only_its_stream() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Payments, 3);
        world.fill(tenant, Entity::Invoices, 3);
    });
    scene.sim.intercept(|request, _| {
        let body = r#"{"pagination":{"page":1,"pageSize":1000,"pageCount":5},"Payments":[]}"#;
        let is_it = request.path.ends_with("/Payments");
        is_it.then(|| Answer::json(200, body))
    });
    let run = scene.read(&scene.flat(), &["payments", "invoices"], None);
    assert_eq!(run.status("payments"), "INCOMPLETE");
    assert_eq!(run.status("invoices"), "COMPLETE");
    let errors = format!("{:?}", run.errors());
    assert!(
        errors.contains("was incomplete") && !errors.contains("panic"),
        "{errors}"
    );
}

#[test]
fn a_list_that_refuses_a_filter_is_an_error() {
    for (stream, path, calls) in [
        ("purchase_orders", "/PurchaseOrders", 1),
        ("quotes", "/Quotes", 1),
        ("linked_transactions", "/LinkedTransactions", 1),
    ] {
        let scene = Scene::new();
        scene.sim.intercept(move |request, _| {
            let is_it = request.path.ends_with(path);
            is_it.then(Answer::high_volume)
        });
        let run = scene.read(&scene.flat(), &[stream], None);
        assert_eq!(run.status(stream), "INCOMPLETE");
        let errors = format!("{:?}", run.errors());
        assert!(errors.contains("Choose a later start_date"), "{errors}");
        let asked = scene.sim.requests();
        let asked = asked.iter().filter(|request| request.path.ends_with(path));
        assert_eq!(asked.count(), calls, "{stream}");
    }
}

#[test]
fn many_quotes_of_one_second_are_read_in_fixed_pages() {
    let scene = Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Quotes, 730);
        let crowd = world.now() - 90_000_000;
        // 650 rows lie in two neighbouring seconds, some with equal stamps. The other rows lie
        // around them.
        world.restamp(tenant, Entity::Quotes, |number| match number {
            1..=40 => crowd - 5_000_000 + number as i64 * 3000,
            41..=690 => crowd + number as i64 * 2 / 3,
            _ => crowd + number as i64 * 5000,
        });
    });
    let run = scene.read(&scene.flat(), &["quotes"], None);
    let ids: HashSet<_> = run.column("quotes", "QuoteID").into_iter().collect();
    assert_eq!((run.records("quotes").len(), ids.len()), (730, 730));
    let sizes: Vec<_> = scene
        .sim
        .requests()
        .iter()
        .filter_map(|request| request.param("pageSize").map(str::to_owned))
        .collect();
    assert_eq!(sizes, [""; 0], "quotes know no pageSize");
}

#[test]
fn a_walk_over_rows_without_a_stamp_ends() {
    let scene = payments(250, 20_000);
    // Pages of a hundred rows without counts. Every third row has a stamp.
    scene.sim.intercept(|request, _| {
        let is_list = request.path.ends_with("/Payments");
        is_list.then(|| {
            let mut altered = request.clone();
            let sizes = altered
                .query
                .iter_mut()
                .filter(|(name, _)| name == "pageSize");
            sizes.for_each(|(_, size)| *size = "100".to_owned());
            Answer::honest_to(altered).rewritten(|body| {
                let mut body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                let rows = body["Payments"].as_array_mut().expect("a list");
                for (_, row) in rows.iter_mut().enumerate().filter(|(at, _)| at % 3 != 0) {
                    row["UpdatedDateUTC"] = json!(null);
                }
                let pages = body["pagination"]["pageCount"].take();
                body["pagination"] = json!({"pageCount": pages});
                body.to_string()
            })
        })
    });
    let run = scene.read(&scene.flat(), &["payments"], None);
    let asked = scene.calls().into_iter();
    let asked = asked.filter(|call| call.starts_with("/Payments")).count();
    assert!(asked < 40, "{asked} calls");
    match run.status("payments") {
        "COMPLETE" => assert_eq!(ids(&run).len(), 250),
        _ => assert!(!run.errors().is_empty()),
    }
}
