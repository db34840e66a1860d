//! Values that each thread has its own of: one each, since there is one thread. They are made when they are first
//! used, and stay until the process ends.
use core::cell::{Cell, OnceCell, RefCell};
use core::fmt;

/// What lies behind a key.
#[doc(hidden)]
pub struct LocalPlace<T>(OnceCell<T>);

// SAFETY: there is one thread.
unsafe impl<T> Sync for LocalPlace<T> {}

impl<T> LocalPlace<T> {
    #[doc(hidden)]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }
}

/// A value of the thread; made by `thread_local!`.
pub struct LocalKey<T: 'static> {
    place: fn() -> &'static LocalPlace<T>,
    value: fn() -> T,
}

/// The value is gone; it never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError(());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl core::error::Error for AccessError {}

impl<T> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl<T> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(place: fn() -> &'static LocalPlace<T>, value: fn() -> T) -> Self {
        Self { place, value }
    }

    /// Uses the value.
    pub fn with<R>(&'static self, function: impl FnOnce(&T) -> R) -> R {
        function((self.place)().0.get_or_init(self.value))
    }

    /// Uses the value.
    pub fn try_with<R>(&'static self, function: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        Ok(self.with(function))
    }
}

impl<T> LocalKey<Cell<T>> {
    /// Sets it.
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    /// A copy of it.
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes it.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Sets it, and gives the one before.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T> LocalKey<RefCell<T>> {
    /// Uses what the cell holds.
    pub fn with_borrow<R>(&'static self, function: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| function(&cell.borrow()))
    }

    /// Changes what the cell holds.
    pub fn with_borrow_mut<R>(&'static self, function: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| function(&mut cell.borrow_mut()))
    }

    /// Sets it.
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.replace(value));
    }

    /// Takes it.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// Sets it, and gives the one before.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}
