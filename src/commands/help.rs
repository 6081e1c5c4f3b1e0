//! `completions` and `man`: print files that are made from the definition of the command line.

use clap_complete::Shell;

use crate::cli;
use crate::failure::Failure;
use crate::terminal;

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::definition(), "xero-source", &mut script);
    terminal::print(String::from_utf8_lossy(&script)).map_err(super::cannot_print)
}

/// Prints the manual page.
pub(crate) fn man() -> Result<(), Failure> {
    let definition = cli::definition();
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(definition).render(&mut page);
    rendered.map_err(super::cannot_print)?;
    terminal::print(String::from_utf8_lossy(&page)).map_err(super::cannot_print)
}
