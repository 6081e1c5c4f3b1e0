//! Checks that stdout can be written.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{OFlags, fcntl_getfl};

/// The device that Rust's runtime opens in place of a closed standard stream, for reading and
/// writing.
///
/// A shell opens it only for writing (`> /dev/null`), which is accepted. Python's `DEVNULL` opens
/// it for both. That looks like a closed stdout and would also lose new tokens.
const NULL_DEVICE: &str = "/dev/null";

/// Returns why writing to stdout would be lost, or `None` if stdout is usable.
pub(crate) fn fault() -> Option<&'static str> {
    let stdout = io::stdout();
    let Ok(flags) = fcntl_getfl(&stdout) else {
        return Some("it is closed");
    };
    match flags & OFlags::RWMODE {
        OFlags::RDONLY => Some("it is open for reading only"),
        OFlags::RDWR if is_null_device(stdout.as_fd()) => {
            Some("it is closed, or it is /dev/null opened for reading and writing")
        }
        _ => None,
    }
}

fn is_null_device(stream: impl AsFd) -> bool {
    let own = stream.as_fd().try_clone_to_owned().map(File::from);
    let own = own.and_then(|file| file.metadata());
    match (own, fs::metadata(NULL_DEVICE)) {
        (Ok(own), Ok(null_device)) => own.rdev() == null_device.rdev(),
        _ => false,
    }
}
