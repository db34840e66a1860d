//! The queue of tasks that can go on, and the loop that runs them.
#![allow(unsafe_code, reason = "the runtime of a thread lies behind a raw pointer that only this thread has")]
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ffi::c_void;
use core::future::{Future, pending};
use core::pin::pin;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll};
use core::time::Duration;

use super::nudge::Nudges;
use super::task::{JoinHandle, TaskRef};
use super::timers::Timers;
use crate::backend::driver::Driver;
use crate::backend::{clock, thread};

/// Everything that belongs to one thread.
pub(crate) struct Runtime {
    number: usize,
    queue: RefCell<VecDeque<TaskRef>>,
    tasks: RefCell<Tasks>,
    timers: RefCell<Timers>,
    driver: Rc<Driver>,
    /// Whether `block_on` is at work.
    blocking: Cell<bool>,
    nudges: Nudges,
}

/// All tasks that have not ended, in places that are used again.
#[derive(Default)]
struct Tasks {
    places: Vec<Option<TaskRef>>,
    free: Vec<usize>,
}

impl Runtime {
    /// Calls the function with this thread's runtime, which is made when it is not there.
    ///
    /// # Panics
    /// When the system gives no means to wait with: it has run out of descriptors, say.
    pub(crate) fn with<R>(function: impl FnOnce(&Self) -> R) -> R {
        let runtime = Self::current();
        // SAFETY: it lives until the thread ends, and is only ever shared.
        function(unsafe { runtime.as_ref() })
    }

    /// This thread's runtime. Apart from `with`, so that each use of that costs less code.
    fn current() -> NonNull<Self> {
        NonNull::new(thread::slot().cast()).unwrap_or_else(|| {
            let runtime = NonNull::from(Box::leak(Box::new(Self::new())));
            thread::set_slot(runtime.as_ptr().cast(), destroy);
            runtime
        })
    }

