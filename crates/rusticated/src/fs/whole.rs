//! Whole files at once.
use alloc::string::String;
use alloc::vec::Vec;

use super::{File, OpenOptions};
use crate::io::{self, AsyncRead, AsyncWrite};
use crate::path::Path;

/// What [`copy`] moves at once.
const BLOCK: usize = 64 * 1024;
/// The least room that is made for more than the file was said to hold.
const ROOM: usize = 32;

/// Reads a whole file.
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let mut bytes = Vec::new();
    // One byte more than there should be: the read that finds the end then needs no other buffer.
    reserve(&mut bytes, usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1))?;
    loop {
        if bytes.len() == bytes.capacity() {
            let more = bytes.len().max(ROOM);
            reserve(&mut bytes, more)?;
        }
        let (count, back) = file.read(bytes).await;
        bytes = back;
        if count? == 0 {
            return Ok(bytes);
        }
    }
}

fn reserve(bytes: &mut Vec<u8>, more: usize) -> io::Result<()> {
    bytes.try_reserve(more).map_err(|_| io::ErrorKind::OutOfMemory.into())
}

/// Reads a whole file that is text.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] if it is not UTF-8.
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(read(path).await?)
        .map_err(|_| io::Error::message(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Writes a whole file, made or cut off.
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let mut file = File::create(path).await?;
    for block in contents.as_ref().chunks(1024 * 1024) {
        write_all(&mut file, block.to_vec()).await?;
    }
    Ok(())
}

/// Writes all of a buffer, and gives it back empty.
async fn write_all(file: &mut File, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    while !bytes.is_empty() {
        let (count, back) = file.write(bytes).await;
        bytes = back;
        match count? {
            0 => return Err(io::Error::message(io::ErrorKind::WriteZero, "failed to write whole buffer")),
            count => drop(bytes.drain(..count)),
        }
    }
    Ok(bytes)
}

/// Copies what a file holds, and its permissions. The number is that of the bytes.
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let mut source = File::open(from).await?;
    let known = source.metadata().await?;
    if !known.is_file() {
        let text = "the source path is neither a regular file nor a symlink to a regular file";
        return Err(io::Error::message(io::ErrorKind::InvalidInput, text));
    }
    let permissions = known.permissions();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(permissions.mode());
    let mut target = options.open(to).await?;
    let (mut total, mut bytes) = (0, Vec::with_capacity(BLOCK));
    loop {
        let (count, back) = source.read(bytes).await;
        match count? {
            0 => break,
            count => total += count as u64,
        }
        bytes = write_all(&mut target, back).await?;
    }
    // What is copied to a device must not change who may use that.
    if target.metadata().await?.is_file() {
        target.set_permissions(permissions).await?;
    }
    Ok(total)
}
