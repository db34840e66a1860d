//! Readers that never wait, and writers that wait until no reader can still hold what they withdrew: epochs, one counter
//! for each reading thread. A counter is odd while its thread reads. A writer first makes something unreachable, then
//! waits for every counter that it finds odd to change: whoever starts to read after that cannot find it any more.
//!
//! A thread that reads runs a few loads and no foreign code, so the wait is short.

// Records are shared by address, since no lock may be in a reader's way.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr;

use crate::sync::{AtomicBool, AtomicPtr, AtomicU64, Ordering, SPINS, fence_of_model, spin_loop, thread};

/// All the threads that read.
#[derive(Debug)]
pub(crate) struct Readers {
    /// The list of their records; null at first.
    pub(crate) first: AtomicPtr<Record>,
}

/// What a thread that reads shows to writers. On a cache line of its own (and the one that is fetched along with it).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Record {
    /// Odd while its thread reads.
    epoch: AtomicU64,
    /// Whether a thread has it. Records are used again, but never freed before their [`Readers`].
    taken: AtomicBool,
    next: AtomicPtr<Record>,
}

/// Proof that this thread reads: what it finds meanwhile stays. It belongs to its thread.
#[derive(Debug)]
pub(crate) struct Pin<'a> {
    record: &'a Record,
    /// A pin within a pin changes nothing.
    outermost: bool,
    /// The record is given back with the pin: the thread is ending and could not keep it.
    give_back: bool,
    not_send: PhantomData<*const ()>,
}

impl Readers {
    /// A record for the calling thread: one that no thread has, or a new one.
    pub(crate) fn take_record(&self) -> &Record {
        let mut next = self.first.load(Ordering::SeqCst);
        // SAFETY: records in the list are freed with `self` only.
        while let Some(record) = unsafe { next.as_ref() } {
            if record.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                return record;
            }
            next = record.next.load(Ordering::Acquire);
        }
        let record = Box::into_raw(Box::new(Record {
            epoch: AtomicU64::new(0),
            taken: AtomicBool::new(true),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let mut first = self.first.load(Ordering::SeqCst);
        loop {
            // SAFETY: nobody else has it yet, and nobody frees it before `self`.
            unsafe { (*record).next.store(first, Ordering::Release) };
            match self.first.compare_exchange(first, record, Ordering::SeqCst, Ordering::SeqCst) {
                // SAFETY: as above.
                Ok(_) => return unsafe { &*record },
                Err(now) => first = now,
            }
        }
    }

    /// Waits until nobody can hold what was made unreachable (with [`Ordering::SeqCst`]) before this call. The calling
    /// thread itself must not be reading.
    pub(crate) fn wait(&self) {
        fence_of_model();
        let mut next = self.first.load(Ordering::SeqCst);
        // SAFETY: records in the list are freed with `self` only.
        while let Some(record) = unsafe { next.as_ref() } {
            let seen = record.epoch.load(Ordering::SeqCst);
            let mut tries = 0_u32;
            while !seen.is_multiple_of(2) && record.epoch.load(Ordering::Acquire) == seen {
                // The reader is a few instructions from its end, unless the system took its processor away.
                if tries < SPINS {
                    tries += 1;
                    spin_loop();
                } else {
                    thread::yield_now();
                }
            }
            next = record.next.load(Ordering::Acquire);
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        let mut next = self.first.load(Ordering::Relaxed);
        while !next.is_null() {
            // SAFETY: made by `Box::into_raw`; nobody borrows from `self` any more.
            let record = unsafe { Box::from_raw(next) };
            next = record.next.load(Ordering::Relaxed);
        }
    }
}

impl Record {
    /// From now on this thread reads.
    ///
    /// The sequentially consistent exchange is what makes it work: either a writer's [`Readers::wait`] sees the odd
    /// number, or this thread's own loads, sequentially consistent, too, see what the writer did before.
    #[inline]
    pub(crate) fn pin(&self) -> Pin<'_> {
        let epoch = self.epoch.load(Ordering::Relaxed);
        let outermost = epoch.is_multiple_of(2);
        if outermost {
            self.epoch.swap(epoch + 1, Ordering::SeqCst);
            fence_of_model();
        }
        Pin { record: self, outermost, give_back: false, not_send: PhantomData }
    }

    /// For a thread that ends: others may have it.
    pub(crate) fn give_back(&self) {
        self.taken.store(false, Ordering::Release);
    }
}

impl Pin<'_> {
    /// The record is given back when this ends.
    #[cold]
    pub(crate) fn giving_back(mut self) -> Self {
        self.give_back = true;
        self
    }
}

impl Drop for Pin<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.outermost {
            let epoch = self.record.epoch.load(Ordering::Relaxed);
            self.record.epoch.store(epoch + 1, Ordering::Release);
        }
        if self.give_back {
            self.record.give_back();
        }
    }
}
