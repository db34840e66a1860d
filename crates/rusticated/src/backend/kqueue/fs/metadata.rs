//! What the system knows of a file: `stat`.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use super::{HERE, terminated};
use crate::backend::kqueue::call::{self, Call};
use crate::backend::kqueue::driver::Way;
use crate::backend::kqueue::operate::perform;
use crate::backend::kqueue::system::{self, AT_SYMLINK_NOFOLLOW, Stat, Timespec};
pub(crate) use crate::backend::mode::{FileType, Permissions};
use crate::io;
use crate::path::Path;
use crate::rt::operation::{Payload, result};
use crate::time::SystemTime;

#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    mode: u32,
    size: u64,
    accessed: Timespec,
    modified: Timespec,
    created: Option<Timespec>,
}

/// A name, and room for the answer.
struct Asking(Vec<u8>, Box<MaybeUninit<Stat>>);

impl Payload for Asking {}

async fn stat(way: Way<'_>, name: Vec<u8>, describe: impl FnOnce(usize, usize) -> Call) -> io::Result<Metadata> {
    let asking = Asking(name, Box::new(MaybeUninit::zeroed()));
    let (outcome, asking) = perform(way, asking, |asking: NonNull<Asking>| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        let asking = unsafe { &mut *asking.as_ptr() };
        describe(asking.0.as_ptr() as usize, asking.1.as_mut_ptr() as usize)
    })
    .await;
    result(outcome)?;
    // SAFETY: a Stat may be all zero, and the system has written one.
    let stat = unsafe { asking.1.assume_init_ref() };
    Ok(Metadata {
        mode: system::mode(stat),
        size: stat.size as u64,
        accessed: stat.accessed,
        modified: stat.modified,
        created: created(stat),
    })
}

/// When it was made; a file system that does not know says -1, or 1970.
#[cfg(not(target_os = "dragonfly"))]
fn created(stat: &Stat) -> Option<Timespec> {
    (stat.created.seconds > 0).then_some(stat.created)
}

/// DragonFly does not keep it.
#[cfg(target_os = "dragonfly")]
fn created(_: &Stat) -> Option<Timespec> {
    None
}

async fn of_path(path: &Path, flags: i32) -> io::Result<Metadata> {
    let name = terminated(path)?;
    stat(Way::Name, name, |name, answer| Call::new(call::fstatat, [HERE, name, answer, flags as usize, 0, 0])).await
}

pub(crate) async fn metadata(path: &Path) -> io::Result<Metadata> {
    of_path(path, 0).await
}

pub(crate) async fn symlink_metadata(path: &Path) -> io::Result<Metadata> {
    of_path(path, AT_SYMLINK_NOFOLLOW).await
}

pub(super) async fn of_descriptor(descriptor: i32) -> io::Result<Metadata> {
    let descriptor = descriptor as usize;
    stat(Way::Descriptor, Vec::new(), |_, answer| Call::new(call::fstat, [descriptor, answer, 0, 0, 0, 0])).await
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

fn time(time: Timespec) -> SystemTime {
    SystemTime::from_parts(time.seconds, time.nanoseconds as u32)
}
