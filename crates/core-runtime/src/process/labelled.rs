//! Several programs at once, each line of theirs told apart by a label.

use std::io::{self, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::platform::{self, Group};
use super::{Error, Program, lines};
use crate::exit::Ending;
use crate::signals::{self, Listener};

/// How long programs that are ended because another failed have for cleaning up, before they are made to end.
const GRACE: Duration = Duration::from_secs(5);

/// Runs all `programs`, at most `limit` at a time (at least one), and gives the end of each, in the order of the argument.
/// They have nothing to read. `line` gets each line that one writes, without its line break, from whichever thread read it;
/// lines of one stream come in order. A program counts as ended when nobody has its output open any more.
///
/// When one fails, the others are ended (SIGTERM, after 5 seconds SIGKILL; on Windows at once) and no further one is
/// started, unless `go_on_after_failure`; their ends are [`Error::Cancelled`] then. A signal that reaches us goes to all
/// that run, as a group each; after one that asks for the end nothing further is started, and what was not has that signal
/// for its end.
pub fn run_labelled(
    programs: Vec<(String, Program)>,
    limit: usize,
    go_on_after_failure: bool,
    line: &(dyn Fn(&str, &[u8]) + Sync),
) -> Vec<(String, Result<Ending, Error>)> {
    let (events, inbox) = mpsc::channel();
    let listener = Listener::new();
    let mut listener = match listener {
        Ok(listener) => listener,
        Err(error) => return nowhere(programs, &error),
    };
    let closer = match listener.closer() {
        Ok(closer) => closer,
        Err(error) => return nowhere(programs, &error),
    };
    let ends = thread::scope(|scope| {
        let to_run = events.clone();
        let listening = thread::Builder::new().spawn_scoped(scope, move || {
            while let Some(received) = listener.next() {
                // The run may be over, then nobody wants to know.
                let _over = to_run.send(Event::Signal(received.signal));
            }
        });
        let mut run =
            Run { programs: &programs, active: Vec::new(), next: 0, failed: None, handed_on: None, line, events };
        let mut ends: Vec<Option<Result<Ending, Error>>> = programs.iter().map(|_| None).collect();
        listening?;
        run.all(scope, &inbox, limit.max(1), go_on_after_failure, &mut ends);
        closer.close();
        Ok(ends)
    });
    match ends {
        Ok(ends) => {
            let end =
                |end: Option<_>| end.unwrap_or_else(|| Ok(Ending::Signal(signals::ending().unwrap_or(signals::STOP))));
            programs.into_iter().zip(ends).map(|((label, _), ended)| (label, end(ended))).collect()
        }
        Err(error) => nowhere(programs, &error),
    }
}

/// What happens meanwhile. The number is the program's, in the order of the argument.
enum Event {
    /// The program itself has ended
    Ended(usize, io::Result<Ending>),
    /// Nobody has one of its two outputs open any more
    Silent(usize, io::Result<()>),
    /// This reached us
    Signal(i32),
}

/// A program that runs, or whose output somebody still has open.
struct Active {
    number: usize,
    child: Child,
    group: Group,
    /// How many of its two outputs and of its own end are still to come
    open: usize,
    problem: Option<io::Error>,
    /// Ended by us, for another's failure
    cancelled: bool,
}

struct Run<'run> {
    programs: &'run [(String, Program)],
    active: Vec<Active>,
    next: usize,
    failed: Option<String>,
    /// The last signal that they got
    handed_on: Option<i32>,
    line: &'run (dyn Fn(&str, &[u8]) + Sync),
    events: Sender<Event>,
}

