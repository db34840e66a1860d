//! Starts every finished program that can run on this machine with
//! `--version`, and compares what it says with the stamp that it carries.
//! Makes nothing: a step of it stands as long as its programs are the same.

use std::process::ExitStatus;
use std::time::Duration;

use miette::Diagnostic;
use release_formats::stamp::Stamp;
use serde::Serialize;

use super::{
    Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, for_each_app_target, programs,
};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::release::{Release, Runner};
use crate::tool::{Bounds, describe_status};
use crate::toolchain::runners;

/// The stage's name.
pub const NAME: &str = "smoke";

/// How long a program may take: emulators are slow to start, and a loaded machine is slower.
const LIMIT: Duration = Duration::from_secs(30);

/// How far a program may go.
const BOUNDS: Bounds = Bounds { time: Some(LIMIT), bytes: Some(1 << 20) };

/// How programs usually end that do not know `--version`: anything else is a crash or a panic.
const NOT_UNDERSTOOD: [i32; 3] = [1, 2, 64];

/// A finished program does not do what it should.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{program}: `--version` {fault}")]
#[diagnostic(help("{}", advice(said)))]
pub struct SmokeError {
    /// The program, and where it runs.
    program: String,
    /// What it does instead.
    fault: Fault,
    /// What it said.
    said: String,
    /// The command, quoted for a POSIX shell.
    pub(super) command: String,
}

/// What a program does instead of what it should.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("did not end within {} seconds and a mebibyte of words", LIMIT.as_secs())]
    Endless,
    #[error("ended with {0}")]
    Ended(String),
    #[error("does not say `{0}`, the version in its stamp")]
    NoVersion(String),
    #[error("says `{said}`, and its stamp `{stamp}`")]
    AnotherStamp { said: String, stamp: String },
}

fn advice(said: &str) -> String {
    const LINES: usize = 20;
    if said.is_empty() {
        return "it said nothing".to_owned();
    }
    let lines: Vec<&str> = said.lines().take(LINES).collect();
    format!("it said:\n  {}", lines.join("\n  "))
}

/// Starts the programs of one app for one target.
#[derive(Debug, Serialize)]
struct Smoke {
    #[serde(skip)]
    subject: Subject,
    programs: Vec<ArtifactId>,
    stamp: Stamp,
    runner: Runner,
}

/// One step for every app and target whose programs can run here, where they are asked for.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    if !release.smoke {
        return Vec::new();
    }
    for_each_app_target(release, |app, target| {
        let mut programs = programs(app, target);
        programs.retain(|id| id.kind == ArtifactKind::Binary);
        let runner = release.runner_of(target);
        (runner.works() && !programs.is_empty()).then(|| Smoke {
            subject: Subject::of(app, target),
            programs,
            stamp: release.stamp_of(app, target),
            runner: runner.clone(),
        })
    })
}

impl Step for Smoke {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        artifact_inputs(&self.programs)
    }

    fn outputs(&self) -> Vec<Output> {
        Vec::new()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new() // only what was found is planned with
    }

    fn describe(&self) -> String {
        format!("start {} {}", self.subject.apps.join(", "), self.runner.describe())
    }

    fn why(&self) -> String {
        "--smoke: what it says is compared with its stamp".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for program in &self.programs {
            let made = session.input(program)?;
            let target = program.target.as_deref().unwrap_or_default();
            let read = |invocation: &_| session.read(invocation);
            let call = runners::invocation(session.release, target, &made.path, &format!("start {program}"), &read)?;
            let call = call.arg("--version");
            let tried = session.try_out(&call, BOUNDS)?;
            // Windows programs end their lines in their own way.
            let said = String::from_utf8_lossy(&tried.said).replace("\r\n", "\n");
            let verdict =
                judge(tried.status, &said, made.stamped.then_some(&self.stamp)).map_err(|fault| SmokeError {
                    program: program.to_string(),
                    fault,
                    said: said.trim().to_owned(),
                    command: call.command_line(),
                })?;
            if let Some(note) = verdict.note() {
                session.note(format!("{program}: {note}"));
            }
        }
        Ok(())
    }
}

/// What a program that runs has shown.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Its version and commit are those of its stamp.
    Stamp,
    /// Its version is; of the commit it says nothing.
    Version,
    /// It has no stamp, and ran.
    Ran,
    /// It has no stamp, and ran, though it may not know `--version`.
    RanWith(String),
}

impl Verdict {
    fn note(&self) -> Option<String> {
        match self {
            Self::Stamp | Self::Ran => None,
            Self::Version => Some("its version is right; `--version` does not say the commit".to_owned()),
            Self::RanWith(status) => Some(format!("it starts; `--version` ended with {status}")),
        }
    }
}

/// What to make of how a program ended and what it said.
fn judge(status: Option<ExitStatus>, said: &str, stamp: Option<&Stamp>) -> Result<Verdict, Fault> {
    let status = status.ok_or(Fault::Endless)?;
    let Some(stamp) = stamp else {
        return match status.code() {
            Some(0) => Ok(Verdict::Ran),
            Some(code) if NOT_UNDERSTOOD.contains(&code) => Ok(Verdict::RanWith(describe_status(&status))),
            _ => Err(Fault::Ended(describe_status(&status))),
        };
    };
    if !status.success() {
        return Err(Fault::Ended(describe_status(&status)));
    }
    compare(said, stamp)
}

