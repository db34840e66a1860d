//! An open file.
use rusticated::fs as system;
use rusticated::rt::wait;

use super::{FileTimes, Metadata, Permissions};
use crate::io::{Read, Result, Seek, SeekFrom, Write, read_from, write_to};
use crate::path::Path;

/// An open file, closed when dropped.
#[derive(Debug)]
pub struct File(pub(crate) system::File);

impl File {
    /// Opens a file to be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        wait(system::File::open(path.as_ref())).map(Self)
    }

    /// Opens a file to be written, made or cut off.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        wait(system::File::create(path.as_ref())).map(Self)
    }

    /// Makes a file that is not there yet.
    pub fn create_new(path: impl AsRef<Path>) -> Result<Self> {
        wait(system::File::create_new(path.as_ref())).map(Self)
    }

    /// How else to open one.
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Waits until all is on the disk.
    pub fn sync_all(&self) -> Result<()> {
        wait(self.0.sync_all())
    }

    /// Waits until what was written is on the disk.
    pub fn sync_data(&self) -> Result<()> {
        wait(self.0.sync_data())
    }

    /// Cuts it off, or extends it with zeros.
    pub fn set_len(&self, length: u64) -> Result<()> {
        wait(self.0.set_len(length))
    }

    /// What is known of it.
    pub fn metadata(&self) -> Result<Metadata> {
        wait(self.0.metadata())
    }

    /// Sets who may do what.
    pub fn set_permissions(&self, permissions: Permissions) -> Result<()> {
        wait(self.0.set_permissions(permissions))
    }

    /// Sets when it was read and changed.
    pub fn set_times(&self, times: FileTimes) -> Result<()> {
        wait(self.0.set_times(times))
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        read_from(&mut self.0, buffer)
    }
}

impl Write for File {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        write_to(&mut self.0, buffer)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Seek for File {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        wait(self.0.seek(position))
    }
}

/// How a file is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions(pub(crate) system::OpenOptions);

macro_rules! switches {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        pub fn $name(&mut self, $name: bool) -> &mut Self {
            self.0.$name($name);
            self
        }
    )*};
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// For nothing yet.
    pub fn new() -> Self {
        Self(system::OpenOptions::new())
    }

    switches! {
        /// To be read.
        read;
        /// To be written.
        write;
        /// To be written at its end.
        append;
        /// Cut off first.
        truncate;
        /// Made if it is not there.
        create;
        /// Made, and an error if it is there.
        create_new;
    }

    /// Opens a file so.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<File> {
        wait(self.0.open(path.as_ref())).map(File)
    }
}