impl<'run> Run<'run> {
    fn all<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        inbox: &Receiver<Event>,
        limit: usize,
        go_on: bool,
        ends: &mut [Option<Result<Ending, Error>>],
    ) where
        'run: 'scope,
    {
        let mut patience: Option<Instant> = None;
        loop {
            while self.active.len() < limit && self.next < self.programs.len() && !self.over() {
                let number = self.next;
                self.next += 1;
                if let Err(error) = self.start(scope, number) {
                    ends[number] = Some(Err(error));
                    self.note_failure(number, go_on, &mut patience);
                }
            }
            if self.active.is_empty() {
                break;
            }
            let event = match patience {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(end) => inbox.recv_timeout(end.saturating_duration_since(Instant::now())),
            };
            match event {
                Ok(Event::Signal(signal)) => {
                    self.handed_on = Some(signal);
                    self.active.iter().for_each(|active| active.group.signal(signal));
                }
                Ok(Event::Ended(number, result)) => {
                    // At once, not when its output is closed: what it left running may keep that for long.
                    // That it died of what we handed on is nobody's failure: the others got the same.
                    let handed_on = self.handed_on.map(Ending::Signal);
                    if !matches!(result, Ok(end) if end.is_success() || Some(end) == handed_on) {
                        self.note_failure(number, go_on, &mut patience);
                    }
                    self.one_less(number, result.map(drop), ends);
                }
                Ok(Event::Silent(number, result)) => self.one_less(number, result, ends),
                Err(RecvTimeoutError::Timeout) => {
                    self.active.iter().for_each(|active| active.group.kill());
                    patience = None;
                }
                // We hold a sender ourselves.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(by) = &self.failed {
            for end in ends.iter_mut().filter(|end| end.is_none()) {
                *end = Some(Err(Error::Cancelled { failed: by.clone() }));
            }
        }
    }

    /// Whether nothing further may be started.
    fn over(&self) -> bool {
        self.failed.is_some() || signals::ending().is_some()
    }

    fn start<'scope>(&mut self, scope: &'scope Scope<'scope, '_>, number: usize) -> Result<(), Error>
    where
        'run: 'scope,
    {
        let (label, program) = &self.programs[number];
        let mut command = program.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut child, group) = Group::spawn(&mut command).map_err(|source| Error::start(program, source))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let waiting = group.waiter();
        let line = self.line;
        let tell = || {
            let events = self.events.clone();
            // The inbox outlives all threads of the scope.
            move |event| drop(events.send(event))
        };
        let (ended, silent_out, silent_err) = (tell(), tell(), tell());
        let threads = [
            thread::Builder::new().spawn_scoped(scope, move || ended(Event::Ended(number, waiting.wait()))),
            thread::Builder::new().spawn_scoped(scope, move || {
                silent_out(Event::Silent(number, hand_on(stdout, |bytes| line(label, bytes))));
            }),
            thread::Builder::new().spawn_scoped(scope, move || {
                silent_err(Event::Silent(number, hand_on(stderr, |bytes| line(label, bytes))));
            }),
        ];
        let mut active = Active { number, child, group, open: 3, problem: None, cancelled: false };
        for thread in threads {
            if let Err(error) = thread {
                // Nobody would hear of its end: it cannot be left running.
                active.group.kill();
                active.open -= 1;
                active.problem = Some(error);
            }
        }
        if active.open == 0 {
            let _reaped = active.child.wait();
            let error = active.problem.unwrap_or_else(|| io::ErrorKind::Other.into());
            return Err(Error::lost(program, error));
        }
        self.active.push(active);
        Ok(())
    }

    /// One of a program's outputs or the program itself is done; its end is known when all three are.
    fn one_less(&mut self, number: usize, result: io::Result<()>, ends: &mut [Option<Result<Ending, Error>>]) {
        let Some(place) = self.active.iter().position(|active| active.number == number) else { return };
        let active = &mut self.active[place];
        active.open -= 1;
        active.problem = active.problem.take().or(result.err());
        if active.open > 0 {
            return;
        }
        let mut done = self.active.swap_remove(place);
        let status = done.child.wait();
        let end = match (done.problem, status) {
            (None, Ok(status)) => Ok(platform::ending(status)),
            (Some(error), _) | (None, Err(error)) => Err(Error::lost(&self.programs[number].1, error)),
        };
        ends[number] = Some(match (end, &self.failed) {
            (Ok(end), Some(failed)) if done.cancelled && !end.is_success() => {
                Err(Error::Cancelled { failed: failed.clone() })
            }
            (end, _) => end,
        });
    }

    fn note_failure(&mut self, number: usize, go_on: bool, patience: &mut Option<Instant>) {
        if go_on || self.over() {
            return;
        }
        self.failed = Some(self.programs[number].0.clone());
        *patience = Some(Instant::now() + GRACE);
        for active in &mut self.active {
            active.cancelled = active.number != number;
            active.group.signal(signals::STOP);
        }
    }
}

