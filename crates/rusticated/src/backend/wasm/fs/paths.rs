//! What is done to what a path names.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;

use super::metadata::{Metadata, Permissions};
use crate::abi::{self, imports};
use crate::backend::wasm::call;
use crate::ffi::OsString;
use crate::fs::SymlinkKind;
use crate::io;
use crate::path::{Path, PathBuf};
use crate::rt::operation::result;

/// The bytes of a path, which the host is lent.
pub(super) fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

pub(crate) async fn metadata(path: &Path) -> io::Result<Metadata> {
    known(path, 1).await
}

pub(crate) async fn symlink_metadata(path: &Path) -> io::Result<Metadata> {
    known(path, 0).await
}

async fn known(path: &Path, follow: u32) -> io::Result<Metadata> {
    let call = call::perform((bytes(path), abi::Metadata::default()), |(path, metadata), overlapped| {
        // SAFETY: `call` keeps the path, the place for the answer and the Overlapped.
        unsafe { imports::path_metadata(path.as_ptr(), path.len(), follow, metadata, overlapped) }
    });
    call.await.map(|(_, metadata)| Metadata(metadata))
}

pub(crate) async fn set_permissions(path: &Path, permissions: &Permissions) -> io::Result<()> {
    let mode = permissions.0;
    let call = call::perform(bytes(path), |path, overlapped| {
        // SAFETY: `call` keeps the path and the Overlapped; so below.
        unsafe { imports::path_set_mode(path.as_ptr(), path.len(), mode, overlapped) }
    });
    call.await.map(drop)
}

pub(crate) async fn create_dir(path: &Path, mode: u32) -> io::Result<()> {
    let call = call::perform(bytes(path), |path, overlapped| {
        // SAFETY: as above.
        unsafe { imports::create_folder(path.as_ptr(), path.len(), mode, overlapped) }
    });
    call.await.map(drop)
}

pub(crate) async fn remove_file(path: &Path) -> io::Result<()> {
    remove(path, 0).await
}

pub(crate) async fn remove_dir(path: &Path) -> io::Result<()> {
    remove(path, 1).await
}

pub(crate) async fn remove_dir_all(path: &Path) -> io::Result<()> {
    remove(path, 2).await
}

async fn remove(path: &Path, what: u32) -> io::Result<()> {
    let call = call::perform(bytes(path), |path, overlapped| {
        // SAFETY: as above.
        unsafe { imports::remove(path.as_ptr(), path.len(), what, overlapped) }
    });
    call.await.map(drop)
}

pub(crate) async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let call = call::perform((bytes(from), bytes(to)), |(from, to), overlapped| {
        // SAFETY: as above, with both paths.
        unsafe { imports::rename(from.as_ptr(), from.len(), to.as_ptr(), to.len(), overlapped) }
    });
    call.await.map(drop)
}

pub(crate) async fn hard_link(original: &Path, path: &Path) -> io::Result<()> {
    link(original, path, 0).await
}

pub(crate) async fn symlink(original: &Path, path: &Path, kind: SymlinkKind) -> io::Result<()> {
    let kind = match kind {
        SymlinkKind::File => 1,
        SymlinkKind::Dir => 2,
    };
    link(original, path, kind).await
}

async fn link(original: &Path, path: &Path, kind: u32) -> io::Result<()> {
    let call = call::perform((bytes(original), bytes(path)), |(original, path), overlapped| {
        // SAFETY: as above, with both paths.
        unsafe { imports::link(original.as_ptr(), original.len(), path.as_ptr(), path.len(), kind, overlapped) }
    });
    call.await.map(drop)
}

pub(crate) async fn read_link(path: &Path) -> io::Result<PathBuf> {
    resolve(path, 0).await
}

pub(crate) async fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    resolve(path, 1).await
}

async fn resolve(path: &Path, what: u32) -> io::Result<PathBuf> {
    let (mut path, mut answer) = (bytes(path), Vec::with_capacity(256));
    loop {
        let call = call::call((path, answer), |(path, answer), overlapped| {
            let (place, capacity) = (answer.as_mut_ptr(), answer.capacity());
            // SAFETY: as above; `call` keeps the place for the answer, too.
            unsafe { imports::resolve(path.as_ptr(), path.len(), what, place, capacity, overlapped) }
        });
        let (outcome, back) = call.await;
        (path, answer) = back;
        let length = result(outcome)? as usize;
        if length <= answer.capacity() {
            call::append(&mut answer, outcome)?;
            return Ok(PathBuf::from(OsString::from_vec(answer)));
        }
        answer.reserve(length);
    }
}
