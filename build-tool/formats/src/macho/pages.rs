//! Hashes a stream page by page as it passes, the way that a code signature wants it.

use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// The page size of a signature on every architecture (`codesign` and the linkers use it throughout).
pub(super) const PAGE: u64 = 4096;
const BUFFER: usize = 1 << 20;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Copies exactly `length` bytes and gives each page's hash to `page`; the first byte begins a page.
/// A reader that ends sooner is an error.
pub(super) fn copy_pages<R: Read, W: Write>(
    input: &mut R,
    output: &mut W,
    length: u64,
    page_size: usize,
    mut page: impl FnMut(Hash),
) -> io::Result<()> {
    let mut left = length;
    // The page size is a power of two of at most 64 KiB, so the buffer is whole pages.
    let mut buffer = vec![0; usize::try_from(length).map_or(BUFFER, |length| length.clamp(1, BUFFER))];
    while left > 0 {
        let now = usize::try_from(left).map_or(BUFFER, |left| left.min(BUFFER));
        let bytes = &mut buffer[..now];
        input.read_exact(bytes)?;
        output.write_all(bytes)?;
        bytes.chunks(page_size).for_each(|bytes| page(sha256(bytes)));
        left -= now as u64;
    }
    Ok(())
}
