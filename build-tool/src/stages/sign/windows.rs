//! Authenticode for the programs and libraries for Windows.

use std::path::PathBuf;

use serde::Serialize;

use super::super::{
    Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, authenticode, fields, work_outputs,
};
use crate::artifact::ArtifactId;
use crate::release::{App, Authenticode, Release};

/// Signs the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct SignWindows {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    signing: Authenticode,
    /// Seconds since 1970 that stand for the time of signing.
    time: u64,
    /// The workspace's root, for the files that the manifest names.
    #[serde(skip)]
    root: PathBuf,
}

pub(super) fn step(release: &Release, app: &App, target: &str, binaries: Vec<ArtifactId>) -> Option<impl Step + use<>> {
    let signing = app.windows.clone().filter(|_| app.spec_of(target).contains("-windows") && !binaries.is_empty())?;
    let (subject, root) = (Subject::of(app, target), release.folders.root.clone());
    Some(SignWindows { subject, binaries, signing, time: release.epoch, root })
}

impl Step for SignWindows {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        let mut inputs = artifact_inputs(&self.binaries);
        inputs.extend(authenticode::files(&self.signing, &self.root).into_iter().map(Input::File));
        inputs
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.binaries)
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        vec![authenticode::tool(&self.signing)]
    }

    fn describe(&self) -> String {
        format!("sign {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        "Authenticode, with a certificate: what is signed cannot be made again without its key".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            session.make(binary, |path| {
                authenticode::sign(&self.signing, self.time, &linked.path, path, session)?;
                Ok(linked.stamped)
            })?;
        }
        Ok(())
    }
}
