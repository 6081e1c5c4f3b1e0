//! The estimate as tables and sentences.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::streams::Stream;
use crate::sync::estimate::costs::{Rows, StreamCost};
use crate::sync::estimate::count::{Certainty, Count};
use crate::sync::estimate::limits::Bottleneck;
use crate::sync::estimate::list_cost::Bytes;
use crate::sync::estimate::{Estimate, OrganisationEstimate};
use crate::sync::session::Session;
use crate::terminal::{Align, Table, grouped};
use crate::xero::rate_limit::budget::CALLS_A_MINUTE;

/// Number of streams that the advice names.
const MAX_STREAMS: usize = 3;

/// Bytes in a megabyte, as Xero and this program count them.
const MEGABYTE: f64 = 1e6;

/// The costs of one stream in all organisations.
#[derive(Debug)]
pub(super) struct StreamTotal {
    pub(super) stream: &'static Stream,
    pub(super) rows: Option<Count>,
    /// The list whose rows hold those of the stream.
    pub(super) parent: Option<&'static str>,
    pub(super) calls: Count,
    /// The calls in the organisation that needs most.
    most_calls: u64,
    pub(super) later_calls: u64,
    bytes: Bytes,
    has_unknown_bytes: bool,
    pub(super) all_items: Option<Count>,
    /// The number of organisations in which the stream cannot be read.
    pub(super) failures: usize,
}

/// Sums the costs of each stream over the organisations, in the order of the first one.
pub(super) fn totals(estimate: &Estimate) -> Vec<StreamTotal> {
    let mut totals: Vec<StreamTotal> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for cost in estimate.costs().flat_map(|costs| &costs.streams) {
        let place = *places.entry(cost.stream.name).or_insert_with(|| {
            totals.push(StreamTotal::new(cost.stream));
            totals.len() - 1
        });
        totals[place].add(cost);
    }
    totals
}

impl StreamTotal {
    fn new(stream: &'static Stream) -> StreamTotal {
        StreamTotal {
            stream,
            rows: None,
            parent: None,
            calls: Count::default(),
            most_calls: 0,
            later_calls: 0,
            bytes: Bytes::default(),
            has_unknown_bytes: false,
            all_items: None,
            failures: 0,
        }
    }

    fn add(&mut self, stream: &StreamCost) {
        match stream.rows {
            Rows::Counted(rows) => self.rows = Some(self.rows.unwrap_or_default() + rows),
            Rows::In(parent) => self.parent = Some(parent),
            Rows::Unknown => {}
        }
        let Ok(cost) = &stream.cost else {
            self.failures += 1;
            return;
        };
        self.calls = self.calls + cost.calls;
        self.most_calls = self.most_calls.max(cost.calls.number);
        self.later_calls += cost.later_calls;
        self.bytes = self.bytes + cost.bytes;
        self.has_unknown_bytes |= cost.has_unknown_bytes;
        if let Some(items) = cost.all_items {
            self.all_items = Some(self.all_items.unwrap_or_default() + items);
        }
    }

    /// The minutes that the calls take at 60 a minute in the organisation that needs most.
    pub(super) fn minutes(&self) -> f64 {
        self.most_calls as f64 / CALLS_A_MINUTE as f64
    }

    fn rows_text(&self) -> String {
        match (self.rows, self.parent) {
            (Some(rows), _) => count(rows),
            (None, Some(parent)) => format!("in {parent}"),
            (None, None) => String::new(),
        }
    }
}

/// Writes the whole answer.
pub(super) fn of(estimate: &Estimate, session: &Session) -> String {
    let totals = totals(estimate);
    let mut text = streams(estimate, &totals).to_string();
    if estimate.organisations.len() > 1 {
        text.push_str(&format!("\n{}", organisations(estimate)));
    }
    text.push('\n');
    let max_calls = u64::from(session.config.max_calls_per_sync);
    // A String takes all text.
    let _ = write_sums(&mut text, estimate);
    let _ = write_advice(&mut text, estimate, &totals, max_calls);
    text
}

