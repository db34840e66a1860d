//! Addresses as Windows Sockets has them.
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::io;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 23;
const V4_LENGTH: i32 = 16;
const V6_LENGTH: i32 = 28;

/// Room for a `sockaddr_in` or a `sockaddr_in6`.
#[repr(C, align(4))]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RawAddress {
    /// In the machine's order.
    family: u16,
    /// In the network's order, as all that follows but the scope.
    port: [u8; 2],
    /// The address, of version 4.
    flow: [u8; 4],
    address: [u8; 16],
    scope: [u8; 4],
}

impl RawAddress {
    /// How much room there is.
    pub(super) const ROOM: i32 = V6_LENGTH;

    /// The address, and its length.
    pub(super) fn new(address: &SocketAddr) -> (Self, i32) {
        let port = address.port().to_be_bytes();
        match address {
            SocketAddr::V4(address) => {
                (Self { family: AF_INET, port, flow: address.ip().octets(), ..Self::default() }, V4_LENGTH)
            }
            SocketAddr::V6(address) => {
                let raw = Self {
                    family: AF_INET6,
                    port,
                    flow: address.flowinfo().to_ne_bytes(),
                    address: address.ip().octets(),
                    scope: address.scope_id().to_ne_bytes(),
                };
                (raw, V6_LENGTH)
            }
        }
    }

    /// The address of the same family that stands for any, with a port that the system chooses.
    pub(super) fn any(address: &SocketAddr) -> SocketAddr {
        let any = match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        SocketAddr::new(any, 0)
    }

    pub(super) fn family(address: &SocketAddr) -> i32 {
        i32::from(if address.is_ipv4() { AF_INET } else { AF_INET6 })
    }

    pub(super) fn to_std(self) -> io::Result<SocketAddr> {
        let port = u16::from_be_bytes(self.port);
        match self.family {
            AF_INET => Ok(SocketAddr::new(Ipv4Addr::from(self.flow).into(), port)),
            AF_INET6 => {
                let (flow, scope) = (u32::from_ne_bytes(self.flow), u32::from_ne_bytes(self.scope));
                Ok(SocketAddrV6::new(Ipv6Addr::from(self.address), port, flow, scope).into())
            }
            _ => Err(io::Error::message(io::ErrorKind::InvalidInput, "an address of another kind than IP")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn addresses_come_back_as_they_were(ip in any::<[u8; 16]>(), port in any::<u16>(), scope in any::<u32>()) {
            let v6 = SocketAddr::V6(SocketAddrV6::new(ip.into(), port, scope ^ 7, scope));
            let v4 = SocketAddr::new(Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]).into(), port);
            for address in [v4, v6] {
                prop_assert_eq!(RawAddress::new(&address).0.to_std().unwrap(), address);
            }
        }
    }
}
