//! The engine: runs a plan. The steps form a graph over (app × target × stage),
//! not a row of barriers: a step starts the moment its inputs are made.

mod dist;
mod fingerprint;
mod journal;
mod lock;
mod scheduler;
mod tokens;

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use miette::Diagnostic;

use crate::artifact::{ArtifactId, Ledger, Made};
use crate::event::{Event, Outcome};
use crate::plan::{Plan, PlannedInput};
use crate::release::Release;
use crate::stages::{Place, StageError};
use crate::tool::Launcher;
use crate::toolchain::Toolchain;
use crate::toolchain::sccache::{self, CacheCounts};
pub use dist::{Claims, REPORT, read_text_file, regular_file};
use journal::Journal;
pub use lock::{FILE as LOCK, acquire as lock};

/// The journal's name in the tool's folder.
const JOURNAL: &str = "journal";

/// Where events go.
pub type Sink<'a> = &'a (dyn Fn(Event) + Sync);

/// The run failed.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ExecuteError {
    /// Steps failed; independent ones are collected.
    #[error("{} failed{}", steps_text(failures.len()), skipped_text(*skipped))]
    Steps {
        /// Each with its error.
        #[related]
        failures: Vec<StepFailure>,
        /// How many steps could not start because of it.
        skipped: usize,
    },
    /// A signal ended the run. What was finished stays, and the next run goes on from there.
    #[error("stopped by signal {signal}; run again to go on from here")]
    Cancelled {
        /// The signal's number.
        signal: i32,
    },
    /// Another run owns the state.
    #[error("another build-tool is at work in this workspace: {holder}")]
    #[diagnostic(help("wait for it to end, or stop it; the lock goes with its process"))]
    Locked {
        /// Who.
        holder: String,
    },
    /// The tool's own folder cannot be used.
    #[error("cannot use the tool's folder {}", path.display())]
    #[diagnostic(help("{}", crate::stages::session::file_advice(source, path)))]
    State {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The dist folder cannot be used.
    #[error("cannot use the dist folder {}", path.display())]
    #[diagnostic(help("{}", crate::stages::session::file_advice(source, path)))]
    Dist {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

fn steps_text(count: usize) -> String {
    if count == 1 { "one step".to_owned() } else { format!("{count} steps") }
}

fn skipped_text(skipped: usize) -> String {
    if skipped == 0 { String::new() } else { format!(", and {} could not start", steps_text(skipped)) }
}

/// One failed step.
#[derive(Debug, thiserror::Error)]
#[error("{text}{}", for_targets(targets))]
pub struct StepFailure {
    /// The step's id.
    pub step: String,
    /// The step's line.
    pub text: String,
    /// The targets that it was for.
    pub targets: Vec<String>,
    /// Why.
    #[source]
    pub error: StageError,
}

fn for_targets(targets: &[String]) -> String {
    if targets.is_empty() { String::new() } else { format!(" for {}", targets.join(", ")) }
}

impl Diagnostic for StepFailure {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.error.help()
    }
}

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many things run side by side.
    pub jobs: usize,
    /// Go on after a failure with what does not depend on it.
    pub keep_going: bool,
    /// Trust no fingerprint.
    pub force: bool,
    /// What sccache had counted before the run, where it is used.
    pub cache_before: Option<CacheCounts>,
}

/// What a run made.
#[derive(Debug)]
pub struct Finished {
    /// The outcome and duration of each step, in the plan's order.
    pub steps: Vec<StepResult>,
    /// Every artifact that was made or stood, with its planned place.
    pub artifacts: Vec<(ArtifactId, Place, Made, Outcome)>,
    /// The wall time.
    pub elapsed: Duration,
    /// sccache's part, where it was used.
    pub cache: Option<CacheCounts>,
    /// Files in the dist folder that are not ours.
    pub strangers: Vec<String>,
}

/// How one step ended.
#[derive(Debug, Clone, Copy)]
pub struct StepResult {
    /// How.
    pub outcome: Outcome,
    /// Milliseconds.
    pub milliseconds: u64,
}

