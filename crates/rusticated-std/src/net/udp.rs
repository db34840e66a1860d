//! UDP.
use core::future::Future;

use rusticated::net as system;
use rusticated::rt::wait;

use super::{SocketAddr, ToSocketAddrs};
use crate::io::{Error, ErrorKind, Result};
use crate::vec::Vec;

/// A UDP socket.
#[derive(Debug)]
pub struct UdpSocket(system::UdpSocket);

/// Receives into a borrowed buffer; a datagram's rest is lost.
fn receive<T, F: Future<Output = (Result<T>, Vec<u8>)>>(
    buffer: &mut [u8],
    receive: impl FnOnce(Vec<u8>) -> F,
) -> Result<T> {
    let (result, bytes) = wait(receive(Vec::with_capacity(buffer.len())));
    let count = bytes.len().min(buffer.len());
    buffer[..count].copy_from_slice(&bytes[..count]);
    result
}

impl UdpSocket {
    /// A socket at the first of the addresses where that works.
    pub fn bind(addresses: impl ToSocketAddrs) -> Result<Self> {
        wait(system::UdpSocket::bind(addresses)).map(Self)
    }

    /// Sets whom it sends to and receives from.
    pub fn connect(&self, addresses: impl ToSocketAddrs) -> Result<()> {
        wait(self.0.connect(addresses))
    }

    /// Sends one datagram to whom it is connected to.
    pub fn send(&self, buffer: &[u8]) -> Result<usize> {
        wait(self.0.send(buffer.to_vec())).0
    }

    /// Sends one datagram to the first of the addresses.
    pub fn send_to(&self, buffer: &[u8], addresses: impl ToSocketAddrs) -> Result<usize> {
        let none = Error::message(ErrorKind::InvalidInput, "no addresses to send data to");
        let address = addresses.to_socket_addrs()?.into_iter().next().ok_or(none)?;
        wait(self.0.send_to(buffer.to_vec(), address)).0
    }

    /// Receives one datagram.
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize> {
        receive(buffer, |bytes| self.0.recv(bytes))
    }

    /// Receives one datagram, and says from whom.
    pub fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
        receive(buffer, |bytes| self.0.recv_from(bytes))
    }

    /// Receives one datagram, which stays.
    pub fn peek(&self, buffer: &mut [u8]) -> Result<usize> {
        receive(buffer, |bytes| self.0.peek(bytes))
    }

    /// Receives one datagram, which stays, and says from whom.
    pub fn peek_from(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
        receive(buffer, |bytes| self.0.peek_from(bytes))
    }

    /// The address of this socket.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The address that it is connected to.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        self.0.peer_addr()
    }

    /// Whether it may send to all of a network.
    pub fn set_broadcast(&self, broadcast: bool) -> Result<()> {
        self.0.set_broadcast(broadcast)
    }

    /// Over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        self.0.set_ttl(hops)
    }
}
