//! Signals: kqueue tells that one came in, whatever it does; a handler that does nothing keeps it from doing what it
//! does by default, and is set while somebody waits. (One that is ignored would stay so in children.)
#![allow(unsafe_code, reason = "signal handlers")]
use core::cell::UnsafeCell;
use core::ffi::c_int;

use super::driver::Way;
use super::operate::perform;
use super::system::{self, NO_SIGNALS, SA_RESTART, SIGPIPE, SigAction};
use super::worker::Monitor;
use crate::backend::job::Direction;
use crate::io;
use crate::rt::operation::result;
use crate::signal::{Signal, Signals};

/// All that can be waited for, with the numbers of <sys/signal.h>.
const KNOWN: [(Signal, u32); 7] = [
    (Signal::Interrupt, 2),
    (Signal::Terminate, 15),
    (Signal::Hangup, 1),
    (Signal::Quit, 3),
    (Signal::User1, 30),
    (Signal::User2, 31),
    (Signal::WindowChange, 28),
];

const DEFAULT: SigAction = SigAction { handler: 0, mask: NO_SIGNALS, flags: 0 };

extern "C" fn do_nothing(_: c_int) {}

/// Sets what a signal does, and tells what it did.
fn set_action(signal: u32, action: &SigAction) -> SigAction {
    let mut before = DEFAULT;
    // SAFETY: an action is what was set before, or a handler that may run at any time.
    unsafe { system::sigaction(signal as c_int, action, &raw mut before) };
    before
}

/// How many wait for each signal, and what it did before the first.
struct Installed {
    lock: Monitor,
    counts: UnsafeCell<[(usize, SigAction); KNOWN.len()]>,
}

// SAFETY: the counts are touched under the lock only.
unsafe impl Sync for Installed {}

static INSTALLED: Installed = Installed { lock: Monitor::new(), counts: UnsafeCell::new([(0, DEFAULT); KNOWN.len()]) };

/// Counts those who wait for each of some signals up or down, and sets the handler for the first and back after the
/// last.
fn install(signals: Signals, up: bool) {
    let handler = do_nothing as extern "C" fn(c_int) as usize;
    INSTALLED.lock.lock();
    // SAFETY: locked.
    let counts = unsafe { &mut *INSTALLED.counts.get() };
    for ((signal, number), (count, before)) in KNOWN.iter().zip(counts) {
        match (signals.contains(*signal), up) {
            (false, _) => {}
            (true, true) => {
                *count += 1;
                if *count == 1 {
                    *before = set_action(*number, &SigAction { handler, mask: NO_SIGNALS, flags: SA_RESTART });
                }
            }
            (true, false) => {
                *count -= 1;
                if *count == 0 {
                    set_action(*number, before);
                }
            }
        }
    }
    INSTALLED.lock.unlock();
}

/// A wait; it ends when dropped.
struct Wait(Signals);

impl Drop for Wait {
    fn drop(&mut self) {
        install(self.0, false);
    }
}

pub(crate) async fn wait(signals: Signals) -> io::Result<Signal> {
    install(signals, true);
    let _wait = Wait(signals);
    let wanted = KNOWN.iter().filter(|(signal, _)| signals.contains(*signal));
    let numbers = wanted.fold(0u32, |all, (_, number)| all | 1 << number);
    let call = super::Call::ready(super::handle::INVALID, Direction::Read);
    let number = result(perform(Way::Signals(numbers), (), |_| call).await.0)?;
    let known = KNOWN.iter().find(|(_, known)| u64::from(*known) == number);
    let unknown = || io::Error::message(io::ErrorKind::Other, "a signal came in that nobody waited for");
    known.map(|(signal, _)| *signal).ok_or_else(unknown)
}

/// Gives a child that was just made what programs expect: it has inherited what this thread blocked; and one that
/// writes to a pipe that nobody reads ends, even where this process ignores that.
///
/// # Safety
/// To be called between `fork` and `exec`.
pub(super) unsafe fn reset() {
    set_action(SIGPIPE, &DEFAULT);
    // SAFETY: reads the set only.
    unsafe { system::pthread_sigmask(system::SIG_SETMASK, &NO_SIGNALS, core::ptr::null_mut()) };
}
