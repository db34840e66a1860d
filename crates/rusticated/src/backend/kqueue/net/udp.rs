//! UDP.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ptr::NonNull;

use super::address::{self, Address};
use super::{bind, options, socket};
use crate::backend::job::Direction;
use crate::backend::kqueue::call::{self, Call};
use crate::backend::kqueue::driver::Way;
use crate::backend::kqueue::handle::{Handle, RawHandle};
use crate::backend::kqueue::operate::{Buffered, perform, receive, send};
use crate::backend::kqueue::system::{self, MSG_NOSIGNAL, MSG_PEEK, SOCK_DGRAM, check};
use crate::io;
use crate::rt::operation::{Payload, result};

#[derive(Debug)]
pub(crate) struct UdpSocket(Handle);

/// A datagram with its address.
struct Message {
    address: Address,
    buf: Vec<u8>,
}

impl Payload for Message {}

impl UdpSocket {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_DGRAM)?;
        bind(&socket, address)?;
        Ok(Self(socket))
    }

    /// Only notes the address: nothing is waited for.
    pub(crate) fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        let address = Address::new(address);
        // SAFETY: reads the address only.
        check(unsafe { system::connect(self.raw(), address.place().cast(), address.length) }).map(drop)
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn send(&self, buf: Vec<u8>) -> Buffered {
        send(&self.0, buf, call::send, MSG_NOSIGNAL as usize).await
    }

    pub(crate) async fn recv(&self, buf: Vec<u8>) -> Buffered {
        receive(&self.0, buf, call::receive, 0).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> Buffered {
        receive(&self.0, buf, call::receive, MSG_PEEK as usize).await
    }

    pub(crate) async fn send_to(&self, buf: Vec<u8>, address: &SocketAddr) -> Buffered {
        let descriptor = self.raw() as usize;
        let message = Message { address: Address::new(address), buf };
        let (outcome, message) =
            perform(Way::Ready(&self.0, Direction::Write), message, |message: NonNull<Message>| {
                // SAFETY: the payload is alive, and nobody touches it before the call.
                let Message { address, buf } = unsafe { message.as_ref() };
                let (to, size) = (address.place() as usize, address.length as usize);
                Call::new(call::send, [descriptor, buf.as_ptr() as usize, buf.len(), MSG_NOSIGNAL as usize, to, size])
            })
            .await;
        (result(outcome).map(|count| count as usize), message.buf)
    }

    pub(crate) async fn recv_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, 0).await
    }

    pub(crate) async fn peek_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, MSG_PEEK as usize).await
    }

    async fn receive_from(&self, buf: Vec<u8>, flags: usize) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        let descriptor = self.raw() as usize;
        let message = Message { address: Address::room(), buf };
        let (outcome, mut message) =
            perform(Way::Ready(&self.0, Direction::Read), message, |message: NonNull<Message>| {
                // SAFETY: as above.
                let Message { address, buf } = unsafe { &mut *message.as_ptr() };
                let spare = buf.spare_capacity_mut();
                let (place, room) = (spare.as_mut_ptr() as usize, spare.len());
                let (from, size) = (address.place() as usize, &raw mut address.length as usize);
                Call::new(call::receive, [descriptor, place, room, flags, from, size])
            })
            .await;
        let received = result(outcome).and_then(|count| Ok((count as usize, message.address.get()?)));
        if let Ok((count, _)) = received {
            // SAFETY: so many bytes were written after those that were there.
            unsafe { message.buf.set_len(message.buf.len() + count) };
        }
        (received, message.buf)
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, system::getsockname)
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, system::getpeername)
    }

    pub(crate) fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        options::set(&self.0, options::BROADCAST, broadcast.into())
    }

    pub(crate) fn broadcast(&self) -> io::Result<bool> {
        options::get(&self.0, options::BROADCAST).map(|value| value != 0)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set(&self.0, options::TTL, hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        options::get(&self.0, options::TTL)
    }

    pub(crate) fn join_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        options::set_bytes(&self.0, options::JOIN_V4, &address::group_v4(group, interface))
    }

    pub(crate) fn leave_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        options::set_bytes(&self.0, options::LEAVE_V4, &address::group_v4(group, interface))
    }

    pub(crate) fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        options::set_bytes(&self.0, options::JOIN_V6, &address::group_v6(group, interface))
    }

    pub(crate) fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        options::set_bytes(&self.0, options::LEAVE_V6, &address::group_v6(group, interface))
    }
}