/// All that the steps of a run share.
pub(crate) struct Run<'a> {
    pub(crate) release: &'a Release,
    pub(crate) plan: &'a Plan,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) launcher: Launcher,
    pub(crate) tokens: tokens::Tokens,
    pub(crate) options: Options,
    pub(crate) sink: Sink<'a>,
    pub(crate) ledger: Ledger,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) partial: PathBuf,
    pub(crate) dist_opened: Mutex<bool>,
    /// What in the dist folder was ours before the run.
    pub(crate) claims: Claims,
    /// Which build of this program runs: another one may make other bytes.
    pub(crate) identity: String,
}

/// Runs the plan.
///
/// # Errors
/// Steps failed, a signal came, another run is at work, or a folder cannot be used.
pub fn execute(
    release: &Release,
    plan: &Plan,
    toolchain: &Toolchain,
    options: Options,
    sink: Sink<'_>,
) -> Result<Finished, ExecuteError> {
    let started = Instant::now();
    let state = release.folders.state();
    let state_error = |path: &std::path::Path| {
        let path = path.to_owned();
        move |source| ExecuteError::State { path, source }
    };
    std::fs::create_dir_all(&state).map_err(state_error(&state))?;
    let _lock = lock::acquire(&state, sink)?;
    let partial = state.join("partial");
    dist::remove_partials(&partial, &release.folders.dist);
    std::fs::create_dir_all(&partial).map_err(state_error(&partial))?;
    let journal_path = state.join(JOURNAL);
    let journal = Journal::open(&journal_path).map_err(state_error(&journal_path))?;
    let claims = Claims::read(&release.folders.dist, &journal);
    if plan.dist_files().next().is_some()
        && let Some(path) = dist::in_the_way(plan, &release.folders.dist, &claims)
    {
        return Err(ExecuteError::Dist { path, source: dist::not_ours() });
    }
    let jobserver = jobserver::Client::new(options.jobs).map_err(state_error(&state))?;
    let run = Run {
        release,
        plan,
        toolchain,
        tokens: tokens::Tokens::new(jobserver.clone()).map_err(state_error(&state))?,
        launcher: Launcher::for_engine(jobserver),
        options,
        sink,
        ledger: Ledger::default(),
        journal: Mutex::new(journal),
        partial,
        dist_opened: Mutex::new(false),
        claims,
        identity: fingerprint::own_identity(),
    };
    let outcome = crate::tool::signals::watch(&run.launcher, || scheduler::run(&run));
    run.launcher.end_company();
    if let Some(signal) = run.launcher.cancelled() {
        return Err(ExecuteError::Cancelled { signal });
    }
    let steps = outcome?;
    let after = options.cache_before.and(toolchain.sccache.as_deref());
    let after = after.and_then(|sccache| sccache::counts(&run.launcher, sccache));
    let strangers = if plan.dist_files().next().is_some() {
        let dist = &release.folders.dist;
        dist::settle(&run).map_err(|source| ExecuteError::Dist { path: dist.clone(), source })?
    } else {
        Vec::new()
    };
    Ok(Finished {
        artifacts: run.made(&steps),
        steps,
        elapsed: started.elapsed(),
        cache: options.cache_before.zip(after).map(|(before, after)| after.since(before)),
        strangers,
    })
}

impl Run<'_> {
    fn made(&self, steps: &[StepResult]) -> Vec<(ArtifactId, Place, Made, Outcome)> {
        let with_outcome = self.plan.steps.iter().zip(steps);
        with_outcome
            .flat_map(|(step, result)| step.outputs.iter().map(move |output| (output, result.outcome)))
            .filter_map(|(output, outcome)| {
                let made = self.ledger.get(&output.path)?;
                Some((output.id.clone(), output.place, made, outcome))
            })
            .collect()
    }

    /// The ledger's entries for what a step reads.
    pub(crate) fn made_inputs(&self, step: usize) -> impl Iterator<Item = (&ArtifactId, Made)> {
        self.plan.steps[step].inputs.iter().filter_map(|input| match input {
            PlannedInput::Made { id, path } => Some((id, self.ledger.get(path)?)),
            PlannedInput::File(_) => None,
        })
    }
}
