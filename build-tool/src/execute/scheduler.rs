//! Starts each step when its inputs are made, as many at a time as there are
//! tokens; collects what fails; stops when told to.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use release_formats::checksums::sha256_file;

use super::journal::{CopyRecord, Journal, Look, StepRecord};
use super::{ExecuteError, Run, StepFailure, StepResult, dist};
use crate::artifact::{ArtifactId, Made};
use crate::event::{Event, Outcome};
use crate::plan::{PlannedInput, PlannedOutput};
use crate::stages::session::{Host, temporary_path};
use crate::stages::{Place, Session, StageError};

/// What workers tell the scheduler.
enum Message {
    /// A file is in its place.
    Delivered(PathBuf),
    /// A step has ended.
    Ended(usize, Result<Outcome, StageError>, u64),
}

/// Runs every step of the plan that can be run.
pub(super) fn run(run: &Run<'_>) -> Result<Vec<StepResult>, ExecuteError> {
    let (sender, receiver) = unbounded();
    std::thread::scope(|scope| {
        let mut scheduler = Scheduler::new(run);
        scheduler.start_ready(|index| spawn(scope, run, index, sender.clone()));
        while scheduler.running > 0 {
            scheduler.hear(&receiver);
            scheduler.start_ready(|index| spawn(scope, run, index, sender.clone()));
        }
        scheduler.finish()
    })
}

fn spawn<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    run: &'scope Run<'_>,
    index: usize,
    sender: Sender<Message>,
) {
    scope.spawn(move || {
        let started = Instant::now();
        let host = StepHost { run, index, sender: &sender };
        // A step that panics must not leave the scheduler waiting for it.
        let work = std::panic::AssertUnwindSafe(|| host.work());
        let result = std::panic::catch_unwind(work).unwrap_or(Err(StageError::Panicked));
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The scheduler listens as long as a step is running.
        let _listens = sender.send(Message::Ended(index, result, milliseconds));
    });
}

/// The scheduler's view: which step waits for which files.
struct Scheduler<'a> {
    run: &'a Run<'a>,
    /// For each step, the files that are still to be made.
    missing: Vec<BTreeSet<PathBuf>>,
    /// For each step, the steps that make nothing and still have to end well: checks.
    unchecked: Vec<BTreeSet<usize>>,
    waiting: BTreeSet<usize>,
    running: usize,
    compiling: bool,
    results: Vec<StepResult>,
    failures: Vec<StepFailure>,
}

impl<'a> Scheduler<'a> {
    fn new(run: &'a Run<'a>) -> Self {
        let steps = &run.plan.steps;
        let made_by_steps = |input: &PlannedInput| match input {
            PlannedInput::Made { path, .. } => Some(path.clone()),
            PlannedInput::File(_) => None,
        };
        Self {
            run,
            missing: steps.iter().map(|step| step.inputs.iter().filter_map(made_by_steps).collect()).collect(),
            unchecked: steps
                .iter()
                .map(|step| step.needs.iter().copied().filter(|&need| steps[need].outputs.is_empty()).collect())
                .collect(),
            waiting: (0..steps.len()).collect(),
            running: 0,
            compiling: false,
            results: vec![StepResult { outcome: Outcome::Skipped, milliseconds: 0 }; steps.len()],
            failures: Vec::new(),
        }
    }

    /// Steps that cargo runs share its folder's lock: one at a time, the others would hold a token for nothing.
    fn is_compile(&self, index: usize) -> bool {
        self.run.plan.steps[index].step.always_runs()
    }

    fn start_ready(&mut self, mut spawn: impl FnMut(usize)) {
        let stop =
            self.run.launcher.cancelled().is_some() || (!self.failures.is_empty() && !self.run.options.keep_going);
        if stop {
            return;
        }
        let ready: Vec<usize> = self
            .waiting
            .iter()
            .copied()
            .filter(|&index| self.missing[index].is_empty() && self.unchecked[index].is_empty())
            .collect();
        for index in ready {
            let compile = self.is_compile(index);
            let room = if compile { !self.compiling } else { self.running < self.run.options.jobs + 1 };
            if room {
                self.compiling |= compile;
                self.waiting.remove(&index);
                self.running += 1;
                spawn(index);
            }
        }
    }

    fn hear(&mut self, receiver: &Receiver<Message>) {
        // Every worker holds a sender until it has ended.
        let Ok(first) = receiver.recv() else { return };
        for message in std::iter::once(first).chain(receiver.try_iter()) {
            match message {
                Message::Delivered(path) => {
                    for &index in &self.waiting {
                        self.missing[index].remove(&path);
                    }
                }
                Message::Ended(index, result, milliseconds) => self.ended(index, result, milliseconds),
            }
        }
    }

