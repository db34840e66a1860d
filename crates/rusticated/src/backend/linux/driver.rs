//! What the runtime waits with: hands operations to io_uring, or to epoll and the workers, and tells their ends.
#![allow(unsafe_code, reason = "jobs are parts of blocks that the kernel is lent")]
use core::cell::Cell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use super::call::Call;
use super::epoll::{self, BELL, Epoll, Event, Untold};
use super::handle::{Handle, duplicate};
use super::ring::Ring;
use super::sqe::Sqe;
use super::syscall::{self, errno, syscall};
use super::worker::Bell;
use crate::backend::job::{Direction, Job, Place};
use crate::backend::pool::Pool;
use crate::backend::readiness::Readiness;
use crate::io;
use crate::rt::operation::{Begun, Header, Outcome};

/// How an operation can be waited for where io_uring does not do it.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// Its descriptor tells when it is ready; or it is a file after all, and workers wait for it.
    Ready(&'a Handle, Direction),
    /// Workers wait for it. It is about the descriptor that is its first argument.
    Descriptor,
    /// Workers wait for it. It names what it works on.
    Name,
}

pub(crate) struct Driver {
    /// Of the drivers of a process: never the same number twice.
    number: u32,
    means: Means,
    pool: Pool,
    /// Whether the workers' bell is heard.
    hears_pool: Cell<bool>,
    in_flight: Cell<usize>,
    /// Those of them that nobody waits for any more.
    abandoned: Cell<usize>,
}

enum Means {
    Ring {
        ring: Ring,
        /// Whether something is queued that stops an operation.
        cancels: Cell<bool>,
    },
    Epoll {
        epoll: Epoll,
        readiness: Readiness,
    },
}

/// Ends of the ring that are no operation's: of what stopped one, and of waiting for the workers.
const CANCELLED: u64 = 0;
const POOL: u64 = 1;

/// What can be written to a pipe at once: the kernel's `PIPE_BUF`.
const PIPE_BUF: usize = 4096;

const NOBODY_WAITS: Outcome = -(errno::ECANCELED as Outcome);

