//! A buffer before a reader.
use super::{BufRead, Read, Result, Seek, SeekFrom};
use crate::vec::Vec;

const BUFFER: usize = 8 * 1024;

/// Reads much at once, and hands it out in pieces.
#[derive(Debug)]
pub struct BufReader<R: ?Sized> {
    bytes: Vec<u8>,
    /// The first of the bytes that was not handed out.
    start: usize,
    capacity: usize,
    inner: R,
}

impl<R> BufReader<R> {
    /// With a buffer of 8 KiB.
    pub fn new(inner: R) -> Self {
        Self::with_capacity(BUFFER, inner)
    }

    /// With a buffer of this size.
    pub fn with_capacity(capacity: usize, inner: R) -> Self {
        Self { bytes: Vec::new(), start: 0, capacity, inner }
    }

    /// The reader; what is buffered is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: ?Sized> BufReader<R> {
    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// What is buffered.
    pub fn buffer(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The size of its buffer.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<R: Read + ?Sized> Read for BufReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.buffer().is_empty() && buffer.len() >= self.capacity {
            return self.inner.read(buffer);
        }
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read + ?Sized> BufRead for BufReader<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.start == self.bytes.len() {
            self.start = 0;
            self.bytes.resize(self.capacity, 0);
            let count = self.inner.read(&mut self.bytes);
            self.bytes.truncate(*count.as_ref().unwrap_or(&0));
            count?;
        }
        Ok(&self.bytes[self.start..])
    }

    fn consume(&mut self, count: usize) {
        self.start = self.bytes.len().min(self.start + count);
    }
}

impl<R: Seek + ?Sized> Seek for BufReader<R> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        let position = match position {
            // The reader is further than who reads from here.
            SeekFrom::Current(offset) => SeekFrom::Current(offset - self.buffer().len() as i64),
            other => other,
        };
        self.bytes.clear();
        self.start = 0;
        self.inner.seek(position)
    }
}
