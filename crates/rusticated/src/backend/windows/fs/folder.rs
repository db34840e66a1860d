//! What folders hold.
#![allow(unsafe_code, reason = "reads what the system lists")]
use alloc::vec;
use alloc::vec::Vec;

use super::metadata::FileType;
use crate::backend::windows::api::{
    self, Bool, ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_FILES, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_SHARE_ALL, Handle, OPEN_EXISTING, Owned,
};
use crate::backend::windows::offload::offload;
use crate::backend::windows::wide;
use crate::ffi::OsString;
use crate::io;
use crate::path::Path;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    pub(super) fn GetFileInformationByHandleEx(file: Handle, class: u32, information: *mut u64, length: u32) -> Bool;
}

pub(super) const FILE_LIST_DIRECTORY: u32 = 1;
/// Eight bytes each, as the listing wants to be aligned.
const BUFFER: usize = 1024;

/// A part of a listing, as the system writes it.
pub(super) struct Listing(Vec<u64>);

/// An entry of a listing.
pub(super) struct Listed<'a> {
    pub(super) name: &'a [u16],
    pub(super) attributes: u32,
    reparse_tag: u32,
}

impl Listed<'_> {
    pub(super) fn is_folder(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_DIRECTORY != 0
    }
}

impl Listing {
    pub(super) fn new() -> Self {
        Self(vec![0; BUFFER])
    }

    /// Lists what comes next, or what comes first; false at the end.
    pub(super) fn fill(&mut self, folder: Handle, from_start: bool) -> io::Result<bool> {
        const FILE_ID_BOTH_DIRECTORY_INFO: u32 = 10;
        const FILE_ID_BOTH_DIRECTORY_RESTART_INFO: u32 = 11;
        let class = if from_start { FILE_ID_BOTH_DIRECTORY_RESTART_INFO } else { FILE_ID_BOTH_DIRECTORY_INFO };
        let length = size_of_val(&*self.0) as u32;
        // SAFETY: the buffer has the length that is told.
        if unsafe { GetFileInformationByHandleEx(folder, class, self.0.as_mut_ptr(), length) } != 0 {
            return Ok(true);
        }
        match api::last_error() {
            // A volume's root that is empty has not even the two entries for itself and what is above.
            ERROR_NO_MORE_FILES | ERROR_FILE_NOT_FOUND => Ok(false),
            code => Err(api::os_error(code)),
        }
    }

    /// The entries, without `.` and `..`.
    pub(super) fn entries(&self) -> impl Iterator<Item = Listed<'_>> {
        // Where the fields of FILE_ID_BOTH_DIR_INFO lie.
        const NEXT: usize = 0;
        const ATTRIBUTES: usize = 56;
        const NAME_LENGTH: usize = 60;
        /// For what has a reparse point, its tag.
        const EA_SIZE: usize = 64;
        const NAME: usize = 104;
        let dot = u16::from(b'.');
        // SAFETY: numbers are bytes, and half as large ones.
        let units = unsafe { core::slice::from_raw_parts(self.0.as_ptr().cast::<u16>(), self.0.len() * 4) };
        let number = move |at: usize| u32::from(units[at / 2]) | u32::from(units[at / 2 + 1]) << 16;
        let mut next = Some(0);
        core::iter::from_fn(move || {
            let at = next?;
            let step = number(at + NEXT) as usize;
            // File systems have been seen that do not align entries to eight bytes; to two they all do.
            next = (step != 0).then_some(at + (step & !1));
            let name = &units[(at + NAME) / 2..][..number(at + NAME_LENGTH) as usize / 2];
            Some(Listed { name, attributes: number(at + ATTRIBUTES), reparse_tag: number(at + EA_SIZE) })
        })
        .filter(move |entry| entry.name != [dot] && entry.name != [dot, dot])
    }
}

/// A folder that is being listed.
#[derive(Debug)]
pub(crate) struct Folder {
    rest: Rest,
    /// Listed and not asked for yet, the next one last.
    entries: Vec<Entry>,
}

/// What has not been listed yet.
#[derive(Debug)]
enum Rest {
    Open(Owned),
    /// A thread of the pool lists a part, or the wait for that was given up.
    Lent,
    /// Nothing: all was listed, or that has failed.
    End,
}

/// What a folder holds.
#[derive(Debug)]
pub(crate) struct Entry {
    name: OsString,
    kind: Option<FileType>,
}

impl Folder {
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        let path = wide::path(path)?;
        let opened = offload(move |_| {
            let access = FILE_LIST_DIRECTORY | api::SYNCHRONIZE;
            let folder = api::open(&path, access, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS)?;
            // What is no folder is told now, and not with the first entry.
            list(folder, true)
        });
        let (rest, entries) = opened.await?;
        Ok(Self { rest, entries })
    }

    pub(crate) async fn next(&mut self) -> io::Result<Option<Entry>> {
        while self.entries.is_empty() {
            let handle = match core::mem::replace(&mut self.rest, Rest::Lent) {
                Rest::Open(handle) => handle,
                Rest::Lent => {
                    return Err(io::Error::message(io::ErrorKind::Other, "the listing of the folder was given up"));
                }
                Rest::End => {
                    self.rest = Rest::End;
                    return Ok(None);
                }
            };
            let listed = offload(move |_| list(handle, false)).await;
            self.rest = Rest::End;
            (self.rest, self.entries) = listed?;
        }
        Ok(self.entries.pop())
    }
}

/// Lists a part of a folder, in backward order; gives the handle back if there may be more.
fn list(folder: Owned, from_start: bool) -> io::Result<(Rest, Vec<Entry>)> {
    let mut listing = Listing::new();
    if !listing.fill(folder.raw(), from_start)? {
        return Ok((Rest::End, Vec::new()));
    }
    let entry = |listed: Listed<'_>| Entry {
        name: OsString::from_wide(listed.name),
        // Not every file system tells the tag.
        kind: (listed.attributes & FILE_ATTRIBUTE_REPARSE_POINT == 0 || listed.reparse_tag != 0)
            .then(|| FileType::new(listed.attributes, listed.reparse_tag)),
    };
    let mut entries: Vec<Entry> = listing.entries().map(entry).collect();
    entries.reverse();
    Ok((Rest::Open(folder), entries))
}

impl Entry {
    pub(crate) fn file_name(&self) -> OsString {
        self.name.clone()
    }

    pub(crate) fn file_type(&self) -> Option<FileType> {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::block_on;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    #[test]
    fn a_listing_that_was_given_up_does_not_look_like_one_that_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        // More than one part.
        for nth in 0..200 {
            std::fs::write(folder.path().join(std::format!("file number {nth}")), b"").unwrap();
        }
        let path = crate::path::PathBuf::from(folder.path().to_str().unwrap());
        let mut folder = block_on(Folder::open(&path)).unwrap();
        let mut listed = 0;
        while let Poll::Ready(entry) = pin!(folder.next()).poll(&mut Context::from_waker(Waker::noop())) {
            assert!(entry.unwrap().is_some());
            listed += 1;
        }
        assert!(listed > 0);
        for _ in 0..2 {
            assert!(block_on(folder.next()).is_err());
        }
    }

    #[test]
    fn the_end_of_a_listing_is_told_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = crate::path::PathBuf::from(folder.path().to_str().unwrap());
        let mut folder = block_on(Folder::open(&path)).unwrap();
        for _ in 0..3 {
            assert!(block_on(folder.next()).unwrap().is_none());
        }
    }
}
