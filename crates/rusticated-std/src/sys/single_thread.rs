//! Statics that may change.
use core::cell::UnsafeCell;

/// A static that may change. Sound because a program has one thread: this library starts none, and the threads that
/// rusticated starts for itself make system calls only.
pub(crate) struct SingleThread<T>(UnsafeCell<T>);

// SAFETY: see above.
unsafe impl<T> Sync for SingleThread<T> {}

impl<T> SingleThread<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// # Safety
    /// No other reference to the value is alive.
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn get(&self) -> &mut T {
        // SAFETY: as asked above.
        unsafe { &mut *self.0.get() }
    }
}
