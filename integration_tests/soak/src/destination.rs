//! The tables of a destination, as Airbyte's destinations keep them.

use std::collections::BTreeMap;

use crate::json::Json;
use crate::streams::Stream;

/// How a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Incremental, append + dedup: the newest version of each row by key.
    Deduplicated,
    /// Full refresh, overwrite: a complete read replaces the table.
    Overwrite,
    /// Full refresh, append: each read adds its rows. The last complete one is compared.
    Append,
}

/// The row with a key: the values of the key, as JSON.
pub(crate) type Key = String;

/// One version of a row.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    cursor: String,
    pub(crate) row: Json,
}

/// The rows of one stream by key.
pub(crate) type Rows = BTreeMap<Key, Version>;

/// The table of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) stream: Stream,
    pub(crate) mode: Mode,
    /// The rows that a user of the destination sees.
    pub(crate) rows: Rows,
    /// The rows of a full read that is not complete.
    pub(crate) pending: Rows,
}

impl Table {
    pub(crate) fn new(stream: Stream, mode: Mode) -> Table {
        Table {
            stream,
            mode,
            rows: Rows::new(),
            pending: Rows::new(),
        }
    }

    /// A row is committed.
    pub(crate) fn write(&mut self, row: Json) {
        let key = key_of(&row, &self.stream.key);
        let cursor = comparable(row.get(&self.stream.cursor));
        let rows = match self.mode {
            Mode::Deduplicated => &mut self.rows,
            Mode::Overwrite | Mode::Append => &mut self.pending,
        };
        // Of two versions with the same cursor the one that was extracted later wins.
        if rows.get(&key).is_none_or(|known| known.cursor <= cursor) {
            rows.insert(key, Version { cursor, row });
        }
    }

    /// The stream ended COMPLETE, and everything before is committed. A later attempt of the same job may add
    /// rows, because it resumes.
    pub(crate) fn complete(&mut self) {
        if self.mode != Mode::Deduplicated {
            self.rows = self.pending.clone();
        }
    }

    /// A new job begins.
    pub(crate) fn begin_job(&mut self) {
        self.pending.clear();
    }

    /// A user cleared the stream.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.pending.clear();
    }
}

/// The key of a row.
pub(crate) fn key_of(row: &Json, key: &[String]) -> Key {
    let parts: Vec<_> = key.iter().map(|field| row.get(field).canonical()).collect();
    parts.join(" ")
}

/// A cursor as text that sorts as the values do.
fn comparable(cursor: &Json) -> String {
    match cursor {
        Json::Number(number) => format!("{number:0>20}"),
        other => other.text().to_owned(),
    }
}
