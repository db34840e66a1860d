//! What stands in the way of running something.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;

use crate::exit;
use crate::nearest::as_question;

/// Nothing was run.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// No word to go by
    #[error("the name of what to run is empty")]
    #[diagnostic(help("name a script, a file or a command; without a name, `rust-bun run` lists the scripts"))]
    EmptyName,
    /// Nothing has this name
    #[error("there is no script, file or command named `{name}`")]
    #[diagnostic(help(
        "{}",
        suggestion(nearest, "`rust-bun run` lists the scripts; a command has to be installed or on PATH")
    ))]
    NotFound {
        /// As it was asked for
        name: String,
        /// The names most like it
        nearest: Vec<String>,
    },
    /// None of the packages that were meant has this script
    #[error("none of the {packages} matching packages has a script named `{name}`")]
    #[diagnostic(help(
        "{}",
        suggestion(
            nearest,
            "`rust-bun run --workspaces` lists the scripts of all packages; --if-present makes this no error"
        )
    ))]
    NoSuchScript {
        /// As it was asked for
        name: String,
        /// How many packages were looked at
        packages: usize,
        /// The names most like it
        nearest: Vec<String>,
    },
    /// The filters mean no package
    #[error("no package of the workspace matches {}", patterns.join(" "))]
    #[diagnostic(help(
        "{}",
        suggestion(nearest, "patterns are names (@scope/*) or folders that begin with ./, seen from here")
    ))]
    NothingMatches {
        /// As they were given
        patterns: Vec<String>,
        /// The packages' names most like them
        nearest: Vec<String>,
    },
    /// No file at this path
    #[error("there is no file {}", path.display())]
    #[diagnostic(help(
        "{}",
        suggestion(nearest, "./ and absolute paths always mean a file; without ./ it could be a script or a command")
    ))]
    NoFile {
        /// The path
        path: PathBuf,
        /// Names in its folder most like it
        nearest: Vec<String>,
    },
    /// A file that cannot even be looked at
    #[error("{} cannot be looked at", path.display())]
    #[diagnostic(help("may this user enter its folder?"))]
    Unreadable {
        /// The path
        path: PathBuf,
        /// What the system says
        source: io::Error,
    },
    /// A folder without an entry file
    #[error("{} is a folder, and has no index.ts, index.js or the like", path.display())]
    #[diagnostic(help("name the file in it that is to be run"))]
    Folder {
        /// The folder
        path: PathBuf,
    },
    /// A file that is no program
    #[error("{} cannot be executed: {why}", path.display())]
    #[diagnostic(help("{help}"))]
    NotExecutable {
        /// The file
        path: PathBuf,
        /// What it lacks
        why: &'static str,
        /// What to do
        help: String,
    },
    /// A command whose file is gone
    #[error("the command {} is a link to {}, which is gone", link.display(), target.display())]
    #[diagnostic(help(
        "install the package again, build it if it is a linked one, or take the link away with `rust-bun unlink`"
    ))]
    Dangling {
        /// The link
        link: PathBuf,
        /// Where it leads
        target: PathBuf,
    },
    /// Scripts that would never end
    #[error("scripts call each other in a circle: {}", names.join(" → "))]
    #[diagnostic(help("nothing would ever end this: take one of the calls out of package.json"))]
    Circle {
        /// In the order of the calls; the last is one of those before
        names: Vec<String>,
    },
}

fn suggestion(nearest: &[String], otherwise: &str) -> String {
    let names: Vec<&str> = nearest.iter().map(String::as_str).collect();
    as_question(&names).map_or_else(|| otherwise.to_owned(), |names| format!("did you mean {names}?"))
}

impl Error {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::EmptyName => exit::USAGE,
            Self::NotFound { .. } | Self::NoSuchScript { .. } | Self::NoFile { .. } | Self::Dangling { .. } => {
                exit::NOT_FOUND
            }
            Self::Folder { .. } | Self::NotExecutable { .. } => exit::NOT_EXECUTABLE,
            Self::Unreadable { .. } | Self::NothingMatches { .. } | Self::Circle { .. } => exit::FAILURE,
        }
    }
}

impl crate::error::Error {
    /// Whether it says that there is nothing of that name: what `--if-present` makes a success.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Run(Error::NotFound { .. } | Error::NoFile { .. } | Error::NoSuchScript { .. }))
    }
}
