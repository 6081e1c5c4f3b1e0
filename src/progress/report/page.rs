//! Writes the page.

use std::time::Duration;

use chrono::SubsecRound;

use crate::failure::Kind;
use crate::html::escaped;
use crate::progress::model::{Figures, Outcome, State, StreamFigures};
use crate::progress::report::chart::{self, Curve, Span};
use crate::progress::report::html::{Column, note, section, table};
use crate::progress::report::next_sync::{Basis, NextSync};
use crate::progress::text::{length, megabytes};
use crate::progress::waits::{Reason, Wait};
use crate::terminal::{counted, grouped};
use crate::xero::rate_limit::budget::CALLS_A_MINUTE;

const STYLE: &str = include_str!("page.css");

/// Maximum numbers of organisations that get a chart, a line in the timeline, and a row in the table.
const MAX_CHARTS: usize = 6;
const MAX_TIMELINES: usize = 12;
const MAX_ROWS: usize = 20;
/// Number of streams that are always shown. A click shows the others.
const MAX_STREAMS: usize = 20;
/// Maximum number of failures that are shown.
const MAX_FAILURES: usize = 30;
/// Waits below this share of the sync explain nothing about its duration.
const SHORT_WAITS: f64 = 0.05;

/// Returns the page about a sync that took `now`.
pub(crate) fn page(figures: &Figures, now: Duration) -> String {
    let span = Span {
        started: figures.started,
        length: now.max(Duration::from_secs(1)),
    };
    let title = format!("Xero sync: {}", subject(figures));
    let sections = [
        calls(figures, span),
        organisations(figures, now),
        streams(figures),
        waits(figures, span),
        failures(figures),
        next_sync(figures),
    ];
    let (title, head, sections) = (escaped(&title), head(figures, now), sections.concat());
    let version = env!("CARGO_PKG_VERSION");
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>{title}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{head}{sections}<footer>Written by xero-source {version}. All times are UTC. The page holds names and counts: no tokens, no ids and no rows.</footer>
</main>
</body>
</html>
"#
    )
}

fn subject(figures: &Figures) -> String {
    match &figures.organisations[..] {
        [only] if only.is_named => only.label.clone(),
        [_] => r#"One organisation"#.to_owned(),
        all => counted(all.len() as u64, "organisation"),
    }
}

