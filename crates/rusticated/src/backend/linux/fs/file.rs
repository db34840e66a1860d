//! An open file.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::metadata::{Metadata, Permissions, of_descriptor};
use super::{HERE, open_at, terminated};
use crate::backend::clock::Timespec;
use crate::backend::driver::Way;
use crate::backend::handle::{Handle, RawHandle};
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::{Buffered, perform, receive, send};
use crate::backend::syscall::{self, syscall};
use crate::fs::{FileTimes, OpenOptions};
use crate::io::{self, SeekFrom};
use crate::path::Path;
use crate::rt::operation::{Payload, result};
use crate::time::SystemTime;

const O_WRONLY: usize = 0o1;
const O_RDWR: usize = 0o2;
const O_CREAT: usize = 0o100;
const O_EXCL: usize = 0o200;
const O_TRUNC: usize = 0o1_000;
const O_APPEND: usize = 0o2_000;
const O_ACCMODE: usize = 0o3;
/// A time that stays as it is.
const UTIME_OMIT: i64 = (1 << 30) - 2;

#[derive(Debug)]
pub(crate) struct File(Handle);

/// Two times: of access, of change.
struct Times(#[allow(dead_code, reason = "the kernel reads it")] [Timespec; 2]);

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
        let flags = flags | options.flags as usize & !O_ACCMODE;
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
        match check(offset) {
            Ok(offset) => receive(&self.0, buf, syscall::PREAD64, offset).await,
            Err(error) => (Err(error), buf),
        }
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, offset: u64) -> Buffered {
        match check(offset) {
            Ok(offset) => send(&self.0, buf, syscall::PWRITE64, offset).await,
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
        syscall::check(unsafe { syscall!(syscall::LSEEK, self.raw(), offset, whence) }).map(|at| at as u64)
    }

    pub(crate) async fn sync_all(&self) -> io::Result<()> {
        self.call(syscall::FSYNC, 0).await
    }

    pub(crate) async fn sync_data(&self) -> io::Result<()> {
        self.call(syscall::FDATASYNC, 0).await
    }

    pub(crate) async fn set_len(&self, length: u64) -> io::Result<()> {
        self.call(syscall::FTRUNCATE, check(length)?).await
    }

    pub(crate) async fn metadata(&self) -> io::Result<Metadata> {
        of_descriptor(self.raw()).await
    }

    pub(crate) async fn set_permissions(&self, permissions: &Permissions) -> io::Result<()> {
        self.call(syscall::FCHMOD, permissions.mode() as usize).await
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
            Call::new(syscall::UTIMENSAT, [descriptor, 0, times.as_ptr() as usize, 0, 0, 0])
        });
        result(outcome.await.0).map(drop)
    }

    /// Makes a call on the descriptor and one number.
    async fn call(&self, number: usize, argument: usize) -> io::Result<()> {
        let call = Call::new(number, [self.raw() as usize, argument, 0, 0, 0, 0]);
        result(perform(Way::Descriptor, (), |_| call).await.0).map(drop)
    }
}

/// An offset or length as the kernel takes it: what is larger would be negative there, and -1 mean the position.
fn check(offset: u64) -> io::Result<usize> {
    let text = "an offset beyond what files can hold";
    i64::try_from(offset)
        .map(|offset| offset as usize)
        .map_err(|_| io::Error::message(io::ErrorKind::InvalidInput, text))
}
