//! Open files. The kernel keeps no position for overlapped operations: it is kept here.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;
use core::cell::Cell;

use super::metadata::{Metadata, Permissions, set_information};
use crate::backend::windows::api::{
    self, Bool, CREATE_NEW, ERROR_ALREADY_EXISTS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_FLAG_OVERLAPPED, FILE_SHARE_ALL,
    GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE, OPEN_ALWAYS, OPEN_EXISTING, Owned,
};
use crate::backend::windows::handle::{Handle, RawHandle};
use crate::backend::windows::offload::offload;
use crate::backend::windows::{clock, wide};
use crate::fs::{FileTimes, OpenOptions};
use crate::io::{self, SeekFrom};
use crate::path::Path;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetFileSizeEx(file: api::Handle, size: *mut i64) -> Bool;
    fn ReOpenFile(file: api::Handle, access: u32, share: u32, flags: u32) -> api::Handle;
    fn SetFilePointerEx(file: api::Handle, distance: i64, position: *mut i64, from: u32) -> Bool;
    fn FlushFileBuffers(file: api::Handle) -> Bool;
    fn SetFileTime(file: api::Handle, created: *const u64, accessed: *const u64, modified: *const u64) -> Bool;
}

const TRUNCATE_EXISTING: u32 = 5;
/// The information that sets where a file ends.
const FILE_END_OF_FILE_INFO: u32 = 6;
/// The offset that means the end of the file, wherever that is when the kernel writes.
const END: u64 = u64::MAX;

/// An open file, closed when dropped.
#[derive(Debug)]
pub(crate) struct File {
    handle: Handle,
    position: Cell<u64>,
    access: u32,
    append: bool,
}

impl File {
    pub(crate) async fn open(path: &Path, options: &OpenOptions) -> io::Result<Self> {
        let path = wide::path(path)?;
        let (access, disposition) = (access(options), disposition(options));
        let mut flags = options.flags | FILE_FLAG_OVERLAPPED;
        if options.create_new {
            // A link that leads nowhere is something that is there already.
            flags |= FILE_FLAG_OPEN_REPARSE_POINT;
        }
        let cut = options.truncate && disposition == OPEN_ALWAYS;
        let opened = offload(move |_| {
            let file = api::open(&path, access, FILE_SHARE_ALL, disposition, flags)?;
            // CREATE_ALWAYS would refuse hidden files, and take their attributes away.
            if cut && api::last_error() == ERROR_ALREADY_EXISTS {
                set_information(file.raw(), FILE_END_OF_FILE_INFO, &0_i64)?;
            }
            Ok(file)
        });
        let handle = Handle::new(opened.await?);
        Ok(Self { handle, position: Cell::new(0), access, append: options.append })
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.handle.raw()
    }

    /// The file for another program, which knows nothing of overlapped calls and begins at the same position.
    pub(crate) fn into_handle(self) -> Handle {
        const FILE_BEGIN: u32 = 0;
        // SAFETY: opens the same file once more.
        let again = unsafe { ReOpenFile(self.raw(), self.access, FILE_SHARE_ALL, 0) };
        if again == INVALID_HANDLE {
            // What cannot be opened so has no positions: a device.
            return self.handle;
        }
        // SAFETY: it was just opened.
        let again = unsafe { Owned::new(again) };
        // SAFETY: the position fits: see `seek`.
        unsafe { SetFilePointerEx(again.raw(), self.position.get() as i64, core::ptr::null_mut(), FILE_BEGIN) };
        Handle::blocking(again)
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        if !self.handle.is_overlapped() {
            return self.handle.read(buf).await;
        }
        let offset = self.position.get();
        let (result, buf) = self.read_at(buf, offset).await;
        if let Ok(count) = result {
            self.position.set(offset + count as u64);
        }
        (result, buf)
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        if !self.handle.is_overlapped() {
            return self.handle.write(buf).await;
        }
        let offset = if self.append { END } else { self.position.get() };
        let (result, buf) = self.handle.write_at(buf, offset).await;
        if let Ok(count @ 1..) = result {
            // What was appended ends where the file does, unless somebody else appended since.
            let end = if self.append { self.size() } else { Ok(offset + count as u64) };
            self.position.set(end.unwrap_or(0));
        }
        (result, buf)
    }

