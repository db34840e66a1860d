//! The files that are read: text of a size that somebody can have written.

use std::path::Path;

pub use located::SourceFile;

use crate::error::{ErrorKind, LocatedError};

/// No file that is read is larger, in bytes; what is, is something else.
const SIZE_LIMIT: u64 = 4 << 20;

/// Reads a file.
///
/// # Errors
///
/// [`ErrorKind::Unread`].
pub fn read(path: &Path) -> Result<SourceFile, LocatedError> {
    located::read(path, &path.display().to_string(), SIZE_LIMIT).map_err(|error| error.map(ErrorKind::Unread))
}
