//! Sockets of the host.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::call;
use super::error::check;
use super::handle::{Handle, RawHandle, opened};
use crate::abi::{Address, imports};
use crate::io::{self, ErrorKind};
use crate::net::Shutdown;

const NO_DELAY: u32 = 1;
const HOPS: u32 = 2;
const BROADCAST: u32 = 3;
const ERROR: u32 = 4;

fn to_host(address: &SocketAddr) -> Address {
    let mut ip = [0; 16];
    let (family, flow, scope) = match address {
        SocketAddr::V4(address) => {
            ip[..4].copy_from_slice(&address.ip().octets());
            (4, 0, 0)
        }
        SocketAddr::V6(address) => {
            ip = address.ip().octets();
            (6, address.flowinfo(), address.scope_id())
        }
    };
    Address { family, port: address.port(), flow, scope, ip }
}

fn from_host(address: &Address) -> io::Result<SocketAddr> {
    let [a, b, c, d, ..] = address.ip;
    match address.family {
        4 => Ok(SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), address.port).into()),
        6 => Ok(SocketAddrV6::new(address.ip.into(), address.port, address.flow, address.scope).into()),
        _ => Err(io::Error::message(ErrorKind::InvalidData, "the host told an address of no known family")),
    }
}

/// What TCP and UDP have in common.
macro_rules! socket {
    ($($type:ident),*) => {
        $(impl $type {
            pub(crate) fn raw(&self) -> RawHandle {
                self.0.raw()
            }

            pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
                address(&self.0, 0)
            }

            pub(crate) fn set_ttl(&self, hops: u32) -> io::Result<()> {
                set_option(&self.0, HOPS, hops)
            }

            pub(crate) fn ttl(&self) -> io::Result<u32> {
                option(&self.0, HOPS)
            }
        })*
    };
}

socket!(TcpStream, TcpListener, UdpSocket);

fn address(handle: &Handle, which: u32) -> io::Result<SocketAddr> {
    let mut address = Address::default();
    // SAFETY: the host writes the address before it answers.
    check(unsafe { imports::socket_address(handle.raw(), which, &raw mut address) })?;
    from_host(&address)
}

fn option(handle: &Handle, option: u32) -> io::Result<u32> {
    check(imports::socket_option(handle.raw(), option)).map(|value| value as u32)
}

fn set_option(handle: &Handle, option: u32, value: u32) -> io::Result<()> {
    check(imports::set_socket_option(handle.raw(), option, value as i32)).map(drop)
}

#[derive(Debug)]
pub(crate) struct TcpStream(Handle);

impl TcpStream {
    pub(crate) async fn connect(address: &SocketAddr) -> io::Result<Self> {
        let connected = call::open(to_host(address), |address, overlapped| {
            // SAFETY: `call` keeps the address and the Overlapped.
            unsafe { imports::tcp_connect(address, overlapped) }
        });
        connected.await.map(|(handle, _)| Self(handle))
    }

    pub(crate) async fn read(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }

    pub(crate) async fn write(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        call::fill(buf, |place, capacity, overlapped| {
            // SAFETY: `call` keeps the vector and the Overlapped.
            unsafe { imports::receive(self.raw(), place, capacity, 1, core::ptr::null_mut(), overlapped) }
        })
        .await
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address(&self.0, 1)
    }

    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        check(imports::tcp_shutdown(self.raw(), how as u32)).map(drop)
    }

    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        set_option(&self.0, NO_DELAY, nodelay.into())
    }

    pub(crate) fn nodelay(&self) -> io::Result<bool> {
        option(&self.0, NO_DELAY).map(|value| value != 0)
    }

    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        let number = option(&self.0, ERROR)? as i32;
        Ok((number != 0).then(|| io::Error::from_raw_os_error(number)))
    }
}

#[derive(Debug)]
pub(crate) struct TcpListener(Handle);

impl TcpListener {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        // SAFETY: the host reads the address before it answers.
        opened(unsafe { imports::tcp_listen(&to_host(address)) }).map(Self)
    }

    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let accepted = call::open(Address::default(), |address, overlapped| {
            // SAFETY: `call` keeps the place for the address and the Overlapped.
            unsafe { imports::tcp_accept(self.raw(), address, overlapped) }
        });
        let (handle, address) = accepted.await?;
        Ok((TcpStream(handle), from_host(&address)?))
    }
}

