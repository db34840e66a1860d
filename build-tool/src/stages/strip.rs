//! Removes what running does not need, with LLVM's objcopy: one tool for every
//! object format, so a release looks the same whichever machine made it.

use serde::Serialize;

use super::{
    Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, for_each_app_target, programs,
    work_outputs,
};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::manifest::profile::Strip;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "strip";

/// Strips the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct StripBinaries {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    #[serde(serialize_with = "level_name")]
    level: Strip,
    spec: String,
}

fn level_name<S: serde::Serializer>(level: &Strip, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(flag(*level))
}

/// One step an app and target, unless the profile keeps everything.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    for_each_app_target(release, |app, target| {
        let level = release.profile_of(app).strip;
        let binaries = programs(app, target);
        (level != Strip::None && !binaries.is_empty()).then(|| StripBinaries {
            subject: Subject::of(app, target),
            binaries,
            level,
            spec: app.spec_of(target).to_owned(),
        })
    })
}

fn flag(level: Strip) -> &'static str {
    match level {
        Strip::None => "",
        Strip::Debuginfo => "--strip-debug",
        Strip::Symbols => "--strip-all",
    }
}

/// What objcopy is told for a binary; it takes other options for each object format.
fn flags(level: Strip, kind: ArtifactKind, spec: &str) -> Vec<&'static str> {
    if spec.contains("-apple-") {
        return match (level, kind) {
            // Others link against a library by the names that it exports.
            (Strip::Symbols, ArtifactKind::Cdylib) => vec!["--strip-debug", "--discard-all"],
            _ => vec![flag(level)],
        };
    }
    if spec.contains("-windows") {
        return vec![flag(level)];
    }
    // The way back to split symbols.
    vec![flag(level), "--keep-section=.gnu_debuglink"]
}

impl Step for StripBinaries {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        artifact_inputs(&self.binaries)
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.binaries)
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        vec![Tool::Objcopy]
    }

    fn describe(&self) -> String {
        format!("strip {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        let what = flag(self.level).trim_start_matches("--strip-");
        let what = if what == "all" { "symbols" } else { "debug information" };
        format!("profile {} strips {what}", self.subject.profile.as_deref().unwrap_or_default())
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            session.make(binary, |path| {
                let objcopy = session
                    .toolchain
                    .objcopy("strip a binary")
                    .args(flags(self.level, binary.kind, &self.spec))
                    .arg(&linked.path)
                    .arg(path);
                session.read(&objcopy)?;
                Ok(false)
            })?;
        }
        Ok(())
    }
}
