//! An open file.
use alloc::vec::Vec;

use super::{FileTimes, Metadata, OpenOptions, Permissions};
use crate::backend;
use crate::io::{self, AsyncRead, AsyncWrite, SeekFrom};
use crate::path::Path;

/// An open file, closed when dropped.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
///
/// ```
/// use rusticated::fs::File;
/// use rusticated::io::{AsyncRead, AsyncWrite, SeekFrom};
/// use rusticated::rt;
///
/// rt::block_on(async {
///     let mut file = File::options().read(true).write(true).create(true).truncate(true).open("letters").await?;
///     file.write(b"abc".to_vec()).await.0?;
///     file.seek(SeekFrom::End(-1)).await?;
///     let (count, bytes) = file.read(Vec::with_capacity(8)).await;
///     assert_eq!((count?, bytes), (1, b"c".to_vec()));
///     rusticated::fs::remove_file("letters").await
/// }).unwrap();
/// ```
#[derive(Debug)]
pub struct File(pub(crate) backend::fs::File);

impl File {
    /// Opens a file to be read.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::options().read(true).open(path).await
    }

    /// Opens a file to be written, made or cut off.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::options().write(true).create(true).truncate(true).open(path).await
    }

    /// Makes a file that is not there yet, to be read and written.
    pub async fn create_new(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::options().read(true).write(true).create_new(true).open(path).await
    }

    /// How else to open one.
    pub const fn options() -> OpenOptions {
        OpenOptions::new()
    }

    pub(super) async fn open_with(path: &Path, options: &OpenOptions) -> io::Result<Self> {
        backend::fs::File::open(path, options).await.map(Self)
    }

    /// Reads at a place, as [`AsyncRead::read`] does, and leaves the position alone.
    pub async fn read_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        self.0.read_at(buf, offset).await
    }

    /// Writes at a place, as [`AsyncWrite::write`] does, and leaves the position alone.
    pub async fn write_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        self.0.write_at(buf, offset).await
    }

    /// Sets where the next read or write begins, and says where that is.
    pub async fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position).await
    }

    /// Where the next read or write begins.
    pub async fn stream_position(&mut self) -> io::Result<u64> {
        self.0.seek(SeekFrom::Current(0)).await
    }

    /// Waits until what was written, and what is known of the file, is on the disk.
    pub async fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all().await
    }

    /// Waits until what was written is on the disk.
    pub async fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data().await
    }

    /// Cuts the file off, or extends it with zeros.
    pub async fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length).await
    }

    /// What is known of it.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata().await.map(Metadata)
    }

    /// Sets who may do what.
    pub async fn set_permissions(&self, permissions: Permissions) -> io::Result<()> {
        self.0.set_permissions(&permissions.0).await
    }

    /// Sets when it was read and changed.
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        self.0.set_times(&times).await
    }
}

impl AsyncRead for File {
    async fn read(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }
}

impl AsyncWrite for File {
    async fn write(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}
