//! The registry of operations: how many the host works on, and a list of those whose ends it has told.
#![allow(unsafe_code, reason = "the host names operations by their addresses")]
use core::cell::Cell;
use core::ptr::NonNull;
use core::time::Duration;

use crate::abi::{Overlapped, imports};
use crate::io;
use crate::rt::operation::{Header, Outcome};
use crate::rt::{self, Runtime};

pub(crate) struct Driver {
    in_flight: Cell<usize>,
    /// Those that have ended, linked in the order in which that was told.
    first: Cell<*const Overlapped>,
    last: Cell<*const Overlapped>,
}

impl Driver {
    pub(crate) fn new() -> io::Result<Self> {
        let none = core::ptr::null();
        Ok(Self { in_flight: Cell::new(0), first: Cell::new(none), last: Cell::new(none) })
    }

    pub(crate) fn name(&self) -> &'static str {
        "host functions"
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0
    }

    /// Only a host that can block has the function that this calls: others call [`rt::tick`] and never come here.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        if !self.deliver() {
            let timeout = timeout.map_or(-1, |timeout| i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX));
            // SAFETY: lends nothing.
            super::error::check(unsafe { imports::wait(timeout) })?;
            self.deliver();
        }
        Ok(())
    }

    pub(crate) fn cancel(&self, header: NonNull<Header>) {
        // SAFETY: all operations of this platform have this kernel part, and this one is in flight.
        let overlapped = unsafe { Header::before::<Overlapped>(header) };
        // SAFETY: as above; the block lives until its end was told.
        unsafe { imports::cancel(overlapped.as_ptr()) }
    }

    /// Nothing to do: the module's only thread does not end.
    pub(crate) fn close(&self) {}

    /// One more operation for the host.
    pub(super) fn begin(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// One of them has ended.
    pub(super) fn end(&self) {
        self.in_flight.set(self.in_flight.get() - 1);
    }

    /// Notes an end. Nothing of the program runs yet: the host may be in the middle of an import.
    fn note(&self, overlapped: &Overlapped, outcome: Outcome) {
        if overlapped.state.replace(Overlapped::ENDED) == Overlapped::ENDED {
            return;
        }
        overlapped.result.set(outcome);
        let last = self.last.replace(overlapped);
        if last.is_null() {
            self.first.set(overlapped);
        } else {
            // SAFETY: what is in the list is alive until it was taken from it.
            unsafe { &*last }.next.set(overlapped);
        }
    }

    /// Tells the ends in the list to who waits for them. False if there was none.
    pub(crate) fn deliver(&self) -> bool {
        let mut any = false;
        while let Some(overlapped) = NonNull::new(self.first.get().cast_mut()) {
            // SAFETY: what is in the list is alive until it was taken from it.
            let (next, outcome) = unsafe { (overlapped.as_ref().next.get(), overlapped.as_ref().result.get()) };
            self.first.set(next);
            if next.is_null() {
                self.last.set(next);
            }
            self.end();
            // SAFETY: in flight until now, and told once: `note` saw to that.
            unsafe { Header::complete(Header::behind(overlapped), outcome) };
            any = true;
        }
        any
    }
}

/// The host tells an end.
///
/// # Safety
/// The address is that of an operation that the host was asked for, and whose end it has not told.
#[unsafe(no_mangle)]
unsafe extern "C" fn rusticated_complete(overlapped: *const Overlapped, result: i64) {
    // SAFETY: as asked above: such blocks are alive.
    Runtime::with_existing(|runtime| runtime.driver().note(unsafe { &*overlapped }, result));
}

/// The host lets the module run.
#[unsafe(no_mangle)]
extern "C" fn rusticated_tick() -> i64 {
    rt::tick().map_or(-1, |until| i64::try_from(until.as_nanos()).unwrap_or(i64::MAX))
}
