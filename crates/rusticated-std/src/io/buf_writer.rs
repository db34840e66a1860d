//! A buffer before a writer.
use super::{Error, ErrorKind, Result, Seek, SeekFrom, WRITE_ZERO, Write};
use crate::fmt;
use crate::vec::Vec;

const BUFFER: usize = 8 * 1024;

/// Collects what is written, and hands it on when there is much of it, or when it is dropped.
#[derive(Debug)]
pub struct BufWriter<W: Write> {
    bytes: Vec<u8>,
    capacity: usize,
    /// None once it was taken out.
    inner: Option<W>,
}

impl<W: Write> BufWriter<W> {
    /// With a buffer of 8 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(BUFFER, inner)
    }

    /// With a buffer of this size.
    pub fn with_capacity(capacity: usize, inner: W) -> Self {
        Self { bytes: Vec::new(), capacity, inner: Some(inner) }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        self.inner.as_ref().expect("only into_inner takes it out")
    }

    /// The writer.
    pub fn get_mut(&mut self) -> &mut W {
        self.inner.as_mut().expect("only into_inner takes it out")
    }

    /// What is buffered.
    pub fn buffer(&self) -> &[u8] {
        &self.bytes
    }

    /// The writer, when all that is buffered was handed on.
    pub fn into_inner(mut self) -> core::result::Result<W, IntoInnerError<Self>> {
        match (self.hand_on(), self.inner.take()) {
            (Ok(()), Some(inner)) => Ok(inner),
            (result, inner) => {
                self.inner = inner;
                Err(IntoInnerError(self, result.err().unwrap_or(WRITE_ZERO)))
            }
        }
    }

    fn hand_on(&mut self) -> Result<()> {
        let mut written = 0;
        let result = loop {
            if written == self.bytes.len() {
                break Ok(());
            }
            let Some(inner) = &mut self.inner else { break Ok(()) };
            match inner.write(&self.bytes[written..]) {
                Ok(0) => break Err(WRITE_ZERO),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.bytes.drain(..written);
        result
    }
}

impl<W: Write> Write for BufWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        if self.bytes.len() + buffer.len() > self.capacity {
            self.hand_on()?;
        }
        if buffer.len() >= self.capacity {
            return self.get_mut().write(buffer);
        }
        self.bytes.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.hand_on()?;
        self.get_mut().flush()
    }
}

impl<W: Write + Seek> Seek for BufWriter<W> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.hand_on()?;
        self.get_mut().seek(position)
    }
}

impl<W: Write> Drop for BufWriter<W> {
    fn drop(&mut self) {
        let _nobody_to_tell = self.hand_on();
    }
}

/// Collects what is written until a line ends.
#[derive(Debug)]
pub struct LineWriter<W: Write>(BufWriter<W>);

impl<W: Write> LineWriter<W> {
    /// With a buffer of 1 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(1024, inner)
    }

    /// With a buffer of this size.
    pub fn with_capacity(capacity: usize, inner: W) -> Self {
        Self(BufWriter::with_capacity(capacity, inner))
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        self.0.get_ref()
    }

    /// The writer.
    pub fn get_mut(&mut self) -> &mut W {
        self.0.get_mut()
    }
}

impl<W: Write> Write for LineWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        // Up to the last newline all is handed on, and the rest is kept.
        match buffer.iter().rposition(|&byte| byte == b'\n') {
            None => self.0.write(buffer),
            Some(newline) => {
                let (lines, rest) = buffer.split_at(newline + 1);
                self.0.write_all(lines)?;
                self.0.flush()?;
                self.0.write_all(rest)?;
                Ok(buffer.len())
            }
        }
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

/// A buffered writer, and why it could not be taken apart.
#[derive(Debug)]
pub struct IntoInnerError<W>(W, Error);

impl<W> IntoInnerError<W> {
    /// The error.
    pub fn error(&self) -> &Error {
        &self.1
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.0
    }

    /// The error alone.
    pub fn into_error(self) -> Error {
        self.1
    }
}

impl<W> fmt::Display for IntoInnerError<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.fmt(f)
    }
}

impl<W: fmt::Debug> crate::error::Error for IntoInnerError<W> {}

impl<W> From<IntoInnerError<W>> for Error {
    fn from(error: IntoInnerError<W>) -> Self {
        error.1
    }
}
