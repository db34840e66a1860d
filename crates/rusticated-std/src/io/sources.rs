//! Readers and writers of nothing, or of one byte.
use super::{BufRead, Read, Result, Write};

/// Nothing to read, and anything to write; see [`empty`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

/// A reader that is at its end.
pub const fn empty() -> Empty {
    Empty
}

impl Read for Empty {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }
}

impl BufRead for Empty {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        Ok(&[])
    }
    fn consume(&mut self, _: usize) {}
}

/// See [`repeat`].
#[derive(Clone, Debug)]
pub struct Repeat(u8);

/// A reader of one byte for ever.
pub const fn repeat(byte: u8) -> Repeat {
    Repeat(byte)
}

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        buffer.fill(self.0);
        Ok(buffer.len())
    }
}

/// See [`sink`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sink;

/// A writer that takes all and keeps nothing.
pub const fn sink() -> Sink {
    Sink
}

macro_rules! swallow {
    ($($type:ty),*) => {$(
        impl Write for $type {
            fn write(&mut self, buffer: &[u8]) -> Result<usize> {
                Ok(buffer.len())
            }
            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }
    )*};
}
swallow!(Empty, Sink);
