//! A lock for many readers or one writer.
use core::cell::{Ref, RefCell, RefMut};
use core::fmt;

use super::{LockResult, TryLockError, TryLockResult};

/// A value for many readers or one writer: a `RefCell` with std's names.
#[derive(Default)]
pub struct RwLock<T: ?Sized>(RefCell<T>);

// SAFETY: there is one thread.
unsafe impl<T: Send + Sync + ?Sized> Sync for RwLock<T> {}

/// Read access.
pub type RwLockReadGuard<'a, T> = Ref<'a, T>;
/// Write access.
pub type RwLockWriteGuard<'a, T> = RefMut<'a, T>;

impl<T> RwLock<T> {
    /// A lock of the value.
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// The value.
    pub fn into_inner(self) -> LockResult<T> {
        Ok(self.0.into_inner())
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Lets read.
    ///
    /// # Panics
    /// While it is written.
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        Ok(self.0.borrow())
    }

    /// Lets write.
    ///
    /// # Panics
    /// While it is read or written.
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        Ok(self.0.borrow_mut())
    }

    /// Lets read, if nobody writes.
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        self.0.try_borrow().map_err(|_| TryLockError::WouldBlock)
    }

    /// Lets write, if nobody reads or writes.
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
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

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RwLock").field(&&self.0).finish()
    }
}
