//! Descriptors: who owns them, whether they refuse to wait, and with which epoll they are registered.
#![allow(unsafe_code, reason = "descriptors are numbers that somebody owns")]
use alloc::vec::Vec;
use core::cell::Cell;
use core::mem::ManuallyDrop;

use super::operate::{Buffered, receive, send};
use super::syscall::{self, syscall};
use crate::io;
use crate::io::Standard;
use crate::rt::Runtime;

/// A file descriptor.
pub type RawHandle = i32;

/// No descriptor.
pub(crate) const INVALID: RawHandle = -1;

/// An open descriptor, closed when dropped.
#[derive(Debug)]
pub(crate) struct Handle {
    descriptor: RawHandle,
    /// Made here and shared with nobody: whether it waits is ours to say.
    ours: Cell<bool>,
    refuses_to_wait: Cell<bool>,
    /// Known to be a file, which is always ready and yet waits.
    file: Cell<bool>,
    /// The number of the driver whose epoll has it.
    registered: Cell<u32>,
}

impl Handle {
    /// A descriptor that others may share.
    ///
    /// # Safety
    /// It is open, and nobody else closes it.
    pub(crate) unsafe fn from_raw(descriptor: RawHandle) -> Self {
        Self {
            descriptor,
            ours: Cell::new(false),
            refuses_to_wait: Cell::new(false),
            file: Cell::new(false),
            registered: Cell::new(0),
        }
    }

    /// A descriptor that was just made.
    ///
    /// # Safety
    /// As [`Handle::from_raw`], and nobody else has it. `refuses_to_wait` says whether O_NONBLOCK is set.
    pub(super) unsafe fn new(descriptor: RawHandle, refuses_to_wait: bool) -> Self {
        // SAFETY: as asked above.
        let handle = unsafe { Self::from_raw(descriptor) };
        handle.ours.set(true);
        handle.refuses_to_wait.set(refuses_to_wait);
        handle
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.descriptor
    }

    pub(super) fn descriptor(&self) -> RawHandle {
        self.descriptor
    }

    /// Another descriptor for the same.
    pub(crate) fn duplicate(&self) -> io::Result<Self> {
        let descriptor = duplicate(self.descriptor, 0)?;
        // From now on each must expect that the other changes how both behave.
        self.ours.set(false);
        // SAFETY: just made.
        Ok(unsafe { Self::from_raw(descriptor) })
    }

    /// Sets whether calls wait, where that is ours to say. Answers whether they are known not to.
    pub(super) fn wait_in_calls(&self, wait: bool) -> bool {
        if !self.ours.get() {
            return false;
        }
        if self.refuses_to_wait.get() == wait && self.set_refuses(!wait).is_ok() {
            self.refuses_to_wait.set(!wait);
        }
        self.refuses_to_wait.get()
    }

    /// Lets calls wait again, and no event of it be told here, before somebody else gets the descriptor.
    pub(super) fn make_waiting(&self) {
        Runtime::with_existing(|runtime| runtime.driver().forget(self));
        if self.refuses_to_wait.replace(false) {
            let _ = self.set_refuses(false); // it fails for what is no descriptor only
        }
    }

    fn set_refuses(&self, refuses: bool) -> io::Result<()> {
        const F_SETFL: usize = 4;
        const O_NONBLOCK: usize = 0o4_000;
        let flags = if refuses { O_NONBLOCK } else { 0 };
        // SAFETY: sets flags; the pipes and sockets that are ours have no others.
        syscall::check(unsafe { syscall!(syscall::FCNTL, self.descriptor, F_SETFL, flags) }).map(drop)
    }

    pub(super) fn is_file(&self) -> bool {
        self.file.get()
    }

    pub(super) fn set_file(&self) {
        self.file.set(true);
    }

    pub(super) fn is_registered(&self, driver: u32) -> bool {
        self.registered.get() == driver
    }

    pub(super) fn set_registered(&self, driver: u32) {
        self.registered.set(driver);
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> Buffered {
        if buf.len() == buf.capacity() {
            return (Ok(0), buf);
        }
        receive(self, buf, syscall::READ, 0).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> Buffered {
        send(self, buf, syscall::WRITE, 0).await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        Runtime::with_existing(|runtime| runtime.driver().before_close());
        // SAFETY: it is ours to close; nobody works on it: operations that do borrow it, or were stopped.
        unsafe { syscall!(syscall::CLOSE, self.descriptor) };
    }
}

/// The process's own stream. It is not ours: it is neither closed nor told to refuse to wait.
pub(crate) fn standard(which: Standard) -> io::Result<ManuallyDrop<Handle>> {
    // SAFETY: these numbers are the process's streams, and are never closed here.
    Ok(ManuallyDrop::new(unsafe { Handle::from_raw(which as RawHandle) }))
}

/// Another descriptor for the same, of that number or above.
pub(super) fn duplicate(descriptor: RawHandle, lowest: usize) -> io::Result<RawHandle> {
    const F_DUPFD_CLOEXEC: usize = 1030;
    // SAFETY: makes a descriptor.
    let result = unsafe { syscall!(syscall::FCNTL, descriptor, F_DUPFD_CLOEXEC, lowest) };
    syscall::check(result).map(|descriptor| descriptor as RawHandle)
}
