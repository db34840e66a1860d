//! A few threads for system calls that would keep everybody waiting and that the driver cannot wait for: files, where
//! there is no io_uring. The threads are started when they are needed, run nothing but system calls that are described
//! as data, and touch no memory but the pool's and that of the operations.
#![allow(unsafe_code, reason = "memory that is shared with the workers")]
use core::cell::{Cell, UnsafeCell};
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};

use super::job::{Job, List, Place};
use crate::backend::worker::{self, Bell, Monitor};
use crate::io;
use crate::rt::operation::Outcome;

/// How many work at once, not counting those who wait for somebody else.
const WORKERS: usize = 4;

/// The pool of a driver.
pub(crate) struct Pool {
    /// Null until it is first needed.
    shared: Cell<*mut Shared>,
}

/// What the driver and the workers share. The last of them frees it.
struct Shared {
    monitor: Monitor,
    /// Told when the first job has ended that the driver has not taken.
    bell: Bell,
    /// Touched under the monitor's lock only.
    state: UnsafeCell<State>,
}

struct State {
    queue: List,
    queued: usize,
    ended: List,
    workers: usize,
    idle: usize,
    /// How many workers are in a call that may wait for somebody else without an end.
    waiting: usize,
    /// Whether the driver is gone.
    closed: bool,
}

impl State {
    fn next(&mut self) -> Option<NonNull<Job>> {
        let job = self.queue.pop()?;
        self.queued -= 1;
        Some(job)
    }

    /// # Safety
    /// As [`List::remove`].
    unsafe fn remove(&mut self, job: NonNull<Job>) -> bool {
        // SAFETY: as asked above.
        let removed = unsafe { self.queue.remove(job) };
        self.queued -= usize::from(removed);
        removed
    }

    /// Counts a worker that is to be started, if one is needed.
    fn count_one_more(&mut self) -> bool {
        let one = self.queued > self.idle && self.workers - self.waiting < WORKERS;
        self.workers += usize::from(one);
        one
    }
}

impl Pool {
    pub(crate) const fn new() -> Self {
        Self { shared: Cell::new(null_mut()) }
    }

    /// The descriptor that tells when a job has ended; None while the pool is not open.
    pub(crate) fn bell(&self) -> Option<&Bell> {
        // SAFETY: it is freed only after the driver has left it.
        unsafe { self.shared.get().as_ref() }.map(|shared| &shared.bell)
    }

    /// Makes what the driver and the workers share, so that there is a bell.
    ///
    /// # Errors
    /// The system's, if there is nothing to tell the driver with.
    pub(crate) fn open(&self) -> io::Result<()> {
        if self.shared.get().is_null() {
            self.shared.set(worker::allocate(Shared {
                monitor: Monitor::new(),
                bell: Bell::new()?,
                state: UnsafeCell::new(State {
                    queue: List::new(),
                    queued: 0,
                    ended: List::new(),
                    workers: 0,
                    idle: 0,
                    waiting: 0,
                    closed: false,
                }),
            })?);
        }
        Ok(())
    }

    /// Gives a job to the workers. Without any thread to be had, it is done at once, and its outcome given.
    ///
    /// # Errors
    /// The system's, if there is nothing to tell the driver with; the job is not done then.
    ///
    /// # Safety
    /// The job is in no list, and alive until it was given back or taken back.
    pub(crate) unsafe fn submit(&self, job: NonNull<Job>) -> io::Result<Option<Outcome>> {
        self.open()?;
        // SAFETY: opened.
        let shared = unsafe { &*self.shared.get() };
        // SAFETY: as asked above.
        let this = unsafe { job.as_ref() };
        this.place.set(Place::Pool);
        let start = shared.locked(|state| {
            // SAFETY: as asked above.
            unsafe { state.queue.push(job) };
            state.queued += 1;
            state.count_one_more()
        });
        if !start {
            shared.monitor.notify();
            return Ok(None);
        }
        // SAFETY: the pool stays until the worker has left it.
        if unsafe { worker::start(work, self.shared.get().cast()) }.is_ok() {
            return Ok(None);
        }
        let alone = shared.locked(|state| {
            state.workers -= 1;
            // SAFETY: it is in the queue, unless a worker has taken it.
            state.workers == 0 && unsafe { state.remove(job) }
        });
        // SAFETY: it is in no list, and its memory is its block's.
        Ok(alone.then(|| unsafe { this.call.run() }))
    }

    /// Takes back a job that no worker has begun; false if one has: it will end like any other.
    ///
    /// # Safety
    /// It was given to this pool and not given back.
    pub(crate) unsafe fn take_back(&self, job: NonNull<Job>) -> bool {
        // SAFETY: the job was given to this pool, so that there is one. What no worker has taken is in the queue.
        unsafe { &*self.shared.get() }.locked(|state| unsafe { !job.as_ref().taken.get() && state.remove(job) })
    }

