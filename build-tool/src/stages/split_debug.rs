//! Debug information → a file of its own, and a link to it in the binary
//! (`.gnu_debuglink`; the build ID leads there, too).

use serde::Serialize;

use super::{
    Input, Output, Place, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, for_each_app_target,
    programs, symbols,
};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "split-debug";

/// Splits the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct SplitDebug {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
}

/// One step an app and target, where the profile asks for it.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    for_each_app_target(release, |app, target| {
        let binaries = programs(app, target);
        (release.profile_of(app).split_debug && !binaries.is_empty())
            .then(|| SplitDebug { subject: Subject::of(app, target), binaries })
    })
}

impl Step for SplitDebug {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        artifact_inputs(&self.binaries)
    }

    fn outputs(&self) -> Vec<Output> {
        let both = |binary: &ArtifactId| [binary.clone(), symbols(binary)];
        self.binaries.iter().flat_map(both).map(|id| Output { id, place: Place::Work }).collect()
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        vec![Tool::Objcopy]
    }

    fn describe(&self) -> String {
        format!("split debug symbols of {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        format!("profile {} says split-debug = true", self.subject.profile.as_deref().unwrap_or_default())
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            // The link names the symbols' file, so objcopy has to see it under its final name.
            let folder =
                tempfile::tempdir().map_err(StageError::file("create a temporary folder for", &linked.path))?;
            let named = folder.path().join(symbols(binary).name);
            let keep = session.toolchain.objcopy("split debug symbols").arg("--only-keep-debug");
            session.read(&keep.arg(&linked.path).arg(&named))?;
            session.make(binary, |path| {
                let mut link = std::ffi::OsString::from("--add-gnu-debuglink=");
                link.push(&named);
                let objcopy = session.toolchain.objcopy("link a binary to its debug symbols").arg(link);
                session.read(&objcopy.arg(&linked.path).arg(path))?;
                Ok(false)
            })?;
            session.make(&symbols(binary), |path| {
                std::fs::copy(&named, path).map(|_| false).map_err(StageError::file("write", path))
            })?;
        }
        Ok(())
    }
}
