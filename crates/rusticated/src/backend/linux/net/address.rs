//! Addresses as the kernel has them: `struct sockaddr_in` and `sockaddr_in6`.
#![allow(unsafe_code, reason = "system calls")]
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::backend::handle::Handle;
use crate::backend::syscall::{self, syscall};
use crate::io;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

pub(super) fn family(address: &SocketAddr) -> u16 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// Room for one of either kind.
#[repr(C, align(4))]
pub(super) struct Address {
    bytes: [u8; Self::ROOM as usize],
    pub(super) length: u32,
}

impl Address {
    const ROOM: u32 = 28;

    /// Room for what the kernel tells.
    pub(super) const fn room() -> Self {
        Self { bytes: [0; Self::ROOM as usize], length: Self::ROOM }
    }

    pub(super) fn new(address: &SocketAddr) -> Self {
        let mut this = Self::room();
        let bytes = &mut this.bytes;
        bytes[..2].copy_from_slice(&family(address).to_ne_bytes());
        bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        match address {
            SocketAddr::V4(address) => {
                bytes[4..8].copy_from_slice(&address.ip().octets());
                this.length = 16;
            }
            SocketAddr::V6(address) => {
                bytes[4..8].copy_from_slice(&address.flowinfo().to_ne_bytes());
                bytes[8..24].copy_from_slice(&address.ip().octets());
                bytes[24..].copy_from_slice(&address.scope_id().to_ne_bytes());
            }
        }
        this
    }

    pub(super) fn place(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    pub(super) fn get(&self) -> io::Result<SocketAddr> {
        let bytes = &self.bytes;
        let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        match u16::from_ne_bytes([bytes[0], bytes[1]]) {
            AF_INET if self.length >= 16 => Ok(SocketAddrV4::new(Ipv4Addr::from_octets(word(4)), port).into()),
            AF_INET6 if self.length >= Self::ROOM => {
                let ip: [u8; 16] = core::array::from_fn(|at| bytes[8 + at]);
                let (flow, scope) = (u32::from_ne_bytes(word(4)), u32::from_ne_bytes(word(24)));
                Ok(SocketAddrV6::new(Ipv6Addr::from_octets(ip), port, flow, scope).into())
            }
            _ => Err(io::Error::message(io::ErrorKind::InvalidInput, "not an address of IPv4 or IPv6")),
        }
    }
}

/// Asks for the address of one side: `getsockname` or `getpeername`.
pub(super) fn ask(socket: &Handle, number: usize) -> io::Result<SocketAddr> {
    let mut address = Address::room();
    // SAFETY: the kernel writes into the address, as much as there is room for, and its length.
    syscall::check(unsafe { syscall!(number, socket.raw(), address.bytes.as_mut_ptr(), &raw mut address.length) })?;
    address.get()
}

/// An interface's address and a group's, as `IP_ADD_MEMBERSHIP` wants them.
pub(super) fn group_v4(group: &Ipv4Addr, interface: &Ipv4Addr) -> [u8; 8] {
    let (mut both, [group, interface]) = ([0; 8], [group.octets(), interface.octets()]);
    both[..4].copy_from_slice(&group);
    both[4..].copy_from_slice(&interface);
    both
}

/// A group's address and an interface's number, as `IPV6_ADD_MEMBERSHIP` wants them.
pub(super) fn group_v6(group: &Ipv6Addr, interface: u32) -> [u8; 20] {
    let mut both = [0; 20];
    both[..16].copy_from_slice(&group.octets());
    both[16..].copy_from_slice(&interface.to_ne_bytes());
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_were_given() {
        for text in ["127.0.0.1:80", "255.1.2.3:65535", "[::1]:1", "[fe80::1%7]:4660"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(Address::new(&address).get().unwrap(), address);
        }
        assert!(Address::room().get().is_err());
    }
}
