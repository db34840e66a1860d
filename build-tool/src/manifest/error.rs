//! How errors are shown: each at its place, all of them at once.
use std::fmt;

use located::LocatedError;
use miette::Diagnostic;

use super::kind::ErrorKind;

/// An error in a manifest.
pub type ManifestError = LocatedError<ErrorKind>;

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
