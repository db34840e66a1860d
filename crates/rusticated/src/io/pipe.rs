//! Pipes: what is written to one end is read from the other.
use alloc::vec::Vec;

use super::{AsyncRead, AsyncWrite, Result};
use crate::backend::{self, handle::Handle};

/// The end of a pipe that is read from.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
#[derive(Debug)]
pub struct PipeReader(pub(crate) Handle);

/// The end of a pipe that is written to. When the last is dropped, the reader sees the end of its input.
///
/// It belongs to its thread: on Windows it is not `Send` (see the [crate]).
#[derive(Debug)]
pub struct PipeWriter(pub(crate) Handle);

/// Makes a pipe. Children do not inherit it unless they are given it as [`crate::process::Stdio`].
///
/// ```
/// use rusticated::io::{self, AsyncRead, AsyncWrite};
/// use rusticated::rt;
///
/// rt::block_on(async {
///     let (mut reader, mut writer) = io::pipe()?;
///     writer.write(b"through".to_vec()).await.0?;
///     let (count, bytes) = reader.read(Vec::with_capacity(64)).await;
///     assert_eq!((count?, bytes.as_slice()), (7, &b"through"[..]));
///     Ok::<_, io::Error>(())
/// }).unwrap();
/// ```
pub fn pipe() -> Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = backend::pipe::pipe()?;
    Ok((PipeReader(reader), PipeWriter(writer)))
}

impl AsyncRead for PipeReader {
    async fn read(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }
}

impl AsyncWrite for PipeWriter {
    async fn write(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}
