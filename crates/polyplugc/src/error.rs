//! What can be wrong with the files that are read, and how it is shown: each error at its place, all of them at once.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::source::Place;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The file is not TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// No file of this kind is as large.
    #[error("{path} has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// Which file.
        path: String,
        /// How large it is.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// The file is not text.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// A key that nobody reads.
    #[error("unknown key `{key}` in {table}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table that it is in.
        table: &'static str,
        /// What was probably meant.
        nearest: Option<String>,
        /// All that there are.
        known: &'static [&'static str],
    },
    /// A key that has to be there.
    #[error("{table} has no `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The table that it should be in.
        table: &'static str,
        /// How it looks.
        sample: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{key}` has to be {expected}, not {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What it has to be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A value that breaks a rule.
    #[error("{problem}")]
    Invalid {
        /// What is wrong with it.
        problem: String,
        /// What would be right.
        advice: String,
    },
    /// A name that is not in the API.
    #[error("there is no {what} `{name}` in the API")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Under which name.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What would be right.
        advice: String,
    },
    /// A name that is there twice.
    #[error("{what} `{name}` is there twice")]
    Duplicate {
        /// What it is the name of.
        what: &'static str,
        /// The name.
        name: String,
        /// What would be right.
        advice: String,
    },
    /// A name that some language needs for itself.
    #[error("`{name}` cannot be the name of {what}: {why}")]
    BadName {
        /// What it should be the name of.
        what: &'static str,
        /// The name.
        name: String,
        /// Why it cannot.
        why: String,
        /// What would be right.
        advice: String,
    },
    /// A manifest that the runtime would not take.
    #[error("{message}")]
    Manifest {
        /// What the runtime says.
        message: String,
    },
}

impl ErrorKind {
    /// A value that breaks a rule, and what would be right.
    pub(crate) fn invalid(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Invalid { problem: problem.into(), advice: advice.into() }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::NotUtf8 => "here",
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Manifest { .. } => "",
            Self::UnknownKey { .. } => "unknown key",
            Self::MissingKey { .. } => "in this table",
            Self::WrongType { .. } => "wrong type",
            Self::Invalid { .. } => "this",
            Self::Unknown { .. } => "not declared",
            Self::Duplicate { .. } => "the second",
            Self::BadName { .. } => "this name",
        }
    }

    fn help(&self) -> Option<String> {
        let guess = |nearest: &Option<String>| {
            nearest.as_ref().map(|word| format!("did you mean `{word}`? ")).unwrap_or_default()
        };
        match self {
            Self::UnknownKey { nearest, known, .. } => {
                Some(format!("{}known keys: {}", guess(nearest), known.join(", ")))
            }
            Self::MissingKey { sample, .. } => Some(format!("write {sample}")),
            Self::Unknown { nearest, advice, .. } => Some(format!("{}{advice}", guess(nearest))),
            Self::Invalid { advice, .. } | Self::Duplicate { advice, .. } | Self::BadName { advice, .. } => {
                (!advice.is_empty()).then(|| advice.clone())
            }
            Self::Syntax { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::NotUtf8
            | Self::WrongType { .. }
            | Self::Manifest { .. } => None,
        }
    }
}

/// The one of `known` that `word` was probably meant to be.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    // Of a single letter nothing can be guessed.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// An error and, where there is a file to show, its place.
#[derive(Clone, Debug)]
pub struct LocatedError {
    inner: Box<(ErrorKind, Option<Place>)>,
}

impl LocatedError {
    pub(crate) fn new(kind: ErrorKind, place: Place) -> Self {
        Self { inner: Box::new((kind, Some(place))) }
    }

    pub(crate) fn nowhere(kind: ErrorKind) -> Self {
        Self { inner: Box::new((kind, None)) }
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.0
    }

    /// Where.
    pub fn place(&self) -> Option<&Place> {
        self.inner.1.as_ref()
    }
}

impl fmt::Display for LocatedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

impl std::error::Error for LocatedError {}

impl Diagnostic for LocatedError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.kind().help()?))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place().map(|place| place.source().named() as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some(self.kind().label().to_owned()), self.place()?.span());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with what was read; never empty.
#[derive(Clone, Debug)]
pub struct Errors {
    errors: Vec<LocatedError>,
}

impl Errors {
    /// `Ok` if there are none; sorts them by file and place.
    pub(crate) fn check(mut errors: Vec<LocatedError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        errors.sort_by_key(|error| error.place().map(|place| (place.source().path().to_owned(), place.span().start)));
        Err(Self { errors })
    }

    /// The errors, by file and then by place.
    pub fn errors(&self) -> &[LocatedError] {
        &self.errors
    }
}

impl From<LocatedError> for Errors {
    fn from(error: LocatedError) -> Self {
        Self { errors: vec![error] }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.len() {
            1 => write!(f, "there is an error"),
            count => write!(f, "there are {count} errors"),
        }
    }
}

impl std::error::Error for Errors {}

impl Diagnostic for Errors {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic)))
    }
}
