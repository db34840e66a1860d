//! Why a program did not start, or its end is not known.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::Program;
use crate::exit;

/// A program could not be run. That it ran and failed is no error: its end is passed on.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// The program is not there
    #[error("the program `{}` was not found", program.display())]
    #[diagnostic(help("check its spelling, install it, or put its folder on PATH"))]
    NotFound {
        /// As it was asked for
        program: PathBuf,
    },
    /// The folder to start in is not there; systems report this as if the program were missing
    #[error("`{}` cannot be started in {}: there is no such folder", program.display(), folder.display())]
    #[diagnostic(help("make the folder, or name another"))]
    Folder {
        /// The program
        program: PathBuf,
        /// The missing folder
        folder: PathBuf,
    },
    /// The program is there and the system does not execute it
    #[error("`{}` cannot be executed", program.display())]
    #[diagnostic(help("{help}"))]
    NotExecutable {
        /// The file
        program: PathBuf,
        /// What to do about it
        help: String,
        /// The system's reason
        #[source]
        source: io::Error,
    },
    /// cmd.exe ends its line at a line break, whatever stands around it
    #[error("the argument {argument:?} has a line break or a NUL, which cmd.exe cannot pass on")]
    #[diagnostic(help("pass it in a file or in an environment variable"))]
    Unquotable {
        /// The argument
        argument: OsString,
    },
    /// An argument, a variable or a path has a NUL, which ends a string for the system
    #[error("`{}` cannot be started: an argument, a variable or a path has a NUL byte in it", program.display())]
    #[diagnostic(help("look for \\u0000 in package.json and in the .env files"))]
    Nul {
        /// The program
        program: PathBuf,
    },
    /// The system refused for a reason of its own
    #[error("`{}` did not start", program.display())]
    Start {
        /// The program
        program: PathBuf,
        /// The reason
        #[source]
        source: io::Error,
    },
    /// The program ran, and what it said or how it ended could not be read
    #[error("the end of `{}` is not known", program.display())]
    Lost {
        /// The program
        program: PathBuf,
        /// The reason
        #[source]
        source: io::Error,
    },
    /// It was ended, or never started, because another of the same [`run_labelled`](super::run_labelled) had failed
    #[error("ended, because `{failed}` failed")]
    Cancelled {
        /// The label of the one that failed
        failed: String,
    },
}

impl Error {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::NotFound { .. } => exit::NOT_FOUND,
            Self::NotExecutable { .. } => exit::NOT_EXECUTABLE,
            Self::Folder { .. }
            | Self::Unquotable { .. }
            | Self::Nul { .. }
            | Self::Start { .. }
            | Self::Lost { .. }
            | Self::Cancelled { .. } => exit::FAILURE,
        }
    }

    /// What the system's reason for not starting `program` comes from.
    pub(super) fn start(program: &Program, source: io::Error) -> Self {
        let file = program.program.clone();
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory if !program.folder.is_dir() => {
                Self::Folder { program: file, folder: program.folder.clone() }
            }
            io::ErrorKind::NotFound => match missing_interpreter(&program.folder.join(&file)) {
                Some(help) => Self::NotExecutable { program: file, help, source },
                None => Self::NotFound { program: file },
            },
            io::ErrorKind::PermissionDenied => {
                let help = if program.folder.join(&file).is_dir() {
                    "it is a folder: name the file in it".to_owned()
                } else if cfg!(windows) {
                    "it is not a program, or this user may not run it".to_owned()
                } else {
                    format!("make it executable: chmod +x {}", file.display())
                };
                Self::NotExecutable { program: file, help, source }
            }
            io::ErrorKind::ArgumentListTooLong => {
                let help = "arguments and variables are longer than the system allows: pass them in a file".to_owned();
                Self::NotExecutable { program: file, help, source }
            }
            io::ErrorKind::InvalidInput => Self::Nul { program: file },
            _ if wrong_format(&source) => {
                let help = "it is neither a program for this system nor a script that begins with #!".to_owned();
                Self::NotExecutable { program: file, help, source }
            }
            _ => Self::Start { program: file, source },
        }
    }

    pub(super) fn lost(program: &Program, source: io::Error) -> Self {
        Self::Lost { program: program.program.clone(), source }
    }
}

/// What to say of a script whose interpreter is missing: the system says of the script itself that it is not there.
fn missing_interpreter(file: &Path) -> Option<String> {
    use io::Read;
    let mut first = Vec::new();
    std::fs::File::open(file).ok()?.take(256).read_to_end(&mut first).ok()?;
    let line = first.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    match line.strip_prefix("#!") {
        Some(interpreter) => Some(match interpreter.strip_suffix('\r') {
            Some(interpreter) => {
                format!(
                    "its first line asks for {:?}, which has a carriage return at its end: save the file with \\n line ends",
                    interpreter.trim()
                )
            }
            None => format!("its first line asks for `{}`, which is not there: install that", interpreter.trim()),
        }),
        None => Some("the loader or a library that it needs is not there".to_owned()),
    }
}

fn wrong_format(error: &io::Error) -> bool {
    // ENOEXEC; ERROR_BAD_EXE_FORMAT.
    error.raw_os_error() == Some(if cfg!(windows) { 193 } else { 8 })
}
