//! Clocks and spans of time.
pub use core::time::{Duration, TryFromFloatSecsError};
pub use rusticated::time::{Instant, SystemTime, SystemTimeError, UNIX_EPOCH};
