//! The host's clocks.
use crate::abi::imports;

const SECOND: i64 = 1_000_000_000;

pub(crate) fn monotonic() -> u64 {
    imports::monotonic().max(0) as u64
}

pub(crate) fn realtime() -> (i64, u32) {
    parts(imports::realtime())
}

/// Nanoseconds since 1970 as seconds and what is left, which is not negative.
pub(super) fn parts(nanoseconds: i64) -> (i64, u32) {
    (nanoseconds.div_euclid(SECOND), nanoseconds.rem_euclid(SECOND) as u32)
}

/// The opposite of [`parts`]; the ends of its range where it does not reach.
pub(super) fn joined((seconds, nanoseconds): (i64, u32)) -> i64 {
    // UNKNOWN is the lowest number.
    seconds.saturating_mul(SECOND).saturating_add(i64::from(nanoseconds)).max(i64::MIN + 1)
}
