//! How the debug allocator keeps out of its own way.
//!
//! While a thread is inside, what it allocates and frees goes straight to the system and is not remembered. So what is got
//! inside must be freed inside, and nothing is printed or resolved there.

use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    // Without a destructor and made before the thread runs: reading it allocates nothing, and it outlives all others.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// This thread is inside while it lives.
#[derive(Debug)]
pub(super) struct Inside(());

impl Inside {
    pub(super) fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self(())
    }

    pub(super) fn is_entered() -> bool {
        DEPTH.get() != 0
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// A value that one thread at a time uses, from inside. The standard library's lock may allocate on some systems.
#[derive(Debug)]
pub(super) struct Locked<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through `with` (by one thread at a time) or by its owner.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    pub(super) const fn new(value: T) -> Self {
        Self { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Does `work` with the value, inside. `work` must not come back here.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        struct Release<'lock>(&'lock AtomicBool);
        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Release);
            }
        }
        let _inside = Inside::enter();
        while self.taken.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            std::thread::yield_now();
        }
        let _release = Release(&self.taken);
        // SAFETY: whoever sets the flag is alone until it is cleared, and `work` has no way to a second reference.
        work(unsafe { &mut *self.value.get() })
    }

    /// As [`Self::with`], for a list that leaves: its own memory must not be from inside.
    pub(super) fn with_copied<I>(&self, work: impl FnOnce(&mut T) -> Vec<I>) -> Vec<I> {
        let list = self.with(work);
        let mut copy = Vec::with_capacity(list.len());
        let _inside = Inside::enter();
        copy.extend(list);
        copy
    }

    pub(super) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}
