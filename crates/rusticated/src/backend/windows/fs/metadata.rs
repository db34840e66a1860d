//! What is known of files, and what of it can be set.
#![allow(unsafe_code, reason = "calls the system")]
use core::mem::MaybeUninit;

use super::folder::GetFileInformationByHandleEx;
use crate::backend::windows::api::{
    self, Bool, ERROR_ACCESS_DENIED, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_REPARSE_POINT,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_ALL, Handle, INVALID_HANDLE, OPEN_EXISTING,
};
use crate::backend::windows::offload::offload;
use crate::backend::windows::{clock, wide};
use crate::io;
use crate::path::Path;
use crate::time::SystemTime;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetFileInformationByHandle(file: Handle, information: *mut Information) -> Bool;
    fn SetFileInformationByHandle(file: Handle, class: u32, information: *const u8, length: u32) -> Bool;
    fn SetFileAttributesW(path: *const u16, attributes: u32) -> Bool;
    fn FindFirstFileW(path: *const u16, found: *mut Found) -> Handle;
    fn FindClose(find: Handle) -> Bool;
}

/// `BY_HANDLE_FILE_INFORMATION`. Times are split so that they need not be aligned.
#[repr(C)]
struct Information {
    attributes: u32,
    created: [u32; 2],
    accessed: [u32; 2],
    modified: [u32; 2],
    volume: u32,
    size_high: u32,
    size_low: u32,
    links: u32,
    index: [u32; 2],
}

/// `WIN32_FIND_DATAW`.
#[repr(C)]
struct Found {
    attributes: u32,
    created: [u32; 2],
    accessed: [u32; 2],
    modified: [u32; 2],
    size_high: u32,
    size_low: u32,
    reparse_tag: u32,
    reserved: u32,
    name: [u16; 260],
    short_name: [u16; 14],
    /// Some systems have more here.
    more: [u32; 4],
}

/// What is known of a file.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    attributes: u32,
    reparse_tag: u32,
    created: u64,
    accessed: u64,
    modified: u64,
    size: u64,
}

fn join(halves: [u32; 2]) -> u64 {
    u64::from(halves[1]) << 32 | u64::from(halves[0])
}

impl Metadata {
    /// Of an open file.
    pub(super) fn of(file: Handle) -> io::Result<Self> {
        const FILE_ATTRIBUTE_TAG_INFO: u32 = 9;
        let mut known = MaybeUninit::<Information>::uninit();
        // SAFETY: writes to the place.
        api::check(unsafe { GetFileInformationByHandle(file, known.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        let known = unsafe { known.assume_init() };
        // Attributes and tag, four bytes each.
        let mut tag = 0;
        if known.attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
            // SAFETY: there is room for eight bytes.
            api::check(unsafe { GetFileInformationByHandleEx(file, FILE_ATTRIBUTE_TAG_INFO, &raw mut tag, 8) })?;
        }
        Ok(Self {
            attributes: known.attributes,
            reparse_tag: (tag >> 32) as u32,
            created: join(known.created),
            accessed: join(known.accessed),
            modified: join(known.modified),
            size: join([known.size_low, known.size_high]),
        })
    }

    /// From the listing of the folder: also of what may not be opened.
    fn listed(path: &[u16]) -> Option<Self> {
        let mut found = MaybeUninit::<Found>::uninit();
        // A name with a wildcard would find something else.
        if path.iter().any(|&unit| unit == u16::from(b'*') || unit == u16::from(b'?')) && !wide::is_verbatim(path) {
            return None;
        }
        // SAFETY: the path ends with a zero; there is room for what is found.
        let find = unsafe { FindFirstFileW(path.as_ptr(), found.as_mut_ptr()) };
        if find == INVALID_HANDLE {
            return None;
        }
        // SAFETY: it was just opened.
        unsafe { FindClose(find) };
        // SAFETY: it has succeeded.
        let found = unsafe { found.assume_init() };
        let tag = if found.attributes & FILE_ATTRIBUTE_REPARSE_POINT == 0 { 0 } else { found.reparse_tag };
        Some(Self {
            attributes: found.attributes,
            reparse_tag: tag,
            created: join(found.created),
            accessed: join(found.accessed),
            modified: join(found.modified),
            size: join([found.size_low, found.size_high]),
        })
    }

    pub(crate) fn len(&self) -> u64 {
        self.size
    }

    pub(crate) fn file_type(&self) -> FileType {
        FileType::new(self.attributes, self.reparse_tag)
    }

    pub(crate) fn permissions(&self) -> Permissions {
        Permissions { attributes: self.attributes }
    }

    #[allow(clippy::unnecessary_wraps, reason = "the platforms have it in common")]
    pub(crate) fn modified(&self) -> io::Result<SystemTime> {
        Ok(time(self.modified))
    }

    #[allow(clippy::unnecessary_wraps, reason = "the platforms have it in common")]
    pub(crate) fn accessed(&self) -> io::Result<SystemTime> {
        Ok(time(self.accessed))
    }

    #[allow(clippy::unnecessary_wraps, reason = "the platforms have it in common")]
    pub(crate) fn created(&self) -> io::Result<SystemTime> {
        Ok(time(self.created))
    }
}

fn time(file_time: u64) -> SystemTime {
    let (seconds, nanoseconds) = clock::from_file_time(file_time);
    SystemTime::from_parts(seconds, nanoseconds)
}

/// What kind of thing something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileType {
    folder: bool,
    link: bool,
}

impl FileType {
    pub(super) fn new(attributes: u32, reparse_tag: u32) -> Self {
        /// What stands for something of another name: symbolic links and junctions, not compressed files and their
        /// kin.
        const SURROGATE: u32 = 0x2000_0000;
        let link = attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0 && reparse_tag & SURROGATE != 0;
        Self { folder: attributes & FILE_ATTRIBUTE_DIRECTORY != 0, link }
    }

