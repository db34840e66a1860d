//! The completion port of a thread: it takes in the ends of operations, in batches.
//!
//! A packet comes in for every operation that has begun and did not end at once. Kernel operations on a handle whose
//! mode could be set so leave no packet when they end at once; the others do, and then the packet is waited for.
#![allow(unsafe_code, reason = "calls the system, and finds operations by what it tells")]
use alloc::sync::Arc;
use core::cell::{Cell, RefCell};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;
use core::time::Duration;

use super::api::{
    self, Bool, ERROR_IO_PENDING, ERROR_MORE_DATA, ERROR_OPERATION_ABORTED, Handle, INVALID_HANDLE, Overlapped, Owned,
};
use super::stream::Stream;
use crate::io;
use crate::rt::operation::{Begun, Header, Outcome};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateIoCompletionPort(file: Handle, port: Handle, key: usize, threads: u32) -> Handle;
    fn GetQueuedCompletionStatusEx(
        port: Handle,
        entries: *mut Entry,
        count: u32,
        removed: *mut u32,
        milliseconds: u32,
        alertable: Bool,
    ) -> Bool;
    fn PostQueuedCompletionStatus(port: Handle, bytes: u32, key: usize, overlapped: *mut Overlapped) -> Bool;
    fn SetFileCompletionNotificationModes(file: Handle, flags: u8) -> Bool;
    fn CancelIoEx(file: Handle, overlapped: *mut Overlapped) -> Bool;
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn RtlNtStatusToDosError(status: u32) -> u32;
}

const WAIT_TIMEOUT: u32 = 258;
const INFINITE: u32 = u32::MAX;
/// How many ends are taken in at once.
const BATCH: usize = 32;

/// The key of packets of the kernel's own.
const KERNEL: usize = 0;
/// The key of packets that were posted: the outcome lies where the kernel would put the number of bytes.
const POSTED: usize = 1;

/// A packet: `OVERLAPPED_ENTRY`.
#[repr(C)]
struct Entry {
    key: usize,
    /// The beginning of an operation's [`Kernel`].
    overlapped: *mut Overlapped,
    status: usize,
    bytes: u32,
}

/// Packets that were taken from the port. If a waker panics, those behind it go back to the port: without them their
/// operations would never end.
struct Batch<'a> {
    port: Handle,
    rest: &'a [Entry],
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        for entry in self.rest {
            // SAFETY: as it came; the operation's block is alive until its packet is taken in. It fails for want of
            // memory only.
            unsafe { PostQueuedCompletionStatus(self.port, entry.bytes, entry.key, entry.overlapped) };
        }
    }
}

/// What the kernel knows an operation by, and how the driver stops it.
#[repr(C)]
pub(super) struct Kernel {
    pub(super) overlapped: Overlapped,
    stop: Stop,
    abandoned: Abandoned,
}

/// How an operation is stopped.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// The kernel is asked to, by the file's handle.
    Io(Handle),
    /// A function does it, given this number.
    Call(unsafe fn(usize) -> Stopped, usize),
}

/// What came of stopping an operation.
pub(super) enum Stopped {
    /// It has ended with this, and no packet will come.
    Ended,
    /// Its packet will come soon.
    Ending,
    /// Nobody knows when it ends.
    Stubborn,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Abandoned {
    No,
    Ending,
    Stubborn,
}

impl Kernel {
    /// For an operation at an offset that is stopped in this way.
    pub(super) fn new(offset: u64, stop: Stop) -> Self {
        Self { overlapped: Overlapped::at(offset), stop, abandoned: Abandoned::No }
    }

    /// Sets how it is stopped, which may be known only when it has begun.
    ///
    /// # Safety
    /// The block is alive, on the runtime's thread.
    pub(super) unsafe fn set_stop(kernel: NonNull<Self>, stop: Stop) {
        // SAFETY: as asked; the kernel does not touch this field.
        unsafe { (&raw mut (*kernel.as_ptr()).stop).write(stop) };
    }
}

/// How a handle's operations end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Association {
    /// Whether those that end at once leave no packet.
    inline: bool,
}

