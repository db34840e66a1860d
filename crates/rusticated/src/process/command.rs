//! What is to be started, and how.
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Child, ExitStatus, Output};
use crate::backend;
use crate::backend::handle::Handle;
use crate::ffi::{OsStr, OsString};
use crate::fs::File;
use crate::io;
use crate::io::{PipeReader, PipeWriter};
use crate::path::{Path, PathBuf};

/// A program with its arguments, variables, folder and streams. A list of arguments, no shell.
///
/// ```
/// # #[cfg(unix)] {
/// use rusticated::process::Command;
/// use rusticated::rt;
///
/// let output = rt::block_on(Command::new("echo").arg("two words").output()).unwrap();
/// assert!(output.status.success());
/// assert_eq!(output.stdout, b"two words\n");
/// # }
/// ```
#[derive(Debug)]
pub struct Command {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    /// Changes to the variables; None removes one.
    pub(crate) variables: BTreeMap<OsString, Option<OsString>>,
    /// Whether the child gets none of ours.
    pub(crate) clear_variables: bool,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) stdin: Option<Stdio>,
    pub(crate) stdout: Option<Stdio>,
    pub(crate) stderr: Option<Stdio>,
}

impl Command {
    /// A program: a path, or a name that is looked for in the folders of `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_os_string(),
            args: Vec::new(),
            variables: BTreeMap::new(),
            clear_variables: false,
            folder: None,
            stdin: None,
            stdout: None,
            stderr: None,
        }
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.args.push(arg.as_ref().to_os_string());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = S>) -> &mut Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_os_string()));
        self
    }

    /// Sets a variable.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.variables.insert(name.as_ref().to_os_string(), Some(value.as_ref().to_os_string()));
        self
    }

    /// Sets variables.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, variables: impl IntoIterator<Item = (K, V)>) -> &mut Self {
        for (name, value) in variables {
            self.env(name, value);
        }
        self
    }

    /// Removes a variable.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.variables.insert(name.as_ref().to_os_string(), None);
        self
    }

    /// Removes all variables, those set so far, too.
    pub fn env_clear(&mut self) -> &mut Self {
        self.variables.clear();
        self.clear_variables = true;
        self
    }

    /// The folder that it is started in.
    pub fn current_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.folder = Some(folder.as_ref().to_path_buf());
        self
    }

    /// Its standard input; ours if nothing is said.
    pub fn stdin(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.stdin = Some(stdio.into());
        self
    }

    /// Its standard output; ours if nothing is said, and captured by [`Command::output`].
    pub fn stdout(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.stdout = Some(stdio.into());
        self
    }

    /// Its standard error; ours if nothing is said, and captured by [`Command::output`].
    pub fn stderr(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
        self.stderr = Some(stdio.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is no such program, [`io::ErrorKind::InvalidInput`] for a NUL byte in what
    /// it is given, else the system's.
    pub async fn spawn(&mut self) -> io::Result<Child> {
        backend::process::spawn(self).await.map(Child::new)
    }

    /// Starts it, and waits for its end.
    pub async fn status(&mut self) -> io::Result<ExitStatus> {
        self.spawn().await?.wait().await
    }

    /// Starts it, and waits for its end and all that it writes. It reads nothing, unless its input is set.
    pub async fn output(&mut self) -> io::Result<Output> {
        let unset = [self.stdin.is_none(), self.stdout.is_none(), self.stderr.is_none()];
        let captured = Captured { command: self, unset };
        captured.command.stdin.get_or_insert_with(Stdio::null);
        captured.command.stdout.get_or_insert_with(Stdio::piped);
        captured.command.stderr.get_or_insert_with(Stdio::piped);
        let child = captured.command.spawn().await;
        drop(captured);
        child?.wait_with_output().await
    }
}

/// A command whose streams are captured for once: those that were not set are not set afterwards.
struct Captured<'a> {
    command: &'a mut Command,
    unset: [bool; 3],
}

impl Drop for Captured<'_> {
    fn drop(&mut self) {
        let streams = [&mut self.command.stdin, &mut self.command.stdout, &mut self.command.stderr];
        for (stream, _) in streams.into_iter().zip(self.unset).filter(|(_, unset)| *unset) {
            *stream = None;
        }
    }
}

/// Where one of a child's streams leads.
#[derive(Debug)]
pub struct Stdio(pub(crate) StdioForm);

#[derive(Debug)]
pub(crate) enum StdioForm {
    Inherit,
    Null,
    Piped,
    Handle(Handle),
}

impl Stdio {
    /// Where ours leads.
    pub fn inherit() -> Self {
        Self(StdioForm::Inherit)
    }

    /// Nowhere.
    pub fn null() -> Self {
        Self(StdioForm::Null)
    }

    /// To us, through a pipe.
    pub fn piped() -> Self {
        Self(StdioForm::Piped)
    }
}

macro_rules! stdio {
    ($($type:ty = |$this:ident| $handle:expr;)*) => {
        $(impl From<$type> for Stdio {
            fn from($this: $type) -> Self {
                Self(StdioForm::Handle($handle))
            }
        })*
    };
}

stdio! {
    File = |file| file.0.into_handle();
    PipeReader = |pipe| pipe.0;
    PipeWriter = |pipe| pipe.0;
    super::ChildStdin = |stream| stream.0;
    super::ChildStdout = |stream| stream.0;
    super::ChildStderr = |stream| stream.0;
}
