//! Converts a response of `/Invoices` from stdin as often as is asked for: `xero-pages CASE ROUNDS`.
//!
//! Prints as JSON how many rows and bytes it had, and how many nanoseconds the fastest round took: the
//! others waited for a processor.
//! `benches/instructions.py` starts it, alone or below valgrind.

use std::io::{self, Read};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use xero_source::measured;

const USAGE: &str = "usage: xero-pages split|rewriting|page|families ROUNDS <BODY";

fn main() -> ExitCode {
    let Some(answer) = measure() else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    println!("{answer}");
    ExitCode::SUCCESS
}

fn measure() -> Option<String> {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next()?;
    let rounds: usize = arguments.next()?.parse().ok()?;
    let mut body = Vec::new();
    io::stdin().read_to_end(&mut body).ok()?;
    let rows = measured::split(&body)?;
    let mut out = Vec::with_capacity(body.len());
    let mut round = || match case.as_str() {
        "split" => measured::split(&body).map(|rows| rows.len()),
        "rewriting" => {
            out.clear();
            Some(measured::rewrite(&rows, &mut out))
        }
        "page" => measured::page(&body, &["invoices"]),
        "families" => measured::page(&body, &["invoices", "invoice_line_items"]),
        _ => None,
    };
    let mut fastest = Duration::MAX;
    for _ in 0..rounds {
        let began = Instant::now();
        round().filter(|converted| *converted == rows.len())?;
        fastest = fastest.min(began.elapsed());
    }
    let (rows, bytes) = (rows.len(), body.len());
    Some(format!(
        r#"{{"rows":{rows},"bytes":{bytes},"nanoseconds":{}}}"#,
        fastest.as_nanos()
    ))
}