/// Returns a number that a program can read.
fn data(value: u64, text: &str) -> String {
    format!(r#"<data value="{value}">{text}</data>"#)
}

fn count(value: u64) -> String {
    data(value, &grouped(value))
}

fn head(figures: &Figures, now: Duration) -> String {
    let (class, result) = match figures.outcome {
        Outcome::Complete => ("good", "Complete"),
        Outcome::Incomplete => ("bad", "Incomplete"),
        Outcome::Failed => ("bad", "Failed"),
        Outcome::Interrupted => ("warn", "Interrupted"),
    };
    let started = figures.started.round_subsecs(0);
    let date = started.format(r#"%e %B %Y, %H:%M UTC"#).to_string();
    let (subject, date) = (escaped(&subject(figures)), date.trim());
    let tiles = [
        (
            "organisations",
            count(figures.organisations.len() as u64),
            "Organisations",
        ),
        ("rows", count(figures.rows()), "Rows"),
        ("calls", count(figures.usage.calls), "Calls to Xero"),
        (
            "received",
            data(figures.usage.received, &megabytes(figures.usage.received)),
            "Received",
        ),
        ("duration", data(now.as_secs(), &length(now)), "Duration"),
        (
            "waited",
            data(
                waited(figures, now).as_secs(),
                &length(waited(figures, now)),
            ),
            "Waited",
        ),
    ];
    let tile = |(id, value, name): &(&str, String, &str)| {
        format!(r#"<div id="{id}"><dt>{name}</dt><dd>{value}</dd></div>"#)
    };
    let tiles: String = tiles.iter().map(tile).collect();
    let why = escaped(&explanation(figures, now));
    format!(
        r#"<header>
<p class="date">Sync report, {date}</p>
<h1>{subject} <span id="result" class="badge {class}">{result}</span></h1>
<p class="lead">{why}</p>
<dl class="tiles">{tiles}</dl>
</header>
"#
    )
}

/// The time during which a request waited.
fn waited(figures: &Figures, now: Duration) -> Duration {
    figures.usage.waited.min(now)
}

/// Explains the result and the duration in a few sentences.
fn explanation(figures: &Figures, now: Duration) -> String {
    let all = figures.streams.len();
    let complete = figures.streams.iter();
    let complete = complete.filter(|it| it.is_complete == Some(true)).count();
    let (took, waited) = (length(now), waited(figures, now));
    let mut text = match figures.outcome {
        Outcome::Complete => format!(r#"All {all} streams were read in {took}."#),
        Outcome::Failed => r#"The sync failed before it read a stream."#.to_owned(),
        Outcome::Incomplete => {
            format!(r#"{complete} of {all} streams were read to the end in {took}."#)
        }
        Outcome::Interrupted => format!(
            r#"The sync was interrupted after {took}. {complete} of {all} streams were read to the end, and the next sync continues."#
        ),
    };
    let most = figures.waits.sums.iter().max_by_key(|(_, sum)| sum.time);
    let is_long = waited.as_secs_f64() > SHORT_WAITS * now.as_secs_f64();
    match most.filter(|_| is_long) {
        Some((reason, _)) => {
            let why = match reason {
                Reason::Minute => format!(
                    r#"the minute's limit: Xero accepts {CALLS_A_MINUTE} calls a minute for each organisation"#
                ),
                Reason::Fault(fault) => format!(r#"another attempt after a fault: {fault}"#),
                limit => limit.text().to_owned(),
            };
            let waited = length(waited);
            text += &format!(r#" It waited for {waited} of this time, mostly for {why}."#);
        }
        None => text += r#" Waits did not slow it down."#,
    }
    let mean = figures.usage.mean_call().as_secs_f64();
    if mean > 0.0 {
        text += &format!(r#" A call took {mean:.1} s on average."#);
    }
    text
}

fn calls(figures: &Figures, span: Span) -> String {
    let waits = || figures.waits.longest.iter();
    let of_organisation = |index: usize| {
        let organisation = &figures.organisations[index];
        let is_own = |wait: &&Wait| wait.organisation.is_none_or(|own| own == index);
        let curve = Curve {
            label: &organisation.label,
            values: &organisation.minute.values(figures.interval, span.length),
            seconds: figures.interval.seconds(),
            limit: Some(CALLS_A_MINUTE as f64),
            bands: chart::bands(span, waits().filter(is_own)),
        };
        chart::curve(span, &curve)
    };
    let text = note(&format!(
        r#"Calls that Xero had counted in its minute. After {CALLS_A_MINUTE} calls to an organisation, the sync waits for the next minute."#
    ));
    let legend = legend(figures, true);
    let mut content = format!("{text}{legend}");
    match &figures.organisations[..] {
        [] => return String::new(),
        [_] => content += &of_organisation(0),
        all => {
            let mut busiest: Vec<_> = (0..all.len()).collect();
            busiest.sort_by_key(|index| std::cmp::Reverse(all[*index].calls));
            let charts = busiest.iter().take(MAX_CHARTS);
            let charts: String = charts.map(|index| of_organisation(*index)).collect();
            content += &format!(r#"<div class="charts">{charts}</div>"#);
            if let Some(hidden @ 1..) = all.len().checked_sub(MAX_CHARTS) {
                let text = r#"These organisations have the most calls."#;
                content += &note(&format!(r#"{text} {hidden} more are not drawn."#));
            }
            let of_all = waits().filter(|it| it.organisation.is_none());
            let curve = Curve {
                label: r#"Calls to all organisations in the minute before each moment"#,
                values: &figures.calls.by_minute(figures.interval, span.length),
                seconds: figures.interval.seconds(),
                limit: None,
                bands: chart::bands(span, of_all),
            };
            content += &chart::curve(span, &curve);
        }
    }
    section("calls-over-time", "Calls a minute", &content)
}

/// Names the colours of the drawings.
fn legend(figures: &Figures, has_limit: bool) -> String {
    let mut items = Vec::new();
    if has_limit {
        items.push(("line-key", r#"Xero's limit of an organisation"#));
    }
    for (class, name) in [
        ("minute", r#"Waits for the minute"#),
        ("app", r#"Waits for the app's minute"#),
        ("other", r#"Waits for another limit"#),
        ("fault", "Pauses after faults"),
    ] {
        let mut reasons = figures.waits.sums.keys();
        if reasons.any(|it| chart::class(it) == class) {
            items.push((class, name));
        }
    }
    let items = items
        .iter()
        .map(|(class, name)| format!(r#"<li><span class="key {class}"></span>{name}</li>"#));
    format!(r#"<ul class="legend">{}</ul>"#, items.collect::<String>())
}

fn organisations(figures: &Figures, now: Duration) -> String {
    let all = &figures.organisations[..];
    if all.len() < 2 {
        return String::new();
    }
    let mut rows = vec![(0_u64, 0_usize); all.len()];
    for stream in &figures.streams {
        for (index, cell) in &stream.cells {
            rows[*index].0 += cell.rows;
            rows[*index].1 += usize::from(cell.state == State::Failed);
        }
    }
    let mut order: Vec<_> = (0..all.len()).collect();
    order.sort_by_key(|index| {
        let (rows, failed) = rows[*index];
        std::cmp::Reverse((failed > 0, all[*index].calls, rows))
    });
    let most = rows.iter().map(|it| it.0).max().unwrap_or_default();
    let waited = |index: usize| {
        let own = figures.waits.longest.iter();
        let own = own.filter(|it| it.organisation == Some(index));
        own.map(|it| it.length(now)).sum::<Duration>()
    };
    let row = |index: &usize| {
        let ((rows, failed), it) = (rows[*index], &all[*index]);
        let left = it.capacity.and_then(|it| it.calls_today);
        vec![
            escaped(&it.label),
            format!("{}{}", bar(rows, most), count(rows)),
            count(it.calls),
            megabytes(it.received),
            length(waited(*index)),
            left.map_or(String::new(), |left| grouped(left as u64)),
            state(it.ended - failed.min(it.ended), failed, it.streams),
        ]
    };
    let (shown, hidden) = order.split_at(order.len().min(MAX_ROWS));
    let mut cells: Vec<_> = shown.iter().map(row).collect();
    if !hidden.is_empty() {
        let sum = |value: &dyn Fn(usize) -> u64| hidden.iter().map(|it| value(*it)).sum::<u64>();
        cells.push(vec![
            format!("{} more", hidden.len()),
            count(sum(&|it| rows[it].0)),
            count(sum(&|it| all[it].calls)),
            megabytes(sum(&|it| all[it].received)),
            length(hidden.iter().map(|it| waited(*it)).sum()),
            String::new(),
            String::new(),
        ]);
    }
    let columns = [
        Column::Text("Organisation"),
        Column::Number("Rows"),
        Column::Number("Calls"),
        Column::Number("Received"),
        Column::Number("Waited"),
        Column::Number("Left today"),
        Column::Text("Streams"),
    ];
    section(
        "organisation-list",
        "Organisations",
        &table(&columns, &cells),
    )
}

/// Returns how many streams, or organisations, ended in which way.
fn state(complete: usize, failed: usize, all: usize) -> String {
    match (complete, failed) {
        (_, failed @ 1..) => format!(r#"<span class="badge bad">{failed} of {all} failed</span>"#),
        (complete, _) if complete == all => {
            r#"<span class="badge good">Complete</span>"#.to_owned()
        }
        (complete, _) => format!(r#"<span class="badge warn">{complete} of {all}</span>"#),
    }
}

/// Returns a bar behind a number.
fn bar(value: u64, most: u64) -> String {
    let share = value as f64 / most.max(1) as f64 * 100.0;
    format!(r#"<span class="bar"><span style="width:{share:.1}%"></span></span>"#)
}

fn streams(figures: &Figures) -> String {
    if figures.streams.is_empty() {
        return String::new();
    }
    let mut streams: Vec<_> = figures.streams.iter().map(|it| (it, it.sum())).collect();
    streams.sort_by_key(|(_, sum)| std::cmp::Reverse((sum.rows, sum.calls)));
    let most_rows = streams
        .iter()
        .map(|(_, it)| it.rows)
        .max()
        .unwrap_or_default();
    let most_bytes = streams
        .iter()
        .map(|(_, it)| it.bytes)
        .max()
        .unwrap_or_default();
    let rows: Vec<_> = streams
        .iter()
        .map(|(stream, sum)| {
            let is_with_parent = stream.is_child() && sum.calls == 0;
            let (calls, received) = match is_with_parent {
                true => (
                    r#"<span class="faint">with its list</span>"#.to_owned(),
                    String::new(),
                ),
                false => (count(sum.calls), megabytes(sum.received)),
            };
            vec![
                escaped(&stream.name),
                format!("{}{}", bar(sum.rows, most_rows), count(sum.rows)),
                format!("{}{}", bar(sum.bytes, most_bytes), megabytes(sum.bytes)),
                calls,
                received,
                stream_state(stream),
            ]
        })
        .collect();
    let columns = [
        Column::Text("Stream"),
        Column::Number("Rows"),
        Column::Number(r#"Size of the rows"#),
        Column::Number("Calls"),
        Column::Number("Received"),
        Column::Text("Result"),
    ];
    let text = note(r#"Rows are counted as they are written. What is received is compressed."#);
    let (shown, hidden) = rows.split_at(rows.len().min(MAX_STREAMS));
    let mut content = format!("{text}{}", table(&columns, shown));
    if !hidden.is_empty() {
        let (count, more) = (hidden.len(), table(&columns, hidden));
        content += &format!(r#"<details><summary>{count} more streams</summary>{more}</details>"#);
    }
    section("streams", "Streams", &content)
}

fn stream_state(stream: &StreamFigures) -> String {
    let (all, failed) = (stream.cells.len(), stream.count(State::Failed));
    match stream.is_complete {
        Some(true) => state(1, 0, 1),
        _ if failed > 0 && all > 1 => state(0, failed, all),
        Some(false) => r#"<span class="badge bad">Failed</span>"#.to_owned(),
        None if stream.has_begun => r#"<span class="badge warn">Unfinished</span>"#.to_owned(),
        None => r#"<span class="badge warn">Not begun</span>"#.to_owned(),
    }
}

fn waits(figures: &Figures, span: Span) -> String {
    let (waits, sums) = (&figures.waits.longest, &figures.waits.sums);
    if sums.is_empty() {
        let text = note(r#"No request waited for a limit or was repeated."#);
        return section("waits", "Waits and retries", &text);
    }
    let mut by_organisation: Vec<(Duration, Option<usize>)> = Vec::new();
    for wait in waits {
        let known = by_organisation
            .iter_mut()
            .find(|it| it.1 == wait.organisation);
        match known {
            Some(known) => known.0 += wait.length(span.length),
            None => by_organisation.push((wait.length(span.length), wait.organisation)),
        }
    }
    by_organisation
        .sort_by_key(|(time, organisation)| (organisation.is_some(), std::cmp::Reverse(*time)));
    let hidden = by_organisation.len().saturating_sub(MAX_TIMELINES);
    let lines = by_organisation
        .iter()
        .take(MAX_TIMELINES)
        .map(|(time, organisation)| {
            let label =
                organisation.map_or("All organisations", |it| &figures.organisations[it].label);
            let own = waits.iter().filter(|it| it.organisation == *organisation);
            let drawing = chart::drawing(label, &chart::bands(span, own));
            let (label, time) = (escaped(label), length(*time));
            format!(r#"<div class="name">{label}</div>{drawing}<div class="time">{time}</div>"#)
        });
    let lines: String = lines.collect();
    let labels = span.labels();
    let mut content = legend(figures, false);
    content += &format!(r#"<div class="timeline">{lines}<div></div>{labels}<div></div></div>"#);
    if hidden > 0 {
        content += &note(&format!(r#"{hidden} more organisations waited less."#));
    }
    let mut sums: Vec<_> = sums.iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.time));
    let rows: Vec<_> = sums
        .into_iter()
        .map(|(reason, sum)| {
            let class = chart::class(reason);
            let what = match reason.is_fault() {
                true => r#"Pause before another attempt"#,
                false => r#"Wait for a limit"#,
            };
            let times = match reason.is_fault() {
                true => sum.requests,
                false => sum.waits,
            };
            let reason = escaped(reason.text());
            vec![
                format!(r#"<span class="key {class}"></span>{what}"#),
                reason,
                grouped(times),
                length(sum.time),
            ]
        })
        .collect();
    let columns = [
        Column::Text("What"),
        Column::Text("Reason"),
        Column::Number("Times"),
        Column::Number("Total"),
    ];
    content += &table(&columns, &rows);
    content += &note(
        r#"Requests of an organisation that wait for the same reason at the same time are one wait. The total adds up organisations, which wait side by side."#,
    );
    section("waits", "Waits and retries", &content)
}

fn failures(figures: &Figures) -> String {
    if figures.failures.is_empty() {
        return String::new();
    }
    let item = |failure: &crate::progress::model::FailureFigures| {
        let what = match failure.kind {
            Kind::Config => r#"Needs a change by you"#,
            Kind::Transient => r#"The next sync tries again"#,
            Kind::System => "Report it",
        };
        let stream = escaped(failure.stream.as_deref().unwrap_or("The sync"));
        let text = escaped(&failure.text);
        format!(
            r#"<li><strong>{stream}</strong> <span class="badge bad">{what}</span><p>{text}</p></li>"#
        )
    };
    let shown: String = figures
        .failures
        .iter()
        .take(MAX_FAILURES)
        .map(item)
        .collect();
    let mut content = format!(r#"<ul class="failures">{shown}</ul>"#);
    let hidden = figures.failures.len().saturating_sub(MAX_FAILURES);
    if hidden > 0 {
        content += &note(&format!(r#"{hidden} more failures are in the log."#));
    }
    section("failures", "Failures", &content)
}

fn next_sync(figures: &Figures) -> String {
    let next = NextSync::of(figures);
    if next.calls == 0 {
        return String::new();
    }
    let rows: Vec<_> = next
        .costs
        .iter()
        .map(|(basis, cost)| {
            let (what, why) = match basis {
                Basis::Access => ("Proof of access", r#"As in this sync."#),
                Basis::Changes => ("Only changes", r#"Read from the beginning this time. The next sync reads what changes until then: at least one call for each stream and organisation."#),
                Basis::SameChanges => ("Only changes", r#"This sync read only changes as well, so the next one costs about the same."#),
                Basis::Full => ("In full", r#"Every sync reads them in full, because Xero offers no filter for their changes."#),
                Basis::EachItem => (r#"One call for each document, contact or return"#, r#"At most as many calls as max_calls_per_sync allows."#),
                Basis::Unfinished => (r#"Not complete in this sync"#, r#"The next sync continues. The calls until their end are not known."#),
            };
            let streams = match cost.streams {
                0 => String::new(),
                streams => grouped(streams),
            };
            vec![what.to_owned(), streams, grouped(cost.calls), grouped(cost.next), why.to_owned()]
        })
        .collect();
    let columns = [
        Column::Text(r#"How streams are read"#),
        Column::Number("Streams"),
        Column::Number("Calls now"),
        Column::Number("Calls next"),
        Column::Text("Basis"),
    ];
    let (calls, received) = (
        data(next.calls, &counted(next.calls, "call")),
        megabytes(next.received),
    );
    // The first calls need not wait.
    let minutes = match next.most_calls.saturating_sub(1) / CALLS_A_MINUTE as u64 {
        0 => r#"a few seconds"#.to_owned(),
        minutes => counted(minutes, "minute"),
    };
    let lead = format!(
        r#"<p class="lead">If little changes until then, the next sync costs about <strong id="next-calls">{calls}</strong> and {received}, and takes at least {minutes} under Xero's limit of {CALLS_A_MINUTE} calls a minute for each organisation.</p>"#
    );
    section(
        "next-sync",
        r#"What the next sync costs"#,
        &format!("{lead}{}", table(&columns, &rows)),
    )
}
