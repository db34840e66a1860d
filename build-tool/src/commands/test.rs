//! `test`: compiles the tests of the workspace's packages for every target
//! that was asked for, as a release would be compiled, and runs those that can
//! run on this machine.

mod programs;
mod results;
mod run;

use std::path::{Path, PathBuf};

use cargo_metadata::Message;

use super::release::start_sccache;
use super::{Error, Prepared, Wish, jobs, prepare};
use crate::cli::TestFlags;
use crate::event::{Event, Outcome};
use crate::execute::{self, ExecuteError};
use crate::exit;
use crate::release::{CompileGroup, OwnStd, Purpose, Release};
use crate::report::Reporter;
use crate::stages::Tool;
use crate::tool::{Invocation, Launcher, ToolError, signals};
use crate::toolchain::backends::BackendError;
use crate::toolchain::cargo_build::{self, StderrLine, Subject, stderr_line};
use crate::toolchain::provision::{self, LibraryError};
use miette::Diagnostic;
use programs::{Found, TestProgram};
use results::{Outcomes, Row};
use run::Runs;

/// The tests cannot be compiled or run.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum TestError {
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
    Wine(#[from] crate::toolchain::wine::WineError),
}

/// One run of the verb.
struct Tests<'a> {
    prepared: &'a Prepared,
    flags: &'a TestFlags,
    launcher: &'a Launcher,
    reporter: &'a Reporter,
}

/// Compiles the tests, and runs them unless that is not wanted.
pub(super) fn run(folder: &Path, flags: &TestFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let wish = Wish {
        flags: &flags.release,
        parts: &[],
        purpose: Purpose::Tests,
        refuse_dirty: false,
        imported: None,
        fetches: !dry_run,
    };
    let mut prepared = prepare(folder, &wish, reporter)?;
    if dry_run {
        tell_plan(&prepared.release, flags.no_run, reporter);
        return Ok(exit::DONE);
    }
    prepared.toolchain.preflight(&prepared.release, &prepared.tools)?;
    for warning in &prepared.release.warnings {
        reporter.event(&Event::Warning { text: warning.clone() });
    }
    start_sccache(&mut prepared, reporter)?;
    let state = prepared.release.folders.state();
    let state_error = |source| ExecuteError::State { path: state.clone(), source };
    std::fs::create_dir_all(&state).map_err(state_error)?;
    let _lock = execute::lock(&state, &|event| reporter.event(&event))?;
    let jobserver = jobserver::Client::new(jobs(&flags.release)).map_err(state_error)?;
    let launcher = Launcher::for_engine(jobserver);
    let tests = Tests { prepared: &prepared, flags, launcher: &launcher, reporter };
    let result = signals::watch(&launcher, || tests.compile_and_run());
    launcher.end_company();
    result
}

/// The programs that compiling the tests of a release takes.
pub(super) fn tools(release: &Release) -> Vec<Tool> {
    let mut tools: Vec<Tool> = release.groups.iter().flat_map(|group| cargo_build::tools(release, group)).collect();
    tools.sort_unstable();
    tools.dedup();
    tools
}

fn tell_plan(release: &Release, no_run: bool, reporter: &Reporter) {
    let mut text = String::new();
    for group in &release.groups {
        if let Some(own) = &group.own_std {
            text += &format!("{}\n", no_tests(group, own));
            continue;
        }
        let (packages, targets) = (group.apps.join(", "), group.targets.join(", "));
        text += &format!("would compile the tests of {packages} [{}] for {targets}\n", group.profile);
    }
    for target in release.targets.values().filter(|target| !no_run && target.own_std.is_none()) {
        let how = target.runner.describe();
        text += &match target.runner.works() {
            true => format!("would run those for {} {how}\n", target.triple),
            false => format!("would not run those for {}: {how}\n", target.triple),
        };
    }
    reporter.would(&text);
}