fn streams(estimate: &Estimate, totals: &[StreamTotal]) -> Table {
    let mut table = Table::new(&[
        ("stream", Align::Left),
        ("rows", Align::Right),
        ("calls", Align::Right),
        ("MB", Align::Right),
        ("MB unpacked", Align::Right),
        ("minutes", Align::Right),
        ("later calls", Align::Right),
    ]);
    let organisations = estimate.organisations.len();
    for total in totals {
        let is_child = total.parent.is_some() && total.calls.number == 0;
        let name = match total.failures {
            0 => total.stream.name.to_owned(),
            _ if organisations == 1 => format!("{} (cannot be read)", total.stream.name),
            failures => format!("{} (cannot be read in {failures})", total.stream.name),
        };
        let is_failed = total.failures == organisations;
        let [received, unpacked] = match is_failed || is_child {
            true => [const { String::new() }; 2],
            false => [total.bytes.received, total.bytes.unpacked].map(|bytes| {
                match (total.has_unknown_bytes, bytes) {
                    (true, 0) => "?".to_owned(),
                    (true, bytes) => format!(">={}", megabytes(bytes)),
                    (false, bytes) => megabytes(bytes),
                }
            }),
        };
        let [calls, minutes, later] = match is_failed || is_child {
            true => [const { String::new() }; 3],
            false => [
                count(total.calls),
                format!("{:.1}", total.minutes()),
                grouped(total.later_calls),
            ],
        };
        let row = [
            name,
            total.rows_text(),
            calls,
            received,
            unpacked,
            minutes,
            later,
        ];
        table.add(row);
    }
    let shared: u64 = estimate.costs().map(|costs| costs.shared_calls).sum();
    let shared = shared + estimate.token_calls;
    let bytes = estimate.bytes();
    table.add([
        "access and settings".to_owned(),
        String::new(),
        grouped(shared),
        String::new(),
        String::new(),
        String::new(),
        grouped(shared),
    ]);
    table.add([
        "all".to_owned(),
        String::new(),
        count(estimate.calls()),
        megabytes(bytes.received),
        megabytes(bytes.unpacked),
        format!("{:.1}", estimate.schedule.minutes),
        grouped(estimate.later_calls()),
    ]);
    table
}

fn organisations(estimate: &Estimate) -> Table {
    let mut table = Table::new(&[
        ("organisation", Align::Left),
        ("calls", Align::Right),
        ("MB", Align::Right),
        ("MB unpacked", Align::Right),
        ("minutes", Align::Right),
        ("days", Align::Right),
        ("calls left today", Align::Right),
    ]);
    for OrganisationEstimate {
        name, costs, load, ..
    } in &estimate.organisations
    {
        let left = load.left_today.map_or(String::new(), grouped);
        let Ok(costs) = costs else {
            let mut row = [const { String::new() }; 7];
            row[0] = format!("{name} (cannot be read)");
            table.add(row);
            continue;
        };
        let (schedule, bytes) = (load.schedule(), costs.bytes());
        table.add([
            name.clone(),
            count(costs.calls()),
            megabytes(bytes.received),
            megabytes(bytes.unpacked),
            format!("{:.1}", schedule.minutes),
            schedule.days.map_or(String::new(), grouped),
            left,
        ]);
    }
    table
}

