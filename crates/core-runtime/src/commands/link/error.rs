//! What stands in the way of a link.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;

use crate::exit;
use crate::nearest::as_question;

/// A package could not be linked or unlinked.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// Nobody made it available
    #[error("no package named {name} is linked on this machine")]
    #[diagnostic(help("{}", suggestion(nearest, name)))]
    NotLinked {
        /// The package
        name: String,
        /// The names most like it
        nearest: Vec<String>,
    },
    /// Not a link of this project
    #[error("{} is not a link{}", path.display(), if *there { ": it was installed" } else { ": nothing is there" })]
    #[diagnostic(help("{}", if *there { "remove an installed package with your package manager" } else { "`rust-bun pm ls` lists what is there" }))]
    NotALink {
        /// Where the link would be
        path: PathBuf,
        /// Whether something else is there
        there: bool,
    },
    /// The link leads to another folder
    #[error("the link {} leads to {}, not to this package", link.display(), target.display())]
    #[diagnostic(help("run `rust-bun unlink` in that folder, or `rust-bun link` here to take its place"))]
    Elsewhere {
        /// The link
        link: PathBuf,
        /// Where it leads
        target: PathBuf,
    },
    /// What was linked is gone
    #[error("{} links to {}, which is gone", link.display(), target.display())]
    #[diagnostic(help("put the package back there, or go to its new folder and run `rust-bun link` again"))]
    Dangling {
        /// The link
        link: PathBuf,
        /// Where it leads
        target: PathBuf,
    },
    /// A file or folder that is none of ours
    #[error("{} is in the way: it is no link of this package", path.display())]
    #[diagnostic(help("look what it is, and move it away"))]
    InTheWay {
        /// Which
        path: PathBuf,
    },
    /// A folder or link that cannot be made or removed
    #[error("{} cannot be {done}", path.display())]
    #[diagnostic(help("may this user write to its folder, and has the disk room?"))]
    Write {
        /// Which
        path: PathBuf,
        /// `made`, `removed`, `moved`
        done: &'static str,
        /// What the system says
        source: io::Error,
    },
}

fn suggestion(nearest: &[String], name: &str) -> String {
    let names: Vec<&str> = nearest.iter().map(String::as_str).collect();
    as_question(&names).map_or_else(
        || format!("go to the folder of {name} and run `rust-bun link` there first"),
        |names| format!("did you mean {names}?"),
    )
}

impl Error {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NotLinked { .. }
            | Self::NotALink { .. }
            | Self::Elsewhere { .. }
            | Self::Dangling { .. }
            | Self::InTheWay { .. }
            | Self::Write { .. } => exit::FAILURE,
        }
    }
}
