//! All that a step may touch while it runs: its inputs, its outputs, the
//! toolchain, and a way to say what happens.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::is_shipped;
use super::smoke::SmokeError;
use crate::artifact::{ArtifactId, Made};
use crate::event::{Event, Outcome};
use crate::release::Release;
use crate::tool::{Bounds, Invocation, Launcher, ToolError, Tried};
use crate::toolchain::Toolchain;
use crate::toolchain::backends::BackendError;
use crate::toolchain::provision::LibraryError;
use crate::toolchain::wine::WineError;

/// A step failed.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum StageError {
    /// A program failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// A backend could not prepare the build call.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Backend(#[from] BackendError),
    /// A target's standard library cannot be had, or was not compiled.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Library(#[from] LibraryError),
    /// What runs programs of another target could not be made ready.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Wine(#[from] WineError),
    /// A finished program does not do what it should.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Smoke(#[from] SmokeError),
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    #[diagnostic(help("{}", file_advice(source, path)))]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A file does not have the form that it should.
    #[error("cannot {action} {}", path.display())]
    Format {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The variable of a secret is not set.
    #[error("the environment variable {variable} is not set")]
    #[diagnostic(help(
        "the package manifest says that it holds the password of a certificate or key: set it, or pass --no-identity"
    ))]
    Secret {
        /// Its name.
        variable: String,
    },
    /// A mistake in this program.
    #[error("a mistake in build-tool ended this step; what it said is above")]
    #[diagnostic(help("please report it, with the lines above"))]
    Panicked,
    /// cargo ended well and still did not report everything that was planned.
    #[error("cargo built no {}", names.join(", "))]
    #[diagnostic(help("run the command by hand and look for the file"))]
    NotBuilt {
        /// The missing artifacts.
        names: Vec<String>,
        /// The command, quoted for a POSIX shell.
        command: String,
    },
}

impl StageError {
    /// The command that failed, as one can paste it.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Tool(error) => error.command(),
            Self::NotBuilt { command, .. } => Some(command),
            Self::Library(error) => error.command(),
            Self::Backend(BackendError::Tool(error)) | Self::Wine(WineError::Tool(error)) => error.command(),
            Self::Smoke(error) => Some(&error.command),
            Self::Backend(_)
            | Self::Wine(_)
            | Self::File { .. }
            | Self::Format { .. }
            | Self::Secret { .. }
            | Self::Panicked => None,
        }
    }

    /// Whether a finished file was proved wrong, and nothing else failed.
    pub fn is_verification(&self) -> bool {
        matches!(self, Self::Smoke(_))
    }

    /// For `map_err`.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// For `map_err`.
    pub fn format<E: std::error::Error + Send + Sync + 'static>(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |source| Self::Format { action, path, source: source.into() }
    }
}

/// What to do about a file error.
pub(crate) fn file_advice(error: &io::Error, path: &Path) -> String {
    let folder = path.parent().unwrap_or(path).display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!(
                "the disk of {folder} is full: free some space, or choose another folder (--dist DIR), and run again"
            )
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("{folder} cannot be written: mend its permissions, or choose another folder (--dist DIR)")
        }
        io::ErrorKind::NotFound => "the file or its folder is not there (any more); run again".to_owned(),
        _ => "the reason above is the system's own".to_owned(),
    }
}

/// What the engine does for a running step.
pub trait Host: Sync {
    /// The path of an input, and what is known of it.
    fn input(&self, id: &ArtifactId) -> Option<Made>;
    /// The path that an output will have, and one for it while it is being written.
    fn output(&self, id: &ArtifactId) -> Option<(PathBuf, PathBuf)>;
    /// Every artifact that the step reads, in the order of its inputs.
    fn inputs(&self) -> Vec<(ArtifactId, Made)>;
    /// A finished output: hash it, move it into its place, let the steps start that wait for it.
    ///
    /// # Errors
    /// The file cannot be read or moved.
    fn deliver(&self, id: &ArtifactId, temporary: &Path, stamped: bool) -> io::Result<()>;
    /// Like `deliver` for a file that stays where it is; nothing is copied when neither end has changed.
    ///
    /// # Errors
    /// The file cannot be read, or its copy not be written.
    fn deliver_copy(&self, id: &ArtifactId, from: &Path) -> io::Result<()>;
    /// Something happened.
    fn emit(&self, event: Event);
    /// More CPU tokens, as many as are free now; they return when dropped.
    fn spare_threads(&self) -> Vec<jobserver::Acquired>;
}

