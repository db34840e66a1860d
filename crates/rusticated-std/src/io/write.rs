//! Writing.
use super::{Adapter, ErrorKind, FORMATTER_ERROR, Result, WRITE_ZERO};
use crate::boxed::Box;
use crate::fmt;
use crate::vec::Vec;

/// What bytes can be written to.
pub trait Write {
    /// Writes once, and says how many bytes were taken.
    fn write(&mut self, buffer: &[u8]) -> Result<usize>;

    /// Hands on what is buffered.
    fn flush(&mut self) -> Result<()>;

    /// Writes all.
    fn write_all(&mut self, mut buffer: &[u8]) -> Result<()> {
        while !buffer.is_empty() {
            match self.write(buffer) {
                Ok(0) => return Err(WRITE_ZERO),
                Ok(count) => buffer = &buffer[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What `write!` calls.
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<()> {
        let mut adapter = Adapter { writer: self, error: None };
        fmt::write(&mut adapter, arguments).map_err(|_| adapter.error.unwrap_or(FORMATTER_ERROR))
    }

    /// The same writer by reference.
    fn by_ref(&mut self) -> &mut Self
    where
        Self: Sized,
    {
        self
    }
}

impl<W: Write + ?Sized> Write for &mut W {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        (**self).write(buffer)
    }
    fn flush(&mut self) -> Result<()> {
        (**self).flush()
    }
}

impl<W: Write + ?Sized> Write for Box<W> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        (**self).write(buffer)
    }
    fn flush(&mut self) -> Result<()> {
        (**self).flush()
    }
}

impl Write for Vec<u8> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        self.extend_from_slice(buffer);
        Ok(buffer.len())
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Write for &mut [u8] {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        let count = buffer.len().min(self.len());
        let (now, later) = core::mem::take(self).split_at_mut(count);
        now.copy_from_slice(&buffer[..count]);
        *self = later;
        Ok(count)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
