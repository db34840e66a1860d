//! Reads a file that a person wrote: text of a size that somebody can have written, with lines that somebody can read.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::error::{Label, LocatedError};
use crate::source::SourceFile;

/// No line is longer, in bytes: nobody could read it, and what shows errors counts columns up to 65535 alone.
pub const LINE_LIMIT: usize = 8 << 10;

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[non_exhaustive]
pub enum ReadError {
    /// It holds bytes that are not UTF-8.
    #[error("this file is not UTF-8 text")]
    #[diagnostic(help("save it as UTF-8"))]
    NotUtf8,
    /// It is too large to be what it should be.
    #[error("{} is {size} bytes long; at most {limit} are read", .path.display())]
    TooLarge {
        /// What errors call the file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The largest size in bytes that is read.
        limit: u64,
    },
    /// The system does not let it be read, or nobody could read it.
    #[error("cannot read {}: {reason}", .path.display())]
    Unreadable {
        /// What errors call the file.
        path: PathBuf,
        /// The system's words, or ours.
        reason: String,
    },
}

impl ReadError {
    /// The system does not let the file be read that errors call `name`.
    pub fn unreadable(name: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Self::Unreadable { path: name.into(), reason: error.to_string() }
    }
}

impl Label for ReadError {
    fn label(&self) -> String {
        match self {
            Self::NotUtf8 => "the first such byte".to_owned(),
            Self::TooLarge { .. } | Self::Unreadable { .. } => String::new(),
        }
    }
}

/// Reads the file at `path`, which errors call `name`, unless it has more than `limit` bytes.
///
/// # Errors
///
/// See [`ReadError`]; the place of the first byte that is not UTF-8.
pub fn read(path: &Path, name: &str, limit: u64) -> Result<SourceFile, LocatedError<ReadError>> {
    let unreadable = |error: std::io::Error| LocatedError::nowhere(ReadError::unreadable(name, &error));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > limit {
        return Err(LocatedError::nowhere(ReadError::TooLarge { path: name.into(), size, limit }));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).zip(1..);
    if let Some((length, line)) = lines.find(|(length, _)| *length > LINE_LIMIT) {
        let reason = format!("line {line} is {length} bytes long; at most {LINE_LIMIT} are read");
        return Err(LocatedError::nowhere(ReadError::Unreadable { path: name.into(), reason }));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(name, path, text)),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let width = char::REPLACEMENT_CHARACTER.len_utf8();
            let place = SourceFile::new(name, path, text).at(start..start + width);
            Err(LocatedError::new(ReadError::NotUtf8, place))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<SourceFile, LocatedError<ReadError>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.toml");
        std::fs::write(&path, bytes).unwrap();
        read(&path, "words.toml", 20_000)
    }

    #[test]
    fn a_text_is_read_as_it_is() {
        let source = read_bytes("grüße = 1\r\n".as_bytes()).unwrap();
        assert_eq!((source.name(), source.text(), source.stem()), ("words.toml", "grüße = 1\r\n", "words"));
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_shown() {
        let error = read_bytes(b"a = \"\xff\xff\"").unwrap_err();
        assert_eq!(error.error(), &ReadError::NotUtf8);
        let place = error.place().unwrap();
        assert_eq!(&place.source().text()[place.span()], "\u{fffd}");
        assert_eq!(place.span().start, 5);
    }

    #[test]
    fn what_nobody_wrote_is_not_read() {
        let error = read_bytes(&[b'\n'; 20_001]).unwrap_err();
        assert_eq!(error.to_string(), "words.toml is 20001 bytes long; at most 20000 are read");
        let error = read_bytes(format!("a\n{}", "b".repeat(LINE_LIMIT + 1)).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read words.toml: line 2 is 8193 bytes long; at most 8192 are read");
        let error = read(Path::new("nowhere/at all"), "at all", 1).unwrap_err();
        assert!(error.to_string().starts_with("cannot read at all: "), "{error}");
    }
}
