//! Pipes.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::c_int;

use super::handle::{Handle, prepare};
use super::system::{self, check};
use crate::io;

/// Reader and writer, inherited by no child, both of which wait.
pub(super) fn descriptors() -> io::Result<[c_int; 2]> {
    let mut ends = [-1; 2];
    // SAFETY: writes two descriptors.
    check(unsafe { system::pipe(&raw mut ends) })?;
    for end in ends {
        prepare(end, false);
    }
    Ok(ends)
}

/// Reader and writer.
pub(crate) fn pipe() -> io::Result<(Handle, Handle)> {
    // SAFETY: just made.
    descriptors().map(|[reader, writer]| unsafe { (Handle::new(reader), Handle::new(writer)) })
}
