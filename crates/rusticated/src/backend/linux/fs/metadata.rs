//! What the kernel knows of a file: `statx`.
#![allow(unsafe_code, reason = "system calls")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::{HERE, terminated};
use crate::backend::driver::Way;
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::perform;
use crate::backend::syscall;
use crate::io;
use crate::path::Path;
use crate::rt::operation::{Payload, result};
use crate::time::SystemTime;

const AT_SYMLINK_NOFOLLOW: usize = 0x100;
const AT_EMPTY_PATH: usize = 0x1000;
const BASIC_STATS: usize = 0x7ff;
const BTIME: u32 = 0x800;
const S_IFMT: u32 = 0o170_000;
const S_IFDIR: u32 = 0o040_000;
const S_IFREG: u32 = 0o100_000;
const S_IFLNK: u32 = 0o120_000;

/// The kernel's `struct statx_timestamp`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
    reserved: i32,
}

/// The kernel's `struct statx`.
#[derive(Clone, Debug, Default)]
#[repr(C)]
struct Statx {
    mask: u32,
    block_size: u32,
    attributes: u64,
    links: u32,
    user: u32,
    group: u32,
    mode: u16,
    spare: u16,
    inode: u64,
    size: u64,
    blocks: u64,
    attributes_mask: u64,
    accessed: Timestamp,
    created: Timestamp,
    changed: Timestamp,
    modified: Timestamp,
    rest: [u64; 16],
}

#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    mode: u32,
    size: u64,
    accessed: Timestamp,
    modified: Timestamp,
    created: Option<Timestamp>,
}

/// A name, and room for the answer.
struct Asking(Vec<u8>, Box<Statx>);

impl Payload for Asking {}

async fn statx(way: Way<'_>, folder: usize, name: Vec<u8>, flags: usize) -> io::Result<Metadata> {
    let (outcome, asking) = perform(way, Asking(name, Box::default()), |asking: NonNull<Asking>| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        let asking = unsafe { &mut *asking.as_ptr() };
        let (name, answer) = (asking.0.as_ptr() as usize, &raw mut *asking.1 as usize);
        Call::new(syscall::STATX, [folder, name, flags, BASIC_STATS | BTIME as usize, answer, 0])
    })
    .await;
    result(outcome)?;
    let answer = asking.1;
    Ok(Metadata {
        mode: answer.mode.into(),
        size: answer.size,
        accessed: answer.accessed,
        modified: answer.modified,
        created: (answer.mask & BTIME != 0).then_some(answer.created),
    })
}

pub(crate) async fn metadata(path: &Path) -> io::Result<Metadata> {
    statx(Way::Name, HERE, terminated(path)?, 0).await
}

pub(crate) async fn symlink_metadata(path: &Path) -> io::Result<Metadata> {
    statx(Way::Name, HERE, terminated(path)?, AT_SYMLINK_NOFOLLOW).await
}

pub(super) async fn of_descriptor(descriptor: i32) -> io::Result<Metadata> {
    statx(Way::Descriptor, descriptor as usize, [0].into(), AT_EMPTY_PATH).await
}

impl Metadata {
    pub(crate) fn len(&self) -> u64 {
        self.size
    }

    pub(crate) fn file_type(&self) -> FileType {
        FileType(self.mode & S_IFMT)
    }

    pub(crate) fn permissions(&self) -> Permissions {
        Permissions(self.mode)
    }

    pub(crate) fn modified(&self) -> io::Result<SystemTime> {
        Ok(time(self.modified))
    }

    pub(crate) fn accessed(&self) -> io::Result<SystemTime> {
        Ok(time(self.accessed))
    }

    pub(crate) fn created(&self) -> io::Result<SystemTime> {
        let text = "creation time is not available for the filesystem";
        self.created.map(time).ok_or(io::Error::message(io::ErrorKind::Unsupported, text))
    }
}

fn time(time: Timestamp) -> SystemTime {
    SystemTime::from_parts(time.seconds, time.nanoseconds)
}

/// The bits of a mode that tell the kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileType(u32);

impl FileType {
    /// By the kind that a folder's listing tells; None where it does not.
    pub(super) fn listed(kind: u8) -> Option<Self> {
        (kind != 0).then_some(Self(u32::from(kind) << 12))
    }

    pub(crate) fn is_file(&self) -> bool {
        self.0 == S_IFREG
    }

    pub(crate) fn is_dir(&self) -> bool {
        self.0 == S_IFDIR
    }

    pub(crate) fn is_symlink(&self) -> bool {
        self.0 == S_IFLNK
    }
}

/// A mode, with the kind of file as std has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permissions(u32);

impl Permissions {
    pub(crate) fn from_mode(mode: u32) -> Self {
        Self(mode)
    }

    pub(crate) fn mode(&self) -> u32 {
        self.0
    }

    pub(crate) fn readonly(&self) -> bool {
        self.0 & 0o222 == 0
    }

    pub(crate) fn set_readonly(&mut self, readonly: bool) {
        if readonly {
            self.0 &= !0o222;
        } else {
            self.0 |= 0o222;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_size_and_the_fields_of_the_kernels() {
        assert_eq!(size_of::<Statx>(), 256);
        assert_eq!(core::mem::offset_of!(Statx, mode), 28);
        assert_eq!(core::mem::offset_of!(Statx, size), 40);
        assert_eq!(core::mem::offset_of!(Statx, accessed), 64);
    }
}
