//! What the kernel knows of a file: `statx`.
#![allow(unsafe_code, reason = "system calls")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::{HERE, terminated};
use crate::backend::driver::Way;
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::perform;
pub(crate) use crate::backend::mode::{FileType, Permissions};
use crate::backend::syscall;
use crate::io;
use crate::path::Path;
use crate::rt::operation::{Payload, result};
use crate::time::SystemTime;

const AT_SYMLINK_NOFOLLOW: usize = 0x100;
const AT_EMPTY_PATH: usize = 0x1000;
const BASIC_STATS: usize = 0x7ff;
const BTIME: u32 = 0x800;

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
        FileType::of_mode(self.mode)
    }

    pub(crate) fn permissions(&self) -> Permissions {
        Permissions::from_mode(self.mode)
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
