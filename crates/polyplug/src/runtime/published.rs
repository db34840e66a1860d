//! Something that is read all the time and now and then replaced as a whole: readers see all of the old or all of the new.

// The value is behind a pointer that is swapped under the readers.
#![allow(unsafe_code)]

use super::readers::{Pin, Readers};
use crate::sync::{AtomicPtr, Ordering};

/// The current value, for readers that are pinned.
#[derive(Debug)]
pub(crate) struct Published<T> {
    current: AtomicPtr<T>,
}

/// A value that was replaced. Readers may still hold it, until [`end`](Replaced::end) has waited for them.
#[derive(Debug)]
#[must_use = "it is leaked unless it is ended"]
pub(crate) struct Replaced<T>(*mut T);

impl<T> Published<T> {
    /// Publishes the first value.
    pub(crate) fn new(value: T) -> Self {
        Self { current: AtomicPtr::new(Box::into_raw(Box::new(value))) }
    }

    /// The current value.
    ///
    /// # Safety
    ///
    /// `_pin` is of the [`Readers`] that [`Replaced::end`] gets for values of this.
    #[inline]
    pub(crate) unsafe fn read<'a>(&'a self, _pin: &'a Pin<'_>) -> &'a T {
        // SAFETY: whoever replaces it waits for this pin before freeing it; the drop of `self` cannot happen meanwhile.
        unsafe { &*self.current.load(Ordering::SeqCst) }
    }

    /// Publishes another value.
    pub(crate) fn replace(&self, value: T) -> Replaced<T> {
        Replaced(self.current.swap(Box::into_raw(Box::new(value)), Ordering::SeqCst))
    }
}

impl<T> Replaced<T> {
    /// Waits until nobody reads it, and frees it.
    pub(crate) fn end(self, readers: &Readers) {
        readers.wait();
        // SAFETY: it came from a box, was swapped out once, and the readers that could have seen it are done.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

impl<T> Drop for Published<T> {
    fn drop(&mut self) {
        // SAFETY: it came from a box; nobody borrows from `self` any more.
        drop(unsafe { Box::from_raw(self.current.load(Ordering::Relaxed)) });
    }
}

// SAFETY: it owns a `T`, hands out references to it in any thread, and drops it in any thread.
unsafe impl<T: Send + Sync> Send for Published<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Published<T> {}
