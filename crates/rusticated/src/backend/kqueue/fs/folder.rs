//! A folder that is being listed: `readdir`, by a worker, as many entries at once as fit into a block.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::ffi::{c_int, c_void};
use core::ptr::NonNull;

use super::metadata::FileType;
use super::{HERE, open_at, terminated};
use crate::backend::kqueue::call::{Arguments, Call};
use crate::backend::kqueue::driver::Way;
use crate::backend::kqueue::handle::{Handle, duplicate};
use crate::backend::kqueue::operate::perform;
use crate::backend::kqueue::system::{self, Dirent, O_DIRECTORY, O_NOFOLLOW};
use crate::ffi::OsString;
use crate::io;
use crate::path::Path;
use crate::rt::operation::{Payload, result};

/// Entries that are asked for at once, in bytes: many, and at least one.
const BLOCK: usize = 8192;

#[derive(Debug)]
pub(crate) struct Folder {
    pub(super) handle: Handle,
    /// None while a worker has it, and if the wait for that was given up.
    listing: Option<Listing>,
    /// Where the next entry begins in the block.
    next: usize,
}

/// The libc's listing of a folder, and a block of entries: kind, length of the name (two bytes), name.
#[derive(Debug)]
struct Listing {
    /// Null before the first block.
    stream: *mut c_void,
    block: Vec<u8>,
}

impl Payload for Listing {}

impl Drop for Listing {
    fn drop(&mut self) {
        if !self.stream.is_null() {
            // SAFETY: its own, and no worker has it any more.
            unsafe { system::closedir(self.stream) };
        }
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) name: Vec<u8>,
    kind: u8,
}

impl Folder {
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(open_at(Way::Name, HERE, terminated(path)?, O_DIRECTORY, 0).await?))
    }

    /// Opens a folder that is no link; below another folder, if one is given.
    pub(super) async fn open_own(parent: Option<&Self>, name: Vec<u8>) -> io::Result<Self> {
        let (way, folder) = match parent {
            Some(parent) => (Way::Descriptor, parent.handle.raw() as usize),
            None => (Way::Name, HERE),
        };
        Ok(Self::new(open_at(way, folder, name, O_DIRECTORY | O_NOFOLLOW, 0).await?))
    }

    fn new(descriptor: c_int) -> Self {
        // SAFETY: just opened.
        let handle = unsafe { Handle::from_raw(descriptor) };
        Self { handle, listing: Some(Listing { stream: core::ptr::null_mut(), block: Vec::new() }), next: 0 }
    }

    pub(crate) async fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.listing.as_ref().is_some_and(|listing| self.next == listing.block.len()) {
            self.fill().await?;
        }
        let Some(listing) = &self.listing else {
            return Err(io::Error::message(io::ErrorKind::Other, "the listing of the folder was given up"));
        };
        let Some((&[kind, low, high], rest)) = listing.block[self.next..].split_first_chunk() else { return Ok(None) };
        let length = usize::from(u16::from_ne_bytes([low, high]));
        self.next += 3 + length;
        Ok(Some(Entry { name: rest[..length].to_vec(), kind }))
    }

    async fn fill(&mut self) -> io::Result<()> {
        let Some(mut listing) = self.listing.take() else { return Ok(()) };
        if listing.stream.is_null() {
            let own = duplicate(self.handle.raw(), 0)?;
            // SAFETY: takes the descriptor over, unless it fails.
            listing.stream = unsafe { system::fdopendir(own) };
            if listing.stream.is_null() {
                let number = system::last_error();
                // SAFETY: still ours.
                unsafe { system::close(own) };
                self.listing = Some(listing);
                return Err(io::Error::from_raw_os_error(number));
            }
        }
        self.next = 0;
        listing.block.clear();
        listing.block.reserve(BLOCK);
        let (outcome, mut listing) = perform(Way::Name, listing, |listing: NonNull<Listing>| {
            // SAFETY: the payload is alive, and nobody touches it before the call.
            let listing = unsafe { &mut *listing.as_ptr() };
            let block = listing.block.as_mut_ptr() as usize;
            Call::new(list, [listing.stream as usize, block, BLOCK, 0, 0, 0])
        })
        .await;
        if let Ok(length) = result(outcome) {
            // SAFETY: so many bytes were written.
            unsafe { listing.block.set_len(length as usize) };
        }
        self.listing = Some(listing);
        result(outcome).map(drop)
    }
}

/// Fills a block with entries, and gives its length; 0 is the end.
///
/// # Safety
/// The arguments are a listing that nobody else uses, the block, and its length, which is enough for one entry.
unsafe fn list(arguments: &Arguments) -> isize {
    let [stream, block, room, ..] = *arguments;
    let (stream, block) = (stream as *mut c_void, block as *mut u8);
    let longest = 3 + size_of::<Dirent>();
    let mut length = 0;
    while length + longest <= room {
        system::set_last_error(0);
        // SAFETY: as asked above; what it gives stays until the next call.
        let Some(entry) = (unsafe { system::readdir(stream).as_ref() }) else {
            // What was found before an error is told first.
            return if system::last_error() == 0 || length > 0 { length as isize } else { -1 };
        };
        let name_length = usize::from(entry.name_length);
        let name = (&raw const entry.name).cast::<u8>();
        // SAFETY: the libc says how long the name is; there is room for the longest.
        unsafe {
            let is_dots = *name == b'.' && (name_length == 1 || name_length == 2 && *name.add(1) == b'.');
            if is_dots {
                continue;
            }
            let place = block.add(length);
            place.write(entry.kind);
            place.add(1).cast::<[u8; 2]>().write((name_length as u16).to_ne_bytes());
            place.add(3).copy_from_nonoverlapping(name, name_length);
        }
        length += 3 + name_length;
    }
    length as isize
}

impl Entry {
    pub(crate) fn file_name(&self) -> OsString {
        OsString::from_vec(self.name.clone())
    }

    pub(crate) fn file_type(&self) -> Option<FileType> {
        FileType::listed(self.kind)
    }
}
