//! The one pointer that each thread has here.
#![allow(unsafe_code, reason = "the libc's thread-specific data")]
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::system::{self, Key};

/// The key and one; 0 while there is none.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// The pointer that was set on this thread; null at first.
pub(crate) fn slot() -> *mut c_void {
    match KEY.load(Ordering::Acquire) {
        0 => null_mut(),
        // SAFETY: the key was made, and is never deleted.
        key => unsafe { system::pthread_getspecific((key - 1) as Key) },
    }
}

/// Sets this thread's pointer. The function is called with it when the thread ends, unless it is null by then.
pub(crate) fn set_slot(slot: *mut c_void, end: unsafe extern "C" fn(*mut c_void)) {
    let mut key = KEY.load(Ordering::Acquire);
    if key == 0 {
        let mut new: Key = 0;
        // SAFETY: writes to `new` only.
        assert!(unsafe { system::pthread_key_create(&raw mut new, end) } == 0, "no room for thread-specific data");
        key = new as usize + 1;
        if let Err(first) = KEY.compare_exchange(0, key, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: another thread was first, and nobody has used this one.
            unsafe { system::pthread_key_delete(new) };
            key = first;
        }
    }
    // SAFETY: the key is valid.
    let answer = unsafe { system::pthread_setspecific((key - 1) as Key, slot) };
    assert!(answer == 0, "no room for thread-specific data");
}
