//! Sockets. They refuse to wait from the beginning, and a connection that was ended is an error and no signal.
#![allow(unsafe_code, reason = "functions of the libc")]
mod address;
mod options;
mod tcp;
mod udp;

use core::ffi::c_int;
use core::net::SocketAddr;

use super::handle::Handle;
use super::make;
use super::system::{self, check};
use crate::io;

pub(crate) use tcp::{TcpListener, TcpStream};
pub(crate) use udp::UdpSocket;

fn socket(address: &SocketAddr, kind: c_int) -> io::Result<Handle> {
    // SAFETY: makes a descriptor, which nobody else has.
    let socket = unsafe { Handle::new(make::socket(address::family(address).into(), kind)?) };
    options::refuse_signals(&socket)?;
    Ok(socket)
}

fn bind(socket: &Handle, address: &SocketAddr) -> io::Result<()> {
    let address = address::Address::new(address);
    // SAFETY: reads the address only.
    check(unsafe { system::bind(socket.raw(), address.place().cast(), address.length) }).map(drop)
}
