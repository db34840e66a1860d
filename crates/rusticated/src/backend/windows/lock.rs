//! A lock that the system keeps, around what it guards.
#![allow(unsafe_code, reason = "calls the system, and lends what it guards")]
use core::cell::UnsafeCell;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn AcquireSRWLockExclusive(lock: *mut usize);
    fn ReleaseSRWLockExclusive(lock: *mut usize);
}

/// Lets one thread at a time at what it guards.
pub(super) struct Lock<T> {
    lock: UnsafeCell<usize>,
    guarded: UnsafeCell<T>,
}

// SAFETY: `with` lets one thread at a time at what is guarded.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(super) const fn new(guarded: T) -> Self {
        Self { lock: UnsafeCell::new(0), guarded: UnsafeCell::new(guarded) }
    }

    /// Calls the function when nobody else is at it; the function must not come here again.
    pub(super) fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        struct Release(*mut usize);
        impl Drop for Release {
            fn drop(&mut self) {
                // SAFETY: acquired below by this thread.
                unsafe { ReleaseSRWLockExclusive(self.0) };
            }
        }
        // SAFETY: zero is a lock that is free, and it does not move while it is held.
        unsafe { AcquireSRWLockExclusive(self.lock.get()) };
        let _release = Release(self.lock.get());
        // SAFETY: this thread has the lock; one that comes here again waits for itself, and gets no second reference.
        function(unsafe { &mut *self.guarded.get() })
    }
}
