//! Pipes.
#![allow(unsafe_code, reason = "functions of the libc")]
use super::handle::Handle;
use super::make;
use crate::io;

/// Reader and writer.
pub(crate) fn pipe() -> io::Result<(Handle, Handle)> {
    // SAFETY: just made.
    make::pipe().map(|[reader, writer]| unsafe { (Handle::new(reader), Handle::new(writer)) })
}
