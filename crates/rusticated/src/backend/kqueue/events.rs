//! The queue of the kernel's events: what is to be watched is told with the next wait, so that it costs no call of its
//! own, and once: nothing wakes that nobody waits for.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ffi::c_int;
use core::ptr::{null, null_mut};
use core::time::Duration;

use super::handle::prepare;
use super::system::{self, Filter, Kevent, KeventCount, Timespec, check, errno};
use crate::io;

/// How many changes and events go with one call: a change that is refused needs the room of an event.
const AT_ONCE: usize = 64;
/// macOS refuses timeouts of more than this many seconds; a wait may return early.
const LONGEST: u64 = 24 * 60 * 60;

pub(super) struct Events {
    queue: c_int,
    changes: RefCell<Vec<Kevent>>,
    /// What came in and was not handed over, because a waker panicked.
    untold: RefCell<Vec<Kevent>>,
}

/// Events that are being handed over; the first of them is until it was.
struct Rest<'a> {
    queue: &'a Events,
    events: &'a [Kevent],
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.queue.untold.borrow_mut().extend_from_slice(self.events);
    }
}

impl Events {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: makes a descriptor.
        let queue = check(unsafe { system::kqueue() })?;
        prepare(queue, false);
        Ok(Self { queue, changes: RefCell::default(), untold: RefCell::default() })
    }

    /// Watches, or no longer does, from the next wait on. What cannot be watched is told as an event.
    pub(super) fn change(&self, ident: usize, filter: Filter, flags: u16, filter_flags: u32) {
        self.changes.borrow_mut().push(Kevent::new(ident, filter, flags, filter_flags));
    }

    /// Watches from now on.
    pub(super) fn change_now(&self, ident: usize, filter: Filter, flags: u16) {
        let change = Kevent::new(ident, filter, flags, 0);
        // SAFETY: reads the change only; there is room for no event.
        unsafe { system::kevent(self.queue, &change, 1, null_mut(), 0, null()) };
    }

    /// Tells the kernel what has changed, waits for events, and hands them over.
    pub(super) fn wait(&self, timeout: Option<Duration>, mut hand_over: impl FnMut(&Kevent)) -> io::Result<()> {
        let none = Kevent::new(0, system::EVFILT_READ, 0, 0);
        let mut events = [none; AT_ONCE];
        let untold = self.untold.take();
        self.tell(&untold, &mut hand_over);
        let timeout = if untold.is_empty() { timeout } else { Some(Duration::ZERO) };
        loop {
            let mut changes = [none; AT_ONCE];
            let (count, more) = {
                let mut pending = self.changes.borrow_mut();
                let count = pending.len().min(AT_ONCE);
                changes[..count].copy_from_slice(&pending[..count]);
                pending.drain(..count);
                (count, !pending.is_empty())
            };
            let timeout = if more { Some(Duration::ZERO) } else { timeout };
            let timeout = timeout.map(|timeout| Timespec {
                seconds: timeout.as_secs().min(LONGEST) as i64,
                nanoseconds: timeout.subsec_nanos().into(),
            });
            // SAFETY: reads the changes and the time, and writes no more events than there is room for.
            let answer = check(unsafe {
                system::kevent(
                    self.queue,
                    changes.as_ptr(),
                    count as KeventCount,
                    events.as_mut_ptr(),
                    AT_ONCE as KeventCount,
                    timeout.as_ref().map_or(null(), core::ptr::from_ref),
                )
            });
            let ended = match answer {
                Ok(count) => count as usize,
                // All changes were taken by then.
                Err(error) if error.raw_os_error() == Some(errno::EINTR) => 0,
                Err(error) => return Err(error),
            };
            self.tell(&events[..ended], &mut hand_over);
            if !more {
                return Ok(());
            }
        }
    }

    fn tell(&self, events: &[Kevent], hand_over: &mut impl FnMut(&Kevent)) {
        let mut rest = Rest { queue: self, events };
        while let Some((event, behind)) = rest.events.split_first() {
            hand_over(event);
            rest.events = behind;
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // SAFETY: its own descriptor.
        unsafe { system::close(self.queue) };
    }
}
