//! Handles that bytes go through: pipes of our own, consoles, and whatever a standard stream is.
#![allow(unsafe_code, reason = "takes handles over")]
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::mem::ManuallyDrop;

use super::api::{self, ERROR_INVALID_HANDLE, Owned};
use super::driver::{Association, Driver};
use super::overlapped;
use super::stream::Stream;
use crate::io::{self, Standard};
use crate::rt::Runtime;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetStdHandle(which: u32) -> api::Handle;
}

/// A `HANDLE` or `SOCKET` as a number.
pub type RawHandle = isize;

/// No handle at all.
pub(crate) const INVALID: RawHandle = api::INVALID_HANDLE;

/// Something that is read from and written to in order; closed when dropped.
pub(crate) struct Handle(Way);

enum Way {
    /// Operations end at the port of the thread where it was opened.
    Overlapped(Port),
    /// A thread of the pool makes calls that block.
    Blocking(Arc<Stream>),
}

/// A handle whose operations end at a port.
pub(super) struct Port {
    pub(super) handle: Owned,
    pub(super) association: Association,
    pub(super) driver: Rc<Driver>,
}

impl Handle {
    /// A handle that was opened for overlapped operations goes to this thread's port; any other is used with calls
    /// that block.
    pub(super) fn new(handle: Owned) -> Self {
        let driver = Runtime::with(|runtime| runtime.driver().clone());
        Self(match driver.associate(handle.raw(), true) {
            Ok(association) => Way::Overlapped(Port { handle, association, driver }),
            Err(_) => Way::Blocking(Stream::new(handle, true)),
        })
    }

    /// One that is read and written by calls that block, whatever it was opened for.
    pub(super) fn blocking(handle: Owned) -> Self {
        Self(Way::Blocking(Stream::new(handle, true)))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        match &self.0 {
            Way::Overlapped(port) => port.handle.raw(),
            Way::Blocking(stream) => stream.raw(),
        }
    }

    pub(crate) async fn read(&self, mut buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let Port { handle, association, driver } = match &self.0 {
            Way::Blocking(stream) => return stream.read(buf).await,
            Way::Overlapped(port) => port,
        };
        while buf.capacity() > buf.len() {
            let (outcome, back) = overlapped::read(driver, handle.raw(), *association, buf, 0).await;
            buf = back;
            // A writer that wrote nothing is not the end: that is told as an error.
            if outcome != 0 {
                return (overlapped::read_result(outcome), buf);
            }
        }
        (Ok(0), buf)
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        match &self.0 {
            Way::Blocking(stream) => stream.write(buf, None).await,
            Way::Overlapped(Port { handle, association, driver }) => {
                overlapped::write(driver, handle.raw(), *association, buf, 0).await
            }
        }
    }
}

/// For what has positions.
impl Handle {
    /// Whether it is the kernel that takes the offsets: else they have no meaning, as for a console.
    pub(super) fn is_overlapped(&self) -> bool {
        matches!(self.0, Way::Overlapped(_))
    }

    pub(super) async fn read_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        if buf.capacity() == buf.len() {
            return (Ok(0), buf);
        }
        match &self.0 {
            Way::Blocking(stream) => stream.read_at(buf, offset).await,
            Way::Overlapped(Port { handle, association, driver }) => {
                let (outcome, buf) = overlapped::read(driver, handle.raw(), *association, buf, offset).await;
                (overlapped::read_result(outcome), buf)
            }
        }
    }

    pub(super) async fn write_at(&self, buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        match &self.0 {
            Way::Blocking(stream) => stream.write(buf, Some(offset)).await,
            Way::Overlapped(Port { handle, association, driver }) => {
                overlapped::write(driver, handle.raw(), *association, buf, offset).await
            }
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.raw()).finish()
    }
}

/// The process's own stream, which is never closed.
pub(crate) fn standard(which: Standard) -> io::Result<ManuallyDrop<Handle>> {
    let raw = raw_standard(which);
    if raw == 0 || raw == INVALID {
        return Err(api::os_error(ERROR_INVALID_HANDLE));
    }
    let stream = Runtime::with(|runtime| {
        let mut streams = runtime.driver().standard.borrow_mut();
        let known = &mut streams[which as usize];
        match known {
            Some(stream) if stream.raw() == raw => stream.clone(),
            // Not asked for yet, or set to another meanwhile.
            _ => {
                // SAFETY: it is not closed with the stream.
                known.insert(Stream::new(unsafe { Owned::new(raw) }, false)).clone()
            }
        }
    });
    Ok(ManuallyDrop::new(Handle(Way::Blocking(stream))))
}

/// The handle of a standard stream; 0 if there is none.
pub(super) fn raw_standard(which: Standard) -> RawHandle {
    let number = match which {
        Standard::Input => -10,
        Standard::Output => -11,
        Standard::Error => -12_i32,
    };
    GetStdHandle(number as u32)
}
