//! Folders: making them and listing what they hold.
use alloc::vec::Vec;

use super::{FileType, Metadata, metadata, symlink_metadata};
use crate::backend;
use crate::ffi::OsString;
use crate::io;
use crate::path::{Path, PathBuf};

/// Makes a folder.
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    DirBuilder::new().create(path).await
}

/// Makes a folder and those above it that are missing. One that is there is no error.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path).await
}

/// How a folder is made.
#[derive(Clone, Debug)]
pub struct DirBuilder {
    recursive: bool,
    mode: u32,
}

impl Default for DirBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl DirBuilder {
    /// One folder, which everybody may use whom the process's mask does not bar.
    pub const fn new() -> Self {
        Self { recursive: false, mode: 0o777 }
    }

    /// Whether those above it are made, too, and one that is there is no error.
    pub const fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// The permissions of what is made, before the process's mask; without meaning on Windows.
    pub const fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = mode;
        self
    }

    /// Makes the folder.
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        if !self.recursive {
            return backend::fs::create_dir(path, self.mode).await;
        }
        // Upwards to one that can be made, then down again.
        let mut missing: Vec<&Path> = Vec::new();
        let mut next = Some(path);
        while let Some(folder) = next.filter(|folder| !folder.as_os_str().is_empty()) {
            match backend::fs::create_dir(folder, self.mode).await {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::NotFound && folder.parent().is_some() => {
                    missing.push(folder);
                    next = folder.parent();
                }
                Err(error) => {
                    is_folder_now(folder, error).await?;
                    break;
                }
            }
        }
        for folder in missing.into_iter().rev() {
            if let Err(error) = backend::fs::create_dir(folder, self.mode).await {
                is_folder_now(folder, error).await?;
            }
        }
        Ok(())
    }
}

/// Forgives an error where there is a folder: somebody may have made it meanwhile.
async fn is_folder_now(path: &Path, error: io::Error) -> io::Result<()> {
    match metadata(path).await {
        Ok(there) if there.is_dir() => Ok(()),
        _ => Err(error),
    }
}

/// Lists what a folder holds, in the system's order.
///
/// ```
/// use rusticated::{fs, rt};
///
/// rt::block_on(async {
///     let mut reader = fs::read_dir(".").await?;
///     let mut names = Vec::new();
///     while let Some(entry) = reader.next().await? {
///         names.push(entry.file_name());
///     }
///     assert!(names.iter().any(|name| name == "Cargo.toml"));
///     Ok::<_, rusticated::io::Error>(())
/// }).unwrap();
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<DirReader> {
    let path = path.as_ref();
    let folder = backend::fs::Folder::open(path).await?;
    Ok(DirReader { path: path.to_path_buf(), folder })
}

/// A folder that is being listed.
#[derive(Debug)]
pub struct DirReader {
    path: PathBuf,
    folder: backend::fs::Folder,
}

impl DirReader {
    /// The next entry, or None at the end. `.` and `..` are left out.
    ///
    /// # Errors
    /// [`io::ErrorKind::Other`] after a call that was dropped before its end: the entries that it asked for are lost.
    #[allow(clippy::should_implement_trait, reason = "it is no iterator: each step may wait")]
    pub async fn next(&mut self) -> io::Result<Option<DirEntry>> {
        let entry = self.folder.next().await?;
        Ok(entry.map(|entry| DirEntry { path: self.path.join(entry.file_name()), entry }))
    }
}

/// What a folder holds: a file, a folder, a link.
#[derive(Debug)]
pub struct DirEntry {
    path: PathBuf,
    entry: backend::fs::Entry,
}

impl DirEntry {
    /// The folder's path, as it was given, and the entry's name.
    pub fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The name alone.
    pub fn file_name(&self) -> OsString {
        self.entry.file_name()
    }

    /// What kind of thing it is; a link is not followed. Most systems tell it with the name.
    pub async fn file_type(&self) -> io::Result<FileType> {
        match self.entry.file_type() {
            Some(kind) => Ok(FileType(kind)),
            None => Ok(self.metadata().await?.file_type()),
        }
    }

    /// What is known of it; a link is not followed.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        symlink_metadata(&self.path).await
    }
}
