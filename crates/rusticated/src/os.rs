//! The system's own handles, for calls that this crate does not have.
use crate::backend::handle;
use crate::fs::File;
use crate::io::{PipeReader, PipeWriter, Stderr, Stdin, Stdout};
use crate::net::{TcpListener, TcpStream, UdpSocket};
use crate::tty::Tty;

/// A file descriptor, or Windows' `HANDLE` or `SOCKET` as a number.
pub use handle::RawHandle;

/// What the system knows by a handle.
///
/// ```
/// use rusticated::os::AsRawHandle;
///
/// let (reader, writer) = rusticated::io::pipe().unwrap();
/// assert_ne!(reader.as_raw_handle(), writer.as_raw_handle());
/// ```
pub trait AsRawHandle {
    /// The handle. It is closed when its owner is dropped.
    fn as_raw_handle(&self) -> RawHandle;
}

macro_rules! raw {
    ($($type:ty = |$this:ident| $handle:expr;)*) => {
        $(impl AsRawHandle for $type {
            fn as_raw_handle(&self) -> RawHandle {
                let $this = self;
                $handle
            }
        })*
    };
}

raw! {
    File = |file| file.0.raw();
    PipeReader = |pipe| pipe.0.raw();
    PipeWriter = |pipe| pipe.0.raw();
    TcpListener = |socket| socket.0.raw();
    TcpStream = |socket| socket.0.raw();
    UdpSocket = |socket| socket.0.raw();
    Tty = |tty| tty.input.raw();
    Stdin = |stream| stream.handle().map_or(handle::INVALID, |handle| handle.raw());
    Stdout = |stream| stream.handle().map_or(handle::INVALID, |handle| handle.raw());
    Stderr = |stream| stream.handle().map_or(handle::INVALID, |handle| handle.raw());
}
