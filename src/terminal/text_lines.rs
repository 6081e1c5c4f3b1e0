//! Writes messages as lines of text for people.

use std::io::{self, Write};

use crate::airbyte::emit::{Batch, Output};
use crate::airbyte::protocol::Message;

/// Writes log lines and errors as text. Verbs for people send no other messages.
pub(crate) struct TextLines<W>(pub(crate) W);

impl<W: Write + Send + 'static> Output for TextLines<W> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        match message.text() {
            Some((label, text)) => writeln!(self.0, "{label}{text}"),
            None => Ok(()),
        }
    }

    fn batch(&mut self, _: Batch) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
