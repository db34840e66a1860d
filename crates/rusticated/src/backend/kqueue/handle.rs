//! Descriptors: who owns them, and whether they refuse to wait.
#![allow(unsafe_code, reason = "descriptors are numbers that somebody owns")]
use alloc::vec::Vec;
use core::cell::Cell;
use core::ffi::c_int;
use core::mem::{ManuallyDrop, MaybeUninit};

use super::call;
use super::operate::{Buffered, receive, send};
use super::system::{self, F_DUPFD_CLOEXEC, F_GETFL, F_SETFD, F_SETFL, FD_CLOEXEC, O_NONBLOCK, check};
use crate::io::{self, Standard};

/// A file descriptor.
pub type RawHandle = i32;

/// No descriptor.
pub(crate) const INVALID: RawHandle = -1;

const S_IFMT: u32 = 0o170_000;
const S_IFREG: u32 = 0o100_000;

/// An open descriptor, closed when dropped.
#[derive(Debug)]
pub(crate) struct Handle {
    descriptor: RawHandle,
    /// It was made here, nobody shares it, and it was told to refuse to wait.
    refuses_to_wait: Cell<bool>,
    /// Whether it is a file, which is always ready and yet waits; None while nobody has asked.
    file: Cell<Option<bool>>,
}

impl Handle {
    /// A descriptor that others may share.
    ///
    /// # Safety
    /// It is open, and nobody else closes it.
    pub(crate) unsafe fn from_raw(descriptor: RawHandle) -> Self {
        Self { descriptor, refuses_to_wait: Cell::new(false), file: Cell::new(None) }
    }

    /// A pipe or socket that was just made and that no child inherits; it refuses to wait from now on.
    ///
    /// # Safety
    /// As [`Handle::from_raw`], and nobody else has it.
    pub(super) unsafe fn new(descriptor: RawHandle) -> Self {
        set_refuses(descriptor, true);
        Self { descriptor, refuses_to_wait: Cell::new(true), file: Cell::new(Some(false)) }
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.descriptor
    }

    /// Another descriptor for the same.
    pub(crate) fn duplicate(&self) -> io::Result<Self> {
        let descriptor = duplicate(self.descriptor, 0)?;
        // Both go on as before: what refuses to wait does so through each of them.
        Ok(Self { descriptor, refuses_to_wait: self.refuses_to_wait.clone(), file: self.file.clone() })
    }

    pub(super) fn refuses_to_wait(&self) -> bool {
        self.refuses_to_wait.get()
    }

    /// Lets calls wait again, before somebody else gets the descriptor.
    pub(super) fn make_waiting(&self) {
        if self.refuses_to_wait.replace(false) {
            set_refuses(self.descriptor, false);
        }
    }

    pub(super) fn is_file(&self) -> bool {
        if let Some(known) = self.file.get() {
            return known;
        }
        let mut stat = MaybeUninit::<system::Stat>::zeroed();
        // SAFETY: writes there only; a Stat may be all zero.
        let (answer, stat) = unsafe { (system::fstat(self.descriptor, stat.as_mut_ptr()), stat.assume_init()) };
        let file = answer == 0 && system::mode(&stat) & S_IFMT == S_IFREG;
        self.file.set(Some(file));
        file
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> Buffered {
        if buf.len() == buf.capacity() {
            return (Ok(0), buf);
        }
        receive(self, buf, call::read, 0).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> Buffered {
        send(self, buf, call::write, 0).await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it is ours to close; operations borrow it, or have been given up.
        unsafe { system::close(self.descriptor) };
    }
}

/// Lets no child inherit a descriptor that was just made, and lets it refuse to wait, if that is asked for. It fails for
/// what is no descriptor only.
pub(super) fn prepare(descriptor: c_int, refuses: bool) {
    // SAFETY: touches no memory.
    unsafe { system::fcntl(descriptor, F_SETFD, FD_CLOEXEC) };
    if refuses {
        set_refuses(descriptor, true);
    }
}

pub(super) fn set_refuses(descriptor: c_int, refuses: bool) {
    // SAFETY: touches no memory.
    let flags = unsafe { system::fcntl(descriptor, F_GETFL) };
    let wanted = if refuses { flags | O_NONBLOCK } else { flags & !O_NONBLOCK };
    if flags >= 0 && wanted != flags {
        // SAFETY: as above.
        unsafe { system::fcntl(descriptor, F_SETFL, wanted) };
    }
}

/// Another descriptor of the same thing, none of the first few.
pub(super) fn duplicate(descriptor: c_int, first: c_int) -> io::Result<c_int> {
    // SAFETY: makes a descriptor.
    check(unsafe { system::fcntl(descriptor, F_DUPFD_CLOEXEC, first) })
}

/// The process's own stream. It is not ours: it is neither closed nor told to refuse to wait.
pub(crate) fn standard(which: Standard) -> io::Result<ManuallyDrop<Handle>> {
    // SAFETY: these numbers are the process's streams, and are never closed here.
    Ok(ManuallyDrop::new(unsafe { Handle::from_raw(which as RawHandle) }))
}
