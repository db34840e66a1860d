//! TCP and UDP. Host names are not resolved: addresses are written as numbers.
mod tcp;
mod udp;

pub use core::net::{AddrParseError, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
pub use rusticated::net::{Shutdown, ToSocketAddrs};
pub use tcp::{Incoming, TcpListener, TcpStream};
pub use udp::UdpSocket;