    fn ended(&mut self, index: usize, result: Result<Outcome, StageError>, milliseconds: u64) {
        self.running -= 1;
        self.run.tokens.give_back();
        if self.is_compile(index) {
            self.compiling = false;
        }
        if result.is_ok() {
            for unchecked in &mut self.unchecked {
                unchecked.remove(&index);
            }
        }
        let step = &self.run.plan.steps[index];
        let (text, targets) = (step.step.describe(), step.subject.targets.clone());
        let outcome = *result.as_ref().unwrap_or(&Outcome::Failed);
        self.results[index] = StepResult { outcome, milliseconds };
        let finished = Event::StepFinished {
            step: step.id.clone(),
            targets: targets.clone(),
            text: text.clone(),
            outcome,
            milliseconds,
        };
        if self.run.launcher.cancelled().is_none() {
            (self.run.sink)(finished);
        }
        if let Err(error) = result {
            self.failures.push(StepFailure { step: step.id.clone(), text, targets, error });
        }
    }

    fn finish(mut self) -> Result<Vec<StepResult>, ExecuteError> {
        if self.failures.is_empty() {
            return Ok(self.results);
        }
        self.failures.sort_by(|a, b| a.step.cmp(&b.step));
        Err(ExecuteError::Steps { failures: self.failures, skipped: self.waiting.len() })
    }
}

/// The engine as one running step sees it.
struct StepHost<'a> {
    run: &'a Run<'a>,
    index: usize,
    sender: &'a Sender<Message>,
}

impl StepHost<'_> {
    fn work(&self) -> Result<Outcome, StageError> {
        let run = self.run;
        let step = &run.plan.steps[self.index];
        let fingerprint = if step.step.always_runs() {
            None
        } else {
            let fingerprint =
                run.fingerprint(self.index).map_err(|(path, error)| StageError::file("read", path)(error))?;
            if !run.options.force && self.stands(&fingerprint) {
                return Ok(Outcome::Cached);
            }
            Some(fingerprint)
        };
        let _token = self.token()?;
        if step.outputs.iter().any(|output| output.place == Place::Dist) {
            self.open_dist()?;
        }
        run_event(run, &step.id, &step.subject.targets, step.step.describe());
        let targets = step.subject.targets.clone();
        let mut session = Session::new(run.release, run.toolchain, &run.launcher, self, &step.id, targets);
        step.step.run(&mut session)?;
        if let Some(fingerprint) = fingerprint {
            self.record(fingerprint);
        }
        Ok(session.outcome())
    }

    /// Whether an earlier run made these outputs from these inputs, and they are still there.
    fn stands(&self, fingerprint: &str) -> bool {
        let Some(record) = self.run.journal().step(&self.run.plan.steps[self.index].id).cloned() else { return false };
        let outputs = &self.run.plan.steps[self.index].outputs;
        if record.fingerprint != fingerprint || record.outputs.len() != outputs.len() {
            return false;
        }
        let whole = record.outputs.iter().zip(outputs).all(|((made, look), output)| {
            made.path == output.path && Look::of(&made.path).is_ok_and(|now| now == *look || same_content(made))
        });
        if whole {
            for (made, _) in record.outputs {
                self.delivered(made);
            }
        }
        whole
    }

    fn record(&self, fingerprint: String) {
        let step = &self.run.plan.steps[self.index];
        let outputs: Option<Vec<_>> = step
            .outputs
            .iter()
            .map(|output| Some((self.run.ledger.get(&output.path)?, Look::of(&output.path).ok()?)))
            .collect();
        if let Some(outputs) = outputs {
            self.run.journal().add_step(&step.id, StepRecord { fingerprint, outputs });
        }
    }

    /// One token of the jobserver.
    fn token(&self) -> Result<jobserver::Acquired, StageError> {
        let launcher = &self.run.launcher;
        let token = self.run.tokens.one(|| launcher.cancelled().is_some());
        match token.map_err(StageError::file("use", "the jobserver"))? {
            Some(token) => Ok(token),
            None => Err(crate::tool::ToolError::Cancelled { signal: launcher.cancelled().unwrap_or_default() }.into()),
        }
    }

    /// Before the first change of the dist folder, what says that it is whole goes.
    fn open_dist(&self) -> Result<(), StageError> {
        let mut opened = self.run.dist_opened.lock().unwrap_or_else(PoisonError::into_inner);
        if !*opened {
            let folder = &self.run.release.folders.dist;
            fs::create_dir_all(folder).map_err(StageError::file("create", folder))?;
            let stands = |seal: &Path| self.run.ledger.get(seal).is_some();
            dist::break_seals(folder, &self.run.claims, stands).map_err(StageError::file("change", folder))?;
            *opened = true;
        }
        Ok(())
    }

    fn planned(&self, id: &ArtifactId) -> Option<&PlannedOutput> {
        self.run.plan.steps[self.index].outputs.iter().find(|output| output.id == *id)
    }

    fn delivered(&self, made: Made) {
        let path = made.path.clone();
        self.run.ledger.insert(made);
        // The scheduler listens as long as a step is running.
        let _listens = self.sender.send(Message::Delivered(path));
    }

    /// Moves a whole file into its place and puts it into the books.
    fn take_place(&self, output: &PlannedOutput, temporary: &Path, stamped: bool) -> io::Result<Made> {
        let (sha256, size) = sha256_file(temporary)?;
        if output.place == Place::Dist {
            // Before it is there: a run that is killed in between must not leave a stranger's file.
            self.run.journal().add_shipped(&output.path);
        }
        fs::rename(temporary, &output.path)?;
        Ok(Made { path: output.path.clone(), size, sha256: sha256.to_string(), stamped })
    }
}

