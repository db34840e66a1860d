//! The wakers of [`super::wait`]: no task stands behind them, only the news that somebody woke. A wait inside of a
//! wait, as a blocking call in a future's own code is, has a waker of its own; so these are counted by their depth.
#![allow(unsafe_code, reason = "wakers are raw")]
use core::cell::Cell;
use core::ptr::without_provenance;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::Runtime;
use super::task::assert_own_thread;

/// How deep the waits are that are told apart; below that, one is woken with the others.
const DEPTHS: usize = 32;

/// Which waits of a runtime were woken.
#[derive(Default)]
pub(super) struct Nudges {
    /// How many waits there are, one inside of the other.
    depth: Cell<usize>,
    /// One bit a depth.
    came: Cell<u32>,
}

impl Nudges {
    /// Begins a wait.
    pub(super) fn begin(&self) -> Nudge<'_> {
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        Nudge { nudges: self, depth: depth.min(DEPTHS - 1) }
    }
}

/// The news for one wait.
pub(super) struct Nudge<'a> {
    nudges: &'a Nudges,
    depth: usize,
}

impl Nudge<'_> {
    pub(super) fn forget(&self) {
        self.nudges.came.update(|came| came & !(1 << self.depth));
    }

    pub(super) fn came(&self) -> bool {
        self.nudges.came.get() & 1 << self.depth != 0
    }

    /// A waker that may outlive the wait: it is a number, and wakes whatever waits at its depth then.
    pub(super) fn waker(&self, runtime: usize) -> Waker {
        // SAFETY: the functions of the table take a number, and nothing is behind it.
        unsafe { Waker::new(without_provenance(runtime * DEPTHS + self.depth), &WAKER) }
    }
}

impl Drop for Nudge<'_> {
    fn drop(&mut self) {
        self.nudges.depth.update(|depth| depth - 1);
    }
}

static WAKER: RawWakerVTable = RawWakerVTable::new(|number| RawWaker::new(number, &WAKER), wake, wake, |_| ());

fn wake(number: *const ()) {
    let here = Runtime::with_existing(|runtime| {
        let own = runtime.number() == number.addr() / DEPTHS;
        if own {
            runtime.nudges().came.update(|came| came | 1 << (number.addr() % DEPTHS));
        }
        own
    });
    assert_own_thread(here);
}
