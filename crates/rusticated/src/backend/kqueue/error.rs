//! What the system's error numbers mean: kinds as std sorts them, texts as the libc has them.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::CStr;
use core::fmt;

use super::system;
use crate::io::ErrorKind;

/// The system's text.
pub(crate) fn describe(code: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0u8; 128];
    // SAFETY: writes no more than that, ended by a NUL byte.
    let answer = unsafe { system::strerror_r(code, text.as_mut_ptr().cast(), text.len()) };
    match CStr::from_bytes_until_nul(&text).map(CStr::to_str) {
        Ok(Ok(text)) if answer == 0 || !text.is_empty() => f.write_str(text),
        _ => write!(f, "Unknown error: {code}"),
    }
}

/// The kind of error, by std's table. The numbers are those of <sys/errno.h>, which these systems share but for a few.
pub(crate) fn kind(code: i32) -> ErrorKind {
    use ErrorKind::*;
    match code {
        1 | 13 => PermissionDenied,
        2 => NotFound,
        4 => Interrupted,
        7 => ArgumentListTooLong,
        11 => Deadlock,
        12 => OutOfMemory,
        16 => ResourceBusy,
        17 => AlreadyExists,
        18 => CrossesDevices,
        20 => NotADirectory,
        21 => IsADirectory,
        22 => InvalidInput,
        26 => ExecutableFileBusy,
        27 => FileTooLarge,
        28 => StorageFull,
        29 => NotSeekable,
        30 => ReadOnlyFilesystem,
        31 => TooManyLinks,
        32 => BrokenPipe,
        35 => WouldBlock,
        36 => InProgress,
        45 => Unsupported,
        48 => AddrInUse,
        49 => AddrNotAvailable,
        50 => NetworkDown,
        51 => NetworkUnreachable,
        53 => ConnectionAborted,
        54 => ConnectionReset,
        57 => NotConnected,
        60 => TimedOut,
        61 => ConnectionRefused,
        62 => FilesystemLoop,
        63 => InvalidFilename,
        65 => HostUnreachable,
        66 => DirectoryNotEmpty,
        69 => QuotaExceeded,
        70 => StaleNetworkFileHandle,
        78 => Unsupported,
        86 if cfg!(target_os = "netbsd") => Unsupported,
        91 if cfg!(target_os = "openbsd") => Unsupported,
        102 if cfg!(target_vendor = "apple") => Unsupported,
        _ => Uncategorized,
    }
}
