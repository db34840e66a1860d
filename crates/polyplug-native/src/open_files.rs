//! Which files this process has open as libraries: the system would open each but once.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

/// glibc and others take a library for one that they have if its path is the same, or if its file is.
#[derive(Default)]
struct Open {
    paths: HashSet<PathBuf>,
    files: HashSet<FileNumber>,
}

/// Device and number of a file, where the system tells.
type FileNumber = (u64, u64);

static OPEN: LazyLock<Mutex<Open>> = LazyLock::new(Mutex::default);

/// A file that is open as a library, about to be, or about to be no longer.
#[derive(Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    file: Option<FileNumber>,
}

impl OpenFile {
    /// Notes that `path` is being opened; `None` if it is open already.
    pub(crate) fn first(path: &Path) -> io::Result<Option<Self>> {
        let file = number(path)?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if open.paths.contains(path) || file.is_some_and(|file| open.files.contains(&file)) {
            return Ok(None);
        }
        open.paths.insert(path.to_owned());
        open.files.extend(file);
        Ok(Some(Self { path: path.to_owned(), file }))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.paths.remove(&self.path);
        if let Some(file) = self.file {
            open.files.remove(&file);
        }
    }
}

#[cfg(unix)]
fn number(path: &Path) -> io::Result<Option<FileNumber>> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path)?;
    Ok(Some((metadata.dev(), metadata.ino())))
}

#[cfg(not(unix))]
fn number(path: &Path) -> io::Result<Option<FileNumber>> {
    std::fs::metadata(path).map(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_first_once_until_it_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library");
        std::fs::write(&path, "").unwrap();
        let first = OpenFile::first(&path).unwrap();
        assert!(first.is_some());
        assert!(OpenFile::first(&path).unwrap().is_none());
        drop(first);
        assert!(OpenFile::first(&path).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn another_name_of_an_open_file_and_another_file_of_an_open_name_are_not_first() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("library"), folder.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        let _first = OpenFile::first(&path).unwrap().unwrap();
        std::fs::hard_link(&path, &link).unwrap();
        assert!(OpenFile::first(&link).unwrap().is_none());
        let fresh = folder.path().join("fresh");
        std::fs::write(&fresh, "new").unwrap();
        std::fs::rename(&fresh, &path).unwrap();
        assert!(OpenFile::first(&path).unwrap().is_none());
    }
}