#[derive(Debug)]
pub(crate) struct UdpSocket(Handle);

/// A datagram with the address of its other side.
type Datagram = (Vec<u8>, Address);

impl UdpSocket {
    pub(crate) fn bind(address: &SocketAddr) -> io::Result<Self> {
        // SAFETY: the host reads the address before it answers.
        opened(unsafe { imports::udp_bind(&to_host(address)) }).map(Self)
    }

    pub(crate) fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        // SAFETY: as above.
        check(unsafe { imports::udp_connect(self.raw(), &to_host(address)) }).map(drop)
    }

    pub(crate) async fn send(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        call::drain(buf, |place, length, overlapped| {
            // SAFETY: `call` keeps the vector and the Overlapped.
            unsafe { imports::send(self.raw(), place, length, core::ptr::null(), overlapped) }
        })
        .await
    }

    pub(crate) async fn send_to(&self, buf: Vec<u8>, address: &SocketAddr) -> (io::Result<usize>, Vec<u8>) {
        let call = call::call((buf, to_host(address)), |(buf, address), overlapped| {
            // SAFETY: as above, and the address.
            unsafe { imports::send(self.raw(), buf.as_ptr(), buf.len(), address, overlapped) }
        });
        let (outcome, (buf, _)) = call.await;
        (crate::rt::operation::result(outcome).map(|count| count as usize), buf)
    }

    pub(crate) async fn recv(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let (received, (buf, _)) = self.receive(buf, 0).await;
        (received, buf)
    }

    pub(crate) async fn peek(&self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let (received, (buf, _)) = self.receive(buf, 1).await;
        (received, buf)
    }

    pub(crate) async fn recv_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, 0).await
    }

    pub(crate) async fn peek_from(&self, buf: Vec<u8>) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        self.receive_from(buf, 1).await
    }

    async fn receive_from(&self, buf: Vec<u8>, peek: u32) -> (io::Result<(usize, SocketAddr)>, Vec<u8>) {
        let (received, (buf, address)) = self.receive(buf, peek).await;
        (received.and_then(|count| Ok((count, from_host(&address)?))), buf)
    }

    /// Asks also where there is no room: the datagram is taken then.
    async fn receive(&self, buf: Vec<u8>, peek: u32) -> (io::Result<usize>, Datagram) {
        let call = call::call((buf, Address::default()), |(buf, address), overlapped| {
            let spare = buf.spare_capacity_mut();
            let (place, capacity) = (spare.as_mut_ptr().cast(), spare.len());
            // SAFETY: as above, and the place for the address.
            unsafe { imports::receive(self.raw(), place, capacity, peek, address, overlapped) }
        });
        let (outcome, (mut buf, address)) = call.await;
        (call::append(&mut buf, outcome), (buf, address))
    }

    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        address(&self.0, 1)
    }

    pub(crate) fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        set_option(&self.0, BROADCAST, broadcast.into())
    }

    pub(crate) fn broadcast(&self) -> io::Result<bool> {
        option(&self.0, BROADCAST).map(|value| value != 0)
    }

    pub(crate) fn join_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.multicast(1, (*group).into(), (*interface).into(), 0)
    }

    pub(crate) fn leave_multicast_v4(&self, group: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.multicast(0, (*group).into(), (*interface).into(), 0)
    }

    pub(crate) fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.multicast(1, (*group).into(), Ipv6Addr::UNSPECIFIED.into(), interface)
    }

    pub(crate) fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.multicast(0, (*group).into(), Ipv6Addr::UNSPECIFIED.into(), interface)
    }

    fn multicast(&self, join: u32, group: IpAddr, interface: IpAddr, scope: u32) -> io::Result<()> {
        let (group, mut interface) = (to_host(&(group, 0).into()), to_host(&(interface, 0).into()));
        interface.scope = scope;
        // SAFETY: the host reads the addresses before it answers.
        check(unsafe { imports::multicast(self.raw(), join, &group, &interface) }).map(drop)
    }
}
