//! What the modules that loom explores take from the standard library. In `tests/loom.rs` the same modules are compiled
//! with loom's own, which differ where this file has a function or a number.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
pub(crate) use std::sync::{Condvar, Mutex};
pub(crate) use std::thread;

/// How often a writer looks again at once before it lets others run.
pub(crate) const SPINS: u32 = 100;

/// A sequentially consistent fence where loom explores: it knows that of fences only, not of loads and stores.
#[inline]
pub(crate) fn fence_of_model() {}
