//! Tests the lines of a sync.

use super::*;
use crate::progress::model::SyncProgress;
use crate::streams;
use crate::xero::listener::{Subject, WaitReason};
use crate::xero::rate_limit::headers::Limit;
use crate::xero::tenants::{Tenant, TenantId};

/// A sync of all streams in this number of organisations. Half of the streams have begun.
fn sync(organisations: usize) -> SyncProgress {
    let progress = SyncProgress::new();
    let tenants = (0..organisations).map(|number| {
        let name = format!("日本 Company \u{1b}[31m{number}");
        Tenant::new(TenantId::new(&number.to_string()), Some(name))
    });
    let tenants: Vec<_> = tenants.collect();
    progress.name_organisations(&tenants);
    for (at, stream) in streams::all().enumerate() {
        progress.plan(stream, tenants.iter().map(|it| &it.id));
        if at % 2 == 0 {
            progress.stream_began(stream.name);
            for tenant in &tenants {
                progress.began(stream.name, &tenant.id, false);
                progress.listed(stream.name, &tenant.id, 1_500, Some(2_000));
                progress.wrote(stream.name, &tenant.id, 1_500, 1_500_000);
            }
        }
    }
    progress
}

#[test]
fn the_lines_fit_into_any_terminal() {
    for organisations in [1, 2, 500] {
        let progress = sync(organisations);
        for (width, height) in [(80, 24), (20, 5), (200, 100), (1, 2)] {
            let lines = progress.look(|figures, now| live(figures, now, height));
            assert!(
                lines.len() <= height.max(3),
                "{organisations} {height}: {lines:#?}"
            );
            for line in &lines {
                let drawn = line.drawn(width, false);
                assert!(drawn.width() <= width, "{drawn}");
                assert!(!drawn.contains('\u{1b}'), "{drawn}");
            }
        }
    }
}

#[test]
fn a_stream_shows_its_rows_and_share() {
    let progress = sync(1);
    let lines = progress.look(|figures, now| live(figures, now, 200));
    let first = streams::all().next().expect("there are streams");
    let line = lines
        .iter()
        .find(|it| it.text.trim_start().starts_with(first.name));
    let line = &line.expect("it has a line").text;
    assert!(
        line.contains("1,500 rows") && line.ends_with(" 75 %"),
        "{line}"
    );
}

#[test]
fn a_wait_shows_its_end_and_its_reason() {
    let progress = sync(1);
    let tenant = TenantId::new("0");
    let subject = Subject {
        streams: &["invoices"],
        tenant: Some(&tenant),
    };
    for (reason, expected) in [
        (WaitReason::Limit(Limit::Minute), "for the minute's limit"),
        (WaitReason::Fault("no connection"), "because no connection"),
    ] {
        let wait = Duration::from_secs(90);
        progress.wait_started(subject, wait, reason);
        let line = progress.look(|figures, now| summary(figures, now).text);
        assert!(line.contains("; waits 1 min 30 s, until "), "{line}");
        if expected.starts_with("for") {
            assert!(line.ends_with(expected), "{line}");
        }
    }
}

#[test]
fn numbers_and_durations_are_written_for_people() {
    for (seconds, text) in [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min 01 s"),
        (7_260, "2 h 01 min"),
    ] {
        assert_eq!(length(Duration::from_secs(seconds)), text);
    }
    assert_eq!(counted(1, "row"), "1 row");
    assert_eq!(counted(1_000, "row"), "1,000 rows");
}

#[test]
fn colours_are_codes_around_the_cut_text() {
    let line = Line::new(Style::Bad, "incomplete".to_owned());
    assert_eq!(line.drawn(5, true), "\u{1b}[31minco…\u{1b}[0m");
    assert_eq!(line.drawn(5, false), "inco…");
}
