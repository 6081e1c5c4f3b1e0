//! Writes JSON the way Xero does: indented by two spaces, CRLF line ends, slashes
//! escaped, all other Unicode verbatim.

use std::fmt::{self, Write as _};

use crate::clock::Millis;

mod digits;

/// A line end with room for twenty levels; deeper ones add more spaces.
const LINE: &[u8; 42] = b"\r\n                                        ";

/// A JSON document under construction. The caller keeps `open_*` and `close_*` in pairs
/// and gives every key one value.
#[derive(Debug, Default)]
pub struct Json {
    out: Vec<u8>,
    depth: usize,
    /// Whether the innermost open object or array has a member.
    occupied: bool,
    /// Whether a key waits for its value.
    keyed: bool,
}

impl Json {
    /// An empty document with room for `bytes` bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// The document's bytes, UTF-8.
    pub fn into_bytes(self) -> Vec<u8> {
        debug_assert_eq!(self.depth, 0, "every object and array is closed");
        self.out
    }

    /// The bytes that are written so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Begins an object.
    pub fn open_object(&mut self) {
        self.open(b'{');
    }

    /// Ends the innermost object.
    pub fn close_object(&mut self) {
        self.close(b'}');
    }

    /// Begins an array.
    pub fn open_array(&mut self) {
        self.open(b'[');
    }

    /// Ends the innermost array.
    pub fn close_array(&mut self) {
        self.close(b']');
    }

    /// Begins a member of an object. `name` needs no escapes.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.member();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\": ");
        self.keyed = true;
        self
    }

    /// An array without members.
    pub fn empty_array(&mut self) {
        self.raw("[]");
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        self.quoted(|out| escape(out, text));
    }

    /// A string made of whatever can be displayed, such as `format_args!("INV-{number:04}")`.
    pub fn display(&mut self, text: impl fmt::Display) {
        self.quoted(|out| {
            write!(Escaped(out), "{text}").expect("writing to memory does not fail");
        });
    }

    /// An id as a lower-case hyphenated GUID.
    pub fn guid(&mut self, id: u128) {
        self.quoted(|out| digits::guid(out, id));
    }

    /// A number, its digits as they are.
    pub fn number(&mut self, digits: &str) {
        self.raw(digits);
    }

    /// A whole number.
    pub fn integer(&mut self, value: i64) {
        self.value();
        digits::integer(&mut self.out, value);
    }

    /// A number of `decimals` decimals, given as a count of its last place: `decimal(1250, 2)`
    /// is `12.50`.
    pub fn decimal(&mut self, places: i64, decimals: u8) {
        self.value();
        digits::decimal(&mut self.out, places, decimals);
    }

    /// A number of `decimals` decimals as a string, as some nested objects have it.
    pub fn decimal_string(&mut self, places: i64, decimals: u8) {
        self.quoted(|out| digits::decimal(out, places, decimals));
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// A date or instant as `\/Date(1539993600000+0000)\/`.
    pub fn date(&mut self, at: Millis) {
        self.msdate(at, "+0000)\\/");
    }

    /// A calendar date, given as a midnight of UTC, as the same day's midnight in New Zealand's
    /// summer: `\/Date(1539946800000+1300)\/`. The milliseconds are of UTC, the offset says which
    /// day they mean.
    pub fn date_in_summer(&mut self, day: Millis) {
        const OFFSET: Millis = 13 * 3_600_000;
        self.msdate(day - OFFSET, "+1300)\\/");
    }

    /// A date or instant without offset, `\/Date(1539993600000)\/`, as Quotes and the
    /// envelope have it.
    pub fn date_plain(&mut self, at: Millis) {
        self.msdate(at, ")\\/");
    }

    /// An instant in whole seconds without a zone, `2018-10-20T13:05:59`, as in `DateString`.
    pub fn date_string(&mut self, at: Millis) {
        self.quoted(|out| digits::seconds(out, at));
    }

    /// An instant in whole seconds of UTC, `2018-11-02T16:31:30Z`, as in `UpdatedDateUTCString`.
    pub fn utc_string(&mut self, at: Millis) {
        self.quoted(|out| {
            digits::seconds(out, at);
            out.push(b'Z');
        });
    }

    fn msdate(&mut self, at: Millis, end: &str) {
        self.quoted(|out| {
            out.extend_from_slice(b"\\/Date(");
            digits::integer(out, at);
            out.extend_from_slice(end.as_bytes());
        });
    }

    fn raw(&mut self, text: &str) {
        self.value();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn quoted(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.value();
        self.out.push(b'"');
        write(&mut self.out);
        self.out.push(b'"');
    }

    fn open(&mut self, bracket: u8) {
        self.value();
        self.out.push(bracket);
        self.depth += 1;
        self.occupied = false;
    }

    fn close(&mut self, bracket: u8) {
        self.depth -= 1;
        if self.occupied {
            self.line();
        }
        self.out.push(bracket);
        self.occupied = true;
    }

    /// Goes to where a value stands: behind its key, or on a line of its own in an array.
    fn value(&mut self) {
        if self.keyed {
            self.keyed = false;
        } else if self.depth > 0 {
            self.member();
        }
    }

    fn member(&mut self) {
        if self.occupied {
            self.out.push(b',');
        }
        self.line();
        self.occupied = true;
    }

    fn line(&mut self) {
        let spaces = self.depth * 2;
        let ready = spaces.min(LINE.len() - 2);
        self.out.extend_from_slice(&LINE[..2 + ready]);
        self.out.resize(self.out.len() + spaces - ready, b' ');
    }
}

/// A number of `decimals` decimals, given as a count of its last place, as text.
pub(crate) fn decimal_text(places: i64, decimals: u8) -> String {
    let mut out = Vec::new();
    digits::decimal(&mut out, places, decimals);
    String::from_utf8(out).expect("digits are ASCII")
}

/// Escapes what passes through it.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

/// Writes the inside of a string.
fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => 0,
            _ => continue,
        };
        out.extend_from_slice(&bytes[plain..at]);
        plain = at + 1;
        if short == 0 {
            out.extend_from_slice(b"\\u00");
            digits::hex(out, byte);
        } else {
            out.extend_from_slice(&[b'\\', short]);
        }
    }
    out.extend_from_slice(&bytes[plain..]);
}

#[cfg(test)]
mod tests;
