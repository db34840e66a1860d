//! Programs that are tried, not used: they may hang, talk without end, or
//! leave others behind. Each is given bounds. What it says goes to a file, not
//! to a pipe: whoever it leaves behind would hold a pipe open, as Wine's
//! services do.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{Invocation, Launcher, ToolError, signal_group, wrap};

/// How often the program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How far a program may go.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long it may run.
    pub time: Option<Duration>,
    /// How much it may say, in bytes.
    pub bytes: Option<u64>,
}

/// How a program ended that was given bounds.
#[derive(Debug)]
pub struct Tried {
    /// Its status; none where it went beyond its bounds and was made to end.
    pub status: Option<ExitStatus>,
    /// What it said on both streams, in the order in which it said it, up to the bound.
    pub said: Vec<u8>,
}

impl Launcher {
    /// Runs to the end, but not beyond the bounds; then the program and its process group are made to end.
    ///
    /// # Errors
    /// The program could not be started, what it said could not be kept, or the run was cancelled.
    pub fn try_out(&self, invocation: &Invocation, bounds: Bounds) -> Result<Tried, ToolError> {
        self.accompany(invocation);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        let start_error = |error| invocation.start_error(error);
        let mut file = tempfile::tempfile().map_err(start_error)?;
        let [out, err] = [file.try_clone(), file.try_clone()];
        let mut command = invocation.command();
        command.stdin(Stdio::null()).stdout(out.map_err(start_error)?).stderr(err.map_err(start_error)?);
        let mut child = wrap(command).spawn().map_err(start_error)?;
        let group = child.id();
        self.register(group);
        let started = Instant::now();
        let within = || {
            let says_little = bounds.bytes.is_none_or(|limit| file.metadata().is_ok_and(|file| file.len() <= limit));
            bounds.time.is_none_or(|limit| started.elapsed() < limit) && says_little
        };
        let status = loop {
            match child.try_wait() {
                Ok(None) if within() && self.cancelled().is_none() => std::thread::sleep(LOOK),
                other => break other,
            }
        };
        // Whoever of its group is still there ends with it.
        signal_group(group, true);
        if matches!(status, Ok(None)) {
            let _may_have_ended_now = child.start_kill();
        }
        let reaped = child.wait();
        self.unregister(group);
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        reaped.map_err(start_error)?;
        let said = beginning(&mut file, bounds.bytes.unwrap_or(u64::MAX)).map_err(start_error)?;
        Ok(Tried { status: status.map_err(start_error)?, said })
    }
}

fn beginning(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    file.rewind()?;
    file.take(limit).read_to_end(&mut said)?;
    Ok(said)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Tried {
        let call = Invocation::new("sh", "try").args(["-c", script]);
        Launcher::new().try_out(&call, Bounds { time: Some(time), bytes: Some(1000) }).unwrap()
    }

    #[test]
    fn what_ends_in_time_keeps_its_status_and_its_words() {
        let tried = shell("echo out; echo err >&2; echo out again; exit 3", Duration::from_secs(20));
        assert_eq!(tried.status.unwrap().code(), Some(3));
        assert_eq!(tried.said, b"out\nerr\nout again\n");
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let late = folder.path().join("late");
        let script = format!("echo begun; (sleep 1; touch {}) & sleep 60", late.display());
        let tried = shell(&script, Duration::from_millis(300));
        assert!(tried.status.is_none());
        assert_eq!(tried.said, b"begun\n");
        std::thread::sleep(Duration::from_millis(1200));
        assert!(!late.exists(), "the child went on");
    }

    #[test]
    fn whoever_is_left_behind_is_not_waited_for() {
        let started = Instant::now();
        // In a session of its own it is in no group that we could end.
        let tried = shell("echo begun; setsid sleep 4 & exit 0", Duration::from_secs(20));
        assert!(tried.status.unwrap().success());
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }

    #[test]
    fn endless_talk_is_ended_and_its_beginning_kept() {
        let tried = shell("yes", Duration::from_secs(60));
        assert!(tried.status.is_none());
        assert_eq!(tried.said, b"y\n".repeat(500));
    }
}
