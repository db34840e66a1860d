//! Files and folders, as std has them.
mod file;
mod folder;

use rusticated::fs as system;
use rusticated::rt::wait;

pub use file::{File, OpenOptions};
pub use folder::{DirBuilder, DirEntry, ReadDir, read_dir};
pub use rusticated::fs::{FileTimes, FileType, Metadata, Permissions};

use crate::io::{ErrorKind, Result};
use crate::path::{Path, PathBuf};
use crate::string::String;
use crate::vec::Vec;

/// std's functions of paths, each of which waits for rusticated's of the same name.
macro_rules! functions {
    ($($(#[$about:meta])* $name:ident($($path:ident),*) -> $result:ty;)*) => {$(
        $(#[$about])*
        pub fn $name($($path: impl AsRef<Path>),*) -> Result<$result> {
            wait(system::$name($($path.as_ref()),*))
        }
    )*};
}

functions! {
    /// Reads a whole file.
    read(path) -> Vec<u8>;
    /// Reads a whole file that is text.
    read_to_string(path) -> String;
    /// Copies a file with its permissions.
    copy(from, to) -> u64;
    /// What is known of a file; links are followed.
    metadata(path) -> Metadata;
    /// What is known of a file or link.
    symlink_metadata(path) -> Metadata;
    /// Gives a file another name, in the place of one that has it.
    rename(from, to) -> ();
    /// Makes a second name for a file.
    hard_link(original, link) -> ();
    /// What a link leads to.
    read_link(path) -> PathBuf;
    /// The absolute path without links and dots.
    canonicalize(path) -> PathBuf;
    /// Makes a folder.
    create_dir(path) -> ();
    /// Makes a folder and those above it.
    create_dir_all(path) -> ();
    /// Removes an empty folder.
    remove_dir(path) -> ();
    /// Removes a folder with all that it holds.
    remove_dir_all(path) -> ();
    /// Removes a file or link.
    remove_file(path) -> ();
}

/// Writes a whole file.
pub fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> Result<()> {
    wait(system::write(path, contents))
}

/// Sets who may do what.
pub fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> Result<()> {
    wait(system::set_permissions(path, permissions))
}

/// Whether there is something of that name.
pub fn exists(path: impl AsRef<Path>) -> Result<bool> {
    match metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
