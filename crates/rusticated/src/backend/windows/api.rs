//! Types and calls of the Windows API that several modules share; a module declares the rest of what it calls itself.
#![allow(unsafe_code, reason = "declares foreign functions")]
use core::ffi::c_void;

use crate::io;

/// A handle as a number; sockets are handles, too.
pub(super) type Handle = isize;
/// A truth value of the API: 0 is false.
pub(super) type Bool = i32;

pub(super) const INVALID_HANDLE: Handle = -1;

pub(super) const ERROR_FILE_NOT_FOUND: u32 = 2;
pub(super) const ERROR_PATH_NOT_FOUND: u32 = 3;
pub(super) const ERROR_ACCESS_DENIED: u32 = 5;
pub(super) const ERROR_INVALID_HANDLE: u32 = 6;
pub(super) const ERROR_NO_MORE_FILES: u32 = 18;
pub(super) const ERROR_HANDLE_EOF: u32 = 38;
pub(super) const ERROR_INVALID_PARAMETER: u32 = 87;
pub(super) const ERROR_BROKEN_PIPE: u32 = 109;
pub(super) const ERROR_INSUFFICIENT_BUFFER: u32 = 122;
pub(super) const ERROR_DIR_NOT_EMPTY: u32 = 145;
pub(super) const ERROR_ALREADY_EXISTS: u32 = 183;
pub(super) const ERROR_MORE_DATA: u32 = 234;
pub(super) const ERROR_DIRECTORY: u32 = 267;
pub(super) const ERROR_OPERATION_ABORTED: u32 = 995;
pub(super) const ERROR_IO_PENDING: u32 = 997;

pub(super) const GENERIC_READ: u32 = 0x8000_0000;
pub(super) const GENERIC_WRITE: u32 = 0x4000_0000;
pub(super) const DELETE: u32 = 0x1_0000;
pub(super) const SYNCHRONIZE: u32 = 0x10_0000;
pub(super) const FILE_READ_ATTRIBUTES: u32 = 0x80;
pub(super) const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
pub(super) const FILE_SHARE_READ: u32 = 1;
pub(super) const FILE_SHARE_WRITE: u32 = 2;
pub(super) const FILE_SHARE_DELETE: u32 = 4;
pub(super) const FILE_SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
pub(super) const CREATE_NEW: u32 = 1;
pub(super) const OPEN_EXISTING: u32 = 3;
pub(super) const OPEN_ALWAYS: u32 = 4;
pub(super) const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
pub(super) const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
pub(super) const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
pub(super) const FILE_FLAG_FIRST_PIPE_INSTANCE: u32 = 0x0008_0000;
pub(super) const FILE_ATTRIBUTE_READONLY: u32 = 1;
pub(super) const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
pub(super) const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
pub(super) const INVALID_FILE_ATTRIBUTES: u32 = u32::MAX;

/// What the kernel knows an overlapped operation by, and where it leaves how that ended.
#[repr(C)]
pub(super) struct Overlapped {
    /// The `NTSTATUS`.
    pub(super) status: usize,
    /// The number of bytes.
    pub(super) count: usize,
    pub(super) offset: u32,
    pub(super) offset_high: u32,
    pub(super) event: Handle,
}

impl Overlapped {
    /// At an offset; what has no positions takes 0.
    pub(super) const fn at(offset: u64) -> Self {
        Self { status: 0, count: 0, offset: offset as u32, offset_high: (offset >> 32) as u32, event: 0 }
    }
}

#[repr(C)]
pub(super) struct SecurityAttributes {
    pub(super) length: u32,
    pub(super) descriptor: *mut c_void,
    pub(super) inherit: Bool,
}

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetLastError() -> u32;
    fn CloseHandle(handle: Handle) -> Bool;
    pub(super) safe fn GetCurrentProcess() -> Handle;
    pub(super) safe fn SwitchToThread() -> Bool;
    pub(super) fn CreateFileW(
        name: *const u16,
        access: u32,
        share: u32,
        security: *const SecurityAttributes,
        disposition: u32,
        flags: u32,
        template: Handle,
    ) -> Handle;
    fn DuplicateHandle(
        source_process: Handle,
        source: Handle,
        target_process: Handle,
        target: *mut Handle,
        access: u32,
        inherit: Bool,
        options: u32,
    ) -> Bool;
}

/// The error of the thread's last call.
pub(super) fn last_error() -> u32 {
    GetLastError()
}

/// The error of the thread's last call.
pub(super) fn last_os_error() -> io::Error {
    os_error(GetLastError())
}

/// An error of the API.
pub(super) fn os_error(code: u32) -> io::Error {
    io::Error::from_raw_os_error(code as i32)
}

/// What a call that answers with a truth value says.
pub(super) fn check(answer: Bool) -> io::Result<()> {
    if answer == 0 { Err(last_os_error()) } else { Ok(()) }
}

/// A handle that is closed when dropped.
#[derive(Debug)]
pub(super) struct Owned(Handle);

impl Owned {
    /// Takes a handle over.
    ///
    /// # Safety
    /// It is open, and nobody else closes it.
    pub(super) unsafe fn new(handle: Handle) -> Self {
        Self(handle)
    }

    pub(super) fn raw(&self) -> Handle {
        self.0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it is this value's own.
        unsafe { CloseHandle(self.0) };
    }
}

/// A second handle for the same thing; children inherit it only if they are to.
pub(super) fn duplicate(handle: Handle, inherit: bool) -> io::Result<Owned> {
    const DUPLICATE_SAME_ACCESS: u32 = 2;
    let process = GetCurrentProcess();
    let mut copy = 0;
    // SAFETY: the place for the copy is there; a bad handle is an error.
    check(unsafe {
        DuplicateHandle(process, handle, process, &raw mut copy, 0, inherit.into(), DUPLICATE_SAME_ACCESS)
    })?;
    // SAFETY: it was just made.
    Ok(unsafe { Owned::new(copy) })
}

/// Opens what a path names.
pub(super) fn open(path: &[u16], access: u32, share: u32, disposition: u32, flags: u32) -> io::Result<Owned> {
    debug_assert_eq!(path.last(), Some(&0));
    // SAFETY: the path ends with a zero; there are no security attributes and no template.
    let handle = unsafe { CreateFileW(path.as_ptr(), access, share, core::ptr::null(), disposition, flags, 0) };
    if handle == INVALID_HANDLE {
        return Err(last_os_error());
    }
    // SAFETY: it was just opened.
    Ok(unsafe { Owned::new(handle) })
}
