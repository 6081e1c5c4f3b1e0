//! Transient faults are retried, permanent faults are reported, and neither counts as the end of a list.

use std::time::Duration;

use xero_sim::{Answer, Entity, Limit};

use crate::support::scene::{SCOPES, Scene};

/// Makes the answer that goes wrong.
type Fault = fn() -> Answer;

pub(crate) fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.fill(tenant, Entity::Invoices, 2300);
        world.fill(tenant, Entity::Contacts, 30);
    })
}

/// Every fault hits page 2 or later of the invoices, `times` times in a row.
pub(crate) fn with_fault(times: usize, fault: impl Fn() -> Answer + Send + 'static) -> Scene {
    let scene = scene();
    let mut invoices = 0;
    scene.sim.intercept(move |request, _| {
        invoices += usize::from(request.path.ends_with("/Invoices"));
        let hit = request.path.ends_with("/Invoices") && (2..2 + times).contains(&invoices);
        hit.then(&fault)
    });
    scene
}

#[test]
fn transient_faults_cost_a_call_and_lose_no_row() {
    let faults: [(&str, Fault); 17] = [
        ("500", Answer::server_error),
        ("503 maintenance", Answer::maintenance),
        ("503 unavailable", Answer::unavailable),
        ("503 offline", Answer::organisation_offline),
        ("403 for a moment", Answer::forbidden),
        ("reset", Answer::reset),
        ("silence", Answer::silent),
        ("cut body", || Answer::honest().truncated(5000)),
        ("empty body", || Answer::json(200, "")),
        ("page for browsers", || {
            Answer::html(200, "<html>Please wait</html>")
        }),
        ("page for browsers with 502", || {
            Answer::html(502, "<html>Bad gateway</html>")
        }),
        ("half a JSON", || {
            Answer::honest().rewritten(|body| body[..body.len() / 2].to_owned())
        }),
        ("another key", || {
            Answer::json(200, r#"{"Status":"OK","Accounts":[]}"#)
        }),
        ("minute limit", || Answer::too_many(Limit::Minute, Some(37))),
        ("minute limit without hint", || {
            Answer::too_many(Limit::Minute, None)
        }),
        ("concurrent limit", || {
            Answer::too_many(Limit::Concurrent, None)
        }),
        ("app limit", || Answer::too_many(Limit::AppMinute, None)),
    ];
    for (name, fault) in faults {
        let scene = with_fault(1, fault);
        let run = scene.read(&scene.flat(), &["invoices"], None);
        assert_eq!(run.code, Some(0), "{name}: {:?}", run.errors());
        assert_eq!(run.records("invoices").len(), 2300, "{name}");
        assert_eq!(scene.calls().len(), 5, "{name}: {:?}", scene.calls());
        assert!(
            run.logs("WARN")
                .iter()
                .any(|line| line.starts_with("invoices: ")),
            "{name}: {:?}",
            run.logs("WARN")
        );
    }
}

#[test]
fn permanent_faults_fail_their_stream_and_keep_the_rows_read() {
    let faults: [(&str, &str, &str, Fault); 7] = [
        (
            "outage",
            "transient_error",
            "outage while reading invoices of the organisation",
            Answer::server_error,
        ),
        ("no page", "transient_error", "an unusable response", || {
            Answer::html(200, "<html></html>")
        }),
        ("cut", "transient_error", "could not be reached", || {
            Answer::honest().truncated(9)
        }),
        ("day limit", "transient_error", "daily call limit", || {
            Answer::too_many(Limit::Day, Some(66975))
        }),
        ("not found", "system_error", "HTTP 404", Answer::not_found),
        ("forbidden", "config_error", "role", Answer::forbidden),
        (
            "high volume",
            "config_error",
            "too many rows",
            Answer::high_volume,
        ),
    ];
    for (name, kind, words, fault) in faults {
        let scene = with_fault(usize::MAX - 2, fault);
        let run = scene.read(&scene.flat(), &["invoices"], None);
        let errors = run.errors();
        assert_eq!(
            (errors.len(), errors[0].0, errors[0].1),
            (1, kind, "invoices"),
            "{name}: {errors:?}"
        );
        assert!(errors[0].2.contains(words), "{name}: {}", errors[0].2);
        assert_eq!(
            (run.status("invoices"), run.records("invoices").len()),
            ("INCOMPLETE", 1000),
            "{name}"
        );
        assert_eq!(
            run.states("invoices").len(),
            1,
            "{name}: the first page is safe"
        );
    }
}

#[test]
fn one_stream_failing_does_not_stop_the_others() {
    let scene = with_fault(usize::MAX - 2, Answer::not_found);
    let run = scene.read(
        &scene.flat(),
        &["invoices", "contacts", "no_such_stream", "currencies"],
        None,
    );
    let statuses =
        ["invoices", "contacts", "no_such_stream", "currencies"].map(|stream| run.status(stream));
    assert_eq!(
        statuses,
        ["INCOMPLETE", "COMPLETE", "INCOMPLETE", "COMPLETE"]
    );
    assert_eq!((run.errors().len(), run.code), (2, Some(1)));
}

#[test]
fn a_slow_answer_is_waited_for() {
    let scene = with_fault(1, || Answer::honest().delayed(Duration::from_millis(80)));
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!(
        (run.records("invoices").len(), scene.calls().len()),
        (2300, 4)
    );
}

#[test]
fn a_304_is_an_empty_page() {
    let scene = scene();
    scene.sim.intercept(|request, _| {
        request
            .path
            .ends_with("/Invoices")
            .then(|| Answer::text(304, ""))
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!((run.code, run.records("invoices").len()), (Some(0), 0));
}

#[test]
fn a_redirect_is_not_followed_with_the_token() {
    let scene = scene();
    scene.sim.intercept(|request, _| {
        let redirect = Answer::text(302, "").header("Location", "/elsewhere");
        request.path.ends_with("/Invoices").then_some(redirect)
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    assert!(
        scene
            .sim
            .requests()
            .iter()
            .all(|request| request.path != "/elsewhere")
    );
}

#[test]
fn a_list_with_fewer_rows_than_it_reports_is_not_complete() {
    let scene = scene();
    scene.sim.intercept(|request, _| {
        let body = r#"{"pagination":{"page":1,"pageSize":1000,"pageCount":3,"itemCount":2300},"Invoices":[]}"#;
        request.path.ends_with("/Invoices").then(|| Answer::json(200, body))
    });
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert_eq!(run.status("invoices"), "INCOMPLETE");
    assert!(
        run.errors()[0].2.contains("was incomplete"),
        "{:?}",
        run.errors()
    );
}

#[test]
fn a_server_that_repeats_the_request_does_not_get_its_token_into_the_logs() {
    let scene = scene();
    let token = scene.tokens.access_token.clone();
    scene.sim.intercept(move |request, _| {
        let body = format!("Refused: Authorization: Bearer {token} for access_token={token}");
        request
            .path
            .ends_with("/Invoices")
            .then(|| Answer::text(503, body))
    });
    // Whatever is read or checked here, Scene looks for secrets in all that is said.
    let run = scene.read(&scene.flat(), &["invoices"], None);
    assert!(
        run.logs("WARN")[0].contains("Bearer [hidden]"),
        "{:?}",
        run.logs("WARN")
    );
}
