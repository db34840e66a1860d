//! Memory to read from and to write to, with a position.
use super::{BufRead, Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use crate::vec::Vec;

/// Bytes with a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor<T> {
    inner: T,
    position: u64,
}

impl<T> Cursor<T> {
    /// At the beginning.
    pub const fn new(inner: T) -> Self {
        Self { inner, position: 0 }
    }

    /// The bytes.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The bytes.
    pub const fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The bytes.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Where the next read or write begins.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Sets where the next read or write begins.
    pub const fn set_position(&mut self, position: u64) {
        self.position = position;
    }
}

impl<T: AsRef<[u8]>> Cursor<T> {
    fn rest(&self) -> &[u8] {
        let bytes = self.inner.as_ref();
        &bytes[usize::try_from(self.position).unwrap_or(usize::MAX).min(bytes.len())..]
    }
}

impl<T: AsRef<[u8]>> Read for Cursor<T> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.rest().read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<T: AsRef<[u8]>> BufRead for Cursor<T> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        Ok(self.rest())
    }
    fn consume(&mut self, count: usize) {
        self.position += count as u64;
    }
}

impl<T: AsRef<[u8]>> Seek for Cursor<T> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        let (base, offset) = match position {
            SeekFrom::Start(place) => (place, 0),
            SeekFrom::End(offset) => (self.inner.as_ref().len() as u64, offset),
            SeekFrom::Current(offset) => (self.position, offset),
        };
        let text = "invalid seek to a negative or overflowing position";
        self.position = base.checked_add_signed(offset).ok_or(Error::message(ErrorKind::InvalidInput, text))?;
        Ok(self.position)
    }
}

fn write_to_vector(bytes: &mut Vec<u8>, position: &mut u64, buffer: &[u8]) -> Result<usize> {
    let text = "cursor position exceeds maximum possible vector length";
    let start = usize::try_from(*position).map_err(|_| Error::message(ErrorKind::InvalidInput, text))?;
    if bytes.len() < start {
        bytes.resize(start, 0);
    }
    let overwritten = buffer.len().min(bytes.len() - start);
    bytes[start..start + overwritten].copy_from_slice(&buffer[..overwritten]);
    bytes.extend_from_slice(&buffer[overwritten..]);
    *position += buffer.len() as u64;
    Ok(buffer.len())
}

fn write_to_slice(bytes: &mut [u8], position: &mut u64, buffer: &[u8]) -> Result<usize> {
    let start = usize::try_from(*position).unwrap_or(usize::MAX).min(bytes.len());
    let count = (&mut bytes[start..]).write(buffer)?;
    *position += count as u64;
    Ok(count)
}

macro_rules! write {
    ($($type:ty = $function:ident;)*) => {$(
        impl Write for Cursor<$type> {
            fn write(&mut self, buffer: &[u8]) -> Result<usize> {
                $function(&mut self.inner, &mut self.position, buffer)
            }
            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }
    )*};
}

write! {
    Vec<u8> = write_to_vector;
    &mut Vec<u8> = write_to_vector;
    &mut [u8] = write_to_slice;
    crate::boxed::Box<[u8]> = write_to_slice;
}

impl<const N: usize> Write for Cursor<[u8; N]> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        write_to_slice(&mut self.inner, &mut self.position, buffer)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
