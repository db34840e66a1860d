//! Threads that the libc knows: only so does its `setuid`, which lets each thread change its own credentials, reach them.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::{c_int, c_ulong, c_void};
use core::ptr::null_mut;

use crate::backend::linux::signal;
use crate::io;

/// Of which only the topmost pages are ever touched; the libc takes the program's thread-local memory from it, too.
const STACK: usize = 256 * 1024;
/// The signals that libcs speak to their threads with: 32 and 33, and musl 34. They are never blocked.
const LIBC: u64 = if cfg!(target_env = "musl") { 7 << 31 } else { 3 << 31 };
const PTHREAD_CREATE_DETACHED: c_int = 1;

/// Large enough for any libc's `pthread_attr_t`, and aligned as that is.
type Attributes = [c_ulong; 16];

unsafe extern "C" {
    fn pthread_attr_init(attributes: *mut Attributes) -> c_int;
    fn pthread_attr_setstacksize(attributes: *mut Attributes, size: usize) -> c_int;
    fn pthread_attr_setdetachstate(attributes: *mut Attributes, state: c_int) -> c_int;
    fn pthread_attr_destroy(attributes: *mut Attributes) -> c_int;
    fn pthread_create(
        thread: *mut c_ulong,
        attributes: *const Attributes,
        function: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
}

/// What a thread begins with.
struct Beginning {
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
}

unsafe extern "C" fn begin(beginning: *mut c_void) -> *mut c_void {
    let place = beginning.cast::<Beginning>();
    // SAFETY: `start` made it for this thread; the function is what the caller of `start` said.
    unsafe {
        let Beginning { function, argument } = place.read();
        super::free(place);
        function(argument);
    }
    null_mut()
}

/// Starts a thread that calls the function and ends. Signals are blocked there, but for the libc's own.
///
/// # Safety
/// The function can be called with the argument on any thread; it uses no thread-local memory and does not unwind.
pub(crate) unsafe fn start(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> io::Result<()> {
    let beginning = super::allocate(Beginning { function, argument })?;
    let (mut thread, mut attributes): (c_ulong, Attributes) = (0, [0; 16]);
    let signals = signal::set_mask(!LIBC);
    // SAFETY: the attributes are used between their making and their end only; the thread takes the beginning over.
    let number = unsafe {
        pthread_attr_init(&raw mut attributes);
        pthread_attr_setstacksize(&raw mut attributes, STACK);
        pthread_attr_setdetachstate(&raw mut attributes, PTHREAD_CREATE_DETACHED);
        let number = pthread_create(&raw mut thread, &raw const attributes, begin, beginning.cast());
        pthread_attr_destroy(&raw mut attributes);
        number
    };
    signal::set_mask(signals);
    if number != 0 {
        // SAFETY: no thread has it.
        unsafe { super::free(beginning) };
        return Err(io::Error::from_raw_os_error(number));
    }
    Ok(())
}
