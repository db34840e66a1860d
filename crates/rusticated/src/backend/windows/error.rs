//! The system's error numbers: those of `GetLastError` and of `WSAGetLastError`, which do not overlap.
#![allow(unsafe_code, reason = "calls the system")]
use core::ffi::c_void;
use core::fmt;

use super::api;
use crate::io::ErrorKind;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn FormatMessageW(
        flags: u32,
        source: *const c_void,
        code: u32,
        language: u32,
        buffer: *mut u16,
        length: u32,
        arguments: *const c_void,
    ) -> u32;
    fn GetModuleHandleW(name: *const u16) -> *const c_void;
}

/// The kind of an error; std's table.
pub(crate) fn kind(code: i32) -> ErrorKind {
    use ErrorKind::{
        AddrInUse, AddrNotAvailable, AlreadyExists, BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset,
        CrossesDevices, Deadlock, DirectoryNotEmpty, FileTooLarge, FilesystemLoop, HostUnreachable, InvalidFilename,
        InvalidInput, IsADirectory, NetworkDown, NetworkUnreachable, NotADirectory, NotConnected, NotFound,
        NotSeekable, OutOfMemory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, ResourceBusy, StorageFull,
        TimedOut, TooManyLinks, Uncategorized, Unsupported, WouldBlock,
    };
    match code {
        // ERROR_FILE_NOT_FOUND, _PATH_NOT_FOUND, _INVALID_DRIVE, _BAD_NETPATH, _BAD_NET_NAME
        2 | 3 | 15 | 53 | 67 => NotFound,
        // ERROR_ACCESS_DENIED, WSAEACCES
        5 | 10013 => PermissionDenied,
        // ERROR_NOT_ENOUGH_MEMORY, _OUTOFMEMORY
        8 | 14 => OutOfMemory,
        // ERROR_NOT_SAME_DEVICE
        17 => CrossesDevices,
        // ERROR_WRITE_PROTECT
        19 => ReadOnlyFilesystem,
        // ERROR_HANDLE_DISK_FULL, _DISK_FULL
        39 | 112 => StorageFull,
        // ERROR_FILE_EXISTS, _ALREADY_EXISTS
        80 | 183 => AlreadyExists,
        // ERROR_INVALID_PARAMETER, WSAEINVAL
        87 | 10022 => InvalidInput,
        // ERROR_BROKEN_PIPE, _NO_DATA
        109 | 232 => BrokenPipe,
        // ERROR_CALL_NOT_IMPLEMENTED
        120 => Unsupported,
        // ERROR_SEM_TIMEOUT, WAIT_TIMEOUT, ERROR_DRIVER_CANCEL_TIMEOUT, _OPERATION_ABORTED, _SERVICE_REQUEST_TIMEOUT,
        // _COUNTER_TIMEOUT, _TIMEOUT, _RESOURCE_CALL_TIMED_OUT, _CTX_MODEM_RESPONSE_TIMEOUT,
        // _CTX_CLIENT_QUERY_TIMEOUT, FRS_ERR_SYSVOL_POPULATE_TIMEOUT, ERROR_DS_TIMELIMIT_EXCEEDED,
        // DNS_ERROR_RECORD_TIMED_OUT, ERROR_IPSEC_IKE_TIMED_OUT, _RUNLEVEL_SWITCH_TIMEOUT,
        // _RUNLEVEL_SWITCH_AGENT_TIMEOUT, WSAETIMEDOUT
        121 | 258 | 594 | 995 | 1053 | 1121 | 1460 | 5910 | 7012 | 7040 | 8014 | 8226 | 9705 | 13805 | 15402
        | 15403 | 10060 => TimedOut,
        // ERROR_INVALID_NAME, _BAD_PATHNAME, _FILENAME_EXCED_RANGE
        123 | 161 | 206 => InvalidFilename,
        // ERROR_SEEK_ON_DEVICE
        132 => NotSeekable,
        // ERROR_DIR_NOT_EMPTY
        145 => DirectoryNotEmpty,
        // ERROR_BUSY
        170 => ResourceBusy,
        // ERROR_FILE_TOO_LARGE
        223 => FileTooLarge,
        // ERROR_DIRECTORY
        267 => NotADirectory,
        // ERROR_DIRECTORY_NOT_SUPPORTED
        336 => IsADirectory,
        // ERROR_POSSIBLE_DEADLOCK
        1131 => Deadlock,
        // ERROR_TOO_MANY_LINKS
        1142 => TooManyLinks,
        // ERROR_NETWORK_UNREACHABLE, WSAENETUNREACH
        1231 | 10051 => NetworkUnreachable,
        // ERROR_HOST_UNREACHABLE, WSAEHOSTUNREACH
        1232 | 10065 => HostUnreachable,
        // ERROR_DISK_QUOTA_EXCEEDED, WSAEDQUOT
        1295 | 10069 => QuotaExceeded,
        // ERROR_CANT_RESOLVE_FILENAME
        1921 => FilesystemLoop,
        // WSAEWOULDBLOCK, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENETDOWN, WSAECONNABORTED, WSAECONNRESET, WSAENOTCONN,
        // WSAECONNREFUSED
        10035 => WouldBlock,
        10048 => AddrInUse,
        10049 => AddrNotAvailable,
        10050 => NetworkDown,
        10053 => ConnectionAborted,
        10054 => ConnectionReset,
        10057 => NotConnected,
        10061 => ConnectionRefused,
        _ => Uncategorized,
    }
}

