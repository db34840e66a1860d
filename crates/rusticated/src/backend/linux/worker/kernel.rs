//! Threads made by the kernel alone, on a small stack, with all signals blocked, where there is no libc that would have
//! to know them.
#![allow(unsafe_code, reason = "threads on mapped memory")]
use core::ffi::c_void;

use crate::backend::linux::clone::clone;
use crate::backend::linux::signal;
use crate::backend::syscall::{self, syscall};
use crate::io;

/// Of which only the topmost pages are ever touched.
const STACK: usize = 64 * 1024;
/// Memory, folder, descriptors and signal handlers are shared; one process; semaphores are undone together.
const FLAGS: usize = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000;

/// Starts a thread that calls the function and ends.
///
/// # Safety
/// The function can be called with the argument on any thread; it uses no thread-local memory and does not unwind.
pub(crate) unsafe fn start(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> io::Result<()> {
    let stack = super::map(STACK)?;
    let frame = (stack + STACK) as *mut usize;
    // SAFETY: the mapping's own topmost words.
    let frame = unsafe {
        let frame = frame.sub(4);
        frame.write(function as usize);
        frame.add(1).write(argument as usize);
        frame.add(2).write(stack);
        frame.add(3).write(STACK);
        frame
    };
    let signals = signal::block_all();
    // SAFETY: the frame is what is wanted; the child uses its own stack.
    let result = syscall::check(unsafe { clone(syscall::CLONE, FLAGS, frame as usize, 0) });
    signal::set_mask(signals);
    if result.is_err() {
        // SAFETY: no thread uses it.
        unsafe { syscall!(syscall::MUNMAP, stack, STACK) };
    }
    result.map(drop)
}
