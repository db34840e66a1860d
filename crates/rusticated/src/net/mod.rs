//! TCP and UDP. Host names are not resolved: that is a protocol, and this crate has none. An address is written
//! `127.0.0.1:80` or `[::1]:80`, and `core::net` parses it.
mod address;
mod tcp;
mod udp;

pub use address::ToSocketAddrs;
pub use core::net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
pub use tcp::{TcpListener, TcpStream};
pub use udp::UdpSocket;

/// Which directions of a connection are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Nothing more is read.
    Read,
    /// Nothing more is written: the other side sees the end.
    Write,
    /// Neither.
    Both,
}
