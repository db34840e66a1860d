//! The only place that starts another program. No shell, argument lists only;
//! every program runs in a process group of its own, so that a cancelled run
//! leaves nobody behind; a failure carries the command as one can paste it
//! and the end of what the program said.

mod company;
mod foreground;
pub mod guard;
mod invocation;
mod output;
pub(crate) mod signals;
mod trial;

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

pub use invocation::{Invocation, quote};
use miette::Diagnostic;
pub use output::Output;
use process_wrap::std::{ChildWrapper, CommandWrap};
pub use trial::{Bounds, Tried};

/// A program could not be run, or failed.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ToolError {
    /// The program is not there.
    #[error("cannot {purpose}: the program `{program}` was not found")]
    #[diagnostic(help("install `{program}` or put it on PATH; `build-tool doctor` lists what is needed"))]
    Missing {
        /// The program's name or path.
        program: String,
        /// What it was wanted for.
        purpose: String,
    },
    /// The folder to run in is not there (the system reports this as if the program were missing).
    #[error("cannot {purpose}: the folder {} does not exist", folder.display())]
    Folder {
        /// What the program was wanted for.
        purpose: String,
        /// The missing folder.
        folder: PathBuf,
    },
    /// The program could not be started, or its output not be read.
    #[error("cannot {purpose}: `{program}` did not start")]
    Start {
        /// The program's name or path.
        program: String,
        /// What it was wanted for.
        purpose: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The program ran and failed.
    #[error("cannot {purpose}: the command ended with {}", describe_status(status))]
    #[diagnostic(help("{}", failure_advice(tail)))]
    Failed {
        /// What it was wanted for.
        purpose: String,
        /// The command, quoted for a POSIX shell.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its standard error.
        tail: Vec<String>,
    },
    /// The run was cancelled by a signal.
    #[error("stopped by signal {signal}")]
    Cancelled {
        /// The signal's number.
        signal: i32,
    },
}

fn failure_advice(tail: &[String]) -> String {
    if tail.is_empty() {
        return "what it said is above: mend that and run again; finished steps are not repeated".to_owned();
    }
    format!("its last words:\n  {}", tail.join("\n  "))
}

impl ToolError {
    /// The command that failed, as one can paste it.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Failed { command, .. } => Some(command),
            Self::Missing { .. } | Self::Folder { .. } | Self::Start { .. } | Self::Cancelled { .. } => None,
        }
    }
}

/// `exit code 2`, `signal 11`.
pub(crate) fn describe_status(status: &ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(status) {
        return format!("signal {signal}");
    }
    status.code().map_or_else(|| "an unknown status".to_owned(), |code| format!("exit code {code}"))
}

/// Starts programs and can stop all that it started.
#[derive(Debug, Default)]
pub struct Launcher {
    signal: AtomicI32,
    running: Mutex<BTreeSet<u32>>,
    jobserver: Option<jobserver::Client>,
    guard: Option<Mutex<guard::Guard>>,
    company: Mutex<company::Company>,
}

impl Launcher {
    /// A launcher for short probes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A launcher whose programs share `jobserver` and die with this process,
    /// even when it is killed without a chance to say goodbye.
    pub fn for_engine(jobserver: jobserver::Client) -> Self {
        Self { jobserver: Some(jobserver), ..Self::guarded() }
    }

    /// A launcher whose programs die with this process, however it ends.
    pub fn guarded() -> Self {
        Self { guard: guard::Guard::start().map(Mutex::new), ..Self::default() }
    }

    /// The signal that cancelled the run, if one did.
    pub fn cancelled(&self) -> Option<i32> {
        Some(self.signal.load(Ordering::SeqCst)).filter(|&signal| signal != 0)
    }

    /// Cancels: nothing new starts, and every running process group is asked to end.
    pub fn cancel(&self, signal: i32) {
        self.signal.store(signal, Ordering::SeqCst);
        self.signal_groups(false);
    }

    /// Ends the process groups that did not listen.
    pub fn kill(&self) {
        self.signal_groups(true);
    }

    fn signal_groups(&self, force: bool) {
        for &group in &*lock(&self.running) {
            signal_group(group, force);
        }
    }

