//! What happens once.
use core::cell::{Cell, LazyCell, OnceCell};
use core::fmt;
use core::ops::Deref;

/// Something that is done once.
#[derive(Debug, Default)]
pub struct Once(Cell<bool>);

// SAFETY: there is one thread.
unsafe impl Sync for Once {}

impl Once {
    /// Not done yet.
    pub const fn new() -> Self {
        Self(Cell::new(false))
    }

    /// Does it, if it is not done.
    pub fn call_once(&self, function: impl FnOnce()) {
        if !self.0.replace(true) {
            function();
        }
    }

    /// Whether it is done.
    pub fn is_completed(&self) -> bool {
        self.0.get()
    }
}

/// A value that is set once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OnceLock<T>(OnceCell<T>);

// SAFETY: there is one thread.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// Without a value.
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// The value.
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// The value.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.get_mut()
    }

    /// Sets the value; gives it back if there is one.
    pub fn set(&self, value: T) -> Result<(), T> {
        self.0.set(value)
    }

    /// The value, made if there is none.
    pub fn get_or_init(&self, function: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(function)
    }

    /// The value, if there is one.
    pub fn into_inner(self) -> Option<T> {
        self.0.into_inner()
    }

    /// The value, taken out.
    pub fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceLock").field(&&self.0).finish()
    }
}

/// A value that is made when it is first used.
pub struct LazyLock<T, F = fn() -> T>(LazyCell<T, F>);

// SAFETY: there is one thread.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// Not made yet.
    pub const fn new(function: F) -> Self {
        Self(LazyCell::new(function))
    }

    /// Makes it, if that was not done.
    pub fn force(this: &Self) -> &T {
        LazyCell::force(&this.0)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyLock").field(&&self.0).finish()
    }
}
