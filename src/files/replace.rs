//! Writes files in one step: a reader sees the old content or the new content, also after a crash.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use tempfile::{Builder, NamedTempFile};

/// Replaces the content of a file, or creates it. Only its owner can read it. The owner stays.
/// Returns once the content is on the disk.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let (path, old) = target(path)?;
    let file = written(&path, content)?;
    if let Some(old) = old.filter(|old| old.uid() != geteuid().as_raw()) {
        fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
    }
    file.persist(&path)?;
    sync_folder(&path)
}

/// Creates a file with mode 0600. Fails if there is one. Returns once the content is on the disk.
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    written(path, content)?.persist_noclobber(path)?;
    sync_folder(path)
}

/// Proves that `path` can be written, and leaves nothing behind.
pub(crate) fn prove_writable(path: &Path) -> io::Result<()> {
    let (path, _) = target(path)?;
    written(&path, b"").map(drop)
}

/// Returns the path of the file to replace, and what is known of the file if it exists. A link stays a
/// link: its target is replaced. A device, such as /dev/stdout, must not become a file.
fn target(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    let no_file = || io::Error::new(ErrorKind::InvalidInput, "it is no regular file");
    match std::fs::metadata(path) {
        Ok(old) if old.is_file() => Ok((path.canonicalize()?, Some(old))),
        Ok(_) => Err(no_file()),
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => {
            Ok((path.to_path_buf(), None))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(no_file()),
        Err(error) => Err(error),
    }
}

/// Writes a temporary file beside `path`.
fn written(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut builder = Builder::new();
    let prefix = format!(".{name}.");
    // The file gets the mode 0600.
    let mut file = builder.prefix(&prefix).tempfile_in(folder(path))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes the entry of a file in its folder to the disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_with_mode_600_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("config.json");
        for content in ["one", "two"] {
            replace(&path, content.as_bytes()).expect("the folder is writable");
            assert_eq!(std::fs::read_to_string(&path).expect("a file"), content);
            let mode = std::fs::metadata(&path).expect("a file").permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1
        );
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("it is free");
        let [device, nothing] = ["device", "nothing"].map(|name| folder.path().join(name));
        symlink("/dev/null", &device).expect("a link for the test");
        symlink("missing", &nothing).expect("a link for the test");
        for path in [folder.path(), &socket, &device, &nothing] {
            for refused in [replace(path, b"new"), prove_writable(path)] {
                let error = refused.expect_err("it is no regular file");
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", path.display());
            }
        }
        assert!(!std::fs::metadata("/dev/null").expect("a device").is_file());
        assert!(nothing.is_symlink() && device.is_symlink());
    }

    #[test]
    fn a_file_that_exists_is_never_created_over() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("config.json");
        prove_writable(&path).expect("the folder is writable");
        assert!(!path.exists());
        create(&path, b"one").expect("the folder is writable");
        let again = create(&path, b"two").expect_err("the file exists");
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "one");
        let mode = std::fs::metadata(&path).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let files = std::fs::read_dir(folder.path()).expect("a folder");
        assert_eq!(files.count(), 1);
        assert!(prove_writable(&folder.path().join("none/config.json")).is_err());
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "old").expect("a file for the test");
        symlink(&target, &link).expect("a link for the test");
        replace(&link, b"new").expect("the folder is writable");
        assert_eq!(std::fs::read_to_string(&target).expect("a file"), "new");
        assert!(link.is_symlink());
    }
}
