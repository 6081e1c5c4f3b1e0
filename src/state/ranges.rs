//! What a sync that walks several ranges side by side has left to read of each:
//! `[{"from": .., "to": ..}, {"from": ..}]`, of which the first begins at the position.

use serde_json::{Value, json};

use super::moment;
use crate::walk::Span;

/// Ranges that are walked side by side at most. A sync leaves a few open; each page is followed
/// by a state that names all of them.
const MOST: usize = 1000;

/// Writes ranges; `cursor` writes where they begin and end.
pub(crate) fn written(open: &[Span], cursor: impl Fn(i64) -> Value) -> Value {
    let range = |span: &Span| match span.to {
        Some(to) => json!({"from": cursor(span.from), "to": cursor(to)}),
        None => json!({"from": cursor(span.from)}),
    };
    open.iter().map(range).collect()
}

/// Reads ranges that follow each other from the cursor on, the last without an end;
/// none where they make no sense.
pub(crate) fn read(written: &Value, cursor: i64) -> Option<Vec<Span>> {
    let ranges = written.as_array()?;
    if ranges.len() > MOST {
        return None;
    }
    let at = |range: &Value, key: &str| range.get(key)?.as_str().and_then(moment);
    let mut spans: Vec<Span> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let follows = match spans.last() {
            Some(before) => before.to?,
            None => cursor,
        };
        let (from, to) = (at(range, "from")?, at(range, "to"));
        let ends = to.is_some_and(|to| to > from) || range.get("to").is_none_or(Value::is_null);
        // Only the first must begin where the position is: gaps are what was read.
        let fits = if spans.is_empty() {
            from == follows
        } else {
            from >= follows
        };
        if !ends || !fits {
            return None;
        }
        spans.push(Span { from, to });
    }
    spans.last()?.to.is_none().then_some(spans)
}
