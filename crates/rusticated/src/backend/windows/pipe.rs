//! Pipes. Anonymous ones have no overlapped operations; so these are named pipes with a name that nobody else has, of
//! one instance, which nobody can open once both ends are.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::format;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use super::api::{
    self, ERROR_ACCESS_DENIED, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, GENERIC_READ, GENERIC_WRITE,
    INVALID_HANDLE, OPEN_EXISTING, Owned, SecurityAttributes,
};
use super::clock;
use super::handle::Handle;
use super::process;
use crate::io;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateNamedPipeW(
        name: *const u16,
        open: u32,
        mode: u32,
        instances: u32,
        out_size: u32,
        in_size: u32,
        timeout: u32,
        security: *const SecurityAttributes,
    ) -> api::Handle;
}

/// Bytes that a pipe holds.
const SIZE: u32 = 64 * 1024;

/// A pipe: reader, writer.
pub(crate) fn pipe() -> io::Result<(Handle, Handle)> {
    let (reader, writer) = ends(true, true)?;
    Ok((Handle::new(reader), Handle::new(writer)))
}

/// A pipe with our end overlapped and the other's perhaps not. Ours is the reader, or the writer.
pub(super) fn ends(ours_reads: bool, other_overlapped: bool) -> io::Result<(Owned, Owned)> {
    const PIPE_ACCESS_INBOUND: u32 = 1;
    const PIPE_ACCESS_OUTBOUND: u32 = 2;
    const PIPE_REJECT_REMOTE_CLIENTS: u32 = 8;
    const ATTEMPTS: usize = 10;
    let direction = if ours_reads { PIPE_ACCESS_INBOUND } else { PIPE_ACCESS_OUTBOUND };
    let open = direction | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED;
    let mut attempt = 0;
    let (name, ours) = loop {
        let name = name();
        // SAFETY: the name ends with a zero; what else is told are numbers.
        let ours = unsafe {
            CreateNamedPipeW(name.as_ptr(), open, PIPE_REJECT_REMOTE_CLIENTS, 1, SIZE, SIZE, 0, core::ptr::null())
        };
        if ours != INVALID_HANDLE {
            // SAFETY: it was just made.
            break (name, unsafe { Owned::new(ours) });
        }
        // Somebody has taken the name on purpose.
        attempt += 1;
        match api::last_error() {
            ERROR_ACCESS_DENIED if attempt < ATTEMPTS => {}
            code => return Err(api::os_error(code)),
        }
    };
    let access = if ours_reads { GENERIC_WRITE } else { GENERIC_READ };
    let flags = if other_overlapped { FILE_FLAG_OVERLAPPED } else { 0 };
    let other = api::open(&name, access, 0, OPEN_EXISTING, flags)?;
    Ok((ours, other))
}

/// A name that no other pipe has, unless somebody guesses it: then making the pipe fails.
fn name() -> Vec<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let (process, number) = (process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let moment = clock::monotonic();
    format!(r"\\.\pipe\rust.{process}.{number}.{moment:x}{}", '\0').encode_utf16().collect()
}
