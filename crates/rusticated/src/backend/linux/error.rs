//! What the kernel's error numbers mean: kinds as std sorts them, texts as the GNU C library has them.
use core::fmt;

use crate::io::ErrorKind;

/// The texts from number 0 on, one a line; 41 and 58 are no errors here.
const TEXTS: &str = concat!(
    "Success\n",
    "Operation not permitted\nNo such file or directory\nNo such process\nInterrupted system call\n",
    "Input/output error\nNo such device or address\nArgument list too long\nExec format error\n",
    "Bad file descriptor\nNo child processes\nResource temporarily unavailable\nCannot allocate memory\n",
    "Permission denied\nBad address\nBlock device required\nDevice or resource busy\nFile exists\n",
    "Invalid cross-device link\nNo such device\nNot a directory\nIs a directory\nInvalid argument\n",
    "Too many open files in system\nToo many open files\nInappropriate ioctl for device\nText file busy\n",
    "File too large\nNo space left on device\nIllegal seek\nRead-only file system\nToo many links\nBroken pipe\n",
    "Numerical argument out of domain\nNumerical result out of range\nResource deadlock avoided\n",
    "File name too long\nNo locks available\nFunction not implemented\nDirectory not empty\n",
    "Too many levels of symbolic links\n\nNo message of desired type\nIdentifier removed\n",
    "Channel number out of range\nLevel 2 not synchronized\nLevel 3 halted\nLevel 3 reset\n",
    "Link number out of range\nProtocol driver not attached\nNo CSI structure available\nLevel 2 halted\n",
    "Invalid exchange\nInvalid request descriptor\nExchange full\nNo anode\nInvalid request code\nInvalid slot\n",
    "\nBad font file format\nDevice not a stream\nNo data available\nTimer expired\nOut of streams resources\n",
    "Machine is not on the network\nPackage not installed\nObject is remote\nLink has been severed\n",
    "Advertise error\nSrmount error\nCommunication error on send\nProtocol error\nMultihop attempted\n",
    "RFS specific error\nBad message\nValue too large for defined data type\nName not unique on network\n",
    "File descriptor in bad state\nRemote address changed\nCan not access a needed shared library\n",
    "Accessing a corrupted shared library\n.lib section in a.out corrupted\n",
    "Attempting to link in too many shared libraries\nCannot exec a shared library directly\n",
    "Invalid or incomplete multibyte or wide character\nInterrupted system call should be restarted\n",
    "Streams pipe error\nToo many users\nSocket operation on non-socket\nDestination address required\n",
    "Message too long\nProtocol wrong type for socket\nProtocol not available\nProtocol not supported\n",
    "Socket type not supported\nOperation not supported\nProtocol family not supported\n",
    "Address family not supported by protocol\nAddress already in use\nCannot assign requested address\n",
    "Network is down\nNetwork is unreachable\nNetwork dropped connection on reset\n",
    "Software caused connection abort\nConnection reset by peer\nNo buffer space available\n",
    "Transport endpoint is already connected\nTransport endpoint is not connected\n",
    "Cannot send after transport endpoint shutdown\nToo many references: cannot splice\nConnection timed out\n",
    "Connection refused\nHost is down\nNo route to host\nOperation already in progress\n",
    "Operation now in progress\nStale file handle\nStructure needs cleaning\nNot a XENIX named type file\n",
    "No XENIX semaphores available\nIs a named type file\nRemote I/O error\nDisk quota exceeded\n",
    "No medium found\nWrong medium type\nOperation canceled\nRequired key not available\nKey has expired\n",
    "Key has been revoked\nKey was rejected by service\nOwner died\nState not recoverable\n",
    "Operation not possible due to RF-kill\nMemory page has hardware error",
);

/// The system's text.
pub(crate) fn describe(code: i32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match usize::try_from(code).ok().and_then(|index| TEXTS.split('\n').nth(index)).filter(|text| !text.is_empty()) {
        Some(text) => f.write_str(text),
        None => write!(f, "Unknown error {code}"),
    }
}

/// The kind of error, by std's table.
pub(crate) fn kind(code: i32) -> ErrorKind {
    use ErrorKind::*;
    match code {
        1 | 13 => PermissionDenied,
        2 => NotFound,
        4 => Interrupted,
        7 => ArgumentListTooLong,
        11 => WouldBlock,
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
        35 => Deadlock,
        36 => InvalidFilename,
        38 | 95 => Unsupported,
        39 => DirectoryNotEmpty,
        40 => FilesystemLoop,
        98 => AddrInUse,
        99 => AddrNotAvailable,
        100 => NetworkDown,
        101 => NetworkUnreachable,
        103 => ConnectionAborted,
        104 => ConnectionReset,
        107 => NotConnected,
        110 => TimedOut,
        111 => ConnectionRefused,
        113 => HostUnreachable,
        115 => InProgress,
        116 => StaleNetworkFileHandle,
        122 => QuotaExceeded,
        _ => Uncategorized,
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use crate::io::Error;

    #[test]
    fn every_error_has_the_kind_and_the_texts_of_stds() {
        // musl has texts of its own.
        let texts = cfg!(target_env = "gnu");
        for code in 0..200 {
            let (ours, theirs) = (Error::from_raw_os_error(code), std::io::Error::from_raw_os_error(code));
            assert_eq!(format!("{:?}", ours.kind()), format!("{:?}", theirs.kind()), "{code}");
            if texts {
                assert_eq!(format!("{ours}"), format!("{theirs}"));
                assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            }
        }
    }
}