    /// Runs to the end, handing on each line of standard output, and of standard
    /// error as it comes (there, a carriage return ends a line too: progress).
    ///
    /// # Errors
    /// The program could not be started, failed, or the run was cancelled.
    pub fn stream(
        &self,
        invocation: &Invocation,
        stdout: &mut dyn FnMut(&str),
        stderr: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), ToolError> {
        let status = self.pump(invocation, &mut |reader| each_line(reader, false, stdout), &mut |reader| {
            each_line(reader, true, stderr)
        })?;
        if status.success() {
            return Ok(());
        }
        // What it said was handed on as it came: to repeat it here would show it twice.
        Err(ToolError::Failed {
            purpose: invocation.purpose.clone(),
            command: invocation.command_line(),
            status,
            tail: Vec::new(),
        })
    }

    /// Starts in the background with our output, without our input; ends with `stop`.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn background(&self, invocation: &Invocation) -> Result<Background<'_>, ToolError> {
        self.accompany(invocation);
        let mut command = invocation.command();
        command.stdin(Stdio::null());
        let child = wrap(command).spawn().map_err(|error| invocation.start_error(error))?;
        self.register(child.id());
        Ok(Background { child, launcher: self, stopped: false })
    }

    fn pump(
        &self,
        invocation: &Invocation,
        stdout: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
        stderr: &mut (dyn FnMut(&mut dyn Read) -> io::Result<()> + Send),
    ) -> Result<ExitStatus, ToolError> {
        self.accompany(invocation);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        let mut command = invocation.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(jobserver) = &self.jobserver {
            jobserver.configure(&mut command);
        }
        let mut child = wrap(command).spawn().map_err(|error| invocation.start_error(error))?;
        let group = child.id();
        self.register(group);
        let (out, err) = (child.stdout().take(), child.stderr().take());
        let pumped = std::thread::scope(|scope| {
            let reader = scope.spawn(|| err.map_or(Ok(()), |mut pipe| stderr(&mut pipe)));
            let result = out.map_or(Ok(()), |mut pipe| stdout(&mut pipe));
            reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(result)
        });
        let status = child.wait();
        if self.cancelled().is_some() {
            // The leader has gone; whoever of its group did not listen goes too.
            signal_group(group, true);
        }
        self.unregister(group);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        pumped.and(status).map_err(|error| invocation.start_error(error))
    }

    fn register(&self, group: u32) {
        lock(&self.running).insert(group);
        if let Some(guard) = &self.guard {
            lock(guard).watch(group);
        }
    }

    fn unregister(&self, group: u32) {
        lock(&self.running).remove(&group);
        if let Some(guard) = &self.guard {
            lock(guard).forget(group);
        }
    }
}

/// A program that runs beside us until it ends or is stopped; dropped, it is made to end.
pub struct Background<'launcher> {
    child: Box<dyn ChildWrapper>,
    launcher: &'launcher Launcher,
    stopped: bool,
}

impl Background<'_> {
    /// Its exit status, once it has ended.
    ///
    /// # Errors
    /// The system could not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Ends it and its whole process group: asked first, then made to.
    ///
    /// # Errors
    /// The system could not say how it ended.
    pub fn stop(mut self) -> io::Result<()> {
        let group = self.child.id();
        signal_group(group, false);
        for _ in 0..40 {
            if self.child.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        // The leader may have gone and left children of its own.
        signal_group(group, true);
        self.stopped = true;
        self.child.wait().map(drop)
    }
}

impl Drop for Background<'_> {
    fn drop(&mut self) {
        if !self.stopped {
            signal_group(self.child.id(), true);
            let _nobody_to_tell = self.child.kill();
        }
        self.launcher.unregister(self.child.id());
    }
}

fn wrap(command: Command) -> CommandWrap {
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::std::JobObject);
    command
}

/// A panic elsewhere must not keep us from ending our children.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Asks (or makes) every process of a group end. A group that is gone already is no error.
#[cfg(unix)]
fn signal_group(group: u32, force: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(pid) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        let _already_gone = kill_process_group(pid, if force { Signal::KILL } else { Signal::TERM });
    }
}

/// On Windows the console event reaches the children itself, and their job ends with us.
#[cfg(not(unix))]
fn signal_group(_group: u32, _force: bool) {}

fn each_line(reader: &mut dyn Read, split_returns: bool, line: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut reader = BufReader::new(reader);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if reader.read_until(b'\n', &mut buffer)? == 0 {
            return Ok(());
        }
        while buffer.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            buffer.pop();
        }
        let text = String::from_utf8_lossy(&buffer);
        if split_returns {
            text.split('\r').for_each(&mut *line);
        } else {
            line(&text);
        }
    }
}
