//! Console events on Windows. One handler is installed once; it keeps us alive while children run.
#![allow(unsafe_code)] // to install the handler

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT, SetConsoleCtrlHandler,
};

/// What ends a child that is not wanted any more: on Windows there is only one way.
pub(crate) const STOP: i32 = 15;

/// How many listen: while nobody does, events do what they do by default.
static LISTENERS: Mutex<usize> = Mutex::new(0);
static NOBODY_LISTENS: Condvar = Condvar::new();
/// The last event that asked for the end while a child ran, as the signal that it is elsewhere.
static ENDING: AtomicI32 = AtomicI32::new(0);

/// What asked for the end of this run while a child ran, as the number of the signal that it is on Unix: Ctrl-C is 2,
/// Ctrl-Break, a closed console, log-off and shutdown are 15.
#[must_use]
pub fn ending() -> Option<i32> {
    Some(ENDING.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// Ends this process as a program that does not handle Ctrl-C ends (`STATUS_CONTROL_C_EXIT`), or, for other signals, with
/// 128 + its number: Windows has no end by a signal.
pub fn end_by(signal: i32) -> ! {
    const STATUS_CONTROL_C_EXIT: u32 = 0xC000_013A;
    std::process::exit(if signal == 2 { STATUS_CONTROL_C_EXIT.cast_signed() } else { 128 + signal })
}

/// Keeps console events from ending us while it lives.
#[derive(Debug)]
pub(crate) struct Listener(());

/// One signal, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// Its number
    pub(crate) signal: i32,
}

/// Ends the waiting of a [`Listener`]: here nobody waits.
#[derive(Debug)]
pub(crate) struct Closer(());

impl Closer {
    #[allow(clippy::unused_self)] // as on Unix
    pub(crate) fn close(&self) {}
}

impl Listener {
    pub(crate) fn new() -> io::Result<Self> {
        static INSTALLED: OnceLock<Result<(), Option<i32>>> = OnceLock::new();
        let install = || {
            // SAFETY: the handler is a function of this program, which is never unloaded, and may be called on any thread.
            let done = unsafe { SetConsoleCtrlHandler(Some(handle), 1) };
            if done == 0 { Err(io::Error::last_os_error().raw_os_error()) } else { Ok(()) }
        };
        INSTALLED
            .get_or_init(install)
            .map_err(|code| code.map_or_else(|| io::ErrorKind::Other.into(), io::Error::from_raw_os_error))?;
        *listeners() += 1;
        Ok(Self(()))
    }

    /// Nothing ever: the console tells children itself.
    #[allow(clippy::unused_self)] // as on Unix
    pub(crate) fn next(&mut self) -> Option<Received> {
        None
    }

    #[allow(clippy::unnecessary_wraps, clippy::unused_self)] // as on Unix
    pub(crate) fn closer(&self) -> io::Result<Closer> {
        Ok(Closer(()))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listeners = listeners();
        *listeners -= 1;
        if *listeners == 0 {
            NOBODY_LISTENS.notify_all();
        }
    }
}

fn listeners() -> std::sync::MutexGuard<'static, usize> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Windows calls this on a thread of its own.
unsafe extern "system" fn handle(event: u32) -> i32 {
    let listeners = listeners();
    if *listeners == 0 {
        return 0;
    }
    match event {
        CTRL_C_EVENT => {
            ENDING.store(2, Ordering::SeqCst);
            1
        }
        CTRL_BREAK_EVENT => {
            ENDING.store(STOP, Ordering::SeqCst);
            1
        }
        CTRL_CLOSE_EVENT | CTRL_LOGOFF_EVENT | CTRL_SHUTDOWN_EVENT => {
            ENDING.store(STOP, Ordering::SeqCst);
            // Returning ends us: first the child may clean up. Windows ends us by itself after some seconds.
            drop(NOBODY_LISTENS.wait_while(listeners, |listeners| *listeners > 0));
            1
        }
        _ => 0,
    }
}
