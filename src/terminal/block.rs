//! Draws a block of lines at the end of stderr, which is redrawn in place. Other lines go above it.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of lines of the block. A process has one stderr.
static DRAWN: Mutex<usize> = Mutex::new(0);

/// Replaces the block by these lines, in one write to `out`, so that it does not flicker. `out` is a
/// file of stderr.
pub(crate) fn redraw(out: &mut impl Write, lines: &[String]) -> io::Result<()> {
    let mut drawn = drawn();
    let mut block = up(std::mem::take(&mut *drawn));
    for line in lines {
        // Erases line by line: some terminals keep a copy of a screen that is erased as a whole.
        block.push_str(&format!("{line}\u{1b}[K\n"));
    }
    block.push_str("\u{1b}[J");
    *drawn = lines.len();
    out.write_all(block.as_bytes())
}

/// Leaves the block where it is. Later lines go below it.
pub(crate) fn leave() {
    *drawn() = 0;
}

/// Stderr for lines that are not part of the block. The block is erased first, and drawn again below
/// them. Needs a `LineWriter` around it.
#[derive(Debug)]
pub(crate) struct AboveBlock;

impl Write for AboveBlock {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut drawn = drawn();
        if *drawn > 0 {
            let erase = up(std::mem::take(&mut *drawn)) + "\u{1b}[J";
            io::stderr().write_all(erase.as_bytes())?;
        }
        io::stderr().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Returns the codes that move the cursor to the beginning of a block of this number of lines.
fn up(lines: usize) -> String {
    match lines {
        0 => String::new(),
        lines => format!("\u{1b}[{lines}A\r"),
    }
}

fn drawn() -> MutexGuard<'static, usize> {
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_takes_the_place_of_the_one_before() {
        let mut out = Vec::new();
        for lines in [&["a", "b"][..], &["c"]] {
            let lines: Vec<_> = lines.iter().map(|it| (*it).to_owned()).collect();
            redraw(&mut out, &lines).expect("a vector takes every byte");
        }
        leave();
        redraw(&mut out, &[]).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("it is UTF-8");
        let (line, rest) = ("\u{1b}[K\n", "\u{1b}[J");
        let expected = format!("a{line}b{line}{rest}\u{1b}[2A\rc{line}{rest}{rest}");
        assert_eq!(text, expected);
    }
}
