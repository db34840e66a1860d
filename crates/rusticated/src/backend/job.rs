//! An operation as the drivers of Unix see it: a system call as data, and a place in one of their lists.
#![allow(unsafe_code, reason = "the lists lead through blocks on the heap")]
use core::cell::Cell;
use core::ptr::NonNull;

use crate::backend::Call;
use crate::rt::operation::{Header, Outcome};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the kernel, or not begun.
    Elsewhere,
    /// It waits until its descriptor is ready.
    Waiting(i32, Direction),
    /// In the queue of the workers, with one of them, or ended there.
    Pool,
}

/// The kernel's part of an operation's block.
pub(crate) struct Job {
    pub(crate) call: Call,
    pub(crate) place: Cell<Place>,
    /// A descriptor of its own, to be closed when it has ended.
    pub(crate) descriptor: Cell<Option<i32>>,
    /// Whether the descriptor must be asked before each attempt, since the call itself would wait.
    pub(crate) asks_first: Cell<bool>,
    /// Whether a worker has begun with it; touched under the pool's lock only, like the lists there.
    pub(crate) taken: Cell<bool>,
    /// Set by a worker.
    pub(crate) outcome: Cell<Outcome>,
    listed: Cell<bool>,
    previous: Cell<Option<NonNull<Job>>>,
    next: Cell<Option<NonNull<Job>>>,
}

impl Job {
    /// A job that is not begun.
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            place: Cell::new(Place::Elsewhere),
            descriptor: Cell::new(None),
            asks_first: Cell::new(false),
            taken: Cell::new(false),
            outcome: Cell::new(0),
            listed: Cell::new(false),
            previous: Cell::new(None),
            next: Cell::new(None),
        }
    }

    /// Tells the end of a job; true if nobody waited for it any more.
    ///
    /// # Safety
    /// As [`Header::complete`]; the job is in no list.
    pub(crate) unsafe fn complete(job: NonNull<Self>, outcome: Outcome) -> bool {
        // SAFETY: jobs are the kernel's part of a block of their own, wherever the drivers see them.
        unsafe { Header::complete(Header::behind(job), outcome) }
    }
}

/// Jobs in the order in which they came. It owns nothing: jobs are taken out before their blocks are freed.
#[derive(Default)]
pub(crate) struct List {
    first: Option<NonNull<Job>>,
    last: Option<NonNull<Job>>,
}

impl List {
    pub(crate) const fn new() -> Self {
        Self { first: None, last: None }
    }

    pub(crate) fn first(&self) -> Option<NonNull<Job>> {
        self.first
    }

    /// Adds a job.
    ///
    /// # Safety
    /// It is alive until it is taken out, and in no list.
    pub(crate) unsafe fn push(&mut self, job: NonNull<Job>) {
        // SAFETY: as asked above; those in the list are alive, too.
        unsafe {
            job.as_ref().listed.set(true);
            job.as_ref().previous.set(self.last);
            job.as_ref().next.set(None);
            match self.last.replace(job) {
                Some(last) => last.as_ref().next.set(Some(job)),
                None => self.first = Some(job),
            }
        }
    }

    /// Takes out a job; false if it is in no list.
    ///
    /// # Safety
    /// It is alive, and in no other list than this.
    pub(crate) unsafe fn remove(&mut self, job: NonNull<Job>) -> bool {
        // SAFETY: as asked above; those in the list are alive.
        unsafe {
            let this = job.as_ref();
            if !this.listed.replace(false) {
                return false;
            }
            match this.previous.get() {
                Some(previous) => previous.as_ref().next.set(this.next.get()),
                None => self.first = this.next.get(),
            }
            match this.next.get() {
                Some(next) => next.as_ref().previous.set(this.previous.get()),
                None => self.last = this.previous.get(),
            }
        }
        true
    }

    /// Takes out the first.
    pub(crate) fn pop(&mut self) -> Option<NonNull<Job>> {
        let first = self.first?;
        // SAFETY: it is in this list, so that it is alive.
        unsafe { self.remove(first) };
        Some(first)
    }
}
