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

/// Prints the manual page of the program, or of a verb.
pub(crate) fn man(verb: Option<&str>) -> Result<(), Failure> {
    let mut definition = cli::definition();
    // Names the verbs' pages as the program's page refers to them, such as xero-source-check(1).
    definition.build();
    let command = match verb {
        None => Some(&definition),
        Some(verb) => definition.find_subcommand(verb),
    };
    let Some(command) = command.cloned() else {
        return Err(Failure::config(
            "There is no such verb. `xero-source --help` lists the verbs.",
        ));
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(super::cannot_print)?;
    terminal::print(String::from_utf8_lossy(&page)).map_err(super::cannot_print)
}
