//! Runs one program with tests as cargo would, behind whatever runs programs
//! of its target here, and counts what it reports.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::programs::{Found, TestProgram};
use super::results::{Counts, Row, Verdict, milliseconds};
use super::{Error, TestError};
use crate::release::{Release, Runner};
use crate::tool::{Bounds, Invocation, Launcher, Tried, describe_status};
use crate::toolchain::{cargo_program, runners};

/// Tests may take their time, and a failure is shown whole.
const BOUNDS: Bounds = Bounds { time: None, bytes: None };

/// Why tests that start the package's own programs may fail behind an emulator, and nowhere else.
const BINFMT: &str = "\nIf the test starts a program of the package: nothing puts the emulator before it, unless the \
                      system does (apt install qemu-user-binfmt).\n";

/// What all runs share.
pub(super) struct Runs<'a> {
    release: &'a Release,
    launcher: &'a Launcher,
    /// How many tests run side by side, where somebody says.
    jobs: Option<u16>,
    found: &'a Found,
}

impl<'a> Runs<'a> {
    pub(super) fn new(release: &'a Release, launcher: &'a Launcher, jobs: Option<u16>, found: &'a Found) -> Self {
        Self { release, launcher, jobs, found }
    }

    /// Runs a program to its end; its row, and all that it said.
    pub(super) fn run(&self, program: &TestProgram) -> Result<(Row, String), Error> {
        let purpose = format!("run {} {} for {}", program.package, program.name, program.target);
        let read = |invocation: &Invocation| self.launcher.read(invocation);
        let call = runners::invocation(self.release, &program.target, &program.path, &purpose, &read);
        let call = call.map_err(TestError::from)?;
        let mut call = call.cwd(&program.folder).env("CARGO", cargo_program());
        for (name, value) in &program.variables {
            call = call.env(name, value);
        }
        if let Some(jobs) = self.jobs.filter(|_| std::env::var_os("RUST_TEST_THREADS").is_none()) {
            call = call.env("RUST_TEST_THREADS", jobs.to_string());
        }
        let (name, folders) = self.library_path(program);
        call = call.env(name, folders);
        let started = Instant::now();
        let output = self.launcher.try_out(&call, BOUNDS)?;
        let how = self.release.runner_of(&program.target).describe();
        let (verdict, mut said) = verdict(&output);
        let emulated = matches!(self.release.runner_of(&program.target), Runner::Behind(_));
        if verdict != Verdict::Passed && emulated && program.starts_others() {
            said += BINFMT;
        }
        let row = Row {
            target: program.target.clone(),
            package: program.package.clone(),
            name: program.name.clone(),
            verdict,
            counts: count(&said),
            milliseconds: milliseconds(started),
            how,
        };
        Ok((row, said))
    }

    /// The variable in which the system looks for dynamic libraries, and what cargo puts before its value.
    fn library_path(&self, program: &TestProgram) -> (&'static str, OsString) {
        let (name, separator) = match self.release.runner_of(&program.target) {
            Runner::Wine(_) => ("WINEPATH", ";"),
            _ if cfg!(windows) => ("PATH", ";"),
            _ if cfg!(target_os = "macos") => ("DYLD_FALLBACK_LIBRARY_PATH", ":"),
            _ => ("LD_LIBRARY_PATH", ":"),
        };
        let mut folders = self.found.library_folders(self.release);
        let deps = program.path.parent().map(Path::to_path_buf);
        folders.extend(deps.iter().chain(&deps.as_deref().and_then(Path::parent).map(Path::to_path_buf)).cloned());
        let sysroot = &self.release.rustc.sysroot;
        folders.push(sysroot.join("lib/rustlib").join(self.release.spec_of(&program.target)).join("lib"));
        let mut joined = OsString::new();
        let before = std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        for folder in folders.into_iter().chain(before) {
            if !joined.is_empty() {
                joined.push(separator);
            }
            joined.push(folder);
        }
        (name, joined)
    }
}

/// Compiles and runs the documentation tests of a package.
pub(super) fn documentation(
    launcher: &Launcher,
    call: &Invocation,
    package: &str,
    host: &str,
) -> Result<(Row, String), Error> {
    let started = Instant::now();
    let output = launcher.output(call)?;
    let said = [output.stdout, output.stderr].concat();
    let (verdict, said) = verdict(&Tried { status: Some(output.status), said });
    let row = Row {
        target: host.to_owned(),
        package: package.to_owned(),
        name: "documentation".to_owned(),
        verdict,
        counts: count(&said),
        milliseconds: milliseconds(started),
        how: "natively".to_owned(),
    };
    Ok((row, said))
}

fn verdict(output: &Tried) -> (Verdict, String) {
    let said = String::from_utf8_lossy(&output.said).replace("\r\n", "\n");
    match output.status {
        Some(status) if status.success() => (Verdict::Passed, said),
        // 101 is how a test program says that tests failed: the counts say more.
        Some(status) if status.code() == Some(101) => (Verdict::Failed(None), said),
        status => (Verdict::Failed(status.as_ref().map(describe_status)), said),
    }
}

/// The sums of `test result: ok. 3 passed; 0 failed; 1 ignored; …`; none where no such line is: a harness of its own.
fn count(said: &str) -> Option<Counts> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("test result: "));
    lines.filter_map(counts_of).reduce(|a, b| Counts {
        passed: a.passed + b.passed,
        failed: a.failed + b.failed,
        ignored: a.ignored + b.ignored,
    })
}

fn counts_of(line: &str) -> Option<Counts> {
    let (_, counts) = line.split_once(". ")?;
    let number = |word: &str| {
        let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse::<u64>().ok()
    };
    Some(Counts { passed: number("passed")?, failed: number("failed")?, ignored: number("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_a_program_are_summed() {
        let said = "running 2 tests\ntest result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; \
                    finished in 0.00s\nx\ntest result: ok. 10 passed; 0 failed; 0 ignored; 0 measured; 4 filtered out\n";
        assert_eq!(count(said), Some(Counts { passed: 13, failed: 1, ignored: 2 }));
        assert_eq!(count("all went well\n"), None);
        assert_eq!(count("test result: ok. many passed\n"), None);
    }
}
