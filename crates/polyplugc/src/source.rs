//! Where a value of a file stands: the file and the bytes in it. Values keep this, so that an error that is found much
//! later still points at them.

use std::fmt;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;

use crate::error::{ErrorKind, LocatedError};

/// No file that is read is larger; what is, is something else.
pub(crate) const SIZE_LIMIT: u64 = 4 << 20;
/// No line is longer: nobody could read it, and what shows errors counts columns up to 65535 alone.
const LINE_LIMIT: usize = 8 << 10;

/// A file's text and the name that errors give it. Cloning is cheap.
#[derive(Clone)]
pub struct SourceFile {
    inner: Arc<Inner>,
}

struct Inner {
    named: NamedSource<String>,
    path: PathBuf,
}

impl SourceFile {
    /// A file that is already read.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let path = path.into();
        let named = NamedSource::new(path.display().to_string(), text.into());
        Self { inner: Arc::new(Inner { named, path }) }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, is too large, has a line that is too long, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, LocatedError> {
        let unreadable = |error: std::io::Error| {
            let (path, reason) = (path.display().to_string(), error.to_string());
            LocatedError::nowhere(ErrorKind::Unreadable { path, reason })
        };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > SIZE_LIMIT {
            let path = path.display().to_string();
            return Err(LocatedError::nowhere(ErrorKind::TooLarge { path, size, limit: SIZE_LIMIT }));
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).zip(1..);
        if let Some((length, line)) = lines.find(|(length, _)| *length > LINE_LIMIT) {
            let reason = format!("line {line} has {length} bytes; at most {LINE_LIMIT} are read");
            return Err(unreadable(std::io::Error::other(reason)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => {
                let start = error.utf8_error().valid_up_to();
                let source = Self::new(path, String::from_utf8_lossy(error.as_bytes()).into_owned());
                let width = char::REPLACEMENT_CHARACTER.len_utf8();
                Err(LocatedError::new(ErrorKind::NotUtf8, source.at(start..start + width)))
            }
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        self.inner.named.inner()
    }

    /// A place in this file; `span` counts bytes.
    pub fn at(&self, span: Range<usize>) -> Place {
        Place { source: self.clone(), span }
    }

    pub(crate) fn named(&self) -> &NamedSource<String> {
        &self.inner.named
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({})", self.path().display())
    }
}

/// Some bytes of a file.
#[derive(Clone, Debug)]
pub struct Place {
    source: SourceFile,
    span: Range<usize>,
}

impl Place {
    /// The file.
    pub fn source(&self) -> &SourceFile {
        &self.source
    }

    /// The bytes, counted from the start of the file.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Located<T> {
    value: T,
    place: Place,
}

impl<T> Located<T> {
    /// `value`, written at `place`.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// The value without its place.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Where the value is written.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl<T> Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}
