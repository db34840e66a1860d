//! TCP.
#![allow(unsafe_code, reason = "system calls")]
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::ptr::NonNull;

use super::address::{self, Address};
use super::{MSG_NOSIGNAL, MSG_PEEK, SOCK_STREAM, bind, flags, options, socket};
use crate::backend::driver::Way;
use crate::backend::handle::{Handle, RawHandle};
use crate::backend::job::Direction;
use crate::backend::linux::call::Call;
use crate::backend::linux::operate::{Buffered, perform, ready, receive, send};
use crate::backend::syscall::{self, errno, syscall};
use crate::io;
use crate::net::Shutdown;
use crate::rt::operation::{Outcome, Payload, result};

/// How many connections may wait to be accepted.
const BACKLOG: usize = 1024;

#[derive(Debug)]
pub(crate) struct TcpStream(Handle);

/// The address to connect to.
impl Payload for Address {}

impl TcpStream {
    pub(crate) async fn connect(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_STREAM)?;
        let descriptor = socket.raw() as usize;
        let outcome = perform(Way::Ready(&socket, Direction::Write), Address::new(address), |address| {
            // SAFETY: the payload is alive, and nobody touches it before the call.
            let address = unsafe { address.as_ref() };
            Call::new(syscall::CONNECT, [descriptor, address.place() as usize, address.length as usize, 0, 0, 0])
        });
        result(outcome.await.0)?;
        Ok(Self(socket))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> Buffered {
        self.receive(buf, 0).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> Buffered {
        self.receive(buf, MSG_PEEK).await
    }

    async fn receive(&self, buf: Vec<u8>, flags: usize) -> Buffered {
        if buf.len() == buf.capacity() {
            return (Ok(0), buf);
        }
        receive(&self.0, buf, syscall::RECVFROM, flags).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> Buffered {
        send(&self.0, buf, syscall::SENDTO, MSG_NOSIGNAL).await
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, syscall::GETPEERNAME)
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, syscall::GETSOCKNAME)
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        let how = match how {
            Shutdown::Read => 0,
            Shutdown::Write => 1,
            Shutdown::Both => 2,
        };
        // SAFETY: touches no memory.
        syscall::check(unsafe { syscall!(syscall::SHUTDOWN, self.raw(), how) }).map(drop)
    }

    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        options::set(&self.0, options::NODELAY, nodelay.into())
    }

    pub(crate) fn nodelay(&self) -> io::Result<bool> {
        options::get(&self.0, options::NODELAY).map(|value| value != 0)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set(&self.0, options::TTL, hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        options::get(&self.0, options::TTL)
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        let code = options::get(&self.0, options::ERROR)?;
        Ok((code != 0).then(|| io::Error::from_raw_os_error(code as i32)))
    }
}

#[derive(Debug)]
pub(crate) struct TcpListener(Handle);

/// Room for the address of who connects.
struct Accepting(Address);

impl Payload for Accepting {
    fn discard(&mut self, outcome: Outcome) {
        if outcome >= 0 {
            // SAFETY: nobody else knows the descriptor.
            unsafe { syscall!(syscall::CLOSE, outcome) };
        }
    }
}

impl TcpListener {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_STREAM)?;
        options::set(&socket, options::REUSE_ADDRESS, 1)?;
        bind(&socket, address)?;
        // SAFETY: touches no memory.
        syscall::check(unsafe { syscall!(syscall::LISTEN, socket.raw(), BACKLOG) })?;
        Ok(Self(socket))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (flags, refuses_to_wait) = flags();
        let listener = self.raw() as usize;
        loop {
            let way = Way::Ready(&self.0, Direction::Read);
            let (outcome, accepting) = perform(way, Accepting(Address::room()), |accepting: NonNull<Accepting>| {
                // SAFETY: the payload is alive, and nobody touches it before the call.
                let Accepting(address) = unsafe { &mut *accepting.as_ptr() };
                let (place, length) = (address.place() as usize, &raw mut address.length as usize);
                Call::new(syscall::ACCEPT4, [listener, place, length, flags, 0, 0])
            })
            .await;
            if outcome == -Outcome::from(errno::EAGAIN) {
                ready(&self.0, Direction::Read).await?;
                continue;
            }
            let descriptor = result(outcome)? as i32;
            // SAFETY: just made.
            let stream = TcpStream(unsafe { Handle::new(descriptor, refuses_to_wait) });
            return Ok((stream, accepting.0.get()?));
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, syscall::GETSOCKNAME)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set(&self.0, options::TTL, hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        options::get(&self.0, options::TTL)
    }
}