/// All that a running step may touch.
pub struct Session<'run> {
    /// The release that is made.
    pub release: &'run Release,
    /// The programs.
    pub toolchain: &'run Toolchain,
    launcher: &'run Launcher,
    host: &'run dyn Host,
    step: &'run str,
    targets: Vec<String>,
    outcome: Outcome,
}

impl<'run> Session<'run> {
    pub(crate) fn new(
        release: &'run Release,
        toolchain: &'run Toolchain,
        launcher: &'run Launcher,
        host: &'run dyn Host,
        step: &'run str,
        targets: Vec<String>,
    ) -> Self {
        Self { release, toolchain, launcher, host, step, targets, outcome: Outcome::Made }
    }

    /// An input artifact: where it lies and what is known of it.
    ///
    /// # Errors
    /// It has vanished.
    pub fn input(&self, id: &ArtifactId) -> Result<Made, StageError> {
        self.host.input(id).ok_or_else(|| not_there(&id.name))
    }

    /// Every artifact that the step reads, in the order of its inputs.
    pub fn inputs(&self) -> Vec<(ArtifactId, Made)> {
        self.host.inputs()
    }

    /// Those of them that earlier stages put into the dist folder, sorted by name.
    pub fn shipped(&self) -> Vec<(ArtifactId, Made)> {
        let mut shipped = self.inputs();
        shipped.retain(|(id, _)| is_shipped(id.kind));
        shipped.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        shipped
    }

    /// Makes one output: `write` fills a temporary file beside its place, and only a whole file takes it.
    /// It says whether the file carries a stamp.
    ///
    /// # Errors
    /// What `write` says, or the file cannot take its place.
    pub fn make(
        &self,
        id: &ArtifactId,
        write: impl FnOnce(&Path) -> Result<bool, StageError>,
    ) -> Result<(), StageError> {
        let (place, temporary) = self.host.output(id).ok_or_else(|| not_there(&id.name))?;
        let result = place
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .map_err(StageError::file("create the folder of", &place))
            .and_then(|()| write(&temporary))
            .and_then(|stamped| {
                self.host.deliver(id, &temporary, stamped).map_err(StageError::file("put into its place", &place))
            });
        if result.is_err() {
            let _may_not_exist = fs::remove_file(&temporary);
        }
        result
    }

