//! Sending and receiving.
#![allow(unsafe_code, reason = "hands buffers to the system")]
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::net::SocketAddr;

use super::address::RawAddress;
use super::bindings::{WSARecv, WSARecvFrom, WSASend, WSASendTo, WsaBuf};
use super::socket::{Socket, result};
use crate::backend::windows::api;
use crate::backend::windows::driver::{Kernel, Stop};
use crate::backend::windows::overlapped::MOST;
use crate::io;
use crate::rt::operation::{Operation, Payload};

/// What an operation works on.
struct Message {
    buf: Vec<u8>,
    flags: u32,
    address: RawAddress,
    address_length: i32,
}

impl Payload for Message {}

/// Where the rest of a datagram goes that has no room in the caller's buffer. That makes such a receive a success,
/// where Windows would have it be a kind of error of which it is not said whether it leaves a packet.
struct Waste(UnsafeCell<[u8; 65536]>);

// SAFETY: only the kernel touches it, and nobody ever reads it.
unsafe impl Sync for Waste {}

static WASTE: Waste = Waste(UnsafeCell::new([0; 65536]));

/// Which call is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Receive,
    ReceiveFrom,
    Send,
    SendTo,
}

/// Receives from a stream: bytes are appended. Where there is no room nothing is asked for.
pub(super) async fn receive(socket: &Socket, buf: Vec<u8>, flags: u32) -> (io::Result<usize>, Vec<u8>) {
    if buf.capacity() == buf.len() {
        return (Ok(0), buf);
    }
    let (result, message) = run(socket, Call::Receive, buf, flags, None).await;
    (result, message.buf)
}

/// Receives a datagram: as much of it as there is room for is appended.
pub(super) async fn receive_from(
    socket: &Socket,
    buf: Vec<u8>,
    flags: u32,
) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
    let (result, message) = run(socket, Call::ReceiveFrom, buf, flags, None).await;
    let address = message.address;
    (result.and_then(|count| Ok((count, address.to_std()?))), message.buf)
}

/// Sends to the other side of a connection.
pub(super) async fn send(socket: &Socket, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
    let (result, message) = run(socket, Call::Send, buf, 0, None).await;
    (result, message.buf)
}

/// Sends a datagram to an address.
pub(super) async fn send_to(socket: &Socket, buf: Vec<u8>, to: &SocketAddr) -> (io::Result<usize>, Vec<u8>) {
    let (result, message) = run(socket, Call::SendTo, buf, 0, Some(to)).await;
    (result, message.buf)
}

async fn run(
    socket: &Socket,
    call: Call,
    buf: Vec<u8>,
    flags: u32,
    to: Option<&SocketAddr>,
) -> (io::Result<usize>, Message) {
    let raw = socket.raw();
    let receives = matches!(call, Call::Receive | Call::ReceiveFrom);
    let room = (buf.capacity() - buf.len()).min(MOST);
    let (address, address_length) = to.map_or((RawAddress::default(), RawAddress::ROOM), RawAddress::new);
    let message = Message { buf, flags, address, address_length };
    let kernel = Kernel::new(0, Stop::Io(raw));
    let association = socket.association;
    let operation = Operation::start(socket.driver.clone(), kernel, message, |driver, begin| {
        let payload = begin.payload.as_ptr();
        // SAFETY: what the kernel is given stays where it is until the operation has ended; the vector is not touched
        // meanwhile. The list of buffers itself is copied when the call is made.
        unsafe {
            let buf = &mut (*payload).buf;
            let (start, length) = if receives { (buf.len(), room) } else { (0, buf.len().min(MOST)) };
            let buffers = [
                WsaBuf { length: length as u32, bytes: buf.as_mut_ptr().add(start) },
                WsaBuf { length: size_of_val(&WASTE) as u32, bytes: WASTE.0.get().cast() },
            ];
            let buffers = buffers.as_ptr();
            let flags = &raw mut (*payload).flags;
            let (address, length) = (&raw mut (*payload).address, &raw mut (*payload).address_length);
            let overlapped = &raw mut (*begin.kernel.as_ptr()).overlapped;
            let (count, none) = (core::ptr::null_mut(), core::ptr::null());
            let answer = match call {
                Call::Receive => WSARecv(raw, buffers, 1, count, flags, overlapped, none),
                Call::ReceiveFrom => WSARecvFrom(raw, buffers, 2, count, flags, address, length, overlapped, none),
                Call::Send => WSASend(raw, buffers, 1, count, 0, overlapped, none),
                Call::SendTo => WSASendTo(raw, buffers, 1, count, 0, address, *length, overlapped, none),
            };
            let answer = if answer == 0 { Ok(()) } else { Err(api::last_error()) };
            driver.begun(association, begin.kernel, answer)
        }
    });
    let (outcome, mut message) = operation.await;
    let mut result = result(outcome);
    if receives && let Ok(count) = &mut result {
        *count = (*count).min(room);
        // SAFETY: the system has written so many bytes behind the vector's own.
        unsafe { message.buf.set_len(message.buf.len() + *count) };
    }
    (result, message)
}
