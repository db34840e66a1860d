//! A part of a stream whose length was promised.

use std::io::{self, Read};

/// What is next in a stream, to its promised size and no further. A stream that ends before that is an error.
#[derive(Debug)]
pub struct Content<'a, R: Read> {
    inner: &'a mut R,
    left: u64,
}

impl<'a, R: Read> Content<'a, R> {
    /// The next `size` bytes.
    pub fn new(inner: &'a mut R, size: u64) -> Self {
        Self { inner, left: size }
    }

    /// How many bytes of it are still to be read.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Reads what nobody wanted, so that checksums are seen and what follows is found.
    ///
    /// # Errors
    ///
    /// As reading it.
    pub fn drain(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..wanted])?;
        self.left -= read as u64;
        if read == 0 && wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(read)
    }
}
