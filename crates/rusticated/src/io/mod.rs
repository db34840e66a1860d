//! Reading and writing: the two traits, errors, the standard streams and pipes.
use alloc::vec::Vec;

mod error;
mod kind;
mod pipe;
mod stdio;

pub use error::{Error, Result};
pub use kind::ErrorKind;
pub use pipe::{PipeReader, PipeWriter, pipe};
pub(crate) use stdio::Standard;
pub use stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};

/// What bytes can be read from.
///
/// The buffer goes to the kernel while the operation runs and comes back with the result, whatever that is.
#[allow(async_fn_in_trait, reason = "futures of one thread: none of them is Send")]
pub trait AsyncRead {
    /// Reads once, at most as many bytes as fit between the vector's length and its capacity, and appends them.
    ///
    /// The number is that of the bytes appended. 0 is the end of the input; or the vector had no room left: then
    /// nothing is asked of the kernel. (So a `Vec::new()` reads nothing: say how much with `Vec::with_capacity`.)
    ///
    /// A future that is dropped takes its buffer along: the kernel is told to stop, and the memory is freed when
    /// it has let go. Bytes that it had read by then are lost.
    async fn read(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>);
}

/// What bytes can be written to.
#[allow(async_fn_in_trait, reason = "futures of one thread: none of them is Send")]
pub trait AsyncWrite {
    /// Writes once, from the vector's beginning, and says how many bytes were taken: perhaps fewer than there are.
    async fn write(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>);
}

impl<T: AsyncRead + ?Sized> AsyncRead for &mut T {
    async fn read(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        (**self).read(buf).await
    }
}

impl<T: AsyncWrite + ?Sized> AsyncWrite for &mut T {
    async fn write(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        (**self).write(buf).await
    }
}

/// Where [`crate::fs::File::seek`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekFrom {
    /// Bytes from the beginning.
    Start(u64),
    /// Bytes from the end; what is negative lies before it.
    End(i64),
    /// Bytes from the present position.
    Current(i64),
}
