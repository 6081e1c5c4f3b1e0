//! Tests which figures calls, waits and pages become.

use super::*;
use crate::streams::find;
use crate::xero::rate_limit::headers::Limit;

/// Creates the progress of the streams `invoices` and `invoice_line_items` in two organisations.
fn progress() -> (SyncProgress, [TenantId; 2]) {
    let progress = SyncProgress::new();
    let tenants = ["a", "b"].map(TenantId::new);
    for name in ["invoices", "invoice_line_items"] {
        progress.plan(find(name).expect("the stream exists"), &tenants);
        progress.stream_began(name);
    }
    (progress, tenants)
}

fn subject<'a>(tenant: &'a TenantId) -> Subject<'a> {
    Subject {
        streams: &["invoices", "invoice_line_items", "not selected"],
        tenant: Some(tenant),
    }
}

fn call(progress: &SyncProgress, sent: Duration, status: u16) -> Call {
    Call {
        sent: progress.start + sent,
        took: Duration::from_millis(200),
        status: Some(status),
        received: 1_000,
        decompressed: 9_000,
        minute_remaining: Some(59),
        day_remaining: Some(4_000),
        capacity: None,
    }
}

#[test]
fn a_call_counts_once_and_its_page_for_each_stream() {
    let (progress, [a, _]) = progress();
    progress.began("invoices", &a, false);
    for status in [200, 503, 304, 429] {
        progress.call_ended(subject(&a), &call(&progress, Duration::ZERO, status));
    }
    progress.wrote("invoices", &a, 7, 700);
    progress.look(|figures, _| {
        let sums: Vec<_> = figures.streams.iter().map(StreamFigures::sum).collect();
        let found: Vec<_> = sums
            .iter()
            .map(|it| (it.calls, it.received, it.pages))
            .collect();
        assert_eq!(found, [(4, 4_000, 2), (0, 0, 2)]);
        assert_eq!((figures.rows(), figures.usage.calls), (7, 4));
        let text = figures.usage.to_string();
        assert!(
            text.starts_with("4 calls, 0.0 MB (0.0 MB unpacked), 0.0 s of waits"),
            "{text}"
        );
        assert!(text.ends_with(", 4000 calls left today"), "{text}");
    });
}

#[test]
fn an_organisation_is_done_after_its_last_stream() {
    let (progress, [a, b]) = progress();
    for (stream, tenant, is_complete, done) in [
        ("invoices", &a, true, None),
        ("invoices", &b, true, None),
        ("invoice_line_items", &b, false, Some(1)),
        ("invoice_line_items", &a, true, Some(2)),
    ] {
        progress.began(stream, tenant, false);
        progress.wrote(stream, tenant, 2, 20);
        let end = progress.ended(stream, tenant, is_complete);
        assert_eq!(end.map(|it| it.done), done);
        assert!(end.is_none_or(|it| (it.rows, it.all) == (4, 2)));
    }
}

#[test]
fn the_rows_of_all_organisations_are_estimated_from_those_that_are_known() {
    let (progress, [a, b]) = progress();
    for tenant in [&a, &b] {
        progress.began("invoices", tenant, false);
    }
    for (tenant, rows, count, estimate, share) in [
        (&a, 0, None, None, 0.0),
        (&a, 100, Some(400), Some(800), 0.125),
        (&a, 100, Some(300), None, 0.25),
        (&b, 100, Some(100), Some(500), 0.75),
        (&b, 900, None, None, 0.75),
    ] {
        assert_eq!(progress.listed("invoices", tenant, rows, count), estimate);
        let found = progress.look(|figures, _| figures.streams[0].share());
        assert_eq!(found, Some(share));
    }
}

#[test]
fn a_call_that_is_sent_later_ends_a_wait() {
    let (progress, [a, b]) = progress();
    let minute = Duration::from_secs(60);
    let waiting = || {
        progress.look(|figures, _| {
            let now = progress.start.elapsed();
            [0, 1].map(|index| figures.wait_of(index, now).is_some())
        })
    };
    progress.wait_started(subject(&a), minute, WaitReason::Limit(Limit::Minute));
    assert_eq!(waiting(), [true, false]);
    progress.call_ended(subject(&a), &call(&progress, Duration::ZERO, 200));
    assert_eq!(waiting(), [true, false], "the call was sent before");
    let later = progress.start.elapsed() + Duration::from_millis(1);
    progress.call_ended(subject(&a), &call(&progress, later, 200));
    assert_eq!(waiting(), [false, false]);
    progress.wait_started(subject(&a), minute, WaitReason::Limit(Limit::AppMinute));
    assert_eq!(
        waiting(),
        [true, true],
        "the app waits with all organisations"
    );
    let later = progress.start.elapsed() + Duration::from_millis(1);
    progress.call_ended(subject(&b), &call(&progress, later, 200));
    assert_eq!(waiting(), [false, false]);
}
