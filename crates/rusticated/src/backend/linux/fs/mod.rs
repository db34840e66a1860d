//! Files and folders: what is done by their names.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_char;
use core::ptr::NonNull;

mod file;
mod folder;
mod metadata;
mod remove;

use super::call::{AT_FDCWD, Call};
use super::driver::Way;
use super::operate::perform;
use super::syscall::{self, errno, syscall};
use crate::ffi::OsString;
use crate::fs::SymlinkKind;
use crate::io;
use crate::path::{Path, PathBuf};
use crate::rt::operation::{Outcome, Payload, result};

pub(crate) use file::File;
pub(crate) use folder::{Entry, Folder};
pub(crate) use metadata::{FileType, Metadata, Permissions, metadata, symlink_metadata};
pub(crate) use remove::{remove_dir, remove_dir_all, remove_file};

const O_PATH: usize = 0o10_000_000;
const O_CLOEXEC: usize = 0o2_000_000;
/// The current folder as a first argument.
const HERE: usize = AT_FDCWD as usize;

/// A path as the kernel takes it.
pub(super) fn terminated(path: &Path) -> io::Result<Vec<u8>> {
    terminate(path.as_os_str().as_encoded_bytes())
}

pub(super) fn terminate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    if bytes.contains(&0) {
        let text = "file name contained an unexpected NUL byte";
        return Err(io::Error::message(io::ErrorKind::InvalidInput, text));
    }
    let mut path = Vec::with_capacity(bytes.len() + 1);
    path.extend_from_slice(bytes);
    path.push(0);
    Ok(path)
}

/// The names that a call works on.
struct Names(Vec<u8>, Vec<u8>);

impl Payload for Names {}

/// Makes a call on one name.
async fn on_name(name: Vec<u8>, describe: impl Fn(usize) -> Call) -> io::Result<u64> {
    let outcome = perform(Way::Name, name, |name: NonNull<Vec<u8>>| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        describe(unsafe { name.as_ref() }.as_ptr() as usize)
    });
    result(outcome.await.0)
}

/// Makes a call on two names.
async fn on_names(first: &Path, second: &Path, describe: impl Fn(usize, usize) -> Call) -> io::Result<()> {
    let names = Names(terminated(first)?, terminated(second)?);
    let outcome = perform(Way::Name, names, |names: NonNull<Names>| {
        // SAFETY: as in `on_name`.
        let names = unsafe { names.as_ref() };
        describe(names.0.as_ptr() as usize, names.1.as_ptr() as usize)
    });
    result(outcome.await.0).map(drop)
}

/// A path that is to be opened. A descriptor that nobody takes is closed.
struct Opening(Vec<u8>);

impl Payload for Opening {
    fn discard(&mut self, outcome: Outcome) {
        if outcome >= 0 {
            // SAFETY: nobody else knows it.
            unsafe { syscall!(syscall::CLOSE, outcome) };
        }
    }
}

/// Opens a name below a folder.
async fn open_at(way: Way<'_>, folder: usize, name: Vec<u8>, flags: usize, mode: u32) -> io::Result<i32> {
    let outcome = perform(way, Opening(name), |opening: NonNull<Opening>| {
        // SAFETY: as in `on_name`.
        let name = unsafe { opening.as_ref() }.0.as_ptr() as usize;
        Call::new(syscall::OPENAT, [folder, name, flags | O_CLOEXEC, mode as usize, 0, 0])
    });
    result(outcome.await.0).map(|descriptor| descriptor as i32)
}

pub(crate) async fn set_permissions(path: &Path, permissions: &Permissions) -> io::Result<()> {
    let mode = permissions.mode() as usize;
    on_name(terminated(path)?, |path| Call::new(syscall::FCHMODAT, [HERE, path, mode, 0, 0, 0])).await.map(drop)
}

pub(crate) async fn create_dir(path: &Path, mode: u32) -> io::Result<()> {
    let mode = mode as usize;
    on_name(terminated(path)?, |path| Call::new(syscall::MKDIRAT, [HERE, path, mode, 0, 0, 0])).await.map(drop)
}

pub(crate) async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    on_names(from, to, |from, to| Call::new(syscall::RENAMEAT2, [HERE, from, HERE, to, 0, 0])).await
}

pub(crate) async fn hard_link(original: &Path, link: &Path) -> io::Result<()> {
    on_names(original, link, |original, link| Call::new(syscall::LINKAT, [HERE, original, HERE, link, 0, 0])).await
}

pub(crate) async fn symlink(original: &Path, link: &Path, _kind: SymlinkKind) -> io::Result<()> {
    on_names(original, link, |original, link| Call::new(syscall::SYMLINKAT, [original, HERE, link, 0, 0, 0])).await
}

/// A name, and room for what the link of that name holds.
struct Reading(Vec<u8>, Vec<u8>);

impl Payload for Reading {}

pub(crate) async fn read_link(path: &Path) -> io::Result<PathBuf> {
    let mut reading = Reading(terminated(path)?, Vec::with_capacity(256));
    loop {
        let outcome;
        (outcome, reading) = perform(Way::Name, reading, |reading: NonNull<Reading>| {
            // SAFETY: as in `on_name`.
            let reading = unsafe { &mut *reading.as_ptr() };
            let spare = reading.1.spare_capacity_mut();
            let (place, room) = (spare.as_mut_ptr() as usize, spare.len());
            Call::new(syscall::READLINKAT, [HERE, reading.0.as_ptr() as usize, place, room, 0, 0])
        })
        .await;
        let length = result(outcome)? as usize;
        if length < reading.1.capacity() {
            // SAFETY: so many bytes were written.
            unsafe { reading.1.set_len(length) };
            return Ok(path_of(reading.1));
        }
        // It may have been cut off.
        reading.1.reserve(reading.1.capacity() * 2);
    }
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    // SAFETY: any bytes are a string of this system.
    unsafe { OsString::from_encoded_bytes_unchecked(bytes) }.into()
}

/// Where a link of `/proc` leads, which the kernel knows without asking a disk.
pub(super) fn link_target(path: *const c_char) -> io::Result<PathBuf> {
    let mut bytes = vec![0u8; 256];
    loop {
        // SAFETY: reads the path, and writes into the vector only.
        let length =
            syscall::check(unsafe { syscall!(syscall::READLINKAT, AT_FDCWD, path, bytes.as_mut_ptr(), bytes.len()) })?;
        if length < bytes.len() {
            bytes.truncate(length);
            return Ok(path_of(bytes));
        }
        bytes = vec![0; length * 4];
    }
}

/// Opens what the path names without using it, and asks the kernel what it is called: needs `/proc`.
pub(crate) async fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    let descriptor = open_at(Way::Name, HERE, terminated(path)?, O_PATH, 0).await?;
    let link = alloc::format!("/proc/self/fd/{descriptor}\0");
    let target = link_target(link.as_ptr().cast());
    // SAFETY: opened above.
    unsafe { syscall!(syscall::CLOSE, descriptor) };
    target.map_err(|error| match error.raw_os_error() {
        Some(errno::ENOENT) => io::Error::message(io::ErrorKind::Unsupported, "/proc is not there to ask"),
        _ => error,
    })
}