fn hand_on(stream: Option<impl Read>, line: impl FnMut(&[u8])) -> io::Result<()> {
    stream.map_or(Ok(()), |stream| lines::for_each(stream, line))
}

/// The ends where nothing could be started at all.
fn nowhere(programs: Vec<(String, Program)>, error: &io::Error) -> Vec<(String, Result<Ending, Error>)> {
    let again = || error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
    programs.into_iter().map(|(label, program)| (label, Err(Error::lost(&program, again())))).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::environment::Variables;

    fn programs<const N: usize>(lines: [(&str, &str); N]) -> Vec<(String, Program)> {
        let program = |line| Program::new("/bin/sh", "/", Variables::of_process()).args(["-c", line]);
        lines.map(|(label, line)| (label.to_owned(), program(line))).into()
    }

    fn ends(results: Vec<(String, Result<Ending, Error>)>) -> Vec<(String, Result<Ending, String>)> {
        results.into_iter().map(|(label, end)| (label, end.map_err(|error| error.to_string()))).collect()
    }

    #[test]
    fn every_line_comes_with_its_label_and_the_ends_in_the_order_of_the_programs() {
        let said = Mutex::new(Vec::new());
        let programs = programs([("a", "echo 1; echo 2 >&2; printf 3; exit 4"), ("b", "echo 5"), ("c", "kill -9 $$")]);
        let results = run_labelled(programs, 2, true, &|label, line| {
            said.lock().unwrap().push(format!("{label}: {}", String::from_utf8_lossy(line)));
        });
        let mut said = said.into_inner().unwrap();
        said.sort();
        assert_eq!(said, ["a: 1", "a: 2", "a: 3", "b: 5"]);
        let expected = [("a", Ending::Code(4)), ("b", Ending::SUCCESS), ("c", Ending::Signal(9))];
        assert_eq!(ends(results), expected.map(|(label, end)| (label.to_owned(), Ok(end))));
    }

    #[test]
    fn when_one_fails_the_others_are_ended_with_all_that_they_started() {
        // The second writes only when the first is ready to fail; both wait for nothing but each other.
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let fails = format!("cat {0}; exit 9", pipe.display());
        let runs = format!("sleep 1000 & echo ready > {0}; wait; echo never", pipe.display());
        let programs = programs([("fails", &fails), ("runs", &runs), ("waits", "echo never")]);
        let said = Mutex::new(Vec::new());
        let results = run_labelled(programs, 2, false, &|label, line| {
            said.lock().unwrap().push(format!("{label}: {}", String::from_utf8_lossy(line)));
        });
        assert_eq!(said.into_inner().unwrap(), ["fails: ready"]);
        let because = || Err("ended, because `fails` failed".to_owned());
        let expected = [("fails", Ok(Ending::Code(9))), ("runs", because()), ("waits", because())];
        assert_eq!(ends(results), expected.map(|(label, end)| (label.to_owned(), end)));
    }

    #[test]
    fn no_more_run_at_once_than_allowed_and_none_that_cannot_start_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        // Each fails when another holds the folder at the same time.
        let alone = format!("mkdir {0}/held && rmdir {0}/held", folder.path().display());
        let mut all = programs([("1", &alone), ("2", &alone), ("3", &alone), ("4", &alone)]);
        all.push(("5".to_owned(), Program::new("/no/such/program", "/", Variables::of_process())));
        let results = run_labelled(all, 0, true, &|_, line| panic!("{}", String::from_utf8_lossy(line)));
        let codes: Vec<_> = results.into_iter().map(|(_, end)| end.map_err(|error| error.exit_code())).collect();
        assert_eq!(
            codes,
            [Ok(Ending::SUCCESS), Ok(Ending::SUCCESS), Ok(Ending::SUCCESS), Ok(Ending::SUCCESS), Err(127)]
        );
    }

    #[test]
    fn nothing_to_run_ends_at_once() {
        assert!(run_labelled(Vec::new(), 4, false, &|_, _| {}).is_empty());
    }
}
