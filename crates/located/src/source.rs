//! Where a value is written: its file and the bytes in it. Values keep this, so that an error that is found much later
//! still points at them.

use std::fmt;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;

use crate::error::LocatedError;

/// A file's text and the name under which errors show it. Cloning is cheap.
#[derive(Clone)]
pub struct SourceFile {
    inner: Arc<Inner>,
}

struct Inner {
    named: NamedSource<String>,
    path: PathBuf,
}

impl SourceFile {
    /// A file that is already read. `name` is what errors call it (best as its user would), `path` is where it is.
    pub fn new(name: impl AsRef<str>, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let named = NamedSource::new(name, text.into());
        let path = path.into();
        Self { inner: Arc::new(Inner { named, path }) }
    }

    /// The name shown in errors.
    pub fn name(&self) -> &str {
        self.inner.named.name()
    }

    /// Where the file is. For a text that is in no file, its name.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The file's name without folder and extension.
    pub fn stem(&self) -> &str {
        self.path().file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
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
        write!(f, "SourceFile({})", self.name())
    }
}

/// Some bytes of a file.
#[derive(Clone)]
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

    /// `error`, shown at this place with `label` beside the caret.
    pub fn explain<E>(&self, error: E, label: impl Into<String>) -> LocatedError<E> {
        LocatedError::at(error, self.clone(), label)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.source.path() == other.source.path() && self.span == other.span
    }
}

impl Eq for Place {}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:?}", self.source.name(), self.span)
    }
}

/// A value and its place. Two are equal when their values are, wherever they stand.
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

    /// The value; the same as dereferencing.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value without its place.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The value, to be changed where it stands.
    pub fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Where the value is written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// `error`, shown at this value with `label` beside the caret.
    pub fn explain<E>(&self, error: E, label: impl Into<String>) -> LocatedError<E> {
        self.place.explain(error, label)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

/// The schema of the value: its place is not written.
#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}
