//! Between std's borrowed buffers and rusticated's owned ones.
use rusticated::io::{AsyncRead, AsyncWrite};
use rusticated::rt::wait;

use super::Result;
use crate::vec::Vec;

/// What is moved at once.
const MOST: usize = 64 * 1024;

/// Reads once.
pub(crate) fn read_from(mut stream: impl AsyncRead, buffer: &mut [u8]) -> Result<usize> {
    let most = buffer.len().min(MOST);
    let mut bytes = Vec::with_capacity(most);
    // Only so much may be read as can be handed out.
    let skipped = bytes.capacity() - most;
    bytes.resize(skipped, 0);
    let (count, bytes) = wait(stream.read(bytes));
    let count = count?;
    buffer[..count].copy_from_slice(&bytes[skipped..skipped + count]);
    Ok(count)
}

/// Writes once.
pub(crate) fn write_to(mut stream: impl AsyncWrite, buffer: &[u8]) -> Result<usize> {
    wait(stream.write(buffer[..buffer.len().min(MOST)].to_vec())).0
}
