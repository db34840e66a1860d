//! A folder that is being listed: `getdents64`.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::metadata::FileType;
use super::{HERE, open_at, path_of, terminated};
use crate::backend::driver::Way;
use crate::backend::handle::Handle;
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::perform;
use crate::backend::syscall;
use crate::ffi::OsString;
use crate::io;
use crate::path::Path;
use crate::rt::operation::result;

const O_DIRECTORY: usize = if cfg!(target_arch = "aarch64") { 0o40_000 } else { 0o200_000 };
const O_NOFOLLOW: usize = if cfg!(target_arch = "aarch64") { 0o100_000 } else { 0o400_000 };
/// Entries that are asked for at once, in bytes.
const BLOCK: usize = 8192;
/// Where an entry's length, kind and name lie in the kernel's `struct linux_dirent64`.
const LENGTH: usize = 16;
const KIND: usize = 18;
const NAME: usize = 19;

#[derive(Debug)]
pub(crate) struct Folder {
    pub(super) handle: Handle,
    block: Vec<u8>,
    /// Where the next entry begins.
    next: usize,
    /// Whether entries are being asked for; if nobody waits for them any more, they are lost.
    asking: bool,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) name: Vec<u8>,
    kind: u8,
}

impl Folder {
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        Self::new(open_at(Way::Name, HERE, terminated(path)?, O_DIRECTORY, 0).await?)
    }

    /// Opens a folder that is no link; below another folder, if one is given.
    pub(super) async fn open_own(parent: Option<&Self>, name: Vec<u8>) -> io::Result<Self> {
        let (way, folder) = match parent {
            Some(parent) => (Way::Descriptor, parent.handle.raw() as usize),
            None => (Way::Name, HERE),
        };
        Self::new(open_at(way, folder, name, O_DIRECTORY | O_NOFOLLOW, 0).await?)
    }

    fn new(descriptor: i32) -> io::Result<Self> {
        // SAFETY: just opened.
        let handle = unsafe { Handle::from_raw(descriptor) };
        Ok(Self { handle, block: Vec::new(), next: 0, asking: false })
    }

    pub(crate) async fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            if self.asking {
                return Err(io::Error::message(io::ErrorKind::Other, "the listing of the folder was given up"));
            }
            if self.next == self.block.len() {
                self.fill().await?;
                if self.block.is_empty() {
                    return Ok(None);
                }
            }
            let entry = &self.block[self.next..];
            let length = usize::from(u16::from_ne_bytes([entry[LENGTH], entry[LENGTH + 1]]));
            let (kind, name) = (entry[KIND], &entry[NAME..length]);
            self.next += length;
            let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
            if name != b"." && name != b".." {
                return Ok(Some(Entry { name: name.to_vec(), kind }));
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        let mut block = core::mem::take(&mut self.block);
        self.next = 0;
        block.clear();
        block.reserve(BLOCK);
        let descriptor = self.handle.raw() as usize;
        self.asking = true;
        let (outcome, mut block) = perform(Way::Descriptor, block, |block: NonNull<Vec<u8>>| {
            // SAFETY: the payload is alive, and nobody touches it before the call.
            let block = unsafe { &mut *block.as_ptr() };
            Call::new(syscall::GETDENTS64, [descriptor, block.as_mut_ptr() as usize, block.capacity(), 0, 0, 0])
        })
        .await;
        self.asking = false;
        let length = result(outcome)? as usize;
        // SAFETY: so many bytes were written.
        unsafe { block.set_len(length) };
        self.block = block;
        Ok(())
    }
}

impl Entry {
    pub(crate) fn file_name(&self) -> OsString {
        path_of(self.name.clone()).into_os_string()
    }

    pub(crate) fn file_type(&self) -> Option<FileType> {
        FileType::listed(self.kind)
    }
}
