//! What the kernels of the BSDs tell about a process.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::ffi::{c_char, c_int, c_void};
use core::ptr::{null, null_mut};

use super::check;
use crate::io;

pub(crate) const CTL_KERN: c_int = 1;
#[allow(dead_code, reason = "not asked for everywhere")]
pub(crate) const KERN_PROC: c_int = 14;

unsafe extern "C" {
    static mut environ: *const *const c_char;
    fn sysctl(
        name: *const c_int,
        count: u32,
        old: *mut c_void,
        old_length: *mut usize,
        new: *const c_void,
        new_length: usize,
    ) -> c_int;
}

/// Where the list of variables begins is kept there.
pub(crate) fn environment() -> *mut *const *const c_char {
    &raw mut environ
}

/// All that the kernel tells.
pub(crate) fn bytes(name: &[c_int]) -> io::Result<Vec<u8>> {
    let (count, mut length) = (name.len() as u32, 0);
    // SAFETY: writes the length only.
    check(unsafe { sysctl(name.as_ptr(), count, null_mut(), &raw mut length, null(), 0) })?;
    let mut bytes: Vec<u8> = Vec::with_capacity(length);
    // SAFETY: writes no more than that.
    check(unsafe { sysctl(name.as_ptr(), count, bytes.as_mut_ptr().cast(), &raw mut length, null(), 0) })?;
    // SAFETY: so many bytes were written.
    unsafe { bytes.set_len(length) };
    Ok(bytes)
}

/// Strings that each end with a NUL byte.
pub(crate) fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes
        .split_inclusive(|&byte| byte == 0)
        .map(|string| string.strip_suffix(b"\0").unwrap_or(string).to_vec())
        .collect()
}

#[allow(dead_code, reason = "not told in this form everywhere")]
pub(crate) fn strings(name: &[c_int]) -> Vec<Vec<u8>> {
    split(&bytes(name).unwrap_or_default())
}

#[allow(dead_code, reason = "not told everywhere")]
pub(crate) fn string(name: &[c_int]) -> io::Result<Vec<u8>> {
    Ok(split(&bytes(name)?).swap_remove(0))
}
