//! RECORD lines of one stream, cut into what belongs to each row of a page.

use serde_json::Value;

use crate::airbyte::protocol::now_millis;
use crate::streams::TENANT;

/// RECORD lines that are ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Whole lines, each ended by a newline.
    pub(crate) lines: Vec<u8>,
    /// How many lines there are.
    pub(crate) count: u64,
}

/// Finished lines and where those of each row end.
#[derive(Debug)]
pub(crate) struct Lines {
    stream: &'static str,
    /// What every line begins with, up to the organisation.
    head: String,
    /// Whole lines, each ended by a newline.
    bytes: Vec<u8>,
    /// Behind each row: how many bytes and lines there are.
    ends: Vec<(usize, u64)>,
    count: u64,
}

impl Lines {
    /// No lines of the stream yet; room for `bytes`.
    pub(crate) fn of(stream: &'static str, tenant: &str, bytes: usize) -> Lines {
        let mut lines = Lines {
            stream,
            head: String::new(),
            bytes: Vec::with_capacity(bytes),
            ends: Vec::new(),
            count: 0,
        };
        lines.tenant(tenant);
        lines
    }

    /// Lets the lines from here on belong to this organisation.
    pub(crate) fn tenant(&mut self, tenant: &str) {
        self.head = format!(
            r#"{{"type":"RECORD","record":{{"stream":"{}","emitted_at":{},"data":{{"{TENANT}":{}"#,
            self.stream,
            now_millis(),
            Value::from(tenant),
        );
    }

    /// Writes one line, the rest of its data by `members`, each member behind a
    /// comma. Returns what `members` returned and where in the bytes the data stands.
    pub(crate) fn line<T>(
        &mut self,
        members: impl FnOnce(&mut Vec<u8>) -> T,
    ) -> (T, std::ops::Range<usize>) {
        let data = self.bytes.len() + self.head.rfind('{').unwrap_or_default();
        self.bytes.extend_from_slice(self.head.as_bytes());
        let told = members(&mut self.bytes);
        self.bytes.push(b'}');
        let data = data..self.bytes.len();
        self.bytes.extend_from_slice(b"}}\n");
        self.count += 1;
        (told, data)
    }

    /// Lets the line that was written last tell of a file: `reference` is the protocol's
    /// AirbyteRecordMessageFileReference as JSON.
    pub(crate) fn refer(&mut self, reference: &str) {
        const END: &[u8] = b"}}\n";
        self.bytes
            .truncate(self.bytes.len().saturating_sub(END.len()));
        self.bytes.extend_from_slice(br#","file_reference":"#);
        self.bytes.extend_from_slice(reference.as_bytes());
        self.bytes.extend_from_slice(END);
    }

    /// How many bytes the lines have.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes of these lines.
    pub(crate) fn bytes(&self, range: std::ops::Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// Ends a row: what comes from here on belongs to the next one.
    pub(crate) fn end_row(&mut self) {
        self.ends.push((self.bytes.len(), self.count));
    }

    /// Forgets the lines, which nobody selected.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// The lines of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.iter().map(|(end, _)| *end);
        let begins = std::iter::once(0).chain(ends.clone());
        begins.zip(ends).map(|(begin, end)| &self.bytes[begin..end])
    }

    /// The lines of all rows.
    pub(crate) fn all(self) -> Records {
        let count = self.ends.len();
        self.select(std::iter::repeat_n(true, count))
    }

    /// The lines of the rows for which `keep` holds.
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
        // Room was made for Xero's white space as well, and lines may wait long for stdout.
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
    fn the_lines_of_kept_rows_stay() {
        for (keep, texts) in [
            ([true, true, true], &["a1", "a2", "c1"][..]),
            ([false, true, true], &["c1"]),
            ([true, false, false], &["a1", "a2"]),
            ([false, false, false], &[]),
        ] {
            let mut lines = Lines::of("items", "t \"1\"", 0);
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
