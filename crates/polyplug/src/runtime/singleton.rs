//! One instance for all who ask: made once, by the first of them, without a lock while it is being made.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::{Condvar, Mutex, thread};
use crate::waiting::{this_thread, unless_circle};

/// The instance of a singleton, or the room for it.
#[derive(Debug)]
pub(crate) struct Singleton<T> {
    state: Mutex<State<T>>,
    /// Who makes it, for those who look for circles.
    maker: AtomicUsize,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Absent,
    Making(thread::ThreadId),
    Present(T),
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotMade<E> {
    /// Whoever makes it asked for it, or waits for whoever did.
    Recursive,
    /// It could not be made; the next who asks tries again.
    Failed(E),
}

impl<T: Copy> Singleton<T> {
    /// Not made yet.
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::Absent), maker: AtomicUsize::new(0), changed: Condvar::new() }
    }

    /// The instance. `make` is called if there is none, by one thread at a time; the others wait.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, NotMade<E>> {
        let me = thread::current().id();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            state = match *state {
                State::Present(value) => return Ok(value),
                State::Making(maker) if maker == me => return Err(NotMade::Recursive),
                State::Making(_) => {
                    let wait = || self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    unless_circle(&self.maker, wait).map_err(|_| NotMade::Recursive)?
                }
                State::Absent => break,
            };
        }
        *state = State::Making(me);
        self.maker.store(this_thread(), Ordering::Relaxed);
        drop(state);
        // A panic of `make` leaves it absent, too.
        let attempt = Attempt(self);
        let value = make().map_err(NotMade::Failed)?;
        attempt.set(State::Present(value));
        Ok(value)
    }

    /// Takes the instance out, if it was made.
    pub(crate) fn take(&mut self) -> Option<T> {
        match std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Absent) {
            State::Present(value) => Some(value),
            State::Absent | State::Making(_) => None,
        }
    }
}

/// Somebody makes it; dropped, the attempt has failed.
struct Attempt<'a, T>(&'a Singleton<T>);

impl<T> Attempt<'_, T> {
    fn set(self, state: State<T>) {
        self.end(state);
        std::mem::forget(self);
    }

    fn end(&self, state: State<T>) {
        let mut now = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.maker.store(0, Ordering::Relaxed);
        *now = state;
        drop(now);
        self.0.changed.notify_all();
    }
}

impl<T> Drop for Attempt<'_, T> {
    fn drop(&mut self) {
        self.end(State::Absent);
    }
}
