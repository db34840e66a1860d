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
    KINDS.iter().find(|known| i32::from(known.0) == code).map_or(ErrorKind::Uncategorized, |known| known.1)
}

/// A table is smaller than branches, and errors are rare.
static KINDS: [(u16, ErrorKind); 63] = [
    (2, ErrorKind::NotFound),               // ERROR_FILE_NOT_FOUND
    (3, ErrorKind::NotFound),               // ERROR_PATH_NOT_FOUND
    (5, ErrorKind::PermissionDenied),       // ERROR_ACCESS_DENIED
    (8, ErrorKind::OutOfMemory),            // ERROR_NOT_ENOUGH_MEMORY
    (14, ErrorKind::OutOfMemory),           // ERROR_OUTOFMEMORY
    (15, ErrorKind::NotFound),              // ERROR_INVALID_DRIVE
    (17, ErrorKind::CrossesDevices),        // ERROR_NOT_SAME_DEVICE
    (19, ErrorKind::ReadOnlyFilesystem),    // ERROR_WRITE_PROTECT
    (39, ErrorKind::StorageFull),           // ERROR_HANDLE_DISK_FULL
    (53, ErrorKind::NotFound),              // ERROR_BAD_NETPATH
    (67, ErrorKind::NotFound),              // ERROR_BAD_NET_NAME
    (80, ErrorKind::AlreadyExists),         // ERROR_FILE_EXISTS
    (87, ErrorKind::InvalidInput),          // ERROR_INVALID_PARAMETER
    (109, ErrorKind::BrokenPipe),           // ERROR_BROKEN_PIPE
    (112, ErrorKind::StorageFull),          // ERROR_DISK_FULL
    (120, ErrorKind::Unsupported),          // ERROR_CALL_NOT_IMPLEMENTED
    (121, ErrorKind::TimedOut),             // ERROR_SEM_TIMEOUT
    (123, ErrorKind::InvalidFilename),      // ERROR_INVALID_NAME
    (132, ErrorKind::NotSeekable),          // ERROR_SEEK_ON_DEVICE
    (145, ErrorKind::DirectoryNotEmpty),    // ERROR_DIR_NOT_EMPTY
    (161, ErrorKind::InvalidFilename),      // ERROR_BAD_PATHNAME
    (170, ErrorKind::ResourceBusy),         // ERROR_BUSY
    (183, ErrorKind::AlreadyExists),        // ERROR_ALREADY_EXISTS
    (206, ErrorKind::InvalidFilename),      // ERROR_FILENAME_EXCED_RANGE
    (223, ErrorKind::FileTooLarge),         // ERROR_FILE_TOO_LARGE
    (232, ErrorKind::BrokenPipe),           // ERROR_NO_DATA
    (258, ErrorKind::TimedOut),             // WAIT_TIMEOUT
    (267, ErrorKind::NotADirectory),        // ERROR_DIRECTORY
    (336, ErrorKind::IsADirectory),         // ERROR_DIRECTORY_NOT_SUPPORTED
    (594, ErrorKind::TimedOut),             // ERROR_DRIVER_CANCEL_TIMEOUT
    (995, ErrorKind::TimedOut),             // ERROR_OPERATION_ABORTED
    (1053, ErrorKind::TimedOut),            // ERROR_SERVICE_REQUEST_TIMEOUT
    (1121, ErrorKind::TimedOut),            // ERROR_COUNTER_TIMEOUT
    (1131, ErrorKind::Deadlock),            // ERROR_POSSIBLE_DEADLOCK
    (1142, ErrorKind::TooManyLinks),        // ERROR_TOO_MANY_LINKS
    (1231, ErrorKind::NetworkUnreachable),  // ERROR_NETWORK_UNREACHABLE
    (1232, ErrorKind::HostUnreachable),     // ERROR_HOST_UNREACHABLE
    (1295, ErrorKind::QuotaExceeded),       // ERROR_DISK_QUOTA_EXCEEDED
    (1460, ErrorKind::TimedOut),            // ERROR_TIMEOUT
    (1921, ErrorKind::FilesystemLoop),      // ERROR_CANT_RESOLVE_FILENAME
    (5910, ErrorKind::TimedOut),            // ERROR_RESOURCE_CALL_TIMED_OUT
    (7012, ErrorKind::TimedOut),            // ERROR_CTX_MODEM_RESPONSE_TIMEOUT
    (7040, ErrorKind::TimedOut),            // ERROR_CTX_CLIENT_QUERY_TIMEOUT
    (8014, ErrorKind::TimedOut),            // FRS_ERR_SYSVOL_POPULATE_TIMEOUT
    (8226, ErrorKind::TimedOut),            // ERROR_DS_TIMELIMIT_EXCEEDED
    (9705, ErrorKind::TimedOut),            // DNS_ERROR_RECORD_TIMED_OUT
    (10013, ErrorKind::PermissionDenied),   // WSAEACCES
    (10022, ErrorKind::InvalidInput),       // WSAEINVAL
    (10035, ErrorKind::WouldBlock),         // WSAEWOULDBLOCK
    (10048, ErrorKind::AddrInUse),          // WSAEADDRINUSE
    (10049, ErrorKind::AddrNotAvailable),   // WSAEADDRNOTAVAIL
    (10050, ErrorKind::NetworkDown),        // WSAENETDOWN
    (10051, ErrorKind::NetworkUnreachable), // WSAENETUNREACH
    (10053, ErrorKind::ConnectionAborted),  // WSAECONNABORTED
    (10054, ErrorKind::ConnectionReset),    // WSAECONNRESET
    (10057, ErrorKind::NotConnected),       // WSAENOTCONN
    (10060, ErrorKind::TimedOut),           // WSAETIMEDOUT
    (10061, ErrorKind::ConnectionRefused),  // WSAECONNREFUSED
    (10065, ErrorKind::HostUnreachable),    // WSAEHOSTUNREACH
    (10069, ErrorKind::QuotaExceeded),      // WSAEDQUOT
    (13805, ErrorKind::TimedOut),           // ERROR_IPSEC_IKE_TIMED_OUT
    (15402, ErrorKind::TimedOut),           // ERROR_RUNLEVEL_SWITCH_TIMEOUT
    (15403, ErrorKind::TimedOut),           // ERROR_RUNLEVEL_SWITCH_AGENT_TIMEOUT
];

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
