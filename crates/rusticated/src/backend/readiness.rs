//! Operations on descriptors that tell when they are ready: try; when it would block, wait in line; try again when the
//! system says that the descriptor is ready. epoll and kqueue share it.
#![allow(unsafe_code, reason = "jobs are parts of blocks that the kernel is lent")]
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ptr::NonNull;

use super::job::{Direction, Job, List, Place};
use crate::rt::operation::Outcome;

/// Who waits for which descriptor, and for which of its directions. Descriptors are small numbers: they are the index.
#[derive(Default)]
pub(crate) struct Readiness {
    lines: RefCell<Vec<[List; 2]>>,
}

impl Readiness {
    /// Makes the call, unless others wait before it; None when it has to wait: it is in line then.
    ///
    /// # Safety
    /// The job is alive until it is taken out, by [`Readiness::next_ended`] or [`Readiness::remove`].
    pub(crate) unsafe fn begin(&self, job: NonNull<Job>, descriptor: i32, direction: Direction) -> Option<Outcome> {
        // SAFETY: as asked above.
        let this = unsafe { job.as_ref() };
        let Ok(index) = usize::try_from(descriptor) else {
            // SAFETY: the caller's call; the system refuses such a descriptor.
            return Some(unsafe { this.call.run() });
        };
        let mut lines = self.lines.borrow_mut();
        if lines.get(index).is_none_or(|lines| lines[direction as usize].first().is_none()) {
            // SAFETY: the job's own call, whose memory its block keeps.
            if let Some(outcome) = unsafe { this.call.attempt(descriptor, direction, this.asks_first.get()) } {
                return Some(outcome);
            }
            if lines.len() <= index {
                lines.resize_with(index + 1, Default::default);
            }
        }
        this.place.set(Place::Waiting(descriptor, direction));
        // SAFETY: as asked above.
        unsafe { lines[index][direction as usize].push(job) };
        None
    }

    /// Takes a job out of its line.
    ///
    /// # Safety
    /// It is alive, and waits.
    pub(crate) unsafe fn remove(&self, job: NonNull<Job>) {
        // SAFETY: as asked above.
        if let Place::Waiting(descriptor, direction) = unsafe { job.as_ref() }.place.replace(Place::Elsewhere) {
            // SAFETY: as asked above; its place says which list it is in.
            unsafe { self.lines.borrow_mut()[descriptor as usize][direction as usize].remove(job) };
        }
    }

    /// Makes the first call that waits for a ready descriptor, and gives it with its outcome; None when nobody waits
    /// or it would block again.
    pub(crate) fn next_ended(&self, descriptor: i32, direction: Direction) -> Option<(NonNull<Job>, Outcome)> {
        let job = self.first(descriptor, direction)?;
        // SAFETY: it is in line, so that it is alive, and its call has not been made.
        let outcome = unsafe { job.as_ref().call.attempt(descriptor, direction, job.as_ref().asks_first.get()) }?;
        // SAFETY: as above.
        unsafe { self.remove(job) };
        Some((job, outcome))
    }

    /// Takes the first out of a line.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn take(&self, descriptor: i32, direction: Direction) -> Option<NonNull<Job>> {
        let job = self.first(descriptor, direction)?;
        // SAFETY: it is in line, so that it is alive.
        unsafe { self.remove(job) };
        Some(job)
    }

    /// Whether somebody is in a line.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn is_waited_for(&self, descriptor: i32, direction: Direction) -> bool {
        self.first(descriptor, direction).is_some()
    }

    fn first(&self, descriptor: i32, direction: Direction) -> Option<NonNull<Job>> {
        self.lines.borrow().get(usize::try_from(descriptor).ok()?)?[direction as usize].first()
    }
}
