//! Paths, as std has them.
pub use rusticated::path::{
    Ancestors, Component, Components, Display, Iter, MAIN_SEPARATOR, MAIN_SEPARATOR_STR, Path, PathBuf, Prefix,
    PrefixComponent, StripPrefixError, is_separator,
};

use crate::fs::{self, Metadata, ReadDir};
use crate::io::{Error, ErrorKind, Result};

/// What std's `Path` asks the system itself. The type is rusticated's, so that these come with the prelude.
pub trait Questions {
    /// What is known of the file; links are followed.
    fn metadata(&self) -> Result<Metadata>;
    /// What is known of the file or link.
    fn symlink_metadata(&self) -> Result<Metadata>;
    /// The absolute path without links and dots.
    fn canonicalize(&self) -> Result<PathBuf>;
    /// What the link leads to.
    fn read_link(&self) -> Result<PathBuf>;
    /// What the folder holds.
    fn read_dir(&self) -> Result<ReadDir>;
    /// Whether there is something of that name, and it can be asked.
    fn exists(&self) -> bool;
    /// Whether there is something of that name.
    fn try_exists(&self) -> Result<bool>;
    /// Whether it is a file.
    fn is_file(&self) -> bool;
    /// Whether it is a folder.
    fn is_dir(&self) -> bool;
    /// Whether it is a link.
    fn is_symlink(&self) -> bool;
}

impl Questions for Path {
    fn metadata(&self) -> Result<Metadata> {
        fs::metadata(self)
    }
    fn symlink_metadata(&self) -> Result<Metadata> {
        fs::symlink_metadata(self)
    }
    fn canonicalize(&self) -> Result<PathBuf> {
        fs::canonicalize(self)
    }
    fn read_link(&self) -> Result<PathBuf> {
        fs::read_link(self)
    }
    fn read_dir(&self) -> Result<ReadDir> {
        fs::read_dir(self)
    }
    fn exists(&self) -> bool {
        fs::metadata(self).is_ok()
    }
    fn try_exists(&self) -> Result<bool> {
        fs::exists(self)
    }
    fn is_file(&self) -> bool {
        fs::metadata(self).is_ok_and(|known| known.is_file())
    }
    fn is_dir(&self) -> bool {
        fs::metadata(self).is_ok_and(|known| known.is_dir())
    }
    fn is_symlink(&self) -> bool {
        fs::symlink_metadata(self).is_ok_and(|known| known.is_symlink())
    }
}

/// The path from a root, without asking for links: the current folder is put before a relative one.
///
/// # Errors
/// When it is empty, or the current folder is gone.
pub fn absolute(path: impl AsRef<Path>) -> Result<PathBuf> {
    let path = path.as_ref();
    if path.as_os_str().is_empty() {
        return Err(Error::message(ErrorKind::InvalidInput, "cannot make an empty path absolute"));
    }
    let mut whole = if path.is_absolute() { PathBuf::new() } else { crate::env::current_dir()? };
    whole.extend(path.components().filter(|part| *part != Component::CurDir).map(Component::as_os_str));
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        whole.push("");
    }
    Ok(whole)
}