/// A program may say as much of its stamp as it likes beyond its version: what it says has to be right.
fn compare(said: &str, stamp: &Stamp) -> Result<Verdict, Fault> {
    let dirty = if stamp.git_dirty { "-dirty" } else { "" };
    let commit = format!("({}{dirty})", stamp.git_hash);
    let line = format!("{} {commit} built {} [{}]", stamp.version, stamp.build_time, stamp.build_profile);
    // What build-info's `version_string` makes, with whatever values.
    let shown = said.lines().find_map(|shown| {
        let at = shown.find(" built ")?;
        let open = shown[..at].strip_suffix(')')?.rfind(" (")?;
        let version = shown[..open].rfind(' ').map_or(0, |blank| blank + 1);
        let end = shown[at..].find(']').map_or(shown.len(), |end| at + end + 1);
        Some(&shown[version..end])
    });
    if let Some(shown) = shown.filter(|shown| *shown != line) {
        return Err(Fault::AnotherStamp { said: shown.to_owned(), stamp: line });
    }
    if !says_version(said, &stamp.version) {
        return Err(Fault::NoVersion(stamp.version.clone()));
    }
    let says_commit = said.contains(&stamp.git_hash) && (!stamp.git_dirty || said.contains("dirty"));
    Ok(if says_commit { Verdict::Stamp } else { Verdict::Version })
}

/// Whether a text holds a version, and not merely as part of another one: `1.2.3` is not in `11.2.3` or `1.2.3-rc.1`.
fn says_version(text: &str, version: &str) -> bool {
    text.match_indices(version).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + version.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = match next {
            Some('.' | '-' | '+') => second.is_some_and(char::is_alphanumeric),
            Some(next) => next.is_alphanumeric(),
            None => false,
        };
        !before.is_some_and(|c| c.is_ascii_digit() || c == '.') && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(dirty: bool) -> Stamp {
        Stamp {
            version: "1.2.3".to_owned(),
            git_hash: "0123456789ab".to_owned(),
            git_branch: "main".to_owned(),
            git_dirty: dirty,
            build_time: "2025-03-04T05:06:07Z".to_owned(),
            build_profile: "release".to_owned(),
            build_target: "t".to_owned(),
            rust_version: "1".to_owned(),
        }
    }

    #[test]
    fn the_whole_line_of_build_info_has_to_be_the_stamps() {
        let line = |hash: &str| format!("hello 1.2.3 ({hash}) built 2025-03-04T05:06:07Z [release]\n");
        assert_eq!(compare(&line("0123456789ab"), &stamp(false)), Ok(Verdict::Stamp));
        assert_eq!(compare(&line("0123456789ab-dirty"), &stamp(true)), Ok(Verdict::Stamp));
        for (said, dirty) in
            [("fedcba987654", false), ("unknown", false), ("0123456789ab-dirty", false), ("0123456789ab", true)]
        {
            let fault = compare(&line(said), &stamp(dirty)).unwrap_err();
            assert!(matches!(&fault, Fault::AnotherStamp { said: shown, .. } if shown.contains(said)), "{fault:?}");
        }
        let another_time = "1.2.3 (0123456789ab) built unknown [release]";
        assert!(matches!(compare(another_time, &stamp(false)), Err(Fault::AnotherStamp { .. })));
    }

    #[test]
    fn a_program_may_say_less_but_its_version_it_must_say() {
        assert_eq!(compare("hello 1.2.3\n", &stamp(false)), Ok(Verdict::Version));
        assert_eq!(compare("v1.2.3, commit 0123456789ab.\n", &stamp(false)), Ok(Verdict::Stamp));
        assert_eq!(compare("commit 0123456789ab\n", &stamp(false)), Err(Fault::NoVersion("1.2.3".to_owned())));
        for other in ["11.2.3", "1.2.30", "1.2.3-rc.1", "0.1.2.3", "1.2.3.4", "1.2.3+more"] {
            assert!(compare(other, &stamp(false)).is_err(), "{other}");
        }
        for own in ["hello-1.2.3", "(1.2.3)", "Version 1.2.3.", "1.2.3 - the best"] {
            assert!(compare(own, &stamp(false)).is_ok(), "{own}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn without_a_stamp_a_program_only_has_to_run() {
        use std::os::unix::process::ExitStatusExt;
        let ended = |raw: i32| judge(Some(ExitStatus::from_raw(raw)), "", None);
        assert_eq!(ended(0), Ok(Verdict::Ran));
        assert_eq!(ended(2 << 8), Ok(Verdict::RanWith("exit code 2".to_owned())));
        assert_eq!(ended(101 << 8), Err(Fault::Ended("exit code 101".to_owned())));
        assert_eq!(ended(11), Err(Fault::Ended("signal 11".to_owned())));
        assert_eq!(judge(None, "", None), Err(Fault::Endless));
        // One with a stamp has to know `--version`.
        assert!(judge(Some(ExitStatus::from_raw(2 << 8)), "1.2.3", Some(&stamp(false))).is_err());
    }
}