impl Driver {
    /// io_uring where it can be had, else epoll.
    pub(crate) fn new() -> io::Result<Self> {
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        let ring = if epoll_is_wanted() { None } else { Ring::new().ok() };
        let means = match ring {
            Some(ring) => Means::Ring { ring, cancels: Cell::new(false) },
            None => Means::Epoll { epoll: Epoll::new()?, readiness: Readiness::default() },
        };
        Ok(Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            means,
            pool: Pool::new(),
            hears_pool: Cell::new(false),
            in_flight: Cell::new(0),
            abandoned: Cell::new(0),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.means {
            Means::Ring { .. } => "io_uring",
            Means::Epoll { .. } => "epoll",
        }
    }

    /// Whether calls are tried before they are waited for, so that descriptors must refuse to wait.
    pub(super) fn tries(&self) -> bool {
        matches!(self.means, Means::Epoll { .. })
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0
    }

    /// Begins an operation.
    ///
    /// # Safety
    /// The job is part of a block in flight; what its call points at is kept by that block.
    pub(super) unsafe fn begin(&self, job: NonNull<Job>, way: Way<'_>) -> Begun {
        // SAFETY: as asked above.
        let call = unsafe { job.as_ref() }.call;
        let begun = match &self.means {
            Means::Ring { ring, .. } => {
                if let Way::Ready(handle, _) = way {
                    handle.wait_in_calls(true);
                }
                match Sqe::of(&call).filter(|entry| ring.has(entry.opcode)) {
                    Some(entry) => {
                        ring.push(entry.named(job.as_ptr() as u64));
                        Begun::Pending
                    }
                    // SAFETY: as asked above.
                    None => unsafe { self.give_to_pool(job, call, way) },
                }
            }
            // SAFETY: as asked above.
            Means::Epoll { epoll, readiness, .. } => unsafe { self.try_and_wait(epoll, readiness, job, call, way) },
        };
        if matches!(begun, Begun::Pending) {
            self.in_flight.update(|count| count + 1);
        }
        begun
    }

    /// # Safety
    /// As [`Driver::begin`].
    unsafe fn try_and_wait(
        &self,
        epoll: &Epoll,
        readiness: &Readiness,
        mut job: NonNull<Job>,
        call: Call,
        way: Way<'_>,
    ) -> Begun {
        if let Way::Ready(handle, direction) = way {
            // What refuses to wait can be tried before it is registered.
            let refuses = handle.wait_in_calls(false);
            if !refuses && let Err(code) = self.register(epoll, handle) {
                return Begun::Done(-Outcome::from(code));
            }
            if !handle.is_file() {
                // SAFETY: as asked above; nobody else knows the job yet.
                unsafe {
                    job.as_ref().asks_first.set(!refuses);
                    if !refuses && direction == Direction::Write {
                        // There is room for so much in a pipe that is ready; more would wait.
                        let length = &mut job.as_mut().call.arguments[2];
                        *length = (*length).min(PIPE_BUF);
                    }
                    if let Some(outcome) = readiness.begin(job, handle.descriptor(), direction) {
                        return Begun::Done(outcome);
                    }
                    return match self.register(epoll, handle) {
                        Ok(()) => Begun::Pending,
                        Err(code) => {
                            readiness.remove(job);
                            Begun::Done(-Outcome::from(code))
                        }
                    };
                }
            }
            // SAFETY: as asked above.
            if let Some(outcome) = unsafe { call.attempt_cached() } {
                return Begun::Done(outcome);
            }
        }
        // SAFETY: as asked above.
        unsafe { self.give_to_pool(job, call, way) }
    }

    /// Registers a descriptor with epoll, once.
    fn register(&self, epoll: &Epoll, handle: &Handle) -> Result<(), i32> {
        if handle.is_registered(self.number) || handle.is_file() {
            return Ok(());
        }
        match epoll.register(handle.descriptor(), handle.descriptor() as u64).map_err(|error| error.raw_os_error()) {
            Ok(()) => handle.set_registered(self.number),
            Err(Some(errno::EPERM)) => handle.set_file(),
            Err(code) => return Err(code.unwrap_or(errno::EINVAL)),
        }
        Ok(())
    }

    /// # Safety
    /// As [`Driver::begin`].
    unsafe fn give_to_pool(&self, mut job: NonNull<Job>, call: Call, way: Way<'_>) -> Begun {
        if !matches!(way, Way::Name) {
            // The worker may come to it when the descriptor has been closed here, and its number is another's.
            match duplicate(call.arguments[0] as i32, 0).ok() {
                // SAFETY: nobody else knows the job yet.
                Some(own) => unsafe {
                    job.as_mut().call.arguments[0] = own as usize;
                    job.as_ref().descriptor.set(Some(own));
                },
                // Without a descriptor to be had, it is done at once.
                // SAFETY: as asked above.
                None => return Begun::Done(unsafe { call.run() }),
            }
        }
        // The bell first: were it not heard, nobody would learn of the job's end.
        let heard = self.pool.open().and_then(|()| self.hear_pool());
        // SAFETY: as asked above.
        match heard.and_then(|()| unsafe { self.pool.submit(job) }) {
            Ok(None) => Begun::Pending,
            // SAFETY: as asked above; nobody else has the job.
            ended => unsafe {
                close_own(job);
                Begun::Done(ended.ok().flatten().unwrap_or_else(|| call.run()))
            },
        }
    }

    /// Lets the workers wake the driver.
    fn hear_pool(&self) -> io::Result<()> {
        let Some(bell) = self.pool.bell().filter(|_| !self.hears_pool.get()) else { return Ok(()) };
        match &self.means {
            Means::Ring { ring, .. } => ring.push(Sqe::readable(bell.descriptor(), POOL)),
            Means::Epoll { epoll, .. } => epoll.register(bell.descriptor(), BELL)?,
        }
        self.hears_pool.set(true);
        Ok(())
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
        match &self.means {
            Means::Ring { ring, cancels } => {
                cancels.set(false);
                ring.wait(timeout)?;
                while let Some(ended) = ring.next_ended() {
                    match ended.user_data {
                        CANCELLED => self.in_flight.update(|count| count - 1),
                        POOL => {
                            self.hears_pool.set(false);
                            self.hear_pool()?;
                            self.collect_pool();
                        }
                        job => {
                            // SAFETY: `begin` gave the kernel the address of a job in flight.
                            unsafe { self.complete(NonNull::new_unchecked(job as *mut Job), ended.result.into()) }
                        }
                    }
                }
            }
            Means::Epoll { epoll, readiness, .. } => {
                let mut events = [Event { events: 0, data: 0 }; 64];
                let events = epoll.wait(&mut events, timeout)?;
                let mut untold = Untold { epoll, bell: self.pool.bell().map_or(-1, Bell::descriptor), events };
                while let Some((&Event { events, data }, rest)) = untold.events.split_first() {
                    if data == BELL {
                        self.collect_pool();
                    }
                    for (direction, bits) in [(Direction::Read, epoll::IN), (Direction::Write, epoll::OUT)] {
                        if data == BELL || events & (bits | epoll::ERR_HUP) == 0 {
                            continue;
                        }
                        while let Some((job, outcome)) = readiness.next_ended(data as i32, direction) {
                            // SAFETY: it was taken out of its line.
                            unsafe { self.complete(job, outcome) };
                        }
                    }
                    untold.events = rest;
                }
            }
        }
        Ok(())
    }

    /// Stops an operation that was abandoned.
    pub(crate) fn cancel(&self, header: NonNull<Header>) {
        // SAFETY: all operations of this system have a job as the kernel's part.
        let job = unsafe { Header::before::<Job>(header) };
        self.abandoned.update(|count| count + 1);
        // SAFETY: an abandoned operation's block is alive.
        match unsafe { job.as_ref() }.place.get() {
            // SAFETY: as above.
            Place::Waiting(..) => unsafe {
                if let Means::Epoll { readiness, .. } = &self.means {
                    readiness.remove(job);
                }
                self.complete(job, NOBODY_WAITS);
            },
            // SAFETY: as above.
            Place::Pool => unsafe {
                if self.pool.take_back(job) {
                    close_own(job);
                    self.complete(job, NOBODY_WAITS);
                }
            },
            Place::Elsewhere => {
                let Means::Ring { ring, cancels, .. } = &self.means else { return };
                let user_data = job.as_ptr() as u64;
                self.in_flight.update(|count| count + 1); // of the entry that is queued here
                if ring.take_back(user_data) {
                    // SAFETY: the kernel has not seen it.
                    unsafe { self.complete(job, NOBODY_WAITS) };
                } else {
                    ring.push(Sqe::cancel(user_data));
                    cancels.set(true);
                }
            }
        }
    }

    /// Lets epoll forget a descriptor, before somebody else gets it: what they do with it shall wake nobody here.
    pub(super) fn forget(&self, handle: &Handle) {
        if let Means::Epoll { epoll, .. } = &self.means
            && handle.is_registered(self.number)
        {
            epoll.forget(handle.descriptor());
            handle.set_registered(0);
        }
    }

    /// Lets go of descriptors that operations hold which were stopped: one of them is about to be closed, and shall be
    /// free then.
    pub(super) fn before_close(&self) {
        if let Means::Ring { ring, cancels, .. } = &self.means
            && cancels.replace(false)
        {
            ring.submit();
        }
    }

    /// See the contract in [`crate::backend`]. A worker that waits for somebody else is left behind: what it
    /// opens later is closed, and its memory stays.
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

/// Whether the environment asks for epoll, so that it can be tested where there is io_uring.
#[cfg(not(own_std))]
fn epoll_is_wanted() -> bool {
    let name = crate::ffi::OsStr::new("RUSTICATED_BACKEND");
    super::env::var(name).is_some_and(|value| value.as_encoded_bytes() == b"epoll")
}

/// A standard library shows no trace of what it is made of: kernels without io_uring are what tests it.
#[cfg(own_std)]
fn epoll_is_wanted() -> bool {
    false
}

/// Closes the descriptor that a job has of its own.
///
/// # Safety
/// The job is alive, and nobody works on it.
unsafe fn close_own(job: NonNull<Job>) {
    // SAFETY: as asked above.
    if let Some(descriptor) = unsafe { job.as_ref() }.descriptor.take() {
        // SAFETY: nobody else knows it.
        unsafe { syscall!(syscall::CLOSE, descriptor) };
    }
}
