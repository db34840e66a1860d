//! Options of sockets.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::c_int;

use crate::backend::kqueue::handle::Handle;
use crate::backend::kqueue::system::{
    self, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPV6_JOIN_GROUP,
    IPV6_LEAVE_GROUP, Length, SO_BROADCAST, SO_ERROR, SO_NOSIGPIPE, SO_REUSEADDR, SOL_SOCKET, TCP_NODELAY, check,
};
use crate::io;

/// Level and number of an option.
#[derive(Clone, Copy)]
pub(super) struct Name(c_int, c_int);

pub(super) const REUSE_ADDRESS: Name = Name(SOL_SOCKET, SO_REUSEADDR);
pub(super) const ERROR: Name = Name(SOL_SOCKET, SO_ERROR);
pub(super) const BROADCAST: Name = Name(SOL_SOCKET, SO_BROADCAST);
pub(super) const TTL: Name = Name(IPPROTO_IP, IP_TTL);
pub(super) const JOIN_V4: Name = Name(IPPROTO_IP, IP_ADD_MEMBERSHIP);
pub(super) const LEAVE_V4: Name = Name(IPPROTO_IP, IP_DROP_MEMBERSHIP);
pub(super) const NODELAY: Name = Name(IPPROTO_TCP, TCP_NODELAY);
pub(super) const JOIN_V6: Name = Name(IPPROTO_IPV6, IPV6_JOIN_GROUP);
pub(super) const LEAVE_V6: Name = Name(IPPROTO_IPV6, IPV6_LEAVE_GROUP);

/// Makes an error of a write to a connection that was ended; where there is no such option, the write's flags do.
pub(super) fn refuse_signals(socket: &Handle) -> io::Result<()> {
    SO_NOSIGPIPE.map_or(Ok(()), |option| set(socket, Name(SOL_SOCKET, option), 1))
}

pub(super) fn set(socket: &Handle, name: Name, value: u32) -> io::Result<()> {
    set_bytes(socket, name, &value.to_ne_bytes())
}

pub(super) fn set_bytes(socket: &Handle, Name(level, name): Name, value: &[u8]) -> io::Result<()> {
    // SAFETY: reads the value only.
    check(unsafe { system::setsockopt(socket.raw(), level, name, value.as_ptr().cast(), value.len() as Length) })
        .map(drop)
}

pub(super) fn get(socket: &Handle, Name(level, name): Name) -> io::Result<u32> {
    let (mut value, mut length) = (0u32, 4);
    // SAFETY: writes the value, which there is room for, and its length.
    check(unsafe { system::getsockopt(socket.raw(), level, name, (&raw mut value).cast(), &raw mut length) })?;
    Ok(value)
}
