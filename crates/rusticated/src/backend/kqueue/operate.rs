//! From a call to the future of its outcome.
#![allow(unsafe_code, reason = "what calls point at lies in blocks that operations keep")]
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::call::{Call, Function};
use super::driver::Way;
use super::handle::Handle;
use crate::backend::job::{Direction, Job};
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Operation, Outcome, Payload, result};

/// What a transfer gives: how many bytes, and the buffer back.
pub(super) type Buffered = (io::Result<usize>, Vec<u8>);

/// The most that is moved at once: macOS refuses more than fits into an `int`.
const MOST: usize = 0x7fff_f000;

/// Makes a call on a payload, which is given back with the outcome.
pub(super) async fn perform<T: Payload>(
    way: Way<'_>,
    payload: T,
    describe: impl FnOnce(NonNull<T>) -> Call,
) -> (Outcome, T) {
    let driver = Runtime::with(|runtime| runtime.driver().clone());
    let nothing = Call::ready(super::handle::INVALID, Direction::Read);
    Operation::start(driver, Job::new(nothing), payload, |driver, mut begin| {
        // SAFETY: nobody else knows the job yet; its block keeps the payload that the call points at.
        unsafe {
            begin.kernel.as_mut().call = describe(begin.payload);
            driver.begin(begin.kernel, way)
        }
    })
    .await
}

/// Waits until a descriptor is ready.
pub(super) async fn ready(handle: &Handle, direction: Direction) -> io::Result<()> {
    let call = Call::ready(handle.raw(), direction);
    result(perform(Way::Ready(handle, direction), (), |_| call).await.0).map(drop)
}

/// Reads once into a vector's spare capacity, by a call that takes a descriptor, an address, a length, and more.
pub(super) async fn receive(handle: &Handle, buf: Vec<u8>, function: Function, fourth: usize) -> Buffered {
    let (outcome, mut buf) = perform(Way::Ready(handle, Direction::Read), buf, |payload| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        let buf = unsafe { &mut *payload.as_ptr() };
        let spare = buf.spare_capacity_mut();
        let length = spare.len().min(MOST);
        Call::new(function, [handle.raw() as usize, spare.as_mut_ptr() as usize, length, fourth, 0, 0])
    })
    .await;
    let count = result(outcome).map(|count| count as usize);
    if let Ok(count) = count {
        // SAFETY: the system has written so many bytes after those that were there.
        unsafe { buf.set_len(buf.len() + count) };
    }
    (count, buf)
}

/// Writes once from a vector's beginning, by a call as in [`receive`].
pub(super) async fn send(handle: &Handle, buf: Vec<u8>, function: Function, fourth: usize) -> Buffered {
    let (outcome, buf) = perform(Way::Ready(handle, Direction::Write), buf, |payload| {
        // SAFETY: the payload is alive, and nobody touches it before the call.
        let buf = unsafe { &*payload.as_ptr() };
        let length = buf.len().min(MOST);
        Call::new(function, [handle.raw() as usize, buf.as_ptr() as usize, length, fourth, 0, 0])
    })
    .await;
    (result(outcome).map(|count| count as usize), buf)
}
