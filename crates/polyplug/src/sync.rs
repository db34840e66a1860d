//! What the modules that loom explores take from the standard library. In `tests/loom.rs` the same modules are compiled
//! with loom's own.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
pub(crate) use std::sync::{Condvar, Mutex};
pub(crate) use std::thread;