/// Writes the sums, and how they compare with the limits.
fn write_sums(out: &mut String, estimate: &Estimate) -> fmt::Result {
    let (bytes, schedule) = (estimate.bytes(), estimate.schedule);
    writeln!(
        out,
        "First sync: {} calls, {} ({} unpacked), {}.",
        count(estimate.calls()),
        size(bytes.received),
        size(bytes.unpacked),
        minutes(schedule.minutes),
    )?;
    if schedule.bottleneck != Bottleneck::None {
        writeln!(out, "Slowest limit: {}.", schedule.bottleneck.words())?;
    }
    let left = estimate.organisations.iter();
    let left = left.filter_map(|it| it.load.left_today).min();
    if let (Some(days), Some(left)) = (schedule.days, left.map(grouped)) {
        let least = match estimate.organisations.len() {
            1 => "",
            _ => " in the organisation with the fewest",
        };
        match days {
            1 => writeln!(
                out,
                "The calls fit into today: {left} calls left today{least}."
            )?,
            days => writeln!(
                out,
                "The calls need {} of Xero's days, with one sync on each: {left} calls left today{least}.",
                grouped(days)
            )?,
        }
    }
    writeln!(
        out,
        "Each later sync: at least {} calls.",
        grouped(estimate.later_calls())
    )
}

/// Writes what makes the first sync expensive, and what would save calls.
fn write_advice(
    out: &mut String,
    estimate: &Estimate,
    totals: &[StreamTotal],
    max_calls: u64,
) -> fmt::Result {
    for saving in estimate.savings.iter().filter(|it| it.calls.number > 0) {
        writeln!(
            out,
            "start_date {} saves {} calls and {} ({} unpacked).",
            saving.start_date.format("%Y-%m-%d"),
            count(saving.calls),
            size(saving.bytes.received),
            size(saving.bytes.unpacked),
        )?;
    }
    let mut costly: Vec<_> = totals.iter().filter(|it| it.calls.number > 1).collect();
    costly.sort_by_key(|total| std::cmp::Reverse(total.calls.number));
    let named = costly.iter().take(MAX_STREAMS);
    let named = named.map(|it| format!("{} ({} calls)", it.stream.name, count(it.calls)));
    let named: Vec<_> = named.collect();
    if !named.is_empty() {
        writeln!(out, "Most calls: {}.", named.join(", "))?;
    }
    for total in totals {
        let items = total.all_items.unwrap_or_default();
        if items.number > total.calls.number {
            writeln!(
                out,
                "{} needs {} calls in all, one per document or contact. max_calls_per_sync lets all such streams of a sync make {}.",
                total.stream.name,
                count(items),
                grouped(max_calls),
            )?;
        }
    }
    if totals.iter().any(|total| total.has_unknown_bytes) {
        writeln!(
            out,
            "The bytes of reports, documents and contacts are unknown before they are read, and are in no sum."
        )?;
    }
    Ok(())
}

/// Writes a number with a sign of how well it is known.
fn count(count: Count) -> String {
    let number = grouped(count.number);
    match count.certainty {
        Certainty::Exact => number,
        Certainty::About => format!("~{number}"),
        Certainty::AtLeast => format!(">={number}"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / MEGABYTE)
}

/// Writes bytes in megabytes, or in gigabytes from the first one on.
fn size(bytes: u64) -> String {
    let megabytes = bytes as f64 / MEGABYTE;
    match megabytes < 1e3 {
        true => format!("{megabytes:.1} MB"),
        false => format!("{:.2} GB", megabytes / 1e3),
    }
}

fn minutes(minutes: f64) -> String {
    match minutes.ceil() as u64 {
        0 | 1 if minutes < 1.0 => "less than a minute of waits for limits".to_owned(),
        1 => "at least 1 minute".to_owned(),
        minutes => format!("at least {} minutes", grouped(minutes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_how_well_they_are_known() {
        for (number, text) in [
            (Count::exactly(7_900), "7,900"),
            (Count::about(58_000), "~58,000"),
            (Count::at_least(100), ">=100"),
        ] {
            assert_eq!(count(number), text);
        }
        for (bytes, text) in [
            (1_234_567, "1.2 MB"),
            (999_900_000, "999.9 MB"),
            (1_500_000_000, "1.50 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(minutes(0.4), "less than a minute of waits for limits");
        assert_eq!(minutes(1.0), "at least 1 minute");
        assert_eq!(minutes(9.2), "at least 10 minutes");
    }
}
