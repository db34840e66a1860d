//! Removing files and folders.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::folder::Folder;
use super::{HERE, on_name, symlink_metadata, terminate, terminated};
use crate::backend::driver::Way;
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::perform;
use crate::backend::syscall::{self, errno};
use crate::io;
use crate::path::Path;
use crate::rt::operation::result;

const AT_REMOVEDIR: usize = 0x200;

pub(crate) async fn remove_file(path: &Path) -> io::Result<()> {
    unlink(None, terminated(path)?, 0).await
}

pub(crate) async fn remove_dir(path: &Path) -> io::Result<()> {
    unlink(None, terminated(path)?, AT_REMOVEDIR).await
}

/// Removes a name, from a folder if one is given.
async fn unlink(folder: Option<&Folder>, name: Vec<u8>, flags: usize) -> io::Result<()> {
    let Some(folder) = folder else {
        let removed = on_name(name, |name| Call::new(syscall::UNLINKAT, [HERE, name, flags, 0, 0, 0]));
        return removed.await.map(drop);
    };
    let descriptor = folder.handle.raw() as usize;
    let outcome = perform(Way::Descriptor, name, |name: NonNull<Vec<u8>>| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        let name = unsafe { name.as_ref() }.as_ptr() as usize;
        Call::new(syscall::UNLINKAT, [descriptor, name, flags, 0, 0, 0])
    });
    result(outcome.await.0).map(drop)
}

/// Goes through the folders by their descriptors, so that a link that somebody puts in the way leads nowhere. As many
/// folders are open as lie within each other.
pub(crate) async fn remove_dir_all(path: &Path) -> io::Result<()> {
    if symlink_metadata(path).await?.file_type().is_symlink() {
        return remove_file(path).await;
    }
    let name = terminated(path)?;
    let mut open = vec![(Folder::open_own(None, name.clone()).await?, name)];
    while let Some((folder, _)) = open.last_mut() {
        match folder.next().await? {
            Some(entry) => {
                let is_folder = entry.file_type().is_none_or(|kind| kind.is_dir());
                let name = terminate(&entry.name)?;
                let inner =
                    if is_folder { Folder::open_own(Some(folder), name.clone()).await.map(Some) } else { Ok(None) };
                match inner {
                    Ok(Some(inner)) => open.push((inner, name)),
                    Ok(None) => forgive(unlink(Some(folder), name, 0).await)?,
                    // It is none after all: not followed, but removed.
                    Err(error) if matches!(error.raw_os_error(), Some(errno::ENOTDIR | errno::ELOOP)) => {
                        forgive(unlink(Some(folder), name, 0).await)?;
                    }
                    Err(error) => forgive(Err(error))?,
                }
            }
            None => {
                let Some((_, name)) = open.pop() else { break };
                let parent = open.last().map(|(folder, _)| folder);
                let removed = unlink(parent, name, AT_REMOVEDIR).await;
                if parent.is_some() { forgive(removed)? } else { removed? }
            }
        }
    }
    Ok(())
}

/// What somebody else removed meanwhile is gone, too.
fn forgive(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error() == Some(errno::ENOENT) => Ok(()),
        other => other,
    }
}
