//! Reads and writes the gaps in journal numbers: `[{"from": 7, "to": 9, "seen":
//! "2026-11-01T00:00:00.000Z"}]`. Both ends belong to the gap. `seen` is the time of the sync that
//! first missed the numbers.
//!
//! Two more keys appear if gaps are many:
//! - `"runs": [3, 1, 2]`: of the numbers from `from` to `to`, three are missing, the next one was
//!   read, and the last two are missing. A version of the connector without runs searches for all
//!   numbers of the entry, and may emit journals again.
//! - `"searched"`: the time of the last search, if a sync could not search for all gaps.

use chrono::DateTime;
use serde_json::{Value, json};

use super::moment;
use crate::rows::rewrite::instant;
use crate::walk::{Gap, Gaps, MAX_GAPS};

/// Writes the gaps.
pub(crate) fn written(gaps: &Gaps) -> Value {
    gaps.groups().filter_map(entry).collect()
}

/// Writes gaps with equal times as one entry.
fn entry(group: &[Gap]) -> Option<Value> {
    let (first, last) = (group.first()?, group.last()?);
    let time = |time| DateTime::from_timestamp_millis(time).map(instant);
    let mut entry = json!({"from": first.first, "to": last.last, "seen": time(first.seen)});
    if let Some(searched) = first.searched {
        entry["searched"] = time(searched).into();
    }
    if group.len() > 1 {
        let mut runs = Vec::with_capacity(group.len() * 2);
        let mut read = first.first;
        for gap in group {
            runs.extend([gap.first - read, gap.last - gap.first + 1]);
            read = gap.last + 1;
        }
        runs.remove(0); // the entry begins with a gap
        entry["runs"] = runs.into();
    }
    Some(entry)
}

/// Reads the gaps. `None` if they are invalid.
pub(crate) fn read(written: &Value) -> Option<Gaps> {
    let mut gaps = Vec::new();
    for entry in written.as_array()? {
        read_entry(entry, &mut gaps)?;
    }
    Gaps::of(gaps)
}

/// Reads the gaps of one entry. `None` if it is invalid.
fn read_entry(entry: &Value, gaps: &mut Vec<Gap>) -> Option<()> {
    let number = |key| entry.get(key)?.as_i64();
    let (from, to) = (number("from")?, number("to")?);
    let seen = moment(entry.get("seen")?.as_str()?)?;
    let searched = match entry.get("searched") {
        Some(searched) => Some(moment(searched.as_str()?)?),
        None => None,
    };
    let mut add = |first, last| {
        gaps.push(Gap {
            first,
            last,
            seen,
            searched,
        });
        (gaps.len() <= MAX_GAPS).then_some(())
    };
    let Some(runs) = entry.get("runs") else {
        return add(from, to);
    };
    let mut next = from;
    for (at, run) in runs.as_array()?.iter().enumerate() {
        let first = next;
        next = first.checked_add(run.as_i64().filter(|run| *run > 0)?)?;
        if at % 2 == 0 {
            add(first, next - 1)?;
        }
    }
    // The last run is one of missing numbers.
    (next.checked_sub(1) == Some(to) && gaps.last().is_some_and(|gap| gap.last == to)).then_some(())
}
