//! TCP and UDP by overlapped operations of Windows Sockets.
mod address;
mod bindings;
mod message;
mod socket;
mod tcp;
mod udp;

pub(crate) use tcp::{TcpListener, TcpStream};
pub(crate) use udp::UdpSocket;
