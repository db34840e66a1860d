//! What is to be started, and how.
use rusticated::process as system;
use rusticated::rt::wait;

use super::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Output};
use crate::ffi::OsStr;
use crate::fs::File;
use crate::io::Result;
use crate::path::Path;

/// A program with its arguments, variables, folder and streams.
#[derive(Debug)]
pub struct Command(system::Command);

impl Command {
    /// A program: a path, or a name that is looked for in the folders of `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self(system::Command::new(program))
    }

    /// Adds an argument.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.0.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(&mut self, arguments: impl IntoIterator<Item = S>) -> &mut Self {
        self.0.args(arguments);
        self
    }

    /// Sets a variable.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.0.env(name, value);
        self
    }

    /// Sets variables.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, variables: impl IntoIterator<Item = (K, V)>) -> &mut Self {
        self.0.envs(variables);
        self
    }

    /// Removes a variable.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.0.env_remove(name);
        self
    }

    /// Removes all variables.
    pub fn env_clear(&mut self) -> &mut Self {
        self.0.env_clear();
        self
    }

    /// The folder that it is started in.
    pub fn current_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.0.current_dir(folder);
        self
    }

    /// Its standard input.
    pub fn stdin(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.0.stdin(stdio.into().0);
        self
    }

    /// Its standard output.
    pub fn stdout(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.0.stdout(stdio.into().0);
        self
    }

    /// Its standard error.
    pub fn stderr(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.0.stderr(stdio.into().0);
        self
    }

    /// Starts it.
    pub fn spawn(&mut self) -> Result<Child> {
        wait(self.0.spawn()).map(Child::new)
    }

    /// Starts it, and waits for its end.
    pub fn status(&mut self) -> Result<ExitStatus> {
        wait(self.0.status())
    }

    /// Starts it, and waits for its end and all that it writes.
    pub fn output(&mut self) -> Result<Output> {
        wait(self.0.output())
    }
}

/// Where one of a child's streams leads.
#[derive(Debug)]
pub struct Stdio(system::Stdio);

impl Stdio {
    /// Where ours leads.
    pub fn inherit() -> Self {
        Self(system::Stdio::inherit())
    }

    /// Nowhere.
    pub fn null() -> Self {
        Self(system::Stdio::null())
    }

    /// To us, through a pipe.
    pub fn piped() -> Self {
        Self(system::Stdio::piped())
    }
}

macro_rules! stdio {
    ($($type:ty),*) => {$(
        impl From<$type> for Stdio {
            fn from(stream: $type) -> Self {
                Self(stream.0.into())
            }
        }
    )*};
}

stdio!(File, ChildStdin, ChildStdout, ChildStderr);