    pub(crate) fn is_file(self) -> bool {
        !self.folder && !self.link
    }

    pub(crate) fn is_dir(self) -> bool {
        self.folder && !self.link
    }

    pub(crate) fn is_symlink(self) -> bool {
        self.link
    }
}

/// What may be done with a file: here, whether it may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permissions {
    attributes: u32,
}

impl Permissions {
    pub(crate) fn readonly(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_READONLY != 0
    }

    pub(crate) fn set_readonly(&mut self, readonly: bool) {
        if readonly {
            self.attributes |= FILE_ATTRIBUTE_READONLY;
        } else {
            self.attributes &= !FILE_ATTRIBUTE_READONLY;
        }
    }

    pub(super) fn set_on(&self, file: Handle) -> io::Result<()> {
        const FILE_BASIC_INFO: u32 = 0;
        /// No attributes at all would mean to leave them alone.
        const FILE_ATTRIBUTE_NORMAL: u32 = 0x80;
        #[repr(C)]
        struct Basic {
            times: [i64; 4],
            attributes: u32,
        }
        let attributes = if self.attributes == 0 { FILE_ATTRIBUTE_NORMAL } else { self.attributes };
        set_information(file, FILE_BASIC_INFO, &Basic { times: [0; 4], attributes })
    }
}

/// Sets one kind of information of an open file.
pub(super) fn set_information<T>(file: Handle, class: u32, information: &T) -> io::Result<()> {
    let length = size_of::<T>() as u32;
    // SAFETY: it is of the length that is told, and the system checks it.
    api::check(unsafe { SetFileInformationByHandle(file, class, core::ptr::from_ref(information).cast(), length) })
}

/// What is at a path, behind a link if it is one.
pub(crate) async fn metadata(path: &Path) -> io::Result<Metadata> {
    ask(path, 0).await
}

/// What is at a path, a link itself if it is one.
pub(crate) async fn symlink_metadata(path: &Path) -> io::Result<Metadata> {
    ask(path, FILE_FLAG_OPEN_REPARSE_POINT).await
}

async fn ask(path: &Path, flags: u32) -> io::Result<Metadata> {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const DENIED: i32 = ERROR_ACCESS_DENIED as i32;
    let path = wide::path(path)?;
    offload(move |_| {
        let file = api::open(&path, 0, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | flags);
        match file {
            Ok(file) => Metadata::of(file.raw()),
            // The system's own files cannot be opened at all, but are listed.
            Err(error) => match error.raw_os_error() {
                Some(ERROR_SHARING_VIOLATION | DENIED) => Metadata::listed(&path)
                    .filter(|known| flags != 0 || known.attributes & FILE_ATTRIBUTE_REPARSE_POINT == 0)
                    .ok_or(error),
                _ => Err(error),
            },
        }
    })
    .await
}

pub(crate) async fn set_permissions(path: &Path, permissions: &Permissions) -> io::Result<()> {
    let path = wide::path(path)?;
    let attributes = permissions.attributes;
    // SAFETY: the path ends with a zero.
    offload(move |_| api::check(unsafe { SetFileAttributesW(path.as_ptr(), attributes) })).await
}
