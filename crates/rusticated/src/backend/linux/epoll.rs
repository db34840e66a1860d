//! epoll: each descriptor is registered once, for both directions, and tells each time that it becomes ready.
#![allow(unsafe_code, reason = "system calls")]
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

pub(super) struct Epoll(i32);

impl Epoll {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: makes a descriptor.
        syscall::check(unsafe { syscall!(syscall::EPOLL_CREATE1, CLOEXEC) }).map(|descriptor| Self(descriptor as i32))
    }

    /// Registers a descriptor under a number that events are told with, or asks for what it is ready for to be told again.
    ///
    /// # Errors
    /// EPERM for files that are always ready.
    pub(super) fn register(&self, descriptor: i32, data: u64) -> io::Result<()> {
        let mut event = Event { events: IN | OUT | RDHUP | EDGE, data };
        let mut control = |operation| {
            // SAFETY: the kernel reads the event only.
            syscall::check(unsafe { syscall!(syscall::EPOLL_CTL, self.0, operation, descriptor, &raw mut event) })
        };
        match control(CTL_ADD) {
            Err(error) if error.raw_os_error() == Some(errno::EEXIST) => control(CTL_MOD).map(drop),
            other => other.map(drop),
        }
    }

    /// Waits until something is ready or the time is over, and gives what is ready.
    pub(super) fn wait<'a>(&self, events: &'a mut [Event], timeout: Option<Duration>) -> io::Result<&'a [Event]> {
        let time = timeout.map(Timespec::from);
        let time = time.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
        // SAFETY: the kernel writes events only, at most as many as there is room for.
        let mut count =
            unsafe { syscall!(syscall::EPOLL_PWAIT2, self.0, events.as_mut_ptr(), events.len(), time, 0, 0) };
        if count == -(errno::ENOSYS as isize) {
            // Before 5.11: milliseconds, rounded up, so that nothing wakes before its time.
            let milliseconds = timeout.map_or(-1, |timeout| {
                let begun = u128::from(!timeout.subsec_nanos().is_multiple_of(1_000_000));
                i32::try_from(timeout.as_millis() + begun).unwrap_or(i32::MAX) as isize
            });
            // SAFETY: as above.
            count = unsafe {
                syscall!(syscall::EPOLL_PWAIT, self.0, events.as_mut_ptr(), events.len(), milliseconds, 0, 0)
            };
        }
        if count == -(errno::EINTR as isize) {
            return Ok(&[]);
        }
        Ok(&events[..syscall::check(count)?])
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        // SAFETY: its own descriptor.
        unsafe { syscall!(syscall::CLOSE, self.0) };
    }
}
