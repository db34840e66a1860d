//! Reading.
use super::{ErrorKind, Result, UNEXPECTED_END, append_text};
use crate::boxed::Box;
use crate::string::String;
use crate::vec::Vec;

/// The room that is made at once.
const BLOCK: usize = 8 * 1024;

/// What bytes can be read from.
pub trait Read {
    /// Reads once, and says how many bytes: 0 is the end, or the buffer is empty.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;

    /// Reads until the end, and says how many bytes were appended.
    fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
        let before = bytes.len();
        loop {
            let length = bytes.len();
            bytes.resize(length + BLOCK.max(length - before), 0);
            let result = self.read(&mut bytes[length..]);
            bytes.truncate(length + *result.as_ref().unwrap_or(&0));
            match result {
                Ok(0) => return Ok(length - before),
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
    }

    /// Reads text until the end.
    fn read_to_string(&mut self, text: &mut String) -> Result<usize> {
        append_text(text, |bytes| self.read_to_end(bytes))
    }

    /// Fills the buffer.
    fn read_exact(&mut self, mut buffer: &mut [u8]) -> Result<()> {
        while !buffer.is_empty() {
            match self.read(buffer) {
                Ok(0) => return Err(UNEXPECTED_END),
                Ok(count) => buffer = &mut buffer[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The same reader by reference.
    fn by_ref(&mut self) -> &mut Self
    where
        Self: Sized,
    {
        self
    }

    /// Its bytes, one by one.
    fn bytes(self) -> Bytes<Self>
    where
        Self: Sized,
    {
        Bytes(self)
    }

    /// This, and then the other.
    fn chain<R: Read>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
    {
        Chain { first: self, second: next, first_ended: false }
    }

    /// At most so many bytes of it.
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take { inner: self, limit }
    }
}

/// A reader with a buffer.
pub trait BufRead: Read {
    /// What is buffered; read anew if that is nothing. Empty at the end.
    fn fill_buf(&mut self) -> Result<&[u8]>;

    /// So many bytes of the buffer are done with.
    fn consume(&mut self, count: usize);

    /// Reads up to a byte and with it, and appends that.
    fn read_until(&mut self, end: u8, bytes: &mut Vec<u8>) -> Result<usize> {
        let before = bytes.len();
        loop {
            let buffered = match self.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffered => buffered?,
            };
            let place = buffered.iter().position(|&byte| byte == end);
            let count = place.map_or(buffered.len(), |place| place + 1);
            bytes.extend_from_slice(&buffered[..count]);
            self.consume(count);
            if place.is_some() || count == 0 {
                return Ok(bytes.len() - before);
            }
        }
    }

    /// Reads a line with its newline.
    fn read_line(&mut self, line: &mut String) -> Result<usize> {
        append_text(line, |bytes| self.read_until(b'\n', bytes))
    }

    /// The lines, without their newlines.
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines(self)
    }

    /// What lies between bytes of a kind.
    fn split(self, separator: u8) -> Split<Self>
    where
        Self: Sized,
    {
        Split { inner: self, separator }
    }
}

/// All of a reader's text.
pub fn read_to_string<R: Read>(mut reader: R) -> Result<String> {
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    Ok(text)
}

impl<R: Read + ?Sized> Read for &mut R {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        (**self).read(buffer)
    }
}

impl<R: Read + ?Sized> Read for Box<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        (**self).read(buffer)
    }
}

impl<R: BufRead + ?Sized> BufRead for &mut R {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        (**self).fill_buf()
    }
    fn consume(&mut self, count: usize) {
        (**self).consume(count);
    }
}

impl<R: BufRead + ?Sized> BufRead for Box<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        (**self).fill_buf()
    }
    fn consume(&mut self, count: usize) {
        (**self).consume(count);
    }
}

impl Read for &[u8] {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let (now, later) = self.split_at(self.len().min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        *self = later;
        Ok(now.len())
    }
}

impl BufRead for &[u8] {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        Ok(self)
    }
    fn consume(&mut self, count: usize) {
        *self = &self[count..];
    }
}

/// See [`Read::bytes`].
#[derive(Debug)]
pub struct Bytes<R>(R);

impl<R: Read> Iterator for Bytes<R> {
    type Item = Result<u8>;

    fn next(&mut self) -> Option<Result<u8>> {
        let mut byte = [0];
        loop {
            return match self.0.read(&mut byte) {
                Ok(0) => None,
                Ok(_) => Some(Ok(byte[0])),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Some(Err(error)),
            };
        }
    }
}

/// See [`Read::chain`].
#[derive(Debug)]
pub struct Chain<A, B> {
    first: A,
    second: B,
    first_ended: bool,
}

impl<A: Read, B: Read> Read for Chain<A, B> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if !self.first_ended {
            match self.first.read(buffer)? {
                0 if !buffer.is_empty() => self.first_ended = true,
                count => return Ok(count),
            }
        }
        self.second.read(buffer)
    }
}

/// See [`Read::take`].
#[derive(Debug)]
pub struct Take<R> {
    inner: R,
    limit: u64,
}

impl<R> Take<R> {
    /// How many bytes are left.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets how many bytes are left.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// What it reads from.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Take<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.inner.read(&mut buffer[..most])?;
        self.limit -= count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Take<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.limit == 0 {
            return Ok(&[]);
        }
        let buffered = self.inner.fill_buf()?;
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX).min(buffered.len());
        Ok(&buffered[..most])
    }
    fn consume(&mut self, count: usize) {
        self.limit -= count as u64;
        self.inner.consume(count);
    }
}

/// See [`BufRead::lines`].
#[derive(Debug)]
pub struct Lines<R>(R);

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
        if line.ends_with('\n') {
            line.pop();
            if line.ends_with('\r') {
                line.pop();
            }
        }
        Some(Ok(line))
    }
}

/// See [`BufRead::split`].
#[derive(Debug)]
pub struct Split<R> {
    inner: R,
    separator: u8,
}

impl<R: BufRead> Iterator for Split<R> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let mut bytes = Vec::new();
        match self.inner.read_until(self.separator, &mut bytes) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
        if bytes.last() == Some(&self.separator) {
            bytes.pop();
        }
        Some(Ok(bytes))
    }
}
