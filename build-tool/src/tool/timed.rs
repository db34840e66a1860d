//! Programs that are tried, not used: they may hang, say more than anybody will
//! read, or leave others behind that hold their output open. Each is given
//! bounds, and its end is its own, whoever it leaves behind.

use std::io::Read;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Invocation, Launcher, ToolError, lock, signal_group, wrap};

/// How far a program may go.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long it may run.
    pub time: Option<Duration>,
    /// How much of each stream is kept, in bytes: its beginning.
    pub kept: usize,
}

/// How often the program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How long streams may stay open after the program has ended: whoever it has left behind may hold them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a program ended that was given bounds.
#[derive(Debug)]
pub struct Timed {
    /// Its status; none where its time was up and it was made to end.
    pub status: Option<ExitStatus>,
    /// The beginning of standard output.
    pub stdout: Vec<u8>,
    /// The beginning of standard error.
    pub stderr: Vec<u8>,
}

impl Launcher {
    /// Runs to the end, but not longer than it may; then the program and its process group are made to end.
    ///
    /// # Errors
    /// The program could not be started, or the run was cancelled.
    pub fn output_within(&self, invocation: &Invocation, bounds: Bounds) -> Result<Timed, ToolError> {
        if let Some(signal) = self.cancelled() {
            return Err(ToolError::Cancelled { signal });
        }
        let start_error = |error| invocation.start_error(error);
        let mut command = invocation.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = wrap(command).spawn().map_err(start_error)?;
        let group = child.id();
        self.register(group);
        let kept = bounds.kept;
        let out = child.stdout().take().map(|pipe| Stream::of(pipe, kept));
        let err = child.stderr().take().map(|pipe| Stream::of(pipe, kept));
        let started = Instant::now();
        let has_time = || bounds.time.is_none_or(|limit| started.elapsed() < limit);
        let status = loop {
            match child.try_wait() {
                Ok(None) if has_time() && self.cancelled().is_none() => std::thread::sleep(LOOK),
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
        let [stdout, stderr] = [out, err].map(|stream| stream.map_or_else(Vec::new, Stream::kept));
        Ok(Timed { status: status.map_err(start_error)?, stdout, stderr })
    }
}

/// A stream that is read beside us, to its end.
struct Stream {
    kept: Arc<Mutex<Vec<u8>>>,
    ended: crossbeam_channel::Receiver<()>,
}

impl Stream {
    fn of(mut pipe: impl Read + Send + 'static, limit: usize) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (end, ended) = crossbeam_channel::bounded(0);
        let own = Arc::clone(&kept);
        // Not waited for: it ends when nobody holds the other end any more.
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length) = pipe.read(&mut buffer)
                && length > 0
            {
                let mut kept = lock(&own);
                let room = limit.saturating_sub(kept.len()).min(length);
                kept.extend_from_slice(&buffer[..room]);
            }
            drop(end);
        });
        Self { kept, ended }
    }

    fn kept(self) -> Vec<u8> {
        // Disconnected at its end.
        let _ended_or_not = self.ended.recv_timeout(LAST_WORDS);
        std::mem::take(&mut lock(&self.kept))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const KEPT: usize = 1000;

    fn shell(script: &str, limit: Duration) -> Timed {
        let call = Invocation::new("sh", "try").args(["-c", script]);
        Launcher::new().output_within(&call, Bounds { time: Some(limit), kept: KEPT }).unwrap()
    }

    #[test]
    fn what_ends_in_time_keeps_its_status_and_its_words() {
        let timed = shell("echo out; echo err >&2; exit 3", Duration::from_secs(20));
        assert_eq!(timed.status.unwrap().code(), Some(3));
        assert_eq!((timed.stdout.as_slice(), timed.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let started = Instant::now();
        let timed = shell("echo begun; sleep 60 & sleep 60", Duration::from_millis(300));
        assert!(timed.status.is_none());
        assert_eq!(timed.stdout, b"begun\n");
        // Nobody holds the streams any more, or we would have waited for them.
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }

    #[test]
    fn whoever_holds_the_output_open_is_not_waited_for() {
        let started = Instant::now();
        // In a session of its own it is in no group that we could end.
        let timed = shell("echo begun; setsid sleep 4 & exit 0", Duration::from_secs(20));
        assert_eq!(timed.stdout, b"begun\n");
        assert!(timed.status.unwrap().success());
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }

    #[test]
    fn endless_words_are_read_and_only_their_beginning_is_kept() {
        let timed = shell("head -c 1000000 /dev/zero", Duration::from_secs(20));
        assert!(timed.status.unwrap().success());
        assert_eq!(timed.stdout.len(), KEPT);
    }
}
