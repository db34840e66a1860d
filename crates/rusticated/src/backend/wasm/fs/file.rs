//! Open files.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;

use super::metadata::{Metadata, Permissions, nanoseconds};
use crate::abi::{self, imports};
use crate::backend::wasm::call;
use crate::backend::wasm::handle::{Handle, RawHandle};
use crate::fs::{FileTimes, OpenOptions};
use crate::io::{self, ErrorKind, SeekFrom};
use crate::path::Path;
use crate::rt::operation::result;

#[derive(Debug)]
pub(crate) struct File(Handle);

impl File {
    pub(crate) async fn open(path: &Path, options: &OpenOptions) -> io::Result<Self> {
        let choices = [
            options.read,
            options.write,
            options.append,
            options.truncate && !options.create_new,
            options.create,
            options.create_new,
        ];
        let how = choices.iter().enumerate().map(|(place, &chosen)| u32::from(chosen) << place).sum();
        let (mode, flags) = (options.mode, options.flags);
        let path = super::paths::bytes(path);
        let opened = call::open(path, |path, overlapped| {
            // SAFETY: `call` keeps the path and the Overlapped.
            unsafe { imports::open(path.as_ptr(), path.len(), how, mode, flags, overlapped) }
        });
        opened.await.map(|(handle, _)| Self(handle))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) fn into_handle(self) -> Handle {
        self.0
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }

    pub(crate) async fn read_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        match place(offset) {
            Ok(offset) => self.0.read_from(buf, offset).await,
            Err(error) => (Err(error), buf),
        }
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        match place(offset) {
            Ok(offset) => self.0.write_to(buf, offset).await,
            Err(error) => (Err(error), buf),
        }
    }

    pub(crate) async fn seek(&self, position: SeekFrom) -> io::Result<u64> {
        let (offset, whence) = match position {
            SeekFrom::Start(offset) => (place(offset)?, 0),
            SeekFrom::Current(offset) => (offset, 1),
            SeekFrom::End(offset) => (offset, 2),
        };
        let call = call::call((), |(), overlapped| {
            // SAFETY: `call` keeps the Overlapped.
            unsafe { imports::seek(self.raw(), offset, whence, overlapped) }
        });
        result(call.await.0)
    }

    pub(crate) async fn sync_all(&self) -> io::Result<()> {
        self.sync(0).await
    }

    pub(crate) async fn sync_data(&self) -> io::Result<()> {
        self.sync(1).await
    }

    async fn sync(&self, data_only: u32) -> io::Result<()> {
        // SAFETY: `call` keeps the Overlapped, here and below.
        call::perform((), |(), overlapped| unsafe { imports::sync(self.raw(), data_only, overlapped) }).await
    }

    pub(crate) async fn set_len(&self, length: u64) -> io::Result<()> {
        place(length)?;
        // SAFETY: as above.
        call::perform((), |(), overlapped| unsafe { imports::set_length(self.raw(), length, overlapped) }).await
    }

    pub(crate) async fn metadata(&self) -> io::Result<Metadata> {
        let call = call::perform(abi::Metadata::default(), |metadata, overlapped| {
            // SAFETY: as above; `call` keeps the place for the answer, too.
            unsafe { imports::metadata(self.raw(), metadata, overlapped) }
        });
        call.await.map(Metadata)
    }

    pub(crate) async fn set_permissions(&self, permissions: &Permissions) -> io::Result<()> {
        let mode = permissions.0;
        // SAFETY: as above.
        call::perform((), |(), overlapped| unsafe { imports::set_mode(self.raw(), mode, overlapped) }).await
    }

    pub(crate) async fn set_times(&self, times: &FileTimes) -> io::Result<()> {
        let (accessed, modified) = (nanoseconds(times.accessed), nanoseconds(times.modified));
        let call = call::perform((), |(), overlapped| {
            // SAFETY: as above.
            unsafe { imports::set_times(self.raw(), accessed, modified, overlapped) }
        });
        call.await
    }
}

/// An offset as the host gets it, where a negative one has a meaning of its own.
fn place(offset: u64) -> io::Result<i64> {
    offset.try_into().map_err(|_| io::Error::message(ErrorKind::InvalidInput, "no file is as large as that"))
}
