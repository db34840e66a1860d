//! Writing to standard output and standard error, at once and without a buffer, so that nothing is lost however the run
//! ends.

use std::io::{self, ErrorKind, Write};

/// What became of something written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It was.
    Yes,
    /// Nobody reads it any more.
    ReaderGone,
    /// It could not be.
    No,
}

/// Writes to standard output.
pub(crate) fn write(bytes: &[u8]) -> Written {
    let mut out = io::stdout().lock();
    told(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Writes to standard error.
pub(crate) fn write_error(bytes: &[u8]) -> Written {
    told(io::stderr().lock().write_all(bytes))
}

fn told(result: io::Result<()>) -> Written {
    match result {
        Ok(()) => Written::Yes,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Written::ReaderGone,
        Err(_) => Written::No,
    }
}
