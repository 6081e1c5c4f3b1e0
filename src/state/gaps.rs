//! Reads and writes the gaps in journal numbers: `[{"from": 7, "to": 9, "seen":
//! "2026-11-01T00:00:00.000Z"}]`. Both ends belong to the gap. `seen` is the time of the sync that
//! first missed the numbers.

use chrono::DateTime;
use serde_json::{Value, json};

use super::moment;
use crate::rows::rewrite::instant;
use crate::walk::{Gap, Gaps};

/// Writes the gaps.
pub(crate) fn written(gaps: &Gaps) -> Value {
    let gap = |gap: &Gap| {
        let seen = DateTime::from_timestamp_millis(gap.seen).map(instant);
        json!({"from": gap.first, "to": gap.last, "seen": seen})
    };
    gaps.iter().map(gap).collect()
}

/// Reads the gaps. `None` if they are invalid.
pub(crate) fn read(written: &Value) -> Option<Gaps> {
    let gap = |written: &Value| {
        Some(Gap {
            first: written.get("from")?.as_i64()?,
            last: written.get("to")?.as_i64()?,
            seen: moment(written.get("seen")?.as_str()?)?,
        })
    };
    let gaps: Option<Vec<_>> = written.as_array()?.iter().map(gap).collect();
    Gaps::of(gaps?)
}
