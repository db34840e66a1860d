//! The console's events: Ctrl-C and its kin. The system tells them on a thread of its own, which posts them to those
//! who wait.
#![allow(unsafe_code, reason = "calls the system, and is called by it")]
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ptr::NonNull;

use super::api::{self, Bool, Handle as Raw};
use super::driver::{Kernel, Stop, Stopped, post};
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Begun, Operation, Outcome, result};
use crate::signal::{Signal, Signals};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn SetConsoleCtrlHandler(handler: unsafe extern "system" fn(u32) -> Bool, add: Bool) -> Bool;
    fn AcquireSRWLockExclusive(lock: *mut usize);
    fn ReleaseSRWLockExclusive(lock: *mut usize);
    safe fn Sleep(milliseconds: u32);
}

/// Who waits for an event.
struct Waiter {
    signals: Signals,
    kernel: NonNull<Kernel>,
    port: Raw,
}

/// All who wait, of all threads, and whether the system was told to tell us.
struct Waiters {
    lock: UnsafeCell<usize>,
    list: UnsafeCell<(Vec<Waiter>, bool)>,
}

// SAFETY: the list is touched with the lock held only: see `with`. Its pointers are posted, not looked behind.
unsafe impl Sync for Waiters {}

static WAITERS: Waiters = Waiters { lock: UnsafeCell::new(0), list: UnsafeCell::new((Vec::new(), false)) };

impl Waiters {
    fn with<R>(&self, function: impl FnOnce(&mut (Vec<Waiter>, bool)) -> R) -> R {
        // SAFETY: zero is a lock that is free. What is called below neither takes it again nor panics.
        unsafe {
            AcquireSRWLockExclusive(self.lock.get());
            let result = function(&mut *self.list.get());
            ReleaseSRWLockExclusive(self.lock.get());
            result
        }
    }
}

/// The signal that an event stands for.
fn signal(event: u32) -> Option<Signal> {
    match event {
        0 => Some(Signal::Interrupt),
        1 => Some(Signal::Quit),
        // The console is closed, the user logs off, the system shuts down.
        2 | 5 | 6 => Some(Signal::Terminate),
        _ => None,
    }
}

pub(crate) async fn wait(signals: Signals) -> io::Result<Signal> {
    const KNOWN: [Signal; 3] = [Signal::Interrupt, Signal::Terminate, Signal::Quit];
    if !KNOWN.iter().any(|&known| signals.contains(known)) {
        let text = "Windows tells Interrupt, Terminate and Quit only";
        return Err(io::Error::message(io::ErrorKind::Unsupported, text));
    }
    let driver = Runtime::with(|runtime| runtime.driver().clone());
    let operation = Operation::start(driver, Kernel::new(0, Stop::Call(stop, 0)), (), |driver, begin| {
        let (kernel, port) = (begin.kernel, driver.port());
        // SAFETY: the block is alive.
        unsafe { Kernel::set_stop(kernel, Stop::Call(stop, kernel.as_ptr() as usize)) };
        let told = WAITERS.with(|(list, handled)| {
            // SAFETY: the handler lives as long as the process.
            if !*handled && unsafe { SetConsoleCtrlHandler(handle, 1) } == 0 {
                return Err(api::last_error());
            }
            *handled = true;
            list.push(Waiter { signals, kernel, port });
            Ok(())
        });
        match told {
            Ok(()) => driver.pending(),
            Err(code) => Begun::Done(-Outcome::from(code)),
        }
    });
    let event = result(operation.await.0)?;
    signal(event as u32).ok_or_else(|| io::ErrorKind::Other.into())
}

/// Takes a waiter from the list; one that is not there any more has been told.
unsafe fn stop(kernel: usize) -> Stopped {
    WAITERS.with(|(list, _)| {
        let place = list.iter().position(|waiter| waiter.kernel.as_ptr() as usize == kernel);
        match place {
            Some(place) => {
                list.swap_remove(place);
                Stopped::Ended
            }
            None => Stopped::Ending,
        }
    })
}

/// Called by the system, on a thread of its own. Says whether somebody waited: else the system does what it does.
unsafe extern "system" fn handle(event: u32) -> Bool {
    const INFINITE: u32 = u32::MAX;
    let Some(signal) = signal(event) else { return 0 };
    let any = WAITERS.with(|(list, _)| {
        let before = list.len();
        list.retain(|waiter| {
            let waits = waiter.signals.contains(signal);
            if waits {
                // SAFETY: who is in the list is in flight, and this is told once, as it leaves the list now.
                unsafe { post(waiter.port, waiter.kernel, Outcome::from(event)) };
            }
            !waits
        });
        list.len() < before
    });
    if any && signal == Signal::Terminate {
        // The system ends the process when this returns, and some seconds later anyway.
        Sleep(INFINITE);
    }
    any.into()
}
