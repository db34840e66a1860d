//! Removing files and folders.
use crate::backend;
use crate::io;
use crate::path::Path;

/// Removes a file, or a link.
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    backend::fs::remove_file(path.as_ref()).await
}

/// Removes an empty folder.
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    backend::fs::remove_dir(path.as_ref()).await
}

/// Removes a folder with all that it holds. Links are removed, not followed, also where somebody swaps a folder for
/// a link meanwhile. A path that is itself a link is removed and nothing else.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    backend::fs::remove_dir_all(path.as_ref()).await
}
