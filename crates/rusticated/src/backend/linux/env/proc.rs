//! What the process was started with, as `/proc` tells it: a libc keeps what it was given to itself. Nothing where
//! there is no `/proc`.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec::Vec;
use core::ffi::CStr;

use super::os;
use crate::backend::linux::call::AT_FDCWD;
use crate::backend::syscall::{self, syscall};
use crate::ffi::OsString;
use crate::io;

pub(super) fn args() -> Vec<OsString> {
    strings(c"/proc/self/cmdline")
}

pub(super) fn variables() -> Vec<OsString> {
    strings(c"/proc/self/environ")
}

/// The strings of a file in which each ends with a NUL byte; none if it cannot be read.
fn strings(path: &CStr) -> Vec<OsString> {
    let mut bytes = whole(path).unwrap_or_default();
    if bytes.pop_if(|last| *last == 0).is_none() && bytes.is_empty() {
        return Vec::new();
    }
    bytes.split(|&byte| byte == 0).map(os).collect()
}

fn whole(path: &CStr) -> io::Result<Vec<u8>> {
    const CLOEXEC: usize = 0o2_000_000;
    // SAFETY: reads the path only.
    let file = syscall::check(unsafe { syscall!(syscall::OPENAT, AT_FDCWD, path.as_ptr(), CLOEXEC, 0) })?;
    let mut bytes = Vec::new();
    let result = loop {
        bytes.reserve(1024);
        let spare = bytes.spare_capacity_mut();
        // SAFETY: the kernel writes into the spare capacity only.
        match syscall::again(|| unsafe { syscall!(syscall::READ, file, spare.as_mut_ptr(), spare.len()) }) {
            Ok(0) => break Ok(()),
            // SAFETY: so many bytes were written.
            Ok(count) => unsafe { bytes.set_len(bytes.len() + count) },
            Err(error) => break Err(error),
        }
    };
    // SAFETY: opened above.
    unsafe { syscall!(syscall::CLOSE, file) };
    result.map(|()| bytes)
}
