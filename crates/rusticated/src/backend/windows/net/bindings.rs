//! What is called of Windows Sockets, and its constants.
#![allow(unsafe_code, reason = "declares foreign functions")]
use core::ffi::c_void;

use super::address::RawAddress;
use crate::backend::windows::api::{Bool, Handle, Overlapped};

pub(super) const SOCKET_ERROR: i32 = -1;
pub(super) const SOCK_STREAM: i32 = 1;
pub(super) const SOCK_DGRAM: i32 = 2;
pub(super) const SOL_SOCKET: i32 = 0xFFFF;
pub(super) const SO_BROADCAST: i32 = 0x20;
pub(super) const SO_ERROR: i32 = 0x1007;
pub(super) const SO_PROTOCOL_INFOW: i32 = 0x2005;
pub(super) const SO_UPDATE_ACCEPT_CONTEXT: i32 = 0x700B;
pub(super) const SO_UPDATE_CONNECT_CONTEXT: i32 = 0x7010;
pub(super) const IPPROTO_IP: i32 = 0;
pub(super) const IPPROTO_TCP: i32 = 6;
pub(super) const IPPROTO_IPV6: i32 = 41;
pub(super) const TCP_NODELAY: i32 = 1;
pub(super) const IP_TTL: i32 = 4;
/// The same for both versions of the protocol.
pub(super) const ADD_MEMBERSHIP: i32 = 12;
pub(super) const DROP_MEMBERSHIP: i32 = 13;
pub(super) const MSG_PEEK: u32 = 2;

/// A buffer of an operation.
#[repr(C)]
pub(super) struct WsaBuf {
    pub(super) length: u32,
    pub(super) bytes: *mut u8,
}

#[link(name = "ws2_32", kind = "raw-dylib")]
unsafe extern "system" {
    pub(super) fn WSAStartup(version: u16, data: *mut [u64; 64]) -> i32;
    pub(super) fn WSASocketW(
        family: i32,
        kind: i32,
        protocol: i32,
        info: *const c_void,
        group: u32,
        flags: u32,
    ) -> Handle;
    pub(super) fn closesocket(socket: Handle) -> i32;
    pub(super) fn bind(socket: Handle, address: *const RawAddress, length: i32) -> i32;
    pub(super) fn listen(socket: Handle, backlog: i32) -> i32;
    pub(super) fn connect(socket: Handle, address: *const RawAddress, length: i32) -> i32;
    pub(super) fn shutdown(socket: Handle, how: i32) -> i32;
    pub(super) fn getsockname(socket: Handle, address: *mut RawAddress, length: *mut i32) -> i32;
    pub(super) fn getpeername(socket: Handle, address: *mut RawAddress, length: *mut i32) -> i32;
    pub(super) fn setsockopt(socket: Handle, level: i32, name: i32, value: *const u8, length: i32) -> i32;
    pub(super) fn getsockopt(socket: Handle, level: i32, name: i32, value: *mut u8, length: *mut i32) -> i32;
    pub(super) fn WSAIoctl(
        socket: Handle,
        code: u32,
        input: *const u8,
        input_length: u32,
        output: *mut u8,
        output_length: u32,
        written: *mut u32,
        overlapped: *mut Overlapped,
        routine: *const c_void,
    ) -> i32;
    pub(super) fn WSARecv(
        socket: Handle,
        buffers: *const WsaBuf,
        count: u32,
        received: *mut u32,
        flags: *mut u32,
        overlapped: *mut Overlapped,
        routine: *const c_void,
    ) -> i32;
    pub(super) fn WSARecvFrom(
        socket: Handle,
        buffers: *const WsaBuf,
        count: u32,
        received: *mut u32,
        flags: *mut u32,
        from: *mut RawAddress,
        from_length: *mut i32,
        overlapped: *mut Overlapped,
        routine: *const c_void,
    ) -> i32;
    pub(super) fn WSASend(
        socket: Handle,
        buffers: *const WsaBuf,
        count: u32,
        sent: *mut u32,
        flags: u32,
        overlapped: *mut Overlapped,
        routine: *const c_void,
    ) -> i32;
    pub(super) fn WSASendTo(
        socket: Handle,
        buffers: *const WsaBuf,
        count: u32,
        sent: *mut u32,
        flags: u32,
        to: *const RawAddress,
        to_length: i32,
        overlapped: *mut Overlapped,
        routine: *const c_void,
    ) -> i32;
}

/// Fetched by its identifier: `ConnectEx`.
pub(super) type ConnectEx = unsafe extern "system" fn(
    socket: Handle,
    address: *const RawAddress,
    length: i32,
    data: *const u8,
    data_length: u32,
    sent: *mut u32,
    overlapped: *mut Overlapped,
) -> Bool;

/// Fetched by its identifier: `AcceptEx`.
pub(super) type AcceptEx = unsafe extern "system" fn(
    listener: Handle,
    socket: Handle,
    output: *mut u8,
    data_length: u32,
    local_length: u32,
    remote_length: u32,
    received: *mut u32,
    overlapped: *mut Overlapped,
) -> Bool;
