//! Sockets.
mod address;
mod options;
mod tcp;
mod udp;

use core::net::SocketAddr;

use super::handle::Handle;
use super::syscall::{self, syscall};
use crate::io;
use crate::rt::Runtime;

pub(crate) use tcp::{TcpListener, TcpStream};
pub(crate) use udp::UdpSocket;

const SOCK_STREAM: usize = 1;
const SOCK_DGRAM: usize = 2;
const SOCK_CLOEXEC: usize = 0o2_000_000;
const SOCK_NONBLOCK: usize = 0o4_000;
const MSG_PEEK: usize = 2;
/// A connection that was ended is an error, and no signal.
const MSG_NOSIGNAL: usize = 0x4000;

/// What a descriptor is made with, so that it needs no other call to become what the driver wants; and whether that
/// is to refuse to wait.
fn flags() -> (usize, bool) {
    let tries = Runtime::with(|runtime| runtime.driver().tries());
    (SOCK_CLOEXEC | if tries { SOCK_NONBLOCK } else { 0 }, tries)
}

#[allow(unsafe_code, reason = "system calls")]
fn socket(address: &SocketAddr, kind: usize) -> io::Result<Handle> {
    let (flags, refuses_to_wait) = flags();
    let family = address::family(address);
    // SAFETY: makes a descriptor, which nobody else has.
    unsafe {
        let descriptor = syscall::check(syscall!(syscall::SOCKET, family, kind | flags, 0))?;
        Ok(Handle::new(descriptor as i32, refuses_to_wait))
    }
}

#[allow(unsafe_code, reason = "system calls")]
fn bind(socket: &Handle, address: &SocketAddr) -> io::Result<()> {
    let address = address::Address::new(address);
    // SAFETY: the kernel reads the address only.
    syscall::check(unsafe { syscall!(syscall::BIND, socket.raw(), address.place(), address.length) }).map(drop)
}
