//! Panics of code that is not the runtime's: they end here, whatever they throw.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many panics in a row are dropped; what is thrown after that is kept.
const THROWN: usize = 4;

/// Runs something; `None` if it panics. What state that leaves is the business of whoever panicked.
pub(crate) fn caught<R>(run: impl FnOnce() -> R) -> Option<R> {
    let mut thrown = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => return Some(result),
        Err(payload) => Some(payload),
    };
    // What was thrown may throw again when it is dropped; for ever, if it means to.
    for _ in 0..THROWN {
        let payload = thrown?;
        thrown = catch_unwind(AssertUnwindSafe(|| drop(payload))).err();
    }
    std::mem::forget(thrown);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_whenever_it_is_dropped_does_no_harm() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                std::panic::panic_any(Self);
            }
        }
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u32 { std::panic::panic_any(Bomb) }), None);
    }
}
