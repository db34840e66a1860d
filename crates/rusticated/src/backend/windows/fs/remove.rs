//! Removing a folder with all that it holds. Each entry is opened by its name in the open folder above it, so that
//! no path is followed that somebody may change meanwhile; links are opened and removed themselves.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec;

use super::folder::{FILE_LIST_DIRECTORY, Listing};
use super::metadata::{Metadata, set_information};
use crate::backend::windows::api::{
    self, DELETE, ERROR_DIR_NOT_EMPTY, ERROR_DIRECTORY, ERROR_FILE_NOT_FOUND, ERROR_INVALID_PARAMETER,
    ERROR_PATH_NOT_FOUND, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    FILE_SHARE_ALL, FILE_WRITE_ATTRIBUTES, Handle, OPEN_EXISTING, Owned, SYNCHRONIZE, SwitchToThread,
};
use crate::backend::windows::offload::{Token, offload};
use crate::backend::windows::wide;
use crate::io;
use crate::path::Path;

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtOpenFile(
        file: *mut Handle,
        access: u32,
        object: *const Object,
        status: *mut [usize; 2],
        share: u32,
        options: u32,
    ) -> u32;
    safe fn RtlNtStatusToDosError(status: u32) -> u32;
}

/// `UNICODE_STRING`; lengths are in bytes.
#[repr(C)]
struct Name {
    length: u16,
    capacity: u16,
    units: *const u16,
}

/// `OBJECT_ATTRIBUTES`.
#[repr(C)]
struct Object {
    length: u32,
    root: Handle,
    name: *const Name,
    attributes: u32,
    descriptor: usize,
    quality: usize,
}

/// Others may hold a file for a moment: virus scanners, indexers.
const ATTEMPTS: usize = 50;
const ERROR_SHARING_VIOLATION: u32 = 32;
const ERROR_DELETE_PENDING: u32 = 303;

pub(crate) async fn remove_dir_all(path: &Path) -> io::Result<()> {
    let path = wide::path(path)?;
    offload(move |token| {
        let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
        let access = FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | SYNCHRONIZE | DELETE;
        let folder = api::open(&path, access, FILE_SHARE_ALL, OPEN_EXISTING, flags)?;
        let kind = Metadata::of(folder.raw())?.file_type();
        if kind.is_symlink() {
            return delete(&folder, false);
        }
        if !kind.is_dir() {
            return Err(api::os_error(ERROR_DIRECTORY));
        }
        remove(token, folder)
    })
    .await
}

fn remove(token: &Token, folder: Owned) -> io::Result<()> {
    let mut listing = Listing::new();
    let mut above = vec![folder];
    let mut from_start = true;
    'folder: while let Some(folder) = above.pop() {
        while listing.fill(folder.raw(), from_start)? {
            from_start = false;
            for entry in listing.entries() {
                if token.is_cancelled() {
                    return Err(api::os_error(api::ERROR_OPERATION_ABORTED));
                }
                if entry.is_folder() {
                    let access = FILE_LIST_DIRECTORY | SYNCHRONIZE | DELETE;
                    if let Some(inner) = open_in(&folder, entry.name, access)? {
                        above.extend([folder, inner]);
                        from_start = true;
                        continue 'folder;
                    }
                } else if let Some(file) = open_in(&folder, entry.name, DELETE | FILE_WRITE_ATTRIBUTES)? {
                    delete(&file, false)?;
                }
            }
        }
        delete(&folder, true)?;
        // The listing was lent to this folder: the one above begins again, and finds only what is left.
        from_start = true;
    }
    Ok(())
}

/// Opens what has this name in a folder, a link itself if it is one. None if it has gone.
fn open_in(folder: &Owned, name: &[u16], access: u32) -> io::Result<Option<Owned>> {
    /// Fails where a link would be followed on the way; not known to all systems.
    const OBJ_DONT_REPARSE: u32 = 0x1000;
    const FILE_SYNCHRONOUS_IO_NONALERT: u32 = 0x20;
    const FILE_OPEN_FOR_BACKUP_INTENT: u32 = 0x4000;
    const FILE_OPEN_REPARSE_POINT: u32 = 0x20_0000;
    const STATUS_DELETE_PENDING: u32 = 0xC000_0056;
    let length = size_of_val(name) as u16;
    let name = Name { length, capacity: length, units: name.as_ptr() };
    let mut object = Object {
        length: size_of::<Object>() as u32,
        root: folder.raw(),
        name: &raw const name,
        attributes: OBJ_DONT_REPARSE,
        descriptor: 0,
        quality: 0,
    };
    let mut options = FILE_OPEN_REPARSE_POINT | FILE_OPEN_FOR_BACKUP_INTENT;
    if access & SYNCHRONIZE != 0 {
        options |= FILE_SYNCHRONOUS_IO_NONALERT;
    }
    let mut attempt = 0;
    loop {
        let (mut file, mut status) = (0, [0; 2]);
        // SAFETY: the object's name and folder are there until the call has ended.
        let answer =
            unsafe { NtOpenFile(&raw mut file, access, &raw const object, &raw mut status, FILE_SHARE_ALL, options) };
        if answer >> 31 == 0 {
            // SAFETY: it was just opened.
            return Ok(Some(unsafe { Owned::new(file) }));
        }
        attempt += 1;
        match RtlNtStatusToDosError(answer) {
            // Somebody else removes it.
            _ if answer == STATUS_DELETE_PENDING => return Ok(None),
            ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND => return Ok(None),
            ERROR_INVALID_PARAMETER if object.attributes != 0 => object.attributes = 0,
            ERROR_SHARING_VIOLATION if attempt < ATTEMPTS => drop(SwitchToThread()),
            code => return Err(api::os_error(code)),
        }
    }
}

/// Removes what is open: at once where the system can, else when its last handle is closed.
pub(super) fn delete(file: &Owned, folder: bool) -> io::Result<()> {
    const FILE_DISPOSITION_INFO: u32 = 4;
    const FILE_DISPOSITION_INFO_EX: u32 = 21;
    const NOW: u32 = 1 | 2;
    const IGNORE_READONLY_ATTRIBUTE: u32 = 0x10;
    let mut attempt = 0;
    loop {
        let flags = NOW | IGNORE_READONLY_ATTRIBUTE;
        let error = match set_information(file.raw(), FILE_DISPOSITION_INFO_EX, &flags) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        attempt += 1;
        match error.raw_os_error().map(|code| code as u32) {
            Some(ERROR_DELETE_PENDING) => return Ok(()),
            // What was removed from it may take a moment to go.
            Some(ERROR_DIR_NOT_EMPTY) if folder && attempt < ATTEMPTS => drop(SwitchToThread()),
            Some(ERROR_DIR_NOT_EMPTY | ERROR_SHARING_VIOLATION) => return Err(error),
            // Not every file system can remove at once.
            _ => return set_information(file.raw(), FILE_DISPOSITION_INFO, &1_u8),
        }
    }
}
