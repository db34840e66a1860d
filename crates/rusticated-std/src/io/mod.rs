//! Reading and writing: std's traits and streams. Each call waits for its completion.
mod buf_reader;
mod buf_writer;
mod copy;
mod cursor;
mod read;
mod sources;
mod stdio;
mod transfer;
mod write;

use crate::fmt;
use crate::string::String;
use crate::vec::Vec;

pub use buf_reader::BufReader;
pub use buf_writer::{BufWriter, IntoInnerError, LineWriter};
pub use copy::copy;
pub use cursor::Cursor;
pub use read::{BufRead, Bytes, Chain, Lines, Read, Split, Take, read_to_string};
pub use rusticated::io::{Error, ErrorKind, Result, SeekFrom};
pub use sources::{Empty, Repeat, Sink, empty, repeat, sink};
pub(crate) use stdio::flush_at_exit;
#[doc(hidden)]
pub use stdio::{_eprint, _print};
pub use stdio::{IsTerminal, Stderr, StderrLock, Stdin, StdinLock, Stdout, StdoutLock, stderr, stdin, stdout};
pub(crate) use transfer::{read_from, write_to};
pub use write::Write;

pub mod prelude {
    //! The traits.
    pub use super::{BufRead, Read, Seek, Write};
}

/// What has a position.
pub trait Seek {
    /// Sets where the next read or write begins, and says where that is.
    fn seek(&mut self, position: SeekFrom) -> Result<u64>;

    /// Sets the position to the beginning.
    fn rewind(&mut self) -> Result<()> {
        self.seek(SeekFrom::Start(0)).map(drop)
    }

    /// Where the next read or write begins.
    fn stream_position(&mut self) -> Result<u64> {
        self.seek(SeekFrom::Current(0))
    }

    /// Moves the position.
    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.seek(SeekFrom::Current(offset)).map(drop)
    }
}

impl<S: Seek + ?Sized> Seek for &mut S {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        (**self).seek(position)
    }
}

impl<S: Seek + ?Sized> Seek for crate::boxed::Box<S> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        (**self).seek(position)
    }
}

/// A reader ends and a writer takes nothing too early.
pub(crate) const UNEXPECTED_END: Error = Error::message(ErrorKind::UnexpectedEof, "failed to fill whole buffer");
pub(crate) const WRITE_ZERO: Error = Error::message(ErrorKind::WriteZero, "failed to write whole buffer");
/// Somebody's own formatting failed, though the writer did not.
const FORMATTER_ERROR: Error = Error::message(ErrorKind::Other, "formatter error");
const NOT_TEXT: Error = Error::message(ErrorKind::InvalidData, "stream did not contain valid UTF-8");

/// Appends bytes to text by a function that gives their number. What is not UTF-8 is not appended.
fn append_text(text: &mut String, read: impl FnOnce(&mut Vec<u8>) -> Result<usize>) -> Result<usize> {
    let mut bytes = core::mem::take(text).into_bytes();
    let before = bytes.len();
    let result = read(&mut bytes);
    let valid = str::from_utf8(&bytes[before..]).is_ok();
    if !valid {
        bytes.truncate(before);
    }
    // SAFETY: it was text before, and so is what was added.
    *text = unsafe { String::from_utf8_unchecked(bytes) };
    match result {
        Ok(_) if !valid => Err(NOT_TEXT),
        result => result,
    }
}

/// Writes through fmt, whose own error says nothing: the real one is kept aside.
struct Adapter<'a, W: ?Sized> {
    writer: &'a mut W,
    error: Option<Error>,
}

impl<W: Write + ?Sized> fmt::Write for Adapter<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.writer.write_all(text.as_bytes()).map_err(|error| {
            self.error = Some(error);
            fmt::Error
        })
    }
}
