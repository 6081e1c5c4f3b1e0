//! Tests which statuses and errors are sent, and in which order.

use serde_json::Value;

use super::*;
use crate::airbyte::emit::{self, ProtocolLines};
use crate::xero::rate_limit::headers::Limit;

const STREAM: &str = "items";

/// The reason of the waits.
const LIMIT: WaitReason<'_> = WaitReason::Limit(Limit::Minute);

/// Returns what `work` sends: `ERROR` and the message, `RATE_LIMITED`, or a status.
async fn sent(work: impl AsyncFnOnce(&Arc<Statuses>)) -> Vec<String> {
    let (sink, out) = std::io::pipe().map(|(out, sink)| (sink, out)).unwrap();
    let (emitter, writer) = emit::start(ProtocolLines::new(sink));
    work(&Statuses::new(&emitter)).await;
    emitter.finish(false);
    writer.join().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(out));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |line: std::io::Result<String>| {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (status, error) = (&line["trace"]["stream_status"], &line["trace"]["error"]);
        match (status["reasons"][0]["type"].as_str(), error) {
            (Some(reason), _) => reason.to_owned(),
            (None, Value::Null) => text(&status["status"]),
            (None, error) => format!("ERROR {}", text(&error["message"])),
        }
    };
    lines.map(line).collect()
}

fn tenants() -> [TenantId; 2] {
    ["a", "b"].map(TenantId::new)
}

#[tokio::test]
async fn a_stream_is_complete_only_with_a_proof_from_each_organisation() {
    let outage = || Err(vec![Failure::transient("An outage.")]);
    let absence = || Err(vec![Failure::absence("No payroll.")]);
    let two = "ERROR 2 of 3 organisations cannot be read. An outage. An outage.";
    for (ends, last) in [
        (vec![Ok(Proof::Count)], &["COMPLETE"][..]),
        (vec![Ok(Proof::Count), Ok(Proof::EmptyPage)], &["COMPLETE"]),
        (
            vec![Ok(Proof::Count), outage()],
            &["ERROR An outage.", "INCOMPLETE"],
        ),
        (
            vec![outage(), Ok(Proof::Count), outage()],
            &[two, "INCOMPLETE"],
        ),
        (vec![], &["ERROR No organisation was read.", "INCOMPLETE"]),
        // An organisation without what the stream reads counts only if all are such.
        (vec![absence(), Ok(Proof::Count)], &["COMPLETE"]),
        (
            vec![absence(), outage(), absence()],
            &["ERROR An outage.", "INCOMPLETE"],
        ),
        (vec![absence()], &["ERROR No payroll.", "INCOMPLETE"]),
    ] {
        let found = sent(async |statuses| {
            statuses.begin(STREAM);
            statuses.begin(STREAM);
            assert!(!statuses.are_complete(), "it has not ended");
            statuses.end(STREAM, &ends.iter().collect::<Vec<_>>());
            assert_eq!(statuses.are_complete(), last == ["COMPLETE"]);
        })
        .await;
        assert_eq!(found[0], "STARTED");
        assert_eq!(found[1..], *last);
    }
}

#[tokio::test]
async fn several_failures_of_one_organisation_are_sent_one_by_one() {
    let found = sent(async |statuses| {
        statuses.begin(STREAM);
        let failures = ["One.", "Two."].map(Failure::config);
        statuses.end(STREAM, &[&Ok(Proof::Count), &Err(failures.into())]);
    })
    .await;
    assert_eq!(found, ["STARTED", "ERROR One.", "ERROR Two.", "INCOMPLETE"]);
}

#[tokio::test]
async fn a_stream_waits_while_all_its_organisations_wait() {
    let [a, b] = &tenants();
    let wait = Duration::from_secs(5);
    let of = |tenant| Subject {
        streams: &[STREAM, "not selected"],
        tenant: Some(tenant),
    };
    let found = sent(async |statuses| {
        statuses.begin_in(STREAM, a);
        statuses.begin_in(STREAM, b);
        statuses.records(STREAM);
        statuses.records(STREAM);
        statuses.wait_started(of(a), wait, LIMIT);
        statuses.wait_ended(of(a)); // it was not shown
        statuses.wait_started(of(a), wait, LIMIT);
        statuses.wait_started(of(b), wait, LIMIT);
        statuses.wait_started(of(b), wait, LIMIT); // it is shown already
        statuses.wait_ended(of(a));
        statuses.wait_started(of(a), wait, LIMIT);
        statuses.wait_ended(of(b));
        // Organisation a waits again, and the last other one ends.
        statuses.end_in(STREAM, b);
        statuses.wait_started(of(a), wait, LIMIT); // the end of its wait may have moved
        statuses.wait_ended(of(a));
        statuses.end(STREAM, &[&Ok(Proof::Count)]);
    })
    .await;
    let waited = ["RATE_LIMITED", "RUNNING"];
    let again = ["RATE_LIMITED", "RATE_LIMITED", "RUNNING", "COMPLETE"];
    let expected = [&["STARTED", "RUNNING"][..], &waited, &waited, &again];
    assert_eq!(found, expected.concat());
}

#[test]
fn a_wait_that_goes_on_after_its_end_is_shown_again() {
    let [a, b] = tenants();
    let mut open = OpenStream::default();
    for tenant in [&a, &b] {
        open.reading.insert(tenant.clone(), None);
    }
    for (tenant, until, now, shown) in [
        (&a, 1_000, 0, None), // the other organisation does not wait
        (&b, 1_500, 100, Some(1_000)),
        (&b, 1_600, 200, None), // it is shown already
        (&a, 61_000, 1_100, Some(1_600)),
        (&b, 62_000, 1_700, Some(61_000)),
    ] {
        open.set_reset(Some(tenant), Some(until));
        assert_eq!(open.begin_to_show(now), shown, "at {now}");
    }
}

#[tokio::test]
async fn a_request_about_the_token_stands_for_all_organisations() {
    let found = sent(async |statuses| {
        statuses.begin_in(STREAM, &tenants()[0]);
        let subject = Subject {
            streams: &[STREAM],
            tenant: None,
        };
        statuses.wait_started(subject, Duration::from_secs(61), LIMIT);
        statuses.wait_ended(subject);
        // The wait of more than a minute was announced.
        statuses.long_wait.notified().await;
        statuses.abandon(STREAM);
    })
    .await;
    assert_eq!(found, ["STARTED", "RATE_LIMITED", "RUNNING", "INCOMPLETE"]);
}
