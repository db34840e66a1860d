//! Pipes.
#![allow(unsafe_code, reason = "system calls")]
use super::handle::Handle;
use super::syscall::{self, syscall};
use crate::io;

const CLOEXEC: usize = 0o2_000_000;

/// Reader and writer.
pub(crate) fn pipe() -> io::Result<(Handle, Handle)> {
    let mut ends = [0i32; 2];
    // SAFETY: the kernel writes two descriptors.
    syscall::check(unsafe { syscall!(syscall::PIPE2, ends.as_mut_ptr(), CLOEXEC) })?;
    // SAFETY: just made.
    unsafe { Ok((Handle::new(ends[0], false), Handle::new(ends[1], false))) }
}
