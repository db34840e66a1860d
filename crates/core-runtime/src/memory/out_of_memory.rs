//! How a program ends that cannot go on without memory.
//!
//! An allocator does not know whether its caller can return an error (`Vec::try_reserve`, `fs::read`) or not (`Vec::push`):
//! it can only say that there is no memory. Who cannot go on calls `handle_alloc_error`, which prints «memory allocation of
//! N bytes failed» and aborts; to put something else there needs a nightly compiler. An abort is exit code 134, and the
//! specification wants 1. So on Unix the abort's own signal is caught: where the thread's last request for memory failed,
//! the process exits with 1. On Windows an abort cannot be caught; there a small request that fails exits with 1 at once,
//! and a large one is left to the caller: an error where it can return one, else the abort.
#![allow(unsafe_code)] // a signal handler

use std::alloc::Layout;
use std::io;

#[cfg(unix)]
thread_local! {
    /// This thread asked for memory and got none. It may have gone on without.
    static FAILED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Requests below this size are not made by anybody who could do without.
#[cfg(not(unix))]
const SMALL: usize = 1 << 20;

/// There was no memory for this.
#[cold]
#[inline(never)]
pub(super) fn note(layout: Layout) {
    #[cfg(unix)]
    {
        let _size_is_told_by_who_cannot_go_on = layout;
        FAILED.set(true);
    }
    #[cfg(not(unix))]
    if layout.size() < SMALL {
        use io::Write;
        // Not `eprintln`: it must not ask for memory.
        let _ = io::stderr().write_all(b"error: out of memory\n");
        std::process::exit(crate::exit::FAILURE);
    }
}

/// Makes this process exit with 1, after the standard library's message, when it cannot go on without memory. Needs
/// [`GlobalAllocator`](super::GlobalAllocator). What aborts for other reasons does so as before, unless a request for memory
/// had failed in the same thread before. Outside of Unix it has nothing to do, see this module's source for what happens.
///
/// # Errors
/// The signal's handler cannot be installed.
pub fn exit_when_out_of_memory() -> io::Result<()> {
    #[cfg(unix)]
    {
        let action = || {
            if FAILED.get() {
                // SAFETY: `_exit` is async-signal-safe, and takes any number.
                unsafe { libc::_exit(crate::exit::FAILURE) };
            }
            // Returning from it, abort goes on to end the process as without a handler.
        };
        // SAFETY: the action reads a thread-local without initialiser or destructor and calls `_exit`: both are
        // async-signal-safe.
        unsafe { signal_hook::low_level::register(libc::SIGABRT, action) }?;
    }
    Ok(())
}
