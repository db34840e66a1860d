//! A socket, its options, and what is common to all kinds.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::rc::Rc;
use core::fmt;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};

use super::address::RawAddress;
use super::bindings::{
    IP_TTL, IPPROTO_IP, SO_ERROR, SO_PROTOCOL_INFOW, SOCKET_ERROR, SOL_SOCKET, WSAIoctl, WSASocketW, WSAStartup, bind,
    closesocket, getpeername, getsockname, getsockopt, setsockopt,
};
use crate::backend::windows::api::{self, Handle, INVALID_HANDLE};
use crate::backend::windows::driver::{Association, Driver};
use crate::io;
use crate::rt::Runtime;
use crate::rt::operation::{Outcome, Payload};

/// An open socket, closed when dropped.
pub(super) struct Socket {
    raw: Handle,
    pub(super) association: Association,
    pub(super) driver: Rc<Driver>,
}

impl Payload for Socket {}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Socket").field(&self.raw).finish()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: it is this value's own.
        unsafe { closesocket(self.raw) };
    }
}

/// What a call that answers with zero or an error says.
pub(super) fn check(answer: i32) -> io::Result<()> {
    if answer == SOCKET_ERROR { Err(api::last_os_error()) } else { Ok(()) }
}

impl Socket {
    pub(super) fn new(family: i32, kind: i32) -> io::Result<Self> {
        const WSA_FLAG_OVERLAPPED: u32 = 1;
        const WSA_FLAG_NO_HANDLE_INHERIT: u32 = 0x80;
        start()?;
        let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
        // SAFETY: makes a new socket.
        let raw = unsafe { WSASocketW(family, kind, 0, core::ptr::null(), 0, flags) };
        if raw == INVALID_HANDLE {
            return Err(api::last_os_error());
        }
        let driver = Runtime::with(|runtime| runtime.driver().clone());
        match driver.associate(raw, is_kernel_socket(raw)) {
            Ok(association) => Ok(Self { raw, association, driver }),
            Err(error) => {
                // SAFETY: it was just made.
                unsafe { closesocket(raw) };
                Err(error)
            }
        }
    }

    pub(super) fn raw(&self) -> Handle {
        self.raw
    }

    pub(super) fn bind(&self, address: &SocketAddr) -> io::Result<()> {
        let (address, length) = RawAddress::new(address);
        // SAFETY: the address is of the length that is told.
        check(unsafe { bind(self.raw, &raw const address, length) })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        let (mut address, mut length) = (RawAddress::default(), RawAddress::ROOM);
        // SAFETY: there is as much room as is told.
        check(unsafe { getsockname(self.raw, &raw mut address, &raw mut length) })?;
        address.to_std()
    }

    pub(super) fn peer_addr(&self) -> io::Result<SocketAddr> {
        let (mut address, mut length) = (RawAddress::default(), RawAddress::ROOM);
        // SAFETY: there is as much room as is told.
        check(unsafe { getpeername(self.raw, &raw mut address, &raw mut length) })?;
        address.to_std()
    }

    /// Sets an option; plain numbers and bytes only.
    pub(super) fn set<T: Copy>(&self, level: i32, name: i32, value: &T) -> io::Result<()> {
        let length = size_of::<T>() as i32;
        // SAFETY: the value is of the length that is told.
        check(unsafe { setsockopt(self.raw, level, name, core::ptr::from_ref(value).cast(), length) })
    }

    /// An option that is a number.
    pub(super) fn get(&self, level: i32, name: i32) -> io::Result<u32> {
        // Truth values may be written as one byte.
        let (mut value, mut length) = (0_u32, size_of::<u32>() as i32);
        // SAFETY: there is as much room as is told.
        check(unsafe { getsockopt(self.raw, level, name, (&raw mut value).cast(), &raw mut length) })?;
        Ok(value)
    }

    pub(super) fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.set(IPPROTO_IP, IP_TTL, &hops)
    }

    pub(super) fn ttl(&self) -> io::Result<u32> {
        self.get(IPPROTO_IP, IP_TTL)
    }

    pub(super) fn take_error(&self) -> io::Result<Option<io::Error>> {
        let code = self.get(SOL_SOCKET, SO_ERROR)?;
        Ok((code != 0).then(|| api::os_error(code)))
    }

    /// Asks the socket's provider for something, in place.
    pub(super) fn control<I, O>(&self, code: u32, input: &I, output: &mut O) -> io::Result<()> {
        let mut written = 0;
        // SAFETY: both are of the lengths that are told; without an OVERLAPPED the call has ended when it returns.
        check(unsafe {
            WSAIoctl(
                self.raw,
                code,
                core::ptr::from_ref(input).cast(),
                size_of::<I>() as u32,
                core::ptr::from_mut(output).cast(),
                size_of::<O>() as u32,
                &raw mut written,
                core::ptr::null_mut(),
                core::ptr::null(),
            )
        })
    }
}

/// Starts Windows Sockets, once; it is never stopped.
fn start() -> io::Result<()> {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.load(Ordering::Acquire) {
        return Ok(());
    }
    let mut data = [0; 64];
    // SAFETY: a WSADATA has 408 bytes. Starting twice is allowed.
    match unsafe { WSAStartup(0x0202, &raw mut data) } {
        0 => {
            STARTED.store(true, Ordering::Release);
            Ok(())
        }
        code => Err(api::os_error(code as u32)),
    }
}

/// Whether the kernel itself has the socket, not a layer between: such layers post packets also for what ends at once.
fn is_kernel_socket(raw: Handle) -> bool {
    const XP1_IFS_HANDLES: u32 = 0x2_0000;
    // A WSAPROTOCOL_INFOW, of which the first number says what the provider offers.
    let mut info = [0_u32; 157];
    let mut length = size_of_val(&info) as i32;
    // SAFETY: there is as much room as is told.
    let answer = unsafe { getsockopt(raw, SOL_SOCKET, SO_PROTOCOL_INFOW, info.as_mut_ptr().cast(), &raw mut length) };
    answer != SOCKET_ERROR && info[0] & XP1_IFS_HANDLES != 0
}

/// How a socket's operation ended. The kernel's errors become those of Windows Sockets, which std has, too.
pub(super) fn result(outcome: Outcome) -> io::Result<usize> {
    usize::try_from(outcome).map_err(|_| api::os_error(socket_error((-outcome) as u32)))
}

fn socket_error(code: u32) -> u32 {
    match code {
        // ERROR_SEM_TIMEOUT → WSAETIMEDOUT
        121 => 10060,
        // ERROR_NETNAME_DELETED, _PORT_UNREACHABLE → WSAECONNRESET
        64 | 1234 => 10054,
        // ERROR_INVALID_NETNAME → WSAEADDRNOTAVAIL
        1214 => 10049,
        // ERROR_CONNECTION_REFUSED → WSAECONNREFUSED
        1225 => 10061,
        // ERROR_ADDRESS_ALREADY_ASSOCIATED → WSAEADDRINUSE
        1227 => 10048,
        // ERROR_CONNECTION_INVALID → WSAENOTCONN
        1229 => 10057,
        // ERROR_NETWORK_UNREACHABLE → WSAENETUNREACH
        1231 => 10051,
        // ERROR_HOST_UNREACHABLE → WSAEHOSTUNREACH
        1232 => 10065,
        // ERROR_CONNECTION_ABORTED → WSAECONNABORTED
        1236 => 10053,
        code => code,
    }
}
