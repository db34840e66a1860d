//! The one program that the user talks to: it has our terminal and our process
//! group, so the terminal's Ctrl-C reaches it without us. What it makes of
//! that is its own affair; a signal that was sent to us alone is handed on.

use std::io;
use std::process::{ExitStatus, Stdio};

use super::{Invocation, Launcher, ToolError};

impl Launcher {
    /// Runs in the foreground of our own terminal and process group.
    ///
    /// # Errors
    /// The program could not be started, or the run was cancelled before.
    pub fn foreground(&self, invocation: &Invocation) -> Result<ExitStatus, ToolError> {
        self.while_it_runs(invocation).map_err(|error| match error {
            Ended::Before(signal) => ToolError::Cancelled { signal },
            Ended::Badly(source) => invocation.start_error(source),
        })
    }

    /// Runs in our own process group, with our input and output, and keeps what it wrote to standard error: for a
    /// process that stands in for another and ends when that one ends.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn stand_in(&self, invocation: &Invocation) -> Result<(ExitStatus, String), ToolError> {
        let mut command = invocation.command();
        let output = command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::piped()).output();
        let output = output.map_err(|error| invocation.start_error(error))?;
        Ok((output.status, String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    #[cfg(unix)]
    fn while_it_runs(&self, invocation: &Invocation) -> Result<ExitStatus, Ended> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;

        // Listen before the question: a signal comes either before it, or to the program.
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        if let Some(signal) = self.cancelled() {
            return Err(Ended::Before(signal));
        }
        let mut child = invocation.command().spawn()?;
        let pid = child.id();
        let handle = signals.handle();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for signal in signals.forever() {
                    if signal != SIGINT || !has_terminal() {
                        hand_on(pid, signal);
                    }
                }
            });
            let status = child.wait();
            handle.close();
            Ok(status?)
        })
    }

    #[cfg(not(unix))]
    fn while_it_runs(&self, invocation: &Invocation) -> Result<ExitStatus, Ended> {
        if let Some(signal) = self.cancelled() {
            return Err(Ended::Before(signal));
        }
        Ok(invocation.command().status()?)
    }
}

/// Why there is no exit status.
enum Ended {
    Before(i32),
    Badly(io::Error),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Badly(error)
    }
}

/// Whether the user talks to it from a terminal, which sends Ctrl-C to the whole group: handed on, it would come twice.
#[cfg(unix)]
fn has_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stdin())
}

#[cfg(unix)]
fn hand_on(pid: u32, signal: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some((pid, signal)) = pid.zip(Signal::from_named_raw(signal)) {
        let _already_gone = kill_process(pid, signal);
    }
}
