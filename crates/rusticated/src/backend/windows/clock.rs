//! The clocks.
#![allow(unsafe_code, reason = "calls the system")]
use core::sync::atomic::{AtomicU64, Ordering};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn QueryPerformanceCounter(count: *mut i64) -> i32;
    fn QueryPerformanceFrequency(frequency: *mut i64) -> i32;
    fn GetSystemTimePreciseAsFileTime(time: *mut u64);
}

const NANOSECONDS: u64 = 1_000_000_000;
/// Steps of a file time in a second: each is 100 ns.
const STEPS: i64 = 10_000_000;
/// Seconds from 1601, where file times begin, to 1970.
const EPOCH: i64 = 11_644_473_600;

/// Nanoseconds of the performance counter.
pub(crate) fn monotonic() -> u64 {
    /// Fixed when the system starts; 0 until it was asked for.
    static FREQUENCY: AtomicU64 = AtomicU64::new(0);
    let mut frequency = FREQUENCY.load(Ordering::Relaxed);
    if frequency == 0 {
        let mut value = 0;
        // SAFETY: it writes to the place; it cannot fail since Windows XP.
        unsafe { QueryPerformanceFrequency(&raw mut value) };
        frequency = (value as u64).max(1);
        FREQUENCY.store(frequency, Ordering::Relaxed);
    }
    let mut count = 0;
    // SAFETY: as above.
    unsafe { QueryPerformanceCounter(&raw mut count) };
    let count = count as u64;
    // In two parts, so that no product overflows.
    count / frequency * NANOSECONDS + count % frequency * NANOSECONDS / frequency
}

/// The calendar's clock.
pub(crate) fn realtime() -> (i64, u32) {
    let mut time = 0;
    // SAFETY: a FILETIME is two halves of a 64-bit number, the lower first; eight bytes are written.
    unsafe { GetSystemTimePreciseAsFileTime(&raw mut time) };
    from_file_time(time)
}

/// A file time as seconds since 1970 and nanoseconds.
pub(super) fn from_file_time(time: u64) -> (i64, u32) {
    let time = time as i64;
    (time.div_euclid(STEPS) - EPOCH, time.rem_euclid(STEPS) as u32 * 100)
}

/// The file time of a moment, if there is one.
pub(super) fn to_file_time(seconds: i64, nanoseconds: u32) -> Option<u64> {
    let steps = seconds.checked_add(EPOCH)?.checked_mul(STEPS)?.checked_add(i64::from(nanoseconds / 100))?;
    steps.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_times_begin_in_1601() {
        assert_eq!(from_file_time(0), (-11_644_473_600, 0));
        assert_eq!(from_file_time(116_444_736_000_000_001), (0, 100));
        assert_eq!(to_file_time(0, 199), Some(116_444_736_000_000_001));
        assert_eq!(to_file_time(-11_644_473_601, 0), None);
        assert_eq!(to_file_time(i64::MAX, 0), None);
    }

    #[test]
    fn the_calendar_is_that_of_this_century() {
        let (seconds, nanoseconds) = realtime();
        assert!((1_600_000_000..4_102_444_800).contains(&seconds));
        assert!(nanoseconds < 1_000_000_000);
    }
}
