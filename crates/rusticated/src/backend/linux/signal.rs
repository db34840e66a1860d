//! Signals: a handler notes them and wakes who waits. (A signalfd would need the signals to be blocked in every thread
//! of the process, and most are not made here.)
#![allow(unsafe_code, reason = "signal handlers")]
use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::mem::ManuallyDrop;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::handle::Handle;
use super::operate::ready;
use super::syscall::{self, syscall};
use super::worker::{Bell, Monitor};
use crate::backend::job::Direction;
use crate::io;
use crate::signal::{Signal, Signals};

/// All that can be waited for, with the kernel's numbers.
const KNOWN: [(Signal, u32); 7] = [
    (Signal::Interrupt, 2),
    (Signal::Terminate, 15),
    (Signal::Hangup, 1),
    (Signal::Quit, 3),
    (Signal::User1, 10),
    (Signal::User2, 12),
    (Signal::WindowChange, 28),
];

const SA_ONSTACK: usize = 0x0800_0000;
const SA_RESTART: usize = 0x1000_0000;
const SA_RESTORER: usize = 0x0400_0000;
const SIG_SETMASK: usize = 2;
/// The size of the kernel's set of signals.
const SET: usize = 8;

/// The kernel's `struct sigaction`; all zero is the default action.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Action {
    handler: usize,
    flags: usize,
    restorer: usize,
    mask: u64,
}

impl Action {
    pub(super) const DEFAULT: Self = Self { handler: 0, flags: 0, restorer: 0, mask: 0 };
    const IGNORE: usize = 1;

    /// Whether code of this process would run.
    pub(super) fn calls(&self) -> bool {
        self.handler > Self::IGNORE
    }
}

/// Sets what a signal does, if anything is given, and tells what it did.
pub(super) fn set_action(signal: u32, action: Option<&Action>) -> Action {
    let mut before = Action::DEFAULT;
    let action = action.map_or(core::ptr::null(), core::ptr::from_ref);
    // SAFETY: an action is the default, what was set before, or the handler below, which may run at any time.
    unsafe { syscall!(syscall::RT_SIGACTION, signal, action, &raw mut before, SET) };
    before
}

/// Blocks all signals on this thread, and gives what was blocked before.
pub(super) fn block_all() -> u64 {
    set_mask(u64::MAX)
}

/// Sets which signals are blocked on this thread, and gives what was blocked before.
pub(super) fn set_mask(mask: u64) -> u64 {
    let mut before = 0u64;
    // SAFETY: reads and writes the two sets only.
    unsafe { syscall!(syscall::RT_SIGPROCMASK, SIG_SETMASK, &raw const mask, &raw mut before, SET) };
    before
}

/// One who waits. They are never freed, but used again: a handler may be looking at them on any thread.
struct Waiter {
    /// Bit n: signal n is waited for. 0 while nobody has it.
    wanted: AtomicU64,
    came: AtomicU64,
    bell: Bell,
    next: AtomicPtr<Waiter>,
}

static WAITERS: AtomicPtr<Waiter> = AtomicPtr::new(null_mut());

/// Bit n: signal n came in while it was waited for, and no wait has ended with it.
static UNTOLD: AtomicU64 = AtomicU64::new(0);

fn waiters() -> impl Iterator<Item = &'static Waiter> {
    let next = |from: &AtomicPtr<Waiter>| {
        // SAFETY: waiters are leaked, and shared only.
        unsafe { from.load(Ordering::Acquire).as_ref() }
    };
    core::iter::successors(next(&WAITERS), move |waiter| next(&waiter.next))
}

extern "C" fn on_signal(signal: i32) {
    let bit = 1 << signal;
    for waiter in waiters() {
        if waiter.wanted.load(Ordering::Acquire) & bit != 0 {
            waiter.came.fetch_or(bit, Ordering::AcqRel);
            UNTOLD.fetch_or(bit, Ordering::AcqRel);
            waiter.bell.ring();
        }
    }
}

/// What handlers return to where the kernel does not see to it itself.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
extern "C" fn restore() {
    core::arch::naked_asm!("mov eax, {number}", "syscall", number = const syscall::RT_SIGRETURN)
}

