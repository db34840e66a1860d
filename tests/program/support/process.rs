//! Programs that run beside the test: waiting for what they say, signals to
//! them, and the question whether anything of theirs is still alive.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::fixture::Fixture;

/// Nothing in these tests takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, running.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// Lines that nobody has waited for yet: two streams come in no fixed order.
    heard: RefCell<Vec<String>>,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts the program in a fixture.
    pub(crate) fn start<A: AsRef<OsStr>>(fixture: &Fixture, args: impl IntoIterator<Item = A>) -> Self {
        Self::spawn(fixture.command(args))
    }

    /// Starts a command; both its streams are read as they come.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let said = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let (sender, said) = (sender.clone(), Arc::clone(&said));
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    *said.lock().unwrap() += &format!("{line}\n");
                    let _test_may_be_over = sender.send(line);
                }
            });
        }
        Self { child, lines, heard: RefCell::default(), said }
    }

    /// Waits for a line that answers, and takes it: the next wait is for another one.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.heard.borrow().iter().position(|line| wanted(line));
            if let Some(at) = found {
                return self.heard.borrow_mut().remove(at);
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.heard.borrow_mut().push(line),
                Err(error) => panic!("waiting for {what}: {error}\n{}", self.said()),
            }
        }
    }

    /// Waits for the event that a step of this stage starts; whether there was one before the end.
    pub(crate) fn reaches(&self, stage: &str) -> bool {
        let prefix = format!("{stage}/");
        let starts = |line: &str| {
            serde_json::from_str::<Value>(line).is_ok_and(|event| {
                let step = event["step"].as_str().unwrap_or_default();
                event["event"] == "step-started" && (step == stage || step.starts_with(&prefix))
            })
        };
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if starts(&line) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    /// All that it has said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to this one process, not to its group.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end; the exit code (none if a signal ended it), and how long that took.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, Duration, String) {
        let started = Instant::now();
        let ended = wait_until(PATIENCE, || self.child.try_wait().unwrap().is_some());
        if !ended {
            let _too_late = self.child.kill();
            panic!("it did not end\n{}", self.said());
        }
        let status = self.child.wait().unwrap();
        let took = started.elapsed();
        // What it left in the pipes, unless somebody still holds them.
        let _all_read = wait_until(Duration::from_secs(2), || Arc::strong_count(&self.said) == 1);
        (status.code(), took, self.said())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Asks again and again, for a while; whether the answer was yes in the end.
pub(crate) fn wait_until(patience: Duration, mut question: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + patience;
    loop {
        if question() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// No process stands in this folder, has it in its arguments or runs from it; it may need a moment to end.
#[track_caller]
pub(crate) fn assert_nothing_left(folder: &Path) {
    let gone = wait_until(Duration::from_secs(20), || processes_of(folder).is_empty());
    assert!(gone, "still running: {:#?}", processes_of(folder));
}

/// The processes that stand in this folder, have it in their arguments or environment, or run from it.
pub(crate) fn processes_of(folder: &Path) -> Vec<String> {
    let needle = folder.as_os_str().as_bytes();
    let own = std::process::id().to_string();
    let contains = |hay: &[u8]| hay.windows(needle.len()).any(|window| window == needle);
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.bytes().all(|byte| byte.is_ascii_digit()) || name == own {
            continue;
        }
        let links = ["cwd", "exe"].map(|link| fs::read_link(entry.path().join(link)).unwrap_or_default());
        let texts = ["cmdline", "environ"].map(|file| fs::read(entry.path().join(file)).unwrap_or_default());
        if links.iter().any(|link| contains(link.as_os_str().as_bytes())) || texts.iter().any(|text| contains(text)) {
            let command = String::from_utf8_lossy(&texts[0]).replace('\0', " ");
            found.push(format!("{name}: {command}"));
        }
    }
    found
}
