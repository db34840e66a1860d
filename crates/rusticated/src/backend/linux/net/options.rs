//! Options of sockets.
#![allow(unsafe_code, reason = "system calls")]
use crate::backend::handle::Handle;
use crate::backend::syscall::{self, syscall};
use crate::io;

/// Level and number of an option.
#[derive(Clone, Copy)]
pub(super) struct Name(u32, u32);

pub(super) const REUSE_ADDRESS: Name = Name(1, 2);
pub(super) const ERROR: Name = Name(1, 4);
pub(super) const BROADCAST: Name = Name(1, 6);
pub(super) const TTL: Name = Name(0, 2);
pub(super) const JOIN_V4: Name = Name(0, 35);
pub(super) const LEAVE_V4: Name = Name(0, 36);
pub(super) const NODELAY: Name = Name(6, 1);
pub(super) const JOIN_V6: Name = Name(41, 20);
pub(super) const LEAVE_V6: Name = Name(41, 21);

pub(super) fn set(socket: &Handle, name: Name, value: u32) -> io::Result<()> {
    set_bytes(socket, name, &value.to_ne_bytes())
}

pub(super) fn set_bytes(socket: &Handle, Name(level, name): Name, value: &[u8]) -> io::Result<()> {
    // SAFETY: the kernel reads the value only.
    syscall::check(unsafe { syscall!(syscall::SETSOCKOPT, socket.raw(), level, name, value.as_ptr(), value.len()) })
        .map(drop)
}

pub(super) fn get(socket: &Handle, Name(level, name): Name) -> io::Result<u32> {
    let (mut value, mut length) = (0u32, 4u32);
    // SAFETY: the kernel writes the value, which there is room for, and its length.
    syscall::check(unsafe {
        syscall!(syscall::GETSOCKOPT, socket.raw(), level, name, &raw mut value, &raw mut length)
    })?;
    Ok(value)
}
