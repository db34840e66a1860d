//! The console's events: Ctrl-C and its kin. The system tells them on a thread of its own, which posts them to those
//! who wait.
#![allow(unsafe_code, reason = "calls the system, and is called by it")]
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::api::{self, Bool, Handle as Raw};
use super::driver::{Kernel, Stop, Stopped, post};
use super::lock::Lock;
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Begun, Operation, Outcome, result};
use crate::signal::{Signal, Signals};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn SetConsoleCtrlHandler(handler: unsafe extern "system" fn(u32) -> Bool, add: Bool) -> Bool;
    safe fn Sleep(milliseconds: u32);
}

/// Who waits for an event.
struct Waiter {
    signals: Signals,
    kernel: NonNull<Kernel>,
    port: Raw,
}

// SAFETY: its pointer is posted, not looked behind.
unsafe impl Send for Waiter {}

/// All who wait, of all threads, and whether the system was told to tell us.
static WAITERS: Lock<(Vec<Waiter>, bool)> = Lock::new((Vec::new(), false));

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::{Either, block_on, join, select, yield_now};

    /// Tells an event as the system does, and says whether it was taken.
    fn tell(event: u32) -> bool {
        // SAFETY: any thread may call it.
        std::thread::spawn(move || unsafe { handle(event) } != 0).join().unwrap()
    }

    #[test]
    fn events_are_told_to_those_who_wait_for_them_and_to_nobody_else() {
        let (interrupt, quit) = (Signals::new().with(Signal::Interrupt), Signals::new().with(Signal::Quit));
        assert!(!tell(0), "nobody waits");
        block_on(async {
            let telling = async {
                yield_now().await;
                assert!(!tell(7), "no event that has a name");
                assert!(tell(0));
                assert!(!tell(0), "who waited has been told");
                assert!(tell(1));
            };
            let both = interrupt.with(Signal::Quit);
            let ((one, other), ()) = join(join(wait(both), wait(quit)), telling).await;
            assert_eq!((one.unwrap(), other.unwrap()), (Signal::Interrupt, Signal::Quit));
            // One that was dropped waits no more; not even when it was told before.
            assert!(matches!(select(wait(interrupt), yield_now()).await, Either::Right(())));
            assert!(!tell(0));
            let told = async {
                yield_now().await;
                assert!(tell(0));
            };
            assert!(matches!(select(told, wait(interrupt)).await, Either::Left(())));
            assert!(!tell(0));
        });
    }

    #[test]
    fn signals_that_windows_does_not_have_are_refused() {
        let error = block_on(wait(Signals::new().with(Signal::Hangup))).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    }
}