    /// Calls the function if this thread has a runtime.
    pub(crate) fn with_existing<R>(function: impl FnOnce(&Self) -> R) -> Option<R> {
        let slot = thread::slot();
        // SAFETY: as in `with`.
        (!slot.is_null()).then(|| function(unsafe { &*slot.cast::<Self>() }))
    }

    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let driver = Driver::new().unwrap_or_else(|error| panic!("no way to wait for the system: {error}"));
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            queue: RefCell::default(),
            tasks: RefCell::default(),
            timers: RefCell::default(),
            driver: Rc::new(driver),
            blocking: Cell::new(false),
            nudges: Nudges::default(),
        }
    }

    /// Names the runtime for ever: no other of this process gets the number.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn driver(&self) -> &Rc<Driver> {
        &self.driver
    }

    pub(super) fn nudges(&self) -> &Nudges {
        &self.nudges
    }

    pub(crate) fn timers(&self) -> &RefCell<Timers> {
        &self.timers
    }

    pub(crate) fn enqueue(&self, task: TaskRef) {
        self.queue.borrow_mut().push_back(task);
    }

    pub(crate) fn spawn<F: Future + 'static>(&self, future: F) -> JoinHandle<F::Output> {
        let task = TaskRef::new(self.number, future);
        {
            let mut tasks = self.tasks.borrow_mut();
            let place = tasks.free.pop().unwrap_or_else(|| {
                tasks.places.push(None);
                tasks.places.len() - 1
            });
            task.place().set(place);
            tasks.places[place] = Some(task.clone());
        }
        task.waker().wake();
        JoinHandle::new::<F>(task)
    }

    /// Cancels a task of this runtime: at once, or when it returns from being polled. Says which.
    pub(crate) fn cancel(&self, task: &TaskRef) -> bool {
        let _forgetting = Forgetting { runtime: self, task };
        task.cancel()
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        assert!(!self.blocking.replace(true), "block_on inside of block_on: await the future instead");
        let _blocking = Blocking(self);
        let mut future = pin!(future);
        let root = TaskRef::new(self.number, pending::<()>());
        let waker = root.waker();
        waker.wake_by_ref();
        loop {
            // One round takes what is there when it begins, so that tasks that wake each other keep nobody waiting.
            let round = self.queue.borrow().len();
            for _ in 0..round {
                let Some(task) = self.dequeue() else { break };
                if !task.is(&root) {
                    self.run(&task);
                } else if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return output;
                }
            }
            self.rest();
        }
    }

    /// Takes in what the host has told, runs what can be run once, and says when it wants to be called again: None
    /// if there is nothing to wait for but the ends of operations.
    #[cfg(target_family = "wasm")]
    pub(crate) fn tick(&self) -> Option<Duration> {
        assert!(!self.blocking.replace(true), "a tick inside of a tick or of block_on");
        let _blocking = Blocking(self);
        self.driver.deliver();
        self.fire_timers();
        let round = self.queue.borrow().len();
        for _ in 0..round {
            let Some(task) = self.dequeue() else { break };
            self.run(&task);
        }
        if self.queue.borrow().is_empty() { self.until_next_timer() } else { Some(Duration::ZERO) }
    }

    fn dequeue(&self) -> Option<TaskRef> {
        let task = self.queue.borrow_mut().pop_front()?;
        task.dequeued();
        Some(task)
    }

    /// Runs one future and no task.
    pub(crate) fn wait<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let nudge = self.nudges.begin();
        let waker = nudge.waker(self.number);
        loop {
            nudge.forget();
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            // Whatever ends, the future is asked again: one that waits for more wakes itself.
            self.sleep(if nudge.came() { Some(Duration::ZERO) } else { self.until_next_timer() });
        }
    }

    /// Polls a task once.
    fn run(&self, task: &TaskRef) {
        let unwinding = Unwinding { runtime: self, task };
        let ended = task.poll();
        core::mem::forget(unwinding);
        if ended {
            self.forget(task);
        }
    }

    fn forget(&self, task: &TaskRef) {
        let place = task.place().replace(usize::MAX);
        let forgotten = {
            let mut tasks = self.tasks.borrow_mut();
            let forgotten = tasks.places.get_mut(place).and_then(Option::take);
            if forgotten.is_some() {
                tasks.free.push(place);
            }
            forgotten
        };
        drop(forgotten);
    }

    /// Takes in what has happened outside, and sleeps until something does if nothing can be run.
    fn rest(&self) {
        self.fire_timers();
        let timeout = if !self.queue.borrow().is_empty() {
            if self.driver.is_idle() {
                return;
            }
            Some(Duration::ZERO)
        } else {
            self.until_next_timer()
        };
        self.sleep(timeout);
    }

    /// Waits until something ends, or for a time, and completes what has ended.
    fn sleep(&self, timeout: Option<Duration>) {
        if let Err(error) = self.driver.wait(timeout) {
            panic!("cannot wait for the system: {error}");
        }
        self.fire_timers();
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let next = self.timers.borrow().next_deadline()?;
        Some(Duration::from_nanos(next.saturating_sub(clock::monotonic())))
    }

    fn fire_timers(&self) {
        if self.timers.borrow().next_deadline().is_none() {
            return;
        }
        let now = clock::monotonic();
        loop {
            let fired = self.timers.borrow_mut().fire(now);
            let Some(waker) = fired else { break };
            waker.wake();
        }
    }

    /// Drops all tasks, those that are spawned meanwhile, too.
    pub(crate) fn cancel_all(&self) {
        while self.cancel_each() {}
    }

    /// Goes through all places once; false if there was nothing to drop at once.
    fn cancel_each(&self) -> bool {
        let (mut place, mut found) = (0, false);
        loop {
            let next = {
                let places = &mut self.tasks.borrow_mut().places;
                while places.get(place).is_some_and(Option::is_none) {
                    place += 1;
                }
                places.get(place).and_then(Option::clone)
            };
            let Some(task) = next else { return found };
            found |= self.cancel(&task);
            place += 1;
        }
    }

    /// Drops all tasks, and waits until the kernel has let go of what their operations lent it.
    fn close(&self) {
        self.cancel_all();
        self.driver.close();
    }
}

/// Ends a runtime with its thread.
unsafe extern "C" fn destroy(slot: *mut c_void) {
    // What is dropped below looks for its runtime: the system has emptied the slot before it called.
    thread::set_slot(slot, destroy);
    // SAFETY: made by Box::into_raw in `with`, and shared until the slot is emptied.
    unsafe { &*slot.cast::<Runtime>() }.close();
    thread::set_slot(core::ptr::null_mut(), destroy);
    // SAFETY: as above; nobody finds it any more.
    drop(unsafe { Box::from_raw(slot.cast::<Runtime>()) });
}

/// Resets the mark of `block_on`, when it unwinds, too.
struct Blocking<'a>(&'a Runtime);

impl Drop for Blocking<'_> {
    fn drop(&mut self) {
        self.0.blocking.set(false);
    }
}

/// Drops a future whose poll panicked; nobody will poll it again.
struct Unwinding<'a> {
    runtime: &'a Runtime,
    task: &'a TaskRef,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        self.task.unwound();
        self.runtime.cancel(self.task);
    }
}

/// Takes a task out of the list if it has ended: also when its destructor unwinds.
struct Forgetting<'a> {
    runtime: &'a Runtime,
    task: &'a TaskRef,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        if self.task.has_ended() {
            self.runtime.forget(self.task);
        }
    }
}
