//! A system call as data: made at once, when its descriptor is ready, on a worker's thread, or told to io_uring.
#![allow(unsafe_code, reason = "system calls")]
use core::ffi::c_void;
use core::ops::Not;

use super::syscall::{self, errno, syscall};
use crate::backend::job::Direction;
use crate::rt::operation::Outcome;

/// A number and its arguments; what these point at must stay until the call is over.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(super) number: usize,
    pub(super) arguments: [usize; 6],
}

/// Paths begin at the current folder.
pub(super) const AT_FDCWD: isize = -100;

const POLLIN: i16 = 1;
const POLLOUT: i16 = 4;
/// Only what can be done without waiting.
const RWF_NOWAIT: usize = 8;
const EAGAIN: Outcome = -(errno::EAGAIN as Outcome);

/// The kernel's `struct pollfd`.
#[repr(C)]
struct PollFd {
    descriptor: i32,
    events: i16,
    returned: i16,
}

/// The kernel's `struct iovec`.
#[repr(C)]
pub(super) struct IoVec {
    pub(super) base: *mut c_void,
    pub(super) length: usize,
}

impl Call {
    /// No call, but the wait for a descriptor to be ready.
    const READY: usize = usize::MAX;

    pub(super) const fn new(number: usize, arguments: [usize; 6]) -> Self {
        Self { number, arguments }
    }

    /// Does nothing when the descriptor is ready.
    pub(super) const fn ready(descriptor: i32, direction: Direction) -> Self {
        Self::new(Self::READY, [descriptor as usize, events(direction) as usize, 0, 0, 0, 0])
    }

    pub(super) const fn waits_only(&self) -> bool {
        self.number == Self::READY
    }

    /// Whether it may wait for somebody else without an end, as the opening of a pipe by its name does.
    pub(crate) const fn waits_for_others(&self) -> bool {
        self.number == syscall::WAITID || self.opens() && self.arguments[0] == AT_FDCWD as usize
    }

    /// Whether what it gives is a descriptor.
    pub(super) const fn opens(&self) -> bool {
        self.number == syscall::OPENAT
    }

    /// Makes the call, again where a signal interrupts it.
    ///
    /// # Safety
    /// As the call itself asks.
    pub(crate) unsafe fn run(&self) -> Outcome {
        if self.waits_only() {
            return 0;
        }
        loop {
            // SAFETY: as asked above.
            let outcome = unsafe { syscall::call6(self.number, self.arguments) };
            if outcome != -(errno::EINTR as isize) {
                return outcome as Outcome;
            }
        }
    }

    /// Makes the call if that can be done without waiting; None if not. A descriptor that others share may not be
    /// told to refuse waiting: it is asked first.
    ///
    /// # Safety
    /// As the call itself asks.
    pub(crate) unsafe fn attempt(&self, descriptor: i32, direction: Direction, ask: bool) -> Option<Outcome> {
        if (ask || self.waits_only()) && !is_ready(descriptor, direction) {
            return None;
        }
        // SAFETY: as asked above.
        let outcome = unsafe { self.run() };
        // A connection that has begun is asked about by the same call.
        let waits = [EAGAIN, -(errno::EINPROGRESS as Outcome), -(errno::EALREADY as Outcome)];
        (!waits.contains(&outcome)).then_some(outcome)
    }

    /// Reads or writes a file if nothing has to be waited for: what is read lies in the memory already.
    ///
    /// # Safety
    /// As the call itself asks.
    pub(super) unsafe fn attempt_cached(&self) -> Option<Outcome> {
        let [descriptor, base, length, offset, ..] = self.arguments;
        let (number, offset) = match self.number {
            syscall::READ => (syscall::PREADV2, usize::MAX),
            syscall::PREAD64 => (syscall::PREADV2, offset),
            syscall::WRITE => (syscall::PWRITEV2, usize::MAX),
            syscall::PWRITE64 => (syscall::PWRITEV2, offset),
            _ => return None,
        };
        let vector = IoVec { base: base as *mut c_void, length };
        // SAFETY: as asked above; the offset's upper half is without meaning where a word holds all of it.
        let outcome = unsafe { syscall!(number, descriptor, &raw const vector, 1, offset, 0, RWF_NOWAIT) };
        // Refused, or it would wait: whatever it is, the call itself will tell.
        (outcome >= 0).then_some(outcome as Outcome)
    }
}

const fn events(direction: Direction) -> i16 {
    match direction {
        Direction::Read => POLLIN,
        Direction::Write => POLLOUT,
    }
}

/// Whether a call on the descriptor would not wait; also when it would fail.
fn is_ready(descriptor: i32, direction: Direction) -> bool {
    let mut asked = PollFd { descriptor, events: events(direction), returned: 0 };
    let no_time = [0u64; 2];
    // SAFETY: the kernel writes to `asked` only.
    syscall::again(|| unsafe { syscall!(syscall::PPOLL, &raw mut asked, 1, no_time.as_ptr(), 0, 0) })
        .is_ok_and(|ready| ready == 0)
        .not()
}
