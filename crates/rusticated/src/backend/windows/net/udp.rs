//! UDP.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::address::RawAddress;
use super::bindings::{
    ADD_MEMBERSHIP, DROP_MEMBERSHIP, IPPROTO_IP, IPPROTO_IPV6, MSG_PEEK, SO_BROADCAST, SOCK_DGRAM, SOL_SOCKET, connect,
};
use super::message;
use super::socket::{Socket, check};
use crate::backend::windows::handle::RawHandle;
use crate::io;

/// A socket for datagrams.
#[derive(Debug)]
pub(crate) struct UdpSocket(Socket);

/// An IPv6 group at an interface: `ipv6_mreq`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Group {
    group: [u8; 16],
    interface: u32,
}

impl UdpSocket {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        const SIO_UDP_CONNRESET: u32 = 0x9800_000C;
        let socket = Socket::new(RawAddress::family(address), SOCK_DGRAM)?;
        // A receive would fail because something that was sent before did not arrive. Where that cannot be switched
        // off it never happens.
        let _ = socket.control(SIO_UDP_CONNRESET, &0_u32, &mut ());
        socket.bind(address)?;
        Ok(Self(socket))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        let (address, length) = RawAddress::new(address);
        // SAFETY: the address is of the length that is told. Nothing is sent, so that it does not block.
        check(unsafe { connect(self.raw(), &raw const address, length) })
    }

    pub(crate) async fn send(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        message::send(&self.0, buf).await
    }

    pub(crate) async fn send_to(&self, buf: Vec<u8>, address: &SocketAddr) -> (io::Result<usize>, Vec<u8>) {
        message::send_to(&self.0, buf, address).await
    }

    pub(crate) async fn recv(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let (result, buf) = self.recv_from(buf).await;
        (result.map(|(count, _)| count), buf)
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let (result, buf) = self.peek_from(buf).await;
        (result.map(|(count, _)| count), buf)
    }

    pub(crate) async fn recv_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        message::receive_from(&self.0, buf, 0).await
    }

    pub(crate) async fn peek_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        message::receive_from(&self.0, buf, MSG_PEEK).await
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }

    pub(crate) fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        self.0.set(SOL_SOCKET, SO_BROADCAST, &u32::from(broadcast))
    }

    pub(crate) fn broadcast(&self) -> io::Result<bool> {
        Ok(self.0.get(SOL_SOCKET, SO_BROADCAST)? != 0)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }

    pub(crate) fn join_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.0.set(IPPROTO_IP, ADD_MEMBERSHIP, &[group.octets(), interface.octets()])
    }

    pub(crate) fn leave_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.0.set(IPPROTO_IP, DROP_MEMBERSHIP, &[group.octets(), interface.octets()])
    }

    pub(crate) fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.0.set(IPPROTO_IPV6, ADD_MEMBERSHIP, &Group { group: group.octets(), interface })
    }

    pub(crate) fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.0.set(IPPROTO_IPV6, DROP_MEMBERSHIP, &Group { group: group.octets(), interface })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::block_on;

    #[test]
    fn a_datagram_without_room_is_cut_whether_it_was_there_or_comes() {
        block_on(async {
            let any = "127.0.0.1:0".parse().unwrap();
            let (one, other) = (UdpSocket::bind(&any).unwrap(), UdpSocket::bind(&any).unwrap());
            let to = other.local_addr().unwrap();
            for waiting in [false, true] {
                for room in [0, 2] {
                    let receiving = other.recv_from(Vec::with_capacity(room));
                    let sending = one.send_to(b"datagram".to_vec(), &to);
                    let (received, buf) = if waiting {
                        crate::rt::join(receiving, sending).await.0
                    } else {
                        sending.await.0.unwrap();
                        receiving.await
                    };
                    assert_eq!((received.unwrap(), &*buf), ((room, one.local_addr().unwrap()), &b"datagram"[..room]));
                }
            }
        });
    }

    #[test]
    fn what_was_sent_to_nobody_is_no_error_of_a_receive() {
        block_on(async {
            let any = "127.0.0.1:0".parse().unwrap();
            let socket = UdpSocket::bind(&any).unwrap();
            let nobody = UdpSocket::bind(&any).unwrap().local_addr().unwrap();
            socket.send_to(b"lost".to_vec(), &nobody).await.0.unwrap();
            socket.send_to(b"found".to_vec(), &socket.local_addr().unwrap()).await.0.unwrap();
            assert_eq!(socket.recv(Vec::with_capacity(9)).await.1, b"found");
        });
    }
}
