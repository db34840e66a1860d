//! The only place that starts programs.
//!
//! [`run`] is for the one program that has our terminal, [`run_labelled`] for several at once whose lines are told apart,
//! [`capture`] for what a program says. In all three a signal that reaches us goes to the child first, see
//! [`signals`](crate::signals); none of them prints.
//!
//! On Unix a child of [`run`] and [`capture`] stays in our process group, so that Ctrl-C reaches it and every shell
//! between as it would without us; a child of [`run_labelled`] leads a group of its own, which ends as a whole. On Windows
//! every child is in a job of its own that ends with us.

mod cmd;
mod error;
mod foreground;
mod labelled;
mod lines;
mod look_up;
#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use crate::environment::Variables;

pub use error::Error;
pub use foreground::{Captured, capture, run};
pub use labelled::run_labelled;
pub use look_up::{LookUp, look_up};

/// A program to start, with all that it gets. Nothing is inherited that is not named here, but for the three streams.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file, or a name that the system finds on its own PATH. What comes from a user goes through [`look_up`] first.
    pub program: PathBuf,
    /// Its arguments, without its own name.
    pub args: Vec<OsString>,
    /// The folder that it starts in.
    pub folder: PathBuf,
    /// All its variables.
    pub variables: Variables,
    /// What stands on the command line after the arguments, quoted already.
    #[cfg(windows)]
    raw: Option<OsString>,
}

impl Program {
    /// A program without arguments.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, folder: impl Into<PathBuf>, variables: Variables) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            folder: folder.into(),
            variables,
            #[cfg(windows)]
            raw: None,
        }
    }

    /// One argument more.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// A line for the system's shell: `/bin/sh -c LINE sh ARGS…`, so that the line has the arguments as `$1`, `$2`, … .
    ///
    /// On Windows it is `cmd.exe /d /s /c "LINE ARGS…"`: cmd.exe knows no such parameters, so they come after the line,
    /// quoted for it and for the program that reads them.
    ///
    /// # Errors
    /// On Windows, an argument with a line break or a NUL, which no quoting can bring through cmd.exe.
    pub fn shell(
        line: &OsStr,
        args: &[OsString],
        folder: impl Into<PathBuf>,
        variables: Variables,
    ) -> Result<Self, Error> {
        #[cfg(windows)]
        {
            let shell = variables.get("ComSpec").map_or_else(|| PathBuf::from("cmd.exe"), PathBuf::from);
            let raw = Some(cmd::line(line, args)?);
            Ok(Self { raw, ..Self::new(shell, folder, variables) })
        }
        #[cfg(not(windows))]
        {
            let program = Self::new("/bin/sh", folder, variables).arg("-c").arg(line).arg("sh");
            Ok(program.args(args))
        }
    }

    /// As [`Self::shell`], with the arguments put after the line on every system: what a script's caller adds.
    ///
    /// # Errors
    /// As [`Self::shell`].
    pub fn script(
        line: &OsStr,
        args: &[OsString],
        folder: impl Into<PathBuf>,
        variables: Variables,
    ) -> Result<Self, Error> {
        let mut line = line.to_owned();
        if cfg!(not(windows)) && !args.is_empty() {
            line.push(" \"$@\"");
        }
        Self::shell(&line, args, folder, variables)
    }

    /// As the standard library starts it.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder).env_clear();
        command.envs(self.variables.iter());
        #[cfg(windows)]
        if let Some(raw) = &self.raw {
            std::os::windows::process::CommandExt::raw_arg(&mut command, raw);
        }
        command
    }
}
