//! TCP.
use rusticated::io::AsyncRead;
use rusticated::net as system;
use rusticated::rt::wait;

use super::{Shutdown, SocketAddr, ToSocketAddrs};
use crate::io::{Error, Read, Result, Write, read_from, write_to};
use crate::vec::Vec;

/// A TCP connection, ended when dropped.
#[derive(Debug)]
pub struct TcpStream(system::TcpStream);

/// Reads through a shared reference.
struct Shared<'a>(&'a system::TcpStream);

impl AsyncRead for Shared<'_> {
    async fn read(&mut self, buffer: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.receive(buffer).await
    }
}

impl rusticated::io::AsyncWrite for Shared<'_> {
    async fn write(&mut self, buffer: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.send(buffer).await
    }
}

impl TcpStream {
    /// Connects to the first of the addresses where that works.
    pub fn connect(addresses: impl ToSocketAddrs) -> Result<Self> {
        wait(system::TcpStream::connect(addresses)).map(Self)
    }

    /// Reads what will be read again.
    pub fn peek(&self, buffer: &mut [u8]) -> Result<usize> {
        struct Peek<'a>(&'a system::TcpStream);
        impl AsyncRead for Peek<'_> {
            async fn read(&mut self, buffer: Vec<u8>) -> (Result<usize>, Vec<u8>) {
                self.0.peek(buffer).await
            }
        }
        read_from(Peek(&self.0), buffer)
    }

    /// The address of the other side.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        self.0.peer_addr()
    }

    /// The address of this side.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Ends one direction, or both.
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        self.0.shutdown(how)
    }

    /// Whether small writes are sent at once.
    pub fn set_nodelay(&self, nodelay: bool) -> Result<()> {
        self.0.set_nodelay(nodelay)
    }

    /// Whether small writes are sent at once.
    pub fn nodelay(&self) -> Result<bool> {
        self.0.nodelay()
    }

    /// Over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        self.0.set_ttl(hops)
    }

    /// Over how many hops packets may go.
    pub fn ttl(&self) -> Result<u32> {
        self.0.ttl()
    }

    /// The error that lies on the socket.
    pub fn take_error(&self) -> Result<Option<Error>> {
        self.0.take_error()
    }
}

impl Read for TcpStream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        (&*self).read(buffer)
    }
}

impl Read for &TcpStream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        read_from(Shared(&self.0), buffer)
    }
}

impl Write for TcpStream {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        (&*self).write(buffer)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Write for &TcpStream {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        write_to(Shared(&self.0), buffer)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A socket that connections come in at.
#[derive(Debug)]
pub struct TcpListener(system::TcpListener);

impl TcpListener {
    /// Listens at the first of the addresses where that works.
    pub fn bind(addresses: impl ToSocketAddrs) -> Result<Self> {
        wait(system::TcpListener::bind(addresses)).map(Self)
    }

    /// Waits for a connection.
    pub fn accept(&self) -> Result<(TcpStream, SocketAddr)> {
        let (stream, address) = wait(self.0.accept())?;
        Ok((TcpStream(stream), address))
    }

    /// All connections, one after the other.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming(self)
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Over how many hops packets may go.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        self.0.set_ttl(hops)
    }

    /// Over how many hops packets may go.
    pub fn ttl(&self) -> Result<u32> {
        self.0.ttl()
    }
}

/// See [`TcpListener::incoming`].
#[derive(Debug)]
pub struct Incoming<'a>(&'a TcpListener);

impl Iterator for Incoming<'_> {
    type Item = Result<TcpStream>;

    fn next(&mut self) -> Option<Result<TcpStream>> {
        Some(self.0.accept().map(|(stream, _)| stream))
    }
}