    /// Takes back all that no worker has begun.
    pub(crate) fn take_queued(&self) -> List {
        self.take(|state| {
            state.queued = 0;
            &mut state.queue
        })
    }

    /// Takes what has ended.
    pub(crate) fn take_ended(&self) -> Ended<'_> {
        Ended { pool: self, jobs: self.take(|state| &mut state.ended) }
    }

    fn take(&self, list: impl FnOnce(&mut State) -> &mut List) -> List {
        // SAFETY: it is freed only after the driver has left it.
        let shared = unsafe { self.shared.get().as_ref() };
        shared.map_or(List::new(), |shared| shared.locked(|state| core::mem::take(list(state))))
    }

    /// How many workers may wait for somebody else without an end.
    pub(crate) fn waiting(&self) -> usize {
        // SAFETY: it is freed only after the driver has left it.
        unsafe { self.shared.get().as_ref() }.map_or(0, |shared| shared.locked(|state| state.waiting))
    }
}

/// Jobs that have ended. What is left of them, when a waker panics, is given back, and told with the next wait.
pub(crate) struct Ended<'a> {
    pool: &'a Pool,
    jobs: List,
}

impl Ended<'_> {
    pub(crate) fn pop(&mut self) -> Option<NonNull<Job>> {
        self.jobs.pop()
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if self.jobs.first().is_none() {
            return;
        }
        // SAFETY: it is freed only after the driver has left it.
        let Some(shared) = (unsafe { self.pool.shared.get().as_ref() }) else { return };
        shared.locked(|state| {
            while let Some(job) = self.jobs.pop() {
                // SAFETY: its end was not told, so that it is alive.
                unsafe { state.ended.push(job) };
            }
        });
        shared.bell.ring();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: the driver leaves it here.
        let Some(shared) = (unsafe { self.shared.get().as_ref() }) else { return };
        let last = shared.locked(|state| {
            state.closed = true;
            // Under the lock: as soon as a worker has it, the last of them may free the pool.
            shared.monitor.notify_all();
            state.workers == 0
        });
        if last {
            // SAFETY: no worker is left.
            unsafe { free(self.shared.get()) };
        }
    }
}

impl Shared {
    fn locked<R>(&self, function: impl FnOnce(&mut State) -> R) -> R {
        self.monitor.lock();
        // SAFETY: locked.
        let result = function(unsafe { &mut *self.state.get() });
        self.monitor.unlock();
        result
    }
}

/// What a worker does. It has no memory of its thread's own and may not allocate, panic or unwind.
unsafe extern "C" fn work(pool: *mut c_void) {
    let pool = pool.cast::<Shared>();
    // SAFETY: the pool stays until the last worker has left it.
    let shared = unsafe { &*pool };
    shared.monitor.lock();
    // SAFETY: locked here, and where the loop begins again.
    let last = loop {
        let state = unsafe { &mut *shared.state.get() };
        if state.closed || state.workers - state.waiting > WORKERS {
            state.workers -= 1;
            break state.closed && state.workers == 0;
        }
        let Some(job) = state.next() else {
            state.idle += 1;
            shared.monitor.wait();
            // SAFETY: locked again.
            unsafe { &mut *shared.state.get() }.idle -= 1;
            continue;
        };
        // SAFETY: jobs stay until they are given back; the driver leaves those alone that are taken.
        let call = unsafe { job.as_ref() }.call;
        // SAFETY: as above.
        unsafe { job.as_ref() }.taken.set(true);
        state.waiting += usize::from(call.waits_for_others());
        // Others shall not wait for somebody else, too.
        let start = call.waits_for_others() && state.count_one_more();
        shared.monitor.unlock();
        // SAFETY: the pool stays until the new worker has left it, too.
        if start && unsafe { worker::start(work, pool.cast()) }.is_err() {
            shared.locked(|state| state.workers -= 1);
        }
        // SAFETY: the job's own call, whose memory its block keeps.
        let outcome = unsafe { call.run() };
        shared.monitor.lock();
        // SAFETY: locked again.
        let state = unsafe { &mut *shared.state.get() };
        state.waiting -= usize::from(call.waits_for_others());
        if state.closed {
            // Nobody will learn of it.
            worker::discard(&call, outcome);
            continue;
        }
        // SAFETY: as above.
        unsafe { job.as_ref() }.outcome.set(outcome);
        let first = state.ended.first().is_none();
        // SAFETY: it was taken from the other list.
        unsafe { state.ended.push(job) };
        if first {
            shared.bell.ring();
        }
    };
    shared.monitor.unlock();
    if last {
        // SAFETY: the driver is gone, and the other workers.
        unsafe { free(pool) };
    }
}

/// # Safety
/// Nobody uses it any more.
unsafe fn free(shared: *mut Shared) {
    // SAFETY: as asked above.
    unsafe {
        core::ptr::drop_in_place(shared);
        worker::free(shared);
    }
}
