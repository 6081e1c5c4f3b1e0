//! How a list looked that is read whole each time:
//! `{"pages": 11, "rows": 1050, "digest": "00c0ffee00c0ffee"}`.

use serde_json::{Value, json};

use crate::walk::Snapshot;

/// Writes it.
pub(crate) fn written(list: Snapshot) -> Value {
    // As text, because JSON's numbers lose digits in some readers.
    let digest = format!("{:016x}", list.digest);
    json!({"pages": list.pages, "rows": list.rows, "digest": digest})
}

/// Reads it; none where it makes no sense.
pub(crate) fn read(written: &Value) -> Option<Snapshot> {
    Some(Snapshot {
        pages: written.get("pages")?.as_u64()?,
        rows: written.get("rows")?.as_u64()?,
        digest: u64::from_str_radix(written.get("digest")?.as_str()?, 16).ok()?,
    })
}
