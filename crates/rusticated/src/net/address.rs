//! What names addresses.
use alloc::vec;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::io;

/// What names one or more addresses, which are tried in turn.
pub trait ToSocketAddrs {
    /// The addresses.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for a text that is no address and port.
    fn to_socket_addrs(&self) -> io::Result<Vec<SocketAddr>>;
}

macro_rules! one {
    ($($type:ty),*) => {
        $(impl ToSocketAddrs for $type {
            fn to_socket_addrs(&self) -> io::Result<Vec<SocketAddr>> {
                Ok(vec![(*self).into()])
            }
        })*
    };
}

one!(SocketAddr, SocketAddrV4, SocketAddrV6, (IpAddr, u16), (Ipv4Addr, u16), (Ipv6Addr, u16));

impl ToSocketAddrs for [SocketAddr] {
    fn to_socket_addrs(&self) -> io::Result<Vec<SocketAddr>> {
        Ok(self.to_vec())
    }
}

impl ToSocketAddrs for str {
    fn to_socket_addrs(&self) -> io::Result<Vec<SocketAddr>> {
        let text = "not an address and port, such as 127.0.0.1:80 (host names are not resolved)";
        self.parse().map(|address| vec![address]).map_err(|_| io::Error::message(io::ErrorKind::InvalidInput, text))
    }
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {
    fn to_socket_addrs(&self) -> io::Result<Vec<SocketAddr>> {
        (**self).to_socket_addrs()
    }
}

/// The error where there was no address to try.
pub(super) fn none() -> io::Error {
    io::Error::message(io::ErrorKind::InvalidInput, "could not resolve to any addresses")
}
