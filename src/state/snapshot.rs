//! Reads and writes the snapshot of a list that each sync reads in full: `{"pages": 11, "rows":
//! 1050, "digest": "00c0ffee00c0ffee"}`.

use serde_json::{Value, json};

use crate::walk::Snapshot;

/// Writes the snapshot.
pub(crate) fn written(list: Snapshot) -> Value {
    // A string, because some readers lose digits of JSON numbers.
    let digest = format!("{:016x}", list.digest);
    json!({"pages": list.pages, "rows": list.rows, "digest": digest})
}

/// Reads the snapshot. `None` if it is invalid.
pub(crate) fn read(written: &Value) -> Option<Snapshot> {
    Some(Snapshot {
        pages: written.get("pages")?.as_u64()?,
        rows: written.get("rows")?.as_u64()?,
        digest: u64::from_str_radix(written.get("digest")?.as_str()?, 16).ok()?,
    })
}
