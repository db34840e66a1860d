//! Handles that the host gave, and reading and writing what they name.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

use super::{call, error};
use crate::abi::{CURRENT, imports};
use crate::io::{self, Standard};

/// A number that the host chose.
pub type RawHandle = i32;

/// No handle.
pub(crate) const INVALID: RawHandle = -1;

/// A handle, closed when dropped.
#[derive(Debug)]
pub(crate) struct Handle(RawHandle);

impl Handle {
    /// # Safety
    /// The handle is open, and nobody else closes it.
    pub(crate) unsafe fn from_raw(raw: RawHandle) -> Self {
        Self(raw)
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.read_from(buf, CURRENT).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.write_to(buf, CURRENT).await
    }

    pub(super) async fn read_from(&self, buf: Vec<u8>, offset: i64) -> (io::Result<usize>, Vec<u8>) {
        call::fill(buf, |place, capacity, overlapped| {
            // SAFETY: `call` keeps the vector and the Overlapped.
            unsafe { imports::read(self.0, place, capacity, offset, overlapped) }
        })
        .await
    }

    pub(super) async fn write_to(&self, buf: Vec<u8>, offset: i64) -> (io::Result<usize>, Vec<u8>) {
        call::drain(buf, |place, length, overlapped| {
            // SAFETY: as above.
            unsafe { imports::write(self.0, place, length, offset, overlapped) }
        })
        .await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        imports::close(self.0);
    }
}

/// One of the three streams, which are never closed.
pub(crate) fn standard(which: Standard) -> io::Result<ManuallyDrop<Handle>> {
    Ok(ManuallyDrop::new(Handle(which as RawHandle)))
}

/// What a function of the host's that opens something at once gave.
pub(super) fn opened(answer: i32) -> io::Result<Handle> {
    error::check(answer).map(Handle)
}

/// What a function of the host's that opens two things at once gave.
pub(super) fn opened_both(open: unsafe extern "C" fn(*mut [i32; 2]) -> i32) -> io::Result<(Handle, Handle)> {
    let mut ends = [INVALID; 2];
    // SAFETY: the host writes two numbers, before it answers.
    error::check(unsafe { open(&raw mut ends) })?;
    Ok((Handle(ends[0]), Handle(ends[1])))
}
