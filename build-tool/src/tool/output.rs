//! Programs that run to their end, and all that they wrote. It goes to files, not to pipes: whoever they leave behind
//! would hold a pipe open, as Wine's services do, and we would wait for its end.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{ExitStatus, Stdio};

use super::{Invocation, Launcher, ToolError, signal_group, wrap};

/// How much of a failing program's output an error keeps, in lines.
const TAIL_LINES: usize = 20;

/// What a finished program wrote.
#[derive(Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub status: ExitStatus,
}

impl Launcher {
    /// Runs to the end and keeps what the program wrote, whatever its status.
    ///
    /// # Errors
    /// The program could not be started, what it wrote could not be kept, or the run was cancelled.
    pub fn output(&self, invocation: &Invocation) -> Result<Output, ToolError> {
        self.accompany(invocation);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        let start_error = |error| invocation.start_error(error);
        let files = || Ok([tempfile::tempfile()?, tempfile::tempfile()?]);
        let copies = |files: &[File; 2]| Ok([files[0].try_clone()?, files[1].try_clone()?]);
        let mut files: [File; 2] = files().map_err(start_error)?;
        let [out, err] = copies(&files).map_err(start_error)?;
        let mut command = invocation.command();
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        if let Some(jobserver) = &self.jobserver {
            jobserver.configure(&mut command);
        }
        let mut child = wrap(command).spawn().map_err(start_error)?;
        let group = child.id();
        self.register(group);
        let status = child.wait();
        if self.cancelled().is_some() {
            // The leader has gone; whoever of its group did not listen goes too.
            signal_group(group, true);
        }
        self.unregister(group);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        let [stdout, stderr] = files.each_mut().map(whole);
        Ok(Output {
            stdout: stdout.map_err(start_error)?,
            stderr: stderr.map_err(start_error)?,
            status: status.map_err(start_error)?,
        })
    }

    /// Runs to the end and returns standard output; a failure carries the end of standard error.
    ///
    /// # Errors
    /// The program could not be started, failed, or the run was cancelled.
    pub fn read(&self, invocation: &Invocation) -> Result<Vec<u8>, ToolError> {
        let output = self.output(invocation)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        Err(ToolError::Failed {
            purpose: invocation.purpose.clone(),
            command: invocation.command_line(),
            status: output.status,
            tail: lines[lines.len().saturating_sub(TAIL_LINES)..].to_vec(),
        })
    }
}

fn whole(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let started = Instant::now();
        let call = Invocation::new("sh", "try").args(["-c", "echo out; echo err >&2; setsid sleep 4 & exit 3"]);
        let output = Launcher::new().output(&call).unwrap();
        assert_eq!(
            (output.status.code(), &output.stdout[..], &output.stderr[..]),
            (Some(3), &b"out\n"[..], &b"err\n"[..])
        );
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
}
