//! Whose turn it is: one at a time, and the one who has it is told so when it asks again, instead of waiting for itself.
//! No lock is held while somebody has the turn, so foreign code may run in it.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A turn that threads take one after the other.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    owner: Mutex<Option<ThreadId>>,
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
            owner = match deadline {
                None => self.free.wait(owner).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        return Err(Refused::TimedOut);
                    }
                    self.free.wait_timeout(owner, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *owner = Some(me);
        Ok(Taken(self))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.0.owner.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.free.notify_one();
    }
}
