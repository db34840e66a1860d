//! Manifests that cannot be used: where the mistakes are, with the line itself, so that whoever wrote it sees them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use polyplug_abi::AbiErrorCode;

use super::quoted;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The folder has none, or is not there.
    #[error("{} is missing", file.display())]
    Missing {
        /// Where it should be.
        file: PathBuf,
    },
    /// It, or the file that it names, cannot be read.
    #[error("{} cannot be read: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is a folder, a pipe or the like.
    #[error("{} is not a regular file", file.display())]
    NotAFile {
        /// The file.
        file: PathBuf,
    },
    /// It is too large.
    #[error("{} has more than {limit} bytes; no manifest needs so many", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// How many bytes it may have.
        limit: u64,
    },
    /// It is not text.
    #[error("{}:{line}: this is not UTF-8", file.display())]
    NotUtf8 {
        /// The file.
        file: PathBuf,
        /// The line with the first byte that is not.
        line: usize,
    },
    /// It has mistakes.
    #[error("{}", invalid(file, problems, *more))]
    Invalid {
        /// The file.
        file: PathBuf,
        /// The mistakes, in the order of their places.
        problems: Vec<ManifestProblem>,
        /// How many others there are that are not listed.
        more: usize,
    },
    /// The bundle is not for this platform.
    #[error("{}: bundle `{bundle}` has no file for {platform}; it has files for {}", file.display(), quoted(there))]
    NoFileForPlatform {
        /// The manifest.
        file: PathBuf,
        /// The bundle.
        bundle: String,
        /// This platform.
        platform: String,
        /// Those that the manifest has files for.
        there: Vec<String>,
    },
    /// The file that it names is not there.
    #[error("{}: the file `{named}` is missing", folder.display())]
    FileMissing {
        /// The bundle's folder.
        folder: PathBuf,
        /// What the manifest says.
        named: String,
    },
    /// The file that it names lies outside of the folder, by way of links.
    #[error("{}: the file `{named}` leads out of the folder, to {}", folder.display(), target.display())]
    FileOutside {
        /// The bundle's folder.
        folder: PathBuf,
        /// What the manifest says.
        named: String,
        /// Where it leads.
        target: PathBuf,
    },
}

impl ManifestError {
    /// The code for it at the boundary.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::Unreadable { .. } => AbiErrorCode::Io,
            Self::NoFileForPlatform { .. } => AbiErrorCode::LoadFailed,
            _ => AbiErrorCode::InvalidManifest,
        }
        .as_u32()
    }
}

/// A mistake in a manifest, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestProblem {
    /// What is wrong.
    pub message: String,
    /// What would be right; may be empty.
    pub help: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line's text; a part of it if it is long.
    pub excerpt: String,
    /// Where in the excerpt the mistake begins, in characters.
    pub start: usize,
    /// How many characters it has; at least 1.
    pub width: usize,
}

fn invalid(file: &std::path::Path, problems: &[ManifestProblem], more: usize) -> String {
    let mut parts: Vec<String> = problems.iter().map(|problem| format!("{}:{problem}", file.display())).collect();
    if more > 0 {
        parts.push(format!("{}: … and {more} more mistakes", file.display()));
    }
    parts.join("\n")
}

/// `line:column: message`, the line, and a mark below it.
impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, help, line, column, excerpt, start, width } = self;
        let margin = " ".repeat(line.to_string().len());
        write!(f, "{line}:{column}: {message}")?;
        write!(f, "\n{line} | {excerpt}")?;
        write!(f, "\n{margin} | {:start$}{}", "", "^".repeat(*width))?;
        if !help.is_empty() {
            write!(f, "\n{margin} = {help}")?;
        }
        Ok(())
    }
}
