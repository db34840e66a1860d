//! The ways in which targets are compiled and linked: what each needs on this
//! machine, and what it adds to the build call. A backend is a file here and a
//! word of the target manifest.

mod cargo;
pub mod cross;
mod lld;
mod xwin;
pub mod zig;

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::Read;
use crate::manifest::target::Backend as Name;
use crate::release::{CompileGroup, Release, Target};
use crate::stages::Tool;
use crate::tool::{Invocation, ToolError};

/// A way to compile and link.
pub trait Backend: Sync {
    /// The programs that it starts, besides cargo.
    fn tools(&self, target: &Target) -> Vec<Tool>;
    /// Adds to the build call what its targets need.
    ///
    /// # Errors
    /// What it needs cannot be made.
    fn configure(&self, call: Invocation, site: &Site<'_>) -> Result<Invocation, BackendError>;
}

/// What a backend may look at and use.
pub struct Site<'a> {
    /// The release.
    pub release: &'a Release,
    /// The programs of this machine.
    pub toolchain: &'a super::Toolchain,
    /// What is compiled.
    pub group: &'a CompileGroup,
    /// Those of the group's targets that are this backend's.
    pub targets: Vec<&'a Target>,
    /// Runs a program to its end and returns what it wrote.
    pub read: Read<'a>,
}

/// A backend could not prepare a call.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum BackendError {
    /// A program failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// The kit for linking for Windows could not be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Msvc(#[from] super::msvc::MsvcError),
    /// What a program answered is not what it should be.
    #[error("{program} gave an answer that cannot be read: {reason}")]
    #[diagnostic(help("is it the program that it is taken for? `build-tool doctor` says which one was found"))]
    Answer {
        /// The program.
        program: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    #[diagnostic(help("{}", crate::stages::session::file_advice(source, path)))]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl BackendError {
    /// For `map_err`.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}

/// The backend of a target.
pub fn of(name: Name) -> &'static dyn Backend {
    match name {
        Name::Auto | Name::Cargo => &cargo::Cargo,
        Name::Zig => &zig::ZigBackend,
        Name::Lld => &lld::Lld,
        Name::Xwin => &xwin::Xwin,
        Name::Cross => &cross::Cross,
    }
}

/// Lets every backend that a group's targets have add its part to the call.
///
/// # Errors
/// What the first of them says.
pub fn configure(mut call: Invocation, site: &Site<'_>) -> Result<Invocation, BackendError> {
    let names = [Name::Cargo, Name::Zig, Name::Lld, Name::Xwin, Name::Cross];
    for name in names {
        let targets: Vec<&Target> =
            site.targets.iter().copied().filter(|target| target.backend.backend == name).collect();
        if !targets.is_empty() {
            call = of(name).configure(call, &Site { targets, ..*site })?;
        }
    }
    Ok(call)
}
