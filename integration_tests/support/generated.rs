//! Generated parts of pages: a test compares a part with what it has found out, and writes it if the
//! variable `UPDATE_DOCS` is 1.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Set to 1, this variable makes a test write its part.
const UPDATE: &str = "UPDATE_DOCS";

/// Several tests write to one page.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares the part of a page between the comments `generated: NAME` and `end of NAME` with `text`.
pub(crate) fn compare_part(page: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let before = std::fs::read_to_string(&path).expect("the page is there");
    let begin = format!("<!-- generated: {name} -->\n");
    let end = format!("<!-- end of {name} -->");
    let (head, rest) = before.split_once(&begin).expect(&begin);
    let (saved, tail) = rest.split_once(&end).expect(&end);
    let text = format!("\n{text}\n");
    if std::env::var_os(UPDATE).is_some() {
        let after = format!("{head}{begin}{text}{end}{tail}");
        std::fs::write(&path, after).expect("the page can be written");
        return;
    }
    let mut lines = text.lines().zip(saved.lines());
    let differing = lines.find(|(found, saved)| found != saved);
    assert!(
        text == saved,
        "the part {name} of {page} is stale: set {UPDATE}=1 and run this test. \
         found and saved: {differing:#?}"
    );
}

/// Formats a Markdown table.
pub(crate) fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text.push_str(&format!("|{}\n", "---|".repeat(COLUMNS)));
    text.extend(rows.into_iter().map(|cells| line(&cells)));
    text
}
