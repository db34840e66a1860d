//! The one thread of a program. `spawn` cannot be offered: see the library's own words. Tasks are started with
//! `rt::spawn`, and processes with `process::Command`.
mod local;

use core::num::NonZero;
use core::time::Duration;

#[doc(hidden)]
pub use local::LocalPlace;
pub use local::{AccessError, LocalKey};

use crate::io::Result;
use crate::sys;

/// Waits for a time.
pub fn sleep(duration: Duration) {
    rusticated::rt::wait(rusticated::time::sleep(duration));
}

/// Lets other processes have their turn: there are no other threads.
pub fn yield_now() {
    core::hint::spin_loop();
}

/// Whether the thread panics: whoever asks does not, since a panic aborts.
pub fn panicking() -> bool {
    false
}

/// How many threads are of use: this one.
pub fn available_parallelism() -> Result<NonZero<usize>> {
    Ok(NonZero::<usize>::MIN)
}

/// The thread that runs.
pub fn current() -> Thread {
    Thread(())
}

/// A thread: the one that there is.
#[derive(Clone, Debug)]
pub struct Thread(());

impl Thread {
    /// What it is called.
    pub fn name(&self) -> Option<&str> {
        Some("main")
    }

    /// What tells it from others.
    pub fn id(&self) -> ThreadId {
        ThreadId(sys::thread_id())
    }
}

/// What tells threads from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(u64);
