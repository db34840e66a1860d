//! In place of compile: takes binaries that were built elsewhere, so that what
//! was tested is what is packaged.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    Input, Output, Session, StageError, Step, Subject, Tool, fields, for_each_app_target, linked, work_outputs,
};
use crate::artifact::ArtifactId;
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "import";

/// Takes the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct Import {
    #[serde(skip)]
    subject: Subject,
    artifacts: Vec<ArtifactId>,
    #[serde(skip)]
    sources: Vec<PathBuf>,
}

/// One step an app and target, where a folder of prebuilt binaries was given.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let Some(prebuilt) = &release.prebuilt else { return Vec::new() };
    for_each_app_target(release, |app, target| {
        let artifacts = linked(release, app, target);
        let sources = artifacts.iter().map(|id| prebuilt.join(target).join(&id.name)).collect();
        Some(Import { subject: Subject::of(app, target), artifacts, sources })
    })
}

impl Step for Import {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        self.sources.iter().cloned().map(Input::File).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.artifacts)
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    fn describe(&self) -> String {
        format!("take {} prebuilt", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        "--prebuilt names the folder of finished binaries".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        for (id, source) in self.artifacts.iter().zip(&self.sources) {
            session.make_copy(id, source)?;
        }
        Ok(())
    }
}
