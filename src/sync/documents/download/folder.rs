//! Folders of the directory for files, held open. Everything below the directory is reached
//! from the open folder by a plain name, and no link is followed: whoever may write there too
//! can neither lead a file elsewhere nor plant one that counts as downloaded.

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

/// What users other than the owner must not do where files are trusted: write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Which modes folders and files are made with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modes {
    folder: u32,
    file: u32,
}

/// For the user who runs the connector.
pub(crate) const PRIVATE: Modes = Modes {
    folder: 0o700,
    file: 0o600,
};

/// For Airbyte's platform, whose destination reads the files in another container, which may
/// run as another user. The volume that they quota is mounted nowhere else.
pub(crate) const SHARED: Modes = Modes {
    folder: 0o755,
    file: 0o644,
};

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    modes: Modes,
    /// Nobody else could have put a file there: this folder, and the one above it if that is
    /// the connector's too, belong to this user, and no other may write to them.
    is_own: bool,
}

impl Folder {
    /// Opens the folder called `name` in the directory at `root`, and makes both if need be. A
    /// link in the path of the directory itself is its operator's and is followed.
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

    /// Opens a folder in this one, and makes it if need be.
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

    /// Makes a file that is not there yet, to be written and read.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(self.modes.file);
        Ok(openat(&self.fd, name, flags | OFlags::CLOEXEC, mode)?.into())
    }

    /// Opens a file that only this user can have put there; none if it may be another's, is a
    /// link or no regular file. A pipe is opened without waiting for its other end.
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

    /// Gives a file another name in this folder, for good. What had that name is replaced.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        renameat(&self.fd, from, &self.fd, to)?;
        Ok(fsync(&self.fd)?)
    }

    /// Removes a file, or the link of that name.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// The names of all that is in the folder, but for those that are no UTF-8.
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
    fn only_files_that_nobody_else_can_have_put_there_are_opened() {
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
        assert!(folder.create("x").is_err(), "it is there already");
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
