//! The terminal: its size, its mode, and itself as something to read from and to write to.
use alloc::vec::Vec;

use crate::backend::handle::Handle;
use crate::backend::tty;
use crate::io::{self, AsyncRead, AsyncWrite};
use crate::os::AsRawHandle;

/// How large a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// How a terminal treats keys: whole lines with echo, or each as it comes.
#[derive(Clone, Debug)]
pub struct Mode(tty::Mode);

impl Mode {
    /// This mode, but with each key as it comes, not shown, and without meaning of its own: Ctrl-C is a byte, too.
    #[must_use]
    pub fn raw(&self) -> Self {
        Self(self.0.raw())
    }
}

/// Whether it is a terminal.
///
/// ```
/// let (reader, _writer) = rusticated::io::pipe().unwrap();
/// assert!(!rusticated::tty::is_terminal(&reader));
/// ```
pub fn is_terminal(stream: &impl AsRawHandle) -> bool {
    tty::is_terminal(stream.as_raw_handle())
}

/// The terminal's size.
pub fn size(stream: &impl AsRawHandle) -> io::Result<Size> {
    tty::size(stream.as_raw_handle())
}

/// The terminal's mode, to be set again later.
pub fn mode(stream: &impl AsRawHandle) -> io::Result<Mode> {
    tty::mode(stream.as_raw_handle()).map(Mode)
}

/// Sets the terminal's mode. It stays when the process ends: set back what [`mode`] gave.
pub fn set_mode(stream: &impl AsRawHandle, mode: &Mode) -> io::Result<()> {
    tty::set_mode(stream.as_raw_handle(), &mode.0)
}

/// The terminal that the process was started from, whatever its standard streams are.
#[derive(Debug)]
pub struct Tty {
    pub(crate) input: Handle,
    output: Handle,
}

impl Tty {
    /// Opens it.
    ///
    /// # Errors
    /// The system's, if the process has no terminal.
    pub fn open() -> io::Result<Self> {
        let (input, output) = tty::open()?;
        Ok(Self { input, output })
    }
}

impl AsyncRead for Tty {
    async fn read(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.input.read(buf).await
    }
}

impl AsyncWrite for Tty {
    async fn write(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.output.write(buf).await
    }
}
