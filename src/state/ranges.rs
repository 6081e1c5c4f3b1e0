//! Reads and writes the open ranges of a sync: `[{"from": .., "to": ..}, {"from": ..}]`. The first
//! one starts at the position. Bounds have the form of the position. A range of instants includes
//! `from` and excludes `to`. A range of journal numbers excludes `from` and includes `to`.

use serde_json::{Value, json};

use crate::walk::Span;

/// Maximum number of open ranges. A sync leaves only a few open, and the state after each page
/// names all of them.
const MAX_RANGES: usize = 1000;

/// Writes ranges. `cursor` writes their bounds.
pub(crate) fn written(open: &[Span], cursor: impl Fn(i64) -> Value) -> Value {
    let range = |span: &Span| match span.to {
        Some(to) => json!({"from": cursor(span.from), "to": cursor(to)}),
        None => json!({"from": cursor(span.from)}),
    };
    open.iter().map(range).collect()
}

/// Reads ranges that ascend from the position; the last one has no end. `cursor` reads their
/// bounds. `None` if they are invalid.
pub(crate) fn read(
    written: &Value,
    position: i64,
    cursor: impl Fn(&Value) -> Option<i64>,
) -> Option<Vec<Span>> {
    let ranges = written.as_array()?;
    if ranges.len() > MAX_RANGES {
        return None;
    }
    let at = |range: &Value, key: &str| cursor(range.get(key)?);
    let mut spans: Vec<Span> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let follows = match spans.last() {
            Some(before) => before.to?,
            None => position,
        };
        let (from, to) = (at(range, "from")?, at(range, "to"));
        let ends = to.is_some_and(|to| to > from) || range.get("to").is_none_or(Value::is_null);
        // The first range starts at the position. Later ones may leave intervals, which were read.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_ranges_is_limited() {
        for (count, is_read) in [(MAX_RANGES, true), (MAX_RANGES + 1, false)] {
            let open: Vec<_> = (1..=count as i64)
                .map(|at| Span {
                    from: at,
                    to: (at < count as i64).then_some(at + 1),
                })
                .collect();
            let ranges = written(&open, Value::from);
            let spans = read(&ranges, 1, Value::as_i64);
            assert_eq!(spans.is_some(), is_read, "{count} ranges");
        }
    }
}
