//! What the runtime waits with: tries calls, waits for descriptors, children and signals by kqueue, and gives to
//! workers what cannot be waited for in that way.
#![allow(unsafe_code, reason = "jobs are parts of blocks that operations keep")]
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ffi::c_int;
use core::ptr::NonNull;
use core::time::Duration;

use super::call;
use super::events::Events;
use super::handle::{Handle, duplicate};
use super::system::{self, EV_ADD, EV_DELETE, EV_ERROR, EV_ONESHOT, NOTE_EXIT, errno};
use super::system::{EVFILT_PROC, EVFILT_READ, EVFILT_SIGNAL, EVFILT_WRITE, Kevent};
use crate::backend::job::{Direction, Job, Place};
use crate::backend::pool::Pool;
use crate::backend::readiness::Readiness;
use crate::io;
use crate::rt::operation::{Begun, Header, Outcome};

/// How an operation can be waited for.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// Its descriptor tells when it is ready; or it is a file, and workers wait for it.
    Ready(&'a Handle, Direction),
    /// Workers wait for it. It is about the descriptor that is its first argument.
    Descriptor,
    /// Workers wait for it. It names what it works on.
    Name,
    /// A child ends.
    Child(c_int),
    /// One of some signals comes in: bit n is signal n. The outcome is its number.
    Signals(u32),
}

/// What is waited for beside descriptors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watched {
    Child(c_int),
    Signals(u32),
}

pub(crate) struct Driver {
    events: Events,
    readiness: Readiness,
    watched: RefCell<Vec<(NonNull<Job>, Watched)>>,
    pool: Pool,
    hears_pool: Cell<bool>,
    in_flight: Cell<usize>,
    /// Those of them that nobody waits for any more.
    abandoned: Cell<usize>,
}

/// What can be written at once to a pipe that is ready: the least that any of these systems has for `PIPE_BUF`.
const PIPE_BUF: usize = 512;

/// Nobody sees it.
const NOBODY_WAITS: Outcome = -(errno::EINTR as Outcome);