/// Why nothing is tested for a target with its own standard library.
fn no_tests(group: &CompileGroup, own: &OwnStd) -> String {
    format!(
        "no tests for {}: tests are written against a library named `test`, which belongs to Rust's own standard \
         library, and these programs have {}",
        group.targets.join(", "),
        own.package
    )
}

impl Tests<'_> {
    fn compile_and_run(&self) -> Result<u8, Error> {
        let release = &self.prepared.release;
        let mut found = Found::default();
        let mut failed: Option<Error> = None;
        for group in &release.groups {
            if let Some(own) = &group.own_std {
                self.reporter.event(&Event::Warning { text: no_tests(group, own) });
                continue;
            }
            match self.compile(group, &mut found) {
                Ok(()) => {}
                Err(
                    error @ (Error::Tool(ToolError::Failed { .. })
                    | Error::Test(TestError::Library(LibraryError::Missing { .. }))),
                ) if release.keep_going => {
                    failed.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let programs = found.programs(&self.prepared.workspace, release);
        let mut outcomes = Outcomes::default();
        if self.flags.no_run {
            self.tell_compiled(&programs);
        } else {
            self.run_programs(&programs, &found, &mut outcomes)?;
            self.run_documentation(&mut outcomes)?;
            outcomes.tell(self.reporter);
        }
        match failed {
            Some(error) => Err(error),
            None if outcomes.any_failed() => Ok(exit::STEP_FAILED),
            None => Ok(exit::DONE),
        }
    }

    /// One cargo call; what it made is added to `found`.
    fn compile(&self, group: &CompileGroup, found: &mut Found) -> Result<(), Error> {
        let step = Step {
            id: "compile-tests".to_owned(),
            targets: group.targets.clone(),
            text: format!("compile the tests of {} [{}]", group.apps.join(", "), group.profile),
        };
        self.in_step(&step, || {
            let sysroot = self.provide(group, &step)?;
            let invocation = self.call(group, Subject::Tests, sysroot.as_deref())?;
            self.launcher.stream(
                &invocation,
                &mut |line| {
                    if let Ok(message) = serde_json::from_str::<Message>(line) {
                        found.take(message);
                    }
                },
                &mut |line| self.narrate(&step, line),
            )?;
            Ok(((), true))
        })
    }

    /// The standard library of those of the group's targets for which it is compiled.
    fn provide(&self, group: &CompileGroup, step: &Step) -> Result<Option<PathBuf>, Error> {
        let Prepared { release, toolchain, .. } = self.prepared;
        let note = |text| self.reporter.event(&Event::Note { text });
        let stream = |call: &Invocation, line: &mut dyn FnMut(&str)| {
            self.launcher.stream(call, line, &mut |line| self.narrate(step, line))
        };
        let read = |invocation: &Invocation| self.launcher.read(invocation);
        provision::provide(release, toolchain, group, &note, &stream, &read)
            .map_err(|error| TestError::from(error).into())
    }

    fn call(&self, group: &CompileGroup, subject: Subject<'_>, sysroot: Option<&Path>) -> Result<Invocation, Error> {
        let Prepared { release, toolchain, .. } = self.prepared;
        let read = |invocation: &Invocation| self.launcher.read(invocation);
        let invocation = cargo_build::invocation(release, toolchain, group, subject, sysroot, &read);
        let invocation = invocation.map_err(TestError::from)?;
        self.reporter.event(&Event::Command { step: "compile-tests".to_owned(), command: invocation.command_line() });
        Ok(invocation)
    }

    fn run_programs(&self, programs: &[TestProgram], found: &Found, outcomes: &mut Outcomes) -> Result<(), Error> {
        let release = &self.prepared.release;
        let runs = Runs::new(release, self.launcher, self.flags.release.jobs, found);
        for program in programs {
            let runner = release.runner_of(&program.target);
            if !runner.works() {
                outcomes.add(Row::not_run(program, runner.describe()));
                continue;
            }
            let step = Step {
                id: format!("test/{}/{}", program.package, program.target),
                targets: vec![program.target.clone()],
                text: format!("run {} {} {}", program.package, program.name, runner.describe()),
            };
            let row = self.in_step(&step, || {
                let (row, output) = runs.run(program)?;
                if row.failed() {
                    self.show(&step, &format!("{} {} for {}:", program.package, program.name, program.target), &output);
                }
                let passed = !row.failed();
                Ok((row, passed))
            })?;
            outcomes.add(row);
        }
        Ok(())
    }

    /// Documentation tests are rustdoc's, which runs programs of its own machine only.
    fn run_documentation(&self, outcomes: &mut Outcomes) -> Result<(), Error> {
        let release = &self.prepared.release;
        let host = release.rustc.host.as_str();
        let groups = release.groups.iter().filter(|group| group.targets.iter().any(|target| target == host));
        for group in groups.filter(|group| group.buildable && group.own_std.is_none()) {
            for (name, package) in group.apps.iter().zip(&group.packages) {
                if !programs::has_documentation_tests(&self.prepared.workspace, name) {
                    continue;
                }
                let alone = CompileGroup { targets: vec![host.to_owned()], ..group.clone() };
                let call = self.call(&alone, Subject::Documentation { package, target: host }, None)?;
                let step = Step {
                    id: format!("test/{name}/documentation"),
                    targets: vec![host.to_owned()],
                    text: format!("run the documentation tests of {name}"),
                };
                let row = self.in_step(&step, || {
                    let (row, output) = run::documentation(self.launcher, &call, name, host)?;
                    if row.failed() {
                        self.show(&step, &format!("{name} documentation for {host}:"), &output);
                    }
                    let passed = !row.failed();
                    Ok((row, passed))
                })?;
                outcomes.add(row);
            }
        }
        Ok(())
    }

    /// Says that a step begins and how it ends; `work` says whether it went well.
    fn in_step<T>(&self, step: &Step, work: impl FnOnce() -> Result<(T, bool), Error>) -> Result<T, Error> {
        let started = std::time::Instant::now();
        let (id, targets, text) = (step.id.clone(), step.targets.clone(), step.text.clone());
        self.reporter.event(&Event::StepStarted { step: id.clone(), targets: targets.clone(), text: text.clone() });
        let result = work();
        let well = result.as_ref().is_ok_and(|(_, well)| *well);
        self.reporter.event(&Event::StepFinished {
            step: id,
            targets,
            text,
            outcome: if well { Outcome::Made } else { Outcome::Failed },
            milliseconds: results::milliseconds(started),
        });
        result.map(|(value, _)| value)
    }

    /// All that a failed program said, once.
    fn show(&self, step: &Step, heading: &str, output: &str) {
        for line in std::iter::once(heading).chain(output.lines()) {
            self.reporter.event(&Event::ToolOutput { step: step.id.clone(), line: line.to_owned() });
        }
    }

    fn narrate(&self, step: &Step, line: &str) {
        match stderr_line(line) {
            StderrLine::Progress { done, total, current } => {
                let (step, targets, current) = (step.id.clone(), step.targets.clone(), current.to_owned());
                self.reporter.event(&Event::Units { step, targets, done, total, current });
            }
            StderrLine::Waiting(text) => self.reporter.event(&Event::Note { text }),
            StderrLine::Status => {}
            StderrLine::Diagnostic => {
                self.reporter.event(&Event::ToolOutput { step: step.id.clone(), line: line.to_owned() });
            }
        }
    }

    fn tell_compiled(&self, programs: &[TestProgram]) {
        let paths: String = programs.iter().map(|program| format!("{}\n", program.path.display())).collect();
        for program in programs {
            self.reporter.object(&serde_json::json!({
                "event": "test-program",
                "target": program.target,
                "package": program.package,
                "name": program.name,
                "path": program.path.to_string_lossy(),
            }));
        }
        self.reporter.result(&paths);
    }
}

/// What is told of one part of the work.
struct Step {
    id: String,
    targets: Vec<String>,
    text: String,
}