    pub(crate) async fn read_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        self.handle.read_at(buf, offset).await
    }

    pub(crate) async fn write_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        let offset = if self.append { END } else { offset };
        self.handle.write_at(buf, offset).await
    }

    #[allow(clippy::unused_async, reason = "the platforms have it in common")]
    pub(crate) async fn seek(&self, position: SeekFrom) -> io::Result<u64> {
        const ERROR_NEGATIVE_SEEK: u32 = 131;
        let target = match position {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size()?.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.get().checked_add_signed(offset),
        };
        // The kernel's offsets are signed.
        let target = target.filter(|&target| i64::try_from(target).is_ok());
        let target = target.ok_or_else(|| api::os_error(ERROR_NEGATIVE_SEEK))?;
        self.position.set(target);
        Ok(target)
    }

    fn size(&self) -> io::Result<u64> {
        let mut size = 0;
        // SAFETY: writes to the place.
        api::check(unsafe { GetFileSizeEx(self.raw(), &raw mut size) })?;
        Ok(size as u64)
    }

    pub(crate) async fn sync_all(&self) -> io::Result<()> {
        // A handle of its own: this file may be dropped while nobody waits for the disk any more.
        let file = api::duplicate(self.raw(), false)?;
        offload(move |_| {
            // SAFETY: the handle is open.
            api::check(unsafe { FlushFileBuffers(file.raw()) })
        })
        .await
    }

    pub(crate) async fn sync_data(&self) -> io::Result<()> {
        self.sync_all().await
    }

    pub(crate) async fn set_len(&self, length: u64) -> io::Result<()> {
        let length = i64::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        // Making a file longer may fill it with zeros.
        let file = api::duplicate(self.raw(), false)?;
        offload(move |_| set_information(file.raw(), FILE_END_OF_FILE_INFO, &length)).await
    }

    #[allow(clippy::unused_async, reason = "the platforms have it in common")]
    pub(crate) async fn metadata(&self) -> io::Result<Metadata> {
        Metadata::of(self.raw())
    }

    #[allow(clippy::unused_async, reason = "the platforms have it in common")]
    pub(crate) async fn set_permissions(&self, permissions: &Permissions) -> io::Result<()> {
        permissions.set_on(self.raw())
    }

    #[allow(clippy::unused_async, reason = "the platforms have it in common")]
    pub(crate) async fn set_times(&self, times: &FileTimes) -> io::Result<()> {
        let convert = |time: Option<crate::time::SystemTime>| {
            let Some(time) = time else { return Ok(None) };
            let (seconds, nanoseconds) = time.parts();
            // 0 is no time: it means that nothing is to be changed.
            match clock::to_file_time(seconds, nanoseconds) {
                Some(time) if time != 0 => Ok(Some(time)),
                _ => Err(io::Error::message(io::ErrorKind::InvalidInput, "the file system has no such time")),
            }
        };
        let (accessed, modified) = (convert(times.accessed)?, convert(times.modified)?);
        let place = |time: &Option<u64>| time.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
        // SAFETY: a FILETIME is two halves of a 64-bit number, the lower first; null leaves a time alone.
        api::check(unsafe { SetFileTime(self.raw(), core::ptr::null(), place(&accessed), place(&modified)) })
    }
}

fn access(options: &OpenOptions) -> u32 {
    /// All of writing but overwriting: `FILE_GENERIC_WRITE` without `FILE_WRITE_DATA`.
    const APPEND: u32 = 0x12_0114;
    let read = if options.read { GENERIC_READ } else { 0 };
    let write = match (options.append, options.write) {
        (true, _) => APPEND,
        (_, true) => GENERIC_WRITE,
        _ => 0,
    };
    read | write
}

fn disposition(options: &OpenOptions) -> u32 {
    match (options.create, options.truncate, options.create_new) {
        (_, _, true) => CREATE_NEW,
        (true, _, _) => OPEN_ALWAYS,
        (_, true, _) => TRUNCATE_EXISTING,
        _ => OPEN_EXISTING,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use crate::fs::{File, OpenOptions};
    use crate::io::{AsyncRead, AsyncWrite, SeekFrom};
    use crate::rt::block_on;

    fn options() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        options
    }

    #[test]
    fn the_position_moves_with_what_was_read_and_written_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file").into_os_string().into_string().unwrap();
        block_on(async {
            let mut file = options().open(&path).await.unwrap();
            assert_eq!(file.write(b"0123456789".to_vec()).await.0.unwrap(), 10);
            assert_eq!(file.seek(SeekFrom::Start(2)).await.unwrap(), 2);
            let (count, bytes) = file.read(Vec::with_capacity(3)).await;
            assert_eq!((count.unwrap(), &bytes[..]), (3, &b"234"[..]));
            let (count, bytes) = file.read_at(bytes, 8).await;
            assert_eq!((count.unwrap(), &bytes[..]), (0, &b"234"[..]), "no room, no read");
            assert_eq!(file.read_at(Vec::with_capacity(9), 8).await.1, b"89");
            assert_eq!(file.write_at(b"AB".to_vec(), 0).await.0.unwrap(), 2);
            assert_eq!(file.stream_position().await.unwrap(), 5);
            assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 9);
            assert_eq!(file.read(Vec::with_capacity(9)).await.1, b"9");
            assert_eq!(file.read(Vec::with_capacity(9)).await.0.unwrap(), 0, "the end");
            assert_eq!(file.seek(SeekFrom::Current(-11)).await.unwrap_err().raw_os_error(), Some(131));
            assert_eq!(file.stream_position().await.unwrap(), 10);
        });
        assert_eq!(std::fs::read(path).unwrap(), b"AB23456789");
    }

    #[test]
    fn appended_bytes_go_to_the_end_that_others_have_moved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file").into_os_string().into_string().unwrap();
        block_on(async {
            let mut one = OpenOptions::new().append(true).create(true).open(&path).await.unwrap();
            let mut other = OpenOptions::new().append(true).read(true).open(&path).await.unwrap();
            one.write(b"one".to_vec()).await.0.unwrap();
            other.write(b"other".to_vec()).await.0.unwrap();
            assert_eq!(other.stream_position().await.unwrap(), 8);
            one.write(b"!".to_vec()).await.0.unwrap();
            assert_eq!(other.read(Vec::with_capacity(9)).await.1, b"!");
            other.seek(SeekFrom::Start(3)).await.unwrap();
            other.write(Vec::new()).await.0.unwrap();
            assert_eq!(other.stream_position().await.unwrap(), 3, "nothing was appended");
        });
        assert_eq!(std::fs::read(path).unwrap(), b"oneother!");
    }

    #[test]
    fn a_file_that_is_made_anew_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file").into_os_string().into_string().unwrap();
        std::fs::write(&path, "long before").unwrap();
        block_on(async {
            let mut file = File::create(&path).await.unwrap();
            file.write(b"new".to_vec()).await.0.unwrap();
            let error = options().create_new(true).open(&path).await.unwrap_err();
            assert_eq!(error.kind(), crate::io::ErrorKind::AlreadyExists);
        });
        assert_eq!(std::fs::read(path).unwrap(), b"new");
    }
}
