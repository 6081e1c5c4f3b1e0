//! Writes messages as lines of text for people.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::airbyte::emit::{Batch, Output};
use crate::airbyte::protocol::Message;
use crate::excerpt::one_line;

/// Writes log lines and errors as text. Verbs for people send no other messages.
///
/// An error that concerns many streams is one line.
pub(crate) struct TextLines<W> {
    out: W,
    /// The errors that were written.
    errors: HashSet<String>,
}

impl<W> TextLines<W> {
    pub(crate) fn new(out: W) -> TextLines<W> {
        TextLines {
            out,
            errors: HashSet::new(),
        }
    }
}

impl<W: Write + Send + 'static> Output for TextLines<W> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        let Some((label, text)) = message.text() else {
            return Ok(());
        };
        if message.is_error() && !self.errors.insert(text.to_owned()) {
            return Ok(());
        }
        writeln!(self.out, "{label}{}", one_line(text))
    }

    fn batch(&mut self, _: Batch) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn an_error_of_several_streams_is_one_line() {
        let mut lines = TextLines::new(Vec::new());
        for (text, stream) in [("One.", "invoices"), ("One.", "items"), ("Two.", "items")] {
            let error = Message::error(&Failure::config(text), Some(stream));
            lines.message(&error).expect("a vector takes every byte");
        }
        assert_eq!(lines.out, b"error: One.\nerror: Two.\n");
    }

    #[test]
    fn a_message_is_one_line_and_does_not_control_the_terminal() {
        let mut lines = TextLines::new(Vec::new());
        let error = Failure::system("Bad: \u{1b}[2J\nerror: forged");
        let error = Message::error(&error, None);
        lines.message(&error).expect("a vector takes every byte");
        assert_eq!(lines.out, b"error: Bad: \\u{1b}[2J\\nerror: forged\n");
    }
}
