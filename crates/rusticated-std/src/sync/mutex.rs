//! A lock for one at a time.
use core::cell::{RefCell, RefMut};
use core::fmt;

use super::{LockResult, TryLockError, TryLockResult};

/// A value for one at a time: a `RefCell` with std's names.
#[derive(Default)]
pub struct Mutex<T: ?Sized>(RefCell<T>);

// SAFETY: there is one thread.
unsafe impl<T: Send + ?Sized> Sync for Mutex<T> {}

/// Access to the value.
pub type MutexGuard<'a, T> = RefMut<'a, T>;

impl<T> Mutex<T> {
    /// A lock of the value.
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// The value.
    pub fn into_inner(self) -> LockResult<T> {
        Ok(self.0.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks it.
    ///
    /// # Panics
    /// When it is locked already.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.0.borrow_mut())
    }

    /// Locks it, if nobody has.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        self.0.try_borrow_mut().map_err(|_| TryLockError::WouldBlock)
    }

    /// The value.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        Ok(self.0.get_mut())
    }

    /// Never.
    pub fn is_poisoned(&self) -> bool {
        false
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mutex").field(&&self.0).finish()
    }
}
