//! The open folders of the directory for files. Every file below the directory is opened by a plain
//! name relative to its open folder, and no link is followed. Another user who can write there can
//! therefore neither redirect a file nor add one that counts as downloaded.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, fsync, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The mode bits that let other users write. A file with one of them is not trusted.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The modes of new folders and files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modes {
    folder: u32,
    file: u32,
}

/// Only the user who runs the connector can read the files.
pub(crate) const PRIVATE: Modes = Modes {
    folder: 0o700,
    file: 0o600,
};

/// Other users can read the files. Airbyte's destination reads them in another container, perhaps as
/// another user. No other container mounts the volume.
pub(crate) const SHARED: Modes = Modes {
    folder: 0o755,
    file: 0o644,
};

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    modes: Modes,
    /// Whether only this user can have written files here. The folder then belongs to this user and no
    /// other user may write to it. The same holds for its parent if the connector created that.
    is_own: bool,
}

impl Folder {
    /// Opens the folder called `name` in the directory at `root`, and creates both if they are
    /// missing. Links in the path of the directory itself are followed, because its operator chose it.
    pub(crate) fn in_directory(root: &Path, name: &str, modes: Modes) -> io::Result<Folder> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(modes.folder).create(root)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = Folder {
            fd: openat(CWD, root, flags, Mode::empty())?,
            modes,
            is_own: true,
        };
        root.folder(name)
    }

    /// Opens a folder in this one, and creates it if it is missing.
    pub(crate) fn folder(&self, name: &str) -> io::Result<Folder> {
        match mkdirat(&self.fd, name, Mode::from_raw_mode(self.modes.folder)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = openat(&self.fd, name, flags, Mode::empty()).map_err(|error| match error {
            Errno::LOOP | Errno::NOTDIR => ErrorKind::NotADirectory.into(),
            error => io::Error::from(error),
        })?;
        let found = fstat(&fd)?;
        Ok(Folder {
            is_own: self.is_own && is_own(found.st_uid, found.st_mode),
            fd,
            modes: self.modes,
        })
    }

    /// Creates a new file for reading and writing. Fails if the file exists.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(self.modes.file);
        Ok(openat(&self.fd, name, flags | OFlags::CLOEXEC, mode)?.into())
    }

    /// Opens a file that only this user can have written. Returns `None` for any other file and for
    /// anything that is not a regular file. Does not wait for the other end of a pipe.
    pub(crate) fn own_file(&self, name: &str) -> io::Result<Option<File>> {
        if !self.is_own {
            return Ok(None);
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let fd = openat(&self.fd, name, flags | OFlags::CLOEXEC, Mode::empty())?;
        let found = fstat(&fd)?;
        let is_regular = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        let is_own = is_regular && is_own(found.st_uid, found.st_mode);
        Ok(is_own.then(|| fd.into()))
    }

    /// Renames a file in this folder and syncs the folder. Replaces a file of the new name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        renameat(&self.fd, from, &self.fd, to)?;
        Ok(fsync(&self.fd)?)
    }

    /// Removes a file or a link.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Returns the names of the folder's entries, without those that are not UTF-8.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            names.extend(entry?.file_name().to_str().map(str::to_owned));
        }
        Ok(names)
    }
}

fn is_own(owner: u32, mode: u32) -> bool {
    owner == geteuid().as_raw() && mode & WRITABLE_BY_OTHERS == 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_files_that_no_other_user_can_have_written_are_opened() {
        let directory = tempfile::tempdir().expect("a folder for the test");
        let path = directory.path().join("a");
        let open = || Folder::in_directory(directory.path(), "a", PRIVATE).unwrap();
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let folder = open();
        let made = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(made(&path), 0o700);
        drop(folder.create("x").unwrap());
        assert_eq!(made(&path.join("x")), 0o600);
        assert!(folder.create("x").is_err(), "the file exists");
        assert!(folder.own_file("x").unwrap().is_some());
        symlink("x", path.join("link")).unwrap();
        assert!(folder.own_file("link").is_err());
        assert!(folder.create("link").is_err());
        std::fs::create_dir(path.join("d")).unwrap();
        assert!(folder.own_file("d").unwrap().is_none());
        for (whose, shut, open_to_others) in [("x", 0o644, 0o664), ("", 0o755, 0o777)] {
            let whose = path.join(whose);
            mode(&whose, open_to_others);
            assert!(open().own_file("x").unwrap().is_none(), "{whose:?}");
            mode(&whose, shut);
            assert!(open().own_file("x").unwrap().is_some(), "{whose:?}");
        }
        symlink("a", directory.path().join("b")).unwrap();
        let error = Folder::in_directory(directory.path(), "b", PRIVATE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotADirectory);
    }
}
