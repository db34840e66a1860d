//! Ctrl-C while a piece of code is evaluated for somebody at a terminal: it is noted, for the engine to give that piece up.
//! What Ctrl-C did before comes back when [`CtrlC`] goes: nothing may call into this library once it is unloaded.
#![allow(unsafe_code)] // The system's calls for this have no safe wrapper.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it was pressed and nobody has seen to that yet.
static PRESSED: AtomicBool = AtomicBool::new(false);
/// Whether there is a [`CtrlC`]: a handler belongs to the whole process.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// As long as this is there, Ctrl-C ends no program.
pub(crate) struct CtrlC {
    previous: Previous,
}

impl CtrlC {
    /// None where somebody else of this process has it, or the system does not allow it.
    pub(crate) fn take() -> Option<Self> {
        if TAKEN.swap(true, Ordering::SeqCst) {
            return None;
        }
        PRESSED.store(false, Ordering::SeqCst);
        let previous = install();
        if previous.is_none() {
            TAKEN.store(false, Ordering::SeqCst);
        }
        Some(Self { previous: previous? })
    }

    /// Whether it was pressed since it was asked last.
    #[expect(clippy::unused_self, reason = "nobody else is to ask")]
    pub(crate) fn was_pressed(&self) -> bool {
        PRESSED.swap(false, Ordering::SeqCst)
    }
}

impl Drop for CtrlC {
    fn drop(&mut self) {
        restore(&self.previous);
        TAKEN.store(false, Ordering::SeqCst);
    }
}

#[cfg(unix)]
type Previous = libc::sigaction;

#[cfg(unix)]
extern "C" fn note(_signal: libc::c_int) {
    PRESSED.store(true, Ordering::SeqCst);
}

#[cfg(unix)]
fn install() -> Option<Previous> {
    // SAFETY: a signal action of zeros is one: the default, no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let mut previous: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = note as extern "C" fn(libc::c_int) as libc::sighandler_t;
    // What waits goes on waiting where it can.
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: both are there for the call. The handler does nothing but store to an atomic, which it may at any time; it is
    // taken away again before `CtrlC` is gone.
    let done = unsafe { libc::sigaction(libc::SIGINT, &raw const action, &raw mut previous) };
    (done == 0).then_some(previous)
}

#[cfg(unix)]
fn restore(previous: &Previous) {
    // SAFETY: what the system said was there before; it is put back as it was.
    unsafe { libc::sigaction(libc::SIGINT, previous, std::ptr::null_mut()) };
}

#[cfg(windows)]
type Previous = ();

#[cfg(windows)]
extern "system" fn note(event: u32) -> windows_sys::core::BOOL {
    let is_ours = event == windows_sys::Win32::System::Console::CTRL_C_EVENT;
    if is_ours {
        PRESSED.store(true, Ordering::SeqCst);
    }
    is_ours.into()
}

#[cfg(windows)]
fn install() -> Option<Previous> {
    // SAFETY: the handler only stores to an atomic, and is taken away again before `CtrlC` is gone.
    let done = unsafe { windows_sys::Win32::System::Console::SetConsoleCtrlHandler(Some(note), 1) };
    (done != 0).then_some(())
}

#[cfg(windows)]
fn restore((): &Previous) {
    // SAFETY: it takes away what `install` registered.
    unsafe { windows_sys::Win32::System::Console::SetConsoleCtrlHandler(Some(note), 0) };
}
