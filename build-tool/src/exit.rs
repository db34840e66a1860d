//! Error → exit code: one exhaustive table, so that a new error cannot forget
//! to say how the process ends. The codes are a contract with scripts.

use std::process::ExitCode;

use release_formats::apt_repository::AptRepositoryError;
use release_formats::yum::YumError;

use crate::commands::{Error, RepositoryError, TestError};
use crate::execute::ExecuteError;
use crate::git::GitError;
use crate::tool::ToolError;
use crate::toolchain::backends::BackendError;
use crate::toolchain::provision::LibraryError;
use crate::toolchain::wine::WineError;
use crate::workspace::WorkspaceError;

/// Everything was done.
pub const DONE: u8 = 0;
/// A step failed.
pub const STEP_FAILED: u8 = 1;
/// Bad usage or a bad manifest (an unknown target, package or profile too).
pub const USAGE: u8 = 2;
/// A tool or toolchain is missing.
pub const MISSING_TOOL: u8 = 3;
/// Verification failed.
pub const VERIFY_FAILED: u8 = 4;

/// The exit code that an error ends the process with.
pub fn code(error: &Error) -> u8 {
    match error {
        Error::Manifest(_) | Error::Release(_) | Error::Plan(_) | Error::Usage(_) => USAGE,
        Error::Workspace(error) => match error {
            WorkspaceError::Tool(error) => tool(error),
            WorkspaceError::CargoMetadata { .. }
            | WorkspaceError::Metadata { .. }
            | WorkspaceError::NoLock { .. }
            | WorkspaceError::RootManifest { .. }
            | WorkspaceError::NoPackages { .. } => USAGE,
        },
        Error::Git(error) => match error {
            GitError::Repository { .. } => USAGE,
        },
        Error::Toolchain(_) => MISSING_TOOL,
        Error::Tool(error) => tool(error),
        Error::Execute(error) => match error {
            ExecuteError::Cancelled { signal } => signalled(*signal),
            ExecuteError::Steps { failures, .. } if failures.iter().all(|failure| failure.error.is_verification()) => {
                VERIFY_FAILED
            }
            ExecuteError::Steps { .. }
            | ExecuteError::Locked { .. }
            | ExecuteError::State { .. }
            | ExecuteError::Dist { .. } => STEP_FAILED,
        },
        Error::Test(error) => match error {
            TestError::Backend(BackendError::Tool(error)) | TestError::Wine(WineError::Tool(error)) => tool(error),
            TestError::Wine(WineError::NoCompiler) => MISSING_TOOL,
            TestError::Library(LibraryError::Tool(error) | LibraryError::Files(BackendError::Tool(error))) => {
                tool(error)
            }
            TestError::Library(LibraryError::NoCore { .. }) => MISSING_TOOL,
            TestError::Backend(_) | TestError::Library(_) | TestError::Wine(_) => STEP_FAILED,
        },
        Error::Dev(_) | Error::File { .. } => STEP_FAILED,
        Error::Verify(_) => VERIFY_FAILED,
        Error::Repository(error) => match error {
            RepositoryError::NoPackages { .. }
            | RepositoryError::NotOurs { .. }
            | RepositoryError::Key { .. }
            | RepositoryError::Apt(AptRepositoryError::Field { .. } | AptRepositoryError::Twice { .. }) => USAGE,
            RepositoryError::Package { .. }
            | RepositoryError::Apt(AptRepositoryError::Missing { .. })
            | RepositoryError::Yum(YumError::Package { .. } | YumError::Location { .. } | YumError::Duplicate(_)) => {
                VERIFY_FAILED
            }
            RepositoryError::Apt(AptRepositoryError::Io(_)) | RepositoryError::Yum(YumError::Write { .. }) => {
                STEP_FAILED
            }
        },
        Error::Merge(error) => {
            if error.distrusts() {
                VERIFY_FAILED
            } else {
                USAGE
            }
        }
    }
}

fn tool(error: &ToolError) -> u8 {
    match error {
        ToolError::Missing { .. } => MISSING_TOOL,
        ToolError::Cancelled { signal } => signalled(*signal),
        ToolError::Folder { .. } | ToolError::Start { .. } | ToolError::Failed { .. } => STEP_FAILED,
    }
}

/// As shells say it: 128 + the signal's number.
pub fn signalled(signal: i32) -> u8 {
    128 + u8::try_from(signal).unwrap_or(15)
}

/// For `main`.
pub fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(code(error))
}
