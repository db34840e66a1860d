//! An open file.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::metadata::{Metadata, Permissions, of_descriptor};
use super::{HERE, open_at, terminated};
use crate::backend::kqueue::call::{self, Call, Function};
use crate::backend::kqueue::driver::Way;
use crate::backend::kqueue::handle::{Handle, RawHandle};
use crate::backend::kqueue::operate::{Buffered, perform, receive, send};
use crate::backend::kqueue::system::{
    self, O_ACCMODE, O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY, Timespec, UTIME_OMIT, check,
};
use crate::fs::{FileTimes, OpenOptions};
use crate::io::{self, SeekFrom};
use crate::path::Path;
use crate::rt::operation::{Payload, result};
use crate::time::SystemTime;

#[derive(Debug)]
pub(crate) struct File(Handle);

/// Two times, of access and of change, which the system reads where they lie.
#[allow(dead_code, reason = "read by the system")]
struct Times([Timespec; 2]);

impl Payload for Times {}

impl File {
    pub(crate) async fn open(path: &Path, options: &OpenOptions) -> io::Result<Self> {
        let access = match (options.read, options.write || options.append) {
            (true, true) => O_RDWR,
            (false, true) => O_WRONLY,
            (_, false) => 0,
        };
        let flags = [
            (options.append, O_APPEND),
            (options.create, O_CREAT),
            (options.create_new, O_CREAT | O_EXCL),
            (options.truncate && !options.create_new, O_TRUNC),
        ];
        let flags = flags.iter().filter(|(wanted, _)| *wanted).fold(access, |all, (_, flag)| all | flag);
        let flags = flags | options.flags as i32 & !O_ACCMODE;
        let descriptor = open_at(Way::Name, HERE, terminated(path)?, flags, options.mode).await?;
        // SAFETY: just opened.
        Ok(Self(unsafe { Handle::from_raw(descriptor) }))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) fn into_handle(self) -> Handle {
        self.0
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> Buffered {
        self.0.read(buf).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> Buffered {
        self.0.write(buf).await
    }

    pub(crate) async fn read_at(&self, buf: Vec<u8>, offset: u64) -> Buffered {
        if buf.len() == buf.capacity() {
            return (Ok(0), buf);
        }
        match place(offset) {
            Ok(offset) => receive(&self.0, buf, call::pread, offset).await,
            Err(error) => (Err(error), buf),
        }
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, offset: u64) -> Buffered {
        match place(offset) {
            Ok(offset) => send(&self.0, buf, call::pwrite, offset).await,
            Err(error) => (Err(error), buf),
        }
    }

    /// Asks no disk, so that it is done at once.
    pub(crate) async fn seek(&self, position: SeekFrom) -> io::Result<u64> {
        let (offset, whence) = match position {
            // What is no offset becomes negative, and is refused.
            SeekFrom::Start(offset) => (offset as i64, 0),
            SeekFrom::Current(offset) => (offset, 1),
            SeekFrom::End(offset) => (offset, 2),
        };
        // SAFETY: moves a position only.
        check(unsafe { system::lseek(self.raw(), offset, whence) }).map(|at| at as u64)
    }

    /// On macOS the disk itself is asked to write out what it keeps, as std does.
    pub(crate) async fn sync_all(&self) -> io::Result<()> {
        self.call(call::sync, 0).await
    }

    pub(crate) async fn sync_data(&self) -> io::Result<()> {
        self.call(call::sync, 0).await
    }

    pub(crate) async fn set_len(&self, length: u64) -> io::Result<()> {
        self.call(call::ftruncate, place(length)?).await
    }

    pub(crate) async fn metadata(&self) -> io::Result<Metadata> {
        of_descriptor(self.raw()).await
    }

    pub(crate) async fn set_permissions(&self, permissions: &Permissions) -> io::Result<()> {
        self.call(call::fchmod, permissions.mode() as usize & 0o7777).await
    }

    pub(crate) async fn set_times(&self, times: &FileTimes) -> io::Result<()> {
        let times = Times([times.accessed, times.modified].map(|time: Option<SystemTime>| match time {
            Some(time) => {
                let (seconds, nanoseconds) = time.parts();
                Timespec { seconds, nanoseconds: nanoseconds.into() }
            }
            None => Timespec { seconds: 0, nanoseconds: UTIME_OMIT },
        }));
        let descriptor = self.raw() as usize;
        let outcome = perform(Way::Descriptor, times, |times: NonNull<Times>| {
            Call::new(call::futimens, [descriptor, times.as_ptr() as usize, 0, 0, 0, 0])
        });
        result(outcome.await.0).map(drop)
    }

    /// Makes a call on the descriptor and one number.
    async fn call(&self, function: Function, argument: usize) -> io::Result<()> {
        let call = Call::new(function, [self.raw() as usize, argument, 0, 0, 0, 0]);
        result(perform(Way::Descriptor, (), |_| call).await.0).map(drop)
    }
}

/// An offset or length as the system takes it: what is larger would be negative there.
fn place(offset: u64) -> io::Result<usize> {
    let text = "an offset beyond what files can hold";
    i64::try_from(offset)
        .map(|offset| offset as usize)
        .map_err(|_| io::Error::message(io::ErrorKind::InvalidInput, text))
}
