//! How errors are shown: each at its place, all of them at once.
use std::fmt;

use super::kind::ErrorKind;
use super::source::{Place, SourceFile};
use miette::{Diagnostic, LabeledSpan, SourceCode};

/// The one of `known` that `word` was probably meant to be.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase().replace('_', "-");
    let length = word.chars().count();
    // Of a single letter nothing can be guessed.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// An error and, where there is a file to show, its place. The message, help and
/// code are the inner error's; release.rs uses it for its own errors, too.
#[derive(Debug, Clone)]
pub struct LocatedError<E> {
    inner: Box<Inner<E>>,
}

#[derive(Debug, Clone)]
struct Inner<E> {
    error: E,
    place: Option<Place>,
    label: String,
}

/// An error in a manifest.
pub type ManifestError = LocatedError<ErrorKind>;

impl<E> LocatedError<E> {
    /// `error`, shown at `place` with `label` beside the caret.
    pub fn at(error: E, place: Place, label: impl Into<String>) -> Self {
        Self { inner: Box::new(Inner { error, place: Some(place), label: label.into() }) }
    }

    /// `error`, with no file to show.
    pub fn nowhere(error: E) -> Self {
        Self { inner: Box::new(Inner { error, place: None, label: String::new() }) }
    }

    /// What is wrong.
    pub fn error(&self) -> &E {
        &self.inner.error
    }

    /// Where.
    pub fn place(&self) -> Option<&Place> {
        self.inner.place.as_ref()
    }
}

impl ManifestError {
    pub(crate) fn new(kind: ErrorKind, place: Place) -> Self {
        let label = kind.label();
        Self::at(kind, place, label)
    }
}

impl<E: fmt::Display> fmt::Display for LocatedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.error.fmt(f)
    }
}

impl<E: std::error::Error> std::error::Error for LocatedError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.error.source()
    }
}

impl<E: Diagnostic> Diagnostic for LocatedError<E> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.inner.error.code()
    }
    fn severity(&self) -> Option<miette::Severity> {
        self.inner.error.severity()
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.inner.error.help()
    }
    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.inner.error.url()
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place().map(|place| place.source().named() as _)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place()?;
        let label = LabeledSpan::new_with_span(Some(self.inner.label.clone()), place.source_span());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with the manifests; never empty.
#[derive(Debug, Clone)]
pub struct ManifestErrors {
    errors: Vec<ManifestError>,
}

impl ManifestErrors {
    /// `Ok` if there are none. So it is never empty.
    pub(crate) fn check(errors: Vec<ManifestError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self { errors }) }
    }

    /// The errors, by file and then by line.
    pub fn errors(&self) -> &[ManifestError] {
        &self.errors
    }

    /// The errors, to be joined with others.
    pub fn into_errors(self) -> Vec<ManifestError> {
        self.errors
    }
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.len() {
            1 => write!(f, "a manifest has an error"),
            count => write!(f, "the manifests have {count} errors"),
        }
    }
}

impl From<ManifestError> for ManifestErrors {
    fn from(error: ManifestError) -> Self {
        Self { errors: vec![error] }
    }
}

impl std::error::Error for ManifestErrors {}

impl Diagnostic for ManifestErrors {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic)))
    }
}

/// Sorts the errors of one file by place.
pub(crate) fn by_place(errors: &mut [ManifestError]) {
    errors.sort_by_key(|error| {
        error.place().map(|place| (SourceFile::name(place.source()).to_owned(), place.span().start))
    });
}
