//! Files and folders, with std's names; what asks the disk is asynchronous.
mod file;
mod folder;
mod metadata;
mod options;
mod remove;
mod whole;

use crate::backend;
use crate::io;
use crate::path::{Path, PathBuf};

pub use file::File;
pub use folder::{DirBuilder, DirEntry, DirReader, create_dir, create_dir_all, read_dir};
pub use metadata::{FileTimes, FileType, Metadata, Permissions};
pub use options::OpenOptions;
pub use remove::{remove_dir, remove_dir_all, remove_file};
pub use whole::{copy, read, read_to_string, write};

/// What is at a path; a link is followed.
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    backend::fs::metadata(path.as_ref()).await.map(Metadata)
}

/// What is at a path, a link itself if it is one.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    backend::fs::symlink_metadata(path.as_ref()).await.map(Metadata)
}

/// Whether there is something at a path. A link that leads nowhere counts as nothing.
///
/// # Errors
/// Where the system does not tell: a folder on the way may not be searched, say.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    match metadata(path).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sets who may do what.
pub async fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> io::Result<()> {
    backend::fs::set_permissions(path.as_ref(), &permissions.0).await
}

/// Gives a file or folder another name, in place of what has that name.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    backend::fs::rename(from.as_ref(), to.as_ref()).await
}

/// Gives a file a second name.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    backend::fs::hard_link(original.as_ref(), link.as_ref()).await
}

/// What a link is to lead to: Windows wants to know, the others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymlinkKind {
    /// A file.
    File,
    /// A folder.
    Dir,
}

/// Makes a symbolic link. Windows allows it to administrators and in developer mode.
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>, kind: SymlinkKind) -> io::Result<()> {
    backend::fs::symlink(original.as_ref(), link.as_ref(), kind).await
}

/// Where a symbolic link leads.
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    backend::fs::read_link(path.as_ref()).await
}

/// The absolute path without any link, `.` or `..` in it. What it names must exist.
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    backend::fs::canonicalize(path.as_ref()).await
}
