//! Hashing: std's SipHash 1-3, with a seed of the system's randomness.
pub use core::hash::*;

use core::sync::atomic::{AtomicU64, Ordering};

use crate::sys;

/// std's hash function.
#[derive(Clone, Debug)]
#[allow(deprecated)]
pub struct DefaultHasher(SipHasher13);

impl DefaultHasher {
    /// With zeros for a seed.
    #[allow(deprecated)]
    pub fn new() -> Self {
        Self(SipHasher13::new())
    }
}

impl Default for DefaultHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher for DefaultHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
    fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// Makes hashers with a seed that nobody knows beforehand. The seed is drawn once, and each map's is the next number.
#[derive(Clone, Debug)]
pub struct RandomState {
    seed: [u64; 2],
}

impl RandomState {
    /// With a seed of its own.
    pub fn new() -> Self {
        static SEED: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];
        if SEED[1].load(Ordering::Relaxed) == 0 {
            let [first, second] = sys::random();
            SEED[0].store(first, Ordering::Relaxed);
            SEED[1].store(second | 1, Ordering::Relaxed);
        }
        Self { seed: [SEED[0].fetch_add(1, Ordering::Relaxed), SEED[1].load(Ordering::Relaxed)] }
    }
}

impl Default for RandomState {
    fn default() -> Self {
        Self::new()
    }
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    #[allow(deprecated)]
    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher(SipHasher13::new_with_keys(self.seed[0], self.seed[1]))
    }
}
