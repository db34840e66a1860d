//! UDP.
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{ToSocketAddrs, address};
use crate::backend::net;
use crate::io;

/// A UDP socket.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
///
/// ```
/// use rusticated::net::UdpSocket;
/// use rusticated::{io, rt};
///
/// rt::block_on(async {
///     let (one, other) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
///     one.send_to(b"datagram".to_vec(), other.local_addr()?).await.0?;
///     let (received, bytes) = other.recv_from(Vec::with_capacity(64)).await;
///     assert_eq!(received?, (8, one.local_addr()?));
///     assert_eq!(bytes, b"datagram");
///     Ok::<_, io::Error>(())
/// }).unwrap();
/// ```
#[derive(Debug)]
pub struct UdpSocket(pub(crate) net::UdpSocket);

impl UdpSocket {
    /// A socket at the first of the addresses where that works; port 0 lets the system choose one.
    pub async fn bind(addresses: impl ToSocketAddrs) -> io::Result<Self> {
        first(addresses, net::UdpSocket::bind).map(Self)
    }

    /// Sets whom [`UdpSocket::send`] sends to and [`UdpSocket::recv`] receives from.
    pub async fn connect(&self, addresses: impl ToSocketAddrs) -> io::Result<()> {
        first(addresses, |address| self.0.connect(address))
    }

    /// Sends one datagram to whom it is connected to.
    pub async fn send(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.send(buf).await
    }

    /// Sends one datagram to an address.
    pub async fn send_to(&self, buf: Vec<u8>, address: SocketAddr) -> (io::Result<usize>, Vec<u8>) {
        self.0.send_to(buf, &address).await
    }

    /// Receives one datagram from whom it is connected to. What has no room in the vector is lost: even all of it,
    /// since a datagram is asked for also where there is no room at all.
    pub async fn recv(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.recv(buf).await
    }

    /// Receives one datagram, and says from whom.
    pub async fn recv_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.0.recv_from(buf).await
    }

    /// As [`UdpSocket::recv`]; the datagram stays to be received again.
    pub async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.peek(buf).await
    }

    /// As [`UdpSocket::recv_from`]; the datagram stays to be received again.
    pub async fn peek_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.0.peek_from(buf).await
    }

    /// The address of this socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The address that it is connected to.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }

    /// Whether it may send to all of a network.
    pub fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        self.0.set_broadcast(broadcast)
    }

    /// Whether it may send to all of a network.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.0.broadcast()
    }

    /// Sets over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    /// Over how many hops packets may go.
    pub fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }

    /// Receives what is sent to a group, at the interface of an address; 0.0.0.0 lets the system choose.
    pub fn join_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.0.join_multicast_v4(group, interface)
    }

    /// No longer receives what is sent to a group.
    pub fn leave_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.0.leave_multicast_v4(group, interface)
    }

    /// Receives what is sent to a group, at the interface of a number; 0 lets the system choose.
    pub fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.0.join_multicast_v6(group, interface)
    }

    /// No longer receives what is sent to a group.
    pub fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.0.leave_multicast_v6(group, interface)
    }
}

/// Tries the addresses in turn. The error is the last one's.
fn first<T>(addresses: impl ToSocketAddrs, attempt: impl Fn(&SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut error = address::none();
    for address in addresses.to_socket_addrs()? {
        match attempt(&address) {
            Ok(done) => return Ok(done),
            Err(failed) => error = failed,
        }
    }
    Err(error)
}
