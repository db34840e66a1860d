//! The way to code of the host that need not be there any more once the runtime is gone, although a bundle that did not
//! end, or a call that came late, still holds parts of the runtime.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Open, until it is closed.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Threads that are inside; one that went in twice is here twice.
    inside: Vec<ThreadId>,
    closed: bool,
}

/// To be inside.
#[derive(Debug)]
pub(crate) struct Inside<'a>(&'a Gate);

impl Gate {
    /// Goes in; `None` if it is closed.
    pub(crate) fn enter(&self) -> Option<Inside<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return None;
        }
        state.inside.push(thread::current().id());
        Some(Inside(self))
    }

    /// Nobody goes in from now on. Waits until all other threads are out; at most until `deadline`, if there is one.
    pub(crate) fn close(&self, deadline: Option<Instant>) {
        let me = thread::current().id();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        while state.inside.iter().any(|thread| *thread != me) {
            state = match deadline {
                None => self.left.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        return;
                    }
                    self.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let me = thread::current().id();
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = state.inside.iter().position(|thread| *thread == me) {
            state.inside.swap_remove(place);
        }
        drop(state);
        self.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn who_closes_waits_for_all_others_and_nobody_comes_in_later() {
        let (gate, out) = (Gate::default(), AtomicBool::new(false));
        let (is_in, wait) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let inside = gate.enter().unwrap();
                is_in.send(()).unwrap();
                while !gate.state.lock().unwrap().closed {
                    thread::yield_now();
                }
                out.store(true, Ordering::SeqCst);
                drop(inside);
            });
            wait.recv().unwrap();
            let own = gate.enter().unwrap();
            gate.close(None);
            assert!(out.load(Ordering::SeqCst));
            assert!(gate.enter().is_none());
            drop(own);
        });
    }

    #[test]
    fn who_closes_does_not_wait_beyond_the_deadline() {
        let gate = Gate::default();
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| std::mem::forget(gate.enter()));
            inside.join().unwrap();
            gate.close(Some(Instant::now()));
            assert!(gate.enter().is_none());
        });
    }
}
