//! What can go wrong, and the exit code for it. Each module has its own errors; this gathers them.

use std::io;

use crate::{build_environment, commands, environment, exit, package, process, providers};

/// An error of a JavaScript engine, as its calls return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JSError {
    /// An exception is pending on the global object
    #[error("an exception was thrown and not caught")]
    JSError,
    /// There is no memory for it
    #[error("out of memory")]
    OutOfMemory,
    /// Somebody ended the script from outside
    #[error("the script was ended")]
    JSTerminated,
}

/// What a call into the engine gives that has nothing to give.
pub type JSOOM = Result<(), JSError>;

impl JSError {
    /// The exit code when it reaches the top.
    #[must_use]
    pub fn exit_code(self) -> i32 {
        match self {
            Self::JSError | Self::OutOfMemory => exit::FAILURE,
            // As a shell shows a program that was ended: 128 + SIGTERM.
            Self::JSTerminated => 143,
        }
    }
}

/// Whatever ends a run early. A variant for each module's own errors, each with its own text and help.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// From a JavaScript engine
    #[error(transparent)]
    Engine(#[from] JSError),
    /// The surroundings
    #[error(transparent)]
    #[diagnostic(transparent)]
    Environment(#[from] environment::Error),
    /// What was stamped into this program
    #[error(transparent)]
    #[diagnostic(transparent)]
    Build(#[from] build_environment::Error),
    /// `bunx`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bunx(#[from] commands::bunx::Error),
    /// No project was made of a template
    #[error(transparent)]
    #[diagnostic(transparent)]
    Create(#[from] commands::create::Error),
    /// No project was started
    #[error(transparent)]
    #[diagnostic(transparent)]
    Init(#[from] commands::init::Error),
    /// `link`, `unlink`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Link(#[from] commands::link::Error),
    /// Standard output takes nothing more
    #[error("the result cannot be printed")]
    #[diagnostic(help("standard output is closed, or its disk is full"))]
    Output(#[from] io::Error),
    /// A package.json, a workspace, an installed package
    #[error(transparent)]
    #[diagnostic(transparent)]
    Package(#[from] package::Error),
    /// `pm`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pm(#[from] commands::pm::Error),
    /// A program could not be run
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] process::Error),
    /// Nothing to run
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] commands::run::Error),
    /// This program was not replaced
    #[error(transparent)]
    #[diagnostic(transparent)]
    Upgrade(#[from] commands::upgrade::Error),
    /// Nobody does what the command needs
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoProvider(#[from] providers::NoProvider),
}

impl Error {
    /// The exit code for it: exhaustive, so that a new kind of error needs a decision.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Engine(error) => error.exit_code(),
            Self::Environment(environment::Error::NoSuchFolder { .. }) => exit::USAGE,
            Self::Environment(_) | Self::Build(_) | Self::Output(_) => exit::FAILURE,
            Self::Bunx(error) => error.exit_code(),
            Self::Create(_) | Self::Init(_) => exit::FAILURE,
            Self::Link(error) => error.exit_code(),
            Self::Package(error) => error.exit_code(),
            Self::Pm(error) => error.exit_code(),
            Self::Process(error) => error.exit_code(),
            Self::Run(error) => error.exit_code(),
            Self::Upgrade(error) => error.exit_code(),
            Self::NoProvider(_) => exit::NOT_FOUND,
        }
    }
}

/// What most functions of this library give.
pub type Result<T, E = Error> = std::result::Result<T, E>;
