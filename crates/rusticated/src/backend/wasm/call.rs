//! Calling functions of the host that may take their time.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::handle::Handle;
use crate::abi::{Overlapped, PENDING};
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Begun, Operation, Outcome, Payload, result};

/// What a call lends to the host, and how a success that nobody saw is undone.
struct Lent<T> {
    value: T,
    undo: fn(Outcome, &T),
}

impl<T> Payload for Lent<T> {
    fn discard(&mut self, outcome: Outcome) {
        if outcome >= 0 {
            (self.undo)(outcome, &self.value);
        }
    }
}

/// Calls a function of the host's that begins an operation, and waits for its outcome: see [`crate::abi::call`].
pub(crate) async fn call<T: 'static>(value: T, begin: impl FnOnce(&mut T, *const Overlapped) -> i64) -> (i64, T) {
    call_or_undo(value, |_, _| {}, begin).await
}

/// [`call`], with what undoes a success that nobody saw.
pub(super) async fn call_or_undo<T>(
    value: T,
    undo: fn(Outcome, &T),
    begin: impl FnOnce(&mut T, *const Overlapped) -> i64,
) -> (Outcome, T) {
    let operation = Runtime::with(|runtime| {
        let driver = Rc::clone(runtime.driver());
        Operation::start(driver, Overlapped::new(), Lent { value, undo }, |driver, block| {
            // The host may tell the end before it answers.
            driver.begin();
            let mut payload = block.payload;
            // SAFETY: the block is new, and nobody else has its payload borrowed.
            let outcome = begin(unsafe { &mut payload.as_mut().value }, block.kernel.as_ptr());
            if outcome == PENDING {
                return Begun::Pending;
            }
            driver.end();
            Begun::Done(outcome)
        })
    });
    let (outcome, lent) = operation.await;
    (outcome, lent.value)
}

/// A call whose outcome is of no interest beyond that there is no error.
pub(super) async fn perform<T: 'static>(
    value: T,
    begin: impl FnOnce(&mut T, *const Overlapped) -> i64,
) -> io::Result<T> {
    let (outcome, value) = call(value, begin).await;
    result(outcome).map(|_| value)
}

/// A call whose outcome is a handle: closed if nobody sees it.
pub(super) async fn open<T>(value: T, begin: impl FnOnce(&mut T, *const Overlapped) -> i64) -> io::Result<(Handle, T)> {
    let (outcome, value) = call_or_undo(value, |outcome, _| drop(owned(outcome)), begin).await;
    result(outcome)?;
    Ok((owned(outcome), value))
}

fn owned(outcome: Outcome) -> Handle {
    // SAFETY: the host has just given it to us.
    unsafe { Handle::from_raw(outcome as i32) }
}

/// A call that fills a vector's spare capacity; without any, nothing is called.
pub(super) async fn fill(
    buf: Vec<u8>,
    begin: impl FnOnce(*mut u8, usize, *const Overlapped) -> i64,
) -> (io::Result<usize>, Vec<u8>) {
    if buf.len() == buf.capacity() {
        return (Ok(0), buf);
    }
    let (outcome, mut buf) = call(buf, |buf, overlapped| {
        let spare = buf.spare_capacity_mut();
        begin(spare.as_mut_ptr().cast(), spare.len(), overlapped)
    })
    .await;
    (append(&mut buf, outcome), buf)
}

/// Counts in what the host has written behind a vector's length.
pub(super) fn append(buf: &mut Vec<u8>, outcome: Outcome) -> io::Result<usize> {
    let count = (result(outcome)? as usize).min(buf.capacity() - buf.len());
    // SAFETY: the host has written so many bytes there.
    unsafe { buf.set_len(buf.len() + count) };
    Ok(count)
}

/// A call that takes bytes from a vector's beginning.
pub(super) async fn drain(
    buf: Vec<u8>,
    begin: impl FnOnce(*const u8, usize, *const Overlapped) -> i64,
) -> (io::Result<usize>, Vec<u8>) {
    let (outcome, buf) = call(buf, |buf, overlapped| begin(buf.as_ptr(), buf.len(), overlapped)).await;
    (result(outcome).map(|count| (count as usize).min(buf.len())), buf)
}
