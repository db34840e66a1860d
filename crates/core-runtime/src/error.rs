//! What can go wrong, and the exit code for it. Each module has its own errors; this gathers them.

use std::io;

use crate::commands::{bunx, create, init, link, pm, run, upgrade};
use crate::{
    build_environment, dotenv, environment, exit, feature_flags, logging, memory, package, process, providers,
};

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
    /// The command line cannot be meant, or help was asked for
    #[error("{}", .0.render())]
    Usage(Box<clap::Error>),
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
    /// Which messages are logged
    #[error(transparent)]
    #[diagnostic(transparent)]
    Logging(#[from] logging::Error),
    /// A `.env` file
    #[error(transparent)]
    #[diagnostic(transparent)]
    Dotenv(#[from] dotenv::Error),
    /// What is switched on
    #[error(transparent)]
    #[diagnostic(transparent)]
    Flags(#[from] feature_flags::Error),
    /// A man page could not be written
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("the folder must be there and take files"))]
    Man {
        /// The page.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Standard output takes nothing more
    #[error("the result cannot be printed")]
    #[diagnostic(help("standard output is closed, or its disk is full"))]
    Output(#[from] io::Error),
    /// A package.json, a workspace, an installed package
    #[error(transparent)]
    #[diagnostic(transparent)]
    Package(#[from] package::Error),
    /// A program could not be run
    #[error(transparent)]
    #[diagnostic(transparent)]
    Process(#[from] process::Error),
    /// Nothing to run
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] run::Error),
    /// `bunx`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bunx(#[from] bunx::Error),
    /// `link`, `unlink`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Link(#[from] link::Error),
    /// `pm`
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pm(#[from] pm::Error),
    /// Memory is not to be had
    #[error(transparent)]
    #[diagnostic(transparent)]
    Memory(#[from] memory::AllocationError),
    /// No project was started
    #[error(transparent)]
    #[diagnostic(transparent)]
    Init(#[from] init::Error),
    /// No project was made of a template
    #[error(transparent)]
    #[diagnostic(transparent)]
    Create(#[from] create::Error),
    /// This program was not replaced
    #[error(transparent)]
    #[diagnostic(transparent)]
    Upgrade(#[from] upgrade::Error),
    /// Nobody does what the command needs
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoProvider(#[from] providers::NoProvider),
    /// Whoever does it could not
    #[error(transparent)]
    #[diagnostic(transparent)]
    Provider(#[from] providers::ProviderError),
}

impl Error {
    /// The exit code for it: exhaustive, so that a new kind of error needs a decision.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            // Asking for help is no mistake.
            Self::Usage(error) if !error.use_stderr() => exit::SUCCESS,
            Self::Usage(_) => exit::USAGE,
            Self::Engine(error) => error.exit_code(),
            Self::Environment(environment::Error::NoSuchFolder { .. })
            | Self::Dotenv(dotenv::Error::Missing { .. })
            | Self::Logging(_)
            | Self::Flags(_) => exit::USAGE,
            Self::Environment(_)
            | Self::Build(_)
            | Self::Memory(_)
            | Self::Dotenv(_)
            | Self::Output(_)
            | Self::Man { .. } => exit::FAILURE,
            Self::Init(_) | Self::Create(_) => exit::FAILURE,
            Self::Package(error) => error.exit_code(),
            Self::Process(error) => error.exit_code(),
            Self::Run(error) => error.exit_code(),
            Self::Bunx(error) => error.exit_code(),
            Self::Link(error) => error.exit_code(),
            Self::Pm(error) => error.exit_code(),
            Self::Upgrade(error) => error.exit_code(),
            Self::NoProvider(_) => exit::NOT_FOUND,
            Self::Provider(error) => error.exit_code(),
        }
    }
}

/// What most functions of this library give.
pub type Result<T, E = Error> = std::result::Result<T, E>;