    /// A small output, written whole.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn make_text(&self, id: &ArtifactId, text: &str) -> Result<(), StageError> {
        self.make(id, |path| fs::write(path, text).map(|()| false).map_err(StageError::file("write", path)))
    }

    /// An output that is a file which another program keeps.
    ///
    /// # Errors
    /// The file cannot be copied.
    pub fn make_copy(&self, id: &ArtifactId, from: &Path) -> Result<(), StageError> {
        self.host.deliver_copy(id, from).map_err(StageError::file("copy", from))
    }

    /// Runs a program to its end and returns what it wrote.
    ///
    /// # Errors
    /// It could not be started, failed, or the run was cancelled.
    pub fn read(&self, invocation: &Invocation) -> Result<Vec<u8>, ToolError> {
        self.tell(invocation);
        self.launcher.read(invocation)
    }

    /// Runs a program to its end and hands on each line as it comes.
    ///
    /// # Errors
    /// It could not be started, failed, or the run was cancelled.
    pub fn stream(
        &self,
        invocation: &Invocation,
        stdout: &mut dyn FnMut(&str),
        stderr: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), ToolError> {
        self.tell(invocation);
        self.launcher.stream(invocation, stdout, stderr)
    }

    /// A secret that a variable of the environment holds, in a file for programs that read it from one: only
    /// we may read it, and it goes when it is dropped. No argument and no log ever holds it.
    ///
    /// # Errors
    /// The variable is not set, or the file cannot be written.
    pub fn secret_file(&self, variable: &str) -> Result<tempfile::TempPath, StageError> {
        let secret = std::env::var_os(variable).ok_or_else(|| StageError::Secret { variable: variable.to_owned() })?;
        let write = || -> io::Result<tempfile::TempPath> {
            let mut file = tempfile::NamedTempFile::new()?;
            file.write_all(secret.as_encoded_bytes())?;
            Ok(file.into_temp_path())
        };
        write().map_err(StageError::file("write a secret to a file in", std::env::temp_dir()))
    }

    /// Runs a program to its end or as far as it may go, whatever its status.
    ///
    /// # Errors
    /// It could not be started, or the run was cancelled.
    pub fn try_out(&self, invocation: &Invocation, bounds: Bounds) -> Result<Tried, ToolError> {
        self.tell(invocation);
        self.launcher.try_out(invocation, bounds)
    }

    fn tell(&self, invocation: &Invocation) {
        self.host.emit(Event::Command { step: self.step.to_owned(), command: invocation.command_line() });
    }

    /// How many units of work are done.
    pub fn units(&self, done: u64, total: u64, current: &str) {
        let (step, targets) = (self.step.to_owned(), self.targets.clone());
        self.host.emit(Event::Units { step, targets, done, total, current: current.to_owned() });
    }

    /// A line that a program wrote for the user.
    pub fn tool_output(&self, line: &str) {
        self.host.emit(Event::ToolOutput { step: self.step.to_owned(), line: line.to_owned() });
    }

    /// Something worth knowing.
    pub fn note(&self, text: String) {
        self.host.emit(Event::Note { text });
    }

    /// The step found everything fresh: it is reported as such.
    pub fn nothing_changed(&mut self) {
        self.outcome = Outcome::Cached;
    }

    /// How the step ended, if well.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Fails once the run is cancelled: for long work of our own, which no signal ends.
    ///
    /// # Errors
    /// The run was cancelled.
    pub fn check_cancelled(&self) -> io::Result<()> {
        match self.launcher.cancelled() {
            Some(signal) => Err(io::Error::other(format!("stopped by signal {signal}"))),
            None => Ok(()),
        }
    }

    /// Ends long writing when the run is cancelled.
    pub(crate) fn cancellable<W>(&self, out: W) -> Cancellable<'_, 'run, W> {
        Cancellable { out, session: self }
    }

    /// CPU tokens beyond the step's own, while they are held.
    pub fn spare_threads(&self) -> Vec<jobserver::Acquired> {
        self.host.spare_threads()
    }
}

/// What [`Session::cancellable`] gives.
pub(crate) struct Cancellable<'a, 'run, W> {
    out: W,
    session: &'a Session<'run>,
}

impl<W: Write> Write for Cancellable<'_, '_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.session.check_cancelled()?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Read> Read for Cancellable<'_, '_, W> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.session.check_cancelled()?;
        self.out.read(bytes)
    }
}

impl<W: Seek> Seek for Cancellable<'_, '_, W> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.out.seek(position)
    }
}

fn not_there(name: &str) -> StageError {
    StageError::File { action: "find", path: PathBuf::from(name), source: io::ErrorKind::NotFound.into() }
}

/// A name beside `place` that no finished file has.
pub(crate) fn temporary_path(place: &Path) -> PathBuf {
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    place.with_file_name(format!(".{name}.partial"))
}

/// Creates a file for writing.
///
/// # Errors
/// With the path.
pub(crate) fn create(path: &Path) -> Result<File, StageError> {
    File::create(path).map_err(StageError::file("create", path))
}

/// Creates a file for writing that can be read, too: for what is patched or read again.
///
/// # Errors
/// With the path.
pub(crate) fn create_for_reading(path: &Path) -> Result<File, StageError> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
    file.map_err(StageError::file("create", path))
}
