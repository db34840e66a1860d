//! Programs to start, and the end of this one.
mod child;
mod command;
mod termination;

use crate::io;

pub use child::{Child, ChildStderr, ChildStdin, ChildStdout};
pub use command::{Command, Stdio};
pub use rusticated::process::{ExitStatus, Output, abort, id};
pub use termination::{ExitCode, Termination};

/// Ends the process with this exit code, when what was printed is handed on.
pub fn exit(code: i32) -> ! {
    io::flush_at_exit();
    rusticated::process::exit(code)
}
