//! What can be wrong with the files that are read, and how it is shown: each error at its place, all of them at once.

use std::fmt;

use located::{Label, ReadError, sort_by_place};
use miette::Diagnostic;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The file is not TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// The file is not read.
    #[error(transparent)]
    Unread(ReadError),
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

    fn advice(&self) -> Option<String> {
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
            Self::Unread(error) => error.help().map(|help| help.to_string()),
            Self::Syntax { .. } | Self::WrongType { .. } | Self::Manifest { .. } => None,
        }
    }
}

impl Label for ErrorKind {
    fn label(&self) -> String {
        match self {
            Self::Unread(error) => error.label(),
            Self::Syntax { .. } => "here".to_owned(),
            Self::Manifest { .. } => String::new(),
            Self::UnknownKey { .. } => "unknown key".to_owned(),
            Self::MissingKey { .. } => "in this table".to_owned(),
            Self::WrongType { .. } => "wrong type".to_owned(),
            Self::Invalid { .. } => "this".to_owned(),
            Self::Unknown { .. } => "not declared".to_owned(),
            Self::Duplicate { .. } => "the second".to_owned(),
            Self::BadName { .. } => "this name".to_owned(),
        }
    }
}

impl Diagnostic for ErrorKind {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice().map(|advice| Box::new(advice) as _)
    }
}

/// An error and, where there is a file to show, its place.
pub type LocatedError = located::LocatedError<ErrorKind>;

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
        sort_by_place(&mut errors);
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
