//! Pipes, sockets and connections, made so that no child inherits them that another thread starts at that moment: by
//! calls that say so, or, on macOS, which has none, while no thread starts a child by way of this crate.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::{c_int, c_void};

use super::call::Arguments;
use super::system::{self, Length, check};
use crate::io;

pub(super) use calls::socket;

/// Reader and writer of a pipe, both of which wait.
pub(super) fn pipe() -> io::Result<[c_int; 2]> {
    let mut ends = [-1; 2];
    calls::pipe(&mut ends)?;
    Ok(ends)
}

/// Accepts a connection, as a descriptor that refuses to wait.
///
/// # Safety
/// The second and third argument are null, or lead to room for an address and its length.
pub(super) unsafe fn accept(arguments: &Arguments) -> isize {
    let [socket, address, length, ..] = *arguments;
    // SAFETY: as asked above.
    (unsafe { calls::accept(socket as c_int, address as *mut c_void, length as *mut Length) }) as isize
}

#[cfg(not(target_vendor = "apple"))]
mod calls {
    use super::system::{O_CLOEXEC, SOCK_CLOEXEC, SOCK_NONBLOCK};
    use super::{Length, c_int, c_void, check, io, system};

    pub(super) fn pipe(ends: &mut [c_int; 2]) -> io::Result<()> {
        // SAFETY: writes two descriptors.
        check(unsafe { system::pipe2(ends, O_CLOEXEC) }).map(drop)
    }

    /// A socket that refuses to wait.
    pub(in super::super) fn socket(family: c_int, kind: c_int) -> io::Result<c_int> {
        // SAFETY: makes a descriptor.
        check(unsafe { system::socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) })
    }

    /// # Safety
    /// As [`super::accept`].
    pub(super) unsafe fn accept(socket: c_int, address: *mut c_void, length: *mut Length) -> c_int {
        // SAFETY: as asked above.
        unsafe { system::accept4(socket, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK) }
    }
}

#[cfg(target_vendor = "apple")]
mod calls {
    use super::super::env::locked;
    use super::super::handle::prepare;
    use super::system::{F_GETFL, O_NONBLOCK};
    use super::{Length, c_int, c_void, check, io, system};

    pub(super) fn pipe(ends: &mut [c_int; 2]) -> io::Result<()> {
        locked(|| {
            // SAFETY: writes two descriptors.
            check(unsafe { system::pipe(ends) })?;
            ends.iter().for_each(|&end| prepare(end, false));
            Ok(())
        })
    }

    /// A socket that refuses to wait.
    pub(in super::super) fn socket(family: c_int, kind: c_int) -> io::Result<c_int> {
        locked(|| {
            // SAFETY: makes a descriptor.
            let socket = check(unsafe { system::socket(family, kind, 0) })?;
            prepare(socket, true);
            Ok(socket)
        })
    }

    /// One that was handed down and may wait is accepted from without the lock: nobody could start a child, or look at
    /// the variables, until somebody connects. A child may inherit that connection.
    ///
    /// # Safety
    /// As [`super::accept`].
    pub(super) unsafe fn accept(socket: c_int, address: *mut c_void, length: *mut Length) -> c_int {
        let accept = || {
            // SAFETY: as asked above.
            let connection = unsafe { system::accept(socket, address, length) };
            let number = system::last_error();
            if connection >= 0 {
                prepare(connection, true);
            }
            (connection, number)
        };
        // SAFETY: touches no memory.
        let refuses = unsafe { system::fcntl(socket, F_GETFL) } & O_NONBLOCK != 0;
        let (connection, number) = if refuses { locked(accept) } else { accept() };
        // Unlocking may have left another one.
        system::set_last_error(number);
        connection
    }
}
