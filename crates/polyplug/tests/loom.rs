//! Every order in which threads may run, for what is read without a lock: the publication of a value, the readers'
//! epochs, and the making of a singleton. The modules are those of the runtime, compiled with loom's atomics.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p polyplug --test loom`; without that, this is empty.

#![cfg(loom)]
#![allow(unsafe_code)] // As the modules.
#![allow(dead_code, unreachable_pub)] // They are used in part.

use std::ptr;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;

use crate::published::Published;
use crate::readers::Readers;
use crate::singleton::{NotMade, Singleton};
use crate::sync::{AtomicPtr, Ordering};

#[path = "../src/runtime/published.rs"]
mod published;
#[path = "../src/runtime/readers.rs"]
mod readers;
#[path = "../src/runtime/singleton.rs"]
mod singleton;

/// What `src/sync.rs` is in the runtime.
mod sync {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
    pub(crate) use loom::sync::{Condvar, Mutex};
    pub(crate) use loom::thread;

    pub(crate) const SPINS: u32 = 0;

    pub(crate) fn fence_of_model() {
        loom::sync::atomic::fence(Ordering::SeqCst);
    }
}

/// What `src/waiting.rs` is in the runtime: circles are not what is explored.
mod waiting {
    pub(crate) fn this_thread() -> usize {
        0
    }

    pub(crate) fn unless_circle<R>(_: &std::sync::atomic::AtomicUsize, wait: impl FnOnce() -> R) -> Result<R, ()> {
        Ok(wait())
    }
}

/// Explores; with so many preemptions at most, where all of them would take for ever.
fn explore(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(model);
}

/// A value that loom watches: reading it while it is freed is found.
struct Watched(UnsafeCell<u32>);

impl Watched {
    fn new(value: u32) -> Self {
        Self(UnsafeCell::new(value))
    }

    fn get(&self) -> u32 {
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.with_mut(|value| unsafe { *value = u32::MAX });
    }
}

// The test is that loom finds nothing.
unsafe impl Send for Watched {}
unsafe impl Sync for Watched {}

struct Shared {
    readers: Readers,
    published: Published<Watched>,
}

impl Shared {
    fn new() -> Arc<Self> {
        let readers = Readers { first: AtomicPtr::new(ptr::null_mut()) };
        Arc::new(Self { readers, published: Published::new(Watched::new(1)) })
    }

    /// Reads as often, as one thread does it; what is read never gets older.
    fn read(&self, times: usize) {
        let record = self.readers.take_record();
        let mut last = 0;
        for _ in 0..times {
            let pin = record.pin();
            let value = unsafe { self.published.read(&pin) }.get();
            assert!((1..=3).contains(&value) && value >= last);
            last = value;
            // A pin within a pin ends without ending the outer one.
            drop(record.pin());
            assert!(unsafe { self.published.read(&pin) }.get() >= last);
        }
        record.give_back();
    }

    fn write(&self, value: u32) {
        self.published.replace(Watched::new(value)).end(&self.readers);
    }
}

#[test]
fn nobody_reads_what_is_freed() {
    explore(None, || {
        let shared = Shared::new();
        let reader = Arc::clone(&shared);
        let thread = sync::thread::spawn(move || reader.read(1));
        shared.write(2);
        thread.join().unwrap();
    });
}

#[test]
fn nobody_reads_what_is_freed_by_the_second_of_two_writes() {
    explore(Some(3), || {
        let shared = Shared::new();
        let reader = Arc::clone(&shared);
        let thread = sync::thread::spawn(move || reader.read(2));
        shared.write(2);
        shared.write(3);
        thread.join().unwrap();
    });
}

#[test]
fn two_readers_who_take_records_at_once_are_both_waited_for() {
    explore(Some(3), || {
        let shared = Shared::new();
        let threads = [(); 2].map(|()| {
            let reader = Arc::clone(&shared);
            sync::thread::spawn(move || reader.read(1))
        });
        shared.write(2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn a_record_that_was_given_back_serves_the_next_thread() {
    explore(Some(3), || {
        let shared = Shared::new();
        shared.read(1);
        let reader = Arc::clone(&shared);
        let thread = sync::thread::spawn(move || reader.read(1));
        shared.write(2);
        thread.join().unwrap();
        shared.read(1);
    });
}

#[test]
fn two_writers_free_each_others_values_once() {
    explore(Some(3), || {
        let shared = Shared::new();
        let writer = Arc::clone(&shared);
        let thread = sync::thread::spawn(move || writer.write(2));
        shared.write(2);
        thread.join().unwrap();
    });
}

#[test]
fn a_singleton_is_made_once_and_seen_by_all() {
    explore(Some(3), || {
        let shared = Arc::new((Singleton::<usize>::new(), AtomicUsize::new(0)));
        let ask = |shared: &(Singleton<usize>, AtomicUsize)| {
            shared.0.get_or_make(|| Ok::<_, ()>(shared.1.fetch_add(1, Ordering::SeqCst) + 1))
        };
        let threads = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            sync::thread::spawn(move || ask(&shared))
        });
        assert_eq!(ask(&shared), Ok(1));
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Ok(1)));
    });
}

#[test]
fn a_singleton_whose_making_fails_is_made_by_another_who_waits() {
    explore(Some(3), || {
        let shared = Arc::new(Singleton::<usize>::new());
        let failing = Arc::clone(&shared);
        let thread = sync::thread::spawn(move || failing.get_or_make(|| Err("not today")));
        assert_eq!(shared.get_or_make(|| Ok::<_, ()>(7)), Ok(7));
        assert!(matches!(thread.join().unwrap(), Ok(7) | Err(NotMade::Failed("not today"))));
    });
}
