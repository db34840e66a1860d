//! Hashes of what passes by.

use md5::digest::Digest;
use std::io::{self, BufRead, Read, Write};

/// Passes on what is read or written through it, and hashes it.
pub(crate) struct Hashing<I, D> {
    pub(crate) inner: I,
    hash: D,
    size: u64,
}

impl<I, D: Digest> Hashing<I, D> {
    pub(crate) fn new(inner: I) -> Self {
        Self { inner, hash: D::new(), size: 0 }
    }

    /// Of what has passed so far; the hash begins anew, the size goes on.
    pub(crate) fn sum(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.hash, D::new()).finalize().to_vec()
    }

    /// How many bytes have passed.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }
}

impl<I: Write, D: Digest> Write for Hashing<I, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.pass(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<I: Read, D: Digest> Read for Hashing<I, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.pass(&buffer[..read]);
        Ok(read)
    }
}

impl<I: BufRead, D: Digest> BufRead for Hashing<I, D> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    /// Counts what is consumed, not what lies in the buffer.
    fn consume(&mut self, amount: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            let amount = amount.min(buffer.len());
            self.hash.update(&buffer[..amount]);
            self.size += amount as u64;
        }
        self.inner.consume(amount);
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that so many hexadecimal digits are, if they are that many.
pub(crate) fn from_hexadecimal<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_chunks::<2>();
    let mut bytes = [0; N];
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |character: u8| char::from(character).to_digit(16);
        *byte = (digit(*high)? << 4 | digit(*low)?) as u8;
    }
    Some(bytes)
}