/// The system's text, as std shows it.
pub(crate) fn describe(code: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const FORMAT_MESSAGE_IGNORE_INSERTS: u32 = 0x200;
    const FORMAT_MESSAGE_FROM_HMODULE: u32 = 0x800;
    const FORMAT_MESSAGE_FROM_SYSTEM: u32 = 0x1000;
    /// Marks an `NTSTATUS` among the error numbers; its texts are ntdll's.
    const FACILITY_NT_BIT: u32 = 0x1000_0000;
    const NTDLL: [u16; 10] = {
        let (mut units, mut at) = ([0; 10], 0);
        while at < 9 {
            units[at] = b"ntdll.dll"[at] as u16;
            at += 1;
        }
        units
    };
    let (mut number, mut flags, mut module) = (code as u32, FORMAT_MESSAGE_FROM_SYSTEM, core::ptr::null());
    if number & FACILITY_NT_BIT != 0 {
        // SAFETY: the name ends with a zero; the module is never unloaded.
        module = unsafe { GetModuleHandleW(NTDLL.as_ptr()) };
        if !module.is_null() {
            number ^= FACILITY_NT_BIT;
            flags |= FORMAT_MESSAGE_FROM_HMODULE;
        }
    }
    let mut buffer = [0; 1024];
    // SAFETY: the buffer has the length that is told, and inserts are left alone.
    let length = unsafe {
        let flags = flags | FORMAT_MESSAGE_IGNORE_INSERTS;
        let (room, none) = (buffer.len() as u32, core::ptr::null());
        FormatMessageW(flags, module, number, 0, buffer.as_mut_ptr(), room, none)
    };
    if length == 0 {
        return write!(f, "OS Error {} (FormatMessageW() returned error {})", number as i32, api::last_error());
    }
    // The texts end with a line break.
    let blank = |unit: &u16| matches!(*unit, 0x20 | 0x09..=0x0D);
    let text = &buffer[..length as usize];
    let end = text.iter().rposition(|unit| !blank(unit)).map_or(0, |last| last + 1);
    char::decode_utf16(text[..end].iter().copied())
        .try_for_each(|character| fmt::Write::write_char(f, character.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

#[cfg(test)]
mod tests {
    use crate::io::Error;
    use std::format;

    #[test]
    fn every_number_has_the_kind_and_the_text_that_std_gives_it() {
        for code in (0..16_000).chain([-1, i32::MIN, 0xD000_0022_u32 as i32]) {
            let (ours, std) = (Error::from_raw_os_error(code), std::io::Error::from_raw_os_error(code));
            assert_eq!(format!("{:?}", ours.kind()), format!("{:?}", std.kind()), "kind of {code}");
            assert_eq!(format!("{ours}"), format!("{std}"), "text of {code}");
        }
    }
}
