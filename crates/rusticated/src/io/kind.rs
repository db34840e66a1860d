//! What kinds of errors there are, with std's names and texts.
use core::fmt;

macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of thing went wrong; the names are std's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$about])* $name,)*
        }

        impl ErrorKind {
            pub(crate) fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// There is nothing of that name.
    NotFound = "entity not found",
    /// The system does not allow it.
    PermissionDenied = "permission denied",
    /// Nobody listens there.
    ConnectionRefused = "connection refused",
    /// The other side ended the connection.
    ConnectionReset = "connection reset",
    /// The host cannot be reached.
    HostUnreachable = "host unreachable",
    /// The network cannot be reached.
    NetworkUnreachable = "network unreachable",
    /// The connection was given up on this side.
    ConnectionAborted = "connection aborted",
    /// There is no connection.
    NotConnected = "not connected",
    /// The address is taken.
    AddrInUse = "address in use",
    /// The address is not one of this machine's.
    AddrNotAvailable = "address not available",
    /// The network is down.
    NetworkDown = "network down",
    /// Nobody reads the other end.
    BrokenPipe = "broken pipe",
    /// There is something of that name already.
    AlreadyExists = "entity already exists",
    /// It cannot be done at once.
    WouldBlock = "operation would block",
    /// Something on the way is no folder.
    NotADirectory = "not a directory",
    /// It is a folder.
    IsADirectory = "is a directory",
    /// The folder holds something.
    DirectoryNotEmpty = "directory not empty",
    /// The file system or medium cannot be written.
    ReadOnlyFilesystem = "read-only filesystem or storage medium",
    /// The file was replaced or removed behind a remote handle.
    StaleNetworkFileHandle = "stale network file handle",
    /// An argument makes no sense.
    InvalidInput = "invalid input parameter",
    /// The data makes no sense.
    InvalidData = "invalid data",
    /// It took longer than it may.
    TimedOut = "timed out",
    /// Nothing more can be written.
    WriteZero = "write zero",
    /// The disk is full.
    StorageFull = "no storage space",
    /// It is not the kind of file that has positions.
    NotSeekable = "seek on unseekable file",
    /// The user's quota is used up.
    QuotaExceeded = "quota exceeded",
    /// The file is larger than it may be.
    FileTooLarge = "file too large",
    /// Something else uses it.
    ResourceBusy = "resource busy",
    /// A program is not written to while it runs.
    ExecutableFileBusy = "executable file busy",
    /// Waiting for each other would have no end.
    Deadlock = "deadlock",
    /// It lies on another device.
    CrossesDevices = "cross-device link or rename",
    /// It has as many links as it may have.
    TooManyLinks = "too many links",
    /// The name is not one that the file system takes.
    InvalidFilename = "invalid filename",
    /// There are more arguments than the system takes.
    ArgumentListTooLong = "argument list too long",
    /// A signal came in between.
    Interrupted = "operation interrupted",
    /// The system does not offer this.
    Unsupported = "unsupported",
    /// The input ended too early.
    UnexpectedEof = "unexpected end of file",
    /// There is no memory.
    OutOfMemory = "out of memory",
    /// It goes on, and has not ended yet.
    InProgress = "in progress",
    /// Links lead in a circle.
    FilesystemLoop = "filesystem loop or indirection limit (e.g. symlink loop)",
    /// None of the others.
    Other = "other error",
    /// The system's error has no kind here.
    Uncategorized = "uncategorized error",
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