fn run_event(run: &Run<'_>, step: &str, targets: &[String], text: String) {
    (run.sink)(Event::StepStarted { step: step.to_owned(), targets: targets.to_vec(), text });
}

fn same_content(made: &Made) -> bool {
    sha256_file(&made.path).is_ok_and(|(sha256, _)| sha256.to_string() == made.sha256)
}

impl Host for StepHost<'_> {
    fn input(&self, id: &ArtifactId) -> Option<Made> {
        self.run.made_inputs(self.index).find(|(input, _)| *input == id).map(|(_, made)| made)
    }

    fn output(&self, id: &ArtifactId) -> Option<(PathBuf, PathBuf)> {
        let output = self.planned(id)?;
        // Half-written files stay out of the dist folder altogether, unless it is on another disk.
        let temporary = if output.place == Place::Dist && same_disk(&self.run.partial, &output.path) {
            self.run.partial.join(output.path.file_name()?)
        } else {
            temporary_path(&output.path)
        };
        Some((output.path.clone(), temporary))
    }

    fn inputs(&self) -> Vec<(ArtifactId, Made)> {
        self.run.made_inputs(self.index).map(|(id, made)| (id.clone(), made)).collect()
    }

    fn deliver(&self, id: &ArtifactId, temporary: &Path, stamped: bool) -> io::Result<()> {
        let output = self.planned(id).ok_or(io::ErrorKind::NotFound)?;
        let made = self.take_place(output, temporary, stamped)?;
        self.delivered(made);
        Ok(())
    }

    fn deliver_copy(&self, id: &ArtifactId, from: &Path) -> io::Result<()> {
        let output = self.planned(id).ok_or(io::ErrorKind::NotFound)?;
        let from_look = Look::of(from)?;
        let known = self.run.journal().copy(&output.path).cloned();
        if let Some(known) = known
            && known.from == from
            && known.from_look == from_look
            && Look::of(&output.path).is_ok_and(|look| look == known.look)
        {
            self.delivered(known.made);
            return Ok(());
        }
        if let Some(folder) = output.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let temporary = temporary_path(&output.path);
        let made = fs::copy(from, &temporary).and_then(|_| self.take_place(output, &temporary, false));
        if made.is_err() {
            let _may_not_exist = fs::remove_file(&temporary);
        }
        let made = made?;
        let record = CopyRecord { from: from.to_owned(), from_look, made: made.clone(), look: Look::of(&made.path)? };
        self.run.journal().add_copy(&output.path, record);
        self.delivered(made);
        Ok(())
    }

    fn emit(&self, event: Event) {
        (self.run.sink)(event);
    }

    fn spare_threads(&self) -> Vec<jobserver::Acquired> {
        self.run.tokens.spare()
    }
}

impl Run<'_> {
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a file can be renamed from `folder` to `place`.
#[cfg(unix)]
fn same_disk(folder: &Path, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    device(folder).is_some() && device(folder) == place.parent().and_then(device)
}

#[cfg(not(unix))]
fn same_disk(_folder: &Path, _place: &Path) -> bool {
    false
}
