//! The clocks.
#![allow(unsafe_code, reason = "functions of the libc")]
use super::system::{self, CLOCK_MONOTONIC, CLOCK_REALTIME, ClockId, Timespec};

/// Nanoseconds of the clock that only goes forward.
pub(crate) fn monotonic() -> u64 {
    let now = time(CLOCK_MONOTONIC);
    now.seconds as u64 * 1_000_000_000 + now.nanoseconds as u64
}

/// Seconds since 1970, and nanoseconds after that second.
pub(crate) fn realtime() -> (i64, u32) {
    let now = time(CLOCK_REALTIME);
    (now.seconds, now.nanoseconds as u32)
}

fn time(clock: ClockId) -> Timespec {
    let mut now = Timespec::default();
    // SAFETY: writes to `now` only; these two clocks are always there.
    unsafe { system::clock_gettime(clock, &raw mut now) };
    now
}
