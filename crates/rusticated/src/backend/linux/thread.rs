//! The one pointer that each thread has here.
#![allow(unsafe_code, reason = "libc's thread-specific data, or a plain pointer where there is one thread")]
use core::ffi::c_void;

/// The pointer that was set on this thread; null at first.
#[cfg(not(own_std))]
pub(crate) fn slot() -> *mut c_void {
    libc::get()
}

/// Sets this thread's pointer. The function is called with it when the thread ends, unless it is null by then.
#[cfg(not(own_std))]
pub(crate) fn set_slot(slot: *mut c_void, end: unsafe extern "C" fn(*mut c_void)) {
    libc::set(slot, end);
}

#[cfg(not(own_std))]
mod libc {
    use core::ffi::c_void;
    use core::ptr::null_mut;
    use core::sync::atomic::{AtomicU64, Ordering};

    unsafe extern "C" {
        fn pthread_key_create(key: *mut u32, end: unsafe extern "C" fn(*mut c_void)) -> i32;
        fn pthread_key_delete(key: u32) -> i32;
        fn pthread_getspecific(key: u32) -> *mut c_void;
        fn pthread_setspecific(key: u32, value: *const c_void) -> i32;
    }

    /// The key and one; 0 while there is none.
    static KEY: AtomicU64 = AtomicU64::new(0);

    pub(super) fn get() -> *mut c_void {
        match KEY.load(Ordering::Acquire) {
            0 => null_mut(),
            // SAFETY: the key was made, and is never deleted.
            key => unsafe { pthread_getspecific((key - 1) as u32) },
        }
    }

    pub(super) fn set(slot: *mut c_void, end: unsafe extern "C" fn(*mut c_void)) {
        let mut key = KEY.load(Ordering::Acquire);
        if key == 0 {
            let mut new = 0;
            // SAFETY: writes to `new` only.
            assert!(unsafe { pthread_key_create(&raw mut new, end) } == 0, "no room for thread-specific data");
            key = u64::from(new) + 1;
            if let Err(first) = KEY.compare_exchange(0, key, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: another thread was first, and nobody has used this one.
                unsafe { pthread_key_delete(new) };
                key = first;
            }
        }
        // SAFETY: the key is valid.
        assert!(unsafe { pthread_setspecific((key - 1) as u32, slot) } == 0, "no room for thread-specific data");
    }
}

#[cfg(own_std)]
static SLOT: core::sync::atomic::AtomicPtr<c_void> = core::sync::atomic::AtomicPtr::new(core::ptr::null_mut());

/// The pointer that was set. This standard library has one thread that runs Rust code, which ends with the process.
#[cfg(own_std)]
pub(crate) fn slot() -> *mut c_void {
    SLOT.load(core::sync::atomic::Ordering::Relaxed)
}

/// Sets the pointer.
#[cfg(own_std)]
pub(crate) fn set_slot(slot: *mut c_void, _end: unsafe extern "C" fn(*mut c_void)) {
    SLOT.store(slot, core::sync::atomic::Ordering::Relaxed);
}
