//! TCP: listeners and connections.
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::{Shutdown, ToSocketAddrs, address};
use crate::backend::net;
use crate::io::{self, AsyncRead, AsyncWrite};

/// A TCP connection, ended when dropped.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
///
/// ```
/// use rusticated::io::{self, AsyncRead, AsyncWrite};
/// use rusticated::net::{TcpListener, TcpStream};
/// use rusticated::rt;
///
/// rt::block_on(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
///     let (mut client, (mut server, _)) = (client?, server?);
///     client.write(b"ping".to_vec()).await.0?;
///     let (count, bytes) = server.read(Vec::with_capacity(16)).await;
///     assert_eq!((count?, bytes), (4, b"ping".to_vec()));
///     Ok::<_, io::Error>(())
/// }).unwrap();
/// ```
#[derive(Debug)]
pub struct TcpStream(pub(crate) net::TcpStream);

impl TcpStream {
    /// Connects to the first of the addresses where that works. The error is the last one's.
    pub async fn connect(addresses: impl ToSocketAddrs) -> io::Result<Self> {
        let mut error = address::none();
        for address in addresses.to_socket_addrs()? {
            match net::TcpStream::connect(&address).await {
                Ok(stream) => return Ok(Self(stream)),
                Err(failed) => error = failed,
            }
        }
        Err(error)
    }

    /// Reads as [`AsyncRead::read`] does, through a shared reference: one task may read while another writes.
    pub async fn receive(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }

    /// Writes as [`AsyncWrite::write`] does, through a shared reference.
    pub async fn send(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }

    /// Reads what will be read again by the next read.
    pub async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.peek(buf).await
    }

    /// The address of the other side.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }

    /// The address of this side.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Ends one direction, or both.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.shutdown(how)
    }

    /// Whether small writes are sent at once.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.0.set_nodelay(nodelay)
    }

    /// Whether small writes are sent at once.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.0.nodelay()
    }

    /// Sets over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    /// Over how many hops packets may go.
    pub fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }

    /// The error that lies on the socket, taken from it.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.0.take_error()
    }
}

impl AsyncRead for TcpStream {
    async fn read(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }
}

impl AsyncWrite for TcpStream {
    async fn write(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}

/// A socket that connections come in at.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
#[derive(Debug)]
pub struct TcpListener(pub(crate) net::TcpListener);

impl TcpListener {
    /// Listens at the first of the addresses where that works; port 0 lets the system choose one.
    pub async fn bind(addresses: impl ToSocketAddrs) -> io::Result<Self> {
        let mut error = address::none();
        for address in addresses.to_socket_addrs()? {
            match net::TcpListener::bind(&address) {
                Ok(listener) => return Ok(Self(listener)),
                Err(failed) => error = failed,
            }
        }
        Err(error)
    }

    /// Waits for a connection. If the future is dropped at the moment that one comes in, that one is ended.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, address) = self.0.accept().await?;
        Ok((TcpStream(stream), address))
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Sets over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    /// Over how many hops packets may go.
    pub fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }
}
