//! epoll: each descriptor is registered once, for both directions, and tells each time that it becomes ready.
#![allow(unsafe_code, reason = "system calls")]
use core::cell::Cell;
use core::time::Duration;

use super::clock::Timespec;
use super::syscall::{self, errno, syscall};
use crate::io;

pub(super) const IN: u32 = 1;
pub(super) const OUT: u32 = 4;
/// A failure, and the end of the other side: whoever waits learns it by trying.
pub(super) const ERR_HUP: u32 = 8 | 16;
const RDHUP: u32 = 0x2000;
const EDGE: u32 = 1 << 31;
const CTL_ADD: usize = 1;
const CTL_DEL: usize = 2;
const CTL_MOD: usize = 3;
const CLOEXEC: usize = 0o2_000_000;

/// The kernel's `struct epoll_event`, which is packed on x86-64.
#[derive(Clone, Copy)]
#[cfg_attr(target_arch = "x86_64", repr(C, packed))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C))]
pub(super) struct Event {
    pub(super) events: u32,
    pub(super) data: u64,
}

/// What the workers' descriptor is called.
pub(super) const BELL: u64 = u64::MAX;

pub(super) struct Epoll {
    descriptor: i32,
    /// Whether the kernel, or a filter that is older than the call, refuses to wait with nanoseconds.
    coarse: Cell<bool>,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: makes a descriptor.
        syscall::check(unsafe { syscall!(syscall::EPOLL_CREATE1, CLOEXEC) })
            .map(|descriptor| Self { descriptor: descriptor as i32, coarse: Cell::new(false) })
    }

    /// Registers a descriptor under a number that events are told with, or asks for what it is ready for to be told again.
    ///
    /// # Errors
    /// EPERM for files that are always ready.
    pub(super) fn register(&self, descriptor: i32, data: u64) -> io::Result<()> {
        match syscall::check(self.control(CTL_ADD, descriptor, data)) {
            Err(error) if error.raw_os_error() == Some(errno::EEXIST) => {
                syscall::check(self.control(CTL_MOD, descriptor, data)).map(drop)
            }
            other => other.map(drop),
        }
    }

    /// Ends what [`Epoll::register`] began.
    pub(super) fn forget(&self, descriptor: i32) {
        self.control(CTL_DEL, descriptor, 0);
    }

    fn control(&self, operation: usize, descriptor: i32, data: u64) -> isize {
        let event = Event { events: IN | OUT | RDHUP | EDGE, data };
        // SAFETY: the kernel reads the event only.
        unsafe { syscall!(syscall::EPOLL_CTL, self.descriptor, operation, descriptor, &raw const event) }
    }

    /// Waits until something is ready or the time is over, and gives what is ready.
    pub(super) fn wait<'a>(&self, events: &'a mut [Event], timeout: Option<Duration>) -> io::Result<&'a [Event]> {
        let time = timeout.map(Timespec::from);
        let time = time.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
        let (address, length) = (events.as_mut_ptr(), events.len());
        let mut count = -(errno::ENOSYS as isize);
        if !self.coarse.get() {
            // SAFETY: the kernel writes events only, at most as many as there is room for.
            count = unsafe { syscall!(syscall::EPOLL_PWAIT2, self.descriptor, address, length, time, 0, 0) };
        }
        if count == -(errno::ENOSYS as isize) || count == -(errno::EPERM as isize) {
            self.coarse.set(true);
            // Before 5.11: milliseconds, rounded up, so that nothing wakes before its time.
            let milliseconds = timeout.map_or(-1, |timeout| {
                let begun = u128::from(!timeout.subsec_nanos().is_multiple_of(1_000_000));
                i32::try_from(timeout.as_millis() + begun).unwrap_or(i32::MAX) as isize
            });
            // SAFETY: as above.
            count = unsafe { syscall!(syscall::EPOLL_PWAIT, self.descriptor, address, length, milliseconds, 0, 0) };
        }
        if count == -(errno::EINTR as isize) {
            return Ok(&[]);
        }
        Ok(&events[..syscall::check(count)?])
    }
}

/// What was told and nobody has heard yet; the first is until it was. It is told once: what is left, when a waker
/// panics, is asked for again.
pub(super) struct Untold<'a> {
    pub(super) epoll: &'a Epoll,
    /// The workers' descriptor.
    pub(super) bell: i32,
    pub(super) events: &'a [Event],
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        for &Event { data, .. } in self.events {
            // It fails for those only that are closed by now.
            self.epoll.control(CTL_MOD, if data == BELL { self.bell } else { data as i32 }, data);
        }
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        // SAFETY: its own descriptor.
        unsafe { syscall!(syscall::CLOSE, self.descriptor) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::worker::Bell;

    #[test]
    fn a_descriptor_tells_each_time_that_it_becomes_ready_and_only_then() {
        let (epoll, bell) = (Epoll::new().unwrap(), Bell::new().unwrap());
        let mut events = [Event { events: 0, data: 0 }; 4];
        epoll.register(bell.descriptor(), 5).unwrap();
        let mut readable = |timeout| {
            let events = epoll.wait(&mut events, timeout).unwrap();
            events.iter().any(|event| event.data == 5 && event.events & IN != 0)
        };
        assert!(!readable(Some(Duration::ZERO)));
        bell.ring();
        assert!(readable(None));
        assert!(!readable(Some(Duration::ZERO)));
        bell.ring();
        assert!(readable(None));
        // Asked for again, it is told again.
        epoll.register(bell.descriptor(), 5).unwrap();
        assert!(readable(None));
    }

    #[test]
    fn files_are_refused() {
        let file = std::fs::File::open("/proc/self/exe").unwrap();
        let refused = Epoll::new().unwrap().register(std::os::fd::AsRawFd::as_raw_fd(&file), 0).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(errno::EPERM));
    }

    #[test]
    fn a_wait_ends_when_its_time_is_over_and_not_before() {
        let (epoll, start) = (Epoll::new().unwrap(), std::time::Instant::now());
        let time = Duration::from_micros(1500);
        assert!(epoll.wait(&mut [Event { events: 0, data: 0 }], Some(time)).unwrap().is_empty());
        assert!(start.elapsed() >= time);
    }
}
