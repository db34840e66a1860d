//! What the process was started with, where the kernel has put it: above the stack, and there it stays.
#![allow(unsafe_code, reason = "lists that end with null")]
use alloc::vec::Vec;
use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

use super::os;
use crate::ffi::OsString;

/// The arguments, null, the variables, null.
static LISTS: AtomicPtr<*const c_char> = AtomicPtr::new(null_mut());

/// Tells where the lists are.
///
/// # Safety
/// It is the address of the kernel's list of arguments.
pub(crate) unsafe fn set(lists: *const *const c_char) {
    LISTS.store(lists.cast_mut(), Ordering::Relaxed);
}

pub(super) fn args() -> Vec<OsString> {
    strings(LISTS.load(Ordering::Relaxed)).0
}

pub(super) fn variables() -> Vec<OsString> {
    strings(strings(LISTS.load(Ordering::Relaxed)).1).0
}

/// The strings of a list, and where the next begins.
fn strings(mut list: *const *const c_char) -> (Vec<OsString>, *const *const c_char) {
    let mut strings = Vec::new();
    if list.is_null() {
        return (strings, list);
    }
    // SAFETY: the kernel's list: strings that end with NUL bytes, and null behind the last.
    unsafe {
        while !(*list).is_null() {
            strings.push(os(CStr::from_ptr(*list).to_bytes()));
            list = list.add(1);
        }
        (strings, list.add(1))
    }
}
