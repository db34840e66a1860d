//! Files and folders: what is done by their names. All of it is done by workers.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::ptr::NonNull;

mod file;
mod folder;
mod metadata;
mod remove;

use super::call::{self, Call};
use super::driver::Way;
use super::operate::perform;
use super::system::{self, AT_FDCWD, O_CLOEXEC};
use crate::ffi::OsString;
use crate::fs::SymlinkKind;
use crate::io;
use crate::path::{Path, PathBuf};
use crate::rt::operation::{Outcome, Payload, result};

pub(crate) use file::File;
pub(crate) use folder::{Entry, Folder};
pub(crate) use metadata::{FileType, Metadata, Permissions, metadata, symlink_metadata};
pub(crate) use remove::{remove_dir, remove_dir_all, remove_file};

/// The current folder as a first argument.
const HERE: usize = AT_FDCWD as usize;
/// Room for any path that the system resolves: its PATH_MAX.
const PATH_MAX: usize = 1024;

/// A path as the system takes it.
pub(super) fn terminated(path: &Path) -> io::Result<Vec<u8>> {
    terminate(path.as_os_str().as_bytes())
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

/// Two strings that a call works on: names, or a name and room for an answer.
struct Names(Vec<u8>, Vec<u8>);

impl Payload for Names {}

/// Makes a call on one name.
async fn on_name(name: Vec<u8>, describe: impl FnOnce(usize) -> Call) -> io::Result<u64> {
    let outcome = perform(Way::Name, name, |name: NonNull<Vec<u8>>| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        describe(unsafe { name.as_ref() }.as_ptr() as usize)
    });
    result(outcome.await.0)
}

/// Makes a call on two names.
async fn on_names(first: &Path, second: &Path, function: call::Function) -> io::Result<()> {
    let names = Names(terminated(first)?, terminated(second)?);
    let outcome = perform(Way::Name, names, |names: NonNull<Names>| {
        // SAFETY: as in `on_name`.
        let names = unsafe { names.as_ref() };
        Call::new(function, [names.0.as_ptr() as usize, names.1.as_ptr() as usize, 0, 0, 0, 0])
    });
    result(outcome.await.0).map(drop)
}

/// A path that is to be opened. A descriptor that nobody takes is closed.
struct Opening(Vec<u8>);

impl Payload for Opening {
    fn discard(&mut self, outcome: Outcome) {
        if outcome >= 0 {
            // SAFETY: nobody else knows it.
            unsafe { system::close(outcome as i32) };
        }
    }
}

/// Opens a name below a folder.
async fn open_at(way: Way<'_>, folder: usize, name: Vec<u8>, flags: i32, mode: u32) -> io::Result<i32> {
    let outcome = perform(way, Opening(name), |opening: NonNull<Opening>| {
        // SAFETY: as in `on_name`.
        let name = unsafe { opening.as_ref() }.0.as_ptr() as usize;
        Call::opening(call::openat, [folder, name, (flags | O_CLOEXEC) as usize, mode as usize, 0, 0])
    });
    result(outcome.await.0).map(|descriptor| descriptor as i32)
}

pub(crate) async fn set_permissions(path: &Path, permissions: &Permissions) -> io::Result<()> {
    let mode = permissions.mode() as usize & 0o7777;
    on_name(terminated(path)?, |path| Call::new(call::fchmodat, [HERE, path, mode, 0, 0, 0])).await.map(drop)
}

pub(crate) async fn create_dir(path: &Path, mode: u32) -> io::Result<()> {
    let mode = mode as usize;
    on_name(terminated(path)?, |path| Call::new(call::mkdirat, [HERE, path, mode, 0, 0, 0])).await.map(drop)
}

pub(crate) async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    on_names(from, to, call::rename).await
}

pub(crate) async fn hard_link(original: &Path, link: &Path) -> io::Result<()> {
    on_names(original, link, call::link).await
}

pub(crate) async fn symlink(original: &Path, link: &Path, _kind: SymlinkKind) -> io::Result<()> {
    on_names(original, link, call::symlink).await
}

/// Makes a call on a name that fills the spare capacity of an answer.
async fn ask(names: Names, function: call::Function) -> (Outcome, Names) {
    perform(Way::Name, names, |names: NonNull<Names>| {
        // SAFETY: as in `on_name`.
        let names = unsafe { &mut *names.as_ptr() };
        let spare = names.1.spare_capacity_mut();
        let (place, room) = (spare.as_mut_ptr() as usize, spare.len());
        Call::new(function, [names.0.as_ptr() as usize, place, room, 0, 0, 0])
    })
    .await
}

pub(crate) async fn read_link(path: &Path) -> io::Result<PathBuf> {
    let mut names = Names(terminated(path)?, Vec::with_capacity(256));
    loop {
        let outcome;
        (outcome, names) = ask(names, call::readlink).await;
        let length = result(outcome)? as usize;
        if length < names.1.capacity() {
            // SAFETY: so many bytes were written.
            unsafe { names.1.set_len(length) };
            return Ok(OsString::from_vec(names.1).into());
        }
        // It may have been cut off.
        names.1.reserve(names.1.capacity() * 2);
    }
}

pub(crate) async fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    let mut answer = alloc::vec![0; PATH_MAX];
    answer.clear();
    let (outcome, Names(_, mut answer)) = ask(Names(terminated(path)?, answer), call::realpath).await;
    result(outcome)?;
    // SAFETY: initialised above, and by the system up to a NUL byte.
    unsafe { answer.set_len(PATH_MAX) };
    answer.truncate(answer.iter().position(|&byte| byte == 0).unwrap_or(PATH_MAX));
    Ok(OsString::from_vec(answer).into())
}
