//! What the demo prints: the result first, then the largest streams, examples of what the
//! streams hold, and what to do next. It fits into a terminal of 100 columns.

use std::cmp::Reverse;
use std::path::Path;

use crate::organisation::{NAME, WORK};
use crate::sync::{Stream, Sync};
use crate::verify::{Download, Month};

const COLUMNS: usize = 100;

/// Streams with a line of their own; the others share one.
const LARGEST: usize = 10;

/// The stream whose first row is shown.
const SAMPLE: &str = "invoice_line_items";

pub(crate) struct Summary<'a> {
    pub(crate) first: &'a Sync<'a>,
    pub(crate) second: &'a Sync<'a>,
    pub(crate) report: &'a Month,
    pub(crate) files: &'a [Download],
    pub(crate) folder: &'a Path,
    pub(crate) binary: &'a Path,
}

/// What one or more streams brought and cost.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: usize,
    calls: usize,
    bytes: usize,
    second_rows: usize,
    second_calls: usize,
}

impl Summary<'_> {
    pub(crate) fn print(&self) {
        self.headline();
        self.table();
        self.examples();
        self.next_steps();
    }

    fn headline(&self) {
        println!("\nxero-source reads {NAME} from a simulated Xero on this machine.\n");
        println!("{:24}{:>8}{:>9}{:>11}", "", "rows", "calls", "seconds");
        for (title, sync) in [("First sync", self.first), ("Second sync", self.second)] {
            let (rows, calls) = (grouped(sync.rows()), sync.calls);
            println!("{title:<24}{rows:>8}{calls:>9}{:>11.1}", sync.seconds);
        }
        println!("\nBetween the two syncs: {WORK}.");
        println!(
            "The second sync reads these changes, and the small lists whose rows have no change time."
        );
        println!(
            "Verified: every row, every change, the report and the file are as the simulator has them."
        );
        println!("Xero's rate limits were enforced, and no call was refused.\n");
    }

    fn table(&self) {
        let rule = format!("{:-<36}  {:-<35}  {:-<15}", "", "", "");
        println!("{:<36}  {:^35}  {:>13}", "", "first sync", "second sync");
        println!(
            "{:<36}  {:>8}{:>7}{:>10}{:>10}  {:>8}{:>7}",
            "stream", "rows", "calls", "KB", "seconds", "rows", "calls"
        );
        println!("{rule}");
        let mut streams: Vec<_> = self.first.streams.iter().collect();
        streams.sort_by_key(|(_, stream)| Reverse(stream.rows.len()));
        let (mut others, mut all, mut count) = (Sums::default(), Sums::default(), 0);
        for (at, (name, stream)) in streams.into_iter().enumerate() {
            let sums = Sums::of(stream, self.second.streams.get(name));
            all = all.plus(sums);
            if at < LARGEST || is_costly(name) {
                sums.print(name, &format!("{:.3}", stream.seconds));
            } else {
                others = others.plus(sums);
                count += 1;
            }
        }
        others.print(&format!("{count} other streams"), "");
        println!("{rule}");
        all.print("all", "");
        println!("Child rows, such as line items, come with their parents and cost no calls.\n");
    }

    fn examples(&self) {
        let sample = self.first.streams.get(SAMPLE);
        if let Some(row) = sample.and_then(|stream| stream.rows.first()) {
            println!("A row of {SAMPLE}:\n\n{}\n", wrapped(row.get()));
        }
        println!(
            "report_profit_and_loss: {} months, as in the books. The net profit of {} is NZD {}.",
            self.report.months, self.report.month, self.report.profit
        );
        println!(
            "attachments: downloaded to {}",
            from_here(&self.folder.join("files"))
        );
        for file in self.files {
            println!("  {} of one of the {}", file.name, file.parent_type);
        }
    }

    fn next_steps(&self) {
        let messages = self.folder.join("messages.jsonl");
        println!("\nNext:");
        println!("  less {}", from_here(&messages));
        println!("      shows every message of the connector.");
        println!("  cargo sim --port 8080");
        println!("      serves the simulated Xero alone and prints configs for it.");
        println!("  {} check --config config.json", from_here(self.binary));
        println!(
            "      connects to your own organisation; docs/credentials.md says what the config needs."
        );
    }
}

impl Sums {
    fn of(first: &Stream<'_>, second: Option<&Stream<'_>>) -> Sums {
        Sums {
            rows: first.rows.len(),
            calls: first.calls,
            bytes: first.bytes,
            second_rows: second.map_or(0, |stream| stream.rows.len()),
            second_calls: second.map_or(0, |stream| stream.calls),
        }
    }

    fn plus(self, other: Sums) -> Sums {
        Sums {
            rows: self.rows + other.rows,
            calls: self.calls + other.calls,
            bytes: self.bytes + other.bytes,
            second_rows: self.second_rows + other.second_rows,
            second_calls: self.second_calls + other.second_calls,
        }
    }

    fn print(self, name: &str, seconds: &str) {
        let line = format!(
            "{name:<36}  {:>8}{:>7}{:>10}{seconds:>10}  {:>8}{:>7}",
            grouped(self.rows),
            count(self.calls),
            count(self.bytes / 1_000),
            grouped(self.second_rows),
            count(self.second_calls)
        );
        println!("{}", line.trim_end());
    }
}

/// Streams that cost calls of their own have a line, even though they are small here.
fn is_costly(stream: &str) -> bool {
    stream == "attachments" || stream.starts_with("report_")
}

/// Breaks a line of JSON after commas.
fn wrapped(json: &str) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for piece in json.split_inclusive(',') {
        let width = piece.chars().count();
        if column > 0 && column + width > COLUMNS {
            text.push('\n');
            column = 0;
        }
        text.push_str(piece);
        column += width;
    }
    text
}

/// A path that works from the current folder.
fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A number, or nothing instead of 0.
fn count(number: usize) -> String {
    match number {
        0 => String::new(),
        number => grouped(number),
    }
}

/// Digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
