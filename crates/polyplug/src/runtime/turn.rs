//! Whose turn it is: one at a time, and the one who has it is told so when it asks again, instead of waiting for itself.
//! No lock is held while somebody has the turn, so foreign code may run in it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::waiting::{Circle, this_thread, unless_circle};

/// A turn that threads take one after the other.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    owner: Mutex<Option<ThreadId>>,
    /// The owner, for those who look for circles.
    holder: AtomicUsize,
    free: Condvar,
}

/// It is this thread's turn, until this is dropped.
#[derive(Debug)]
pub(crate) struct Taken<'a>(&'a Turn);

/// Why it is not this thread's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The calling thread has it already.
    Own,
    /// Another thread did not end in time.
    TimedOut,
    /// Another thread has it, and waits for something that the calling thread has.
    Circle,
}

impl Turn {
    /// Waits for the turn; at most until `deadline`, if there is one.
    pub(crate) fn take(&self, deadline: Option<Instant>) -> Result<Taken<'_>, Refused> {
        let me = thread::current().id();
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(other) = *owner {
            if other == me {
                return Err(Refused::Own);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(Refused::TimedOut);
            }
            let waited = unless_circle(&self.holder, || match left {
                None => self.free.wait(owner).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.free.wait_timeout(owner, left).unwrap_or_else(PoisonError::into_inner).0,
            });
            owner = waited.map_err(|Circle| Refused::Circle)?;
        }
        *owner = Some(me);
        self.holder.store(this_thread(), Ordering::Relaxed);
        Ok(Taken(self))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut owner = self.0.owner.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.holder.store(0, Ordering::Relaxed);
        *owner = None;
        drop(owner);
        self.0.free.notify_one();
    }
}
