//! Windows: the start of a program without a C runtime, and a few calls.
use core::ffi::c_void;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetStdHandle(which: u32) -> isize;
    safe fn GetCurrentThreadId() -> u32;
    fn WriteFile(handle: isize, bytes: *const u8, count: u32, written: *mut u32, overlapped: *mut c_void) -> i32;
}

#[link(name = "bcryptprimitives", kind = "raw-dylib")]
unsafe extern "system" {
    fn ProcessPrng(bytes: *mut u8, count: usize) -> i32;
}

unsafe extern "C" {
    /// What rustc makes of the program's own.
    fn main(count: i32, arguments: *const *const u8) -> i32;
}

/// The entry point. The system is asked for the arguments when they are wanted.
#[unsafe(no_mangle)]
unsafe extern "system" fn mainCRTStartup() -> ! {
    // SAFETY: rustc's `main` hands both on to `lang_start`, which uses neither.
    rusticated::process::exit(unsafe { main(0, core::ptr::null()) })
}

/// Names that the compiler makes objects refer to where floating point is used.
#[unsafe(no_mangle)]
static _fltused: i32 = 0;

pub(crate) fn prepare() {}

/// Writes to the standard error, and does not mind if nobody reads it.
pub(crate) fn write_error(bytes: &[u8]) {
    const STD_ERROR_HANDLE: u32 = -12i32 as u32;
    let mut written = 0;
    // SAFETY: the system reads the bytes and writes the number.
    unsafe {
        WriteFile(
            GetStdHandle(STD_ERROR_HANDLE),
            bytes.as_ptr(),
            bytes.len() as u32,
            &mut written,
            core::ptr::null_mut(),
        );
    }
}

/// What the system calls this thread.
pub(crate) fn thread_id() -> u64 {
    GetCurrentThreadId().into()
}

/// Two numbers that nobody can guess.
pub(crate) fn random() -> [u64; 2] {
    let mut numbers = [0u64; 2];
    // SAFETY: it writes 16 bytes; it never fails.
    unsafe { ProcessPrng(numbers.as_mut_ptr().cast(), 16) };
    numbers
}
