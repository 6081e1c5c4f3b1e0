//! Whether stdout can be written at all.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{OFlags, fcntl_getfl};

/// What a process finds in the place of a standard stream that it was started without:
/// Rust's runtime opens this device there, for reading and writing. A shell that throws
/// output away (`> /dev/null`) opens it for writing alone; who opens it for both, as
/// Python's `DEVNULL` does, cannot be told from a closed stdout and would lose the tokens too.
const NOTHING: &str = "/dev/null";

/// Why nothing that is written to stdout would arrive; none if it may.
pub(crate) fn fault() -> Option<&'static str> {
    let stdout = io::stdout();
    let Ok(flags) = fcntl_getfl(&stdout) else {
        return Some("it is closed");
    };
    match flags & OFlags::RWMODE {
        OFlags::RDONLY => Some("it is open for reading only"),
        OFlags::RDWR if is_nothing(stdout.as_fd()) => {
            Some("it is closed, or it is /dev/null opened for reading and writing")
        }
        _ => None,
    }
}

fn is_nothing(stream: impl AsFd) -> bool {
    let own = stream.as_fd().try_clone_to_owned().map(File::from);
    let own = own.and_then(|file| file.metadata());
    match (own, fs::metadata(NOTHING)) {
        (Ok(own), Ok(nothing)) => own.rdev() == nothing.rdev(),
        _ => false,
    }
}
