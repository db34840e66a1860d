//! Reading and writing what is associated with a completion port.
#![allow(unsafe_code, reason = "hands buffers to the system")]
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::api::{self, Bool, ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, Handle, Overlapped};
use super::driver::{Association, Driver, Kernel, Stop};
use crate::io;
use crate::rt::operation::{Operation, Outcome};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    pub(super) fn ReadFile(
        file: Handle,
        buffer: *mut u8,
        length: u32,
        read: *mut u32,
        overlapped: *mut Overlapped,
    ) -> Bool;
    pub(super) fn WriteFile(
        file: Handle,
        buffer: *const u8,
        length: u32,
        written: *mut u32,
        overlapped: *mut Overlapped,
    ) -> Bool;
}

/// No call is asked for more at once: the system refuses lengths beyond what it can lock, and counts in 32 bits.
pub(super) const MOST: usize = 1 << 30;

/// Reads into the spare room of a buffer, at an offset. Where there is no room, nothing is asked for.
pub(super) async fn read(
    driver: &Rc<Driver>,
    handle: Handle,
    association: Association,
    buf: Vec<u8>,
    offset: u64,
) -> (Outcome, Vec<u8>) {
    let room = (buf.capacity() - buf.len()).min(MOST);
    let (outcome, mut buf) = transfer(driver, handle, association, buf, offset, Some(room)).await;
    if let Ok(count) = usize::try_from(outcome) {
        // SAFETY: the system has written so many bytes behind the vector's own, as many as there was room for.
        unsafe { buf.set_len(buf.len() + count) };
    }
    (outcome, buf)
}

/// Writes a buffer at an offset.
pub(super) async fn write(
    driver: &Rc<Driver>,
    handle: Handle,
    association: Association,
    buf: Vec<u8>,
    offset: u64,
) -> (io::Result<usize>, Vec<u8>) {
    // A pipe's reader would see the write of nothing, and take it for the end.
    if buf.is_empty() {
        return (Ok(0), buf);
    }
    let (outcome, buf) = transfer(driver, handle, association, buf, offset, None).await;
    (count(outcome), buf)
}

/// Reads as many bytes as are told, or writes the buffer.
async fn transfer(
    driver: &Rc<Driver>,
    handle: Handle,
    association: Association,
    buf: Vec<u8>,
    offset: u64,
    room: Option<usize>,
) -> (Outcome, Vec<u8>) {
    let kernel = Kernel::new(offset, Stop::Io(handle));
    Operation::start(driver.clone(), kernel, buf, |driver, begin| {
        // SAFETY: the buffer and the kernel's part stay where they are until the operation has ended; the vector is
        // not touched meanwhile.
        unsafe {
            let buf = &mut *begin.payload.as_ptr();
            let overlapped = &raw mut (*begin.kernel.as_ptr()).overlapped;
            let answer = match room {
                Some(room) => {
                    let spare = buf.as_mut_ptr().add(buf.len());
                    ReadFile(handle, spare, room as u32, core::ptr::null_mut(), overlapped)
                }
                None => {
                    let length = buf.len().min(MOST) as u32;
                    WriteFile(handle, buf.as_ptr(), length, core::ptr::null_mut(), overlapped)
                }
            };
            let answer = if answer == 0 { Err(api::last_error()) } else { Ok(()) };
            driver.begun(association, begin.kernel, answer)
        }
    })
    .await
}

/// The number of bytes that an operation gave.
pub(super) fn count(outcome: Outcome) -> io::Result<usize> {
    crate::rt::operation::result(outcome).map(|count| count as usize)
}

/// The number of bytes that a read gave; the end of a file, or of a pipe, is none.
pub(super) fn read_result(outcome: Outcome) -> io::Result<usize> {
    const END: Outcome = -(ERROR_HANDLE_EOF as Outcome);
    const CLOSED: Outcome = -(ERROR_BROKEN_PIPE as Outcome);
    match outcome {
        END | CLOSED => Ok(0),
        outcome => count(outcome),
    }
}
