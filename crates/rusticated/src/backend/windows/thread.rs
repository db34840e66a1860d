//! One pointer a thread, in fiber-local storage: its callback is called when the thread ends, also where no C runtime
//! and no entry point of ours sees that.
#![allow(unsafe_code, reason = "the pointer is handed through the system")]
use core::ffi::c_void;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn FlsAlloc(callback: unsafe extern "system" fn(*mut c_void)) -> u32;
    fn FlsFree(index: u32) -> i32;
    fn FlsGetValue(index: u32) -> *mut c_void;
    fn FlsSetValue(index: u32, value: *mut c_void) -> i32;
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn RtlDllShutdownInProgress() -> u8;
}

const NONE: u32 = u32::MAX;
static INDEX: AtomicU32 = AtomicU32::new(NONE);
static DESTRUCTOR: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// This thread's pointer; null until it was set.
pub(crate) fn slot() -> *mut c_void {
    match INDEX.load(Ordering::Acquire) {
        NONE => core::ptr::null_mut(),
        // SAFETY: the index was allocated and is never freed.
        index => unsafe { FlsGetValue(index) },
    }
}

/// Sets this thread's pointer, and what is called with it when the thread ends.
pub(crate) fn set_slot(value: *mut c_void, destructor: unsafe extern "C" fn(*mut c_void)) {
    DESTRUCTOR.store(destructor as *mut (), Ordering::Release);
    // SAFETY: the index was allocated and is never freed.
    let set = unsafe { FlsSetValue(index(), value) };
    assert!(set != 0, "no memory for a thread's own data");
}

fn index() -> u32 {
    let known = INDEX.load(Ordering::Acquire);
    if known != NONE {
        return known;
    }
    // SAFETY: the callback lives as long as the program.
    let new = unsafe { FlsAlloc(ended) };
    assert!(new != NONE, "no index left for data of threads");
    match INDEX.compare_exchange(NONE, new, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => new,
        Err(first) => {
            // SAFETY: it was allocated above, and nobody else has seen it.
            unsafe { FlsFree(new) };
            first
        }
    }
}

unsafe extern "system" fn ended(value: *mut c_void) {
    // FlsFree above calls this, too, with what was never set. And when the process ends, the other threads are gone
    // already: nothing that they were to finish will ever end, and all memory goes away anyway.
    if value.is_null() || RtlDllShutdownInProgress() != 0 {
        return;
    }
    let destructor = DESTRUCTOR.load(Ordering::Acquire);
    // SAFETY: stored by set_slot before any value, from a function of this type.
    let destructor: unsafe extern "C" fn(*mut c_void) = unsafe { core::mem::transmute(destructor) };
    // SAFETY: the value is the one that it was set together with.
    unsafe { destructor(value) };
}
