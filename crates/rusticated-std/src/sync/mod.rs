//! Sharing. There is one thread: a lock that is held cannot be waited for, so that asking for it again is an error
//! where std would wait for ever. Nothing is ever poisoned, since a panic ends the process.
pub mod mpsc;
mod mutex;
mod once;
mod poison;
mod rwlock;

pub use alloc_crate::sync::{Arc, Weak};
pub use core::sync::atomic;
pub use mutex::{Mutex, MutexGuard};
pub use once::{LazyLock, Once, OnceLock};
pub use poison::{LockResult, PoisonError, TryLockError, TryLockResult};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
