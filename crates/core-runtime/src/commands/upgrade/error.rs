//! Why nothing was replaced.

use std::io;
use std::path::PathBuf;

use crate::{archive, exit};

/// Why nothing was replaced. Whatever it is, the program that was there is there still.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// Nobody said where releases are
    #[error("nobody said where to take a release from")]
    #[diagnostic(help(
        "name a folder or URL that holds a release.json: rust-bun upgrade --from FOLDER_OR_URL, or set RUST_BUN_RELEASES"
    ))]
    NoSource,
    /// A place that is neither a folder nor http
    #[error("releases cannot be taken from {from}: {reason}")]
    #[diagnostic(help("name a folder, or a URL that begins with https:// or http://"))]
    Source {
        /// What was named.
        from: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something of the release cannot be read
    #[error("cannot read {place}: {reason}")]
    #[diagnostic(help("nothing was replaced. Is it the folder or URL that holds the release.json?"))]
    Read {
        /// File or URL.
        place: String,
        /// Why not.
        reason: String,
    },
    /// release.json cannot be meant
    #[error("{place} is not a release.json that this version understands: {reason}")]
    #[diagnostic(help("nothing was replaced"))]
    Description {
        /// File or URL.
        place: String,
        /// Why not.
        reason: String,
    },
    /// Nothing for this machine
    #[error("the release {version} has no archive for {target}")]
    #[diagnostic(help("nothing was replaced. It has: {there}"))]
    NoArchive {
        /// The release's version.
        version: semver::Version,
        /// This program's target.
        target: String,
        /// The targets that it has.
        there: String,
    },
    /// Going back needs to be said
    #[error("the release there is {offered}, older than this program, {own}")]
    #[diagnostic(help("nothing was replaced. To take it all the same: --force; to undo the last upgrade: --rollback"))]
    Older {
        /// Its version.
        offered: semver::Version,
        /// This program's.
        own: semver::Version,
    },
    /// Not the bytes that were promised
    #[error("{place} is not what release.json describes: {reason}")]
    #[diagnostic(help(
        "nothing was replaced. The file is damaged or somebody altered it; try again, or another place"
    ))]
    Altered {
        /// File or URL.
        place: String,
        /// What differs.
        reason: String,
    },
    /// The archive itself
    #[error("the archive {name} was refused: {reason}")]
    #[diagnostic(help("nothing was replaced"))]
    Archive {
        /// The archive.
        name: String,
        /// Why.
        #[source]
        reason: archive::Error,
    },
    /// It does not start here
    #[error("the program of the release does not start here: {reason}")]
    #[diagnostic(help("nothing was replaced"))]
    Broken {
        /// What came of it.
        reason: String,
    },
    /// It belongs to the system's package manager
    #[error("{} was put there by the system's package manager", path.display())]
    #[diagnostic(help("nothing was replaced. Upgrade it there (apt, dnf, apk), or replace it all the same: --force"))]
    Packaged {
        /// This program.
        path: PathBuf,
    },
    /// Two at once
    #[error("another upgrade of {} is at work", path.display())]
    #[diagnostic(help("nothing was replaced by this one. Wait for the other"))]
    Busy {
        /// This program.
        path: PathBuf,
    },
    /// No old one
    #[error("there is no {} to put back", path.display())]
    #[diagnostic(help(
        "the program that an upgrade replaced is kept until the new one has ended a command well for the first time"
    ))]
    NoPrevious {
        /// Where it would be.
        path: PathBuf,
    },
    /// The file system
    #[error("cannot {doing} {}: {reason}", path.display())]
    #[diagnostic(help("the program is as it was. To replace it, one must be able to write in its folder"))]
    Files {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: io::Error,
    },
}

impl Error {
    pub(super) fn files(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |reason| Self::Files { doing, path, reason }
    }

    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NoSource | Self::Source { .. } => exit::USAGE,
            Self::Read { .. }
            | Self::Description { .. }
            | Self::NoArchive { .. }
            | Self::Older { .. }
            | Self::Altered { .. }
            | Self::Archive { .. }
            | Self::Broken { .. }
            | Self::Packaged { .. }
            | Self::Busy { .. }
            | Self::NoPrevious { .. }
            | Self::Files { .. } => exit::FAILURE,
        }
    }
}
