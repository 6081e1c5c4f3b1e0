//! `cargo demo`: shows the connector's whole job on a simulated Xero.
//!
//! Starts the simulator on a free port of this machine, runs the release binary through spec,
//! check, discover and two syncs, checks the results against the simulator's own data, and
//! prints a summary. Xero's rate limits are on. The exit code is 1 if a check fails.

mod connector;
mod organisation;
mod summary;
mod sync;
mod verify;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use connector::Connector;
use organisation::Organisation;
use summary::Summary;
use sync::Sync;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Result<()> {
    let folder = folder()?;
    let files = folder.join("files");
    let connector = Connector::build(&folder)?;
    let organisation = Organisation::new();
    connector.configure(&organisation.config(&files))?;
    connector.run("spec", &[])?;
    connector.run("check", &["--config", "config.json"])?;
    connector.select(&connector.run("discover", &["--config", "config.json"])?)?;

    organisation.skip_minute();
    let arguments = ["--config", "config.json", "--catalog", "catalog.json"];
    let first = organisation.watch(|| connector.run("read", &arguments))?;
    let first = Sync::of(&first)?;
    verify::complete(&first)?;
    verify::every_row(&organisation, &first)?;
    let report = verify::report(&organisation, &first)?;
    let downloads = verify::files(&organisation, &first, &files)?;
    connector.save_state(&first.states())?;

    organisation.skip_minute();
    let began = organisation.work();
    let arguments = [&arguments[..], &["--state", "state.json"]].concat();
    let second = organisation.watch(|| connector.run("read", &arguments))?;
    let second = Sync::of(&second)?;
    verify::complete(&second)?;
    verify::every_change(&organisation, began, &second)?;

    let summary = Summary {
        first: &first,
        second: &second,
        report: &report,
        files: &downloads,
        folder: &folder,
        binary: connector.binary(),
    };
    summary.print();
    Ok(())
}

/// An empty folder for this run, below cargo's target folder.
fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).unwrap_or(Path::new("."));
    let folder = target.join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join("files"))?;
    Ok(folder)
}
