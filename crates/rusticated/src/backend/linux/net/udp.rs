//! UDP.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ptr::{NonNull, null_mut};

use super::address::{self, Address};
use super::{MSG_NOSIGNAL, MSG_PEEK, SOCK_DGRAM, bind, options, socket};
use crate::backend::driver::Way;
use crate::backend::handle::{Handle, RawHandle};
use crate::backend::job::Direction;
use crate::backend::linux::call::{Call, IoVec};
use crate::backend::linux::operate::{Buffered, perform, ready, receive, send};
use crate::backend::syscall::{self, errno, syscall};
use crate::io;
use crate::rt::operation::{Outcome, Payload, result};

#[derive(Debug)]
pub(crate) struct UdpSocket(Handle);

/// The kernel's `struct msghdr`.
#[repr(C)]
struct MsgHdr {
    name: *const u8,
    name_length: u32,
    vectors: *const IoVec,
    vector_count: usize,
    control: *const u8,
    control_length: usize,
    flags: u32,
}

/// A datagram with its address.
struct Message {
    header: MsgHdr,
    vector: IoVec,
    address: Address,
    buf: Vec<u8>,
}

impl Payload for Message {}

impl Message {
    fn new(address: Address, buf: Vec<u8>) -> Self {
        let vector = IoVec { base: null_mut(), length: 0 };
        let header = MsgHdr {
            name: null_mut(),
            name_length: 0,
            vectors: null_mut(),
            vector_count: 1,
            control: null_mut(),
            control_length: 0,
            flags: 0,
        };
        Self { header, vector, address, buf }
    }

    /// Lets the header point at the parts, which move no more.
    fn link(&mut self, base: *mut u8, length: usize) {
        self.vector = IoVec { base: base.cast(), length };
        self.header.name = self.address.place();
        self.header.name_length = self.address.length;
        self.header.vectors = &raw const self.vector;
    }
}

impl UdpSocket {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_DGRAM)?;
        bind(&socket, address)?;
        Ok(Self(socket))
    }

    /// Only notes the address: nothing is waited for.
    pub(crate) fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        let address = Address::new(address);
        // SAFETY: the kernel reads the address only.
        syscall::check(unsafe { syscall!(syscall::CONNECT, self.raw(), address.place(), address.length) }).map(drop)
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn send(&self, buf: Vec<u8>) -> Buffered {
        send(&self.0, buf, syscall::SENDTO, MSG_NOSIGNAL).await
    }

    pub(crate) async fn recv(&self, buf: Vec<u8>) -> Buffered {
        receive(&self.0, buf, syscall::RECVFROM, 0).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> Buffered {
        receive(&self.0, buf, syscall::RECVFROM, MSG_PEEK).await
    }

    pub(crate) async fn send_to(&self, buf: Vec<u8>, address: &SocketAddr) -> Buffered {
        let message = Message::new(Address::new(address), buf);
        let (outcome, message) = self.transfer(Direction::Write, message, MSG_NOSIGNAL).await;
        (result(outcome).map(|count| count as usize), message.buf)
    }

    pub(crate) async fn recv_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, 0).await
    }

    pub(crate) async fn peek_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, MSG_PEEK).await
    }

    async fn receive_from(&self, buf: Vec<u8>, flags: usize) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        let message = Message::new(Address::room(), buf);
        let (outcome, mut message) = self.transfer(Direction::Read, message, flags).await;
        let received = result(outcome).and_then(|count| {
            message.address.length = message.header.name_length;
            Ok((count as usize, message.address.get()?))
        });
        if let Ok((count, _)) = received {
            // SAFETY: so many bytes were written after those that were there.
            unsafe { message.buf.set_len(message.buf.len() + count) };
        }
        (received, message.buf)
    }

    async fn transfer(&self, direction: Direction, mut message: Message, flags: usize) -> (Outcome, Message) {
        let descriptor = self.raw() as usize;
        loop {
            let outcome;
            let way = Way::Ready(&self.0, direction);
            (outcome, message) = perform(way, message, |message: NonNull<Message>| {
                // SAFETY: the payload is alive, and nobody touches it before the call.
                let message = unsafe { &mut *message.as_ptr() };
                let number = match direction {
                    Direction::Read => {
                        let spare = message.buf.spare_capacity_mut();
                        let (base, length) = (spare.as_mut_ptr().cast(), spare.len());
                        message.link(base, length);
                        syscall::RECVMSG
                    }
                    Direction::Write => {
                        let (base, length) = (message.buf.as_mut_ptr(), message.buf.len());
                        message.link(base, length);
                        syscall::SENDMSG
                    }
                };
                Call::new(number, [descriptor, &raw const message.header as usize, flags, 0, 0, 0])
            })
            .await;
            if outcome != -Outcome::from(errno::EAGAIN) || ready(&self.0, direction).await.is_err() {
                return (outcome, message);
            }
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, syscall::GETSOCKNAME)
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, syscall::GETPEERNAME)
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
