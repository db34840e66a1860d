//! The lock of a virtual machine: one thread at a time, which may come in again, and no waiting that could not end.
//!
//! Machines call each other, and each keeps its lock meanwhile. Two that call each other from two threads would wait for
//! ever; therefore a thread says what it waits for ([`polyplug::waiting`]) before it waits, and does not where it would wait
//! for itself.
// The thread that holds the lock, and nobody else, reaches what is in it.
#![allow(unsafe_code)]

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, PoisonError};
use std::time::Duration;

use polyplug::waiting::{self, this_thread};
use polyplug_abi::AbiErrorCode;

use crate::fault::Fault;

/// How often a thread may be inside of one lock.
pub const MAX_DEPTH: u32 = 64;

/// After this, whoever waits looks again by itself. Leaving is one store and one load, without the barrier between them
/// that would cost as much as all the rest: the load may miss somebody who has just begun to wait.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Something that one thread at a time may use.
pub struct Locked<T> {
    /// 0, or the number of the thread that is in.
    owner: AtomicUsize,
    /// How many threads wait.
    waiters: AtomicUsize,
    /// How often it is in. Only it changes this.
    depth: Cell<u32>,
    /// Tells those that wait.
    left: Condvar,
    value: UnsafeCell<T>,
}

// SAFETY: `value` and `depth` are reached by the owning thread only, and taking and leaving the lock order what threads do
// one after another. That `T` may be used from several threads in turn, the caller of `new` promised.
unsafe impl<T> Sync for Locked<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Locked<T> {}

/// To be inside of a lock.
pub struct Inside<'a, T> {
    lock: &'a Locked<T>,
    /// The number of the owner is this thread's: it stays in it.
    stays: PhantomData<*const ()>,
}

impl<T> Locked<T> {
    /// Puts it behind a lock.
    ///
    /// # Safety
    ///
    /// `value` may be used and dropped from any thread, as long as it is one at a time; nothing in it is shared with
    /// what is not behind the same lock.
    pub unsafe fn new(value: T) -> Self {
        Self {
            owner: AtomicUsize::new(0),
            waiters: AtomicUsize::new(0),
            depth: Cell::new(0),
            left: Condvar::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Goes in; waits while another thread is.
    ///
    /// # Errors
    ///
    /// `Reentrant`: this thread is in [`MAX_DEPTH`] times, or whoever is in waits for something that this thread has.
    #[inline]
    pub fn enter(&self) -> Result<Inside<'_, T>, Box<Fault>> {
        let me = this_thread();
        match self.owner.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => {}
            Err(owner) if owner == me => {
                if self.depth.get() == MAX_DEPTH {
                    return Err(too_deep());
                }
            }
            Err(_) => self.wait(me)?,
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Inside { lock: self, stays: PhantomData })
    }

    #[cold]
    fn wait(&self, me: usize) -> Result<(), Box<Fault>> {
        let mut waiting = waiting::all();
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let result = loop {
            match self.owner.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => break Ok(()),
                Err(owner) if waiting.is_circle(me, owner) => {
                    break Err(Box::new(Fault::new(
                        AbiErrorCode::Reentrant,
                        "the script is busy in another thread, which waits for what this thread is in; try again",
                    )));
                }
                Err(_) => {}
            }
            // SAFETY: `self` is borrowed until after the end of this.
            unsafe { waiting.begin(me, &self.owner) };
            waiting = self.left.wait_timeout(waiting, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
            waiting.end(me);
        };
        self.waiters.fetch_sub(1, Ordering::Relaxed);
        result
    }

    #[cold]
    fn tell_others(&self) {
        // Behind this lock those who wait are asleep, or have yet to look.
        let _waiting = waiting::all();
        self.left.notify_all();
    }

    /// What is in it, when nobody else has it any more.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

#[cold]
fn too_deep() -> Box<Fault> {
    let message = format!("more than {MAX_DEPTH} calls of one script inside each other");
    Box::new(Fault::new(AbiErrorCode::Reentrant, message))
}

impl<T> Inside<'_, T> {
    /// How often this thread is in.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.lock.depth.get()
    }
}

impl<T> Deref for Inside<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this thread is the owner as long as this is there, and only shared references are given out.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> Drop for Inside<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let depth = self.lock.depth.get() - 1;
        self.lock.depth.set(depth);
        if depth == 0 {
            self.lock.owner.store(0, Ordering::Release);
            if self.lock.waiters.load(Ordering::Relaxed) != 0 {
                self.lock.tell_others();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use super::*;

    fn locked(value: u64) -> Arc<Locked<Cell<u64>>> {
        // SAFETY: a cell may be used from any thread, one at a time.
        Arc::new(unsafe { Locked::new(Cell::new(value)) })
    }

    #[test]
    fn one_thread_at_a_time_is_inside() {
        let times = if cfg!(miri) { 100 } else { 20_000 };
        let lock = locked(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..times {
                        let outer = lock.enter().expect("no circle");
                        let inner = lock.enter().expect("no circle");
                        inner.set(outer.get() + 1);
                    }
                });
            }
        });
        assert_eq!(lock.enter().expect("free").get(), 4 * times);
    }

    #[test]
    fn a_thread_comes_in_again_but_not_without_end() {
        let lock = locked(0);
        let mut inside: Vec<_> = (0..MAX_DEPTH).map(|_| lock.enter().expect("not too deep")).collect();
        let refused = lock.enter().err().expect("too deep");
        assert_eq!(refused.code, AbiErrorCode::Reentrant.as_u32());
        inside.pop();
        assert_eq!(lock.enter().expect("there is room again").depth(), MAX_DEPTH);
    }

    #[test]
    fn of_threads_that_wait_in_a_circle_one_is_told() {
        for threads in [2, 3, 5] {
            let locks: Vec<_> = (0..threads).map(|_| locked(0)).collect();
            let all_have_one = Barrier::new(threads);
            let told: usize = std::thread::scope(|scope| {
                let handles: Vec<_> = (0..threads)
                    .map(|place| {
                        let (locks, all_have_one) = (&locks, &all_have_one);
                        scope.spawn(move || {
                            let _own = locks[place].enter().expect("free");
                            all_have_one.wait();
                            usize::from(locks[(place + 1) % threads].enter().is_err())
                        })
                    })
                    .collect();
                handles.into_iter().map(|handle| handle.join().expect("no panic")).sum()
            });
            assert_eq!(told, 1, "{threads} threads");
        }
    }
}
