//! macOS: libSystem starts the program, and is asked for the rest.
use core::ffi::c_void;

unsafe extern "C" {
    fn write(descriptor: i32, bytes: *const c_void, count: usize) -> isize;
    fn getentropy(bytes: *mut c_void, count: usize) -> i32;
    fn pthread_threadid_np(thread: *mut c_void, id: *mut u64) -> i32;
    fn signal(number: i32, handler: usize) -> usize;
    fn fcntl(descriptor: i32, command: i32, ...) -> i32;
    fn open(name: *const core::ffi::c_char, flags: i32, ...) -> i32;
}

/// As std: the standard streams that the program was started without lead nowhere, so that no file takes their
/// numbers; and who writes to a pipe that nobody reads gets an error, not a signal.
pub(crate) fn prepare() {
    const GET_FLAGS: i32 = 1;
    const READ_WRITE: i32 = 2;
    const PIPE: i32 = 13;
    const IGNORE: usize = 1;
    for descriptor in 0..3 {
        // SAFETY: asks only; the name ends with a zero.
        unsafe {
            if fcntl(descriptor, GET_FLAGS) < 0 {
                open(c"/dev/null".as_ptr(), READ_WRITE);
            }
        }
    }
    // SAFETY: ignoring has no handler.
    unsafe { signal(PIPE, IGNORE) };
}

/// Writes to the standard error, and does not mind if nobody reads it.
pub(crate) fn write_error(bytes: &[u8]) {
    // SAFETY: the system reads the bytes.
    unsafe { write(2, bytes.as_ptr().cast(), bytes.len()) };
}

/// What the system calls this thread.
pub(crate) fn thread_id() -> u64 {
    let mut id = 0;
    // SAFETY: null is the calling thread.
    unsafe { pthread_threadid_np(core::ptr::null_mut(), &mut id) };
    id
}

/// Two numbers that nobody can guess.
pub(crate) fn random() -> [u64; 2] {
    let mut numbers = [0u64; 2];
    // SAFETY: it writes 16 bytes.
    unsafe { getentropy(numbers.as_mut_ptr().cast(), 16) };
    numbers
}
