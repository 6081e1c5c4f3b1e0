//! Buffers RECORD lines of one stream, grouped by the row of the page that they belong to.

use memchr::memmem;
use serde_json::Value;

use crate::airbyte::protocol::now_millis;
use crate::streams::TENANT;

/// Estimated bytes that a RECORD line adds to a row.
pub(crate) const LINE_OVERHEAD: usize = 160;

/// RECORD lines that are ready for stdout.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Complete lines, each with a newline at its end.
    pub(crate) lines: Vec<u8>,
    /// Number of lines.
    pub(crate) count: u64,
}

/// The row in a RECORD line without a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<'l> {
    /// The row as JSON, without the bracket that closes it.
    pub(crate) members: &'l [u8],
    /// When the row was read, in milliseconds since the epoch.
    pub(crate) emitted_at: i64,
}

impl<'l> Row<'l> {
    /// Finds the row in a line that [`RecordLines::line`] wrote.
    pub(crate) fn of(line: &'l [u8]) -> Option<Row<'l>> {
        // The stream's name comes first. It holds no quotes.
        let at = memmem::find(line, EMITTED_AT)? + EMITTED_AT.len();
        let rest = &line[at..];
        let (time, rest) = rest.split_at(memchr::memchr(b',', rest)?);
        Some(Row {
            members: rest.strip_prefix(DATA)?.strip_suffix(b"}}}\n")?,
            emitted_at: str::from_utf8(time).ok()?.parse().ok()?,
        })
    }
}

/// What stands before and after the time in a RECORD line.
const EMITTED_AT: &[u8] = br#","emitted_at":"#;
const DATA: &[u8] = br#","data":"#;

/// Complete lines, and the end offset of each row's lines.
#[derive(Debug)]
pub(crate) struct RecordLines {
    stream: &'static str,
    /// Start of every line, up to and including the tenant id.
    head: String,
    /// Complete lines, each with a newline at its end.
    bytes: Vec<u8>,
    /// Totals at the end of each row: bytes and lines.
    ends: Vec<(usize, u64)>,
    count: u64,
}

impl RecordLines {
    /// Creates an empty buffer with capacity for `bytes`.
    pub(crate) fn new(stream: &'static str, tenant: &str, bytes: usize) -> RecordLines {
        let mut lines = RecordLines {
            stream,
            head: String::new(),
            bytes: Vec::with_capacity(bytes),
            ends: Vec::new(),
            count: 0,
        };
        lines.set_tenant(tenant);
        lines
    }

    /// Sets the organisation of all lines that follow.
    pub(crate) fn set_tenant(&mut self, tenant: &str) {
        self.head = format!(
            r#"{{"type":"RECORD","record":{{"stream":"{}","emitted_at":{},"data":{{"{TENANT}":{}"#,
            self.stream,
            now_millis(),
            Value::from(tenant),
        );
    }

    /// Appends one line. `members` writes the members of its data after the tenant id, each with a
    /// comma before it. Returns the result of `members` and the byte range of the data.
    pub(crate) fn line<T>(
        &mut self,
        members: impl FnOnce(&mut Vec<u8>) -> T,
    ) -> (T, std::ops::Range<usize>) {
        let data = self.bytes.len() + self.head.rfind('{').unwrap_or_default();
        self.bytes.extend_from_slice(self.head.as_bytes());
        let result = members(&mut self.bytes);
        self.bytes.push(b'}');
        let data = data..self.bytes.len();
        self.bytes.extend_from_slice(b"}}\n");
        self.count += 1;
        (result, data)
    }

    /// Adds a file to the last line. `reference` is the AirbyteRecordMessageFileReference of the
    /// protocol, as JSON.
    pub(crate) fn add_file_reference(&mut self, reference: &str) {
        const END: &[u8] = b"}}\n";
        self.bytes
            .truncate(self.bytes.len().saturating_sub(END.len()));
        self.bytes.extend_from_slice(br#","file_reference":"#);
        self.bytes.extend_from_slice(reference.as_bytes());
        self.bytes.extend_from_slice(END);
    }

    /// Returns the total bytes of the lines.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns a range of the bytes.
    pub(crate) fn bytes(&self, range: std::ops::Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// Ends a row. The lines that follow belong to the next row.
    pub(crate) fn end_row(&mut self) {
        self.ends.push((self.bytes.len(), self.count));
    }

    /// Discards all lines, for a stream that is not selected.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// Returns the lines of all rows.
    pub(crate) fn all(self) -> Records {
        let count = self.ends.len();
        self.select(std::iter::repeat_n(true, count))
    }

    /// Returns the lines of the rows whose item in `keep` is true.
    pub(crate) fn select(mut self, keep: impl Iterator<Item = bool>) -> Records {
        let (mut kept, mut records) = (0, 0);
        let (mut from, mut before) = (0, 0);
        for ((end, count), keep) in self.ends.into_iter().zip(keep) {
            if keep {
                if kept < from {
                    self.bytes.copy_within(from..end, kept);
                }
                kept += end - from;
                records += count - before;
            }
            (from, before) = (end, count);
        }
        self.bytes.truncate(kept);
        // Frees the unused capacity, because lines may wait a long time for stdout.
        self.bytes.shrink_to_fit();
        Records {
            lines: self.bytes,
            count: records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_a_line_is_found_by_its_form() {
        let mut lines = RecordLines::new("items", "t", 0);
        let member = r#","A":"}}}\n,\"data\":{","B":{"emitted_at":1,"C":{}}"#;
        let (_, data) = lines.line(|out| out.extend_from_slice(member.as_bytes()));
        let row = Row::of(lines.bytes(0..lines.len())).expect("a line has a row");
        assert_eq!([row.members, b"}"].concat(), lines.bytes(data));
        assert!((now_millis() - row.emitted_at).abs() < 60_000);
        for other in [
            &b""[..],
            b"{}\n",
            br#"{"type":"STATE","emitted_at":7,"data":{}}"#,
        ] {
            assert_eq!(Row::of(other), None);
        }
    }

    #[test]
    fn the_lines_of_kept_rows_stay() {
        for (keep, texts) in [
            ([true, true, true], &["a1", "a2", "c1"][..]),
            ([false, true, true], &["c1"]),
            ([true, false, false], &["a1", "a2"]),
            ([false, false, false], &[]),
        ] {
            let mut lines = RecordLines::new("items", "t \"1\"", 0);
            for row in [&["a1", "a2"][..], &[], &["c1"]] {
                for text in row {
                    let member = format!(r#","X":"{text}""#);
                    let (_, data) = lines.line(|out| out.extend_from_slice(member.as_bytes()));
                    let data: Value = serde_json::from_slice(lines.bytes(data)).unwrap();
                    assert_eq!(data["X"], *text);
                }
                lines.end_row();
            }
            let Records {
                lines: bytes,
                count: records,
            } = lines.select(keep.into_iter());
            assert_eq!(records as usize, texts.len());
            let found: Vec<_> = std::str::from_utf8(&bytes).unwrap().lines().collect();
            assert_eq!(found.len(), texts.len());
            for (line, text) in found.iter().zip(texts) {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["record"]["data"]["TenantID"], "t \"1\"");
                assert_eq!(line["record"]["data"]["X"], *text);
            }
        }
    }
}
