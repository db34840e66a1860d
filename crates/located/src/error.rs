//! An error and its place: the file, the line and the words beside the caret.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::source::Place;

/// What an error says beside the caret.
pub trait Label {
    /// A few words; none where there is nothing to point at.
    fn label(&self) -> String;
}

/// An error and, where there is a file to show, its place. The message, help and code are the inner error's.
#[derive(Clone, Debug)]
pub struct LocatedError<E> {
    inner: Box<Inner<E>>,
}

#[derive(Clone, Debug)]
struct Inner<E> {
    error: E,
    place: Option<Place>,
    label: String,
}

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

    /// Another error at the same place, with the same words beside the caret.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> LocatedError<F> {
        let Inner { error, place, label } = *self.inner;
        LocatedError { inner: Box::new(Inner { error: change(error), place, label }) }
    }
}

impl<E: Label> LocatedError<E> {
    /// `error`, shown at `place` with its own label.
    pub fn new(error: E, place: Place) -> Self {
        let label = error.label();
        Self::at(error, place, label)
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
        let label = LabeledSpan::new_with_span(Some(self.inner.label.clone()), self.place()?.span());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Sorts errors by file and place; those without come first.
pub fn sort_by_place<E>(errors: &mut [LocatedError<E>]) {
    errors.sort_by_key(|error| error.place().map(|place| (place.source().name().to_owned(), place.span().start)));
}
