//! The one thread of a module. It never ends: the host forgets the module.
#![allow(unsafe_code, reason = "one thread may share what is not Sync")]
use core::cell::Cell;
use core::ffi::c_void;

#[cfg(target_feature = "atomics")]
compile_error!("rusticated's modules have one thread");

struct Slot(Cell<*mut c_void>);

// SAFETY: there is one thread: see above.
unsafe impl Sync for Slot {}

static SLOT: Slot = Slot(Cell::new(core::ptr::null_mut()));

pub(crate) fn slot() -> *mut c_void {
    SLOT.0.get()
}

pub(crate) fn set_slot(slot: *mut c_void, _destroy: unsafe extern "C" fn(*mut c_void)) {
    SLOT.0.set(slot);
}
