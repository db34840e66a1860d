//! Folders.
use rusticated::fs as system;
use rusticated::rt::wait;

use super::{FileType, Metadata};
use crate::ffi::OsString;
use crate::io::Result;
use crate::path::{Path, PathBuf};

/// Lists what a folder holds.
pub fn read_dir(path: impl AsRef<Path>) -> Result<ReadDir> {
    wait(system::read_dir(path.as_ref())).map(ReadDir)
}

/// What a folder holds.
#[derive(Debug)]
pub struct ReadDir(system::DirReader);

impl Iterator for ReadDir {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Result<DirEntry>> {
        wait(self.0.next()).map(|entry| entry.map(DirEntry)).transpose()
    }
}

/// One of the things that a folder holds.
#[derive(Debug)]
pub struct DirEntry(system::DirEntry);

impl DirEntry {
    /// The folder's path and the name.
    pub fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// The name.
    pub fn file_name(&self) -> OsString {
        self.0.file_name()
    }

    /// What kind of thing it is.
    pub fn file_type(&self) -> Result<FileType> {
        wait(self.0.file_type())
    }

    /// What is known of it.
    pub fn metadata(&self) -> Result<Metadata> {
        wait(self.0.metadata())
    }
}

/// How a folder is made.
#[derive(Debug, Default)]
pub struct DirBuilder(system::DirBuilder);

impl DirBuilder {
    /// One folder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether those above it are made, too.
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.0.recursive(recursive);
        self
    }

    /// Makes it.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<()> {
        wait(self.0.create(path.as_ref()))
    }
}
