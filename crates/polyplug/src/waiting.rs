//! Who waits for whom. The turn to load, a singleton that is being made, a bundle that ends, a virtual machine: each is held
//! while foreign code runs, which may ask for the others. Therefore a thread says what it waits for before it waits, and does
//! not where it would wait for itself.

// What is waited for is looked at by address.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Which thread waits, and where it is written who holds what it waits for.
#[derive(Debug, Default)]
pub struct Waiting(HashMap<usize, Holder>);

/// The number of the thread that holds something; 0 if none does.
#[derive(Debug)]
struct Holder(*const AtomicUsize);

// SAFETY: the address of an atomic.
unsafe impl Send for Holder {}

static WAITING: LazyLock<Mutex<Waiting>> = LazyLock::new(Mutex::default);

thread_local! {
    static THREAD: u64 = const { 0 };
}

/// A number of this thread that no other living thread has: the address of something of its own. Never 0.
#[inline]
#[must_use]
pub fn this_thread() -> usize {
    THREAD.with(|own| ptr::from_ref(own).addr())
}

/// All threads that wait, in this process. Foreign code may not run, and nothing else be waited for, while it is held.
pub fn all() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Waiting {
    /// Whether the thread `holder` waits, by however many others, for what `me` holds. Exact, although holders change while
    /// this reads: those of a circle all wait and stay, and who is not waiting is the end of the way.
    #[must_use]
    pub fn is_circle(&self, me: usize, holder: usize) -> bool {
        let mut thread = holder;
        for _ in 0..=self.0.len() {
            if thread == me {
                return true;
            }
            let Some(next) = self.0.get(&thread) else { return false };
            // SAFETY: `begin` was promised that it is there as long as its waiter is in here.
            thread = unsafe { (*next.0).load(Ordering::Relaxed) };
        }
        false
    }

    /// The thread `me` begins to wait for what `holder` holds.
    ///
    /// # Safety
    ///
    /// `holder` stays until [`end`](Self::end).
    pub unsafe fn begin(&mut self, me: usize, holder: &AtomicUsize) {
        self.0.insert(me, Holder(holder));
    }

    /// The thread `me` waits no longer.
    pub fn end(&mut self, me: usize) {
        self.0.remove(&me);
    }
}

/// Notes that this thread waits for what `holder` holds, while `wait` runs. `Err` if it would wait for itself: then `wait`
/// does not run.
pub(crate) fn unless_circle<R>(holder: &AtomicUsize, wait: impl FnOnce() -> R) -> Result<R, Circle> {
    let me = this_thread();
    {
        let mut waiting = all();
        if waiting.is_circle(me, holder.load(Ordering::Relaxed)) {
            return Err(Circle);
        }
        // SAFETY: it is borrowed until this returns, and `Until` takes it out before.
        unsafe { waiting.begin(me, holder) };
    }
    let _until = Until(me);
    Ok(wait())
}

/// Whoever holds what is wanted waits for the thread that wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Circle;

struct Until(usize);

impl Drop for Until {
    fn drop(&mut self) {
        all().end(self.0);
    }
}
