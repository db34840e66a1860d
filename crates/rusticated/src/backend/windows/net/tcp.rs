//! TCP.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::address::RawAddress;
use super::bindings::{
    AcceptEx, ConnectEx, IPPROTO_TCP, MSG_PEEK, SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_CONNECT_CONTEXT, SOCK_STREAM,
    SOL_SOCKET, TCP_NODELAY, listen, setsockopt, shutdown,
};
use super::message;
use super::socket::{Socket, check, result};
use crate::backend::windows::api;
use crate::backend::windows::driver::{Kernel, Stop};
use crate::backend::windows::handle::RawHandle;
use crate::io;
use crate::net::Shutdown;
use crate::rt::operation::{Operation, Payload};

/// A connection.
#[derive(Debug)]
pub(crate) struct TcpStream(Socket);

/// A socket that connections come in at.
#[derive(Debug)]
pub(crate) struct TcpListener(Socket);

/// A connection that is being made.
struct Connecting {
    address: RawAddress,
}

impl Payload for Connecting {}

/// A connection that comes in. Dropped, it is closed.
struct Accepting {
    socket: Socket,
    /// Both addresses, each with the room that the call wants besides.
    addresses: [[u8; ADDRESS]; 2],
}

const ADDRESS: usize = RawAddress::ROOM as usize + 16;

impl Payload for Accepting {}

/// A function that is not exported, but known to the socket's provider by an identifier.
struct Extension {
    identifier: [u32; 4],
    address: AtomicUsize,
}

impl Extension {
    const fn new(identifier: [u32; 4]) -> Self {
        Self { identifier, address: AtomicUsize::new(0) }
    }

    /// The function's address, which is never zero.
    fn of(&self, socket: &Socket) -> io::Result<usize> {
        const SIO_GET_EXTENSION_FUNCTION_POINTER: u32 = 0xC800_0006;
        let mut address = self.address.load(Ordering::Relaxed);
        if address == 0 {
            socket.control(SIO_GET_EXTENSION_FUNCTION_POINTER, &self.identifier, &mut address)?;
            self.address.store(address, Ordering::Relaxed);
        }
        Ok(address)
    }
}

/// `25a207b9-ddf3-4660-8ee9-76e58c74063e`
static CONNECT_EX: Extension = Extension::new([0x25A2_07B9, 0x4660_DDF3, 0xE576_E98E, 0x3E06_748C]);
/// `b5367df1-cbac-11cf-95ca-00805f48a192`
static ACCEPT_EX: Extension = Extension::new([0xB536_7DF1, 0x11CF_CBAC, 0x8000_CA95, 0x92A1_485F]);

impl TcpStream {
    pub(crate) async fn connect(address: &SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(RawAddress::family(address), SOCK_STREAM)?;
        // The call wants a socket that is bound.
        socket.bind(&RawAddress::any(address))?;
        // SAFETY: the identifier is that of a function of this type.
        let connect: ConnectEx = unsafe { core::mem::transmute(CONNECT_EX.of(&socket)?) };
        let (address, length) = RawAddress::new(address);
        let raw = socket.raw();
        let association = socket.association;
        let kernel = Kernel::new(0, Stop::Io(raw));
        let operation = Operation::start(socket.driver.clone(), kernel, Connecting { address }, |driver, begin| {
            // SAFETY: address and kernel's part stay where they are until the operation has ended.
            unsafe {
                let address = &raw const (*begin.payload.as_ptr()).address;
                let overlapped = &raw mut (*begin.kernel.as_ptr()).overlapped;
                let (data, sent) = (core::ptr::null(), core::ptr::null_mut());
                let answer = connect(raw, address, length, data, 0, sent, overlapped);
                let answer = if answer == 0 { Err(api::last_error()) } else { Ok(()) };
                driver.begun(association, begin.kernel, answer)
            }
        });
        result(operation.await.0)?;
        // Until then the socket does not know its addresses, nor can it be shut down.
        // SAFETY: the option has no value.
        check(unsafe { setsockopt(raw, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, core::ptr::null(), 0) })?;
        Ok(Self(socket))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        message::receive(&self.0, buf, 0).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        message::receive(&self.0, buf, MSG_PEEK).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        if buf.is_empty() {
            return (Ok(0), buf);
        }
        message::send(&self.0, buf).await
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        let how = match how {
            Shutdown::Read => 0,
            Shutdown::Write => 1,
            Shutdown::Both => 2,
        };
        // SAFETY: the socket is open.
        check(unsafe { shutdown(self.raw(), how) })
    }

    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.0.set(IPPROTO_TCP, TCP_NODELAY, &u32::from(nodelay))
    }

    pub(crate) fn nodelay(&self) -> io::Result<bool> {
        Ok(self.0.get(IPPROTO_TCP, TCP_NODELAY)? != 0)
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.0.take_error()
    }
}

impl TcpListener {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        const BACKLOG: i32 = 128;
        let socket = Socket::new(RawAddress::family(address), SOCK_STREAM)?;
        socket.bind(address)?;
        // SAFETY: the socket is open.
        check(unsafe { listen(socket.raw(), BACKLOG) })?;
        Ok(Self(socket))
    }

    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        // SAFETY: the identifier is that of a function of this type.
        let accept: AcceptEx = unsafe { core::mem::transmute(ACCEPT_EX.of(&self.0)?) };
        let socket = Socket::new(RawAddress::family(&self.local_addr()?), SOCK_STREAM)?;
        let (listener, raw) = (self.raw(), socket.raw());
        let association = self.0.association;
        let accepting = Accepting { socket, addresses: [[0; ADDRESS]; 2] };
        let kernel = Kernel::new(0, Stop::Io(listener));
        let operation = Operation::start(self.0.driver.clone(), kernel, accepting, |driver, begin| {
            // SAFETY: room and kernel's part stay where they are until the operation has ended.
            unsafe {
                let room = (&raw mut (*begin.payload.as_ptr()).addresses).cast();
                let overlapped = &raw mut (*begin.kernel.as_ptr()).overlapped;
                let (length, mut received) = (ADDRESS as u32, 0);
                let answer = accept(listener, raw, room, 0, length, length, &raw mut received, overlapped);
                let answer = if answer == 0 { Err(api::last_error()) } else { Ok(()) };
                driver.begun(association, begin.kernel, answer)
            }
        });
        let (outcome, accepting) = operation.await;
        result(outcome)?;
        // Until then the socket does not know its addresses, nor can it be shut down.
        accepting.socket.set(SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &listener)?;
        let stream = TcpStream(accepting.socket);
        let address = stream.peer_addr()?;
        Ok((stream, address))
    }

    pub(crate) fn raw(&self) -> RawHandle {
        self.0.raw()
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.0.set_ttl(hops)
    }

    pub(crate) fn ttl(&self) -> io::Result<u32> {
        self.0.ttl()
    }
}
