//! What `pm` can find wrong.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;

use crate::exit;

/// A command of `pm` did not do what it was told.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// No lockfile
    #[error("there is no lockfile in {} or above it", .folder.display())]
    #[diagnostic(help("looked for {}: a package manager writes one when it installs", super::hash::LOCKFILES.join(", ")))]
    NoLockfile {
        /// Where the search began
        folder: PathBuf,
    },
    /// A file that cannot be read
    #[error("{} cannot be read", .path.display())]
    #[diagnostic(help("is this the right user, and is the disk still there?"))]
    Read {
        /// Which
        path: PathBuf,
        /// What the system says
        source: io::Error,
    },
    /// `KEY=VALUE` without `=`
    #[error("{word:?} sets nothing")]
    #[diagnostic(help("write KEY=VALUE, as in `rust-bun pm pkg set scripts.build=\"make all\"`"))]
    NoValue {
        /// As it was given
        word: String,
    },
    /// A value that was to be JSON
    #[error("the value for {key} is not JSON: {why}")]
    #[diagnostic(help("texts need their quotes in JSON: '\"text\"'; without --json every value is a text"))]
    NotJson {
        /// The key
        key: String,
        /// What is wrong with it
        why: String,
    },
    /// No version to go on from
    #[error("{} has no version", .path.display())]
    #[diagnostic(help("give it one: rust-bun pm pkg set version=0.1.0"))]
    NoVersion {
        /// The package.json
        path: PathBuf,
    },
    /// No version at all
    #[error("{word:?} is no version: {why}")]
    #[diagnostic(help(
        "versions are three numbers, as in 1.2.3 or 1.2.3-beta.0; or say major, minor, patch, premajor, preminor, prepatch, prerelease"
    ))]
    BadVersion {
        /// As it was given
        word: String,
        /// What is wrong with it
        why: String,
    },
    /// The version that it has
    #[error("the version is {version} already")]
    #[diagnostic(help("name another one, or say --allow-same-version"))]
    SameVersion {
        /// Which
        version: String,
    },
    /// No git
    #[error("git is not on PATH, and the new version was to be committed")]
    #[diagnostic(help("install git, or say --no-git-tag-version"))]
    NoGit,
    /// Changes that the commit would take along
    #[error("the git repository has changes that are not committed:\n{changes}")]
    #[diagnostic(help("commit or stash them first, or say --no-git-tag-version"))]
    Uncommitted {
        /// As git shows them
        changes: String,
    },
    /// The tag is there
    #[error("git has a tag {tag} already")]
    #[diagnostic(help("name another version, delete the tag, or say --no-git-tag-version"))]
    TagExists {
        /// Its name
        tag: String,
    },
    /// git failed
    #[error("`git {command}` failed:\n{said}")]
    #[diagnostic(help("{help}"))]
    Git {
        /// The words of the command
        command: String,
        /// What it said
        said: String,
        /// What state things are in
        help: String,
    },
}

impl Error {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NoValue { .. } | Self::NotJson { .. } | Self::BadVersion { .. } => exit::USAGE,
            Self::NoLockfile { .. }
            | Self::Read { .. }
            | Self::NoVersion { .. }
            | Self::SameVersion { .. }
            | Self::NoGit
            | Self::Uncommitted { .. }
            | Self::TagExists { .. }
            | Self::Git { .. } => exit::FAILURE,
        }
    }
}
