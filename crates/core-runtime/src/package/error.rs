//! What can be wrong with packages: each error says where, what would be right, and what to do.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::exit;

/// What is wrong with a package.json, a workspace or an installed package.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// At a place in a package.json
    #[error(transparent)]
    #[diagnostic(transparent)]
    Located(#[from] Box<Located>),
    /// No package.json in a folder or in any above it
    #[error("there is no package.json in {} or in a folder above it", .folder.display())]
    #[diagnostic(help("go to a project's folder, or begin one here with `rust-bun init`"))]
    NoPackage {
        /// Where the search began
        folder: PathBuf,
    },
    /// A file or folder that cannot be read
    #[error("{} cannot be read", .path.display())]
    #[diagnostic(help("is this the right user, and is the disk still there?"))]
    Read {
        /// Which
        path: PathBuf,
        /// What the system says
        source: io::Error,
    },
    /// Something else of that name
    #[error("{} is {what}, not a file", .path.display())]
    #[diagnostic(help("move it away, and put a package.json there, or begin one with `rust-bun init`"))]
    NotAFile {
        /// Which
        path: PathBuf,
        /// What it is, in words
        what: &'static str,
    },
    /// Bytes that are not UTF-8
    #[error("{}:{line}:{column}: this byte ({byte:#04x}) is not UTF-8", .path.display())]
    #[diagnostic(help("package.json is UTF-8: save it as such in your editor"))]
    NotUtf8 {
        /// The file
        path: PathBuf,
        /// From 1
        line: usize,
        /// From 1, in characters
        column: usize,
        /// The first byte that is wrong
        byte: u8,
    },
    /// A file that cannot be written
    #[error("{} cannot be written", .path.display())]
    #[diagnostic(help("may this user write to its folder, and has the disk room? The file is as it was"))]
    Write {
        /// Which
        path: PathBuf,
        /// What the system says
        source: io::Error,
    },
    /// No package.json above says that it is a workspace
    #[error("there is no workspace here: {} and those above it have no \"workspaces\"", .path.display())]
    #[diagnostic(help(
        "name the packages' folders in the topmost package.json, as in \"workspaces\": [\"packages/*\"]"
    ))]
    NoWorkspace {
        /// The nearest package.json
        path: PathBuf,
    },
    /// Two packages of one workspace with one name
    #[error("two packages of the workspace are named {name:?}: {} and {}", .first.display(), .second.display())]
    #[diagnostic(help("give one of them another name in its package.json"))]
    SameName {
        /// The name
        name: String,
        /// The folder of one
        first: PathBuf,
        /// The folder of the other
        second: PathBuf,
    },
    /// Packages that depend on each other
    #[error("packages of the workspace depend on each other in a circle: {}", .names.join(" → "))]
    #[diagnostic(help(
        "no order can run each after those it depends on: take one of these dependencies out of its package.json, or run them all at once with --parallel"
    ))]
    Circle {
        /// In the circle's order; the first is also the last
        names: Vec<String>,
    },
    /// A word that cannot be a package's name
    #[error("{name:?} cannot be the name of a package: {why}")]
    #[diagnostic(help("names look like `left-pad` or `@scope/left-pad`"))]
    BadName {
        /// The word
        name: String,
        /// What is wrong with it
        why: &'static str,
    },
    /// A pattern that cannot be a pattern
    #[error("`{pattern}` matches nothing that could be a package")]
    #[diagnostic(help(
        "patterns are names with `*` (@scope/*), or folders that begin with ./ (./packages/*); `!` in front excludes"
    ))]
    BadFilter {
        /// The pattern
        pattern: String,
    },
    /// A key that leads through what holds no values
    #[error("{key} cannot be set: {at} {why}")]
    #[diagnostic(help("see what is there with `rust-bun pm pkg get`, or delete it first"))]
    NoWay {
        /// The key
        key: String,
        /// How far it leads
        at: String,
        /// What stops it
        why: &'static str,
    },
    /// A key that cannot be a key
    #[error("{key:?} is no key: {why}, at character {at}")]
    #[diagnostic(help(
        "keys look like name, scripts.build, contributors[0].name, scripts[\"build.all\"]; a list grows with []"
    ))]
    BadKey {
        /// The key
        key: String,
        /// What is wrong with it
        why: &'static str,
        /// From 1
        at: usize,
    },
}

/// Something wrong at a place in a file.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{what}")]
pub struct Located {
    what: String,
    #[source_code]
    text: NamedSource<Arc<str>>,
    #[label("{label}")]
    at: SourceSpan,
    label: String,
    #[help]
    help: String,
}

impl Error {
    /// An error at `span` of the file at `path`, whose content is `text`.
    pub(crate) fn located(path: &Path, text: &Arc<str>, span: Range<usize>, [what, label, help]: [String; 3]) -> Self {
        let text = NamedSource::new(path.to_string_lossy(), text.clone()).with_language("json");
        Box::new(Located { what, text, at: span.into(), label, help }).into()
    }

    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::BadName { .. } | Self::BadFilter { .. } | Self::BadKey { .. } => exit::USAGE,
            Self::Located(_)
            | Self::NoPackage { .. }
            | Self::Read { .. }
            | Self::NotAFile { .. }
            | Self::NotUtf8 { .. }
            | Self::Write { .. }
            | Self::NoWorkspace { .. }
            | Self::NoWay { .. }
            | Self::SameName { .. }
            | Self::Circle { .. } => exit::FAILURE,
        }
    }
}
