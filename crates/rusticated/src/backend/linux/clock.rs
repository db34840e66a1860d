//! The clocks.
#![allow(unsafe_code, reason = "system calls")]
use core::time::Duration;

/// The kernel's `struct timespec` of 64 bits.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Timespec {
    pub(super) seconds: i64,
    pub(super) nanoseconds: i64,
}

impl From<Duration> for Timespec {
    fn from(duration: Duration) -> Self {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        Self { seconds, nanoseconds: duration.subsec_nanos().into() }
    }
}

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;

/// Nanoseconds of the clock that only goes forward.
pub(crate) fn monotonic() -> u64 {
    let now = time(MONOTONIC);
    now.seconds as u64 * 1_000_000_000 + now.nanoseconds as u64
}

/// Seconds since 1970, and nanoseconds after that second.
pub(crate) fn realtime() -> (i64, u32) {
    let now = time(REALTIME);
    (now.seconds, now.nanoseconds as u32)
}

/// libc's, since it asks the kernel without entering it.
#[cfg(not(own_std))]
fn time(clock: i32) -> Timespec {
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    }
    let mut now = Timespec::default();
    // SAFETY: writes to `now` only; these two clocks are always there.
    unsafe { clock_gettime(clock, &raw mut now) };
    now
}

#[cfg(own_std)]
fn time(clock: i32) -> Timespec {
    let mut now = Timespec::default();
    // SAFETY: writes to `now` only; these two clocks are always there.
    unsafe { super::syscall::syscall!(super::syscall::CLOCK_GETTIME, clock, &raw mut now) };
    now
}
