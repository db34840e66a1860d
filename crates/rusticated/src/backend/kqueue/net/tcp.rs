//! TCP.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::vec::Vec;
use core::ffi::c_int;
use core::net::SocketAddr;
use core::ptr::NonNull;

use super::address::{self, Address};
use super::{bind, options, socket};
use crate::backend::job::Direction;
use crate::backend::kqueue::call::{self, Call};
use crate::backend::kqueue::driver::Way;
use crate::backend::kqueue::handle::{Handle, RawHandle};
use crate::backend::kqueue::make;
use crate::backend::kqueue::operate::{Buffered, perform, ready, receive, send};
use crate::backend::kqueue::system::{self, MSG_NOSIGNAL, MSG_PEEK, SOCK_STREAM, check, errno};
use crate::io;
use crate::net::Shutdown;
use crate::rt::operation::{Outcome, Payload, result};

/// How many connections may wait to be accepted.
const BACKLOG: c_int = 1024;

#[derive(Debug)]
pub(crate) struct TcpStream(Handle);

impl TcpStream {
    /// Begins at once, and waits until the socket can be written to: then it is connected, or has an error.
    pub(crate) async fn connect(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_STREAM)?;
        let address = Address::new(address);
        // SAFETY: reads the address only.
        let begun = check(unsafe { system::connect(socket.raw(), address.place().cast(), address.length) });
        match begun.map_err(|error| (error.raw_os_error(), error)) {
            Ok(_) => return Ok(Self(socket)),
            // One that a signal interrupts goes on, too.
            Err((Some(errno::EINPROGRESS | errno::EINTR), _)) => {}
            Err((_, error)) => return Err(error),
        }
        ready(&socket, Direction::Write).await?;
        let stream = Self(socket);
        match stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> Buffered {
        self.receive(buf, 0).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> Buffered {
        self.receive(buf, MSG_PEEK as usize).await
    }

    async fn receive(&self, buf: Vec<u8>, flags: usize) -> Buffered {
        if buf.len() == buf.capacity() {
            return (Ok(0), buf);
        }
        receive(&self.0, buf, call::receive, flags).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> Buffered {
        send(&self.0, buf, call::send, MSG_NOSIGNAL as usize).await
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, system::getpeername)
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, system::getsockname)
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        let how = match how {
            Shutdown::Read => 0,
            Shutdown::Write => 1,
            Shutdown::Both => 2,
        };
        // SAFETY: touches no memory.
        check(unsafe { system::shutdown(self.raw(), how) }).map(drop)
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
            unsafe { system::close(outcome as c_int) };
        }
    }
}

impl TcpListener {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        let socket = socket(address, SOCK_STREAM)?;
        options::set(&socket, options::REUSE_ADDRESS, 1)?;
        bind(&socket, address)?;
        // SAFETY: touches no memory.
        check(unsafe { system::listen(socket.raw(), BACKLOG) })?;
        Ok(Self(socket))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    /// A connection that was given up before it was accepted is passed over.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let listener = self.raw() as usize;
        loop {
            let way = Way::Ready(&self.0, Direction::Read);
            let (outcome, accepting) = perform(way, Accepting(Address::room()), |accepting: NonNull<Accepting>| {
                // SAFETY: the payload is alive, and nobody touches it before the call.
                let Accepting(address) = unsafe { &mut *accepting.as_ptr() };
                let (place, length) = (address.place() as usize, &raw mut address.length as usize);
                Call::opening(make::accept, [listener, place, length, 0, 0, 0])
            })
            .await;
            if outcome == -Outcome::from(errno::ECONNABORTED) {
                continue;
            }
            let descriptor = result(outcome)? as c_int;
            // SAFETY: just made.
            let stream = TcpStream(unsafe { Handle::new(descriptor) });
            options::refuse_signals(&stream.0)?;
            return Ok((stream, accepting.0.get()?));
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        address::ask(&self.0, system::getsockname)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set(&self.0, options::TTL, hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        options::get(&self.0, options::TTL)
    }
}
