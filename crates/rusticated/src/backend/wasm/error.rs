//! The numbers that hosts tell errors by: Linux's, with the texts that they have there.
use core::fmt;

use crate::io::{self, ErrorKind};

macro_rules! errors {
    ($($number:literal $kind:ident $text:literal,)*) => {
        pub(crate) fn kind(number: i32) -> ErrorKind {
            match number {
                $($number => ErrorKind::$kind,)*
                _ => ErrorKind::Uncategorized,
            }
        }

        pub(crate) fn describe(number: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match number {
                $($number => f.write_str($text),)*
                _ => write!(f, "Unknown error {number}"),
            }
        }
    };
}

errors! {
    1 PermissionDenied "Operation not permitted",
    2 NotFound "No such file or directory",
    3 Uncategorized "No such process",
    4 Interrupted "Interrupted system call",
    5 Uncategorized "Input/output error",
    7 ArgumentListTooLong "Argument list too long",
    9 Uncategorized "Bad file descriptor",
    11 WouldBlock "Resource temporarily unavailable",
    12 OutOfMemory "Cannot allocate memory",
    13 PermissionDenied "Permission denied",
    16 ResourceBusy "Device or resource busy",
    17 AlreadyExists "File exists",
    18 CrossesDevices "Invalid cross-device link",
    20 NotADirectory "Not a directory",
    21 IsADirectory "Is a directory",
    22 InvalidInput "Invalid argument",
    24 Uncategorized "Too many open files",
    25 Uncategorized "Inappropriate ioctl for device",
    26 ExecutableFileBusy "Text file busy",
    27 FileTooLarge "File too large",
    28 StorageFull "No space left on device",
    29 NotSeekable "Illegal seek",
    30 ReadOnlyFilesystem "Read-only file system",
    31 TooManyLinks "Too many links",
    32 BrokenPipe "Broken pipe",
    35 Deadlock "Resource deadlock avoided",
    36 InvalidFilename "File name too long",
    38 Unsupported "Function not implemented",
    39 DirectoryNotEmpty "Directory not empty",
    40 FilesystemLoop "Too many levels of symbolic links",
    71 Uncategorized "Protocol error",
    95 Unsupported "Operation not supported",
    98 AddrInUse "Address already in use",
    99 AddrNotAvailable "Cannot assign requested address",
    100 NetworkDown "Network is down",
    101 NetworkUnreachable "Network is unreachable",
    103 ConnectionAborted "Software caused connection abort",
    104 ConnectionReset "Connection reset by peer",
    107 NotConnected "Transport endpoint is not connected",
    110 TimedOut "Connection timed out",
    111 ConnectionRefused "Connection refused",
    113 HostUnreachable "No route to host",
    115 InProgress "Operation now in progress",
    116 StaleNetworkFileHandle "Stale file handle",
    122 QuotaExceeded "Disk quota exceeded",
    125 Uncategorized "Operation canceled",
}

/// What a function of the host's that answers at once gave.
pub(super) fn check(answer: i32) -> io::Result<i32> {
    if answer < 0 { Err(io::Error::from_raw_os_error(answer.wrapping_neg())) } else { Ok(answer) }
}
