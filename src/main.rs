//! The `xero-source` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    xero_source::run()
}