/// The completion port of one thread, and what is on its way to it.
pub(crate) struct Driver {
    /// Closed with the driver, unless somebody may still post to it.
    port: ManuallyDrop<Owned>,
    in_flight: Cell<usize>,
    /// How many of those nobody waits for, and will end soon.
    ending: Cell<usize>,
    /// The standard streams, once they were used.
    pub(super) standard: RefCell<[Option<Arc<Stream>>; 3]>,
}

impl Driver {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: makes a new port.
        let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE, 0, 0, 1) };
        if port == 0 {
            return Err(api::last_os_error());
        }
        // SAFETY: it was just made.
        let port = ManuallyDrop::new(unsafe { Owned::new(port) });
        Ok(Self { port, in_flight: Cell::new(0), ending: Cell::new(0), standard: RefCell::default() })
    }

    #[allow(clippy::unused_self, reason = "the platforms have it in common")]
    pub(crate) fn name(&self) -> &'static str {
        "IOCP"
    }

    /// Lets the ends of a handle's operations come in here, from now until it is closed; without a packet for those
    /// that end at once, if that may be so.
    ///
    /// # Errors
    /// What was not opened for overlapped operations, or belongs to another port, cannot be associated.
    pub(super) fn associate(&self, handle: Handle, inline: bool) -> io::Result<Association> {
        const FILE_SKIP_COMPLETION_PORT_ON_SUCCESS: u8 = 1;
        // SAFETY: the port is open; a bad handle is an error.
        if unsafe { CreateIoCompletionPort(handle, self.port.raw(), KERNEL, 0) } == 0 {
            return Err(api::last_os_error());
        }
        // The handle itself is still signalled at each end: a child that was given it may wait for that.
        let mode = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
        // SAFETY: sets a flag.
        let inline = inline && unsafe { SetFileCompletionNotificationModes(handle, mode) } != 0;
        Ok(Association { inline })
    }

    /// Says how an overlapped operation has begun, from what its call answered.
    ///
    /// # Safety
    /// The kernel's part is that of the call, which was made just now with a handle of this association.
    pub(super) unsafe fn begun(
        &self,
        association: Association,
        kernel: NonNull<Kernel>,
        answer: Result<(), u32>,
    ) -> Begun {
        match answer {
            // SAFETY: it has ended, so that the kernel no longer writes there.
            Ok(()) if association.inline => Begun::Done(unsafe { (*kernel.as_ptr()).overlapped.count } as Outcome),
            // What does not fit is a warning, not an error: those leave a packet.
            Ok(()) | Err(ERROR_IO_PENDING | ERROR_MORE_DATA) => self.pending(),
            Err(code) => Begun::Done(-Outcome::from(code)),
        }
    }

    /// Counts an operation whose end will be told by a packet.
    pub(super) fn pending(&self) -> Begun {
        self.in_flight.set(self.in_flight.get() + 1);
        Begun::Pending
    }

    /// Where other threads post ends to, by [`post`].
    pub(super) fn port(&self) -> Handle {
        self.port.raw()
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        // Rounded up: what wakes early would have to go round again and again.
        let milliseconds = timeout.map_or(INFINITE, |timeout| {
            let whole = timeout.as_secs().saturating_mul(1000);
            let rest = timeout.subsec_nanos().div_ceil(1_000_000);
            whole.saturating_add(rest.into()).min((INFINITE - 1).into()) as u32
        });
        let mut entries = [const { MaybeUninit::<Entry>::uninit() }; BATCH];
        let mut count = 0;
        // SAFETY: there is room for as many entries as is told.
        let any = unsafe {
            let entries = entries.as_mut_ptr().cast();
            GetQueuedCompletionStatusEx(self.port(), entries, BATCH as u32, &raw mut count, milliseconds, 0)
        };
        if any == 0 {
            return match api::last_error() {
                WAIT_TIMEOUT => Ok(()),
                code => Err(api::os_error(code)),
            };
        }
        // SAFETY: the system has written so many.
        let taken = unsafe { core::slice::from_raw_parts(entries.as_ptr().cast(), count as usize) };
        let mut batch = Batch { port: self.port(), rest: taken };
        while let Some((entry, rest)) = batch.rest.split_first() {
            batch.rest = rest;
            self.take_in(entry);
        }
        Ok(())
    }

    fn take_in(&self, entry: &Entry) {
        let Some(kernel) = NonNull::new(entry.overlapped.cast::<Kernel>()) else { return };
        // SAFETY: a packet names an operation that is in flight, so that its block is alive; and nobody else writes
        // to it any more.
        let Kernel { overlapped, abandoned, .. } = unsafe { kernel.as_ref() };
        let outcome = if entry.key == POSTED { overlapped.count as Outcome } else { outcome(overlapped) };
        let abandoned = *abandoned;
        // SAFETY: it is its only packet, on the runtime's thread.
        unsafe { self.end(kernel, abandoned, outcome) };
    }

    /// # Safety
    /// As [`Header::complete`].
    unsafe fn end(&self, kernel: NonNull<Kernel>, abandoned: Abandoned, outcome: Outcome) {
        self.in_flight.set(self.in_flight.get() - 1);
        if abandoned == Abandoned::Ending {
            self.ending.set(self.ending.get() - 1);
        }
        // SAFETY: all blocks of this backend have this part; the rest is as asked.
        unsafe { Header::complete(Header::behind(kernel), outcome) };
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0
    }

    pub(crate) fn cancel(&self, header: NonNull<Header>) {
        // SAFETY: all blocks of this backend have this part; it is alive, as the operation is in flight.
        let kernel = unsafe { Header::before::<Kernel>(header) };
        // SAFETY: the kernel does not touch this field.
        let stop = unsafe { (&raw const (*kernel.as_ptr()).stop).read() };
        let stopped = match stop {
            Stop::Io(handle) => {
                // SAFETY: the place of the kernel's part names the operation. One that cannot be found has ended,
                // and its packet is on its way.
                unsafe { CancelIoEx(handle, kernel.as_ptr().cast()) };
                Stopped::Ending
            }
            // SAFETY: the number is the one that was set together with the function.
            Stop::Call(call, number) => unsafe { call(number) },
        };
        let abandoned = match stopped {
            Stopped::Ending => Abandoned::Ending,
            Stopped::Stubborn => Abandoned::Stubborn,
            Stopped::Ended => {
                // SAFETY: it has ended, says what stopped it.
                unsafe { self.end(kernel, Abandoned::No, -Outcome::from(ERROR_OPERATION_ABORTED)) };
                return;
            }
        };
        if abandoned == Abandoned::Ending {
            self.ending.set(self.ending.get() + 1);
        }
        // SAFETY: the block is alive: its end is taken in on this thread.
        unsafe { (&raw mut (*kernel.as_ptr()).abandoned).write(abandoned) };
    }

    /// Waits until the kernel has let go of what nobody waits for. Whoever still waits keeps the driver.
    pub(crate) fn close(&self) {
        while self.ending.get() > 0 {
            if self.wait(None).is_err() {
                break;
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // All that is in flight is abandoned now, since a future holds the driver.
        self.close();
        // What is stubborn is posted some day, and another port must not have this one's number by then.
        if self.in_flight.get() == 0 {
            // SAFETY: it is not used again.
            unsafe { ManuallyDrop::drop(&mut self.port) };
        }
    }
}

/// How a kernel operation ended.
fn outcome(overlapped: &Overlapped) -> Outcome {
    let status = overlapped.status as u32;
    if status >> 30 == 3 { -Outcome::from(RtlNtStatusToDosError(status)) } else { overlapped.count as Outcome }
}

/// Tells the end of an operation from any thread.
///
/// # Safety
/// The operation is in flight at the driver of this port, its end is told once, and nobody on this thread touches its
/// block any more.
pub(super) unsafe fn post(port: Handle, kernel: NonNull<Kernel>, outcome: Outcome) {
    // SAFETY: as asked; the block lives at least until the packet is taken in.
    unsafe {
        (&raw mut (*kernel.as_ptr()).overlapped.count).write(outcome as usize);
        // It fails for want of memory only; there is nobody to tell that to.
        PostQueuedCompletionStatus(port, 0, POSTED, kernel.as_ptr().cast());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::windows::api::{FILE_FLAG_OVERLAPPED, FILE_SHARE_ALL, GENERIC_READ, OPEN_EXISTING};
    use crate::backend::windows::{overlapped, wide};
    use crate::rt::{Runtime, block_on};
    use core::task::{Context, Poll, Waker};
    use std::time::Instant;
    use std::vec::Vec;

    #[test]
    fn reads_end_alike_at_once_and_by_a_packet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"0123456789").unwrap();
        let path = wide::path(crate::path::Path::new(path.to_str().unwrap())).unwrap();
        let driver = Runtime::with(|runtime| runtime.driver().clone());
        for inline in [true, false] {
            let file = api::open(&path, GENERIC_READ, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED).unwrap();
            let association = driver.associate(file.raw(), inline).unwrap();
            assert!(inline || !association.inline);
            block_on(async {
                for offset in 0..10 {
                    let buf = Vec::with_capacity(4);
                    let (outcome, buf) = overlapped::read(&driver, file.raw(), association, buf, offset).await;
                    let expected = &b"0123456789"[offset as usize..][..(10 - offset as usize).min(4)];
                    assert_eq!((outcome as usize, &*buf), (expected.len(), expected));
                }
                let (outcome, buf) =
                    overlapped::read(&driver, file.raw(), association, Vec::with_capacity(4), 10).await;
                assert_eq!(overlapped::read_result(outcome).unwrap(), 0);
                assert!(buf.is_empty());
            });
            assert!(driver.is_idle());
        }
    }

    struct Panics;

    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("a waker that panics");
        }
    }

    #[test]
    fn a_waker_that_panics_costs_no_other_operation_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"0123456789").unwrap();
        let path = wide::path(crate::path::Path::new(path.to_str().unwrap())).unwrap();
        let driver = Runtime::with(|runtime| runtime.driver().clone());
        let file = api::open(&path, GENERIC_READ, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED).unwrap();
        // Each leaves a packet, though it ends at once: the batch is complete before the wait.
        let association = driver.associate(file.raw(), false).unwrap();
        let waker = std::task::Waker::from(std::sync::Arc::new(Panics));
        let reads = [0, 3, 6].map(|offset| {
            let (driver, raw) = (driver.clone(), file.raw());
            let read = async move { overlapped::read(&driver, raw, association, Vec::with_capacity(3), offset).await };
            let mut read = std::boxed::Box::pin(read);
            assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            // If the assertions below fail, there is nothing that its drop could wait for.
            ManuallyDrop::new(read)
        });
        for _ in 0..reads.len() {
            let waited = std::panic::AssertUnwindSafe(|| driver.wait(Some(Duration::from_secs(60))));
            std::panic::catch_unwind(waited).unwrap_err();
        }
        assert!(driver.is_idle());
        for (mut read, expected) in reads.into_iter().zip([b"012", b"345", b"678"]) {
            let ended = read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(ended, Poll::Ready((3, expected.to_vec())));
        }
    }

    #[test]
    fn a_handle_belongs_to_one_port() {
        let (reader, _writer) = crate::backend::windows::pipe::ends(true, true).unwrap();
        let (one, other) = (Driver::new().unwrap(), Driver::new().unwrap());
        one.associate(reader.raw(), true).unwrap();
        assert!(other.associate(reader.raw(), true).is_err());
    }

    #[test]
    fn waiting_for_nothing_ends_when_the_time_is_over() {
        let driver = Driver::new().unwrap();
        let begin = Instant::now();
        driver.wait(Some(Duration::ZERO)).unwrap();
        driver.wait(Some(Duration::from_millis(5))).unwrap();
        // What the system calls a millisecond may be a little shorter than ours.
        assert!(begin.elapsed() >= Duration::from_millis(4));
    }
}