impl Driver {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            events: Events::new()?,
            readiness: Readiness::default(),
            watched: RefCell::default(),
            pool: Pool::new(),
            hears_pool: Cell::new(false),
            in_flight: Cell::new(0),
            abandoned: Cell::new(0),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        "kqueue"
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0
    }

    /// Begins an operation.
    ///
    /// # Safety
    /// The job is part of a block in flight; what its call points at is kept by that block.
    pub(super) unsafe fn begin(&self, job: NonNull<Job>, way: Way<'_>) -> Begun {
        let begun = match way {
            // SAFETY: as asked above.
            Way::Ready(handle, direction) => unsafe { self.try_and_wait(job, handle, direction) },
            // SAFETY: as asked above.
            Way::Descriptor => unsafe { self.give_to_pool(job, true) },
            // SAFETY: as asked above.
            Way::Name => unsafe { self.give_to_pool(job, false) },
            Way::Child(child) => {
                self.watched.borrow_mut().push((job, Watched::Child(child)));
                self.events.change(child as usize, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT);
                Begun::Pending
            }
            Way::Signals(signals) => {
                self.watched.borrow_mut().push((job, Watched::Signals(signals)));
                // At once: what comes in before the next wait is to be told, too.
                for signal in numbers(signals) {
                    self.events.change_now(signal as usize, EVFILT_SIGNAL, EV_ADD);
                }
                Begun::Pending
            }
        };
        if matches!(begun, Begun::Pending) {
            self.in_flight.update(|count| count + 1);
        }
        begun
    }

    /// # Safety
    /// As [`Driver::begin`].
    unsafe fn try_and_wait(&self, mut job: NonNull<Job>, handle: &Handle, direction: Direction) -> Begun {
        let (descriptor, refuses) = (handle.raw(), handle.refuses_to_wait());
        if handle.is_file() {
            // SAFETY: as asked above.
            return unsafe { self.give_to_pool(job, true) };
        }
        if !refuses && !call::can_be_asked(descriptor, direction) {
            // SAFETY: as asked above; nobody else knows the job yet.
            return unsafe {
                job.as_mut().call = job.as_ref().call.waiting();
                self.give_to_pool(job, true)
            };
        }
        // SAFETY: as above.
        unsafe {
            job.as_ref().asks_first.set(!refuses);
            if !refuses && direction == Direction::Write {
                let length = &mut job.as_mut().call.arguments[2];
                *length = (*length).min(PIPE_BUF);
            }
            if let Some(outcome) = self.readiness.begin(job, descriptor, direction) {
                return Begun::Done(outcome);
            }
        }
        self.watch(descriptor, direction);
        Begun::Pending
    }

    fn watch(&self, descriptor: c_int, direction: Direction) {
        let filter = match direction {
            Direction::Read => EVFILT_READ,
            Direction::Write => EVFILT_WRITE,
        };
        self.events.change(descriptor as usize, filter, EV_ADD | EV_ONESHOT, 0);
    }

    /// # Safety
    /// As [`Driver::begin`].
    unsafe fn give_to_pool(&self, mut job: NonNull<Job>, on_descriptor: bool) -> Begun {
        // SAFETY: as asked above.
        let call = unsafe { job.as_ref() }.call;
        if on_descriptor {
            // The worker may come to it when the descriptor has been closed here, and its number is another's.
            match duplicate(call.arguments[0] as c_int, 0) {
                // SAFETY: nobody else knows the job now.
                Ok(own) => unsafe {
                    job.as_mut().call.arguments[0] = own as usize;
                    job.as_ref().descriptor.set(Some(own));
                },
                // Without a descriptor to be had, it is done at once.
                // SAFETY: as asked above.
                Err(_) => return Begun::Done(unsafe { call.run() }),
            }
        }
        // SAFETY: as asked above.
        match unsafe { self.pool.submit(job) } {
            Ok(None) => {
                self.hear_pool();
                Begun::Pending
            }
            Ok(Some(outcome)) => {
                // SAFETY: as asked above.
                unsafe { close_own(job) };
                Begun::Done(outcome)
            }
            // SAFETY: as asked above.
            Err(_) => unsafe {
                close_own(job);
                Begun::Done(call.run())
            },
        }
    }

    /// Lets the workers wake the driver.
    fn hear_pool(&self) {
        if let Some(bell) = self.pool.bell()
            && !self.hears_pool.replace(true)
        {
            self.events.change(bell.descriptor() as usize, EVFILT_READ, EV_ADD, 0);
        }
    }

    /// Tells the end of an operation.
    ///
    /// # Safety
    /// As [`Job::complete`].
    unsafe fn complete(&self, job: NonNull<Job>, outcome: Outcome) {
        self.in_flight.update(|count| count - 1);
        // SAFETY: as asked above.
        if unsafe { Job::complete(job, outcome) } {
            self.abandoned.update(|count| count - 1);
        }
    }

    fn collect_pool(&self) {
        if let Some(bell) = self.pool.bell() {
            bell.reset();
        }
        let mut ended = self.pool.take_ended();
        while let Some(job) = ended.pop() {
            // SAFETY: the workers have given it back.
            unsafe {
                close_own(job);
                self.complete(job, job.as_ref().outcome.get());
            }
        }
    }

    /// See the contract in [`crate::backend`].
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.events.wait(timeout, |event| self.handle(event))
    }

    fn handle(&self, event: &Kevent) {
        let failed = event.flags & EV_ERROR != 0;
        match event.filter {
            EVFILT_PROC => self.end_watched(0, |watched| watched == Watched::Child(event.ident as c_int)),
            EVFILT_SIGNAL if !failed => {
                let came = event.ident as u32;
                self.end_watched(
                    came.into(),
                    |watched| matches!(watched, Watched::Signals(set) if set & 1 << came != 0),
                );
            }
            EVFILT_READ | EVFILT_WRITE => {
                let descriptor = event.ident as c_int;
                let direction = if event.filter == EVFILT_READ { Direction::Read } else { Direction::Write };
                if self.pool.bell().is_some_and(|bell| bell.descriptor() == descriptor) {
                    self.collect_pool();
                } else if failed && event.data != 0 {
                    self.wait_otherwise(descriptor, direction);
                } else {
                    self.go_on(descriptor, direction);
                }
            }
            _ => {}
        }
    }

    /// A descriptor is ready.
    fn go_on(&self, descriptor: c_int, direction: Direction) {
        while let Some((job, outcome)) = self.readiness.next_ended(descriptor, direction) {
            // SAFETY: it was taken out of its line.
            unsafe { self.complete(job, outcome) };
        }
        if self.readiness.is_waited_for(descriptor, direction) {
            self.watch(descriptor, direction);
        }
    }

    /// kqueue refuses to watch a descriptor: workers wait for it.
    fn wait_otherwise(&self, descriptor: c_int, direction: Direction) {
        while let Some(mut job) = self.readiness.take(descriptor, direction) {
            // SAFETY: it is in no list, and alive, since its end was not told.
            unsafe {
                job.as_mut().call = job.as_ref().call.waiting();
                if let Begun::Done(outcome) = self.give_to_pool(job, true) {
                    self.complete(job, outcome);
                }
            }
        }
    }

    /// Ends the waits that something has come for.
    fn end_watched(&self, outcome: Outcome, ends: impl Fn(Watched) -> bool) {
        loop {
            let found = {
                let mut all = self.watched.borrow_mut();
                let place = all.iter().position(|(_, watched)| ends(*watched));
                place.map(|place| all.swap_remove(place))
            };
            let Some((job, watched)) = found else { break };
            self.unwatch(watched);
            // SAFETY: it is known to nobody else any more.
            unsafe { self.complete(job, outcome) };
        }
    }

    /// Lets the kernel forget signals that nobody waits for any more. (Of a child it tells once at most.)
    fn unwatch(&self, watched: Watched) {
        let Watched::Signals(signals) = watched else { return };
        let set = |watched: &Watched| if let Watched::Signals(set) = watched { *set } else { 0 };
        let still = self.watched.borrow().iter().fold(0, |all, (_, watched)| all | set(watched));
        for signal in numbers(signals & !still) {
            self.events.change_now(signal as usize, EVFILT_SIGNAL, EV_DELETE);
        }
    }

    /// Stops an operation that was abandoned.
    pub(crate) fn cancel(&self, header: NonNull<Header>) {
        // SAFETY: all operations of this system have a job as the kernel's part.
        let job = unsafe { Header::before::<Job>(header) };
        self.abandoned.update(|count| count + 1);
        // SAFETY: an abandoned operation's block is alive; each place says who else knows the job.
        unsafe {
            match job.as_ref().place.get() {
                Place::Waiting(..) => self.readiness.remove(job),
                Place::Pool if self.pool.take_back(job) => close_own(job),
                Place::Pool => return,
                Place::Elsewhere => {
                    let mut all = self.watched.borrow_mut();
                    let Some(place) = all.iter().position(|(known, _)| *known == job) else { return };
                    let (_, watched) = all.swap_remove(place);
                    drop(all);
                    self.unwatch(watched);
                }
            }
            self.complete(job, NOBODY_WAITS);
        }
    }

    /// See the contract in [`crate::backend`]. Who waits for somebody else in a worker is left behind: what that opens
    /// later is closed, and its memory stays.
    pub(crate) fn close(&self) {
        let mut queued = self.pool.take_queued();
        while let Some(job) = queued.pop() {
            // SAFETY: no worker has begun with it.
            unsafe {
                close_own(job);
                self.complete(job, NOBODY_WAITS);
            }
        }
        while self.abandoned.get() > self.pool.waiting() {
            if self.wait(None).is_err() {
                return;
            }
        }
    }
}

/// The numbers whose bits are set.
fn numbers(set: u32) -> impl Iterator<Item = u32> {
    (0..u32::BITS).filter(move |number| set & 1 << number != 0)
}

/// Closes the descriptor that a job has of its own.
///
/// # Safety
/// The job is alive, and nobody works on it.
unsafe fn close_own(job: NonNull<Job>) {
    // SAFETY: as asked above.
    if let Some(descriptor) = unsafe { job.as_ref() }.descriptor.take() {
        // SAFETY: nobody else knows it.
        unsafe { system::close(descriptor) };
    }
}
