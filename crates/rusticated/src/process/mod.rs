//! Programs to start and to wait for.
mod child;
mod command;

use crate::backend;

pub use child::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Output};
pub(crate) use command::StdioForm;
pub use command::{Command, Stdio};

/// Ends the process with this exit code. Nothing is dropped, nobody is waited for.
pub fn exit(code: i32) -> ! {
    backend::process::exit(code)
}

/// Ends the process as one that failed beyond repair.
pub fn abort() -> ! {
    backend::process::abort()
}

/// The number of this process.
pub fn id() -> u32 {
    backend::process::id()
}