fn handler() -> Action {
    let handler = on_signal as extern "C" fn(i32) as usize;
    #[cfg(target_arch = "x86_64")]
    let (restorer, flags) = (restore as extern "C" fn() as usize, SA_RESTART | SA_ONSTACK | SA_RESTORER);
    #[cfg(not(target_arch = "x86_64"))]
    let (restorer, flags) = (SA_RESTORER & 0, SA_RESTART | SA_ONSTACK);
    Action { handler, flags, restorer, mask: 0 }
}

/// How many wait for each signal, and what it did before the first.
struct Installed {
    lock: Monitor,
    counts: UnsafeCell<[(usize, Action); KNOWN.len()]>,
}

// SAFETY: the counts are touched under the lock only.
unsafe impl Sync for Installed {}

static INSTALLED: Installed =
    Installed { lock: Monitor::new(), counts: UnsafeCell::new([(0, Action::DEFAULT); KNOWN.len()]) };

/// Counts those who wait for each of some signals up or down, and sets the handler for the first and back after the
/// last. Gives the signals, as bits, whose handler was set or set back.
fn install(signals: Signals, up: bool) -> u64 {
    let mut changed = 0;
    INSTALLED.lock.lock();
    // SAFETY: locked; the handler does not look here.
    let counts = unsafe { &mut *INSTALLED.counts.get() };
    for ((signal, number), (count, before)) in KNOWN.iter().zip(counts) {
        if !signals.contains(*signal) {
            continue;
        }
        let others = if up { *count } else { *count - 1 };
        *count = others + usize::from(up);
        if others > 0 {
            continue;
        }
        changed |= 1 << number;
        if up {
            *before = set_action(*number, Some(&handler()));
        } else {
            set_action(*number, Some(before));
        }
    }
    INSTALLED.lock.unlock();
    changed
}

/// A wait; it ends when dropped.
struct Wait {
    waiter: &'static Waiter,
    signals: Signals,
}

impl Wait {
    fn begin(signals: Signals) -> io::Result<Self> {
        let wanted = KNOWN.iter().filter(|(signal, _)| signals.contains(*signal));
        let wanted = wanted.fold(0u64, |all, (_, number)| all | 1 << number);
        let claim =
            |waiter: &&Waiter| waiter.wanted.compare_exchange(0, wanted, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let waiter = match waiters().find(claim) {
            Some(waiter) => waiter,
            None => Self::add(wanted)?,
        };
        waiter.came.store(0, Ordering::Release);
        waiter.bell.reset();
        install(signals, true);
        Ok(Self { waiter, signals })
    }

    fn add(wanted: u64) -> io::Result<&'static Waiter> {
        let waiter: &'static mut Waiter = Box::leak(Box::new(Waiter {
            wanted: AtomicU64::new(wanted),
            came: AtomicU64::new(0),
            bell: Bell::new()?,
            next: AtomicPtr::new(null_mut()),
        }));
        let mut first = WAITERS.load(Ordering::Acquire);
        loop {
            waiter.next.store(first, Ordering::Release);
            match WAITERS.compare_exchange(first, waiter, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(waiter),
                Err(other) => first = other,
            }
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let nobodys = install(self.signals, false);
        self.waiter.wanted.store(0, Ordering::Release);
        // What came in and was told to nobody does what it does while nobody waits.
        let mut untold = UNTOLD.fetch_and(!nobodys, Ordering::AcqRel) & nobodys;
        while untold != 0 {
            // SAFETY: the signal was sent to this process already.
            unsafe { syscall!(syscall::KILL, syscall!(syscall::GETPID), untold.trailing_zeros()) };
            untold &= untold - 1;
        }
    }
}

pub(crate) async fn wait(signals: Signals) -> io::Result<Signal> {
    let wait = Wait::begin(signals)?;
    // SAFETY: the descriptor is the waiter's, and is never closed.
    let bell = ManuallyDrop::new(unsafe { Handle::from_raw(wait.waiter.bell.descriptor()) });
    loop {
        ready(&bell, Direction::Read).await?;
        wait.waiter.bell.reset();
        let came = wait.waiter.came.load(Ordering::Acquire);
        // What came while the waiter was another's is not looked for.
        let known = KNOWN.iter().find(|(signal, number)| came & 1 << number != 0 && signals.contains(*signal));
        if let Some((signal, number)) = known {
            wait.waiter.came.fetch_and(!(1 << number), Ordering::AcqRel);
            UNTOLD.fetch_and(!(1 << number), Ordering::AcqRel);
            return Ok(*signal);
        }
    }
}
